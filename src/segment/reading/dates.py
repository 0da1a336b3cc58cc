"""Dates written as text: find the one format that reads them, never guess between two."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.datatypes as types
import pandas as pd

from segment.errors import StudyError
from segment.reading import calendars
from segment.reading.cells import as_text, is_blank, one_writing

# With the year first there is one reading only, so a column may mix these.
YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
DATE_FORMATS = (
    *YEAR_FIRST,
    *["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y"],
    *["%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%d.%m.%y"],
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
    *("%b %d %Y", "%Y %b %d", "%d %b %y", "%G-W%V-%u"),
)
# 2020-03-04T10:11Z, 4 Mar 2020 10:11 PM, 2020/3/4 上午10:11, 3/4/2020, 10:11, 4.3.2020 10.11
CLOCK = r"[T\s,]\s*\D{0,4}\d{1,2}[:h].*$"
DOTTED_CLOCK = r"\s\d{1,2}\.\d{2}(\.\d{2})?$"
ZONED = r":\d{2}(\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})$"
NUMERIC = r"(\d{1,4}[-./]\d{1,2}[-./]\d{1,4})"
# Di., 05.03.2024 or 10:11:12 05/03/2024, and 2024-03-05 (Tue), and 20240305.0
AROUND = (
    rf"^(?:\p{{L}}{{2,}}[.,]* +|\d\d?:\d\d(?::\d\d)? +){NUMERIC}",
    rf"^{NUMERIC},? *\(?\p{{L}}{{2,}}\.?\)?$",
    r"^(\d{8})\.0$",
)
# Tue Mar 05 10:11:12 CET 2024
WITHIN = r"^(?:\p{L}+,? )?(\p{L}+ +\d\d?) \d\d?:\d\d(?::\d\d)?(?: [\p{L}\d+:-]+)? (\d{4})$"
COMPACT_CLOCK = r"^(\d{8})[T ]?\d{6}(?:[.Z+-].*)?$"  # 20200304101112
# Earlier days are what systems write for "unknown": 0001-01-01, 1899-12-30, 1900-01-01.
EARLIEST = dt.date(1901, 1, 1)
SAMPLE = 20_000
# A second reading that fits this share of the days is a real alternative: among
# days of a whole month, three in five are above 12 and decide.
ALTERNATIVE = 0.95
# 05.03. and 3/5, 3月5日, 5. Mar and Mar 5, 0503
YEARLESS = r"[0-3]?\d([./-][0-3]?\d\.?|月[0-3]?\d[日号]?|\.? ?[^\W\d_]{3,}\.?)"
YEARLESS += r"|[^\W\d_]{3,}\.? [0-3]?\d|(?!19|20)[0-3]?\d[0-3]\d"
PERIOD = r"(Q|KW|W|CW) ?\d{1,2}|第?\d{1,2}(季度?|周)"  # beside a year of four digits
UNLIKE = {
    YEARLESS: "have no year; write it in every cell, such as 2024-03-05",
    rf"\d{{4}}[-/ 年]*({PERIOD})|({PERIOD})[-/, ]*\d{{4}}": "are weeks or quarters; write the "
    "first day of each instead, such as 2024-01-01",
}
FARTHEST = 10  # years to come: later ones are of another calendar, 66 is the Buddhist 2566
# Fewer days, or a smaller share of the rows, in another format are slips of the pen.
FEW_ODD, SLIPS = 3, 0.01


@ibis.udf.scalar.builtin
def try_strptime(text: types.string, date_format: types.string) -> types.timestamp:
    """DuckDB's strptime that gives null where the text does not fit."""


@dataclass(frozen=True)
class Writing:
    """How a column writes its days."""

    date_format: str
    others: tuple[str, ...] = YEAR_FIRST  # formats with the year first that stand besides
    clock: bool = True  # some texts have a clock behind the day
    foreign: bool = True  # some have other signs than those of ASCII
    words: dict[str, str] = field(default_factory=dict)  # what the words in it stand for
    zoned: str = ""  # a text with a time zone
    around: bool = False  # some have the name of the weekday or a clock in front

    def read(self, text: Any) -> Any:
        """Return the day that each text names, null where the format does not read it.

        A format with the year first reads all such formats; a format without a clock reads
        the day before any clock. The day is as written: a time zone does not move it.
        """
        if self.date_format in (calendars.EXCEL, calendars.UNIX):
            return plausible(calendars.count_as_day(as_text(text), self.date_format))
        text = one_writing(text) if self.foreign else text.strip()
        day = _bare(text) if self.around else text
        day = without_clock(day) if self.clock else day
        tried = [(day, self.date_format)]
        if re.search("%[HIMT]", self.date_format):
            tried.insert(0, (text, self.date_format))
        if self.date_format in YEAR_FIRST:
            tried += [(day, other) for other in self.others if other != self.date_format]
        if self.words:
            # With the month in words there is one reading only, in any order.
            spoken = calendars.spoken(day, self.words)
            tried += [(spoken, f) for f in calendars.SPOKEN]
        return plausible(ibis.coalesce(*(try_strptime(part, f) for part, f in tried)).date())


