"""Rules as data: whom a rule holds for, its words and its SQL come from one place.

The tiers of a method are pairs of a tier and its rule, tried in order; the tier that is
named in none of them holds everyone else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from segment.features.names import in_words
from segment.language import N_, _
from segment.tiering import told
from segment.words import listed

AND, OR = N_(" and "), N_(" or ")


class Unwritable(Exception):
    """A rule that no SQL expression says; the message says why, if there is more to say."""


class Figure:
    """What a rule looks at: a column, or a figure that a method makes of several.

    ``key`` is its column among the figures that a rule is asked of, ``name`` a text with its
    ``values`` that names it (default what a reader calls the column), ``digits`` those of a
    limit in words (default as many as it has), ``made_of`` the columns it comes from (default
    its own).
    """

    def __init__(
        self,
        key: str,
        name: str = "",
        digits: int | None = None,
        made_of: Sequence[str] = (),
        **values: object,
    ):
        self.key, self.name, self.digits, self.values = key, name, digits, values
        self.made_of = made_of or (key,)

    def words(self) -> str:
        """Return its name in the language in use."""
        return _(self.name, **self.values) if self.name else in_words(self.key)

    def limit(self, value: str | float) -> str:
        """Return a limit of it, or a value, in words."""
        if isinstance(value, str):
            return value
        exact = self.digits is None or told.known(self.key)
        shown = told.in_cents(self.key, value)
        text = number(shown) if exact else f"{value:.{self.digits}f}"
        return told.limit(self.key, value, text)

    def sql(self) -> str:
        """Return it as an SQL expression over the columns of the customers."""
        if self.name:
            raise Unwritable
        return column(self.key)


class Sign(NamedTuple):
    """How a figure is held against limits: for whom it holds, the words and the SQL.

    ``included`` says of each limit whether who is at it is with those above it.
    """

    holds: Callable[[np.ndarray, tuple], np.ndarray]
    words: str
    sql: str
    included: tuple[bool, ...] = ()


SIGNS = {
    ">=": Sign(lambda x, t: x >= t[0], N_("{name} at least {limit}"), "{name} >= {limit}", (True,)),
    "<=": Sign(lambda x, t: x <= t[0], N_("{name} at most {limit}"), "{name} <= {limit}", (False,)),
    ">": Sign(lambda x, t: x > t[0], N_("{name} above {limit}"), "{name} > {limit}", (False,)),
    "<": Sign(lambda x, t: x < t[0], N_("{name} below {limit}"), "{name} < {limit}", (True,)),
    "from, below": Sign(
        lambda x, t: (x >= t[0]) & (x < t[1]),
        N_("{name} at least {limit} and below {end}"),
        "{name} >= {limit} AND {name} < {end}",
        (True, True),
    ),
    "between": Sign(
        lambda x, t: (x >= t[0]) & (x <= t[1]),
        N_("{name} {limit} to {end}"),
        "{name} BETWEEN {limit} AND {end}",
        (True, False),
    ),
    "one of": Sign(lambda x, t: pd.Index(x).isin(t), N_("{name} {every}"), "{name} IN ({every})"),
    "unknown": Sign(lambda x, _t: pd.isna(x), N_("{name} unknown"), "{name} IS NULL"),
}


class Rule:
    """One figure against a limit: ``Rule("order_days", ">=", 3)``.

    ``sign`` is one of ``SIGNS``. "from, below" and "between" have two limits, "one of" any
    number of values, "unknown" none. A ``learned`` limit is told in as few digits as part the
    same customers, one that was given as it is.
    """

    def __init__(
        self, column: str | Figure, sign: str, *limits: float | str, learned: bool = False
    ):
        self.figure = column if isinstance(column, Figure) else Figure(column)
        self.sign, self.limits, self.learned = SIGNS[sign], limits, learned

    def holds(self, figures: pd.DataFrame) -> np.ndarray:
        """Return for whom the figure is as the sign says."""
        return self.sign.holds(figures[self.figure.key].to_numpy(), self.limits)

    def words(self) -> str:
        """Return, for example, "purchase days at least 3"."""
        figure = self.figure
        shown = [figure.limit(limit) for limit in self._told()]
        every = listed(shown, "or") if shown else ""
        words = _(self.sign.words, name=figure.words(), every=every, **_named(shown))
        return told.lately(words, *figure.made_of)

    def sql(self) -> str:
        """Return, for example, ``"order_days" >= 3``."""
        shown = [quoted(x) if isinstance(x, str) else sql_number(x) for x in self._told()]
        every = ", ".join(shown)
        return self.sign.sql.format(name=self.figure.sql(), every=every, **_named(shown))

    def _told(self) -> Sequence[float | str]:
        """Return the limits as they are told; one that was learned may be a customer's amount."""
        if not self.learned:
            return self.limits
        sides = zip(self.limits, self.sign.included, strict=True)
        return [told.rounded(self.figure.key, limit, side) for limit, side in sides]


def _named(limits: Sequence[str]) -> dict[str, str]:
    return dict(zip(("limit", "end"), limits, strict=False))


