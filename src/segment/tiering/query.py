"""A scheme as SQL over the features of customers, in the words of the pages."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp

from segment.errors import StudyError
from segment.language import _, tier_name
from segment.tiering.base import SQL
from segment.tiering.rule import quoted as literal


def case(method: Any) -> str:
    """Return the CASE expression for DuckDB that gives each customer its tier, as pages call it.

    Raises
    ------
    StudyError
        If the scheme cannot be written as an expression.
    """
    try:
        written = method.sql(SQL)
    except AttributeError:
        raise StudyError(_("This method writes no SQL.")) from None
    named = {tier: tier_name(tier) for tier in getattr(method, "tiers_", ())}
    if all(tier == name for tier, name in named.items()):
        return written
    whens = [f"WHEN {literal(tier)} THEN {literal(name)}" for tier, name in named.items()]
    return f"CASE {written} {' '.join(whens)} END"


def query(method: Any, source: str, dialect: Any = SQL) -> str:
    """Return the query that gives each customer of a table of features its tier."""
    text = f'SELECT "customer_id", {case(method)} AS "tier" FROM "{source}"'
    return in_dialect(text, dialect)


def in_dialect(text: str, dialect: Any = SQL) -> str:
    """Return a query for DuckDB in another dialect of sqlglot, indented."""
    return sqlglot.transpile(text, read=SQL, write=dialect, pretty=True)[0]


def name(text: str, dialect: Any = SQL) -> str:
    """Return the name of a table in quotation marks, as a dialect has them."""
    return exp.to_identifier(text, quoted=True).sql(dialect=dialect)