def _bare(text: Any) -> Any:
    """Return days of digits alone, without what stands around them."""
    for pattern in AROUND:
        text = text.re_replace(pattern, r"\1")
    return text.re_replace(WITHIN, r"\1 \2")


def without_clock(text: Any) -> Any:
    """Return the texts without a clock behind the day, in any of its spellings."""
    chinese = text.re_replace(r"\s", "").replace("号", "日").re_replace("日.*$", "日")
    return ibis.cases(
        (text.contains("年"), chinese),
        (text.contains(":") | text.contains("h"), text.re_replace(CLOCK, "")),
        (text.re_search(DOTTED_CLOCK), text.re_replace(DOTTED_CLOCK, "")),
        (text.length() >= 14, text.re_replace(COMPACT_CLOCK, r"\1")),
        else_=text,
    )


def plausible(day: Any) -> Any:
    """Return the days with placeholders for "unknown", before 1901, made null."""
    return (day >= ibis.literal(EARLIEST)).ifelse(day, ibis.null("date"))


def check_format(date_format: str, con: ibis.BaseBackend, where: str) -> None:
    """Refuse a date format that strptime does not know, or that has no ``%``."""
    if date_format in (calendars.EXCEL, calendars.UNIX):
        return
    try:
        con.execute(try_strptime(ibis.literal("2020-03-04"), date_format))
        known = "%" in date_format
    except Exception:
        known = False
    if not known:
        raise StudyError(
            f"{where}: '{date_format}' is no date format; write it with % signs, for example "
            "'%d/%m/%Y' for 04/03/2020 or '%Y年%m月%d日' for 2020年3月4日; 'excel' for a "
            "spreadsheet's serial numbers, 'unix' for seconds since 1970."
        )


def detect_date_format(raw: ibis.Table, column: Any, where: str) -> str:
    """Return the one format that reads the dates; never guess between two."""
    return judge(raw, column, where).date_format


