"""The page of the service plan: what it says of teams that suffice, do not, or are not named."""

import dataclasses
import re
from html import unescape

import cells
import pandas as pd
import pytest
import shop
from conftest import ROOT

from segment.action import service
from segment.pages import contact_reach, plan_fit, service_costs, service_plan
from segment.run import Run, prepare
from segment.study import read

TIGHT = "team: {{sales: {{people: 2, hours: 180, cost: 20}}, manager: {{people: 1, hours: 100}}}}\n"
CASES = {
    "no team": "",
    "tight": TIGHT + "costs: {{margin_rate: 0.3}}\n",
    "plenty": "team: {{sales: {{people: 90, hours: 100, cost: 1}}}}\ncosts: {{margin_rate: 1}}\n",
    "zero people": "team: {{sales: {{people: 0, hours: 100, cost: 20}}}}\n",
    "no costs": "team: {{sales: {{people: 3, hours: 150}}}}\n",
    "nothing planned": "service: {{levels: [{{name: self-service}}]}}\n",
}
# What the page says first, and elsewhere.
WORDS = {
    "no team": ["The study names no team", "no hours to divide"],
    "tight": ["**No:", "**What to do:**", "More people"],
    "plenty": ["**Yes:", "the plan pays if service adds at least", "The plan itself reaches"],
    "zero people": ["has 0 hours", "not even the floor", "no 'margin_rate' under 'costs'"],
    "no costs": ["no cost per hour"],
    "nothing planned": ["takes no hours", "One contact with each customer, the best"],
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
    evidence = ("methods", "backtest", "verdict", "customers", "outcome")
    other.__dict__.update({name: run.__dict__[name] for name in evidence})
    return other


@pytest.mark.parametrize("case", CASES)
def test_the_page_says_what_there_is_to_say(small, tmp_path, case):
    html = cells.shown("19_service_plan", planned(small, tmp_path, CASES[case]))
    text = unescape(re.sub(r"<[^>]+>", " ", html))
    for words in [*WORDS[case], "No scheme is recommended"]:
        assert words in text or words in html, words
    wrong = re.search(r"\bnan\b|\binf\b|\bNone\b|n/a|[{}]", text)
    assert wrong is None, text[wrong.start() - 60 : wrong.end() + 60]


def test_what_the_plan_must_bring_comes_from_the_tiers_that_it_costs_anything():
    rows = [(10.0, 90.0, 300.0, 0.3), (0.0, 0.0, 600.0, 0.0)]
    table = pd.DataFrame(rows, ["A", "B"], ["cost", "cost_period", "margin", "uplift"])
    assert service_costs.where_it_pays(table) == [
        "All of it must come from *A*, where the service costs anything: there that is 30% more."
    ]
    # What A costs is more than it brought; B is the easier one.
    table = table.assign(cost=10.0, cost_period=[600.0, 30.0], uplift=[2.0, 0.05])
    assert service_costs.where_it_pays(table) == [
        "In *A* the service costs more than the tier brought at all; there it could be cheaper.",
        "It pays most easily in *B*, with 5.0% more.",
    ]
    both = service_costs.where_it_pays(table.assign(uplift=[2.0, 1.5]))
    assert both[0] == "In no tier did customers bring as much as their service costs."


def test_ways_to_make_a_plan_fit(small, tmp_path):
    scheme = planned(small, tmp_path, CASES["tight"]).schemes["RFM segments"]
    load = service_plan.load(scheme)["needed"].sum()
    assert load == pytest.approx(service_plan.hours(scheme).sum())
    staffed = service_plan.load(scheme).dropna()["needed"].sum()
    assert service_costs.takes(scheme).startswith(service_plan.in_hours(staffed))
    ways, need = plan_fit.ways(scheme), service_plan.shortage(scheme)
    assert list(ways.index) == ["contacts", "sizes", "best"]
    assert ways["customers"]["sizes"] < ways["customers"]["contacts"]
    assert (ways["next_total_low"] <= ways["next_total"]).all()
    assert (ways["next_total"] <= ways["next_total_high"]).all()
    placed = plan_fit.best_division(scheme)
    used = placed.sum().to_numpy() @ service.effort(scheme.study.service)[need.index].to_numpy()
    assert (used <= need["available"].to_numpy() + 1e-6).all()
    assert placed.sum().sum() == len(scheme.customers)
    # More people cost what their hours cost; a manager has no cost.
    table = plan_fit.remedies(scheme)
    assert len(table) == 4 and table["customers"].iloc[-1] == 0
    sales = need["people"]["sales"] * 180 * 20
    people = table["more_cost"].iloc[-1]
    assert people == sales if need["people"]["manager"] == 0 else pd.isna(people)


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
    assert "25 contacts, or ¥375, per buyer" in everybody  # 25 calls of a quarter of an hour at 60
    assert f"with {table['buyers_so_far']['B']:.0f} of the 200 buyers" in tiers
    assert "saves 1,000 hours or ¥60,000" in tiers
