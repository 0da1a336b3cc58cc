"""CSV and Excel files in which no text is a formula and no id loses its zeros."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count
from pathlib import Path

import pandas as pd
import xlsxwriter

from segment.action import pseudonyms
from segment.errors import StudyError
from segment.language import _
from segment.reading.files import read_by
from segment.study import Study

# What an Excel cell and the name of a sheet hold.
MOST_TEXT, MOST_TITLE = 32_767, 31
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def refuse_inputs(study: Study, targets: Iterable[Path]) -> None:
    """Raise if something would be written over what a study reads, its key or the study itself."""
    read = {file.resolve() for file in (study.file, pseudonyms.file(study.file), *read_by(study))}
    for target in targets:
        if target.resolve() in read:
            raise StudyError(f"'{target}' is what the study is made of; write somewhere else.")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 with a mark, which Excel needs for Chinese; no text starts a formula."""
    texts = frame.select_dtypes(exclude="number")
    safe = frame.assign(**{name: texts[name].map(no_formula) for name in texts})
    safe.columns = [no_formula(name) for name in safe.columns]
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def no_formula(value: object) -> object:
    """Return a value that no spreadsheet runs: an apostrophe before what would start a formula."""
    risky = isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS)
    return f"'{value}" if risky else value


def write_xlsx(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write a workbook: a note first, then one sheet per frame; every text is a text.

    Texts are written as such, so that no id loses its zeros and none is a formula.
    """
    read_me = title_of(_("Read me"), ())
    used = [read_me]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        note = book.add_worksheet(read_me)
        note.set_column(0, 0, 100)
        note.write_string(0, 0, _("Confidential: this file names customers."), bold)
        note.write_string(1, 0, _("Keep it inside the company; the report itself can be shared."))
        for name, frame in sheets.items():
            used.append(title_of(name, used))
            sheet = book.add_worksheet(used[-1])
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(frame.columns) - 1, 18)
            for place, heading in enumerate(frame):
                sheet.write_string(0, place, str(heading)[:MOST_TEXT], bold)
            for at, row in enumerate(frame.itertuples(index=False, name=None), start=1):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(at, place, value[:MOST_TEXT], text)
                    elif value == value:
                        sheet.write_number(at, place, value)


def title_of(name: str, used: Collection[str]) -> str:
    """Return a name that Excel takes for a sheet and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\]", "-", name).strip("'")[:MOST_TITLE]
    taken = {title.casefold() for title in used}
    ways = (f"{plain[: MOST_TITLE - 4]} ({again})" for again in count(2))
    return next(title for title in chain([plain], ways) if title.casefold() not in taken)
