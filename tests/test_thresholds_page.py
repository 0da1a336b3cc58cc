"""The page of fixed limits: who is near, who would move, who is kept."""

import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import thresholds as page
from segment.tiering import Thresholds

MEMBERS = {"gold": 5000, "silver": 1000}


def members(now, value=None, *, ago=None, tiers=MEMBERS, **parameters):
    """Customers by what they spent in the last year, and in the year up to a month ago."""
    customers = pd.DataFrame({"monetary_year": now, "monetary_year_ago_1": ago or now}, dtype=float)
    return small.scheme(Thresholds(tiers=tiers, **parameters), customers, value)


def test_near_a_limit_by_hand():
    #                  gold: 4500-5000-5500, silver: 900-1000-1100
    now = [4499] * 5 + [4500] * 5 + [5000] * 5 + [5499, 5500, 900, 1000, 999.99]
    scheme = members(now, [1] * 5 + [3] * 5 + [8, 9, 10, 11, 12] + [40, 2, 7, 5, 6])
    near = page.near(scheme).set_index("tier")
    assert near[["below", "above"]].to_dict("list") == {"below": [5, 2], "above": [6, 1]}
    gold = near.loc["gold"]
    assert gold[["below_value", "above_value", "value_difference"]].tolist() == [3, 15, 12]
    assert gold["value_difference_low"] < 12 < gold["value_difference_high"]
    assert near.loc["silver"].filter(like="value").isna().all()  # of fewer than five


def test_who_keeps_a_tier_is_no_candidate_for_it():
    scheme = members([4900, 4900], ago=[5000, 10], grace=1)
    assert page.near(scheme)["below"].tolist() == [1, 0]


def test_a_tier_has_the_interval_of_its_table_on_every_page():
    scheme = members([6000] * 40 + [10] * 60, np.random.default_rng(0).gamma(1, 50, 100))
    tier = scheme.tiers.iloc[0]
    above = page.near(scheme, 0.5).iloc[0]  # everyone in gold
    names = [("above", "customers"), ("above_value", "next_value")]
    names += [(f"above_value_{end}", f"next_value_{end}") for end in ("low", "high")]
    assert [above[here] for here, _ in names] == pytest.approx([tier[there] for _, there in names])


def test_limits_that_move_by_hand():
    scheme = members([4500, 5000, 5500, 1000, 10])
    moves = page.moves(scheme)
    assert moves["higher"].tolist() == ["silver", "silver", "gold", "ordinary", "ordinary"]
    assert moves["lower"].tolist() == ["gold", "gold", "gold", "silver", "ordinary"]
    assert moves["now"].equals(scheme.method.labels_)
    assert "40.0% of the customers would lose a tier" in page.moved(scheme)
    assert "20.0% would gain one" in page.moved(scheme)
    overdrawn = page.moves(members([-10, -11, -9, 0], tiers={"a": 10, "b": 0, "c": -10}))
    assert overdrawn["higher"].tolist() == ["ordinary", "ordinary", "c", "b"]
    assert overdrawn["lower"].tolist() == ["c", "c", "c", "b"]


def test_those_who_keep_a_tier_by_grace_are_counted():
    now, ago = [6000] * 6 + [1200] * 6 + [10], [6000] * 12 + [10]
    scheme = members(now, [90, 100, 110] * 2 + [1, 2, 3] * 2 + [0], ago=ago, grace=1)
    assert "6 customers (46.2% of all) would not reach it today" in page.kept(scheme)
    assert page.kept(members([1, 2])) == ""  # without such a rule


def test_the_answer_counts_who_reaches_a_level():
    first = page.answer([members([6000, 2000, 10, 10], [60, 30, 10, 0])])[0]
    assert first.startswith(
        "**M: 2 customers (50%) above ordinary, who brought 90% of what came in "
    )
    assert page.reached(members([1, 2])) == "By M, no customer reaches a limit."


@pytest.mark.parametrize(
    ("now", "share"), [([6000, 2000, 1000, 0], 75), ([-1, 0, np.nan], 0)], ids=str
)
def test_the_figure_says_how_many_reach_the_lowest_limit(now, share):
    known = pd.DataFrame({"points": np.array(now, float)})
    scheme = small.scheme(Thresholds("points", MEMBERS), known)
    # No money, as far as anybody knows.
    assert page.title(scheme) == f"{share}% of the customers reach the lowest limit, 1,000"


def test_two_limits_move_together():
    guests = pd.DataFrame({"order_days": [10, 9, 10, 20], "monetary_year": [100, 95, 89, 200.0]})
    by = {"all": ["order_days", "monetary_year"]}
    scheme = small.scheme(Thresholds(by, {"gold": [10, 100]}), guests)
    assert page.moves(scheme)["now"].tolist() == ["gold", "ordinary", "ordinary", "gold"]
    near = page.near(scheme).iloc[0]
    assert (near["below"], near["above"]) == (1, 1)  # 9 and 95 reach 9 and 90; 10 falls below 11
