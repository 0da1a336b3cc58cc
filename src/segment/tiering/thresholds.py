"""Fixed thresholds: membership levels by spend, bank tiers by balance, hotel tiers by both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.features.given import AGO, FEATURES
from segment.features.names import in_words
from segment.language import N_tier, _, _n
from segment.tiering import base, rule
from segment.tiering.parameters import column_name, distinct, number, parameter, whole
from segment.tiering.rule import AllOf, AnyOf, Condition, Conditions, Rule
from segment.words import listed

LEVELS = {N_tier("diamond"): 20_000, N_tier("gold"): 5_000, N_tier("silver"): 1_000}
# Nobody keeps a level for more than three years; each month is one more column.
MOST_GRACE = 36
JOINTS = {"all": AllOf, "any": AnyOf}


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
    """Tiers by figures against fixed limits, as in a membership programme.

    Parameters
    ----------
    by : str or mapping of str to list of str
        Column that is compared with the limits: the amount of the last 365 days
        (``monetary_year``), the mean balance of the last complete calendar month
        (``balance_month_mean``), or any other. ``{all: [order_days, monetary_year]}`` asks
        that every one of several columns reaches its limit, ``any`` that one of them does.
    tiers : mapping of str to float, or to list of float
        Tiers, best first, and the least value of each, in the unit of ``by``; a
        value at the limit belongs to the tier. Of several columns a list, in their order.
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
        Least value of each tier but the last, best first; of several columns a row each.
    kept_ : DataFrame
        Customers who hold a tier only by grace: ``earned``, the tier of the present
        figure, and ``tier``, the better one that they keep.
    """

    by: str | Mapping[str, Sequence[str]] = "monetary_year"
    tiers: Mapping[str, float | Sequence[float]] = parameter(LEVELS)
    rest: str = "ordinary"
    grace: int = parameter(0, whole(0, MOST_GRACE))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, and with grace what they were in each of the months before."""
        return (*self.figures, *self._earlier)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Balances and attributes may be missing; of the features only earlier figures."""
        return (*filter(_may_be_missing, self.figures), *self._earlier)

    @property
    def orders_by(self) -> str:
        """The present figure, where it alone decides."""
        return "" if self.grace or len(self.figures) > 1 else self.figures[0]

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that are compared with limits."""
        return (self.by,) if isinstance(self.by, str) else tuple(*self.by.values())

    @property
    def _earlier(self) -> tuple[str, ...]:
        months = range(1, self.grace + 1)
        return tuple(f"{name}_ago_{month}" for month in months for name in self.figures)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        self._check_by()
        if not isinstance(self.tiers, Mapping) or not self.tiers:
            raise StudyError(
                "Thresholds: 'tiers' must name tiers and the least value of each, best first, "
                f"for example {{gold: 5000, silver: 1000}}; found {self.tiers!r}."
            )
        distinct()("Thresholds: 'tiers' and 'rest' together", [*self.tiers, self.rest])
        for tier, limits in self.tiers.items():
            if len(self.figures) > 1 and (
                not isinstance(limits, (list, tuple)) or len(limits) != len(self.figures)
            ):
                raise StudyError(
                    f"Thresholds: '{tier}' needs a list of {len(self.figures)} limits, one for "
                    f"each of {', '.join(self.figures)}; found {limits!r}."
                )
            for limit in self._limits(tier):
                number()(f"Thresholds: the limit of '{tier}'", limit)
        for better, worse in pairwise(self.tiers):
            high, low = self._limits(better), self._limits(worse)
            if high == low or any(a < b for a, b in zip(high, low, strict=True)):
                told = [", ".join(map(rule.number, limits)) for limits in (high, low)]
                raise StudyError(
                    f"Thresholds: '{better}' ({told[0]}) stands above '{worse}' ({told[1]}) but "
                    "needs no more; list 'tiers' best first, with falling limits."
                )
        for name in self.figures if self.grace else ():
            form = AGO.fullmatch(name)
            if form is None or form["months"]:
                raise StudyError(
                    f"Thresholds: 'grace' needs what '{name}' was in earlier months, which is "
                    "known of monetary_year and balance_month_mean only; choose one of them or "
                    "leave out 'grace'."
                )

    def _check_by(self) -> None:
        if isinstance(self.by, Mapping):
            if len(self.by) != 1 or not {*self.by} <= {*JOINTS}:
                raise StudyError(
                    "Thresholds: 'by' of several columns is {all: [...]} or {any: [...]}, found "
                    f"{self.by!r}."
                )
            distinct(least=2)("Thresholds: the columns of 'by'", *self.by.values())
        else:
            column_name("Thresholds: 'by'", self.by)

    def _limits(self, tier: str) -> tuple[float, ...]:
        limits = self.tiers[tier]
        return tuple(limits) if isinstance(limits, (list, tuple)) else (limits,)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = (*self.tiers, self.rest)
        self.limits_ = np.array([*self.tiers.values()], dtype=float)
        conditions = {"earned": self._reached([""]), "tier": self.conditions()}
        places = {name: rule.places(each, self.tiers_, values) for name, each in conditions.items()}
        tiers = np.array(self.tiers_, dtype=object)
        frame = pd.DataFrame({k: tiers[v] for k, v in places.items()}, index=values.index)
        self.kept_ = frame[places["tier"] < places["earned"]]

    def conditions(self) -> Conditions:
        """Return the value that reaches each tier, now or in one of the months before."""
        return self._reached(["", *(f"_ago_{month}" for month in range(1, self.grace + 1))])

    def _reached(self, months: Sequence[str]) -> Conditions:
        """Return what reaches each tier in one of some months, by the ends of their columns."""
        kind = Kept if len(months) > 1 else AnyOf
        return tuple(
            (tier, kind(*(self._in_month(tier, month) for month in months))) for tier in self.tiers
        )

    def _in_month(self, tier: str, month: str) -> Condition:
        pairs = zip(self.figures, self._limits(tier), strict=True)
        rules = [Rule(f"{name}{month}", ">=", float(limit)) for name, limit in pairs]
        return rules[0] if len(rules) == 1 else JOINTS[next(iter(self.by))](*rules)

    def _everyone_else(self) -> str:
        if not any(map(_may_be_missing, self.figures)):
            return rule.everyone_else()
        names = [in_words(name) for name in self.figures]
        return _("everyone else, also without {what}", what=listed(names, "or"))


def _may_be_missing(name: str) -> bool:
    """Return whether a balance or an attribute, which not everybody has."""
    is_feature = name in FEATURES or AGO.fullmatch(name)
    return not is_feature or name.startswith("balance_month_mean")
