"""Read a cell: as trimmed text, as a number, as empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis

BLANKS = ("", "nan", "null", "none", "nat")
# Blanks (also the one that does not break), currency signs and codes, apostrophes
# between thousands.
ORNAMENT = "[\\s\u00a0¥￥$€£元'’]|CNY|RMB|USD|EUR|GBP"


def number_reader(decimal: str) -> Callable[[Any], Any]:
    """Return the function that reads a column as numbers, null where a text is none.

    ``decimal``, "." or ",", is the sign before the decimals; the other one may only stand
    between groups of three digits. ``1.50`` with a decimal comma is unreadable, not 150.
    """
    group = {".": "[,，]", ",": r"[.]"}[decimal]
    sign = {".": r"\.", ",": "[,，]"}[decimal]
    grouped = rf"^[-+]?\d{{1,3}}({group}\d{{3}})+({sign}\d*)?$"

    def read(column: Any) -> Any:
        if column.type().is_numeric():
            return column.cast("float64")
        text = column.cast("string").re_replace(ORNAMENT, "").replace("−", "-")
        # (12.50) and 12.50- are how ledgers write -12.50.
        text = text.re_replace(r"^\((.*)\)$|^([\d.,，]+)-$", r"-\1\2")
        text = ibis.ifelse(text.re_search(grouped), text.re_replace(group, ""), text)
        if decimal == ",":
            text = ibis.ifelse(text.contains("."), ibis.null("string"), text)
            text = text.re_replace(sign, ".")
        number = text.try_cast("float64")
        # Most cells are plain; the others are worth the slower reading.
        return ibis.coalesce(column.try_cast("float64"), number) if decimal == "." else number

    return read


def as_text(column: Any) -> Any:
    """Return a column as trimmed text: 17, also where pandas made it 17.0 for a missing id."""
    if column.type().is_floating():
        whole = (column == column.floor()) & (column.abs() < 2.0**63)
        return whole.ifelse(column.try_cast("int64").cast("string"), column.cast("string"))
    return column.cast("string").strip()


def is_blank(column: Any) -> Any:
    """Return whether a cell is empty or holds a word that stands for nothing."""
    return column.isnull() | as_text(column).lower().isin(BLANKS)


def filled(column: Any) -> Any:
    """Return a column as trimmed text, null where a cell holds nothing."""
    return is_blank(column).ifelse(ibis.null("string"), as_text(column))
