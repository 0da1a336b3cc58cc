"""Watch-lists: who stands on them, by hand."""

import copy
import datetime as dt

import hostile
import ibis
import numpy as np
import pandas as pd
import pytest

from segment.action import watchlists
from segment.action.watchlists import baskets, lists
from segment.pages.watch_lists import reason
from segment.study.schema import Watchlists
from segment.tiering import ABC, Scorecard

ASK = Watchlists(large=0.5, most=3)


def frame(**columns) -> pd.DataFrame:
    """Customers a, b, c, ... with the given columns; what is not given is unremarkable."""
    count = len(next(iter(columns.values())))
    usual = {"year": 100.0, "total": 100.0, "order_days": 1, "days_since_first": 10,
             "days_since_last": 10, "before": 100.0, "now": 100.0, "tier_before": 0, "tier": 0,
             "raised": 0, "keep": 1.0}  # fmt: skip
    index = pd.Index(list("abcdefgh")[:count], name="customer_id")
    return pd.DataFrame(usual | columns, index=index)


def test_large_are_the_first_share_of_those_who_brought_something():
    year = pd.Series([50.0, 40, 30, 20, 10, 0, -5, np.nan])
    assert (lists.large_limit(year, 0.4), lists.large_limit(year, 0.41)) == (40, 30)
    assert np.isnan(lists.large_limit(pd.Series([0.0, -1]), 0.1))


def test_overdue_by_the_own_interval_or_else_by_the_hiatus():
    found = frame(
        year=[900.0, 800, 700, 600, 500, 1, 1, 1],
        #     a: 5 purchases in 40 days, every 10; silent 21 > 2 x 10
        #     b: the same, silent 20: not yet; c: daily, silent 10: under a fortnight
        #     d: once, silent 183 > 182; e: twice, silent 182: the hiatus counts; f: not large
        order_days=[5, 5, 10, 1, 2, 5, 1, 1],
        days_since_first=[61, 60, 19, 183, 300, 400, 1, 1],
        days_since_last=[21, 20, 10, 183, 182, 360, 1, 1],
    )
    one = lists.silent(found, Watchlists(large=0.6, most=9), hiatus_days=182)
    assert one.rows.index.tolist() == ["a", "d"]
    assert one.rows["stake"].tolist() == [900, 600]
    assert one.rows["gap"].tolist() == pytest.approx([10, np.nan], nan_ok=True)
    assert (one.found, one.stake, one.lacks) == (2, 1500, "")


def test_unhappy_large_customers_and_what_is_unknown_does_not_count():
    found = frame(
        year=[90.0, 80, 70, 60, 50, 4, 3, 2], complaints=[0, 2, np.nan, np.nan, 1, 9, 0, 0],
        satisfaction=[3, 4, 2, np.nan, 5, 1, 1, 1],
    )  # fmt: skip
    # e is satisfied and complained once; b complained repeatedly; f is not large.
    some = Watchlists(large=0.6)
    assert lists.complaints(found, some).rows.index.tolist() == ["b", "c"]
    mood = found.drop(columns="complaints")
    assert lists.complaints(mood, some).rows.index.tolist() == ["c"]
    none = lists.complaints(found.drop(columns=["complaints", "satisfaction"]), ASK)
    assert (none.lacks, none.found, len(none.rows), none.listed) == (lists.NO_MOOD, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("places", "share", "high"),
    [([0, 0, 1, 1, 1, 2, 2, 2, 2, 2], 0.5, 2), ([0, 0, 1, 1, 1, 2, 2, 2, 2, 2], 0.49, 1),
     ([1, 1, 1, 2], 0.3, 2),  # nobody in the best tier; the best that anybody is in counts
     ([-1, -1], 0.3, 0), ([], 0.3, 0)],
)  # fmt: skip
def test_high_tiers(places, share, high):
    assert lists.high_tiers(pd.Series(places, dtype=int), share) == high


def test_falling_counts_what_is_brought_less_and_leaves_out_who_stopped():
    found = frame(
        tier_before=[0, 0, 0, 0, 1, 2, 2, 2], tier=[1, 2, 1, -1, 2, 2, 2, 2],
        before=[300.0, 200, 100, 100, 100, 10, 10, 10], now=[100.0, 150, 120, np.nan, 9, 9, 9, 9],
    )  # fmt: skip
    one = lists.falling(found, Watchlists(high=0.5), days=730)
    # c fell, but brings more; d stopped; e was not in a high tier. 200 and 50 in two years.
    assert one.rows["stake"].to_dict() == {"a": 100, "b": 25}
    assert one.rows[["was", "is"]].to_numpy().tolist() == [[0, 1], [0, 2]]
    gone = lists.falling(found.assign(days_since_last=365), Watchlists(high=0.5), days=730)
    assert gone.found == 0


