"""The page of the service plan: what it says of teams that suffice, do not, or are not named."""

import dataclasses
import re
from html import unescape

import cells
import pandas as pd
import pytest
import shop
from conftest import ROOT

from segment import language
from segment.action import service
from segment.pages import (
    _plan,
    contact_reach,
    experiment,
    plan_calculator,
    service_costs,
    service_plan,
    summary,
)
from segment.run import Run, prepare
from segment.study import read

TIGHT = "team: {{sales: {{people: 2, hours: 90, cost: 1}}, manager: {{people: 1, hours: 100}}}}\n"
LOW = "service: {{floor: automated}}\nteam: {{sales: {{people: 1, hours: 1}}}}\n"
CASES = {
    "no plan": "",
    "no team": "service: {{}}\n",
    "tight": TIGHT + "costs: {{margin_rate: 0.3, assumed: true}}\n",
    "plenty": "team: {{sales: {{people: 90, hours: 100, cost: 1}}}}\ncosts: {{margin_rate: 1}}\n",
    "zero people": "team: {{sales: {{people: 0, hours: 100, cost: 20}}}}\n",
    "no costs": "team: {{sales: {{people: 3, hours: 150}}}}\n",
    "below the floor": LOW,
    "nothing planned": "service: {{levels: [{{name: self-service}}]}}\n",
}
# What the page says first, and elsewhere.
WORDS = {
    "no plan": ["names neither `service` nor `team`", "Marketing"],
    "no team": ["The plan takes", "The study names no team"],
    "tight": ["The wished plan does not", "As wished", "(assumed)", "are assumptions"],
    "plenty": ["The plan takes", "Service pays where", "no hours for manager"],
    "zero people": ["the team has no hours for customers", "The tiers to contact first"],
    "no costs": ["no cost per hour"],
    "below the floor": ["Not even the least that the study asks for fits", "sales (needs"],
    "nothing planned": ["takes no hours", "Contacts and buyers, the best tier first"],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Run:
    """A shop for which no scheme is recommended, with all evidence."""
    yaml = shop.YAML.replace("backtest: {{replicates: 200}}", "backtest: {{replicates: 100}}")
    yaml += "readiness: {{verdict_customers: 1000}}\n"
    run = prepare(read(shop.write(tmp_path_factory.mktemp("plan"), yaml=yaml)))
    assert run.verdict.refused
    return run


def planned(run: Run, folder, more: str) -> Run:
    """Return the same evidence under another service plan, team and costs."""
    study = read(shop.write(folder, yaml=shop.YAML + more))
    other = dataclasses.replace(run, study=study, computed={})
    evidence = ("methods", "backtest", "verdict", "customers", "outcome", "today", "history")
    other.__dict__.update({name: getattr(run, name) for name in evidence})
    return other


@pytest.mark.parametrize("case", CASES)
def test_the_page_says_what_there_is_to_say(small, tmp_path, case):
    html = cells.shown("19_service_plan", planned(small, tmp_path, CASES[case]))
    text = unescape(re.sub(r"<[^>]+>", " ", html))
    for words in [*WORDS[case], "are shown as an example"]:
        assert words in text or words in html, words
    wrong = re.search(r"\bnan\b|\binf\b|\bNone\b|n/a|[{}]", text)
    assert wrong is None, text[wrong.start() - 60 : wrong.end() + 60]


def test_what_each_tier_must_bring_is_rounded_up():
    rows = [(10.0, 90.0, 300.0, 0.1701), (0.0, 0.0, 600.0, 0.0), (10.0, 9.0, 3.0, 3.0)]
    table = pd.DataFrame(rows, list("ABC"), ["cost", "cost_period", "margin", "uplift"])
    assert service_costs.where_it_pays(table) == (
        "Service pays where it makes a tier bring: *A* 17.1% more. In *C* the service costs more "
        "than customers brought."
    )


def test_the_plan_counts_the_customers_of_today(small, tmp_path):
    scheme = planned(small, tmp_path, CASES["tight"]).schemes["RFM segments"]
    rows = shop.rows().assign(day=lambda x: pd.to_datetime(x["day"]))
    first, end = scheme.windows.named["now"]
    day = rows["day"].dt.date
    recent = rows[(day >= first) & (day < end)]
    table = _plan.tiers(scheme)
    assert table["customers"].sum() == rows["customer"].nunique()
    assert table["customers"][_plan.LAPSED] == (
        rows["customer"].nunique() - recent["customer"].nunique()
    )
    # A tier brings what its customers at the cut brought each, for as many as there are today.
    tiers = scheme.method.labels_.astype(str)
    later = rows[day >= scheme.windows.cut].groupby("customer")["paid"].sum()
    each = later.reindex(tiers.index, fill_value=0.0).groupby(tiers).mean()
    assert table["mean"][each.index].to_dict() == pytest.approx(each.to_dict())
    assert table["margin"].sum() == pytest.approx(0.3 * (each * table["customers"]).sum())


def test_an_hour_of_service_meets_the_margin_of_its_tier(small, tmp_path):
    scheme = planned(small, tmp_path, CASES["plenty"]).schemes["RFM segments"]
    found = service_costs.per_hour(scheme).set_index("tier")
    costs = _plan.costs(scheme).loc[found.index]
    assert len(found) > 1 and (costs["hours"] > 0).all()
    hours = costs["hours"] * _plan.months(scheme)
    assert found["margin_hour"].to_dict() == pytest.approx((costs["margin"] / hours).to_dict())
    # An hour of sales costs 1, one of the managers nothing.
    assert found["cost_hour"].between(0.5, 1).all()


def test_customers_who_lapsed_have_a_chinese_name(small, tmp_path):
    run = planned(small, tmp_path, CASES["tight"] + "language: zh\n")
    scheme = run.schemes["RFM segments"]
    form = plan_calculator.form(scheme).data
    with language.using("zh"):
        assert service_plan.service_by_tier(scheme)["tier"].iloc[-1] == "近期未购买"
        assert summary.shares(scheme)["tier"].iloc[-1] == "近期未购买"
    assert "<th scope='row'>近期未购买, " in form and _plan.LAPSED not in form


def test_the_plan_that_is_shown_can_be_done(small, tmp_path):
    scheme = planned(small, tmp_path, CASES["tight"]).schemes["RFM segments"]
    policy, groups = scheme.study.service, _plan.groups(scheme)
    assert _plan.changed(scheme)
    load = service_plan.load(scheme).set_index("role")
    for role, there in (("sales", 180), ("manager", 100)):
        effort = service.effort(policy)[role]
        needed = (groups["customers"] * effort.loc[groups["level"]].to_numpy()).sum()
        assert load["needed"][role] == pytest.approx(needed) and needed <= there
    # Nowhere does the service of a customer cost more than a customer brings.
    cost = service.effort(policy)["sales"].loc[groups["level"]].to_numpy()
    mean = _plan.tiers(scheme)["mean"].loc[groups["tier"]].to_numpy()
    served = groups["customers"].to_numpy() > 0
    assert (cost * _plan.months(scheme) <= 0.3 * mean + 1e-9)[served].all()
    hours = _plan.in_hours(load["needed"][["sales", "manager"]].sum())
    assert f"The plan here takes {hours}" in service_plan.answer(scheme)[0]


def test_nobody_bought_lately_or_nobody_in_a_tier(small, tmp_path):
    run = planned(small, tmp_path, CASES["plenty"])
    scheme = run.schemes["ABC 80/95"]
    best = scheme.newest_tiers == "A"
    some = dataclasses.replace(scheme, newest=scheme.newest[~best.to_numpy()], computed={})
    table, costs = _plan.tiers(some), _plan.costs(some)
    assert table["customers"]["A"] == 0 and costs.loc["A", ["hours", "cost"]].tolist() == [0, 0]
    assert table["customers"].sum() == len(run.history)
    none = dataclasses.replace(scheme, newest=scheme.newest.iloc[:0], computed={})
    said = service_plan.answer(none)[0]
    assert said.startswith("**Nobody has a tier today:** no customer bought between 2023-05-03")
    assert said == experiment.answer(none)[0]
    assert service_costs.answer(none) == []


def test_the_story_of_five_thousand_calls():
    frame = pd.read_parquet(ROOT / "data" / "call_list.parquet")
    study = read(ROOT / "data" / "call_list.yaml")
    late = pd.to_datetime(frame["date"]) >= pd.Timestamp(study.periods.cut)
    assert frame["customer_id"].nunique() == frame.loc[~late, "customer_id"].nunique() == 5000
    assert frame.loc[late, "customer_id"].nunique() == 200
    scheme = prepare(study).schemes["Revenue tiers 5/20/50"]
    table = contact_reach.reach(scheme).set_index("tier")
    assert table["customers_so_far"].iloc[-1] / table["buyers_so_far"].iloc[-1] == 25
    everybody, tiers, _ = contact_reach.answer(scheme)
    assert "Of 5,000 customers, 200 bought" in everybody
    assert "25 (¥375) contacts per buyer" in everybody  # 25 calls of a quarter of an hour at 60
    assert f"with {table['buyers_so_far']['B']:.0f} of the 200 buyers" in tiers
    assert "saves 4,000 contacts (1,000 hours) a round" in tiers
