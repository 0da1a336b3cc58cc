"""The rhythm of purchase: a customer's usual gap, how late it is, and who is too new to tell."""

from __future__ import annotations

import pandas as pd

from segment.features.names import in_words
from segment.language import _
from segment.tiering.rule import AllOf, Figure, Rule, number, sql_number

# What the usual gap is made of, and all functions here read.
COLUMNS = ("order_days", "days_since_first", "days_since_last")


def mean_gap(customers: pd.DataFrame) -> pd.Series:
    """Return each customer's mean days between purchases; missing after a single purchase day."""
    between = customers["days_since_first"] - customers["days_since_last"]
    return between / (customers["order_days"] - 1).where(customers["order_days"] > 1)


def typical_gap(customers: pd.DataFrame) -> float:
    """Return the median mean gap in days, at least 1; without one, that of days since the first."""
    gaps = mean_gap(customers)
    known = gaps if gaps.notna().any() else customers["days_since_first"]
    return max(1.0, float(known.median()))


def lateness(customers: pd.DataFrame, gap: float) -> pd.Series:
    """Return the time since the last purchase in usual gaps of each customer.

    The usual gap is the customer's mean gap, drawn towards the typical ``gap`` as if one
    such gap had been seen besides.
    """
    last = customers["days_since_last"]
    between = (customers["days_since_first"] - last).clip(lower=0)
    return last * customers["order_days"] / (gap + between)


class Lateness(Figure):
    """The ``lateness`` in rules; ``explained`` where a rule says what a usual gap is."""

    def __init__(self, gap: float, explained: bool = True):
        super().__init__("lateness")
        self.gap, self.explained = gap, explained

    def words(self) -> str:
        """Return what the usual gaps count."""
        return in_words("days_since_last")

    def limit(self, value: float) -> str:
        """Return a number of usual gaps."""
        gaps = _("{n} usual gaps", n=number(value))
        if not self.explained:
            return gaps
        gap = _("mean gap, drawn towards {days} days", days=number(round(self.gap, 1)))
        return _("{what} ({why})", what=gaps, why=gap)

    def sql(self) -> str:
        """Return the lateness as SQL."""
        between = 'GREATEST("days_since_first" - "days_since_last", 0)'
        return f'("days_since_last" * "order_days" / (1.0 * {sql_number(self.gap)} + {between}))'


def newcomer(days: int) -> AllOf:
    """Return the rule of who bought on one day only, at most so many days ago."""
    return AllOf(Rule("order_days", "one of", 1), Rule("days_since_first", "<=", days))
