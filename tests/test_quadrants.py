"""Value by loyalty, and the hiatus rule, on frames that a reader can check by hand."""

import numpy as np
import pandas as pd
import pytest

from segment.tiering import Hiatus, Quadrants
from segment.tiering.quadrants import RELATIONS


def frame(days, orders, money) -> pd.DataFrame:
    return pd.DataFrame({"days_since_last": days, "order_days": orders, "monetary_total": money})


def test_four_customers_four_relations():
    # Loyal: the first and third bought often and lately. High value: 100 and 90.
    customers = frame([1, 50, 2, 60], [9, 1, 8, 2], [100, 90, 10, 5])
    assert Quadrants().fit(customers).labels_.tolist() == list(RELATIONS)


def test_value_is_high_from_the_median_on():
    customers = frame([5] * 5, [1] * 5, [1, 2, 3, 4, 5])
    fitted = Quadrants().fit(customers)
    assert fitted.value_limit_ == 3
    assert fitted.labels_.isin(["partner", "functional"]).tolist() == [False, False, True, True,
                                                                       True]  # fmt: skip


def test_loyalty_is_the_percentile_of_two_mean_percentiles():
    customers = frame([3, 1, 2], [1, 2, 2], [0, 0, 0])
    # order_days percentiles 1/6, 4/6, 4/6; recency 1/6, 5/6, 3/6; means .17, .75, .58.
    assert Quadrants().fit(customers).loyalty(customers).tolist() == pytest.approx(
        [1 / 6, 5 / 6, 3 / 6]
    )


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8])
def test_steps_repeat_the_percentile_rule_on_the_customers_learned_from(cut):
    rng = np.random.default_rng(4)
    customers = frame(rng.integers(0, 90, 500), rng.geometric(0.4, 500), rng.lognormal(3, 1, 500))
    fitted = Quadrants(loyalty_cut=cut).fit(customers)
    loyal = fitted.labels_.isin(["partner", "emotional"])
    assert loyal.tolist() == (fitted.loyalty(customers) >= cut).tolist()
    assert 0 < loyal.sum() < 500


def test_later_customers_are_judged_by_the_learned_steps():
    # Loyal when learned: two days and at most 4 ago, or three days and at most 6 ago.
    customers = frame([9, 8, 4, 6], [1, 1, 2, 3], [1, 1, 1, 1])
    fitted = Quadrants().fit(customers)
    steps = fitted.loyalty_steps_
    assert steps["order_days"].tolist() == [2, 3]
    assert steps["days_since_last"].tolist() == [4, 6]
    later = frame([0, 4, 5, 6, 7], [1, 2, 2, 9, 9], [5] * 5)
    loyal = fitted.predict(later).eq("partner").tolist()
    assert loyal == [False, True, False, True, False]


def test_buying_on_more_days_never_makes_a_customer_less_loyal():
    rng = np.random.default_rng(5)
    customers = frame(rng.integers(0, 90, 300), rng.geometric(0.4, 300), rng.lognormal(3, 1, 300))
    fitted = Quadrants().fit(customers)
    order = list(RELATIONS)
    before = fitted.labels_.map(order.index)
    after = fitted.predict(customers.assign(order_days=customers["order_days"] + 1))
    assert (after.map(order.index).astype(int) <= before.astype(int)).all()


def test_own_names_and_rules():
    fitted = Quadrants(names=["p", "f", "e", "d"]).fit(frame([1, 9], [2, 1], [5, 1]))
    assert fitted.tiers_ == ("p", "f", "e", "d")
    assert fitted.rules()["rule"][0] == (
        "monetary_total at least 5, and loyal: order_days at least 2 and days_since_last at most 1"
    )


def test_nobody_is_loyal_where_the_cut_is_above_everyone():
    fitted = Quadrants(loyalty_cut=0.99).fit(frame([1, 2], [1, 1], [1, 2]))
    assert fitted.labels_.tolist() == ["detached", "functional"]
    assert "nobody" in fitted.rules()["rule"][0]


def test_hiatus_includes_its_limit():
    customers = frame([0, 182, 183], [1, 1, 1], [1, 1, 1])
    assert Hiatus(182).fit(customers).labels_.tolist() == ["recent", "recent", "lapsed"]
