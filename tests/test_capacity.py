"""Hours against hours, cost against margin: by hand, against brute force, and at the edges."""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.action import capacity, service
from segment.study.schema import Member, Service

LEVELS = [
    {"name": "full", "contacts": {"sales": {"visit": "2-4 a month"}, "boss": {"visit": 1}}},
    {"name": "some", "contacts": {"sales": {"visit": 1}}},
    {"name": "none", "contacts": {}},
]
PLAN = Service(levels=LEVELS, hours={"visit": 2, "boss": {"visit": 1}})
SIZES = pd.Series({"A": 10, "B": 20, "C": 70})
LEVEL = pd.Series({"A": 0, "B": 1, "C": 2})
TEAM = {"sales": Member(people=2, hours=40, cost=50), "boss": Member(people=1, hours=20, cost=100)}


def team(**people):
    return capacity.available(
        {role: TEAM[role].model_copy(update={"people": n}) for role, n in people.items()}
    )


def plan(sizes=SIZES):
    return service.plan(PLAN, sizes, LEVEL)


def test_hours_by_role_by_hand():
    # Sales: 10 x 3 visits x 2 hours + 20 x 1 x 2; low with 2 visits, high with 4.
    found = capacity.load(plan(), team(sales=2, boss=1))
    assert found.loc["sales", ["low", "mid", "high"]].tolist() == [80, 100, 120]
    assert found.loc["sales", ["available", "load"]].tolist() == [80, 1.25]
    assert found.loc["boss", ["mid", "available", "load"]].tolist() == [10, 20, 0.5]


def test_zero_people_and_roles_that_the_team_lacks():
    found = capacity.load(plan(), team(sales=0))
    assert found.loc["sales", "load"] == np.inf
    assert found["load"].isna().to_dict() == {"sales": False, "boss": True}
    idle = capacity.load(plan(SIZES * 0), team(sales=0))
    assert idle.loc["sales", "load"] == 0


def test_cost_and_break_even_by_hand():
    margin = pd.Series({"A": 8000.0, "B": 1000.0, "C": 0.0})
    buyers = pd.Series([8, 5, 0], LEVEL.index)
    found = capacity.costs(plan(), team(sales=2, boss=1), SIZES, margin, buyers, months=2)
    # A: 60 hours of sales at 50 and 10 of the boss at 100.
    assert found["hours"].to_dict() == {"A": 70, "B": 40, "C": 0}
    assert found["cost"].to_dict() == {"A": 4000, "B": 2000, "C": 0}
    assert found["cost_period"].to_dict() == {"A": 8000, "B": 4000, "C": 0}
    assert found["cost_year"]["A"] == 48000
    assert found["uplift"].to_dict() == {"A": 1.0, "B": 4.0, "C": 0.0}
    # A buyer of A brings 1000: eight of its ten customers must buy because of the service.
    assert found["response"].to_dict() == {"A": 0.8, "B": 1.0, "C": 0.0}


def test_missing_costs_and_margins_stay_missing():
    margin, buyers = pd.Series(np.nan, SIZES.index), pd.Series(1, SIZES.index)
    found = capacity.costs(plan(), team(sales=2), SIZES, margin, buyers, 1)
    assert found["uplift"].isna().tolist() == [True, True, True]
    assert found["cost"].notna().all()
    # A tier that brought nothing is out of reach.
    found = capacity.costs(plan(), team(sales=2), SIZES, margin.fillna(0.0), buyers * 0, 1)
    assert found["uplift"].tolist() == [np.inf, np.inf, 0]
    free = team(sales=2).assign(cost=np.nan)
    found = capacity.costs(plan(), free, SIZES, margin.fillna(5.0), buyers, 1)
    assert found["cost"].isna().all()
    assert found["uplift"].isna().all()


def test_the_tornado_by_hand():
    found = capacity.tornado(plan(), team(sales=2, boss=1), SIZES, margin=24000.0, months=1)
    base = 6000 / 24000
    assert (found["base"] == base).all()
    rows = found.set_index(["assumption", "tier"])
    assert rows.loc[("hours", ""), ["low", "high"]].tolist() == [base * 0.75, base * 1.25]
    assert rows.loc[("margin", ""), ["low", "high"]].tolist() == [base / 0.75, base / 1.25]
    # Between 2 and 4 visits: 20 hours of sales at 50 less or more.
    assert rows.loc[("contacts", "A"), ["low", "high"]].tolist() == [5000 / 24000, 7000 / 24000]
    # B has no range: a quarter of its 2000.
    assert rows.loc[("contacts", "B"), "low"] == 5500 / 24000
    # A quarter of A, 2.5 customers, falls to C, which costs nothing: 1000 less.
    assert rows.loc[("size", "A"), ["low", "high"]].tolist() == [5000 / 24000, 7000 / 24000]
    assert ("size", "C") not in rows.index
    swing = (found["high"] - found["low"]).abs()
    assert swing.is_monotonic_decreasing


