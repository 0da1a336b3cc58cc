"""Credit brake: arrears or a poor credit grade cap the tier that another method gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from segment.errors import StudyError, nearest
from segment.features.names import in_words
from segment.language import _
from segment.tiering import base
from segment.tiering.estimator import unfitted
from segment.tiering.parameters import (
    ascending,
    column_name,
    distinct,
    is_whole,
    optional,
    parameter,
)
from segment.tiering.rule import AnyOf, Condition, Rule, nobody, number, quoted

FREE = "free"


class Part(NamedTuple):
    """One part of the brake: whom it concerns, and the best place allowed, 0 for the best tier."""

    rule: Condition
    place: int

    @property
    def words(self) -> str:
        """Whom it concerns, in words."""
        return self.rule.words()


@dataclass(eq=False, repr=False)
class CreditBrake(base.Tiering):
    """The tiers of another method, with a best tier allowed by arrears or credit grade.

    A brake only ever lowers a tier. Whoever it does not concern keeps the tier that
    the other method gives.

    Parameters
    ----------
    of : Tiering
        The method whose tiers are capped. In a study: its parameters, ``{method:
        abc, ...}``.
    by : str, optional
        Column that the brake reads: numbers with ``limits``, text with ``grades``.
        Default ``"arrears"``, or ``"credit_grade"`` with ``grades``.
    limits : sequence of float, optional
        Ascending. Who is at or above one gets at best the cap of the same place.
    caps : sequence of str or int, optional
        Best tier allowed from each limit on, by name or by place (1 is the best, a
        place beyond the last tier means the last); never better than the one before.
    grades : mapping of str to str or int, optional
        Best tier allowed for a grade, instead of ``limits`` and ``caps``; grades that
        are not named are free.
    missing : str or int
        ``"free"``, or the best tier allowed where the column has no value.

    Attributes
    ----------
    of_ : Tiering
        The other method, fitted.
    braked_ : DataFrame
        Customers who are held back: tier ``before`` the brake and ``after`` it.
    parts_ : list of Part
        By limit or grade, in their order; last the missing, unless they are free.
    """

    of: base.Tiering | None = None
    by: str | None = parameter(None, optional(column_name))
    limits: Sequence[float] | None = None
    caps: Sequence[str | int] | None = None
    grades: Mapping[str, str | int] | None = None
    missing: str | int = FREE

    @property
    def indicator(self) -> str:
        """Name of the column that the brake reads."""
        return self.by or ("arrears" if self.grades is None else "credit_grade")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the other method, and the one the brake reads."""
        return tuple(dict.fromkeys((*self._method.columns, self.indicator)))

    @property
    def extras(self) -> tuple[str, ...]:
        """Those of the other method."""
        return tuple(name for name in self._method.extras if name != self.indicator)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Those of the other method, and what the brake alone reads."""
        shared = self.indicator in (*self._method.columns, *self._method.extras)
        return self._method.gaps if shared else (*self._method.gaps, self.indicator)

    @property
    def texts(self) -> tuple[str, ...]:
        """Those of the other method, and credit grades."""
        return (*self._method.texts, *(() if self.grades is None else (self.indicator,)))

    @property
    def native_rule(self) -> bool:
        """Whether the other method is a rule that people can read."""
        return self._method.native_rule

    @property
    def _method(self) -> base.Tiering:
        return getattr(self, "of_", self.of)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        if not isinstance(self.of, base.Tiering):
            raise StudyError(
                "CreditBrake: 'of' must be the method whose tiers are capped, in a study "
                f"{{method: abc}}, found {self.of!r}."
            )
        self.of.check_parameters()
        super().check_parameters()
        if (self.grades is None) == (self.limits is None and self.caps is None):
            raise StudyError(
                "CreditBrake needs either 'limits' with 'caps', or 'grades'; give one of the two."
            )
        if self.grades is None:
            ascending()("CreditBrake: 'limits'", self.limits)
            if not isinstance(self.caps, (list, tuple)) or len(self.caps) != len(self.limits):
                raise StudyError(
                    f"CreditBrake: 'caps' must list the best tier allowed for each of the "
                    f"{len(self.limits)} limits, found {self.caps!r}."
                )
        elif not isinstance(self.grades, Mapping) or not self.grades:
            raise StudyError(
                f"CreditBrake: 'grades' must give the best tier of a grade, such as {{D: C}}, "
                f"found {self.grades!r}."
            )
        else:
            distinct()("CreditBrake: 'grades' (their names)", list(self.grades))
        for name, cap in self._given():
            if not isinstance(cap, str) and not is_whole(cap):
                raise StudyError(f"CreditBrake: {name} must name a tier or its place, not {cap!r}.")

    def _given(self) -> list[tuple[str, object]]:
        """Return where each cap stands, in words, and the cap as it is given."""
        if self.grades is None:
            places = [f"the cap from {number(limit)} on" for limit in self.limits]
            given = list(zip(places, self.caps, strict=True))
        else:
            given = [(f"the cap of grade '{grade}'", cap) for grade, cap in self.grades.items()]
        return given if self.missing == FREE else [*given, ("'missing'", self.missing)]

    def learn(self, customers: pd.DataFrame) -> CreditBrake:
        """Learn the tiers of the other method, and who is held back; as in ``Tiering``."""
        self.check_parameters()
        self.of_ = unfitted(self.of).fit(customers)
        super().learn(customers)
        before, after = self.of_.predict(customers), self.predict(customers)
        tiers = pd.DataFrame({"before": before, "after": after})
        self.braked_ = tiers[before.cat.codes < after.cat.codes]
        return self

    def anew(self) -> CreditBrake:
        """Return a brake on the other method, ready to learn from other customers."""
        return type(self)(**self.get_params(deep=False) | {"of": self.of_.anew()})

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = self.of_.tiers_
        self._check_caps()

    def _place(self, name: str, cap: object) -> int:
        if isinstance(cap, str) and cap in self.tiers_:
            return self.tiers_.index(cap)
        if is_whole(cap) and cap >= 1:  # Clusters can find fewer tiers than asked for.
            return min(int(cap), len(self.tiers_)) - 1
        raise StudyError(
            f"CreditBrake: {name} is {cap!r}, which is no tier of {type(self.of).__name__}"
            f"{nearest(str(cap), self.tiers_)}"
        )

    def _check_caps(self) -> None:
        """Refuse caps that name no tier, or rise with the limits."""
        places = [self._place(name, cap) for name, cap in self._given()]
        if self.grades is not None:
            return
        for i, (better, worse) in enumerate(pairwise(places[: len(self.limits)])):
            if worse < better:
                raise StudyError(
                    f"CreditBrake: from {number(self.limits[i + 1])} on the cap is "
                    f"'{self.tiers_[worse]}', better than '{self.tiers_[better]}' from "
                    f"{number(self.limits[i])} on; caps must not rise with the limits."
                )

    @property
    def parts_(self) -> list[Part]:
        """The parts by limit or grade, in their order; last the missing, unless they are free."""
        self.check_fitted()
        given = self._given()
        ones = np.eye(len(given), dtype=bool)
        return [
            Part(self._concerned(one), self._place(*cap))
            for one, cap in zip(ones, given, strict=True)
        ]

    def _concerned(self, chosen: Sequence[bool]) -> AnyOf:
        """Return whom some parts concern; parts by limits are chosen without a gap."""
        by, named = self.indicator, list(self.limits if self.grades is None else self.grades)
        some = [i for i in range(len(named)) if chosen[i]]
        rules = []
        if some and self.grades is None:
            low, end = named[some[0]], named[some[-1] + 1 :][:1]
            rules = [Rule(by, "from, below", low, *end) if end else Rule(by, ">=", low)]
        elif some:
            rules = [Rule(by, "one of", *(named[i] for i in some))]
        if self.missing != FREE and chosen[-1]:
            rules.append(Rule(by, "unknown"))
        return AnyOf(*rules)

    def concerned(self, customers: pd.DataFrame) -> np.ndarray:
        """Return the place in ``parts_`` of the part that concerns each customer, -1 if none."""
        self.check_fitted()
        values = self._checked(customers)
        held = [part.rule.holds(values) for part in self.parts_]
        return np.select(held, range(len(held)), -1)

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return those of the other method, and who is ``braked``: held back from its tier."""
        before, after = self.of_.predict(customers), self.predict(customers)
        return self.of_.details(customers).assign(braked=before.cat.codes < after.cat.codes)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        before = self.of_.predict(values).cat.codes.to_numpy().astype(int)
        held = [part.rule.holds(values) for part in self.parts_]
        return np.maximum(before, np.select(held, [part.place for part in self.parts_], 0))

    def rules(self) -> pd.DataFrame:
        """One row per tier: the rule of the other method, and whom the brake moves."""
        inner = self.of_.rules()
        texts = [self._rule(place, rule) for place, rule in enumerate(inner["rule"])]
        return inner.assign(rule=texts)

    def _rule(self, place: int, rule: str) -> str:
        held, down = (
            self._concerned([concerns(part.place) for part in self.parts_])
            for concerns in (lambda cap: cap > place, lambda cap: cap == place > 0)
        )
        if rule == nobody():
            return _("only from better tiers, with {who}", who=down.words()) if down.parts else rule
        if held.parts:
            rule = _("{rule}, unless {exception}", rule=rule, exception=held.words())
        if down.parts:
            rule = _("{rule}; also from better tiers, with {who}", rule=rule, who=down.words())
        if self.missing == FREE and place == 0:
            name = in_words(self.indicator)
            return _("{rule}; unknown {name} holds nobody back", rule=rule, name=name)
        return rule

    def notes(self) -> pd.DataFrame:
        """Return those of the other method."""
        self.check_fitted()
        return self.of_.notes()

    def _sql(self) -> str:
        tier = f"({self.of_._sql()})"
        whens = [
            f"WHEN {part.rule.sql()} AND {tier} IN "
            f"({', '.join(map(quoted, self.tiers_[: part.place]))}) "
            f"THEN {quoted(self.tiers_[part.place])}"
            for part in self.parts_
            if part.place
        ]
        return f"CASE {' '.join(whens)} ELSE {tier} END" if whens else tier
