"""The watch-lists as a workbook to work with: one call list first, then every list that has rows.

Its heads stay on the screen and on every printed page, rows can be filtered, and what came of a
call is chosen from a list. Every text is written as a text, so that none is a formula.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from unicodedata import east_asian_width

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname
from xlsxwriter.worksheet import Worksheet

from segment.language import N_, _
from segment.publish.files.files import MOST_TEXT, in_whole, print_across, title_of, workbook

RESULTS = (N_("order"), N_("reached"), N_("not reached"), N_("no interest"), N_("call again"))
LINE, MOST_LINES = 16, 8  # points; of a row
OWNERS = 12  # cells for the names of owners
LEAST_WIDTH, MOST_WIDTH = 11, 34  # characters
MOST_ROWS = 50_000  # of a list; more are worked through by a program, from the CSV files
HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#f3f6fa"}
ROW = {"valign": "top", "bottom": 1, "bottom_color": "#d8dce2"}
LOOKS = {
    "head": HEAD,
    "head right": HEAD | {"align": "right"},
    "text": ROW | {"num_format": "@", "text_wrap": True},
    "count": ROW | {"num_format": "#,##0"},
    "date": ROW | {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "input": {"bg_color": "#fef3c7", "border": 1, "border_color": "#d6b656", "valign": "top"},
    "note": {"text_wrap": True, "valign": "top", "bold": True},
    "plain": {"text_wrap": True, "valign": "top"},
}


def write_lists(
    note: str,
    calls: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    currency: str,
    path: Path,
) -> None:
    """Write the workbook.

    ``note`` says what the call list holds; the last three columns of ``calls`` (owner, date and
    result) are to be filled in. In all frames dates are dates, whole numbers counts and other
    numbers amounts.
    """
    with workbook(path) as book:
        formats = {name: book.add_format(look) for name, look in LOOKS.items()}
        formats["money"] = book.add_format(ROW | {"num_format": f"{in_whole(currency)}_)"})
        names = [title_of(_("Call list"), ())]
        sheet = book.add_worksheet(names[0])
        _table(sheet, calls, formats, note.replace("**", ""))
        for name, frame in lists.items():
            names.append(title_of(name, names))
            _table(book.add_worksheet(names[-1]), frame, formats)
        names.append(title_of(_("Read me"), names))
        owners = _read_me(book.add_worksheet(names[-1]), formats)
        _to_fill_in(sheet, calls, formats, f"={quote_sheetname(names[-1])}!{owners}")


def _table(
    sheet: Worksheet, frame: pd.DataFrame, formats: Mapping[str, Format], note: str = ""
) -> None:
    """Write a frame below a note, to be filtered and printed across one page."""
    frame, head, last = frame.head(MOST_ROWS), 1 if note else 0, len(frame.columns) - 1
    kinds = {name: _kind(frame[name]) for name in frame}
    widths = {name: _width(name, frame[name], kinds[name]) for name in frame}
    for place, width in enumerate(widths.values()):
        sheet.set_column(place, place, width)
    if note:
        sheet.merge_range(0, 0, 0, last, "", formats["note"])
        sheet.write_string(0, 0, note, formats["note"])
    sheet.set_row(0, 2 * LINE)
    sheet.set_row(head, 2 * LINE)
    # Printing programs do not grow a row to the text that is wrapped in it.
    texts = {name: width for name, width in widths.items() if kinds[name] == "text"}
    for row, values in enumerate(frame[[*texts]].itertuples(index=False), head + 1):
        lines = [
            _length(text) // width + 1 for text, width in zip(values, texts.values(), strict=True)
        ]
        sheet.set_row(row, LINE * min(max(lines), MOST_LINES))
    for place, (name, kind) in enumerate(kinds.items()):
        look = formats["head right" if kind in ("money", "count") else "head"]
        sheet.write_string(head, place, name[:MOST_TEXT], look)
        for row, value in enumerate(frame[name], head + 1):
            if kind == "text":
                if value:
                    sheet.write_string(row, place, value[:MOST_TEXT], formats[kind])
            elif pd.notna(value):
                write = sheet.write_datetime if kind == "date" else sheet.write_number
                write(row, place, value, formats[kind])
    sheet.autofilter(head, 0, head + max(1, len(frame)), last)
    sheet.freeze_panes(head + 1, 2)
    print_across(sheet, head)


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_integer_dtype(column):
        return "count"
    return "money" if pd.api.types.is_numeric_dtype(column) else "text"


def _width(name: str, column: pd.Series, kind: str) -> int:
    """Return the characters a column needs; longer texts are wrapped."""
    if kind != "text":
        return LEAST_WIDTH + 3
    longest = math.ceil(max(map(_length, column), default=0))
    return min(max(LEAST_WIDTH, longest + 1, len(name) + 3), MOST_WIDTH)


def _length(text: str) -> float:
    """Return how many digits take as much room as a text."""
    if text.isascii():
        return 0.9 * len(text)
    return sum(2.1 if east_asian_width(letter) in "WF" else 0.9 for letter in text)


def _to_fill_in(
    sheet: Worksheet, calls: pd.DataFrame, formats: Mapping[str, Format], owners: str
) -> None:
    """Make the last three columns of the call list ready for owner, date and result."""
    first, last = 2, 1 + max(1, len(calls))
    owner, day, result = range(len(calls.columns) - 3, len(calls.columns))
    for column, width in {owner: 14, day: 12, result: 14}.items():
        sheet.set_column(column, column, width)
        for row in range(first, last + 1):
            known = calls.iat[row - first, column] if row - first < len(calls) else ""
            sheet.write(row, column, known or None, formats["input"])
    # Names and results of one's own are taken as well.
    own = {"validate": "list", "show_error": False}
    sheet.data_validation(first, owner, last, owner, own | {"source": owners})
    sheet.data_validation(first, result, last, result, own | {"source": [_(r) for r in RESULTS]})
    today = {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1)}
    sheet.data_validation(first, day, last, day, today)


def _read_me(sheet: Worksheet, formats: Mapping[str, Format]) -> str:
    """Write what the workbook is, with room for the owners' names; return their cells."""
    sheet.set_column(0, 0, 100)
    lines = [
        _("Confidential: this file names customers."),
        _("Money at stake is the size of the matter, not what a call brings in."),
        _("Owners to choose from in the call list:"),
    ]
    for row, text in enumerate(lines):
        sheet.write_string(row, 0, text, formats["plain"])
    first, last = len(lines), len(lines) + OWNERS - 1
    for row in range(first, last + 1):
        sheet.write_blank(row, 0, None, formats["input"])
    return f"$A${first + 1}:$A${last + 1}"
