"""Dates: read in any one format, and never guessed between two."""

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.errors import StudyError
from segment.reading.dates import DATE_FORMATS, Writing, check_format, detect_date_format, judge
from segment.reading.sources import connect

YEARLESS = [["05.03.", "17.12."], ["3/5", "12/17"], ["3月5日", "12月17日"], ["5 Mar", "17 Dec"]]
YEARLESS += [["0503", "1712"], ["März 5", "Mai 17"]]
DAYS = [dt.date(2020, 1, 31), dt.date(2020, 3, 4), dt.date(2019, 12, 25), dt.date(2020, 7, 17)]


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    return connect("1GB", tmp_path_factory.mktemp("duckdb"))


def table(con, texts):
    return con.create_table(
        ibis.util.gen_name("t"), ibis.memtable({"d": texts}, schema={"d": "string"})
    )


def detected(con, texts):
    rows = table(con, texts)
    return detect_date_format(rows, rows.d, "orders")


def days(con, texts, date_format):
    rows = table(con, texts)
    read = rows.select("d", day=Writing(date_format).read(rows.d)).to_pandas()
    by_text = dict(zip(read["d"], pd.to_datetime(read["day"]), strict=True))
    return [None if pd.isna(by_text[text]) else by_text[text].date() for text in texts]


@pytest.mark.parametrize("written", [f for f in DATE_FORMATS if "%y" not in f])
def test_every_known_format_is_detected_and_read(con, written):
    texts = [f"{day.strftime(written)} 09:05" for day in DAYS]
    assert detected(con, texts) == written
    assert days(con, texts, detected(con, texts)) == DAYS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-3-4", (2020, 3, 4)),
        (" 2020/03/04 ", (2020, 3, 4)),
        ("2020-03-04T23:30:00+08:00", (2020, 3, 4)),
        ("2020-03-04 10:11:12.123456", (2020, 3, 4)),
        ("2020年3月4日12时30分", (2020, 3, 4)),
        ("20200304T101112Z", (2020, 3, 4)),
        ("2020/3/4 上午10:20", (2020, 3, 4)),
        ("2020-02-30", None),
        ("20-03-04", None),
        ("1899-12-30 00:00:00", None),
        ("yesterday", None),
    ],
)
def test_the_day_is_read_as_written(con, text, day):
    assert days(con, [text], "%Y-%m-%d") == [day and dt.date(*day)]


@pytest.mark.parametrize("written", ["%a %b %d 10:11:12 CET %Y", "%Y%m%d.0"])
def test_more_than_a_day_may_stand_in_a_cell(con, written):
    rows = table(con, [day.strftime(written) for day in DAYS])
    read = rows.select(day=judge(rows, rows.d, "orders").read(rows.d)).to_pandas()["day"]
    assert sorted(pd.to_datetime(read).dt.date) == sorted(DAYS)


def test_formats_with_the_year_first_may_be_mixed_and_others_may_not(con):
    texts = ["2020-01-31", "2020/03/04", "2019.12.25 10:00", "2020年7月17日"]
    assert days(con, texts, detected(con, texts)) == DAYS
    mixed = ["31/01/2020", "03.04.2020", "2020-03-04"]
    assert days(con, mixed, "%d/%m/%Y") == [dt.date(2020, 1, 31), None, None]


@pytest.mark.parametrize(
    ("texts", "readings"),
    [
        (["03/04/2020"], ["%d/%m/%Y or as %m/%d/%Y, that is 3 April 2020 or 4 March 2020"]),
        (["03/04/2020", "05/05/2020"], ["add date_format: '%d/%m/%Y' or date_format: '%m/%d/%Y'"]),
        (["01/02/03"], ["1 February 2003", "2 January 2003", "3 February 2001"]),
        # One date in a hundred that fits only one reading may be a slip of the pen.
        (
            [f"{d:02}/{m:02}/2020" for d in range(1, 13) for m in range(1, 9)] + ["13/01/2020"],
            ["date_format: '%d/%m/%Y'", "date_format: '%m/%d/%Y'"],
        ),
    ],
)
def test_two_readings_are_both_named(con, texts, readings):
    with pytest.raises(StudyError, match="can be read as") as error:
        detected(con, texts)
    for reading in readings:
        assert reading in str(error.value)


@given(
    st.lists(st.dates(dt.date(1990, 1, 1), dt.date(2025, 1, 1)), min_size=1, max_size=12),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
)
@settings(max_examples=8, deadline=None)
def test_a_detected_format_is_never_the_wrong_one(con, written, date_format):
    texts = [day.strftime(date_format) for day in written]
    try:
        chosen = detected(con, texts)
    except StudyError as error:
        assert date_format in str(error)
    else:
        assert days(con, texts, chosen) == written


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["", None, " "], "empty in every row"),
        (["soon", "late"], "such as 'late' have no format"),
        *((days, "have no year; write it in every cell") for days in YEARLESS),
        (["Q1 2023", "Q4 2024"], "are weeks or quarters; write the first day of each"),
        (["2023-W05", "2023-W06"], "'2023-W05' are weeks or quarters"),
        (["KW 5/2023", "KW 12/2023"], "are weeks or quarters"),
        (["03/01/66", "25/12/66"], "lie far ahead when read as %d/%m/%y; write the year"),
        (["44930", "44931", "45001", "13/05/2023"], "3 of 4 days are serial numbers"),
    ],
)
def test_a_column_without_dates_is_refused(con, texts, said):
    with pytest.raises(StudyError, match=said):
        detected(con, texts)


@pytest.mark.parametrize("wrong", ["dd/mm/yyyy", "%Q", "%"])
def test_a_wrong_format_is_refused_with_an_example(con, wrong):
    with pytest.raises(StudyError, match="write it with % signs"):
        check_format(wrong, con, "study.yaml, line 3")
    check_format("%d/%m/%Y %H:%M", con, "study.yaml, line 3")
