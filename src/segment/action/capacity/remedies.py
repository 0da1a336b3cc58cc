"""What would make a plan fit the hours: fewer contacts, smaller top tiers, more people.

Fewer contacts and smaller top tiers need the same factor: both leave the floor alone,
and cut what is above it to what the hours carry. They differ in whom they concern:
everybody above the floor, or only the last of each tier above it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import weights
from segment.evidence.intervals import interval, widening

# More than this part of an hour over what there is does not fit.
SLACK = 1e-9


def remedies(
    sizes: pd.Series, levels: pd.Series, effort: pd.DataFrame, team: pd.DataFrame, floor: int
) -> pd.DataFrame:
    """Return, for each role of the team, what would make the plan fit.

    Parameters
    ----------
    sizes, levels : Series
        By tier: customers, and position of their level.
    effort : DataFrame
        Hours a month with one customer; rows: levels, columns: roles.
    team : DataFrame
        What ``available`` gives.
    floor : int
        Position of the level below which nobody may fall.

    Returns
    -------
    DataFrame
        Indexed by the roles of plan and team: ``needed``, ``available``, ``least`` (with
        everybody at the floor, or at their own level where that takes less), ``fits``,
        ``possible`` (the least fits), ``factor`` (share of what is above the floor that
        the hours carry, 1 if the plan fits) and ``people`` (whole persons missing).
    """
    roles = [role for role in effort if role in team.index]
    counts, hours = sizes.to_numpy(dtype="float64"), effort[roles].to_numpy()
    own = hours[levels.to_numpy()]
    needed, least = counts @ own, counts @ np.minimum(own, hours[floor])
    there = team.loc[roles, "available"].to_numpy()
    fits = needed <= there * (1 + SLACK)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(fits, 1.0, np.clip((there - least) / (needed - least), 0.0, 1.0))
    missing = np.where(fits, 0.0, needed - there) / team.loc[roles, "each"].to_numpy()
    return pd.DataFrame(
        {"needed": needed, "available": there, "least": least, "fits": fits,
         "possible": least <= there * (1 + SLACK), "factor": np.nan_to_num(factor),
         "people": np.maximum(0.0, np.ceil(missing - SLACK)) + 0.0},
        index=pd.Index(roles, name="role"),
    )  # fmt: skip


def demoted(
    tiers: pd.Series, levels: pd.Series, past: pd.Series, factor: float, floor: int
) -> np.ndarray:
    """Return who would fall to the floor if the tiers above it were smaller.

    Parameters
    ----------
    tiers : Series of Categorical
        Indexed by customer.
    levels : Series
        By tier: position of its level.
    past : Series
        What each customer brought before the cut; the least fall first.
    factor : float
        Share of the tier's customers that stay.
    floor : int

    Returns
    -------
    bool array
        In the order of the customers.
    """
    above = tiers.astype(object).map(levels).to_numpy() < floor
    place = ranks(tiers, past)
    size = tiers.groupby(tiers, observed=True).transform("size").to_numpy(dtype="float64")
    return above & (place > np.floor(factor * size + SLACK))


def ranks(tiers: pd.Series, past: pd.Series) -> np.ndarray:
    """Return each customer's place in the tier by what they brought before, 1 the most."""
    return past.groupby(tiers, observed=True).rank(method="first", ascending=False).to_numpy()


def at_stake(
    value: np.ndarray, concerned: np.ndarray, replicates: int, seed: int, most_resampled: int
) -> pd.DataFrame:
    """Return what groups of customers brought, with 95 % intervals.

    Parameters
    ----------
    value : array of shape (n,)
        Holdout value.
    concerned : bool array of shape (n, groups)
    replicates, seed, most_resampled : int
        Of the bootstrap; above ``most_resampled`` customers the interval is normal with
        the variance that the bootstrap would have.

    Returns
    -------
    DataFrame
        A row a group: ``customers``, ``value``, ``low``, ``high``.
    """
    parts = value[:, None] * concerned
    n, totals = len(value), parts.sum(axis=0)
    if n > most_resampled:
        spread = 1.96 * np.sqrt(n * parts.var(axis=0))
        bounds = list(zip(np.maximum(0, totals - spread), totals + spread, strict=True))
    else:
        blocks = [block @ parts for block in weights(n, replicates, seed)]
        draws = np.concatenate(blocks)
        bounds = [
            interval(draws[:, k], wider=_wider(parts[:, k])) for k in range(len(totals))
        ]
    low, high = zip(*bounds, strict=True) if bounds else ((), ())
    return pd.DataFrame(
        {"customers": concerned.sum(axis=0), "value": totals, "low": low, "high": high}
    )


def _wider(part: np.ndarray) -> float:
    return widening(part) if (part > 0).any() else 1.0
