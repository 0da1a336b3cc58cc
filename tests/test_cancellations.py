"""Cancellations: matched by order, then by product, never before they came; no money is lost."""

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.reading.cancellations import CANCELLED, RETURNED, net

SCHEMA = dict.fromkeys(("customer_id", "order_id", "product", "fate"), "string")
SCHEMA |= dict.fromkeys(("amount", "quantity", "margin"), "float64")
SCHEMA |= {"date": "date", "row": "int64"}


def netted(rows, columns, cut=32):
    """Net rows given as tuples of (customer, day of March 2020, amount, *columns)."""
    names = ["customer_id", "date", "amount", *columns]
    frame = pd.DataFrame(rows, columns=names).assign(fate=None, row=range(len(rows)))
    frame["date"] = [pd.Timestamp(2020, 3, day).date() for day in frame["date"]]
    schema = {name: SCHEMA[name] for name in frame.columns}
    day = dt.date(2020, 3, 1) + dt.timedelta(cut - 1)
    out = net(ibis.memtable(frame, schema=schema), day).to_pandas().sort_values("row")
    for name, column in {"day": "date", "known": "known", "gone": "gone"}.items():
        out[name] = pd.to_datetime(out[column]).dt.day
    out["fate"] = out["fate"].astype(object).where(out["fate"].notna(), None)
    return out.reset_index(drop=True)


@pytest.mark.parametrize(
    ("rows", "fates", "days", "settled"),
    [
        # In full: both sides go.
        ([("a", 1, 10, "x"), ("a", 5, -10, "x")], [CANCELLED] * 2, [1, 1], [0, 1]),
        # In part: the return moves to the day of its order.
        ([("a", 1, 10, "x"), ("a", 5, -4, "x")], [None, None], [1, 1], [0, 1]),
        # Two lines, both taken back at once; another order stays.
        (
            [("a", 1, 10, "x"), ("a", 1, 5, "x"), ("a", 9, -15, "x"), ("a", 2, 7, "y")],
            [CANCELLED] * 3 + [None],
            [1, 1, 1, 2],
            [0, 0, 1, 0],
        ),
        # More than was paid: what is left over still counts.
        ([("a", 1, 10, "x"), ("a", 5, -12, "x")], [None, None], [1, 1], [0, 1]),
        # Back before it was bought: that is no return of it.
        ([("a", 5, 10, "x"), ("a", 1, -10, "x")], [None, None], [5, 1], [0, 0]),
        # Bought again after it was cancelled.
        (
            [("a", 1, 10, "x"), ("a", 5, -10, "x"), ("a", 9, 7, "x")],
            [CANCELLED] * 2 + [None],
            [1, 1, 9],
            [0, 1, 0],
        ),
        # Another customer's order, an order without purchase, no order id.
        ([("a", 1, 10, "x"), ("b", 5, -10, "x")], [None, None], [1, 5], [0, 0]),
        ([("a", 1, -10, "x"), ("a", 5, -10, "x")], [None, None], [1, 5], [0, 0]),
        ([("a", 1, 10, None), ("a", 5, -10, None)], [None, None], [1, 5], [0, 0]),
    ],
)
def test_by_order_id(rows, fates, days, settled):
    out = netted(rows, ["order_id"])
    assert out["fate"].tolist() == fates
    assert out["day"].tolist() == days
    assert out["settled"].astype(int).tolist() == settled


@pytest.mark.parametrize(
    ("rows", "fates", "days"),
    [
        ([("a", 1, 10, "p", 2), ("a", 5, -10, "p", -2)], [RETURNED] * 2, [1, 1]),
        # Another price: matched, and the difference stays on the day of the order.
        ([("a", 1, 10, "p", 2), ("a", 5, -8, "p", -2)], [None, None], [1, 1]),
        # The latest open purchase is the one taken back.
        (
            [("a", 1, 10, "p", 2), ("a", 3, 10, "p", 2), ("a", 5, -10, "p", -2)],
            [None, RETURNED, RETURNED],
            [1, 3, 3],
        ),
        # One purchase is taken back once.
        (
            [("a", 1, 10, "p", 2), ("a", 5, -10, "p", -2), ("a", 6, -10, "p", -2)],
            [RETURNED, RETURNED, None],
            [1, 1, 6],
        ),
        # Before its purchase, other quantity, other product, other customer: unmatched.
        ([("a", 1, -10, "p", -2), ("a", 5, 10, "p", 2)], [None, None], [1, 5]),
        ([("a", 1, 10, "p", 2), ("a", 5, -5, "p", -1)], [None, None], [1, 5]),
        ([("a", 1, 10, "p", 2), ("a", 5, -10, "q", -2)], [None, None], [1, 5]),
        ([("a", 1, 10, "p", 2), ("b", 5, -10, "p", -2)], [None, None], [1, 5]),
        ([("a", 1, 10, None, 2), ("a", 5, -10, None, -2)], [None, None], [1, 5]),
    ],
)
def test_by_product_and_opposite_quantity(rows, fates, days):
    out = netted(rows, ["product", "quantity"])
    assert out["fate"].tolist() == fates
    assert out["day"].tolist() == days


