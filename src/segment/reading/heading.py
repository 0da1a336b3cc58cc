"""Where the table begins in the rows of a file or sheet: titles above, heading, first row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.errors import StudyError
from segment.language import N_
from segment.study.source import Source

SAMPLE = 200  # rows that are looked at
IS_DATA = N_("{file}: the first line reads like a row; 'header: false' counts it as one")
ABOVE = N_("{file}: the heading stands in line {line}")
# A number or a day, with whatever money, clocks and calendars put around its digits.
VALUE = re.compile(
    r"\W*([A-Za-z]{1,3}\.?\s|[A-Z]{0,2}\$)?\W*\d[\d\s.,:/'’TZ年月日+-]*\D{0,4}"
    r"|\d{1,2}[-. ]\w{3,9}[-., ]+\d{2,4}.*|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}.*"
)
# What stands over columns of a table turned round: 2024-03, Mar 24, 2024, Q1 2024.
PERIOD = re.compile(
    r"(19|20)\d\d([-/.年 ]*\d\d?月?(-01.*)?)?|\d\d?[-/.](19|20)\d\d|Q[1-4]\W*(19|20)\d\d"
    r"|(19|20)\d\d\W*Q[1-4]|\d{1,2}月"
    r"|(jan|f[eé]b|m[aä]r|a[pbv]r|ma[iy]|ju[nli]|aug|ago|ao|sep|o[ck]t|nov|d[eéi][czs])\w*\W*(20)?\d\d",
    re.I,
)
Cells = Sequence[str | None]


@dataclass(frozen=True)
class Layout:
    """The heading of a table, and where the rows begin."""

    names: list[str]
    heading: int | None  # number of the heading's line, from 1; None without one
    first: int  # number of the line in which rows begin
    is_data: bool = False  # the heading reads like a row


def find(rows: list[tuple[int, Cells]], source: Source, file: Path) -> Layout:
    """Find the heading among the first rows, each with the number of its line, blank ones too.

    Columns that hold numbers or days tell the first row of data. The heading is the row above
    it that names most columns; what stands above the heading is a title. A study gives its line
    by ``header: 3``, or says by ``header: false`` that there is none.

    Raises
    ------
    StudyError
        If a name stands over two columns, or no line is left for the heading.
    """
    rows = [(line, cells) for line, cells in rows if any(map(_text, cells))]
    if not rows:
        raise StudyError(f"'{file.name}' holds only blank lines; export the data again.")
    data = first_data(rows)
    if source.header is not True and source.header is not False:
        place = next((i for i, (line, _) in enumerate(rows) if line >= source.header), None)
        if place is None:
            raise StudyError(
                f"{file.name} has no line {source.header} near its beginning for the heading; "
                "check 'header' under 'source'."
            )
    else:
        named = [len(_names(cells)) for _, cells in rows[:data]]
        only_titles = not named or 2 * max(named) < _usual_width(rows)
        place = min(data, len(rows) - 1) if only_titles else named.index(max(named))
        if source.header is False:
            below = rows[place if only_titles else 0 :]
            return Layout(numbered(max(len(cells) for _, cells in below)), None, below[0][0])
    line, cells = rows[place]
    names = [_text(cell) for cell in cells]
    after = rows[place + 1][0] if place + 1 < len(rows) else line + 1
    if place == data and source.header is True:
        names = [name if names.count(name) == 1 else "" for name in names]
        return Layout(check_names(names, file), line, after, is_data=True)
    return Layout(check_names(names, file), line, after)


def first_data(rows: list[tuple[int, Cells]]) -> int:
    """Return the place of the first row that holds values where most of those below do.

    0 is a file without a heading. Where nothing is a number or a day, the first row that is as
    full as others counts as the heading.
    """
    below = [cells for _, cells in rows[len(rows) // 2 :]] if len(rows) > 1 else []
    columns = [
        [_text(_at(cells, column)) for cells in below]
        for column in range(max(map(len, below), default=0))
    ]
    typed = [column for column, cells in enumerate(columns) if _are_values(cells)]
    # A number alone in a title is no row: those that most rows fill are to be there.
    full = [column for column in typed if 2 * sum(map(bool, columns[column])) > len(below)]
    for place, (_, cells) in enumerate(rows):
        known = sum(bool(_text(_at(cells, column))) for column in full)
        if periods(cells) and not (rows[place + 1 :] and periods(rows[place + 1][1])):
            continue
        if _are_values([_at(cells, column) for column in typed]) and (
            2 * known > len(full) or not full
        ):
            return place
    filled = [sum(map(bool, map(_text, cells))) for _, cells in rows]
    return filled.index(max(filled[len(filled) // 2 :])) + 1


def periods(cells: Cells) -> list[str]:
    """Return the names of months, quarters or years in a row, if they make up most of it."""
    texts = [*filter(None, map(_text, cells))]
    found = [text for text in texts if PERIOD.fullmatch(text)]
    return found if 2 * len(found) > len(texts) and len({*found}) == len(found) > 2 else []


def _are_values(cells: Cells) -> bool:
    texts = [*filter(None, map(_text, cells))]
    return 2 * sum(map(is_value, texts)) > len(texts)


def _names(cells: Cells) -> set[str]:
    known = periods(cells)
    texts = {*filter(None, map(_text, cells))}
    return {text for text in texts if text in known or not is_value(text)}


def is_value(text: str) -> bool:
    """Return whether a text reads like a number or a day, as no heading does."""
    return VALUE.fullmatch(text) is not None


def numbered(count: int) -> list[str]:
    """Name the columns of data without a heading by their position."""
    return [f"column{position}" for position in range(1, count + 1)]


def check_names(names: list[str], file: Path) -> list[str]:
    """Trim headings, number the empty ones, and refuse one name for two columns in any case."""
    names = [name or default for name, default in zip(names, numbered(len(names)), strict=True)]
    seen: dict[str, str] = {}
    for name in names:
        if first := seen.get(name.lower()):
            alike = f"'{first}'" if first == name else f"'{first}' or '{name}'"
            raise StudyError(
                f"{file.name}: the heading {alike} stands over more than one column; rename one."
            )
        seen[name.lower()] = name
    return names


def _usual_width(rows: list[tuple[int, Cells]]) -> int:
    widths = sorted(sum(map(bool, map(_text, cells))) for _, cells in rows)
    return widths[len(widths) // 2]


def _at(cells: Cells, column: int) -> str | None:
    return cells[column] if column < len(cells) else None


def _text(cell: str | None) -> str:
    """Return a cell in one line, without signs that nobody sees."""
    return re.sub(r"[\s\x00-\x1f\x7f\ufeff\ufffe\u200b]+", " ", cell or "").strip()