def test_about_to_rise_means_close_or_fast_and_never_the_best_tier():
    found = frame(
        tier=[1, 1, 1, 0, 1, -1], raised=[0, 1, 0, 0, 1, -1],
        before=[100.0, 100, 0, 100, 100, 100], now=[150.0, 160, 100, 900, 149, np.nan],
    )  # fmt: skip
    one = lists.rising(found, ASK, days=365)
    assert one.rows[["close", "fast"]].to_numpy().tolist() == [
        [False, True], [True, True], [True, False]
    ]  # fmt: skip
    # b grew by 60; a by 50, more than its tenth of 15; c is close, a tenth of 100.
    assert one.rows["stake"].to_dict() == pytest.approx({"b": 60, "a": 50, "c": 10})


def test_dormant_counts_a_year_of_then():
    found = frame(
        year=[100.0, 0, 0, 0], total=[100.0, 400, 150, 40], days_since_first=[9, 1094, 500, 900],
        days_since_last=[9, 365, 400, 800],
    )  # fmt: skip
    one = lists.dormant(found, ASK, history=1100)
    # b brought 400 in 730 days, 200 a year; c 150 in 101 days, which count as a year.
    assert one.rows["stake"].to_dict() == {"b": 200, "c": 150}
    assert lists.dormant(found, ASK, history=365).lacks == lists.SHORT


def test_borderline_with_money_at_stake():
    found = frame(keep=[0.79, 0.8, 0.1, np.nan, 0.5], year=[10.0, 99, 0, 99, 20])
    assert lists.borderline(found, ASK).rows.index.tolist() == ["e", "a"]


def test_a_list_is_ordered_by_money_capped_and_says_how_many_there_are():
    rows = pd.DataFrame({"stake": [5.0, 9, 7, 9, 0, -1, np.nan]}, index=list("zbaxcde"))
    one = lists.ordered(lists.SILENT, rows, most=3)
    assert one.rows.index.tolist() == ["b", "x", "a"]
    assert (one.found, one.stake, one.listed) == (4, 30, 25)
    assert lists.ordered(lists.SILENT, rows, None).rows.index.tolist() == ["b", "x", "a", "z"]


def on(**stakes) -> list[lists.WatchList]:
    """Lists by name, each with the money at stake by customer."""
    frames = {name: pd.DataFrame({"stake": pd.Series(by)}) for name, by in stakes.items()}
    return [lists.ordered(name, frame, None) for name, frame in frames.items()]


@pytest.mark.parametrize(
    ("ways", "first"),
    [
        (("narrow", "complaints"), "complaints"), (("rising", "silent"), "silent"),
        (("narrow", "rising"), "rising"), (("borderline", "narrow"), "narrow"),
        (("dormant", "narrow"), "dormant"), (("silent", "falling", "complaints"), "complaints"),
    ],
)  # fmt: skip
def test_a_customer_on_several_lists_has_one_next_step_complaints_before_offers(ways, first):
    found = watchlists.call_list(
        on(**{way: {"a": 5.0} for way in ways}), frame(year=[5.0]), ASK, 182
    )
    assert found["lists"].str[0].to_dict() == {"a": first}
    assert sorted(found.loc["a", "lists"]) == sorted(ways)


def test_the_call_list_is_by_money_times_how_overdue_an_order_is():
    history = frame(
        # Usual gap 10 days, so overdue after 20: a 15 days silent, b 30, c 99, d a year, e 19
        order_days=[5, 5, 5, 5, 5], days_since_first=[55, 70, 139, 405, 59],
        days_since_last=[15, 30, 99, 365, 19], total=[100.0, 200, 300, 400, 500],
    )  # fmt: skip
    stakes = {"rising": {"a": 200.0, "e": 90}, "silent": {"b": 120.0, "c": 120}}
    stakes |= {"dormant": {"d": 190.0}, "narrow": {"b": 130.0}, "borderline": {"e": 999.0, "f": 9}}
    found = watchlists.call_list(on(**stakes), history, ASK, 182)
    # f alone is for a decision; b counts once, with its larger amount, 1.5 times overdue.
    expected = {"e": 999, "c": 120 * 2, "a": 200, "b": 130 * 1.5, "d": 190}
    assert found["priority"].to_dict() == pytest.approx(expected)
    assert found.index.tolist() == [*expected] and found["usual"].loc["d"] == 400 / 5
    assert watchlists.call_list(on(silent={}), history, ASK, 182).empty


