"""The best tier sizes for the given hours, as an integer programme (HiGHS)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import linprog

# The optimum is proven up to a thousandth, which takes half a second at most for 11 tiers;
# the last digits would take ten.
GAP, SECONDS = 1e-3, 20.0


def best(
    sizes: pd.Series,
    value: pd.Series,
    effort: pd.DataFrame,
    available: pd.Series,
    weights: np.ndarray,
    floor: int,
) -> pd.DataFrame | None:
    """Return how many customers of each tier should get each level, by the holdout value reached.

    Maximises ``sum x[t, l] value[t] weights[l]``, where x[t, l] customers of tier t get level l.
    Everybody gets one level, none below the floor; no role works more hours than it has (roles
    that ``available`` does not list do not count); and a better tier's mean weight is at least
    that of the next tier.

    Returns rows: tiers, columns: levels by position down to the floor; None if not even the
    floor for everybody fits.
    """
    filled = sizes[sizes > 0]
    counts, worth = filled.to_numpy(dtype="float64"), value[filled.index].to_numpy()
    tiers, levels = len(counts), floor + 1
    weights, roles = weights[:levels], [role for role in effort if role in available.index]
    # One variable per tier and level, the levels of a tier side by side.
    worked = np.tile(effort[roles].to_numpy()[:levels].T, tiers)
    mean = np.kron(np.diag(1 / counts), weights)
    solved = linprog(
        -np.kron(worth, weights),
        A_ub=np.vstack([worked, np.diff(mean, axis=0)]),
        b_ub=np.concatenate([available[roles].to_numpy(dtype="float64"), np.zeros(tiers - 1)]),
        A_eq=np.kron(np.eye(tiers), np.ones(levels)),
        b_eq=counts,
        bounds=[(0, n) for n in counts for _ in range(levels)],
        integrality=1,
        method="highs",
        options={"mip_rel_gap": GAP, "time_limit": SECONDS},
    )
    if solved.x is None:
        return None
    placed = np.rint(solved.x).astype("int64").reshape(tiers, levels)
    return pd.DataFrame(placed, index=filled.index).reindex(sizes.index, fill_value=0)


def reached(placed: pd.DataFrame, value: pd.Series, weights: np.ndarray) -> float:
    """Return the holdout value that customers brought, weighted by their level."""
    return float((placed.mul(value.fillna(0), axis=0) * weights[: placed.shape[1]]).sum().sum())
