"""The plan that can be done: as wished as far as hours and margins allow (an integer programme)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import linprog

# The optimum is proven up to a thousandth, which takes half a second at most for 11 tiers;
# the last digits would take ten.
GAP, SECONDS = 1e-3, 20.0


def feasible(
    wished: pd.DataFrame,
    value: pd.Series,
    pays: np.ndarray,
    effort: pd.DataFrame,
    available: pd.Series,
    weights: np.ndarray,
) -> pd.DataFrame | None:
    """Return the plan next to a wished one that fits the hours and costs no tier its margin.

    Maximises ``sum x[t, l] value[t] weights[l]``, where x[t, l] customers of tier t get level l.
    Everybody gets one level, none a better one than wished, and only such as pay; no role works
    more hours than it has (roles that ``available`` does not list do not count); and a better
    tier's mean weight is at least that of the next tier, unless a level does not pay there.

    Parameters
    ----------
    wished : DataFrame
        ``tier``, ``level`` (position) and ``customers``, one row a tier, best first.
    value : Series
        What a customer of each row may bring, in the order of ``wished``.
    pays : ndarray of bool, shape (tiers, levels)
        Whether a level may be given to a tier; of the last level it must be true.
    effort : DataFrame
        Hours a month that one customer takes, by level (rows) and role.
    available : Series
        Hours a month by role.
    weights : ndarray, shape (levels,)
        What a customer's value counts for at a level.

    Returns
    -------
    DataFrame or None
        As ``wished``, with a row for each level that customers of a tier get, so that the first
        of a tier get the better one; None if not even the last level for everybody fits.
    """
    counts, number = wished["customers"].to_numpy("float64"), pays.shape[1]
    roles = [role for role in effort if role in available.index]
    hours, there = effort[roles].to_numpy()[:number], available[roles].to_numpy("float64")
    places = wished["level"].to_numpy()
    filled = np.flatnonzero(counts)
    as_wished = pays[filled, places[filled]].all()
    if as_wished and (counts @ hours[places] <= there * (1 + 1e-9)).all():
        return wished
    allowed = pays & (np.arange(number) >= places[:, None])
    # One variable per tier and level, the levels of a tier side by side.
    mean = np.kron(np.diag(1 / np.maximum(counts, 1)), weights[:number])[filled]
    ordered = np.diff(mean, axis=0)[allowed[filled[:-1], places[filled[:-1]]]]
    solved = linprog(
        # A tier that brings nothing still gets what the hours allow.
        -np.kron(np.maximum(value.to_numpy("float64"), 1e-6), weights[:number]),
        A_ub=np.vstack([np.tile(hours.T, len(counts)), ordered]),
        b_ub=np.concatenate([there, np.zeros(len(ordered))]),
        A_eq=np.kron(np.eye(len(counts)), np.ones(number)),
        b_eq=counts,
        bounds=[
            (0, n if may else 0) for n, row in zip(counts, allowed, strict=True) for may in row
        ],
        integrality=1,
        method="highs",
        options={"mip_rel_gap": GAP, "time_limit": SECONDS},
    )
    if solved.x is None:
        return None
    placed = np.rint(solved.x).astype("int64").reshape(len(counts), number)
    placed[counts == 0] = 0
    rows = [
        (tier, level, placed[row, level])
        for row, (tier, wish) in enumerate(zip(wished["tier"], places, strict=True))
        for level in range(number)
        if placed[row, level] or (counts[row] == 0 and level == wish)
    ]
    return pd.DataFrame(rows, columns=["tier", "level", "customers"])
