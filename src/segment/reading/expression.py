"""Plain expressions of a study, such as ``quantity * price`` or ``status = completed``.

They are parsed with sqlglot and turned into Ibis expressions over a closed list
of operations, so that an expression can compute and compare, and nothing else.
"""

from __future__ import annotations

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


def compute(text: str, table: ibis.Table, number: Callable[[Any], Any], where: str) -> Any:
    """Return the numeric column of an expression of columns, numbers, ``+ - * /`` and brackets.

    What is added or taken off counts as 0 where a cell is blank: no refund is none.
    ``number`` reads a text column as numbers, ``where`` is the place in the study.
    """
    return _Translator(table, number, f"{where}: '{text}'").arithmetic(_parse(text, where))


def condition(text: str, table: ibis.Table, number: Callable[[Any], Any], where: str) -> Any:
    """Return the boolean column of a row filter.

    Comparisons, ``in (...)``, ``is null``, ``and``, ``or``, ``not``. A bare word
    that is no column stands for itself: ``status = completed``. An empty cell
    equals nothing and is neither above nor below anything.
    """
    return _Translator(table, number, f"{where}: '{text}'").boolean(_parse(text, where))


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
            return sqlglot.parse_one(text, read="duckdb")
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

    def column(self, node: sql.Column) -> Any:
        names = self.table.columns
        if node.name not in names:
            raise StudyError(f"{self.where}: no column '{node.name}'{nearest(node.name, names)}")
        return self.table[node.name]

    def text(self, node: sql.Column) -> Any:
        """Return trimmed text; blank cells are empty, so that != keeps them."""
        return as_text(self.column(node)).fill_null("")

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
            return apply(left, self.arithmetic(node.expression, adds))
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
        return self.text(node.this).isin([_name(value) for value in node.expressions])

    def compare(self, left: Any, right: Any, apply: Callable) -> Any:
        is_column = isinstance(right, sql.Column) and right.name in self.table.columns
        is_word = isinstance(_constant(right), str) and not is_column
        if not is_word or not isinstance(left, sql.Column):
            sides = self.arithmetic(left), self.arithmetic(right)
            return apply(*sides).fill_null(apply is operator.ne)
        if apply not in (operator.eq, operator.ne):
            raise StudyError(
                f"{self.where}: words are compared with = or != only; to leave out days, set "
                "'periods'."
            )
        column = self.text(left)
        if isinstance(right, sql.Boolean):
            column = column.lower()
        return apply(column, _name(right))


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
