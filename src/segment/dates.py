"""Dates written as text: find the one format that reads them, never guess between two."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as types

from segment.errors import StudyError

DAY_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日",
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%y/%m/%d",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M:%SZ", "T%H:%M:%S.%fZ",
          " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S%z", " %H:%M:%S%z")  # fmt: skip
DATE_FORMATS = tuple(day + clock for day in DAY_FORMATS for clock in CLOCKS)


@ibis.udf.scalar.builtin
def try_strptime(text: types.string, date_format: types.string) -> types.timestamp:
    """DuckDB's strptime that gives null where the text does not fit."""


def detect_date_format(raw: ibis.Table, column: Any, where: str) -> str:
    """Return the one format that reads the dates; never guess between two.

    A format is kept if it reads at least as many of the first 20 000 distinct
    texts as any other. Formats that read the same texts as different days are
    ambiguous and compared over the whole column.

    Raises
    ------
    StudyError
        If no format reads half of the texts, or two read them differently.
    """
    texts = (
        raw.select(text=column.strip())
        .filter(~(ibis._.text.isnull() | (ibis._.text == "")))
        .distinct()
    )
    sample = texts.limit(20_000)
    read = {f"f{i}": try_strptime(sample.text, f).date() for i, f in enumerate(DATE_FORMATS)}
    counts = sample.aggregate(
        n=sample.count(), **{k: v.count() for k, v in read.items()}
    ).to_pandas()
    total, counts = int(counts.pop("n").iloc[0]), counts.iloc[0]
    example = sample.limit(1).to_pandas().text.tolist()
    if total == 0:
        raise StudyError(f"{where}: the date column is empty in every row.")
    if counts.max() < 0.5 * total:
        raise StudyError(
            f"{where}: dates such as '{example[0]}' have no format that is known here; "
            "add for example date_format: '%d/%m/%Y' to the study."
        )
    best = [DATE_FORMATS[i] for i, n in enumerate(counts) if n == counts.max()]
    if len(best) > 1:
        best = _most_days_read(texts, best)
    if len(best) > 1:
        first, second = best[:2]
        raise StudyError(
            f"{where}: dates such as '{example[0]}' can be read as {first} or as {second}; "
            f"add date_format: '{first}' or date_format: '{second}' to the study."
        )
    return best[0]


def _most_days_read(texts: ibis.Table, formats: list[str]) -> list[str]:
    """Keep the formats that read most texts of the whole column, one per reading."""
    read = {f"f{i}": try_strptime(texts.text, f).date() for i, f in enumerate(formats)}
    counts = texts.aggregate(**{k: v.count() for k, v in read.items()}).to_pandas().iloc[0]
    best = [i for i, n in enumerate(counts) if n == counts.max()]
    differs = {f"d{i}": (read[f"f{i}"] != read[f"f{best[0]}"]).sum().fill_null(0) for i in best[1:]}
    if not differs:
        return [formats[best[0]]]
    different = texts.aggregate(**differs).to_pandas().iloc[0]
    return [formats[best[0]]] + [formats[i] for i in best[1:] if different[f"d{i}"] > 0]
