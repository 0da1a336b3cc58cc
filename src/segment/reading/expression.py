"""Plain expressions of a study, such as ``quantity * price`` or ``status = completed``.

They are parsed with sqlglot and turned into Ibis expressions over a closed list
of operations, so that an expression can compute and compare, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import ibis
import sqlglot
from sqlglot import expressions as sql

from segment.errors import StudyError, nearest
from segment.reading.cells import as_text, is_blank
from segment.reading.sources import FILE, ROW

ARITHMETIC = {
    sql.Add: operator.add,
    sql.Sub: operator.sub,
    sql.Mul: operator.mul,
    sql.Div: operator.truediv,
}
COMPARISON = {
    sql.EQ: operator.eq,
    sql.NEQ: operator.ne,
    sql.GT: operator.gt,
    sql.GTE: operator.ge,
    sql.LT: operator.lt,
    sql.LTE: operator.le,
}
# A day outside quotation marks, which SQL would take for a subtraction or a division.
BARE_DAY = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w.-])(\d{4}([-/.])\d{1,2}\3\d{1,2})(?![\w.-])""")
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|((?:19|20)\d\d)([01]\d)([0-3]\d)")


class UntypedError(StudyError):
    """A column of texts that the engine would read otherwise than a report does."""


def compute(text: str, table: ibis.Table, number: Callable[[Any], Any], where: str) -> Any:
    """Return the numeric column of an expression of columns, numbers, ``+ - * /`` and brackets.

    What is added or taken off counts as 0 where a cell is blank: no refund is none.
    ``number`` reads a text column as numbers, ``where`` is the place in the study.
    """
    return _Translator(table, number, f"{where}: '{text}'").arithmetic(_parse(text, where))


def condition(
    text: str,
    table: ibis.Table,
    number: Callable[[Any], Any],
    where: str,
    days: Callable[[str], Any] = lambda name: None,
    dated: Collection[str] = (),
) -> Any:
    """Return the boolean column of a row filter.

    Comparisons, ``in (...)``, ``between``, ``is null``, ``and``, ``or``, ``not``. A bare word
    that is no column stands for itself, in whatever case: ``status = completed``. An empty cell
    equals nothing and is neither above nor below anything. ``days`` reads a column as days, for
    ``order_date >= 2023-07-01``; the columns ``dated`` are compared with days only.
    """
    translator = _Translator(table, number, f"{where}: '{text}'", days, dated)
    return translator.boolean(_parse(text, where))


def named_words(text: str, table: ibis.Table, where: str) -> dict[str, list[str]]:
    """Return by column the words that a row filter compares it with; a column may have none."""
    found: dict[str, list[str]] = {}
    tree = _parse(text, where)
    for node in tree.find_all(sql.Column):
        if node.name in table.columns:
            found.setdefault(node.name, [])
    for node in tree.find_all(sql.EQ, sql.NEQ, sql.In):
        right = node.expressions if isinstance(node, sql.In) else [node.expression]
        words = [word for each in right if isinstance(word := _constant(each), str)]
        words = [word for word in words if word not in table.columns and not DAY.fullmatch(word)]
        if isinstance(node.this, sql.Column) and node.this.name in found:
            found[node.this.name] += words
    return found


def named(column: str) -> str:
    """Return the name of a column as an expression holds it."""
    return column if _is_word(column) else '"{}"'.format(column.replace('"', '""'))


def constant(value: str, columns: Collection[str]) -> str:
    """Return a value as a condition holds it: a bare word, unless a column is called so."""
    if _is_word(value) and value not in columns:
        return value
    return "'{}'".format(value.replace("'", "''"))


def _is_word(text: str) -> bool:
    """Return whether a bare word stands for itself, and is none of SQL's."""
    if not re.fullmatch(r"[^\W\d]\w*", text):
        return False
    try:
        return _name(sqlglot.parse_one(text, read="duckdb")) == text
    except (sqlglot.errors.SqlglotError, AttributeError):
        return False


def _parse(text: str, where: str) -> sql.Expression:
    try:
        # SQL would take all that follows -- or /* for a comment and drop it.
        if "--" not in text and "/*" not in text:
            quoted = BARE_DAY.sub(lambda found: found[1] or f"'{found[2]}'", text)
            return sqlglot.parse_one(quoted, read="duckdb")
    except sqlglot.errors.SqlglotError:
        pass
    raise StudyError(
        f"{where}: '{text}' is no expression; write for example quantity * price "
        "or status = completed (names and values with blanks in double quotes)."
    )


