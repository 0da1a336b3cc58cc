"""What the pages of two cut axes say and draw, on customers that can be checked by hand."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import quadrants as page
from segment.tiering import Quadrants, TurnoverMargin

SHARES = {"partner": 0.4, "functional": 0.3, "emotional": 0.2, "detached": 0.1}


def turnover(days, rate, value=None):
    customers = pd.DataFrame({"order_days": days, "margin_rate": rate})
    return small.scheme(TurnoverMargin(), customers, value)


def loyalty(method: Quadrants, customers: int = 900):
    rng = np.random.default_rng(2)
    frame = {
        "days_since_last": rng.integers(0, 90, customers),
        "order_days": rng.geometric(0.3, customers),
        "monetary_total": rng.lognormal(2, 2, customers),
    }
    return small.scheme(method, pd.DataFrame(frame))


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ([9, 8, 1, 4], "(B) later brought €8 each, those with high margin but low turnover (D) €4."
         "** So turnover tells more."),
        ([9, 4, 1, 8], "** So margin tells more."),
        ([9, 4, 1, 4], "** That may be chance."),
    ],
)  # fmt: skip
def test_one_axis_tells_more_only_where_the_intervals_part(value, verdict):
    days, rate = np.repeat([9, 8, 1, 2], 5), np.repeat([0.4, 0.1, 0.05, 0.3], 5)
    text = page.one_side(turnover(days, rate, np.repeat(value, 5)))
    assert text.startswith("**Customers with high turnover but low margin (B)")
    assert text.endswith(verdict)
    # Nothing is told of fewer than five customers.
    assert page.one_side(turnover(days[::5], rate[::5], value)) == ""


def test_the_relation_is_compared_with_chance():
    assert page.relation(turnover([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])) == (
        "Turnover and margin: 100% of the customers are high or low in both (50% by chance)"
    )
    own = TurnoverMargin(turnover="account_turnover", focus=list("abcd"), skills=list("wxyz"))
    known = pd.DataFrame({"account_turnover": [4, 3, 2, 1], "margin_rate": [0.1, 0.2, 0.3, 0.4]})
    assert page.relation(small.scheme(own, known)).startswith("Account turnover and margin: 0%")


def test_loyalty_is_told_in_steps_or_as_a_rule():
    customers = pd.DataFrame(
        {"days_since_last": [9, 8, 4, 6], "order_days": [1, 1, 2, 3], "monetary_total": [1] * 4}
    )
    steps = page.loyalty_steps(small.scheme(Quadrants(), customers))
    assert steps.to_dict("list") == {
        "Purchase days ≥": [2, 3],
        "Days since last purchase ≤": [4, 6],
    }
    three = Quadrants(loyalty=["order_days", "days_since_last", "monetary_total"])
    assert "mean percentile" in page.loyalty_steps(small.scheme(three, customers))["rule"].iloc[0]


def test_extremes_stand_at_the_ends_of_a_scale_and_a_long_tail_is_on_a_log_scale():
    scheme = loyalty(Quadrants(loyalty="days_since_last"))
    axes, points = page.axes(scheme), page.points(scheme)
    assert axes["scale"].tolist() == ["log", "linear"]
    assert axes["falling"].tolist() == [False, True]
    assert len(points) == 900
    for axis in points:
        low, high = axes.loc[axis, ["low", "high"]]
        assert low <= axes.loc[axis, "limit"] <= high
        assert points[axis].between(low, high).all()
    assert points["value"].max() < scheme.features["monetary_total"].max()


def test_an_index_is_named_by_its_parts_and_nobody_high_has_no_line():
    scheme = loyalty(Quadrants(loyalty_cut=0.5, value_cut={"fixed": 1e9}))
    axes = page.axes(scheme)
    assert axes.loc["loyalty", "column"] == (
        "Loyalty: mean percentile of purchase days and few days since last purchase"
    )
    scheme = loyalty(Quadrants(value_cut=0.999999))
    ax = page.draw(page.points(scheme), page.axes(scheme), SHARES)
    assert len(ax.lines) == 1
    plt.close(ax.figure)
