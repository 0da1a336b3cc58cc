"""Two cut axes, value by loyalty, and the hiatus rule, on frames to be checked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.errors import StudyError
from segment.tiering import Hiatus, Quadrants
from segment.tiering.contract import tiers_by_sql
from segment.tiering.quadrants import RELATIONS


def frame(days, orders, money) -> pd.DataFrame:
    return pd.DataFrame({"days_since_last": days, "order_days": orders, "monetary_total": money})


def test_four_customers_four_relations():
    # Loyal: the first and third bought often and lately. High value: 100 and 90.
    customers = frame([1, 50, 2, 60], [9, 1, 8, 2], [100, 90, 10, 5])
    assert Quadrants().fit(customers).labels_.tolist() == list(RELATIONS)
    equal = Quadrants(value_cut="mean", loyalty_cut="mean").fit(frame([3] * 9, [1] * 9, [0.1] * 9))
    assert set(equal.labels_) == {"partner"}
    customers = frame([3, 1, 2], [1, 2, 2], [0, 0, 0])
    # order_days percentiles 1/6, 4/6, 4/6; recency 1/6, 5/6, 3/6; means .17, .75, .58.
    coordinates = Quadrants().fit(customers).coordinates(customers)
    assert coordinates["loyalty"].tolist() == pytest.approx([1 / 6, 5 / 6, 3 / 6])
    assert coordinates["value"].tolist() == [0, 0, 0]


def test_hiatus_includes_its_limit():
    customers = frame([0, 182, 183], [1, 1, 1], [1, 1, 1])
    assert Hiatus(182).fit(customers).labels_.tolist() == ["recent", "recent", "lapsed"]


def test_later_customers_are_judged_by_the_learned_steps():
    # Loyal when learned: two days and at most 4 ago, or three days and at most 6 ago.
    customers = frame([9, 8, 4, 6], [1, 1, 2, 3], [1, 1, 1, 1])
    fitted = Quadrants().fit(customers)
    steps = fitted.axes_[1].steps_
    assert steps["order_days"].tolist() == [2, 3]
    assert steps["days_since_last"].tolist() == [4, 6]
    later = frame([0, 4, 5, 6, 7], [1, 2, 2, 9, 9], [5] * 5)
    loyal = fitted.predict(later).eq("partner").tolist()
    assert loyal == [False, True, False, True, False]


def test_own_names_and_rules_and_nobody_is_loyal_where_the_cut_is_above_everyone():
    fitted = Quadrants(names=["p", "f", "e", "d"]).fit(frame([1, 9], [2, 1], [5, 1]))
    assert fitted.tiers_ == ("p", "f", "e", "d")
    assert fitted.rules()["rule"].tolist() == [
        "total spent at least 5, and high loyalty: purchase days at least 2 and "
        "days since last purchase at most 1",
        "total spent at least 5, and low loyalty",
        "total spent below 5, and high loyalty",
        "total spent below 5, and low loyalty",
    ]
    fitted = Quadrants(loyalty_cut=0.99).fit(frame([1, 2], [1, 1], [1, 2]))
    assert fitted.labels_.tolist() == ["detached", "functional"]
    assert fitted.rules()["rule"].tolist() == [
        "nobody",
        "total spent at least 2, and any loyalty",
        "nobody",
        "total spent below 2, and any loyalty",
    ]


# Totals 1, 2, 3 and 94: the median is between 2 and 3, the mean is 25.
@pytest.mark.parametrize(
    ("cut", "limit", "high"),
    [
        (0.1, 1, 4),
        (0.9, np.inf, 0),
        ("median", 3, 2),
        ("mean", 94, 1),
        ({"fixed": 2}, 2, 3),
        ({"fixed": 500}, 500, 0),
    ],
)
def test_kinds_of_cut(cut, limit, high):
    customers = frame([1] * 4, [1] * 4, [1, 2, 3, 94])
    fitted = Quadrants(value_cut=cut).fit(customers)
    assert fitted.axes_[0].limit_ == limit
    assert fitted.labels_.isin(RELATIONS[:2]).sum() == high
    # A fixed limit that nobody reaches yet can be reached later.
    later = fitted.predict(frame([1, 1], [1, 1], [0, 500])).isin(RELATIONS[:2]).tolist()
    assert later == [False, limit < np.inf]


def test_few_days_are_high_where_less_is_better():
    customers = frame([10, 20, 30, 40], [1] * 4, [1] * 4)
    fitted = Quadrants(loyalty="days_since_last").fit(customers)
    assert fitted.labels_.tolist() == ["partner", "partner", "functional", "functional"]
    assert (
        fitted.rules()["rule"][1] == "total spent at least 1, and days since last purchase above 20"
    )
    fitted = Quadrants(loyalty="days_since_last", loyalty_cut={"fixed": 35}).fit(customers)
    assert (fitted.labels_ == "partner").sum() == 3
    fitted = Quadrants(loyalty="days_since_last", less_is_better=()).fit(customers)
    assert fitted.labels_.tolist() == ["functional", "functional", "partner", "partner"]


TWO = ["order_days", "days_since_last"]


def three_columns() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    customers = frame(rng.integers(0, 90, 400), rng.geometric(0.3, 400), rng.lognormal(3, 1, 400))
    return customers.assign(growth=rng.normal(size=400).round(1))


def test_an_index_of_three_columns_keeps_its_percentiles_and_refuses_sql():
    customers = three_columns()
    names = ["order_days", "days_since_last", "growth"]
    fitted = Quadrants(loyalty=names).fit(customers)
    # By plain pandas: the mean of three percentiles, high from its own median on.
    parts = customers[names].assign(days_since_last=-customers["days_since_last"]).rank()
    high = parts.mean(axis=1) >= parts.mean(axis=1).median()
    assert fitted.labels_.isin(["partner", "emotional"]).tolist() == high.tolist()
    assert not fitted.native_rule
    assert Quadrants(loyalty=names[:2]).native_rule
    with pytest.raises(StudyError, match="'loyalty' is an index of 3 columns; name one or two"):
        fitted.sql()
    assert "few days since last purchase" in fitted.rules()["rule"][0]
    # One customer alone is judged among those learned from, not among one.
    alone = fitted.predict(customers.iloc[[5]])
    assert alone.tolist() == fitted.labels_.iloc[[5]].tolist()


def test_a_long_staircase_is_counted_in_the_rule_and_written_out_in_sql():
    customers = three_columns()
    fitted = Quadrants(loyalty=["monetary_total", "growth"]).fit(customers)
    steps = len(fitted.axes_[1].steps_)
    assert steps > 6
    assert f"any of {steps} steps of total spent and growth" in fitted.rules()["rule"][0]
    assert tiers_by_sql(fitted, customers) == fitted.labels_.tolist()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(-3, 6)), min_size=1),
    st.floats(0.01, 0.99),
    st.sampled_from([TWO[0], TWO[1], TWO, [*TWO, "monetary_total"]]),
)
def test_a_cut_is_the_percentile_of_the_axis(rows, cut, loyalty):
    customers = frame(*zip(*rows, strict=True))
    fitted = Quadrants(loyalty=loyalty, loyalty_cut=cut).fit(customers)
    parts = customers.assign(days_since_last=-customers["days_since_last"])[loyalty].rank()
    mean = parts.mean(axis=1) if isinstance(loyalty, list) else parts
    high = ((mean.round(9).rank() - 0.5) / len(mean)).round(12) >= cut
    assert fitted.labels_.isin(["partner", "emotional"]).tolist() == high.tolist()
