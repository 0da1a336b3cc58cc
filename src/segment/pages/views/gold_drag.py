"""Where gold, ordinary and drag customers stand in the next period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from segment.language import _
from segment.run import Run
from segment.tiering.base import places_by_share
from segment.words import percent


class Gold(NamedTuple):
    """How the gold customers fared.

    Attributes
    ----------
    named : int
        Gold customers.
    next_top : int
        Customers of the next period's top, as large a share as gold is meant to be.
    kept : int
        Customers who are both.
    """

    named: int
    next_top: int
    kept: int


def gold(a: Run, label: str) -> Gold:
    """Count the gold customers, the next period's top, and who is both."""
    ranks = _ranks(a, label)
    top, named = ranks.cat.codes == 0, a.methods[label].labels_.cat.codes == 0
    return Gold(int(named.sum()), int(top.sum()), int((top & named).sum()))


def next_ranks(a: Run, label: str) -> pd.DataFrame:
    """Return how each tier spreads over the next period's ranks.

    Parameters
    ----------
    label : str
        A gold and drag method.

    Returns
    -------
    DataFrame
        Customers; rows are the tiers that hold any, columns the ranks by holdout
        value: the top (as large a share as gold), the next, the rest of those who
        brought something, and those who brought nothing.
    """
    tiers = a.methods[label].labels_
    counts = pd.crosstab(tiers, _ranks(a, label), dropna=False)
    return counts[counts.sum(axis=1) > 0]


def _ranks(a: Run, label: str) -> pd.Series:
    share = a.methods[label].gold
    limits = np.array([share, min(4 * share, (1 + share) / 2)])
    value = a.outcome["value"].to_numpy()
    places = np.where(value > 0, places_by_share(value, limits), 3)
    top, then = percent(share), percent(limits[1] - share)
    names = [_("top {share}", share=top), _("next {share}", share=then), _("less"), _("nothing")]
    ranks = pd.Categorical.from_codes(places, names, ordered=True)
    return pd.Series(ranks, index=a.outcome.index, name="next period")
