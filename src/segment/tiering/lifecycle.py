"""Lifecycle stages from each customer's own rhythm of purchase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.language import N_, N_tier, _
from segment.tiering import base

STAGES = (N_tier("active"), N_tier("new"), N_tier("at risk"), N_tier("dormant"), N_tier("lost"))
PROSPECTS = (N_tier("prospect"), N_tier("contacted"))
DUTIES = (
    N_("Keep up service and supply; offer what customers like them buy besides"),
    N_("Make the second purchase easy: thank, ask how the first one went, suggest the next"),
    N_(
        "Call before the usual gap doubles again: ask what changed, remind, offer a reason to order"
    ),
    N_(
        "One well-prepared attempt to win back, by someone who can decide on terms; note the reason"
    ),
    N_("No visits; automated mail at low cost, and learn why they left"),
)


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
        Names for active, new, at risk, dormant and lost. The Chinese terms for
        active, dormant and lost are 签约, 僵尸客户 and 失效.
    prospect_names : sequence of two str
        Names for people who have not bought yet: not contacted so far (潜在), and
        contacted (热点). They are no tiers, because the back-test judges buyers.

    Attributes
    ----------
    typical_gap_ : float
        Median of the mean gaps, in days, of customers with two purchase days or
        more; without any, the median time since the first purchase.
    """

    def __init__(
        self, at_risk_after=2, dormant_after=4, lost_after=8, newcomer_days=90, names=STAGES,
        prospect_names=PROSPECTS,
    ):  # fmt: skip
        self.at_risk_after = at_risk_after
        self.dormant_after = dormant_after
        self.lost_after = lost_after
        self.newcomer_days = newcomer_days
        self.names = names
        self.prospect_names = prospect_names

    @property
    def columns(self) -> tuple[str, ...]:
        """How often, since when and how recently the customer bought."""
        return ("order_days", "days_since_first", "days_since_last")

    @property
    def limits(self) -> tuple[float, float, float]:
        """Lateness, in usual gaps, above which a customer is at risk, dormant, lost."""
        return (self.at_risk_after, self.dormant_after, self.lost_after)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_limits("Lifecycle: 'at_risk_after' to 'lost_after'", self.limits, 0, np.inf)
        base.check_whole("Lifecycle: 'newcomer_days'", self.newcomer_days, 0)
        base.check_names("Lifecycle: 'names'", self.names, 5)
        base.check_names("Lifecycle: 'prospect_names'", self.prospect_names, 2)
        for name in self.prospect_names:
            if name in self.names:
                raise StudyError(
                    f"Lifecycle: '{name}' stands under 'names' and under 'prospect_names'; "
                    "a stage needs a name of its own."
                )

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = tuple(self.names)
        self.typical_gap_ = typical_gap(values)

    def lateness(self, customers: pd.DataFrame) -> pd.Series:
        """Return the time since the last purchase in usual gaps of each customer."""
        return lateness(self._checked(customers), self.typical_gap_).rename("lateness")

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the ``lateness``."""
        return self.lateness(customers).to_frame()

    def newcomers(self, customers: pd.DataFrame) -> pd.Series:
        """Return who bought on one day only, and lately, as booleans."""
        return newcomers(customers, self.newcomer_days)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        limits = np.asarray(self.limits, dtype=float)
        late = np.searchsorted(limits, lateness(values, self.typical_gap_))
        new = newcomers(values, self.newcomer_days).to_numpy()
        return np.select([new, late == 0], [1, 0], late + 1)

    def rules(self) -> pd.DataFrame:
        """One row per stage."""
        low, middle, high = (base.number(limit) for limit in self.limits)
        name = "days_since_last"
        texts = [
            _("{name} at most {limit} usual gaps ({gap})", name=name, limit=low,
              gap=gap_in_words(self.typical_gap_)),
            newcomer_rule(self.newcomer_days),
            *(_("{name} at most {limit} usual gaps", name=name, limit=limit)
              for limit in (middle, high)),
            base.everyone_else(),
        ]  # fmt: skip
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def notes(self) -> pd.DataFrame:
        """Return what is to be done at each stage."""
        duties = {N_("What to do"): [_(duty) for duty in DUTIES]}
        return pd.DataFrame(duties, index=pd.Index(self.tiers_, name="tier"))

    def _sql(self) -> str:
        late = lateness_sql(self.typical_gap_)
        reached = (f"{late} <= {base.sql_number(limit)}" for limit in self.limits)
        active, fresh, risk, dormant, lost = self.tiers_
        order = [newcomer_sql(self.newcomer_days), *reached]
        return base.case(order, [fresh, active, risk, dormant, lost])


def typical_gap(customers: pd.DataFrame) -> float:
    """Return the median of the customers' mean gaps between purchase days, in days.

    Only customers with two purchase days or more have a gap; without any, the
    median time since the first purchase stands in. Never below one day.

    Parameters
    ----------
    customers : DataFrame
        ``order_days``, ``days_since_first``, ``days_since_last``.
    """
    often = customers[customers["order_days"] > 1]
    gaps = (often["days_since_first"] - often["days_since_last"]) / (often["order_days"] - 1)
    return max(1.0, float((gaps if len(gaps) else customers["days_since_first"]).median()))


def lateness(customers: pd.DataFrame, gap: float) -> pd.Series:
    """Return the time since the last purchase in usual gaps of each customer.

    Parameters
    ----------
    customers : DataFrame
        ``order_days``, ``days_since_first``, ``days_since_last``.
    gap : float
        The typical gap in days, towards which each customer's own is drawn.
    """
    last = customers["days_since_last"]
    between = (customers["days_since_first"] - last).clip(lower=0)
    return last * customers["order_days"] / (gap + between)


def lateness_sql(gap: float) -> str:
    """Return ``lateness`` as SQL."""
    between = 'GREATEST("days_since_first" - "days_since_last", 0)'
    return f'("days_since_last" * "order_days" / (1.0 * {base.sql_number(gap)} + {between}))'


def gap_in_words(gap: float) -> str:
    """Say what a usual gap is."""
    return _("mean gap, drawn towards {days} days", days=base.number(round(gap, 1)))


def newcomers(customers: pd.DataFrame, days: int) -> pd.Series:
    """Return who bought on one day only, at most so many days ago, as booleans."""
    return (customers["order_days"] == 1) & (customers["days_since_first"] <= days)


def newcomer_rule(days: int) -> str:
    """Return ``newcomers`` as a rule."""
    return _("{name} 1 and {other} at most {limit}", name="order_days",
             other="days_since_first", limit=days)  # fmt: skip


def newcomer_sql(days: int) -> str:
    """Return ``newcomers`` as SQL."""
    return f'"order_days" = 1 AND "days_since_first" <= {days}'


def prospect_stages(
    first_contact: pd.Series, cut: dt.date, names: Sequence[str] = PROSPECTS
) -> pd.Series:
    """Return the stage of people who had not bought before the cut.

    Parameters
    ----------
    first_contact : Series of datetime
        Day of the first contact, missing where there was none.
    cut : date
        A contact on this day or later was not known before it, and does not count.
    names : sequence of two str
        Names for not contacted and for contacted.

    Returns
    -------
    Series of ordered Categorical
        Named ``stage``, indexed like ``first_contact``, contacted first: they are
        nearer to a purchase.
    """
    prospect, contacted = names
    met = first_contact < pd.Timestamp(cut)  # a missing day compares as False
    stages = pd.Categorical(
        np.where(met, contacted, prospect), categories=[contacted, prospect], ordered=True
    )
    return pd.Series(stages, index=first_contact.index, name="stage")
