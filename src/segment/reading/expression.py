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
    that is no column stands for itself: ``status = completed``. An empty cell
    equals nothing and is neither above nor below anything.

    Raises
    ------
    StudyError
        As ``compute``.
    """
    return _boolean(_parse(text, where), table, number, f"{where}: '{text}'")


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
    if isinstance(node, sql.Is) and isinstance(node.expression, sql.Null) and _named(node.this):
        return is_blank(_column(node.this, table, where))
    if isinstance(node, sql.In) and node.expressions and _named(node.this):
        return _among(node, table, number, where)
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


def _among(node: sql.In, table: ibis.Table, number: Callable, where: str) -> Any:
    column, values = _column(node.this, table, where), [_constant(v) for v in node.expressions]
    if any(value is None for value in values):
        raise StudyError(f"{where}: the brackets behind 'in' hold numbers or words only.")
    if all(isinstance(value, float) for value in values):
        return number(column).isin(values).fill_null(False)
    return _text(column).isin([_name(node) for node in node.expressions])


def _compare(left: Any, right: Any, apply: Callable, table: Any, number: Any, where: str) -> Any:
    is_word = isinstance(_constant(right), str) and not (
        _named(right) and right.name in table.columns
    )
    if not is_word or not _named(left):
        both = (_arithmetic(side, table, number, where) for side in (left, right))
        return apply(*both).fill_null(apply is operator.ne)
    if apply not in (operator.eq, operator.ne):
        raise StudyError(
            f"{where}: words are compared with = or != only; to leave out days, set 'periods'."
        )
    word, column = _name(right), _text(_column(left, table, where))
    if isinstance(right, sql.Boolean):
        column = column.lower()
    return apply(column, word)


def _named(node: Any) -> bool:
    return isinstance(node, sql.Column)


def _constant(node: Any) -> float | str | None:
    """Return the number or word that a node stands for, None if it is neither."""
    if isinstance(node, sql.Neg) and isinstance(value := _constant(node.this), float):
        return -value
    if isinstance(node, sql.Literal) and not node.is_string:
        return float(node.name)
    return _name(node) if isinstance(node, (sql.Literal, sql.Column, sql.Boolean)) else None


def _name(node: Any) -> str:
    return str(node.this).lower() if isinstance(node, sql.Boolean) else node.name


def _text(column: Any) -> Any:
    """Return trimmed text; blank cells are empty, so that != keeps them."""
    return as_text(column).fill_null("")
