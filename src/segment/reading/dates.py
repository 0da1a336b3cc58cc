"""Dates written as text: find the one format that reads them, never guess between two."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.datatypes as types
import pandas as pd

from segment.errors import StudyError

# With the year first there is one reading only, so a column may mix these.
YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
DATE_FORMATS = (
    *YEAR_FIRST,
    *["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y"],
    *["%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%d.%m.%y"],
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
CLOCK = r"[T\s]\s*\D{0,4}\d{1,2}:.*$"  # 2020-03-04T10:11Z, 4 Mar 2020 10:11 PM, 2020/3/4 上午10:11
COMPACT_CLOCK = r"^(\d{8})[T ]?\d{6}(?:[.Z+-].*)?$"  # 20200304101112
# Earlier days are what systems write for "unknown": 0001-01-01, 1899-12-30, 1900-01-01.
EARLIEST = dt.date(1901, 1, 1)
SAMPLE = 20_000
# A second reading that fits this share of the days is a real alternative: among
# days of a whole month, three in five are above 12 and decide.
ALTERNATIVE = 0.95


@ibis.udf.scalar.builtin
def try_strptime(text: types.string, date_format: types.string) -> types.timestamp:
    """DuckDB's strptime that gives null where the text does not fit."""


def as_days(text: Any, date_format: str) -> Any:
    """Return the day that each text names, null where the format does not read it.

    A format with the year first reads all such formats; a format without a clock reads
    the day before any clock. The day is as written: a time zone does not move it.
    """
    text = text.strip()
    day = without_clock(text)
    others = [f for f in YEAR_FIRST if f != date_format] if date_format in YEAR_FIRST else []
    # In order of likelihood: what does not fit is slow to try.
    tried = [(text, date_format), (day, date_format), *((day, other) for other in others)]
    return plausible(ibis.coalesce(*(try_strptime(part, f) for part, f in tried)).date())


def without_clock(text: Any) -> Any:
    """Return the texts without a clock behind the day, in any of its spellings."""
    return ibis.cases(
        (text.contains("日"), text.re_replace("日.*$", "日")),
        (text.contains(":"), text.re_replace(CLOCK, "")),
        (text.length() >= 14, text.re_replace(COMPACT_CLOCK, r"\1")),
        else_=text,
    )


def plausible(day: Any) -> Any:
    """Return the days with placeholders for "unknown", before 1901, made null."""
    return (day >= ibis.literal(EARLIEST)).ifelse(day, ibis.null("date"))


def check_format(date_format: str, con: ibis.BaseBackend, where: str) -> None:
    """Refuse a date format that strptime does not know, or that has no ``%``."""
    try:
        con.execute(try_strptime(ibis.literal("2020-03-04"), date_format))
        known = "%" in date_format
    except Exception:
        known = False
    if not known:
        raise StudyError(
            f"{where}: '{date_format}' is no date format; write it with % signs, for example "
            "'%d/%m/%Y' for 04/03/2020 or '%Y年%m月%d日' for 2020年3月4日."
        )


def detect_date_format(raw: ibis.Table, column: Any, where: str) -> str:
    """Return the one format that reads the dates; never guess between two.

    Every format is tried on up to 20 000 distinct days. The one that reads most
    is taken, unless another reads (almost) as many and reads them as other days.
    """
    days = raw.select(text=without_clock(column.strip()))
    days = days.filter(days.text != "").distinct()
    sample = days.order_by(days.text.hash(), days.text).limit(SAMPLE)
    read = sample.mutate(**{f: try_strptime(sample.text, f) for f in DATE_FORMATS}).to_pandas()
    if read.empty:
        raise StudyError(f"{where}: the date column is empty in every row.")
    read = read.set_index("text")
    read = read.where(read >= pd.Timestamp(EARLIEST))
    # Those with the year first read each other's dates; the one most are written in stands for all.
    year_first = read[list(YEAR_FIRST)]
    usual = year_first.notna().sum().idxmax()
    read[usual] = year_first.bfill(axis=1).iloc[:, 0]
    read = read.drop(columns=[f for f in YEAR_FIRST if f != usual])
    counts = read.notna().sum()
    best = counts.idxmax()
    if counts[best] < 0.5 * len(read):
        raise StudyError(
            f"{where}: dates such as '{min(read.index)}' have no format that is known here; "
            "add for example date_format: '%d/%m/%Y' to the study."
        )
    close = [f for f in read if counts[f] >= ALTERNATIVE * counts[best]]
    both = read[close].dropna()
    differs = [f for f in close if (both[f] != both[best]).any()]
    if differs:
        example = both[both[differs[0]] != both[best]].iloc[0]
        raise StudyError(_ambiguous(example[[best, *differs]], where))
    return best


def _ambiguous(example: pd.Series, where: str) -> str:
    """Name one text with all its readings, the days by the format that gives them."""
    readings = example.drop_duplicates()
    as_formats = " or as ".join(readings.index)
    as_dates = " or ".join(f"{day.day} {day:%B %Y}" for day in readings)
    keys = " or ".join(f"date_format: '{date_format}'" for date_format in readings.index)
    return (
        f"{where}: dates such as '{example.name}' can be read as {as_formats}, that is "
        f"{as_dates}; add {keys} to the study."
    )
