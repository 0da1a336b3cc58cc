"""Mean balances of calendar months: by hand, and against a loop over every day."""

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.features.balances import complete_month, means, month_means

SCHEMA = ibis.schema({"customer_id": "string", "date": "date", "balance": "float64"})
FEBRUARY = {"mean": (dt.date(2024, 2, 1), dt.date(2024, 3, 1))}  # a leap year: 29 days


def table(rows) -> ibis.Table:
    """Records as ``(customer, "2024-02-11", 300)``."""
    frame = pd.DataFrame(rows, columns=list(SCHEMA))
    return ibis.memtable(frame.assign(date=pd.to_datetime(frame["date"]).dt.date), schema=SCHEMA)


def mean(*records, months=FEBRUARY, **how) -> float | None:
    """Return the one mean of one customer's records ``("2024-02-11", 300)``; None if missing."""
    found = month_means(table([("a", *record) for record in records]), months, **how)
    assert found.columns == ("customer_id", *months)
    value = found.to_pandas()["mean"].item()
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    ("records", "zero", "unknown"),
    [
        # One record long before: the same balance on all days.
        ([("2023-05-17", 100)], 100, 100),
        # Changed on the 11th: 10 days of 100, 19 days of 300.
        ([("2024-01-20", 100), ("2024-02-11", 300)], 6700 / 29, 6700 / 29),
        # Opened on the 20th: 10 of 29 days.
        ([("2024-02-20", 290)], 100, 290),
        # On the first day, on the last day.
        ([("2024-02-29", 58)], 2, 58),
        ([("2023-12-31", 10), ("2024-02-29", 300)], (28 * 10 + 300) / 29, (28 * 10 + 300) / 29),
        # No record in the month, one before and one after.
        ([("2024-01-31", 7), ("2024-03-01", 1000)], 7, 7),
        # All records after the month: not known, which is not zero.
        ([("2024-03-01", 1000), ("2024-04-02", 5)], None, None),
        # An overdraft counts as what it is; emptied on the 16th.
        ([("2024-01-01", -290), ("2024-02-16", 0)], -150, -150),
        # A closed account holds nothing, and that is known.
        ([("2024-01-15", 0)], 0, 0),
        # Two records of one day: their mean.
        ([("2024-01-15", 100), ("2024-01-15", 200)], 150, 150),
        # A record without a balance: the one before holds on.
        ([("2024-01-15", 100), ("2024-02-15", None)], 100, 100),
    ],
)
def test_february_of_a_leap_year_by_hand(records, zero, unknown):
    assert mean(*records) == pytest.approx(zero)
    assert mean(*records, before_first="unknown") == pytest.approx(unknown)


def test_a_balance_at_the_limit_all_month_has_exactly_that_mean():
    # 1, 3 and 25 days of 0.1 do not add up to 2.9 in floating point.
    assert (1 * 0.1 + 3 * 0.1 + 25 * 0.1) / 29 < 0.1
    assert mean(("2024-01-01", 0.1), ("2024-02-02", 0.1), ("2024-02-05", 0.1)) == 0.1


def test_every_customer_and_month_stands_alone():
    rows = [
        ("a", "2024-01-01", 10),
        ("b", "2024-01-16", 31),
        ("b", "2024-02-01", 5),
        ("c", "2024-02-10", 1),
    ]
    months = {"jan": (dt.date(2024, 1, 1), dt.date(2024, 2, 1)), "feb": FEBRUARY["mean"]}
    found = month_means(table(rows), months).to_pandas().set_index("customer_id").sort_index()
    assert found["jan"].fillna(-1).tolist() == [10, 16, -1]
    assert found["feb"].round(6).tolist() == [10, 5, round(20 / 29, 6)]


