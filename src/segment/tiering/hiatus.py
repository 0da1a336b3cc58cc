"""The hiatus rule: who has not bought for too long is counted as gone."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.language import N_tier
from segment.tiering import base
from segment.tiering.parameters import parameter, whole
from segment.tiering.rule import Conditions, Rule


@dataclass(eq=False, repr=False)
class Hiatus(base.Tiering):
    """Two tiers by days since the last purchase; the yardstick for recency.

    Parameters
    ----------
    days : int
        A customer is recent up to and including this many days.

    Notes
    -----
    The rule managers use, and hard to beat (Wübben and von Wangenheim 2008,
    Journal of Marketing 72(3)).
    """

    columns = ("days_since_last",)

    days: int = parameter(182, whole(0))

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (N_tier("recent"), N_tier("lapsed"))

    def conditions(self) -> Conditions:
        """Return the rule of the recent."""
        return ((self.tiers_[0], Rule("days_since_last", "<=", self.days)),)
