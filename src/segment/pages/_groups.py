"""What groups of customers brought on average, two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.evidence import intervals
from segment.evidence.small_groups import FEWEST
from segment.run.scheme import Scheme


def share_bought(groups: Any) -> pd.DataFrame:
    """Return ``customers`` of each group and who ``bought``, with ``_low`` and ``_high``."""
    names = {"share": "bought", "low": "bought_low", "high": "bought_high"}
    return intervals.wilson(groups.sum(), groups.count()).rename(columns=names)


def group_means(scheme: Scheme, groups: pd.DataFrame) -> intervals.GroupMeans:
    """Return the mean holdout value of groups, a column of members each, as the back-test does."""
    settings = scheme.study.backtest
    return intervals.group_means(
        scheme.net,
        groups,
        replicates=settings.replicates,
        seed=settings.seed,
        most_resampled=settings.most_resampled,
        wider=scheme.backtest.widening,
    )


def mean_values(scheme: Scheme, groups: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return ``customers`` of each group and ``next_value`` of one, with ``_low`` and ``_high``."""
    ends = {"mean": "next_value", "low": "next_value_low", "high": "next_value_high"}
    return group_means(scheme, groups).table.rename(columns=ends)


def contrasts(
    scheme: Scheme, pairs: Mapping[str, Mapping[str, np.ndarray]], together: str = ""
) -> pd.DataFrame:
    """Compare two groups of customers within each tier.

    ``pairs`` tells by tier who is in the first and who in the second group, under the same two
    names each time. ``together`` names a last row over the tiers in which both groups have five
    customers; in both groups the tiers count there by their customers in the second.

    Returns ``tier``; for either name ``<name>`` (customers) and ``<name>_value`` (holdout value
    each, with ``_low`` and ``_high``); ``value_difference`` of the second less the first, with its
    interval. Means of fewer than five customers are missing.
    """
    columns = {
        (tier, name): inside for tier, pair in pairs.items() for name, inside in pair.items()
    }
    means = group_means(scheme, pd.DataFrame(columns))
    sizes = means.table["customers"].unstack(sort=False)
    rows = [_row(means, sizes, tier, pd.Series({tier: 1.0})) for tier in pairs]
    enough = sizes[sizes.min(axis=1) >= FEWEST]
    if together and len(enough):
        weights = enough.iloc[:, 1] / enough.iloc[:, 1].sum()
        rows.append(_row(means, enough, together, weights))
    return pd.DataFrame(rows)


def _row(
    means: intervals.GroupMeans, sizes: pd.DataFrame, tier: str, weights: pd.Series
) -> dict[str, object]:
    """Return one row of ``contrasts``: tiers by their weights, as one."""
    sizes = sizes.loc[weights.index].sum().astype(int)
    first, second = sizes.index
    row: dict[str, object] = {"tier": tier}
    both = {first: {first: 1}, second: {second: 1}, "": {second: 1, first: -1}}
    for column, signs in both.items():
        ends = [np.nan] * 3
        if sizes[list(signs)].min() >= FEWEST:
            ends = means.contrast(
                {(t, name): sign * w for name, sign in signs.items() for t, w in weights.items()}
            )
        value = f"{column}_value" if column else "value_difference"
        row |= {column: sizes[column]} if column else {}
        row |= dict(zip([value, f"{value}_low", f"{value}_high"], ends, strict=True))
    return row
