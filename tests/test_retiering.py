"""Re-tiering: frozen against recomputed limits, candidates, attrition, on frames done by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.action import retiering
from segment.action.retiering import DOWN, NEW, RETURNED, SAME, UP, attrition, movement
from segment.evidence.stability import NO_PURCHASE
from segment.tiering import ABC, Clusters, Thresholds


def window(**spent: float) -> pd.DataFrame:
    spent = pd.Series(spent, dtype=float, name="monetary_total")
    return spent.rename_axis("customer_id").to_frame()


HALVES = ABC(cut="customers", limits=[0.5])
# Of four customers the best two are A: limit 30 in the earlier window.
EARLIER = window(a=40, b=30, c=20, d=10)
# c passes the old limit; a falls under it; d is gone; e is new and f was known before.
LATER = window(a=25, b=300, c=35, e=200, f=5)


@pytest.fixture
def found():
    return retiering.retiering(HALVES.fit(EARLIER), EARLIER, LATER, pd.Index(["a", "f"]))


def test_frozen_limits_show_customers_and_recomputed_ones_move_with_them(found):
    people = found.customers
    assert people["before"].to_dict() == {
        "a": "A", "b": "A", "c": "B", "d": "B", "e": NEW, "f": RETURNED,
    }  # fmt: skip
    assert people["frozen"].to_dict() == {
        "a": "B", "b": "A", "c": "A", "d": NO_PURCHASE, "e": "A", "f": "B",
    }  # fmt: skip
    # Of five customers two are A in the later window, and their limit is 200.
    assert people["recomputed"].to_dict() == {
        "a": "B", "b": "A", "c": "B", "d": NO_PURCHASE, "e": "A", "f": "B",
    }  # fmt: skip
    assert people["move"].dropna().to_dict() == {"a": DOWN, "b": SAME, "c": UP}


def test_movement_tells_customers_from_limits(found):
    m = movement(found)
    assert (m.customers, m.up, m.down, m.lost, m.arrived) == (3, 1, 1, 1, 2)
    assert m.share == pytest.approx(2 / 3)
    # Three up or arrived, two down or gone, of six.
    assert m.net[0] == pytest.approx((3 - 2) / 6)


def kept(found: retiering.Retiering, move: str) -> list[str]:
    """Who makes a move under frozen limits and none under recomputed ones."""
    return list(found.customers.query("move == @move and move_recomputed == @SAME").index)


def test_frozen_and_recomputed_limits_move_different_customers(found):
    assert kept(found, UP) == ["c"]
    # Everybody doubles: nobody moves by recomputed limits, and by frozen ones the lower half does.
    doubled = retiering.retiering(HALVES.fit(EARLIER), EARLIER, EARLIER * 2)
    assert (movement(doubled).up, movement(doubled).down, kept(doubled, UP)) == (1, 0, ["c"])
    fell = retiering.retiering(HALVES.fit(EARLIER), EARLIER, window(a=29, b=28, c=20, d=10))
    assert (movement(fell).down, kept(fell, DOWN)) == (2, ["a", "b"])
    later = window(a=4000, b=31, c=3000, d=10)
    risen = retiering.retiering(HALVES.fit(EARLIER), EARLIER, later)
    # b keeps more than 30, but is pushed out by c.
    assert (movement(risen).up, movement(risen).down) == (1, 0)
    assert risen.customers.loc["b", ["move", "move_recomputed"]].tolist() == [SAME, DOWN]


def test_fixed_limits_and_the_same_window_twice_move_nobody():
    method = Thresholds(by="monetary_total", tiers={"gold": 30}, rest="none")
    again = retiering.retiering(method.fit(EARLIER), EARLIER, LATER)
    assert (again.limits["then"] == again.limits["now"]).all()
    people = again.customers.dropna(subset="move")
    assert (people["move"] == people["move_recomputed"]).all() and len(people) == 3
    again = retiering.retiering(HALVES.fit(EARLIER), EARLIER, EARLIER)
    assert (movement(again).share, movement(again).lost, movement(again).arrived) == (0, 0, 0)
    assert (again.customers["move_recomputed"] == SAME).all()


def test_nobody_in_both_windows_and_one_customer():
    apart = retiering.retiering(HALVES.fit(EARLIER), EARLIER, window(x=1, y=2))
    assert movement(apart).customers == 0 and np.isnan(movement(apart).share)
    assert retiering.candidates(apart).empty
    one = retiering.retiering(HALVES.fit(EARLIER[:1]), EARLIER[:1], EARLIER[:1])
    assert movement(one).share == 0


def test_clusters_are_named_after_those_that_hold_their_customers():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"monetary_total": np.r_[rng.normal(10, 1, 40), rng.normal(1000, 9, 40)],
         "order_days": np.r_[rng.integers(1, 3, 40), rng.integers(30, 40, 40)],
         "days_since_last": np.r_[rng.integers(90, 99, 40), rng.integers(1, 9, 40)]},
        index=pd.Index([f"k{i:02}" for i in range(80)], name="customer_id"),
    )  # fmt: skip
    method = Clusters(k=2).fit(frame)
    found = retiering.retiering(method, frame, frame.sample(frac=1, random_state=1))
    assert (found.customers[["move", "move_recomputed"]] == SAME).all(axis=None)


def test_candidates_name_who_where_and_how_sure(found):
    moved = retiering.candidates(found, pd.Series({"a": 0.5, "c": 1.0}))
    assert moved["customer_id"].tolist() == ["c", "a"]
    assert moved[["move", "from", "to"]].to_numpy().tolist() == [[UP, "B", "A"], [DOWN, "A", "B"]]
    assert moved["value_before"].tolist() == [20, 40]
    assert moved["keep"].tolist() == [1.0, 0.5]
    table = retiering.summary(moved, found.tiers)
    assert "customer_id" not in table
    assert table["customers"].tolist() == [1, 1]


def test_attrition_by_hand():
    tiers = HALVES.fit(EARLIER).labels_
    lost = attrition(tiers, LATER.index, 365)
    assert lost["tier"].tolist() == ["A", "B", None]
    assert lost["lost"].tolist() == [0, 1, 1]
    assert lost["share"].tolist() == [0, 0.5, 0.25]
    assert (lost["year"] == lost["share"]).all()
    half = attrition(tiers, LATER.index, 182)
    assert half["year"].iloc[-1] == pytest.approx(1 - 0.75 ** (365 / 182))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 50), st.integers(1, 50), st.integers(20, 700))
def test_shares_stay_shares(number, more, days):
    customers = pd.Index([f"k{i}" for i in range(number + more)])
    tiers = pd.Series("A", customers, dtype=pd.CategoricalDtype(["A"], ordered=True))
    lost = attrition(tiers, customers[number:], days).iloc[0]
    assert 0 <= lost["low"] <= lost["share"] <= lost["high"] <= 1
    assert lost["share"] == number / (number + more)
    assert 0 <= lost["year_low"] <= lost["year"] <= lost["year_high"] <= 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 99)), min_size=2, max_size=30))
def test_everybody_is_counted_once(pairs):
    ids = [f"k{i}" for i in range(len(pairs))]
    early = window(**dict(zip(ids, [a for a, _b in pairs], strict=True)))
    late = window(**{k: b for k, (_a, b) in zip(ids, pairs, strict=True) if b})
    if late.empty:
        return
    found = retiering.retiering(HALVES.fit(early), early, late)
    m = movement(found)
    assert m.customers + m.lost == len(early)
    assert retiering.flows(found).to_numpy().sum() == len(early)
    assert len(retiering.candidates(found)) == m.up + m.down <= m.customers