@pytest.mark.parametrize(
    ("end", "ago", "first", "after"),
    [
        ((2024, 7, 31), 0, (2024, 6, 1), (2024, 7, 1)),
        ((2024, 1, 1), 0, (2023, 12, 1), (2024, 1, 1)),
        ((2024, 1, 15), 1, (2023, 11, 1), (2023, 12, 1)),
        ((2024, 3, 1), 12, (2023, 2, 1), (2023, 3, 1)),
    ],
)
def test_the_last_complete_month(end, ago, first, after):
    assert complete_month(dt.date(*end), ago) == (dt.date(*first), dt.date(*after))


def test_the_means_of_windows_carry_their_names():
    rows = [("a", "2024-01-01", 10), ("a", "2024-02-01", 20), ("b", "2024-02-15", 29)]
    ends = {"calibration": dt.date(2024, 3, 1), "earlier": dt.date(2024, 2, 20)}
    found = means(table(rows), ends, ago=[0, 1]).to_pandas().set_index("customer_id")
    assert found.loc["a"].to_dict() == {
        "calibration__balance_month_mean": 20,
        "calibration__balance_month_mean_ago_1": 10,
        "earlier__balance_month_mean": 10,
        "earlier__balance_month_mean_ago_1": pytest.approx(float("nan"), nan_ok=True),
    }
    assert found.loc["b"].fillna(-1).tolist() == [15, -1, -1, -1]


DAY = dt.date(2023, 12, 20)
records = st.lists(
    st.tuples(st.sampled_from("abcdefghijkl"), st.integers(0, 80), st.integers(-500, 5000)),
    min_size=10,
    max_size=60,
)
MONTHS = {
    "dec": (dt.date(2023, 12, 1), dt.date(2024, 1, 1)),
    "jan": (dt.date(2024, 1, 1), dt.date(2024, 2, 1)),
    "feb": FEBRUARY["mean"],
}


def day_by_day(rows, first, after, before_first) -> dict[str, float]:
    """Walk through every day of the month, in plain Python."""
    found = {}
    for customer in {row[0] for row in rows}:
        days, day = [], first
        while day < after:
            before = [(date, amount) for c, date, amount in rows if c == customer and date <= day]
            if before:
                latest = max(date for date, _ in before)
                same = [amount for date, amount in before if date == latest]
                days.append(sum(same) / len(same))
            day += dt.timedelta(days=1)
        if days:
            over = len(days) if before_first == "unknown" else (after - first).days
            found[customer] = sum(days) / over
    return found


@given(records, st.sampled_from(["zero", "unknown"]), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_it_equals_a_walk_through_every_day(drawn, before_first, random):
    rows = [(c, DAY + dt.timedelta(days=day), amount / 10) for c, day, amount in drawn]
    found = month_means(table(rows), MONTHS, before_first).to_pandas().set_index("customer_id")
    assert set(found.index) == {row[0] for row in rows}
    for name, (first, after) in MONTHS.items():
        expected = day_by_day(rows, first, after, before_first)
        assert found[name].dropna().to_dict() == pytest.approx(expected, abs=2e-6)
    shuffled = random.sample(rows, len(rows))
    again = month_means(table(shuffled), MONTHS, before_first).to_pandas()
    pd.testing.assert_frame_equal(again.set_index("customer_id").sort_index(), found.sort_index())


def test_accounts_are_added_up_day_by_day():
    records = pd.DataFrame(
        [
            ("a", "1", "2024-01-01", 100),  # all month
            ("a", "2", "2024-02-20", 290),  # 10 of 29 days
            ("a", "2", "2024-02-25", 0),  # of which 5
            ("b", "1", "2024-02-20", 290),
        ],
        columns=["customer_id", "account", "date", "balance"],
    )
    schema = ibis.schema({"customer_id": "string", "account": "string", **SCHEMA})
    frame = records.assign(date=pd.to_datetime(records["date"]).dt.date)
    for before_first, b in (("zero", 100), ("unknown", 290)):
        found = month_means(ibis.memtable(frame, schema=schema), FEBRUARY, before_first)
        means = found.to_pandas().set_index("customer_id")["mean"]
        assert means.to_dict() == pytest.approx({"a": 100 + 5 * 290 / 29, "b": b})