def test_the_tornado_counts_hours_where_there_is_no_money():
    for people, margin in ((team(), 100.0), (team(sales=2), None), (team(sales=2), 0.0)):
        found = capacity.tornado(plan(), people, SIZES, margin, 1)
        assert (found["base"] == 110).all()
        assert not set(found["assumption"]) & {"cost", "margin"}


def test_remedies_by_hand():
    effort = service.effort(PLAN)
    found = capacity.remedies(SIZES, LEVEL, effort, team(sales=2, boss=1), floor=2)
    assert found["fits"].to_dict() == {"sales": False, "boss": True}
    # 80 of 100 hours; 20 hours are half a person of 40.
    assert found.loc["sales", ["factor", "people", "least"]].tolist() == [0.8, 1, 0]
    assert found.loc["boss", ["factor", "people"]].tolist() == [1, 0]
    # With the middle level as the floor 200 hours are the least: no cut helps.
    low = capacity.remedies(SIZES, LEVEL.clip(upper=1), effort, team(sales=2), floor=1)
    assert low.loc["sales", ["needed", "least"]].tolist() == [240, 200]
    assert not low.loc["sales", "possible"]
    none = capacity.remedies(SIZES, LEVEL, effort, team(sales=0), floor=2)
    assert none.loc["sales", ["factor", "people"]].tolist() == [0, 3]


def test_who_falls_to_the_floor():
    tiers = pd.Series(pd.Categorical(list("AAAAABBCC"), list("ABC"), ordered=True))
    past = pd.Series([5, 1, 4, 2, 3, 9, 9, 1, 1.0])
    found = capacity.demoted(tiers, LEVEL, past, factor=0.6, floor=2)
    # Three of five stay in A, one of two in B; of equals the first stays.
    assert found.tolist() == [False, True, False, True, False, False, True, False, False]


def test_what_is_at_stake_by_bootstrap_and_by_formula():
    rng = np.random.default_rng(0)
    value, who = rng.exponential(10, 2000), rng.uniform(size=(2000, 2)) < [0.3, 0.0]
    exact = capacity.at_stake(value, who, 2000, 1, most_resampled=10_000)
    normal = capacity.at_stake(value, who, 2000, 1, most_resampled=1000)
    assert exact["value"].tolist() == pytest.approx([value[who[:, 0]].sum(), 0])
    assert exact["customers"].tolist() == [who[:, 0].sum(), 0]
    width = exact["high"] - exact["low"]
    assert width[0] == pytest.approx(normal["high"][0] - normal["low"][0], rel=0.06)
    assert exact["low"][0] < exact["value"][0] < exact["high"][0]
    assert width[1] == 0


def brute(sizes, value, effort, hours, weights, floor):
    """Return the best value of all whole divisions that keep the rules."""
    best = -1.0
    splits = [
        [c for c in itertools.product(range(n + 1), repeat=floor + 1) if sum(c) == n] for n in sizes
    ]
    for placed in itertools.product(*splits):
        counts = np.array(placed, dtype=float)
        means = [row @ weights[: floor + 1] / row.sum() for row in counts if row.sum()]
        ordered = all(a >= b - 1e-12 for a, b in itertools.pairwise(means))
        if ordered and (counts.sum(axis=0) @ effort[: floor + 1] <= hours + 1e-9).all():
            best = max(best, (counts * np.outer(value, weights[: floor + 1])).sum())
    return best


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_optimum_is_that_of_brute_force(data):
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    value = data.draw(st.lists(st.floats(0, 100), min_size=len(sizes), max_size=len(sizes)))
    pairs = st.tuples(st.floats(0, 5), st.floats(0, 5))
    drawn = data.draw(st.lists(pairs, min_size=3, max_size=3))
    # In hundredths: the solver takes less than a millionth for nothing.
    effort = np.sort(np.array(drawn), axis=0)[::-1].round(2)
    hours = np.array(data.draw(st.tuples(st.floats(0, 30), st.floats(0, 30)))).round(2)
    floor = data.draw(st.integers(1, 2))
    weights, names = np.array([1, 0.5, 0.1]), [f"t{i}" for i in range(len(sizes))]
    if sum(sizes) == 0:
        return
    expected = brute(sizes, np.array(value), effort, hours, weights, floor)
    found = capacity.best(pd.Series(sizes, names), pd.Series(value, names),
                          pd.DataFrame(effort, columns=["x", "y"]),
                          pd.Series(hours, ["x", "y"]), weights, floor)  # fmt: skip
    if found is None:
        assert expected == -1
        return
    got = capacity.reached(found, pd.Series(value, names), weights)
    assert expected * 0.999 - 1e-4 <= got <= expected + 1e-4
    assert found.shape[1] == floor + 1  # nobody below the floor
    assert found.sum(axis=1).tolist() == sizes
    assert (found.sum().to_numpy() @ effort[: floor + 1] <= hours + 1e-6).all()


