"""Features: the definitions by hand, on CDNOW against pandas, and blind to what comes later."""

import datetime as dt
import tracemalloc

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.features.cohorts import timeline
from segment.features.customers import at, compute, outcome, tables

JAN, FEB, MAR, APR = (dt.date(2020, month, 1) for month in (1, 2, 3, 4))
WINDOWS = {"calibration": (JAN, MAR), "holdout": (MAR, APR)}
SIX = pd.DataFrame(
    [
        ("a", "2020-01-10", 10.0, 1.0),
        ("a", "2020-01-10", 5.0, 1.0),  # the same day: one purchase day
        ("a", "2020-02-28", -4.0, -1.0),  # a return: money back, no purchase
        ("a", "2020-03-01", 7.0, 2.0),  # the first day of the holdout
        ("b", "2020-02-29", 0.0, 0.0),  # the last day of calibration, for free
        ("c", "2020-03-31", 3.0, 1.0),  # a newcomer
    ],
    columns=["customer_id", "date", "amount", "margin"],
).assign(date=lambda f: pd.to_datetime(f["date"]).dt.date)
SCHEMA = {"customer_id": "string", "date": "date", "amount": "float64", "margin": "float64"}


def wide(frame, windows=WINDOWS):
    schema = {name: SCHEMA[name] for name in frame.columns}
    return compute(ibis.memtable(frame, schema=schema), windows)


def test_six_rows_by_hand():
    found = wide(SIX)
    features = at(found, "calibration")
    money = ["monetary_total", "monetary_mean", "margin_total", "margin_rate"]
    days = ["order_days", "days_since_last", "days_since_first"]
    assert set(features) == {*money, *days}
    assert features[money].T.to_dict("list") == {"a": [11, 11, 1, 0.090909], "b": [0, 0, 0, 0]}
    assert features[days].T.to_dict("list") == {"a": [1, 50, 50], "b": [1, 0, 0]}
    assert at(found, "holdout")["days_since_last"].to_dict() == {"a": 30, "c": 0}


@pytest.mark.parametrize(("columns", "value"), [(4, 2.0), (3, 7.0)])
def test_the_outcome_is_margin_where_there_is_one_else_revenue(columns, value):
    found = wide(SIX[SIX.columns[:columns]])
    after = outcome(found, at(found, "calibration").index)
    assert after["value"].to_dict() == {"a": value, "b": 0.0}
    assert after["active"].to_dict() == {"a": True, "b": False}


def test_a_holdout_of_returns_only_is_worth_nothing_and_not_active():
    back = SIX.assign(amount=[10, 5, -4, -7, 0, 3], margin=[1, 1, -1, -2, 0, 1])
    found = wide(back.astype({"amount": float, "margin": float}))
    after = outcome(found, pd.Index(["a"])).to_dict("records")
    assert after == [{"value": 0.0, "net": -2.0, "active": False}]


def test_a_purchase_counts_until_it_came_back_and_its_return_counts_on_its_day_or_its_own():
    rows = [
        # Bought in January, back in March: known after the cut.
        ("a", "2020-01-10", "2020-01-10", 10.0, "2020-03-05"),
        ("a", "2020-01-10", "2020-03-05", -10.0, "2020-03-05"),
        # Back in part, before the cut: taken off on the day of the order.
        ("a", "2020-01-31", "2020-01-31", 8.0, None),
        ("a", "2020-01-31", "2020-02-02", -3.0, None),
        ("b", "2020-02-01", "2020-02-01", 6.0, "2020-02-03"),
        ("b", "2020-02-01", "2020-02-03", -6.0, "2020-02-03"),
        ("b", "2020-02-09", "2020-02-09", 1.0, None),
    ]
    found = pd.DataFrame(rows, columns=["customer_id", "date", "known", "amount", "gone"])
    for name in ("date", "known", "gone"):
        found[name] = pd.to_datetime(found[name]).dt.date
    schema = {"customer_id": "string", "amount": "float64"}
    schema |= dict.fromkeys(("date", "known", "gone"), "date")
    spans = WINDOWS | {"january": (JAN, FEB), "february": (FEB, MAR), "later": (MAR, APR)}
    found = compute(ibis.memtable(found, schema=schema), spans, ["monetary_repeat_mean"])
    found = found.set_index("customer_id").sort_index()

    def of(feature):
        return {name: found[f"{name}__{feature}"].tolist() for name in spans}

    assert of("monetary_total") == {
        "calibration": [15, 1], "holdout": [-10, 0], "january": [18, 0], "february": [0, 1],
        "later": [0, 0],
    }  # fmt: skip
    assert of("order_days") == {
        "calibration": [2, 1], "holdout": [0, 0], "january": [2, 0], "february": [0, 1],
        "later": [0, 0],
    }  # fmt: skip
    assert found["calibration__monetary_repeat_mean"].tolist() == [5, 0]
    assert of("days_since_first")["calibration"] == [50, 20]


