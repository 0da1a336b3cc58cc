"""The hiatus rule: who has not bought for too long is counted as gone."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from segment.language import N_tier
from segment.tiering import base, parameters
from segment.tiering.rule import Conditions, Rule


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

    allowed: ClassVar = {"days": parameters.whole(0)}
    columns = ("days_since_last",)

    def __init__(self, days=182):
        self.days = days

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (N_tier("recent"), N_tier("lapsed"))

    def conditions(self) -> Conditions:
        """Return the rule of the recent."""
        return ((self.tiers_[0], Rule("days_since_last", "<=", self.days)),)