def test_order_ids_come_first_then_products_and_without_either_nothing_is_touched():
    rows = [
        ("a", 1, 10, "x", "p", 2),
        ("a", 2, 10, "y", "p", 2),
        ("a", 5, -10, "x", "p", -2),
        ("a", 6, -10, "C9", "p", -2),
    ]
    out = netted(rows, ["order_id", "product", "quantity"])
    assert out["fate"].tolist() == [CANCELLED, RETURNED, CANCELLED, RETURNED]
    neither = netted([row[:3] for row in rows], [])
    assert neither["fate"].tolist() == [None] * 4
    assert neither["day"].tolist() == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("columns", "key"),
    [(["order_id"], ("x",)), (["product", "quantity"], ("p", 2)), (["order_id"], ("y",))],
)
def test_what_comes_back_after_the_cut_counts_on_its_own_day(columns, key):
    back = key if key[0] != "p" else ("p", -2)
    rows = [("a", 1, 10, *key), ("a", 8, -10, *back)]
    before, after = netted(rows, columns, cut=9), netted(rows, columns, cut=8)
    assert before["day"].tolist() == [1, 1]
    assert before["fate"].notna().all()
    assert after["day"].tolist() == [1, 8]
    assert after["fate"].isna().all()
    assert after["late"].tolist() == [False, True]
    for out in (before, after):
        assert out["known"].tolist() == [1, 8]
        assert out["gone"].tolist() == [8, 8]
    # Bought after the cut as well: netted.
    assert netted(rows, columns, cut=1)["day"].tolist() == [1, 1]


def test_what_is_gone_takes_its_margin_along_and_the_rest_of_it_is_told():
    rows = [("a", 1, 10, 4, "x"), ("a", 1, 20, 5, "x"), ("a", 5, -30, -6, "x")]
    out = netted(rows, ["margin", "order_id"])
    assert out["margin"].tolist() == [4, 5, -9]
    assert out["odd"].tolist() == [0, 0, 3]
    rows = [("a", 1, 10, 4, "p", 2), ("a", 5, -10, 0, "p", -2), ("a", 6, 10, 4, "p", 2)]
    out = netted([*rows, ("a", 7, -9, -3, "p", -2)], ["margin", "product", "quantity"])
    assert out["margin"].tolist() == [4, -4, 4, -3]
    assert out["odd"].tolist() == [0, 4, 0, 0]


orders_drawn = st.tuples(
    st.integers(1, 9),
    st.sampled_from([5.0, -5.0, 10.0, -10.0, 0.0]),
    st.sampled_from(["x", "y", None]),
    st.sampled_from("pq"),
    st.just(1.0),
)


@given(st.lists(st.lists(orders_drawn, min_size=1, max_size=9), min_size=60, max_size=90))
@settings(max_examples=3, deadline=None)
def test_rows_of_later_days_change_nothing_that_was_known(shops):
    rows = [(str(number), *row) for number, drawn in enumerate(shops) for row in drawn]
    columns = ["order_id", "product", "quantity"]
    whole = netted(rows, columns)
    for end in (3, 5, 8):
        known = whole[whole["known"] < end]
        alone = netted([row for row in rows if row[1] < end], columns)
        for each in (known, alone):
            each["stands"] = (each["amount"] >= 0) & ~(each["gone"] < end)
        # Equal rows of one day are interchangeable.
        told = ["customer_id", "amount", "day", "known", "settled", "stands"]
        assert sorted(known[told].itertuples(index=False)) == sorted(
            alone[told].itertuples(index=False)
        )
    paid = whole.groupby(whole["fate"].notna())["amount"].sum()
    assert paid.get(True, 0.0) == 0


def by_hand(rows):
    """Match as a reader would: each return closes the latest open purchase like it."""
    open_, gone = {}, set()
    order = sorted(range(len(rows)), key=lambda i: (rows[i][1], rows[i][2] < 0, rows[i][2]))
    for i in order:
        customer, _, amount, product, quantity = rows[i]
        stack = open_.setdefault((customer, product, abs(quantity)), [])
        if amount > 0:
            stack.append(i)
        elif stack:
            gone |= {i, stack.pop()}
    return gone


returns = st.tuples(
    st.sampled_from("ab"),
    st.integers(1, 9),
    st.sampled_from([5.0, -5.0]),
    st.sampled_from("pq"),
    st.sampled_from([1.0, 2.0]),
)


@given(st.lists(st.lists(returns, min_size=1, max_size=14), min_size=20, max_size=60))
@settings(max_examples=4, deadline=None)
def test_matching_equals_a_stack_and_keeps_every_cent(shops):
    # Every shop has customers of its own, so that all are netted at once.
    rows = [(f"{shop}{who}", *row) for shop, drawn in enumerate(shops) for who, *row in drawn]
    out = netted(rows, ["product", "quantity"])
    # Equal rows of one day are interchangeable, so amounts and counts are compared.
    assert len(out) == len(rows)
    assert out["fate"].eq(RETURNED).sum() == len(by_hand(rows))
    left = out[out["fate"].isna()].groupby("customer_id")["amount"].sum()
    paid = pd.DataFrame(rows, columns=list("cdapq")).groupby("c")["a"].sum()
    assert left.reindex(paid.index, fill_value=0.0).tolist() == paid.tolist()
