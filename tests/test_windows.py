"""Windows end where the data end, whatever a study says."""

import datetime as dt

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from segment.features.windows import Windows
from segment.run import prepare
from segment.study import read
from segment.study.schema import Periods

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1))


def test_periods_beyond_the_data_are_cut_down():
    first, last = dt.date(2023, 1, 10), dt.date(2023, 12, 20)
    beyond = Periods(start=dt.date(2022, 1, 1), cut=dt.date(2023, 9, 1), end=dt.date(2024, 3, 1))
    windows = Windows.of(beyond, first, last)
    assert (windows.start, windows.cut, windows.end) == (first, beyond.cut, dt.date(2023, 12, 21))
    assert (windows.holdout_days, windows.newest_day) == (111, last)
    assert windows.named["earlier"] == (dt.date(2023, 5, 13), beyond.cut)
    assert windows.named["now"][1] - windows.named["now"][0] == beyond.cut - first


@given(st.tuples(DAYS, DAYS, DAYS).map(sorted).filter(lambda d: d[0] < d[1] < d[2]))
def test_no_window_leaves_its_place(days):
    windows = Windows(*days)
    for start, end in windows.named.values():
        assert start < end <= windows.end
    earlier, later = windows.named["earlier"], windows.named["later"]
    assert earlier[1] == windows.cut == later[0]
    assert earlier[1] - earlier[0] == later[1] - later[0]
    assert ("year" in windows.named) == ((windows.end - windows.start).days >= 2 * 365)


def test_longer_periods_than_the_data_change_no_figure(shop_run):
    longer = {"periods.start": "2000-01-01", "periods.end": "2031-01-01"}
    beyond = prepare(read(shop_run.study.file, longer))
    assert beyond.windows == shop_run.windows
    pd.testing.assert_frame_equal(beyond.wide.whole(), shop_run.wide.whole())
    pd.testing.assert_frame_equal(beyond.rolling.figures, shop_run.rolling.figures)
