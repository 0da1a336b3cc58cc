"""Gold and drag: the few expected to matter most, and those who cost more than they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from segment.errors import StudyError
from segment.language import N_, N_tier
from segment.tiering import base
from segment.tiering.parameters import SHARE, column_name, distinct, parameter, whole
from segment.tiering.rule import AnyOf, Conditions, Rule, at_least

NAMES = (N_tier("gold"), N_tier("ordinary"), N_tier("drag"))


@dataclass(eq=False, repr=False)
class GoldDrag(base.Tiering):
    """Name the gold customers and the drag by one column of past figures.

    Parameters
    ----------
    gold, drag : float
        Shares of customers in (0, 1): the largest are gold, the smallest drag.
        Ties stay together, so realised shares can differ.
    by : str
        Column that is sorted, highest first.
    newcomer_days : int
        Who first bought at most so many days ago is never drag: a newcomer has had
        no time to bring anything.
    names : sequence of three str
        Names of the tiers.

    Attributes
    ----------
    gold_limit_, drag_limit_ : float
        Smallest value of gold, and of those above the drag.
    spared_ : int
        Newcomers who would have been drag.
    """

    gold: float = parameter(0.05, SHARE)
    drag: float = parameter(0.20, SHARE)
    by: str = parameter("monetary_total", column_name)
    newcomer_days: int = parameter(90, whole(0))
    names: Sequence[str] = parameter(NAMES, distinct(3))

    @property
    def columns(self) -> tuple[str, ...]:
        """The sorted column, and the days since the first purchase."""
        return (self.by, "days_since_first")

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        if self.gold + self.drag >= 1:
            raise StudyError(
                f"GoldDrag: 'gold' and 'drag' must leave room between them; together they are "
                f"{self.gold + self.drag:g}."
            )

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = tuple(self.names)
        past = values[self.by].to_numpy()
        places = base.places_by_share(past, [self.gold, 1 - self.drag])
        self.gold_limit_, self.drag_limit_ = base.limits_of(past, places, 3)
        self.spared_ = int(((places == 2) & self._newcomer.holds(values)).sum())

    @property
    def _newcomer(self) -> Rule:
        return Rule("days_since_first", "<=", self.newcomer_days)

    def conditions(self) -> Conditions:
        """Return the limit of gold, and that of the ordinary, who may be newcomers instead."""
        limits = (self.gold_limit_, self.drag_limit_)
        gold, (ordinary, enough) = at_least(self.tiers_, self.by, limits)
        return (gold, (ordinary, AnyOf(enough, self._newcomer, joint=N_(", or "))))
