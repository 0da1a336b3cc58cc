"""The page of fixed limits: who is near, who would move, who is kept."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import small

from segment.features.windows import Windows
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
    words = page.candidates(scheme)
    assert "7 customers stand within 10% below" in words
    assert "7 stand within 10% above" in words


def test_who_keeps_a_tier_is_no_candidate_for_it():
    scheme = members([4900, 4900], ago=[5000, 10], grace=1)
    assert page.near(scheme)["below"].tolist() == [1, 0]
    assert "1 customer stands within" in page.candidates(scheme)


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
    assert "2 customers (40.0%) would lose a tier" in page.moved(scheme)
    assert "1 customer (20.0%) would gain one" in page.moved(scheme)
    overdrawn = page.moves(members([-10, -11, -9, 0], tiers={"a": 10, "b": 0, "c": -10}))
    assert overdrawn["higher"].tolist() == ["ordinary", "ordinary", "c", "b"]
    assert overdrawn["lower"].tolist() == ["c", "c", "c", "b"]


def test_grace_compares_the_kept_with_those_who_earned_it():
    now, ago = [6000] * 6 + [1200] * 6 + [10], [6000] * 12 + [10]
    scheme = members(now, [90, 100, 110] * 2 + [1, 2, 3] * 2 + [0], ago=ago, grace=1)
    grace = page.grace(scheme)
    assert grace["tier"].tolist() == ["gold"]
    columns = ["earned", "earned_value", "kept", "kept_value", "value_difference"]
    assert grace.loc[0, columns].tolist() == [6, 100, 6, 2, -98]
    assert grace.loc[0, "value_difference_low"] < -98 < grace.loc[0, "value_difference_high"] < -80
    words = page.kept(scheme)
    assert "6 customers (46.2%) hold a tier that the present figure does not reach" in words
    assert "brought €2 each, less than the €100" in words


def first_year():
    scheme = members([6000, 10], ago=[1, 1], grace=1)
    scheme.windows = Windows(dt.date(2022, 1, 1), dt.date(2022, 10, 1), dt.date(2023, 1, 1))
    return scheme


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        (members([6000, 10], ago=[1, 1], grace=1), "nobody needs that yet."),
        (
            members([1200, 10], ago=[6000, 10], grace=1),
            "They are too few to compare with those who",
        ),
        (members([1, 2]), "has no grace rule"),
        (first_year(), "no purchase is old enough to leave the year"),
    ],
    ids=["nobody", "few", "no rule", "first year"],
)
def test_what_is_said_of_grace_where_there_is_nothing_to_compare(scheme, words):
    assert words in page.kept(scheme)


def test_the_answer_counts_who_reaches_a_level():
    first = page.answer([members([6000, 2000, 10, 10], [60, 30, 10, 0])])[0]
    assert first.startswith(
        "**By M, 2 customers, 50% of all, stand above ordinary; they brought 90% of what came in "
    )
    assert "1 customer, 25% of all, stands above" in page.reached(members([6000, 1, 1, 1]))
    assert "no customer stands above ordinary" in page.reached(members([1, 2]))


@pytest.mark.parametrize(
    ("now", "share", "note"),
    [([6000, 2000, 1000, 0], 75, "Log scale; not drawn: 1 customer with none"),
     ([-1, 0, np.nan], 0, "Log scale; not drawn: 3 customers with none"),
     ([1, 2], 0, "Log scale")],
    ids=str,
)  # fmt: skip
def test_the_figure_says_whom_it_leaves_out(now, share, note):
    known = pd.DataFrame({"points": np.array(now, float)})
    scheme = small.scheme(Thresholds("points", MEMBERS), known)
    # No money, as far as anybody knows.
    assert page.title(scheme) == f"{share}% of the customers reach the lowest limit, 1,000"
    assert page.undrawn(scheme) == note
