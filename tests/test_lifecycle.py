"""Lifecycle stages on customers that can be checked by hand, and their page."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest
import shop

from segment.errors import StudyError
from segment.pages import narrate, plots, views
from segment.run import open_study
from segment.tiering import Lifecycle
from segment.tiering.lifecycle import prospect_stages

# Mean gaps of the three who bought more than once: 10, 30 and 100 days, so 30 is typical.
CUSTOMERS = pd.DataFrame(
    [
        ("weekly, late", 11, 160, 60),
        ("monthly, on time", 4, 150, 60),
        ("seldom, on time", 2, 160, 60),
        ("once, just now", 1, 20, 20),
        ("once, a while ago", 1, 100, 100),
        ("once, long ago", 1, 250, 250),
    ],
    columns=["name", "order_days", "days_since_first", "days_since_last"],
).set_index("name")


def test_lateness_counts_the_customers_own_gaps():
    method = Lifecycle().fit(CUSTOMERS)
    assert method.typical_gap_ == 30
    # 60 days against (30 + 100) / 11, (30 + 90) / 4 and (30 + 100) / 2; then 30 alone.
    expected = [60 * 11 / 130, 60 * 4 / 120, 60 * 2 / 130, 20 / 30, 100 / 30, 250 / 30]
    assert method.lateness(CUSTOMERS).tolist() == pytest.approx(expected)


def test_the_same_silence_means_different_stages():
    stages = Lifecycle().fit(CUSTOMERS).labels_
    assert stages.tolist() == ["dormant", "active", "active", "new", "at risk", "lost"]
    assert list(stages.cat.categories) == ["active", "new", "at risk", "dormant", "lost"]


def test_nobody_with_a_rhythm():
    once = CUSTOMERS.query("order_days == 1")
    assert Lifecycle().fit(once).typical_gap_ == 100


def test_every_stage_has_a_rule_and_a_note():
    fitted = Lifecycle(names=["签约", "新", "风险", "僵尸客户", "失效"]).fit(CUSTOMERS)
    assert fitted.rules()["tier"].tolist() == ["签约", "新", "风险", "僵尸客户", "失效"]
    assert fitted.notes().index.equals(pd.Index(fitted.tiers_, name="tier"))
    assert fitted.notes().notna().all(axis=None)


def test_a_contact_counts_only_before_the_cut():
    met = pd.Series(pd.to_datetime(["2024-06-30", "2024-07-01", None]), index=["a", "b", "c"])
    stages = prospect_stages(met, dt.date(2024, 7, 1), ["潜在", "热点"])
    assert stages.to_dict() == {"a": "热点", "b": "潜在", "c": "潜在"}
    assert list(stages.cat.categories) == ["热点", "潜在"]
    assert prospect_stages(met[:0], dt.date(2024, 7, 1)).empty


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"at_risk_after": 5}, "must go up"), ({"newcomer_days": 1.5}, "'newcomer_days'"),
     ({"names": ["a"]}, "'names'"), ({"prospect_names": "ab"}, "'prospect_names'"),
     ({"prospect_names": ["lead", "new"]}, "'new' stands under")],
)  # fmt: skip
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(StudyError, match=message):
        Lifecycle(**parameters).fit(CUSTOMERS)


def judged(stages: dict[str, tuple[int, int]]) -> SimpleNamespace:
    """An analysis of stages with so many customers, of whom so many bought again."""
    labels = [name for name, (n, _) in stages.items() for _ in range(n)]
    active = [i < some for n, some in stages.values() for i in range(n)]
    tiers = ("active", "new", "at risk", "dormant", "lost")
    method = SimpleNamespace(
        labels_=pd.Series(pd.Categorical(labels, tiers, ordered=True)), tiers_=tiers,
        limits=(2, 4, 8),
    )  # fmt: skip
    return SimpleNamespace(
        methods={"L": method}, outcome=pd.DataFrame({"active": active, "value": 1.0})
    )


def test_the_interval_of_a_fall_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10:
    # 56 of 70 against 48 of 80.
    found = views.lifecycle.drops(judged({"active": (70, 56), "at risk": (80, 48)}), "L")
    assert found["limit"].tolist() == [2]  # nobody is dormant or lost
    assert found.loc[0, ["before", "after", "drop"]].tolist() == pytest.approx([0.8, 0.6, 0.2])
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx([0.0524, 0.3339], abs=1e-4)


STUDY = shop.YAML.replace("methods:", "methods:\n  Lifecycle: {{method: lifecycle}}")
RETURNED = {"active": (100, 80), "at risk": (100, 40), "dormant": (100, 38), "lost": (100, 70)}


def test_a_limit_without_a_fall_and_one_with_a_rise_are_named(monkeypatch):
    once = pd.DataFrame({"stage": list(RETURNED), "customers": 100, "once": [0, 0.2, 0.9, 0.1]})
    monkeypatch.setattr(views.lifecycle, "stages", lambda a, label: once)
    said = narrate.lifecycle.limits(judged(RETURNED), "L")
    assert "cannot show a fall at 4 usual gaps" in said
    assert "At 8 usual gaps it rises" in said
    assert "90% of the dormant and 10% of the lost" in said
    falls = judged({"active": (100, 80), "at risk": (100, 30)})
    assert narrate.lifecycle.limits(falls, "L").endswith("It falls at every limit.")


@pytest.fixture(scope="module")
def a(tmp_path_factory):
    found = open_study(shop.write(tmp_path_factory.mktemp("shop"), yaml=STUDY))
    file = pd.DataFrame({"first_contact": pd.to_datetime(["2023-05-01", None, "2023-10-01"]),
                         "active": [True, False, False], "value": [90.0, 0, 0]},
                        index=["P1", "P2", "P3"])  # fmt: skip
    found.__dict__["prospects"] = file
    return found


def test_stages_hold_everyone_and_the_whole_amount(a):
    found = views.lifecycle.stages(a, "Lifecycle").set_index("stage")
    assert found.index.tolist()[:2] == ["contacted", "prospect"]
    assert found.loc["contacted", ["customers", "share", "value"]].tolist() == [1, 1, 90]
    assert found.loc["prospect", ["customers", "share"]].tolist() == [2, 0]
    tiers = found.iloc[2:]
    assert tiers["customers"].sum() == len(a.customers)
    assert tiers["past"].sum() == pytest.approx(a.customers["monetary_total"].sum())
    assert tiers["past_share"].sum() == pytest.approx(1)
    back = (tiers["share"] * tiers["customers"]).sum()
    assert back == pytest.approx(a.outcome["active"].sum())
    held = tiers[tiers["customers"] > 0]
    assert ((held["low"] <= held["share"]) & (held["share"] <= held["high"])).all()


def test_points_hold_every_customer_once_and_never_cross_a_limit(a):
    points = views.lifecycle.return_by_lateness(a, "Lifecycle")
    assert points["customers"].sum() == len(a.customers)
    bought = (points["customers"] * points["share"]).sum()
    assert bought == pytest.approx(a.outcome["active"].sum())
    low, high = {"active": 0, "at risk": 2, "dormant": 4, "lost": 8}, {"active": 2, "at risk": 4}
    by_stage = points[points["group"] != "new"]
    assert (by_stage["lateness"] >= by_stage["stage"].map(low).astype(float)).all()
    assert (by_stage["lateness"] <= by_stage["stage"].map(high).astype(float).fillna(99)).all()


def test_contrasts_divide_the_customers_twice(a):
    found = views.lifecycle.contrasts(a, "Lifecycle").set_index("group")
    n = found["customers"]
    assert n["one-off"] == (a.customers["order_days"] == 1).sum()
    assert n["one-off"] + n["repeat"] == n["newcomers"] + n["long-standing"] == len(a.customers)
    assert found.loc[["one-off", "repeat"], "past_share"].sum() == pytest.approx(1)


def test_the_page_speaks_of_what_it_found(a):
    first, prospects, *_ = narrate.lifecycle.answer(a, ["Lifecycle"])
    stages = views.lifecycle.stages(a, "Lifecycle").set_index("stage")
    assert (
        f"**Of {len(a.customers)} customers, {stages['customers']['at risk']} are at risk" in first
    )
    assert "100% of the 1 called *contacted*" in prospects
    points = views.lifecycle.return_by_lateness(a, "Lifecycle")
    title = narrate.lifecycle.title(a, "Lifecycle")
    ax = plots.return_by_lateness(points, **views.lifecycle.axis(a, "Lifecycle"), title=title)
    assert ax.get_title(loc="left") or ax.get_title()
    drawn = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() in "oDs")
    assert drawn == len(points)


def test_nobody_is_late_where_all_bought_lately(a, monkeypatch):
    stages = views.lifecycle.stages(a, "Lifecycle").set_index("stage")
    empty = stages.assign(customers=stages["customers"].where(stages.index == "active", 0))
    monkeypatch.setattr(views.lifecycle, "stages", lambda a, label: empty.reset_index())
    n = len(a.customers)
    assert narrate.lifecycle.slipping(a, "Lifecycle") == (
        f"**None of {n} customers is at risk, dormant or lost.**"
    )
    share = round(100 * stages["share"]["active"])
    assert narrate.lifecycle.comes_back(a, "Lifecycle") == (f"{share}% of the active bought again.")


def test_without_a_customers_table_nothing_is_said_of_prospects(a, monkeypatch):
    monkeypatch.setitem(a.__dict__, "prospects", None)
    assert narrate.lifecycle.prospects(a, "Lifecycle") == ""
    assert views.lifecycle.stages(a, "Lifecycle")["stage"].iloc[0] == "active"