class AllOf:
    """What holds where all its parts hold; ``joint`` stands between their words."""

    def __init__(self, *parts: Condition, joint: str = AND):
        self.parts, self.joint = parts, joint

    def holds(self, figures: pd.DataFrame) -> np.ndarray:
        """Return for whom all parts hold."""
        return np.logical_and.reduce([part.holds(figures) for part in self.parts])

    def words(self) -> str:
        """Return the words of the parts, joined."""
        return _(self.joint).join(part.words() for part in self.parts)

    def sql(self) -> str:
        """Return the parts joined by AND."""
        return " AND ".join(part.sql() for part in self.parts)


class AnyOf(AllOf):
    """What holds where one of its parts holds; without a part for nobody."""

    def __init__(self, *parts: Condition, joint: str = OR):
        super().__init__(*(part for part in parts if not is_empty(part)), joint=joint)

    def holds(self, figures: pd.DataFrame) -> np.ndarray:
        """Return for whom some part holds."""
        held = np.zeros(len(figures), dtype=bool)
        for part in self.parts:
            held |= part.holds(figures)
        return held

    def words(self) -> str:
        """Return the words of the parts, joined; "nobody" without a part."""
        return super().words() if self.parts else nobody()

    def sql(self) -> str:
        """Return the parts joined by OR."""
        written = " OR ".join(part.sql() for part in self.parts) or "1 = 0"
        return f"({written})" if len(self.parts) > 1 else written


NOBODY = AnyOf()


def is_empty(condition: Condition) -> bool:
    """Return whether a condition holds for nobody, whatever the customers."""
    return isinstance(condition, AnyOf) and not condition.parts


class Unless:
    """What holds where a rule holds and its exception does not."""

    def __init__(self, rule: Condition, exception: Condition):
        self.rule, self.exception = rule, exception

    def holds(self, figures: pd.DataFrame) -> np.ndarray:
        """Return for whom the rule holds and the exception does not."""
        return self.rule.holds(figures) & ~self.exception.holds(figures)

    def words(self) -> str:
        """Return the rule, "unless" and the exception."""
        return _(
            "{rule}, unless {exception}", rule=self.rule.words(), exception=self.exception.words()
        )

    def sql(self) -> str:
        """Return the rule AND NOT the exception."""
        return f"{self.rule.sql()} AND NOT ({self.exception.sql()})"


Condition = Rule | AllOf | AnyOf | Unless
Conditions = Sequence[tuple[str, Condition]]


def at_least(
    tiers: Sequence[str], figure: str | Figure, limits: Sequence[float]
) -> tuple[tuple[str, Condition], ...]:
    """Return each tier but the last with the least value it needs; descending limits.

    A tier that has the limit of the one above it, or none, holds nobody.
    """
    above = [np.inf, *limits[:-1]]
    return tuple(
        (tier, Rule(figure, ">=", limit, learned=True) if limit < before else NOBODY)
        for tier, limit, before in zip(tiers, limits, above, strict=False)
    )


def places(conditions: Conditions, tiers: Sequence[str], figures: pd.DataFrame) -> np.ndarray:
    """Return the place among the tiers that the first condition that holds gives each customer."""
    held = [condition.holds(figures) for _tier, condition in conditions]
    order = [tiers.index(tier) for tier, _condition in conditions]
    return np.select(held, order, tiers.index(_rest(conditions, tiers)))


def case(conditions: Conditions, tiers: Sequence[str]) -> str:
    """Return ``places`` as a CASE expression."""
    rest = _rest(conditions, tiers)
    some = [pair for pair in conditions if pair[0] != rest and not is_empty(pair[1])]
    return case_of([condition.sql() for _tier, condition in some], [*(t for t, _c in some), rest])


def case_of(written: Sequence[str], tiers: Sequence[str]) -> str:
    """Return a CASE expression: the first SQL that holds gives the tier, else the last one."""
    whens = [f"WHEN {sql} THEN {quoted(t)}" for sql, t in zip(written, tiers, strict=False)]
    return f"CASE {' '.join(whens)} ELSE {quoted(tiers[-1])} END" if whens else quoted(tiers[-1])


def _rest(conditions: Conditions, tiers: Sequence[str]) -> str:
    """Return the tier of everyone else; where all are named, the last rule holds for them."""
    named = [tier for tier, _condition in conditions]
    return next((tier for tier in tiers if tier not in named), named[-1])


def nobody() -> str:
    """Return the rule of a tier that no customer can have."""
    return _("nobody")


def everyone_else() -> str:
    """Return the rule of the last tier."""
    return _("everyone else")


def number(value: float) -> str:
    """Return a limit as text that reads well and loses no customer's place."""
    text = f"{value:,.2f}" if value != int(value) else f"{int(value):,}"
    exact = float(text.replace(",", "")) == value
    return text if exact else np.format_float_positional(value, trim="0")


def column(name: str) -> str:
    """Return a column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Return an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_number(value: float) -> str:
    """Return an SQL literal that reads back as the same double."""
    whole = value == int(value) and abs(value) < 2**53
    return str(int(value)) if whole else f"CAST('{float(value)!r}' AS DOUBLE)"