@dataclass(frozen=True)
class _Translator:
    """From the nodes of sqlglot to columns of a table."""

    table: ibis.Table
    number: Callable[[Any], Any]
    where: str
    days: Callable[[str], Any] = lambda name: None
    dated: Collection[str] = ()

    def column(self, node: sql.Column) -> Any:
        names = [name for name in self.table.columns if name not in (FILE, ROW)]
        if node.name not in names:
            raise StudyError(f"{self.where}: no column '{node.name}'{nearest(node.name, names)}")
        return self.table[node.name]

    def text(self, node: sql.Column) -> Any:
        """Return trimmed text in small letters; blank cells are empty, so that != keeps them."""
        return as_text(self.column(node)).fill_null("").lower()

    def arithmetic(self, node: Any, blank_is_zero: bool = False) -> Any:
        match node:
            case sql.Paren():
                return self.arithmetic(node.this, blank_is_zero)
            case sql.Neg():
                return -self.arithmetic(node.this, blank_is_zero)
            case sql.Column() if blank_is_zero:
                column = self.column(node)
                return is_blank(column).ifelse(0.0, self.number(column))
            case sql.Column():
                return self.number(self.column(node))
            case sql.Literal(is_string=False):
                return ibis.literal(float(node.name))
        if apply := ARITHMETIC.get(type(node)):
            adds = isinstance(node, sql.Add | sql.Sub)
            left = self.arithmetic(node.this, blank_is_zero and adds)
            right = self.arithmetic(node.expression, adds)
            other = node.expression.find(sql.Column)
            if adds and other and not blank_is_zero and isinstance(node.this, sql.Column):
                # In a debit, the column of credits is blank.
                left = (right != 0).ifelse(self.arithmetic(node.this, True), left)
            return apply(left, right)
        raise StudyError(
            f"{self.where}: only columns, numbers, + - * / and brackets can stand here."
        )

    def boolean(self, node: Any) -> Any:
        match node:
            case sql.Paren():
                return self.boolean(node.this)
            case sql.Not():
                return ~self.boolean(node.this)
            case sql.And():
                return self.boolean(node.this) & self.boolean(node.expression)
            case sql.Or():
                return self.boolean(node.this) | self.boolean(node.expression)
            case sql.Is(this=sql.Column(), expression=sql.Null()):
                return is_blank(self.column(node.this))
            case sql.In(this=sql.Column(), expressions=[_, *_]):
                return self.among(node)
            case sql.Between():
                low, high = node.args["low"], node.args["high"]
                at_least = self.compare(node.this, low, operator.ge)
                return at_least & self.compare(node.this, high, operator.le)
        if apply := COMPARISON.get(type(node)):
            return self.compare(node.this, node.expression, apply)
        raise StudyError(
            f"{self.where}: a row filter compares columns: status = completed, amount > 0, "
            "region in (north, south), joined with and / or / not."
        )

    def among(self, node: sql.In) -> Any:
        values = [_constant(value) for value in node.expressions]
        if None in values:
            raise StudyError(f"{self.where}: the brackets behind 'in' hold numbers or words only.")
        if all(isinstance(value, float) for value in values):
            return self.number(self.column(node.this)).isin(values).fill_null(False)
        words = [_name(value) for value in node.expressions]
        if all(map(DAY.fullmatch, words)) and (days := self.days_of(node.this)) is not None:
            return days.isin([self.day(word) for word in words]).fill_null(False)
        return self.text(node.this).isin([word.strip().lower() for word in words])

    def compare(self, left: Any, right: Any, apply: Callable) -> Any:
        is_column = isinstance(right, sql.Column) and right.name in self.table.columns
        word = None if is_column else _constant(right)
        dated = isinstance(left, sql.Column) and left.name in self.dated
        if isinstance(left, sql.Column) and DAY.fullmatch(_written(word)):
            # A number of eight digits is a day only beside a column that holds days.
            days = self.days_of(left) if dated or isinstance(word, str) else None
            if days is not None:
                return apply(days, self.day(_written(word))).fill_null(apply is operator.ne)
        if dated and is_column and (days := self.days_of(right)) is not None:
            return apply(self.days_of(left), days).fill_null(apply is operator.ne)
        if dated:
            raise StudyError(
                f"{self.where}: '{left.name}' holds days; compare it with a day such as 2023-07-01."
            )
        if not isinstance(word, str) or not isinstance(left, sql.Column):
            sides = self.arithmetic(left), self.arithmetic(right)
            return apply(*sides).fill_null(apply is operator.ne)
        if apply not in (operator.eq, operator.ne):
            raise StudyError(
                f"{self.where}: words are compared with = or != only; days are written as "
                "2023-07-01."
            )
        return apply(self.text(left), word.strip().lower())

    def days_of(self, node: sql.Column) -> Any | None:
        """Return a column as days; None where it holds none."""
        self.column(node)
        try:
            return self.days(node.name)
        except StudyError as error:
            if node.name in self.dated or isinstance(error, UntypedError):
                raise
            return None

    def day(self, text: str) -> dt.date:
        parts = [int(part) for part in DAY.fullmatch(text).groups() if part]
        try:
            return dt.date(*parts)
        except ValueError:
            raise StudyError(f"{self.where}: there is no day {text}.") from None


def _written(word: float | str | None) -> str:
    return f"{word:.0f}" if isinstance(word, float) else word or ""


def _constant(node: Any) -> float | str | None:
    """Return the number or word that a node stands for, None if it is neither."""
    match node:
        case sql.Neg(this=sql.Literal(is_string=False)):
            return -float(node.this.name)
        case sql.Literal(is_string=False):
            return float(node.name)
        case sql.Literal() | sql.Column() | sql.Boolean():
            return _name(node)
    return None


def _name(node: Any) -> str:
    return str(node.this).lower() if isinstance(node, sql.Boolean) else node.name
