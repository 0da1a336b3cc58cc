"""Lifecycle stages from each customer's own rhythm of purchase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.language import N_, N_tier, _
from segment.tiering import base
from segment.tiering.parameters import ascending, distinct, parameter, whole
from segment.tiering.rhythm import COLUMNS, Lateness, lateness, newcomer, typical_gap
from segment.tiering.rule import Conditions, Rule

STAGES = (N_tier("active"), N_tier("new"), N_tier("at risk"), N_tier("dormant"), N_tier("lost"))
PROSPECTS = (N_tier("prospect"), N_tier("hot lead"))
DUTIES = (
    N_("Keep up service and supply; offer what customers like them buy besides"),
    N_("Make the second purchase easy: thank, ask how the first one went, suggest the next"),
    N_(
        "Call before the usual gap doubles again: ask what changed, remind, offer a reason to order"
    ),
    N_("One well-prepared attempt to win back, by someone who can decide on terms"),
    N_("No visits; automated mail at low cost, and learn why they left"),
)


@dataclass(eq=False, repr=False)
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
        Names for people who have not bought yet (潜在), and among them for hot leads
        (热点): contacted, or by their intent interested or considering. They are no tiers,
        because the back-test judges buyers.

    Attributes
    ----------
    typical_gap_ : float
        Median of the mean gaps, in days, of customers with two purchase days or
        more; without any, the median time since the first purchase.
    """

    columns = COLUMNS

    at_risk_after: float = 2
    dormant_after: float = 4
    lost_after: float = 8
    newcomer_days: int = parameter(90, whole(0))
    names: Sequence[str] = parameter(STAGES, distinct(5))
    prospect_names: Sequence[str] = parameter(PROSPECTS, distinct(2))

    @property
    def limits(self) -> tuple[float, float, float]:
        """Lateness, in usual gaps, above which a customer is at risk, dormant, lost."""
        return (self.at_risk_after, self.dormant_after, self.lost_after)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        ascending(0)("Lifecycle: 'at_risk_after' to 'lost_after'", self.limits)
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

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        return values.assign(lateness=lateness(values, self.typical_gap_))

    def conditions(self) -> Conditions:
        """Return the rule of the new, then the lateness of each stage but the last."""
        active, new, *later, _lost = self.tiers_
        reached = [
            (stage, Rule(Lateness(self.typical_gap_, explained=stage == active), "<=", limit))
            for stage, limit in zip((active, *later), self.limits, strict=True)
        ]
        return ((new, newcomer(self.newcomer_days)), *reached)

    def notes(self) -> pd.DataFrame:
        """Return what is to be done at each stage."""
        duties = {N_("What to do"): [_(duty) for duty in DUTIES]}
        return pd.DataFrame(duties, index=pd.Index(self.tiers_, name="tier"))


def prospect_stages(
    first_contact: pd.Series,
    cut: dt.date,
    names: Sequence[str] = PROSPECTS,
    hot: pd.Series | None = None,
) -> pd.Series:
    """Return the stage of people who had not bought before the cut, as ordered categorical.

    Hot leads, second of ``names``, come first: they are nearer to a purchase. Hot is who had been
    contacted, where ``hot`` does not say otherwise. A first contact at the cut or later was not
    known before it, and does not count.
    """
    prospect, lead = names
    met = first_contact < pd.Timestamp(cut)  # a missing day compares as False
    if hot is not None:
        met = hot.where(hot.notna(), met).astype(bool)
    stages = pd.Categorical(
        np.where(met, lead, prospect), categories=[lead, prospect], ordered=True
    )
    return pd.Series(stages, index=first_contact.index, name="stage")
