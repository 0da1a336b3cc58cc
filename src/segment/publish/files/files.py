"""CSV and Excel files in which no text is a formula and no id loses its zeros."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from segment.action import pseudonyms
from segment.errors import StudyError
from segment.language import N_, _
from segment.reading import working
from segment.reading.files import read_by
from segment.reading.formulas import no_formula
from segment.study import Study
from segment.words import in_currency

# What an Excel cell and the name of a sheet hold.
MOST_TEXT, MOST_TITLE = 32_767, 31
MONEY = N_("Spent in the last year"), N_("Usual amount"), N_("What they brought")
CREATED = dt.datetime(1980, 1, 1)  # of a workbook: the same content is the same bytes


def refuse_inputs(study: Study, targets: Iterable[Path]) -> None:
    """Raise if something would be written over what a study reads, its key or the study itself."""
    read = {file.resolve() for file in (study.file, pseudonyms.file(study.file), *read_by(study))}
    for target in targets:
        if target.resolve() in read:
            raise StudyError(f"'{target}' is what the study is made of; write somewhere else.")


def write_csv(frames: pd.DataFrame | Iterable[pd.DataFrame], path: Path) -> None:
    """Write UTF-8 with a mark, which Excel needs for Chinese; no text starts a formula.

    Several frames hold the rows one after the other.
    """
    frames = [frames] if isinstance(frames, pd.DataFrame) else frames
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for number, frame in enumerate(frames):
            texts = frame.select_dtypes(exclude=["number", "datetime"])
            safe = frame.assign(**{name: _no_formulas(texts[name]) for name in texts})
            safe.columns = [no_formula(name) for name in safe.columns]
            safe.to_csv(file, index=False, header=not number, lineterminator="\r\n")


def _no_formulas(texts: pd.Series) -> pd.Series:
    changed = {t: safe for t in texts.dropna().unique() if (safe := no_formula(t)) != t}
    return texts.map(lambda text: changed.get(text, text)) if changed else texts


def in_whole(currency: str) -> str:
    """Return the number format of amounts without cents: ``"$"#,##0``."""
    quoted = in_currency('"#,##0"', currency.replace('"', ""))
    return f'"{quoted}"'.replace('""', "")


@contextmanager
def workbook(path: Path, **options: bool) -> Iterator[xlsxwriter.Workbook]:
    """Give a workbook in which a text is a text; its parts go, even after a kill."""
    with working.temporary() as parts:
        texts = {"strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(path, {"tmpdir": str(parts)} | texts | options) as book:
            book.set_properties({"created": CREATED})
            yield book


def write_xlsx(sheets: Mapping[str, pd.DataFrame], currency: str, path: Path) -> None:
    """Write a workbook: one sheet per frame, then a note; every text is a text.

    Texts are written as such, so that no id loses its zeros and none is a formula.
    """
    used: list[str] = []
    with workbook(path, constant_memory=True) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        looks = {
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "money": book.add_format({"num_format": in_whole(currency)}),
        }
        for name, frame in sheets.items():
            used.append(title_of(name, used))
            sheet = book.add_worksheet(used[-1])
            _sheet(sheet, frame, head, looks)
        note = book.add_worksheet(title_of(_("Read me"), used))
        note.set_column(0, 0, 100)
        note.write_string(0, 0, _("Confidential: this file names customers."), head)


def _sheet(
    sheet: Worksheet, frame: pd.DataFrame, head: Format, looks: Mapping[str, Format]
) -> None:
    """Write a frame to be filtered, and printed across one page."""
    for place, name in enumerate(frame):
        longest = frame[name].head(500).astype(str).str.len().max()
        sheet.set_column(place, place, min(max(12, len(name) // 2, longest + 1), 40))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    print_across(sheet, 0)
    sheet.set_row(0, 32)
    for place, heading in enumerate(frame):
        sheet.write_string(0, place, str(heading)[:MOST_TEXT], head)
    money = {_(name) for name in MONEY}
    amounts = [name in money for name in frame]
    for at, row in enumerate(frame.itertuples(index=False, name=None), start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(at, place, value[:MOST_TEXT], looks["text"])
            elif isinstance(value, pd.Timestamp):
                sheet.write_datetime(at, place, value, looks["date"])
            elif value == value:
                sheet.write_number(at, place, value, looks["money"] if amounts[place] else None)


def print_across(sheet: Worksheet, head: int) -> None:
    """Print a sheet across one page, on each the row of heads and that it names customers."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_margins(0.4, 0.4, 0.6, 0.6)
    sheet.set_header("&L&A&R" + _("Confidential: this file names customers."))
    sheet.set_footer("&R&P / &N")


def title_of(name: str, used: Collection[str]) -> str:
    """Return a name that Excel takes for a sheet and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\]", "-", name).strip("'")[:MOST_TITLE]
    taken = {title.casefold() for title in used}
    ways = (f"{plain[: MOST_TITLE - 4]} ({again})" for again in count(2))
    return next(title for title in chain([plain], ways) if title.casefold() not in taken)