def test_contacts_and_buyers_by_hand():
    sizes, buyers = pd.Series([10, 0, 90], list("ABC")), pd.Series([5, 0, 5], list("ABC"))
    value, planned = pd.Series([100.0, 0, 20], list("ABC")), pd.Series([20.0, 0, 0], list("ABC"))
    found = capacity.reach(sizes, buyers, value, contact=0.5, planned=planned)
    assert list(found.index) == ["A", "C"]
    assert found["per_buyer"].tolist() == [2, 18]
    assert found["hours_so_far"].tolist() == [5, 50]
    assert found["buyers_so_far"].tolist() == [5, 10]
    assert found["value_hour"].tolist() == [20, 20 / 45]
    assert found.loc["A", "planned_hour"] == 5
    assert np.isnan(found.loc["C", "planned_hour"])
    assert capacity.worth_contacting(found) == ["A"]


def test_a_tier_that_holds_nobody_gets_nobody():
    sizes, value = pd.Series({"A": 2, "B": 0, "C": 3}), pd.Series({"A": 9.0, "B": 0.0, "C": 1.0})
    found = capacity.best(sizes, value, service.effort(PLAN), pd.Series({"sales": 14.0}),
                          service.weights(PLAN), floor=2)  # fmt: skip
    # Six hours each for two of A, and two hours for one of C.
    assert found.to_numpy().tolist() == [[2, 0, 0], [0, 0, 0], [0, 1, 2]]
    costs = capacity.costs(plan(sizes), team(sales=1), sizes, value * sizes, sizes, 1)
    assert costs.loc["B", ["cost", "uplift"]].tolist() == [0, 0]


def test_no_buyer_and_no_difference_name_nobody():
    sizes, zero = pd.Series([10, 90], list("AB")), pd.Series([0, 0], list("AB"))
    found = capacity.reach(sizes, zero, zero.astype(float), 1.0, zero)
    assert capacity.worth_contacting(found) == []
    assert found["per_buyer"].tolist() == [np.inf, np.inf]
    even = capacity.reach(sizes, pd.Series([1, 9], list("AB")), zero.astype(float), 1.0, zero)
    assert capacity.worth_contacting(even) == []


@pytest.mark.parametrize(
    ("buyers", "best"),
    [([9, 5, 4, 2], "A"), ([4, 9, 5, 2], "AB"), ([6, 4, 8, 2], "ABC"), ([2, 4, 5, 9], "")],
)
def test_the_best_tiers_to_contact_hold_most_buyers_beyond_their_share(buyers, best):
    # Ten customers in each of four tiers, 20 buyers: half of all.
    sizes, buyers = pd.Series(10, list("ABCD")), pd.Series(buyers, list("ABCD"))
    found = capacity.reach(sizes, buyers, buyers.astype(float), 1.0, sizes)
    assert "".join(capacity.worth_contacting(found)) == best


def test_the_call_list_is_made_by_its_script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "data")
    import make_call_list

    made = make_call_list.purchases()
    kept = pd.read_parquet(ROOT / "data" / "call_list.parquet")
    assert (ROOT / "data" / "call_list.parquet").stat().st_size < 300_000
    pd.testing.assert_frame_equal(made.assign(date=made["date"].dt.date), kept, check_dtype=False)
