"""Credit brake: arrears or a poor credit grade cap the tier that another method gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from segment.errors import StudyError, nearest
from segment.language import _
from segment.tiering import base
from segment.words import listed

FREE = "free"


@dataclass(frozen=True)
class Part:
    """One part of the brake: whom it concerns, and the best tier it allows.

    Attributes
    ----------
    words, sql : str
        Condition that holds for the customers it concerns.
    place : int
        Best place allowed, 0 for the best tier.
    """

    words: str
    sql: str
    place: int


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

    def __init__(self, of=None, by=None, limits=None, caps=None, grades=None, missing=FREE):
        self.of = of
        self.by = by
        self.limits = limits
        self.caps = caps
        self.grades = grades
        self.missing = missing

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
    def orders_by_revenue(self) -> bool:
        """Whether the other method does, and nobody is held back."""
        return not len(getattr(self, "braked_", "x")) and self.of_.orders_by_revenue

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
        if self.by is not None:
            base.check_column("CreditBrake: 'by'", self.by)
        if (self.grades is None) == (self.limits is None and self.caps is None):
            raise StudyError(
                "CreditBrake needs either 'limits' with 'caps', or 'grades'; give one of the two."
            )
        if self.grades is None:
            limits = base.check_limits("CreditBrake: 'limits'", self.limits, -np.inf, np.inf)
            if not isinstance(self.caps, (list, tuple)) or len(self.caps) != len(limits):
                raise StudyError(
                    f"CreditBrake: 'caps' must list the best tier allowed for each of the "
                    f"{len(limits)} limits, found {self.caps!r}."
                )
        elif not isinstance(self.grades, Mapping) or not self.grades:
            raise StudyError(
                f"CreditBrake: 'grades' must give the best tier of a grade, such as {{D: C}}, "
                f"found {self.grades!r}."
            )
        else:
            base.check_names("CreditBrake: 'grades' (their names)", list(self.grades))
        for name, cap in self._given():
            if not isinstance(cap, str) and not base.is_whole(cap):
                raise StudyError(f"CreditBrake: {name} must name a tier or its place, not {cap!r}.")

    def _given(self) -> list[tuple[str, object]]:
        """Return where each cap stands, in words, and the cap as it is given."""
        if self.grades is None:
            given = [(f"the cap from {base.number(t)} on", c) for t, c in self._pairs()]
        else:
            given = [(f"the cap of grade '{grade}'", cap) for grade, cap in self.grades.items()]
        return given if self.missing == FREE else [*given, ("'missing'", self.missing)]

    def _pairs(self) -> list[tuple[float, object]]:
        return [(float(t), c) for t, c in zip(self.limits, self.caps, strict=True)]

    def fit(self, customers: pd.DataFrame, y: object = None) -> CreditBrake:
        """Learn the tiers of the other method, and who is held back; as in ``Tiering``."""
        self.check_parameters()
        self.of_ = clone(self.of).fit(customers)
        return super().fit(customers)

    def refit(self, customers: pd.DataFrame) -> CreditBrake:
        """Return a new brake on the other method, refitted to other customers."""
        again = type(self)(**self.get_params(deep=False))
        again.of_ = self.of_.refit(customers)
        return base.Tiering.fit(again, customers)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = self.of_.tiers_
        self._parts()
        tiers = pd.DataFrame({"before": self.of_.predict(values), "after": self.predict(values)})
        self.braked_ = tiers[tiers["before"].cat.codes < tiers["after"].cat.codes]

    def _place(self, name: str, cap: object) -> int:
        if isinstance(cap, str) and cap in self.tiers_:
            return self.tiers_.index(cap)
        if base.is_whole(cap) and cap >= 1:  # Clusters can find fewer tiers than asked for.
            return min(int(cap), len(self.tiers_)) - 1
        raise StudyError(
            f"CreditBrake: {name} is {cap!r}, which is no tier of {type(self.of).__name__}"
            f"{nearest(str(cap), self.tiers_)}"
        )

    @property
    def parts_(self) -> list[Part]:
        """The parts by limit or grade, in their order; last the missing, unless they are free."""
        check_is_fitted(self, "tiers_")
        return self._parts()

    def _parts(self) -> list[Part]:
        places = [self._place(name, cap) for name, cap in self._given()]
        column = base.column(self.indicator)
        if self.grades is None:
            limits = [limit for limit, _cap in self._pairs()]
            for i, (better, worse) in enumerate(pairwise(places[: len(limits)])):
                if worse < better:
                    raise StudyError(
                        f"CreditBrake: from {base.number(limits[i + 1])} on the cap is "
                        f"'{self.tiers_[worse]}', better than '{self.tiers_[better]}' from "
                        f"{base.number(limits[i])} on; caps must not rise with the limits."
                    )
            reached = [f"{column} >= {base.sql_number(limit)}" for limit in limits]
            below = [f" AND {column} < {base.sql_number(limit)}" for limit in limits[1:]]
            concerned = [f"{at}{upto}" for at, upto in zip(reached, [*below, ""], strict=True)]
        else:
            concerned = [f"{column} = {base.quoted(grade)}" for grade in self.grades]
        if self.missing != FREE:
            concerned.append(f"{column} IS NULL")
        ones = np.eye(len(places), dtype=bool)
        return [
            Part(self._who(one), sql, place)
            for one, sql, place in zip(ones, concerned, places, strict=True)
        ]

    def concerned(self, customers: pd.DataFrame) -> np.ndarray:
        """Return the place in ``parts_`` of the part that concerns each customer, -1 if none."""
        check_is_fitted(self, "tiers_")
        return self._concerned(self._checked(customers)[self.indicator])

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return those of the other method, and who is ``braked``: held back from its tier."""
        before, after = self.of_.predict(customers), self.predict(customers)
        return self.of_.details(customers).assign(braked=before.cat.codes < after.cat.codes)

    def _concerned(self, column: pd.Series) -> np.ndarray:
        if self.grades is None:
            limits = np.asarray(self.limits, dtype=float)
            part = base.count_reached(column.to_numpy(), limits) - 1
        else:
            part = column.map({grade: i for i, grade in enumerate(self.grades)}).fillna(-1)
        without = -1 if self.missing == FREE else len(self.parts_) - 1
        return np.where(column.isna(), without, part).astype(int)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        before = self.of_.predict(values).cat.codes.to_numpy().astype(int)
        allowed = np.array([*(part.place for part in self.parts_), 0])
        return np.maximum(before, allowed[self._concerned(values[self.indicator])])

    def rules(self) -> pd.DataFrame:
        """One row per tier: the rule of the other method, and whom the brake moves."""
        found = self.of_.rules()
        texts = [self._rule(place, rule) for place, rule in enumerate(found["rule"])]
        return found.assign(rule=texts)

    def _rule(self, place: int, rule: str) -> str:
        held = self._who([part.place > place for part in self.parts_])
        down = self._who([part.place == place > 0 for part in self.parts_])
        if rule == base.nobody():
            return _("only from better tiers, with {who}", who=down) if down else rule
        text = _("{rule}; not with {who}", rule=rule, who=held) if held else rule
        if down:
            text = _("{rule}; also from better tiers, with {who}", rule=text, who=down)
        if self.missing == FREE and place == 0:
            return _("{rule}; unknown {name} holds nobody back", rule=text, name=self.indicator)
        return text

    def _who(self, parts: Sequence[bool]) -> str:
        """Say whom some parts of the brake concern; parts by limits come without a gap."""
        words, named = [], list(self.limits if self.grades is None else self.grades)
        chosen = [i for i in range(len(named)) if parts[i]]
        if chosen and self.grades is None:
            end = chosen[-1] + 1
            figures = {"name": self.indicator, "limit": base.number(named[chosen[0]])}
            if end < len(named):
                end = base.number(named[end])
                words = [_("{name} at least {limit} and below {end}", **figures, end=end)]
            else:
                words = [_("{name} at least {limit}", **figures)]
        elif chosen:
            words = [f"{self.indicator} {listed([named[i] for i in chosen], 'or')}"]
        if self.missing != FREE and parts[-1]:
            words.append(_("{name} unknown", name=self.indicator))
        return _(" or ").join(words)

    def notes(self) -> pd.DataFrame:
        """Return those of the other method."""
        check_is_fitted(self, "tiers_")
        return self.of_.notes()

    def _sql(self) -> str:
        tier = f"({self.of_._sql()})"
        whens = [
            f"WHEN {part.sql} AND {tier} IN "
            f"({', '.join(map(base.quoted, self.tiers_[: part.place]))}) "
            f"THEN {base.quoted(self.tiers_[part.place])}"
            for part in self.parts_
            if part.place
        ]
        return f"CASE {' '.join(whens)} ELSE {tier} END" if whens else tier
