"""The service plan: how a study writes it, and which tier gets what."""

import re

import pandas as pd
import pytest
import shop
from hypothesis import given
from hypothesis import strategies as st

from segment import language
from segment.action import service
from segment.errors import StudyError
from segment.pages import service_plan
from segment.run import prepare
from segment.study import read
from segment.study.file import presets
from segment.study.service import UNITS, Level, Service

CONTACTS = {"sales": {"visit": "2 a month"}}


def of(*contacts, **keys):
    """Return a service of levels a, b, ... with the given contacts."""
    levels = [{"name": n, "contacts": c} for n, c in zip("abcdef", contacts, strict=False)]
    return Service(levels=levels, **keys)


def rate(text):
    return of({"sales": {"visit": text}}).levels[0].contacts["sales"]["visit"]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3 a month", 3, 3), ("2-3 a month", 2, 3), ("every 1-2 months", 1 / 2, 1),
        ("once a year", 1 / 12, 1 / 12), ("twice a year", 1 / 6, 1 / 6), ("4 a year", 1 / 3, 1 / 3),
        (2, 2, 2), (0.5, 0.5, 0.5), (0, 0, 0), ("2-3", 2, 3), ("every 6 months", 1 / 6, 1 / 6),
        ("every half year", 1 / 6, 1 / 6), ("once every 2 months", 1 / 2, 1 / 2),
        ("1 per quarter", 1 / 3, 1 / 3), ("3-2 a month", 2, 3), ("2 times a week", 8.696, 8.696),
        ("每月2-3次", 2, 3), ("每1-2个月一次", 1 / 2, 1), ("每年两次", 1 / 6, 1 / 6),
        ("半年一次", 1 / 6, 1 / 6), ("每季度1次", 1 / 3, 1 / 3),
        ("when needed", 0, 0), ("when promising", 0, 0), ("必要时", 0, 0), ("按需", 0, 0),
    ],
)  # fmt: skip
def test_how_often_is_read_as_people_write_it(text, low, high):
    found = rate(text)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)
    assert found.mid == pytest.approx((low + high) / 2, abs=1e-3)


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([u for u in UNITS if u.isascii()]))
def test_often_and_seldom_are_inverse(n, m, unit):
    often, seldom = rate(f"{n}-{m} a {unit}"), rate(f"every {n}-{m} {unit}s")
    assert often.low <= often.high
    assert often.low * seldom.high == pytest.approx(UNITS[unit] ** 2)


PLAN = "service:\n  levels:\n    - name: top\n      contacts:\n        sales: {{visit: 2}}\n"
OFTEN = "write how often as '3 a month'"
WRONG = {
    PLAN + "  flor: top\n": "line 18: unknown key 'flor'; did you mean 'floor'?",
    PLAN + "  floor: tip\n": "line 18: there is no level 'tip'; did you mean 'top'?",
    PLAN + "  hours: {{visit: long}}\n": "the hours of a 'visit' are a number",
    PLAN + "  tiers: {{ABC 80/96: {{A: top}}}}\n": "line 18: there is no method 'ABC 80/96'; did",
    PLAN + "  tiers: {{ABC 80/95: {{A: tip}}}}\n": "no level 'tip'; did you mean 'top'?",
    PLAN + "team: {{seles: {{people: 1, hours: 9}}}}\n": (
        "line 18: the service plan has no role 'seles'; did you mean 'sales'?"
    ),
    PLAN + "team: {{sales: {{people: 1, hour: 9}}}}\n": "key 'hour'; did you mean 'hours'?",
    PLAN.replace("visit", "vist"): "line 17: nothing says how many hours a 'vist' takes",
    "service: {{levels: []}}\n": "line 13: 'service.levels': there is no level",
    "service: {{levels: [{{name: a, weight: 0.2}}, {{name: b, weight: 0.5}}]}}\n": (
        "'b' weighs more than 'a' above it"
    ),
    "service: {{levels: [{{name: a}}, {{name: a}}]}}\n": "a second level is called 'a'",
    "service: {{levels: [{{name: a}}, {{name: b}}], floor: a, tiers: {{ABC 80/95: {{C: b}}}}}}\n": (
        "'b' lies below the floor, 'a'"
    ),
} | {
    PLAN.replace("2", repr(often)): f"line 17: 'service.levels.0.contacts.sales.visit': {OFTEN}"
    for often in ["3 a moth", "often", "every 0 months", -1, True, "", "a month"]
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_named_with_its_line_and_the_nearest(tmp_path, text):
    with pytest.raises(StudyError, match=re.escape(WRONG[text])):
        read(shop.write(tmp_path, yaml=shop.YAML + text))


def test_a_tier_that_the_method_lacks_is_refused(tmp_path):
    text = "service:\n  tiers: {{ABC 80/95: {{D: bespoke}}}}\n"
    a = prepare(read(shop.write(tmp_path, yaml=shop.YAML + text)))
    with pytest.raises(StudyError, match=r"line 14: ABC 80/95 has no tier 'D'"):
        a.methods  # noqa: B018


def test_the_usual_plan_of_a_sales_organisation():
    plan = Service()
    found = service.contacts(plan).set_index(["level", "role", "kind"]).sort_index()
    assert found.loc[(0, "sales", "visit"), "mid"] == 3
    assert tuple(found.loc[(0, "sales", "call"), ["low", "high"]]) == (2, 3)
    assert found.loc[(0, "manager", "visit"), "low"] == 0.5
    assert found.loc[(0, "director", "visit"), "mid"] == pytest.approx(1 / 6)
    assert found.loc[(1, "executive", "visit"), "high"] == 0
    # Nobody but sales: one visit and one call a month.
    assert found.loc[2, "mid"].to_dict() == {("sales", "call"): 1, ("sales", "visit"): 1}
    # A: 3 visits of 2 hours and 2.5 calls of a quarter; 1.5 hours of the manager.
    assert service.effort(plan).loc[0, "sales"] == 3 * 2 + 2.5 * 0.25


@pytest.mark.parametrize("name", presets())
def test_every_preset_has_a_plan_and_its_last_level_takes_the_least(tmp_path, name):
    yaml = re.sub(r"methods:\n(  .*\n)+", f"preset: {name}\n", shop.YAML)
    plan = read(shop.write(tmp_path, yaml=yaml)).service
    hours = service.effort(plan).sum(axis=1)
    assert list(plan.names) == ["bespoke", "standard", "automated"]
    assert hours.is_monotonic_decreasing and not hours[3:].any()
    assert hours[0] > hours[2]
    assert all(level.channel and level.feedback for level in plan.levels)
    asked = ["Interview and questionnaire; ", "Survey by phone and mail; ", "Online survey; "]
    for level, usual, way in zip(plan.levels, Service().levels, asked, strict=True):
        assert level.feedback.startswith(way) and usual.feedback.startswith(way)
        assert level.marketing == usual.marketing != ""


def test_levels_spread_over_any_number_of_tiers():
    expected = [[0], [0, 2], [0, 1, 2], [0, 1, 1, 2]]
    assert [service.spread(tiers, 3) for tiers in range(1, 5)] == expected
    assert service.spread(11, 3) == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2]
    assert service.spread(5, 1) == [0] * 5


