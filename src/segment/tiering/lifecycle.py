"""Lifecycle stages from each customer's own rhythm of purchase."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.tiering import base

STAGES = ("active", "new", "at risk", "dormant", "lost")


class Lifecycle(base.Tiering):
    """New, active, at risk, dormant and lost customers.

    A customer's usual gap is the mean time between purchase days, drawn towards
    the typical gap as if one such gap had been seen besides. How late a customer
    is, is the time since the last purchase in usual gaps: a weekly buyer is late
    after a month, a yearly buyer is not.

    Parameters
    ----------
    at_risk_after, dormant_after, lost_after : float
        Lateness, in usual gaps, above which a customer is at risk, dormant, lost.
    newcomer_days : int
        Who bought on one day only, at most so many days ago, is new: a single
        purchase tells no rhythm.
    names : sequence of five str
        Names for active, new, at risk, dormant and lost.

    Attributes
    ----------
    typical_gap_ : float
        Median of the mean gaps, in days, of customers with two purchase days or
        more; without any, the median time since the first purchase.
    """

    def __init__(
        self, at_risk_after=2, dormant_after=4, lost_after=8, newcomer_days=90, names=STAGES
    ):
        self.at_risk_after = at_risk_after
        self.dormant_after = dormant_after
        self.lost_after = lost_after
        self.newcomer_days = newcomer_days
        self.names = names

    @property
    def columns(self) -> tuple[str, ...]:
        """How often, since when and how recently the customer bought."""
        return ("order_days", "days_since_first", "days_since_last")

    @property
    def _limits(self) -> tuple[object, ...]:
        return (self.at_risk_after, self.dormant_after, self.lost_after)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_limits("Lifecycle: 'at_risk_after' to 'lost_after'", self._limits, 0, np.inf)
        base.check_whole("Lifecycle: 'newcomer_days'", self.newcomer_days, 0)
        base.check_names("Lifecycle: 'names'", self.names, 5)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = tuple(self.names)
        often = values[values["order_days"] > 1]
        gaps = (often["days_since_first"] - often["days_since_last"]) / (often["order_days"] - 1)
        gap = gaps.median() if len(gaps) else values["days_since_first"].median()
        self.typical_gap_ = max(1.0, float(gap))

    def lateness(self, customers: pd.DataFrame) -> pd.Series:
        """Return the time since the last purchase in usual gaps of each customer."""
        values = self._checked(customers)
        return pd.Series(self._lateness(values), index=customers.index, name="lateness")

    def _lateness(self, values: pd.DataFrame) -> np.ndarray:
        often, first, last = (values[name].to_numpy() for name in self.columns)
        return last * often / (self.typical_gap_ + np.maximum(first - last, 0))

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        new = (values["order_days"] == 1) & (values["days_since_first"] <= self.newcomer_days)
        late = np.searchsorted(np.asarray(self._limits, dtype=float), self._lateness(values))
        return np.select([new.to_numpy(), late == 0], [1, 0], late + 1)

    def rules(self) -> pd.DataFrame:
        """One row per stage."""
        gap = base.number(round(self.typical_gap_, 1))
        low, middle, high = (base.number(limit) for limit in self._limits)
        texts = [
            f"days_since_last at most {low} usual gaps (mean gap, drawn towards {gap} days)",
            f"order_days 1 and days_since_first at most {self.newcomer_days}",
            f"days_since_last at most {middle} usual gaps",
            f"days_since_last at most {high} usual gaps",
            "everyone else",
        ]
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def _sql(self) -> str:
        gap = base.sql_number(self.typical_gap_)
        between = 'GREATEST("days_since_first" - "days_since_last", 0)'
        late = f'("days_since_last" * "order_days" / (1.0 * {gap} + {between}))'
        low, middle, high = (f"{late} <= {base.sql_number(limit)}" for limit in self._limits)
        new = f'"order_days" = 1 AND "days_since_first" <= {self.newcomer_days}'
        active, fresh, risk, dormant, lost = self.tiers_
        order = [new, low, middle, high]
        return base.case(order, [fresh, active, risk, dormant, lost])
