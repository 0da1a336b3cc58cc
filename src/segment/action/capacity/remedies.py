"""What would make a plan fit the hours: fewer contacts, smaller top tiers, more people.

Fewer contacts and smaller top tiers need the same factor: both leave the floor alone,
and cut what is above it to what the hours carry. They differ in whom they concern:
everybody above the floor, or only the last of each tier above it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import resample
from segment.evidence.intervals import interval, widening

# More than this part of an hour over what there is does not fit.
SLACK = 1e-9


def remedies(
    sizes: pd.Series, levels: pd.Series, effort: pd.DataFrame, team: pd.DataFrame, floor: int
) -> pd.DataFrame:
    """Return, for each role of the team, what would make the plan fit.

    ``needed`` and ``available`` (hours a month), ``least`` (hours that it takes with everybody
    at the floor, or at their own level where that takes less), ``fits``, ``possible`` (the
    least fits), ``factor`` (share of what is above the floor that the hours carry, 1 if the
    plan fits) and ``people`` (whole persons missing).
    """
    roles = [role for role in effort if role in team.index]
    counts, hours = sizes.to_numpy(dtype="float64"), effort[roles].to_numpy()
    own = hours[levels.to_numpy()]
    needs = pd.DataFrame(
        {
            "needed": counts @ own,
            "available": team.loc[roles, "available"].to_numpy(),
            "least": counts @ np.minimum(own, hours[floor]),
        },
        index=pd.Index(roles, name="role"),
    )
    most = needs["available"] * (1 + SLACK)
    needs["fits"], needs["possible"] = needs["needed"] <= most, needs["least"] <= most
    factor = (needs["available"] - needs["least"]) / (needs["needed"] - needs["least"])
    needs["factor"] = factor.clip(0, 1).fillna(0.0).mask(needs["fits"], 1.0)
    missing = (needs["needed"] - needs["available"]).mask(needs["fits"], 0.0)
    needs["people"] = np.ceil(missing / team.loc[roles, "each"] - SLACK).clip(lower=0) + 0.0
    return needs


def demoted(
    tiers: pd.Series, levels: pd.Series, past: pd.Series, factor: float, floor: int
) -> np.ndarray:
    """Return who would fall to the floor if the tiers above it were smaller.

    Of each such tier the share ``factor`` stays; who brought least before the cut falls first.
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

    ``concerned`` has a column a group; the result a row: ``customers``, ``value``, ``low``,
    ``high``. The last three arguments are those of ``bootstrap.resample``.
    """
    parts = value[:, None] * concerned
    drawn = resample(lambda w: w @ parts, len(value), replicates, seed, most_resampled)
    ends = [
        interval(draws, wider=widening(part) if part.any() else 1.0)
        for draws, part in zip(drawn.T, parts.T, strict=True)
    ]
    stakes = pd.DataFrame(ends, columns=["low", "high"])
    stakes.insert(0, "customers", concerned.sum(axis=0))
    stakes.insert(1, "value", parts.sum(axis=0))
    return stakes
