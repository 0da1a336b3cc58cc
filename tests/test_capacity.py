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


def groups(sizes=SIZES, level=LEVEL):
    return pd.DataFrame({"tier": sizes.index, "level": [*level], "customers": [*sizes]})


def plan(sizes=SIZES):
    return service.plan(PLAN, groups(sizes))


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


def test_whole_persons_are_missing():
    # 100 hours of sales needed, 80 there: half a person of 40.
    found = capacity.load(plan(), team(sales=2, boss=1))
    assert found["missing"].to_dict() == {"sales": 1, "boss": 0}
    assert capacity.load(plan(), team(sales=0))["missing"]["sales"] == 3


def test_the_feasible_plan_by_hand():
    effort, weights = service.effort(PLAN), service.weights(PLAN)
    value, pays = pd.Series([30.0, 10.0, 1.0], [*SIZES.index]), np.full((3, 4), True)

    def found(pays=pays, **people):
        available = team(**people)["available"]
        return capacity.feasible(groups(), value, pays, effort, available, weights)

    assert found(sales=3, boss=1).equals(groups())
    # 80 of 100 hours of sales. A level less for A gives up 15 for 4 hours, for B 4 for 2 hours.
    rows = found(sales=2, boss=1).to_numpy().tolist()
    assert rows == [["A", 0, 10], ["B", 1, 10], ["B", 2, 10], ["C", 2, 70]]
    # What costs B more than it brings goes, whatever the hours; A's first level as well.
    dear = pays.copy()
    dear[1, :2] = dear[0, 0] = False
    rows = found(dear, sales=9, boss=1).to_numpy().tolist()
    assert rows == [["A", 1, 10], ["B", 2, 20], ["C", 2, 70]]
    # Not even the last level fits where that takes hours.
    assert capacity.feasible(groups(level=[0, 1, 1]), value, pays[:, :2], effort,
                             team(sales=1)["available"], weights) is None  # fmt: skip


def brute(sizes, value, effort, hours, weights, wished, pays):
    """Return the best value of all whole divisions that keep the rules."""
    best, number = -1.0, pays.shape[1]
    splits = [
        [
            counts
            for counts in itertools.product(range(n + 1), repeat=number)
            if sum(counts) == n
            and not any(c and (at < wish or not may[at]) for at, c in enumerate(counts))
        ]
        for n, wish, may in zip(sizes, wished, pays, strict=True)
    ]
    free = [may[wish] for wish, may in zip(wished, pays, strict=True)]
    for placed in itertools.product(*splits):
        counts = np.array(placed, dtype=float).reshape(len(sizes), number)
        means = [
            (row @ weights[:number] / row.sum(), kept)
            for row, kept in zip(counts, free, strict=True)
            if row.sum()
        ]
        ordered = all(a[0] >= b[0] - 1e-12 or not a[1] for a, b in itertools.pairwise(means))
        if ordered and (counts.sum(axis=0) @ effort[:number] <= hours + 1e-9).all():
            best = max(best, (counts * np.outer(value, weights[:number])).sum())
    return best


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_optimum_is_that_of_brute_force(data):
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    tiers = len(sizes)
    value = data.draw(st.lists(st.floats(1, 100), min_size=tiers, max_size=tiers))
    pairs = st.tuples(st.floats(0, 5), st.floats(0, 5))
    drawn = data.draw(st.lists(pairs, min_size=3, max_size=3))
    # In hundredths: the solver takes less than a millionth for nothing.
    effort = np.sort(np.array(drawn), axis=0)[::-1].round(2)
    hours = np.array(data.draw(st.tuples(st.floats(0, 30), st.floats(0, 30)))).round(2)
    last = data.draw(st.integers(1, 2))
    wished = sorted(data.draw(st.lists(st.integers(0, last), min_size=tiers, max_size=tiers)))
    pays = np.array(
        [data.draw(st.lists(st.booleans(), min_size=last + 1, max_size=last + 1)) for _ in sizes]
    )
    pays[:, last] = True
    weights, names = np.array([1, 0.5, 0.1]), [f"t{i}" for i in range(tiers)]
    wish = groups(pd.Series(sizes, names), wished)
    expected = brute(sizes, np.array(value), effort, hours, weights, wished, pays)
    found = capacity.feasible(wish, pd.Series(value), pays,
                              pd.DataFrame(effort, columns=["x", "y"]),
                              pd.Series(hours, ["x", "y"]), weights)  # fmt: skip
    if found is None:
        assert expected == -1
        return
    each = found["tier"].map(dict(zip(names, value, strict=True)))
    got = (found["customers"] * each * weights[found["level"]]).sum()
    assert expected * 0.999 - 1e-4 <= got <= expected + 1e-4
    assert found.groupby("tier", sort=False)["customers"].sum().to_dict() == dict(
        zip(names, sizes, strict=True)
    )
    assert (found["customers"] @ effort[found["level"]] <= hours + 1e-6).all()