@pytest.mark.parametrize(
    ("left", "each", "number", "shown"),
    [(27, 0.25, 108, 60), (0.9, 0.3, 3, 3), (1, 0.3, 3, 3), (0, 0.25, 0, 0), (-5, 0.25, 0, 0),
     (np.nan, 0.25, np.nan, 50), (27, np.nan, np.nan, 50)],
)  # fmt: skip
def test_the_hours_that_are_left_say_how_many_calls(left, each, number, shown):
    found = watchlists.calls(left, each)
    assert found == pytest.approx(number, nan_ok=True)
    assert len(watchlists.first(pd.DataFrame(index=range(60)), found)) == shown


ROWS = [
    ("1", "tea"), ("1", "tea"), ("2", "tea"), ("2", "cup"), ("3", "tea"), ("3", "cup"),
    ("4", "None"), ("5", "None"), ("5", "cup"), ("6", "tea"), ("6", "cup"), ("6", "None"),
]  # fmt: skip


def sold(rows=ROWS, role="category"):
    """One purchase a row, and three rows that do not count: a return, no item, another year."""
    day = dt.date(2024, 5, 1)
    data = [(who, day, 1.0, what) for who, what in rows]
    data += [("1", day, -1.0, "cup"), ("1", day, 1.0, None), ("1", dt.date(2025, 1, 1), 1.0, "cup")]
    return ibis.memtable(pd.DataFrame(data, columns=["customer_id", "date", "amount", role]))


WINDOW = (dt.date(2024, 1, 1), dt.date(2025, 1, 1))


def test_one_or_two_products_are_products_where_there_are_products(tmp_path):
    """Three cups of one category are three products; two teas are two."""
    rows = [("1", "cup"), ("1", "mug"), ("1", "pot"), ("2", "green"), ("2", "black")]
    both = sold(rows, "product").mutate(category=ibis.literal("one"))
    found = watchlists.bought_together(both, WINDOW, tmp_path)
    assert found.role == "product" and found.narrow["items"].to_dict() == {"2": 2}


@pytest.mark.parametrize("role", ["category", "product"])
def test_co_purchase_lift_by_hand(role, tmp_path):
    found = watchlists.bought_together(sold(role=role), WINDOW, tmp_path)
    assert (found.role, found.items) == (role, 3)
    pairs = found.pairs.set_index(["item", "other"])
    # tea: 1, 2, 3, 6; cup: 2, 3, 5, 6; None: 4, 5, 6; of six customers.
    assert pairs.loc[("tea", "cup"), ["customers", "others", "both"]].tolist() == [4, 4, 3]
    assert pairs.loc[("tea", "cup"), "lift"] == pytest.approx(3 * 6 / 16)
    assert pairs.loc[("cup", "tea"), "lift"] == pytest.approx(3 * 6 / 16)
    assert pairs.loc[("None", "tea"), "lift"] == pytest.approx(1 * 6 / 12)
    assert found.narrow["items"].to_dict() == {"1": 1, "2": 2, "3": 2, "4": 1, "5": 2}
    assert found.narrow.loc["4", "first"] == "None"


def test_the_next_item_is_the_one_of_highest_lift_that_enough_customers_bought(tmp_path):
    found = watchlists.bought_together(sold(), WINDOW, tmp_path)
    best = watchlists.likeliest(found, least=2)
    # tea and cup: lift 9/8. None and cup: 2 of 3 and 4 in 6 is chance, so 4 is offered nothing;
    # 5 has None and cup, and is offered tea for the cup.
    assert best["next"].to_dict() == {"1": "cup", "5": "tea"}
    assert best.loc["1", ["own", "next", "both", "share"]].tolist() == ["tea", "cup", 3, 0.75]
    assert watchlists.likeliest(found, least=4).empty
    one = lists.narrow(frame(year=[80.0]).set_axis(["1"]), ASK, best, found.items)
    assert one.rows["stake"].tolist() == [pytest.approx(80 * 0.75)]
    assert lists.narrow(frame(year=[80.0]), ASK, None, 0).lacks == lists.NO_ITEMS
    assert lists.narrow(frame(year=[80.0]), ASK, best, 2).lacks == lists.FEW_ITEMS


