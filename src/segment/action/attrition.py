"""How many customers a company loses a year without doing anything, and how sure that is."""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats

YEAR = 365


def attrition(tiers: pd.Series, came_back: pd.Index, days: int) -> pd.DataFrame:
    """Return which share of each tier's customers did not buy in the following period.

    Parameters
    ----------
    tiers : Series of ordered Categorical
        Tiers of the customers of one period.
    came_back : Index
        Customers of the following period, which is as long.
    days : int
        Length of each of the two.

    Returns
    -------
    DataFrame
        ``tier`` (None: all customers, the last row), ``customers``, ``lost``, ``share``
        with its Wilson 95 % interval ``low`` to ``high``; ``year``, ``year_low``,
        ``year_high``: the same a year, 1 - (1 - share)^(365 / days).

    Notes
    -----
    The yearly figure of shorter periods supposes that every period loses the same share
    of those who are left, and that nobody comes back; where customers pause, it is too
    high. A year of 365 days is taken as it is.
    """
    lost = ~tiers.index.isin(came_back)
    by_tier = pd.DataFrame({"tier": tiers.to_numpy(), "lost": lost}).groupby("tier", observed=False)
    counts = by_tier["lost"].agg(["size", "sum"]).reset_index()
    counts.columns = ["tier", "customers", "lost"]
    counts["tier"] = counts["tier"].astype(object)
    total = {"tier": None, "customers": len(tiers), "lost": int(lost.sum())}
    found = pd.concat([counts, pd.DataFrame([total])], ignore_index=True)
    ends = [wilson(row.lost, row.customers) for row in found.itertuples()]
    found["share"] = [
        row.lost / row.customers if row.customers else math.nan for row in found.itertuples()
    ]
    found["low"], found["high"] = zip(*ends, strict=True)
    for name, year in {"share": "year", "low": "year_low", "high": "year_high"}.items():
        found[year] = [a_year(share, days) for share in found[name]]
    return found


def a_year(share: float, days: int) -> float:
    """Return the yearly share that goes with the share lost in so many days."""
    return share if abs(days - YEAR) <= 1 else 1 - (1 - share) ** (YEAR / days)


def wilson(number: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927, JASA 22, 209-212); NaN of none."""
    if not of:
        return math.nan, math.nan
    z = stats.norm.ppf((1 + level) / 2)
    share, spread = number / of, z**2 / of
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / of / 4)
    return (
        0.0 if number == 0 else max(0.0, middle - reach),
        1.0 if number == of else min(1.0, middle + reach),
    )