def test_contacts_and_buyers_by_hand():
    sizes, buyers = pd.Series([10, 0, 90], list("ABC")), pd.Series([5, 0, 5], list("ABC"))
    found = capacity.reach(sizes, buyers, contact=0.5)
    assert list(found.index) == ["A", "C"]
    assert found["per_buyer"].tolist() == [2, 18]
    assert found["hours_so_far"].tolist() == [5, 50]
    assert found["buyers_so_far"].tolist() == [5, 10]
    assert capacity.worth_contacting(found) == ["A"]


def test_a_tier_that_holds_nobody_gets_nobody():
    sizes, value = pd.Series({"A": 2, "B": 0, "C": 3}), pd.Series([9.0, 0.0, 1.0])
    wish, pays = groups(sizes, [0, 1, 1]), np.full((3, 3), True)
    hours = pd.Series({"sales": 14.0})
    found = capacity.feasible(wish, value, pays, service.effort(PLAN), hours, service.weights(PLAN))
    # Six hours each for two of A, and two hours for one of C.
    expected = [["A", 0, 2], ["B", 1, 0], ["C", 1, 1], ["C", 2, 2]]
    assert found.to_numpy().tolist() == expected
    margin = pd.Series({"A": 18.0, "B": 0.0, "C": 3.0})
    costs = capacity.costs(service.plan(PLAN, found), team(sales=1), sizes, margin, sizes, 1)
    assert costs.loc["B", ["cost", "uplift"]].tolist() == [0, 0]


def test_no_buyer_and_no_difference_name_nobody():
    sizes, zero = pd.Series([10, 90], list("AB")), pd.Series([0, 0], list("AB"))
    found = capacity.reach(sizes, zero, 1.0)
    assert capacity.worth_contacting(found) == []
    assert found["per_buyer"].tolist() == [np.inf, np.inf]
    even = capacity.reach(sizes, pd.Series([1, 9], list("AB")), 1.0)
    assert capacity.worth_contacting(even) == []


@pytest.mark.parametrize(
    ("buyers", "best"),
    [([9, 5, 4, 2], "A"), ([4, 9, 5, 2], "AB"), ([6, 4, 8, 2], "ABC"), ([2, 4, 5, 9], "")],
)
def test_the_best_tiers_to_contact_hold_most_buyers_beyond_their_share(buyers, best):
    # Ten customers in each of four tiers, 20 buyers: half of all.
    sizes, buyers = pd.Series(10, list("ABCD")), pd.Series(buyers, list("ABCD"))
    found = capacity.reach(sizes, buyers, 1.0)
    assert "".join(capacity.worth_contacting(found)) == best


def test_the_call_list_is_made_by_its_script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "data")
    import make_call_list

    made = make_call_list.purchases()
    kept = pd.read_parquet(ROOT / "data" / "call_list.parquet")
    assert (ROOT / "data" / "call_list.parquet").stat().st_size < 300_000
    pd.testing.assert_frame_equal(made.assign(date=made["date"].dt.date), kept, check_dtype=False)