def test_a_customer_is_never_offered_what_it_has():
    pairs = pd.DataFrame(
        [("a", "b", 9, 9, 9, 3.0), ("a", "c", 9, 9, 9, 2.0), ("b", "a", 9, 9, 9, 3.0),
         ("b", "d", 9, 9, 9, 1.5)],
        columns=["item", "other", "customers", "others", "both", "lift"],
    )  # fmt: skip
    own = pd.DataFrame({"items": [1, 2], "first": ["a", "a"], "second": ["a", "b"]},
                       index=pd.Index(["x", "y"], name="customer_id"))  # fmt: skip
    best = watchlists.likeliest(baskets.Baskets("product", 4, pairs, own), least=1)
    assert best["next"].to_dict() == {"x": "b", "y": "c"}
    # What everybody buys, or nearly, goes with everything.
    by_chance = pairs.assign(lift=[1.0, 1.09, 1.0, 1.1])
    best = watchlists.likeliest(baskets.Baskets("product", 4, by_chance, own), least=1)
    assert best["next"].to_dict() == {"y": "d"}


def test_only_the_most_bought_items_make_pairs_and_without_items_there_are_none(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(baskets, "MOST_ITEMS", 2)
    found = watchlists.bought_together(sold(), WINDOW, tmp_path)
    assert {*found.pairs["item"]} == {"tea", "cup"}
    assert "4" in found.narrow.index
    assert watchlists.bought_together(sold().drop("category"), WINDOW, tmp_path) is None


def test_a_newcomer_without_what_a_method_reads_has_no_newest_tier():
    known = pd.DataFrame({"monetary_total": [1.0, 2, 3, 4], "mood": [1.0, 2, 3, 4]})
    method = Scorecard(weights={"monetary_total": 1, "mood": 1}).fit(known)
    later = known.assign(mood=[1.0, np.nan, 3, 4])
    tiers = watchlists.newest_tiers(method, later)
    assert tiers.isna().tolist() == [False, True, False, False]
    assert watchlists.newest_tiers(ABC().fit(known), later).notna().all()


@pytest.fixture(scope="module")
def a(hostile_run):
    return copy.copy(hostile_run)


def test_standing_is_what_the_rows_say(a):
    found = a.standing("ABC 80/95")
    rows = hostile.rows()
    rows = rows.assign(day=pd.to_datetime(rows["day"]))
    rows["customer"] = rows["customer"].str.replace("\u202e", "")  # a sign that nobody sees
    last = rows["day"].max()
    by = rows.groupby("customer")
    assert {*found.index} == {*rows["customer"]}
    expected = pd.DataFrame(
        {
            "total": by["paid"].sum(),
            "order_days": by["day"].nunique(),
            "days_since_last": (last - by["day"].max()).dt.days,
            "days_since_first": (last - by["day"].min()).dt.days,
            "year": rows[rows["day"] > last - pd.Timedelta(days=365)]
            .groupby("customer")["paid"].sum(),
        }
    ).reindex(found.index).fillna({"year": 0.0})  # fmt: skip
    for name in expected:
        assert found[name].to_numpy() == pytest.approx(expected[name].to_numpy(), abs=1e-6), name
    newest = last.date() + dt.timedelta(days=1)
    length = dt.timedelta(days=a.windows.calibration_days)
    assert a.windows.named["now"] == (newest - length, newest)


def test_every_list_holds_somebody_and_its_money_is_that_of_the_standing(a):
    made = a.watchlists
    assert tuple(made) == watchlists.LISTS
    assert all(one.lacks == "" for one in made.values())
    assert {name for name, one in made.items() if one.found} >= {
        "silent", "complaints", "falling", "rising", "narrow", "dormant"
    }  # fmt: skip
    for one in made.values():
        assert len(one.rows) == one.found
        assert one.rows["stake"].is_monotonic_decreasing and (one.rows["stake"] > 0).all()
        assert one.listed <= one.stake + 1e-9


def test_causes_of_complaints_and_the_share_of_wallet_are_told():
    found = frame(
        year=[90.0, 80], complaints=[2, 3], complaint_cause=["staff", None], wallet=[360.0, 0.0]
    )
    row = lists.complaints(found, Watchlists(large=0.9)).rows.to_dict("records")
    said = [reason("complaints", each, (), "EUR") for each in row]
    assert said == ["complaints 2, staff", "complaints 3"]
    offers = pd.DataFrame(
        {"items": 1, "own": "tea", "next": "cups", "share": 0.5, "lift": 2.0}, index=["a", "b"]
    )
    rows = lists.narrow(found, ASK, offers, 9).rows.to_dict("records")
    assert [reason("narrow", each, (), "EUR") for each in rows] == [
        "buys tea; its buyers add cups, spends 25% of its budget here",
        "buys tea; its buyers add cups",
    ]
