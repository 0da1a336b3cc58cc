"""Gold and drag: the few expected to matter most, and those who cost more than they bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.language import N_tier, _
from segment.tiering import base

NAMES = (N_tier("gold"), N_tier("ordinary"), N_tier("drag"))


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

    def __init__(self, gold=0.05, drag=0.20, by="monetary_total", newcomer_days=90, names=NAMES):
        self.gold = gold
        self.drag = drag
        self.by = by
        self.newcomer_days = newcomer_days
        self.names = names

    @property
    def columns(self) -> tuple[str, ...]:
        """The sorted column, and the days since the first purchase."""
        return (self.by, "days_since_first")

    @property
    def orders_by_revenue(self) -> bool:
        """Whether no newcomer was spared, so that the tiers are the revenue sort, cut twice."""
        return self.by == "monetary_total" and getattr(self, "spared_", 1) == 0

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        for name, share in (("gold", self.gold), ("drag", self.drag)):
            base.check_limits(f"GoldDrag: '{name}'", [share], 0, 1)
        if self.gold + self.drag >= 1:
            raise StudyError(
                f"GoldDrag: 'gold' and 'drag' must leave room between them; together they are "
                f"{self.gold + self.drag:g}."
            )
        base.check_column("GoldDrag: 'by'", self.by)
        base.check_whole("GoldDrag: 'newcomer_days'", self.newcomer_days, 0)
        base.check_names("GoldDrag: 'names'", self.names, 3)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = tuple(self.names)
        past = values[self.by].to_numpy()
        level = 2 - base.places_by_share(past, np.array([self.gold, 1 - self.drag]))
        self.drag_limit_, self.gold_limit_ = base.lower_limits(past, level, 3)
        self.spared_ = int(((level == 0) & self._is_new(values)).sum())

    def _is_new(self, values: pd.DataFrame) -> np.ndarray:
        return values["days_since_first"].to_numpy() <= self.newcomer_days

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        past = values[self.by].to_numpy()
        ordinary = (past >= self.drag_limit_) | self._is_new(values)
        return np.select([past >= self.gold_limit_, ordinary], [0, 1], 2)

    def rules(self) -> pd.DataFrame:
        """Three rows."""
        gold, ordinary = base.at_least(self.by, np.array([self.gold_limit_, self.drag_limit_]))
        spared = _("{name} at most {limit}", name="days_since_first", limit=self.newcomer_days)
        if ordinary == base.nobody():
            ordinary = spared
        else:
            ordinary = _("{first}, or {second}", first=ordinary, second=spared)
        rules = [gold, ordinary, base.everyone_else()]
        return pd.DataFrame({"tier": self.tiers_, "rule": rules})

    def _sql(self) -> str:
        spared = f'"days_since_first" <= {self.newcomer_days}'
        reached = [
            f"{base.column(self.by)} >= {base.sql_number(limit)}" if np.isfinite(limit) else "1 = 0"
            for limit in (self.gold_limit_, self.drag_limit_)
        ]
        return base.case([reached[0], f"{reached[1]} OR {spared}"], list(self.tiers_))
