"""Plain expressions of a study, such as ``quantity * price`` or ``status = completed``.

They are parsed with sqlglot and turned into Ibis expressions over a closed list
of operations, so that an expression can compute and compare, and nothing else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import ibis
import sqlglot
from sqlglot import expressions as sql

from segment.errors import StudyError, nearest

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
    """Return the numeric Ibis column for an arithmetic expression.

    Parameters
    ----------
    text : str
        Columns, numbers, ``+ - * /`` and brackets.
    table : ibis.Table
        The table whose columns the expression names.
    number : callable
        Turns a text column into a numeric one.
    where : str
        Place in the study, for errors.

    Raises
    ------
    StudyError
        If the expression cannot be parsed, names an unknown column or does
        something other than arithmetic.
    """
    return _arithmetic(_parse(text, where), table, number, f"{where}: '{text}'")


def condition(text: str, table: ibis.Table, number: Callable[[Any], Any], where: str) -> Any:
    """Return the boolean Ibis column for a row filter.

    Comparisons, ``in (...)``, ``is null``, ``and``, ``or``, ``not``. A bare word
    that is no column stands for itself: ``status = completed``.

    Raises
    ------
    StudyError
        As ``compute``.
    """
    return _boolean(_parse(text, where), table, number, f"{where}: '{text}'")


def _parse(text: str, where: str) -> sql.Expression:
    try:
        return sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError:
        raise StudyError(
            f"{where}: '{text}' is no expression; write for example quantity * price "
            "or status = completed (names with blanks in double quotes)."
        ) from None


def _column(node: sql.Column, table: ibis.Table, where: str) -> Any:
    if node.name not in table.columns:
        raise StudyError(f"{where}: no column '{node.name}'{nearest(node.name, table.columns)}")
    return table[node.name]


def _arithmetic(node: Any, table: ibis.Table, number: Callable, where: str) -> Any:
    if isinstance(node, sql.Paren):
        return _arithmetic(node.this, table, number, where)
    if isinstance(node, sql.Neg):
        return -_arithmetic(node.this, table, number, where)
    if isinstance(node, sql.Column):
        return number(_column(node, table, where))
    if isinstance(node, sql.Literal) and not node.is_string:
        return ibis.literal(float(node.name))
    for kind, apply in ARITHMETIC.items():
        if isinstance(node, kind):
            left = _arithmetic(node.this, table, number, where)
            return apply(left, _arithmetic(node.expression, table, number, where))
    raise StudyError(f"{where}: only columns, numbers, + - * / and brackets can stand here.")


def _boolean(node: Any, table: ibis.Table, number: Callable, where: str) -> Any:
    if isinstance(node, sql.Paren):
        return _boolean(node.this, table, number, where)
    if isinstance(node, sql.Not):
        return ~_boolean(node.this, table, number, where)
    if isinstance(node, sql.And):
        return _both(node, table, number, where, operator.and_)
    if isinstance(node, sql.Or):
        return _both(node, table, number, where, operator.or_)
    if isinstance(node, sql.Is) and isinstance(node.expression, sql.Null):
        return _blank(_column(node.this, table, where))
    if isinstance(node, sql.In) and node.expressions:
        column, values = node.this, node.expressions
        if any(_is_number(value) for value in values):
            return number(_column(column, table, where)).isin([float(v.name) for v in values])
        return _text(_column(column, table, where)).isin([value.name for value in values])
    for kind, apply in COMPARISON.items():
        if isinstance(node, kind):
            return _compare(node.this, node.expression, apply, table, number, where)
    raise StudyError(
        f"{where}: a row filter compares columns: status = completed, amount > 0, "
        "region in (north, south), joined with and / or / not."
    )


def _both(node: Any, table: ibis.Table, number: Callable, where: str, join: Callable) -> Any:
    left = _boolean(node.this, table, number, where)
    return join(left, _boolean(node.expression, table, number, where))


def _compare(left: Any, right: Any, apply: Callable, table: Any, number: Any, where: str) -> Any:
    if isinstance(right, sql.Boolean):
        return apply(_text(_column(left, table, where)).lower(), str(right.this).lower())
    if isinstance(right, (sql.Column, sql.Literal)) and isinstance(left, sql.Column):
        bare_word = isinstance(right, sql.Column) and right.name not in table.columns
        if bare_word or (isinstance(right, sql.Literal) and right.is_string):
            return apply(_text(_column(left, table, where)), right.name)
    return apply(_arithmetic(left, table, number, where), _arithmetic(right, table, number, where))


def _is_number(node: Any) -> bool:
    return isinstance(node, sql.Literal) and not node.is_string


def _text(column: Any) -> Any:
    return column.cast("string").strip()


def _blank(column: Any) -> Any:
    return column.isnull() | (_text(column) == "")