@given(st.integers(2, 40), st.integers(1, 8))
def test_a_better_tier_never_gets_a_lower_level(tiers, levels):
    found = service.spread(tiers, levels)
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, levels - 1)


def test_a_tier_of_ones_own_and_the_floor():
    plan = of(CONTACTS, CONTACTS, CONTACTS, floor="b")
    assert service.levels_of(plan, ["A", "B", "C"]) == {"A": 0, "B": 1, "C": 1}
    assert service.levels_of(plan, ["A", "B", "C"], {"C": "a"}) == {"A": 0, "B": 1, "C": 0}
    assert service.levels_of(plan, ["A"], {"gone": "b"}) == {"A": 0}


def test_the_plan_counts_contacts_by_tier_and_hours_by_role_win_over_those_by_kind():
    plan = of({"sales": {"visit": "1-3 a month"}}, {})
    rows = [("A", 0, 10), ("B", 1, 5)]
    found = service.plan(plan, pd.DataFrame(rows, columns=["tier", "level", "customers"]))
    assert found.to_dict("records") == [
        {"tier": "A", "level": 0, "customers": 10, "role": "sales", "kind": "visit",
         "text": "1-3 a month", "low": 1.0, "mid": 2.0, "high": 3.0, "each": 2.0}
    ]  # fmt: skip
    plan = of({"sales": {"visit": 1}, "director": {"visit": 1}},
              hours={"visit": 2, "director": {"visit": 3}})  # fmt: skip
    assert service.effort(plan).loc[0].to_dict() == {"sales": 2.0, "director": 3.0}


def test_a_study_changes_a_part_of_its_preset(tmp_path):
    yaml = re.sub(r"methods:\n(  .*\n)+", "preset: bank\n", shop.YAML)
    found = read(shop.write(tmp_path, yaml=yaml + "service: {{hours: {{meeting: 3}}}}\n")).service
    assert (found.hours["meeting"], found.hours["call"]) == (3, 0.3)
    assert found.roles == ["adviser", "manager"]


def test_the_first_of_a_tier_by_past_spend_get_the_better_level():
    rows = [("A", 0, 2), ("A", 1, 1), ("B", 1, 0), ("B", 3, 2)]
    groups = pd.DataFrame(rows, columns=["tier", "level", "customers"])
    tiers, past = pd.Series(list("AABAB")), pd.Series([5.0, 9.0, 1.0, 7.0, None])
    assert service.level_of(groups, tiers, past).tolist() == [1, 0, 3, 0, 3]


def test_weights_of_levels():
    assert list(service.weights(of({}, {}, {}))) == [1, 0.5, 0.1, 0]
    assert list(service.weights(of({}))) == [1, 0]
    assert service.weights(of({}, {}, {}, {}, {}))[1] == 0.75
    levels = [{"name": "a", "weight": 0.4}, {"name": "b"}, {"name": "c", "weight": 0}]
    assert list(service.weights(Service(levels=levels))) == [0.4, 0.4, 0, 0]


@pytest.mark.parametrize(
    ("text", "chinese"),
    [("4 a month", "每月4次"), ("5-7 a month", "每月5-7次"), ("3 a year", "每4个月一次"),
     ("2-3 a month", "每月2-3次"), ("每两周一次", "每两周一次")],
)  # fmt: skip
def test_a_rate_of_the_study_s_own_reads_in_chinese(text, chinese):
    rate = Level(name="a", contacts={"sales": {"visit": text}}).contacts["sales"]["visit"]
    assert service_plan.often(rate) == text
    with language.using("zh"):
        assert service_plan.often(rate) == chinese