def test_cdnow_equals_a_plain_pandas_computation(cdnow_rows):
    windows = {
        "calibration": (dt.date(1997, 1, 1), dt.date(1997, 10, 1)),
        "holdout": (dt.date(1997, 10, 1), dt.date(1998, 7, 1)),
        "earlier": (dt.date(1997, 1, 1), dt.date(1997, 5, 17)),
        "later": (dt.date(1997, 5, 17), dt.date(1997, 10, 1)),
    }
    raw = cdnow_rows[["customer_id", "date", "amount"]].astype({"customer_id": "str"})
    found = wide(raw.assign(date=raw["date"].dt.date), windows)
    assert len(found) == 23_570
    for name, (start, end) in windows.items():
        inside = raw[(raw["date"] >= str(start)) & (raw["date"] < str(end))]
        group = inside.groupby("customer_id")
        last = pd.Timestamp(end) - pd.Timedelta(days=1)
        expected = pd.DataFrame(
            {
                "monetary_total": group["amount"].sum(),
                "order_days": group["date"].nunique(),
                "days_since_last": (last - group["date"].max()).dt.days,
                "days_since_first": (last - group["date"].min()).dt.days,
            }
        )
        expected["monetary_mean"] = expected["monetary_total"] / expected["order_days"]
        expected = expected.sort_index()
        loose = {"check_index_type": False, "check_dtype": False, "atol": 2e-6}
        pd.testing.assert_frame_equal(at(found, name), expected, **loose)


rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 90), st.integers(-300, 900)),
    min_size=1,
    max_size=20,
)


def frame(drawn):
    table = pd.DataFrame(drawn, columns=["customer_id", "date", "amount"])
    table["date"] = [JAN + dt.timedelta(days=int(day)) for day in table["date"]]
    return table.assign(amount=table["amount"] / 100)


@given(rows, rows)
@settings(max_examples=10, deadline=None)
def test_a_later_row_never_changes_an_earlier_window(before, after):
    early = frame([*before, ("a", 0, 100)]).query("date < @MAR")
    late = frame([*after, ("a", 90, 100)]).query("date >= @MAR")
    alone = at(wide(early), "calibration")
    together = at(wide(pd.concat([early, late], ignore_index=True)), "calibration")
    pd.testing.assert_frame_equal(alone, together)


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_row_order_means_nothing_and_windows_add_up(drawn, random):
    table = frame(drawn)
    parts = {"first": (JAN, FEB), "second": (FEB, MAR), "both": (JAN, MAR)}
    found = wide(table, parts).set_index("customer_id").sort_index()
    shuffled = table.sample(frac=1, random_state=random.randrange(2**32))
    again = wide(shuffled, parts).set_index("customer_id").sort_index()
    pd.testing.assert_frame_equal(found, again)
    for feature in ("monetary_total", "order_days"):
        whole = found[f"first__{feature}"] + found[f"second__{feature}"]
        assert np.allclose(whole, found[f"both__{feature}"], atol=1e-6)


def test_the_timeline_counts_purchases_and_nets_money_per_month():
    found = timeline(ibis.memtable(SIX, schema=SCHEMA)).to_pandas()
    assert pd.to_datetime(found["month"]).dt.month.tolist() == [1, 2, 3]
    assert found["amount"].tolist() == [15.0, -4.0, 10.0]
    assert found["customers"].tolist() == [1, 1, 2]
    assert found["purchases"].tolist() == [2, 1, 2]


def test_what_an_engine_was_given_goes_with_it():
    """Many customers are done a part after another, and memory is that of one."""
    rows = pd.DataFrame({"customer_id": [f"C{i}" for i in range(20_000)], "amount": 1.0})
    transactions = ibis.duckdb.connect().create_table("rows", rows.assign(date=dt.date(2024, 2, 1)))
    windows = {f"w{k}": (dt.date(2024, 1, 1), dt.date(2024, k, 1)) for k in range(3, 9)}
    tables(transactions, windows)
    tracemalloc.start()
    try:
        for _ in range(3):
            tables(transactions, windows)
        kept, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