def judge(raw: ibis.Table, column: Any, where: str, date_format: str | None = None) -> Writing:
    """Return how a column writes its days; ``date_format`` is what the study says of it.

    Every format is tried on up to 20 000 distinct days. The one that reads most
    is taken, unless another reads (almost) as many and reads them as other days.

    Raises
    ------
    StudyError
        If no format reads the days, two fit, two are mixed, or they are of another calendar.
    """
    cells = raw.select(cell=column.cast("string")).group_by("cell").agg(rows=lambda t: t.count())
    cells = cells.filter(~is_blank(cells.cell))
    clock = cells.cell.re_search(r"[:h年]|\s.*[.]|^\d{14}")
    zoned = cells.cell.min(where=cells.cell.re_search(ZONED))
    foreign = cells.cell.re_search("[^ -~]").any()
    around = cells.cell.strip().re_search("|".join((*AROUND, WITHIN))).any()
    told = cells.aggregate(clock=clock.any(), foreign=foreign, zoned=zoned, around=around)
    clock, foreign, zoned, around = told.to_pandas().iloc[0]
    text = one_writing(cells.cell) if foreign else cells.cell.strip()
    text = _bare(text) if around else text
    days = cells.select(text=without_clock(text) if clock else text, rows=cells.rows)
    days = days.group_by("text").agg(rows=days.rows.sum())
    days = days.order_by(days.text.hash(), days.text).limit(SAMPLE)
    counts = days.to_pandas().set_index("text")["rows"]
    if counts.empty:
        raise StudyError(f"{where}: the date column is empty in every row.")
    if unit := calendars.counted(counts.index):
        return Writing(unit)
    if other := calendars.other_calendar(counts.index):
        name, advice = other
        raise StudyError(
            f"{where}: dates such as '{min(counts.index)}' are of {name} calendar; {advice}."
        )
    for pattern, advice in UNLIKE.items() if not date_format else ():
        if counts.index.str.fullmatch(pattern, case=False).mean() > 0.5:
            raise StudyError(f"{where}: days such as '{min(counts.index)}' {advice}.")
    serial = counts[counts.index.str.match(calendars.COUNTED[calendars.EXCEL])]
    if FEW_ODD <= len(serial) < len(counts) and serial.sum() > SLIPS * counts.sum():
        raise StudyError(
            f"{where}: {serial.sum():,} of {counts.sum():,} days are serial numbers of a "
            f"spreadsheet, such as '{serial.index.min()}'; format the column as days there, and "
            "look whether it swapped day and month."
        )
    meaning = calendars.words(counts.index)
    formats = dict.fromkeys([*DATE_FORMATS, *([date_format] if date_format else [])])
    engine = raw.get_backend()
    read = _tried(engine, list(counts.index), formats)
    if meaning and read.notna().sum().max() < len(read):
        words = ibis.memtable({"text": list(counts.index)}, schema={"text": "string"})
        words = words.select("text", spoken=calendars.spoken(words.text, meaning))
        words = engine.execute(words).set_index("text")["spoken"]
        told = _tried(engine, list(words.unique()), calendars.SPOKEN)
        for name in calendars.SPOKEN:
            whole = told[name].fillna(told.bfill(axis=1).iloc[:, 0])
            read[name] = words.reindex(read.index).map(whole)
    else:
        meaning = {}
    # Those with the year first read each other's dates; the one most are written in stands for all.
    year_first = read[list(YEAR_FIRST)]
    usual = date_format if date_format in YEAR_FIRST else year_first.notna().sum().idxmax()
    others = tuple(name for name in YEAR_FIRST if year_first[name].notna().any())
    read[usual] = year_first.bfill(axis=1).iloc[:, 0]
    read = read.drop(columns=[f for f in YEAR_FIRST if f != usual])
    best = date_format or read.notna().sum().idxmax()
    _refuse_mixed(read, counts, best, where)
    if not date_format:
        _refuse_unknown(read, best, where)
    zoned = zoned if isinstance(zoned, str) else ""
    return Writing(best, others, bool(clock), bool(foreign), meaning, zoned, bool(around))


def _tried(engine: ibis.BaseBackend, texts: list[str], formats: Iterable[str]) -> pd.DataFrame:
    """Return what each format reads, by text; days before 1901 are none."""
    formats = list(formats)
    # Names of columns differ in more than case, as %y and %Y do not.
    literals = [name.replace("'", "''") for name in formats]
    columns = ", ".join(f"try_strptime(text, '{f}') AS f{i}" for i, f in enumerate(literals))
    sql = f"SELECT text, {columns} FROM (SELECT unnest(?) AS text)"
    read = engine.con.cursor().execute(sql, [texts]).df().set_index("text")
    return read.set_axis(formats, axis="columns").where(lambda day: day >= pd.Timestamp(EARLIEST))


def _refuse_unknown(read: pd.DataFrame, best: str, where: str) -> None:
    counts = read.notna().sum()
    latest = pd.Timestamp.today() + pd.DateOffset(years=FARTHEST)
    if "%y" in best and (read[best] > latest).sum() > 0.5 * counts[best]:
        raise StudyError(
            f"{where}: dates such as '{min(read.index)}' lie far ahead when read as {best}; write "
            "the year of the common calendar with four digits, such as 2024."
        )
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


def _refuse_mixed(read: pd.DataFrame, counts: pd.Series, best: str, where: str) -> None:
    """Refuse days of which many are written in another format than the others.

    They show as days that the format does not read, or reads as days to come.
    """
    today = pd.Timestamp.today()
    past = read.where(read <= today)
    odd = past[past[best].isna()]
    fits = odd.notna().sum().drop(best)
    if fits.empty or not fits.max():
        return
    other = fits.idxmax()
    texts = odd.index[odd[other].notna()]
    rows, fitting = int(counts[texts].sum()), int(counts[past.index[past[best].notna()]].sum())
    if not fitting or len(texts) < FEW_ODD or rows <= SLIPS * (rows + fitting):
        return
    swapped = ""
    first = past[best].dropna() if best in YEAR_FIRST else past[other].dropna()
    if {best, other} & set(YEAR_FIRST) and (first.dt.day <= 12).all():
        swapped = " (of the former no day is above 12: a spreadsheet swapped day and month there)"
        if other in YEAR_FIRST:
            swapped = swapped.replace("former", "latter")
    raise StudyError(
        f"{where}: {fitting:,} rows are written as {best} and {rows:,} as {other}, such as "
        f"'{min(texts)}'{swapped}; write all days in one format."
    )


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
