"""The sheets of a workbook, of any program, as Parquet files of texts."""

from __future__ import annotations

import datetime as dt
import functools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import python_calamine as calamine

from segment.errors import StudyError, nearest
from segment.reading import heading, lines
from segment.reading.heading import Layout
from segment.reading.lines import Row, Staged
from segment.study.source import Source

BLOCK = 1 << 20
MOST_CELLS = 60_000_000  # between the corners of a sheet: all of them are held in memory
MOST_ROWS = 20_000  # of a sheet, that tell the decimal sign
MOST_BYTES = 4 << 30  # of a workbook when it is unpacked
DENSEST, SMALL = 200, 50 << 20  # no text packs so much better, but a few bytes
MONEY = re.compile(r"[^\d.,]{0,5}(?:\d{1,3}(?:[\s.'’]\d{3})*|\d+)([.,])\d{1,2}[^\d.,]{0,5}")
OPEN = re.compile(rb"<table:(?:covered-)?table(|-row|-cell)((?:\s[^>]*?)?)(/?)>")
REPEATED = re.compile(rb'-repeated="(\d+)"')
FILLED = re.compile(rb'\sr="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds a table."""

    name: str
    layout: Layout
    rows: int  # height of the sheet; 0 if nothing stands below the heading


def stage(file: Path, source: Source, folder: Path) -> tuple[list[Staged], list[Sheet]]:
    """Write the sheets that a study names; return them and all sheets that hold a table.

    Without a name it is the first sheet that holds a table. ``all`` stands for every sheet with
    the headings of the first.
    """
    cells = _cells(file, _open(file))
    decimal = source.decimal or _decimal(cells)
    tables = _tables(file, source, cells, decimal)
    if source.sheet is None:
        chosen = tables[:1]
    elif source.sheet == "all" and "all" not in cells:
        chosen = [each for each in tables if each.layout.names == tables[0].layout.names]
    else:
        asked = source.sheet if isinstance(source.sheet, tuple) else (source.sheet,)
        by_name = {sheet.name: sheet for sheet in tables}
        names = [_named(file, [*cells], sheet) for sheet in asked]
        chosen = [by_name[name] for name in names if name in by_name]
    if not chosen:
        raise StudyError(f"The sheet read from '{file.name}' is empty; check 'sheet'.")
    staged = []
    for number, sheet in enumerate(chosen):
        target = folder / f"sheet-{number:05d}.parquet"
        rows = _rows(cells[sheet.name], decimal)
        staged.append(lines.write(rows, sheet.layout, target))
    return staged, tables


def _decimal(cells: dict[str, calamine.CalamineSheet]) -> str:
    """Return the decimal sign of the numbers that stand as texts: true ones are written with it."""
    rows = (row for sheet in cells.values() for row in islice(sheet.iter_rows(), MOST_ROWS))
    texts = (cell.strip() for row in rows for cell in row if isinstance(cell, str))
    signs = [found[1] for text in texts if (found := MONEY.fullmatch(text))]
    return "," if 2 * signs.count(",") > len(signs) else "."


def _tables(
    file: Path, source: Source, cells: dict[str, calamine.CalamineSheet], decimal: str
) -> list[Sheet]:
    """Return the sheets that hold a heading and at least one row, in their order."""
    found = []
    for name, sheet in cells.items():
        sample = list(islice(_rows(sheet, decimal), heading.SAMPLE))
        if sample:
            layout = heading.find(sample, source, file)
            below = sum(line >= layout.first for line, _ in sample)
            found.append(Sheet(name, layout, sheet.total_height if below else 0))
    several = [sheet for sheet in found if sheet.rows and len(sheet.layout.names) > 1]
    return several or found


def _refuse_huge(file: Path) -> None:
    """Raise if the sheets of a workbook, which are held in memory as a whole, are too large."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as book:
        parts = book.infolist()
        total = sum(part.file_size for part in parts)
        odd = any(part.file_size > max(SMALL, DENSEST * part.compress_size) for part in parts)
        if odd or total > MOST_BYTES:
            raise StudyError(
                f"'{file.name}' holds {total / 1e9:.1f} GB when unpacked; save the sheet as CSV."
            )
        for part in parts:
            with book.open(part) as stream:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename):
                    last, widest = _corner(stream)
                elif part.filename == "content.xml":
                    last, widest = _open_corner(stream)
                else:
                    continue
            if widest * last > MOST_CELLS:
                raise StudyError(
                    f"'{file.name}' has a sheet of {last:,} rows and {widest:,} columns, more than "
                    "can be held in memory; delete stray cells far out, or save it as CSV."
                )


def _corner(stream: IO[bytes]) -> tuple[int, int]:
    """Return the last row and column that are filled in a sheet of Excel."""
    columns, last, rest = set(), 0, b""
    while block := stream.read(BLOCK):
        cells = FILLED.findall(rest + block)
        columns.update(column for column, _row in cells)
        last = max(last, max((int(row) for _column, row in cells), default=0))
        rest = block[-200:]
    return last, max(map(_number, columns), default=0)


def _open_corner(stream: IO[bytes]) -> tuple[int, int]:
    """Return the same of the open format, which writes equal cells and rows once, with a number."""
    row, width, last, widest, rest = 0, 0, 0, 0, b""
    while block := stream.read(BLOCK):
        block, _, rest = (rest + block).rpartition(b">")
        for kind, attributes, empty in OPEN.findall(block + b">"):
            repeated = REPEATED.search(attributes)
            times = int(repeated[1]) if repeated else 1
            if kind == b"":
                row = width = 0
            elif kind == b"-row":
                row, width = row + times, 0
            else:
                width += times
                if not empty or b"value" in attributes:
                    last, widest = max(last, row), max(widest, width)
    return last, widest


def _number(column: bytes) -> int:
    """Return the number of a column by its letters."""
    return functools.reduce(lambda number, letter: 26 * number + letter - 64, column, 0)


def _open(file: Path) -> calamine.CalamineWorkbook:
    try:
        _refuse_huge(file)
        return calamine.load_workbook(str(file))
    except (OSError, StudyError):
        raise
    except Exception as error:
        raise _damaged(file, error) from None


def _cells(file: Path, book: calamine.CalamineWorkbook) -> dict[str, calamine.CalamineSheet]:
    """Return the sheets by name; charts are none."""
    found = {}
    for name in book.sheet_names:
        try:
            found[name] = book.get_sheet_by_name(name)
        except calamine.WorksheetNotFound:
            continue
        except Exception as error:
            raise _damaged(file, error) from None
    return found


def _damaged(file: Path, error: Exception) -> StudyError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return StudyError(
        f"'{file.name}' cannot be read as an Excel file ({reason}); save it again, or as CSV."
    )


def _named(file: Path, names: list[str], sheet: str | int) -> str:
    if isinstance(sheet, int):
        sheet = names[sheet - 1] if sheet <= len(names) else str(sheet)
    if sheet not in names:
        raise StudyError(f"{file.name} has no sheet '{sheet}'{nearest(sheet, names)}")
    return sheet


def _rows(sheet: calamine.CalamineSheet, decimal: str) -> Iterator[Row]:
    above, before = sheet.start or (0, 0)
    for number, cells in enumerate(sheet.iter_rows(), above + 1):
        if any(cell != "" for cell in cells):
            yield number, [None] * before + [_cell_text(cell, decimal) for cell in cells]


def _cell_text(value: object, decimal: str) -> str | None:
    """Return the text of a cell as a CSV export has it: 17 without '.0', days as ISO dates."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        # A fourth decimal, so that three do not look like thousands: 1.125 is no 1125.
        text = f"{value:.4f}" if value == round(value, 3) != round(value, 2) else str(value)
        return text.replace(".", decimal)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value)
