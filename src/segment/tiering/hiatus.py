"""The hiatus rule: who has not bought for too long is counted as gone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.language import N_tier, _
from segment.tiering import base


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

    def __init__(self, days=182):
        self.days = days

    @property
    def columns(self) -> tuple[str, ...]:
        """Days since the last purchase."""
        return ("days_since_last",)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_whole("Hiatus: 'days'", self.days, 0)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (N_tier("recent"), N_tier("lapsed"))

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        return (values["days_since_last"].to_numpy() > self.days).astype(int)

    def rules(self) -> pd.DataFrame:
        """Two rows."""
        rule = _("{name} at most {limit}", name="days_since_last", limit=self.days)
        return pd.DataFrame({"tier": self.tiers_, "rule": [rule, base.everyone_else()]})

    def _sql(self) -> str:
        return base.case([f'"days_since_last" <= {self.days}'], list(self.tiers_))
