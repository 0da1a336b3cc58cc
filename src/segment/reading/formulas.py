"""Texts that a spreadsheet would run: how they are written, and read again."""

from __future__ import annotations

import re

FORMULA_STARTS = (*"=+-@\t\r\n", *"＝＋－＠", *"﹦﹢﹣﹫")
FORMULA = re.compile(rf"\s*[{re.escape(''.join(FORMULA_STARTS))}]")


def no_formula(value: object) -> object:
    """Return a value that no spreadsheet runs: an apostrophe before what would start a formula."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def as_it_was(text: str) -> str:
    """Return a text without the apostrophe that ``no_formula`` gave it."""
    return text[1:] if text[:1] == "'" and no_formula(text[1:]) == text else text
