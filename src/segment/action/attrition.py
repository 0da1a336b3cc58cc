"""How many customers a company loses a year without doing anything, and how sure that is."""

from __future__ import annotations

import pandas as pd

from segment.evidence.intervals import wilson

YEAR = 365


def attrition(tiers: pd.Series, came_back: pd.Index, days: int) -> pd.DataFrame:
    """Return which share of each tier's customers did not buy in the following, as long period.

    ``tier`` (None: all customers, the last row), ``customers``, ``lost``, ``share`` with its
    Wilson 95 % interval ``low`` to ``high``; ``year``, ``year_low``, ``year_high``: the same a
    year, 1 - (1 - share)^(365 / days). That supposes that every period loses the same share of
    those who are left, and that nobody comes back; where customers pause, it is too high.
    """
    lost = pd.Series(~tiers.index.isin(came_back), tiers.index)
    counts = lost.groupby(tiers, observed=False).agg(["size", "sum"])
    names = pd.Series([*counts.index, None], dtype=object)
    total = pd.DataFrame({"size": [len(lost)], "sum": [lost.sum()]})
    counts = pd.concat([counts, total], ignore_index=True)
    shares = wilson(counts["sum"], counts["size"])
    shares.insert(0, "tier", names)
    shares.insert(2, "lost", counts["sum"])
    shares[["year", "year_low", "year_high"]] = a_year(shares[["share", "low", "high"]], days)
    return shares


def a_year(share: pd.DataFrame | float, days: int) -> pd.DataFrame | float:
    """Return the yearly share that goes with the share lost in so many days."""
    return share if abs(days - YEAR) <= 1 else 1 - (1 - share) ** (YEAR / days)
