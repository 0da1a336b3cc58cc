"""Read a cell: as trimmed text, as an id, as empty."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Any

import ibis
import ibis.expr.datatypes as types

# What systems write where there is nothing; the last are the errors of spreadsheets.
BLANKS = (
    *("", "nan", "null", "none", "nat", "\\n", "n/a", "-", "--", "–", "—", "<na>", "(null)"),
    *("(blank)", "undefined", "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!"),
)
TOTALS = r"(grand |sub)?-?(totals?|sums?)|gesamt\w*|summe|insgesamt|итого|总计|合计|小计|總計|合計"
# What spreadsheets write below or beside the rows that they add up.
SUBTOTAL = rf"({TOTALS})([ :].*)?|.* (totals?|ergebnis|汇总)"
# Signs without width (joiners, byte order marks) and of control.
INVISIBLE, SPACES = r"[\p{Cf}\x00-\x08\x0e-\x1f\x7f]", r"[\p{Z}\s]+"
WIDE, NARROW = "".join(map(chr, range(0xFF01, 0xFF5F))), "".join(map(chr, range(0x21, 0x7F)))
DIGITS = "".join(c for c in map(chr, range(0x80, 0x10000)) if unicodedata.category(c) == "Nd")
PLAIN_DIGITS = "".join(str(unicodedata.decimal(sign)) for sign in DIGITS)


@ibis.udf.scalar.builtin
def bit_length(text: types.string) -> types.int64:
    """The engine's length in bits, which DuckDB knows without a look where all signs are ASCII."""


@ibis.udf.scalar.builtin
def nfc_normalize(text: types.string) -> types.string:
    """DuckDB's composed form: é is one sign, also where a Mac wrote two."""


def as_text(column: Any) -> Any:
    """Return a column as text without blanks around it, double blanks and invisible signs.

    17 is 17, also where pandas made it 17.0 for a missing id.
    """
    text = column.cast("string")
    if column.type().is_floating():
        whole = column.try_cast("int64")
        return (whole.cast("float64") == column).ifelse(whole.cast("string"), text)
    if _is_typed(column):
        return text
    # One chain, without branches: the engine would compute a text anew wherever it is named.
    clean = text.re_replace(INVISIBLE, "").re_replace(SPACES, " ").strip()
    return (_is_foreign(text) | text.contains("  ")).ifelse(clean, stripped(text))


def stripped(text: Any) -> Any:
    """Return a text without blanks around it; few have any, and looking is faster."""
    # A text is below "!" if its first sign is a blank or one of control.
    has_blanks = (text < "!") | (text.right(1) < "!")
    return has_blanks.ifelse(text.strip(), text)


def _is_typed(column: Any) -> bool:
    """Return whether a column holds values of which none stands for nothing or is badly written."""
    kind = column.type()
    return kind.is_numeric() or kind.is_temporal() or kind.is_boolean()


def _is_foreign(text: Any) -> Any:
    """Return whether a text has other signs than those of ASCII."""
    return bit_length(text) != 8 * text.length()


def as_id(column: Any, same: Collection[str] = ()) -> Any:
    """Return ids as people mean them: 40007.0 and full-width ４０００７ are 40007.

    ``same`` names in what ids may differ besides and be one: ``case``, leading ``zeros``, or
    ``signs``, which are blanks and punctuation.
    """
    raw, text = column.cast("string"), as_text(column)
    if column.type().is_integer() and "signs" not in same:
        return text
    wide = nfc_normalize(text).translate(WIDE, NARROW)
    text = ibis.cases(
        (raw.endswith(".0"), text.re_replace(r"^(\d+)\.0$", r"\1")),
        (_is_foreign(raw) & raw.re_search("[！-～\u0300-\u036f]"), wide),
        else_=text,
    )
    if "case" in same:
        text = text.lower()
    if "signs" in same:
        text = text.re_replace(r"[^\p{L}\p{N}]+", "")
    return text.re_replace(r"^0+(\d+)$", r"\1") if "zeros" in same else text


def one_writing(column: Any) -> Any:
    """Return numbers written with any digits, blanks, dashes and apostrophes in those of ASCII."""
    text = as_text(column).re_replace("[‐‑‒–—−﹣]", "-").re_replace("[’‘ʼ´′]", "'")
    text = text.re_replace("[，٫]", ",")
    other = text.translate(WIDE + DIGITS + "٬", NARROW + PLAIN_DIGITS + "'")
    is_other = column.cast("string").re_search(r"[^\P{Nd}0-9]|[！-～٬]")
    return is_other.ifelse(other, text)


def is_blank(column: Any) -> Any:
    """Return whether a cell is empty or holds a word that stands for nothing."""
    if column.type().is_floating():
        return column.isnull() | column.isnan()
    if _is_typed(column):
        return column.isnull()
    return column.isnull() | as_text(column).lower().isin(BLANKS)


def filled(column: Any) -> Any:
    """Return a column as trimmed text, null where a cell holds nothing."""
    return is_blank(column).ifelse(ibis.null("string"), as_text(column))
