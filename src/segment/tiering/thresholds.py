"""Fixed thresholds: membership levels by spend, bank tiers by balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.features.customers import AGO, FEATURES
from segment.features.names import in_words
from segment.language import N_tier, _, _n
from segment.tiering import base, rule
from segment.tiering.parameters import column_name, distinct, number, parameter, whole
from segment.tiering.rule import AnyOf, Conditions, Rule

LEVELS = {N_tier("diamond"): 20_000, N_tier("gold"): 5_000, N_tier("silver"): 1_000}
# Nobody keeps a level for more than three years; each month is one more column.
MOST_GRACE = 36


class Kept(AnyOf):
    """A limit that a figure or one of its earlier months reaches; the present one comes first."""

    def words(self) -> str:
        """Return the rule, and the months for which it may have held before."""
        return _n(
            "{rule}, now or as of {n} month before",
            "{rule}, now or as of 1 to {n} months before",
            len(self.parts) - 1,
            rule=self.parts[0].words(),
        )


@dataclass(eq=False, repr=False)
class Thresholds(base.Tiering):
    """Tiers by one figure against fixed limits, as in a membership programme.

    Parameters
    ----------
    by : str
        Column that is compared with the limits: the amount of the last 365 days
        (``monetary_year``), the mean balance of the last complete calendar month
        (``balance_month_mean``), or any other.
    tiers : mapping of str to float
        Tiers, best first, and the least value of each, in the unit of ``by``; a
        value at the limit belongs to the tier.
    rest : str
        Tier of all others. Where ``by`` is a balance, customers without one are here.
    grace : int
        A customer keeps the best tier that one of the last so many months would have
        given. Needs a ``by`` of which the figures of earlier months are known:
        ``monetary_year`` or ``balance_month_mean``. A month before the first purchase
        or record reaches nothing.

    Attributes
    ----------
    limits_ : array
        Least value of each tier but the last, best first.
    kept_ : DataFrame
        Customers who hold a tier only by grace: ``earned``, the tier of the present
        figure, and ``tier``, the better one that they keep.
    """

    by: str = parameter("monetary_year", column_name)
    tiers: Mapping[str, float] = parameter(LEVELS)
    rest: str = "ordinary"
    grace: int = parameter(0, whole(0, MOST_GRACE))

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, and with grace what it was in each of the months before."""
        return (self.by, *self._earlier)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Balances and attributes may be missing; of the features only earlier figures."""
        return self.columns if self._may_be_missing else self._earlier

    @property
    def orders_by(self) -> str:
        """The present figure, where it alone decides."""
        return "" if self.grace else self.by

    @property
    def _earlier(self) -> tuple[str, ...]:
        return tuple(f"{self.by}_ago_{month}" for month in range(1, self.grace + 1))

    @property
    def _may_be_missing(self) -> bool:
        attribute = self.by not in FEATURES and not AGO.fullmatch(self.by)
        return attribute or self.by.startswith("balance_month_mean")

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        if not isinstance(self.tiers, Mapping) or not self.tiers:
            raise StudyError(
                "Thresholds: 'tiers' must name tiers and the least value of each, best first, "
                f"for example {{gold: 5000, silver: 1000}}; found {self.tiers!r}."
            )
        distinct()("Thresholds: 'tiers' and 'rest' together", [*self.tiers, self.rest])
        for tier, limit in self.tiers.items():
            number()(f"Thresholds: the limit of '{tier}'", limit)
        for (better, high), (worse, low) in pairwise(self.tiers.items()):
            if high <= low:
                raise StudyError(
                    f"Thresholds: '{better}' ({rule.number(high)}) stands above '{worse}' "
                    f"({rule.number(low)}) but needs no more; list 'tiers' best first, with "
                    "falling limits."
                )
        form = AGO.fullmatch(self.by)
        if self.grace and (form is None or form["months"]):
            raise StudyError(
                f"Thresholds: 'grace' needs what '{self.by}' was in earlier months, which is "
                "known of monetary_year and balance_month_mean only; choose one of them or "
                "leave out 'grace'."
            )

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (*self.tiers, self.rest)
        self.limits_ = np.array([float(limit) for limit in self.tiers.values()])
        conditions = {"earned": self._reached((self.by,)), "tier": self.conditions()}
        places = {name: rule.places(each, self.tiers_, values) for name, each in conditions.items()}
        tiers = np.array(self.tiers_, dtype=object)
        frame = pd.DataFrame({k: tiers[v] for k, v in places.items()}, index=values.index)
        self.kept_ = frame[places["tier"] < places["earned"]]

    def conditions(self) -> Conditions:
        """Return the value that reaches each tier, now or in one of the months before."""
        return self._reached(self.columns)

    def _reached(self, columns: tuple[str, ...]) -> Conditions:
        kind = Kept if len(columns) > 1 else AnyOf
        reached = [[Rule(name, ">=", limit) for name in columns] for limit in self.limits_]
        return tuple((tier, kind(*rules)) for tier, rules in zip(self.tiers, reached, strict=True))

    def _everyone_else(self) -> str:
        if not self._may_be_missing:
            return rule.everyone_else()
        balance = self.by.startswith("balance_month_mean")
        what = _("a balance") if balance else in_words(self.by)
        return _("everyone else, also without {what}", what=what)
