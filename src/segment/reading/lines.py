"""Write rows of texts as Parquet, streaming; and read delimited text that breaks the rules."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from segment.errors import StudyError
from segment.reading import encodings
from segment.reading.heading import Layout

BATCH = 50_000
BLOCK = 1 << 20
LONGEST = 20_000_000  # signs of a field
csv.field_size_limit(LONGEST)
Row = tuple[int, Sequence[str | None]]  # number of its line, cells


@dataclass(frozen=True)
class Staged:
    """A delimited text file, or a sheet, written as Parquet, every column a text."""

    parquet: Path
    layout: Layout
    rows: int = 0
    encoding: str = "utf-8"  # as it was read
    short: int = 0  # rows with fewer fields than the heading; those that they lack are empty
    rejected: int = 0  # lines that do not split into the columns of the heading
    first_rejected: int = 0  # number of the first of them, counted from 1; 0 without one


def write(rows: Iterable[Row], layout: Layout, target: Path, encoding: str = "utf-8") -> Staged:
    """Write the rows below the heading as Parquet, as a spreadsheet would read them.

    A blank line is no row; one with too few fields ends in empty ones; one with too many is
    rejected, unless what is too much is empty.
    """
    width, written, short, rejected, first = len(layout.names), 0, 0, 0, 0
    schema = pa.schema([(name, pa.string()) for name in layout.names])
    batch: list[Sequence[str | None]] = []

    def flush() -> None:
        columns = zip(*batch, strict=True) if batch else [[] for _ in layout.names]
        writer.write_table(pa.table([pa.array(c, pa.string()) for c in columns], schema=schema))
        batch.clear()

    with parquet.ParquetWriter(target, schema) as writer:
        for line, cells in rows:
            if line < layout.first:
                continue
            cells = [cell or None for cell in cells]
            if len(cells) < 2 and not (cells and cells[0] and not cells[0].isspace()):
                continue
            if (over := len(cells) - width) > 0 and not any(cells[width:]):
                cells = cells[:width]
            elif over > 0 or any(cell and "\ufffd" in cell for cell in cells):
                rejected, first = rejected + 1, first or line
                continue
            elif over:
                short += 1
                cells = [*cells, *[None] * -over]
            batch.append(cells)
            written += 1
            if len(batch) == BATCH:
                flush()
        flush()
    return Staged(target, layout, written, encoding, short, rejected, first)


def read(file: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    r"""Read delimited text row by row, with the number of the line in which each begins.

    Quotation marks within a field are part of it, also those behind a backslash; ``="007"`` is
    007, as spreadsheets write it; a lone carriage return ends a line only if most lines end so.

    Raises
    ------
    StudyError
        If a field opens with a quotation mark that is not closed: it swallows the lines behind.
    """
    taken: list[str] = []  # lines of the row that is being read
    with file.open(encoding=encoding, errors="replace", newline="") as text:
        start = text.read(BLOCK)
    # Behind a backslash a quotation mark can also end a field, as in "C:\\".
    ends = rf"{re.escape(delimiter)}|\r|\n|$"
    escaped = re.search(rf'(?<!\\)\\"(?!{ends})', start) is not None

    def plain(line: str) -> str:
        if '="' in line:
            line = re.sub(rf'(^|{re.escape(delimiter)})="', r'\1"', line)
        line = re.sub(r'(?<!\\)\\"', '""', line) if escaped else line
        return line.replace("\0", "")

    def lines() -> Iterator[str]:
        lone = start.count("\r") - start.count("\r\n")
        unix = 10 * start.count("\n") >= lone  # else lines end in \r, but for a stray sign
        for line in _lines(file, encoding, delimiter, "\n" if unix else ""):
            taken.append(line)
            yield plain(line)

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        begin = reader.line_num + 1
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if len(taken) != 1 or "end of data" in str(error):
                raise _unclosed(file, begin) from None
            line = plain(taken[0])
            try:
                cells = next(csv.reader([line], delimiter=delimiter))
            except csv.Error:
                raise StudyError(
                    f"{file.name}, line {begin}: a field holds more than {LONGEST:,} signs; is "
                    "this a table?"
                ) from None
        yield begin, [_plain(cell) for cell in cells]


def _unclosed(file: Path, line: int) -> StudyError:
    return StudyError(
        f"{file.name}, line {line}: a field opens with a quotation mark that is not closed, so "
        "the lines behind it cannot be told apart; correct that line."
    )


def _lines(file: Path, encoding: str, delimiter: str, newline: str) -> Iterator[str]:
    """Read the lines of a text; what is not their end is a blank, or ends a row of another file."""
    errors = "replace" if encoding == "utf-8" else "strict"
    with file.open(encoding=encoding, errors=errors, newline=newline) as text:
        try:
            for number, line in enumerate(text):
                line = line.removeprefix("\ufeff") if number == 0 else line
                body = line.rstrip("\r\n")
                pieces = body.split("\r")
                # Files of two systems in one: every piece is a line of its own.
                if len({piece.count(delimiter) for piece in pieces}) == 1 and delimiter in body:
                    yield from (f"{piece}\n" for piece in pieces)
                else:
                    yield " ".join(pieces) + line[len(body) :].replace("\r", "")
        except UnicodeError:
            raise encodings.wrong(file, encoding) from None


def _plain(cell: str) -> str:
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
