"""Industry presets: what a study takes from one, and how it changes or drops it."""

import re

import pandas as pd
import pytest
import shop
import yaml
from conftest import ROOT

from segment import cli, language
from segment.errors import StudyError
from segment.publish.files import frames
from segment.run import prepare
from segment.study import read
from segment.study.file import PRESETS, presets
from segment.tiering import METHODS, build

NAMES = ["bank", "brokerage", "community", "ecommerce", "finance"]
NAMES += ["membership", "saas", "wholesale"]


def study(folder, text):
    return shop.write(folder, yaml=re.sub(r"methods:\n(  .*\n)+", text, shop.YAML))


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_named_and_its_methods_are_optional(tmp_path, name):
    found = read(study(tmp_path, f"preset: {name}\n"))
    assert len(found.methods) >= 5
    own = yaml.safe_load((PRESETS / f"{name}.yaml").read_text("utf-8"))["methods"]
    assert all(found.methods[label].optional for label in own)
    assert set(build(found)) == set(found.methods)
    assert all(level.channel and level.feedback for level in found.service.levels)
    text = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert set(yaml.safe_load(text)) <= {"methods", "weights", "backtest", "service"}
    empty = read(study(tmp_path, f"preset: {name}\nmethods:\n"))
    assert list(empty.methods) == list(found.methods)
    assert list(presets()) == NAMES


def test_the_bank_has_the_four_thresholds_of_its_source(tmp_path):
    method = build(read(study(tmp_path, "preset: bank\n")))["Balance tiers"]
    assert method.tiers == {"私银": 8_000_000, "卓然": 1_000_000, "悠然": 300_000, "欣然": 50_000}
    assert method.by == "balance_month_mean"


def test_a_guest_of_the_hotel_needs_stays_and_spend(tmp_path):
    method = build(read(study(tmp_path, "preset: membership\n")))["Status by stays and spend"]
    guests = pd.DataFrame({"order_days": [30, 30, 12, 3], "monetary_year": [60e3, 59e3, 2e4, 9e4]})
    assert method.fit(guests).labels_.tolist() == ["black", "platinum", "platinum", "loyal"]


def test_the_brokerage_says_of_accounts_what_its_source_does(tmp_path):
    method = build(read(study(tmp_path, "preset: brokerage\n")))["Turnover x return"]
    accounts = {"account_turnover": [9.0, 8, 1, 2], "account_return": [0.4, -0.1, -0.3, 0.2]}
    fitted = method.fit(pd.DataFrame(accounts))
    assert fitted.labels_.tolist() == ["A", "B", "C", "D"]
    with language.using("zh"):
        told = fitted.notes()
    assert told["Work focus"].to_dict() == {
        "A": "情感交流，发挥示范效应", "B": "心理安慰，基础知识和技巧的辅导",
        "C": "加强联系，重点解决历史遗留问题", "D": "情感交流，引导波段操作",
    }  # fmt: skip
    skills = ["一般 很高 较高", "很高 较高 较高", "较高 一般 很高", "很高 一般 较高"]
    for tier, ranks in zip("ABCD", skills, strict=True):
        assert re.findall("一般|较高|很高", told.loc[tier, "Account manager"]) == ranks.split()
    assert [*fitted.notes()["Seat them"][["A", "B", "C"]]] == ["With C", "With D", "With A"]
    assert fitted.notes()["Seat them"]["D"].startswith("Apart from B and D (")


def test_every_value_can_be_changed_and_a_method_dropped(tmp_path):
    text = (
        "preset: ecommerce\nmethods:\n  Membership: {{tiers: {{gold: 40, silver: 20}},\n"
        "    service: {{}}}}\n  Lifecycle: null\n  Own: {{method: abc}}\n"
    )
    found = read(study(tmp_path, text))
    parameters = found.methods["Membership"].parameters()
    assert parameters["tiers"] == {"gold": 40, "silver": 20}
    assert parameters["rest"] == "ordinary"
    assert "Lifecycle" not in found.methods
    assert found.methods["Own"].optional is False


def test_a_method_whose_column_the_data_lack_is_left_out_and_said(tmp_path):
    a = prepare(read(study(tmp_path, "preset: saas\n")))
    assert list(a.left_out) == ["Customer classes", "Scorecard"]
    assert a.left_out["Scorecard"].startswith("the data lack 'usage': add it to the columns")
    assert set(a.methods) == set(a.study.methods) - set(a.left_out)
    with language.using("zh"):
        assert "usage" in a.left_out["Scorecard"]
        assert "the data lack" not in a.left_out["Scorecard"]


GRADE = "Grade: {{method: scorecard, weights: {{usage: 1}}"


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (f"{GRADE}}}}}", "'Grade': the data lack 'usage': add it to the columns"),
        ("Margin: {{method: abc, by: margin_total}}", "map 'margin' under 'columns'"),
        ("Margin: {{method: abc, by: montary_total}}", "did you mean 'monetary_total'"),
        ("ABC: {{method: abc, service: {{A: x, D: y}}}}", r"line \d+: ABC has no tier 'D'"),
    ],
)
def test_a_method_that_the_study_itself_names_is_not_left_out(tmp_path, method, said):
    with pytest.raises(StudyError, match=said):
        prepare(read(study(tmp_path, f"methods:\n  {method}\n"))).methods  # noqa: B018


def test_another_method_under_the_label_of_a_preset_takes_nothing_from_it(tmp_path):
    for spec, expected in {"abc": {}, "{{method: abc, limits: [0.5]}}": {"limits": [0.5]}}.items():
        found = read(study(tmp_path, f"preset: saas\nmethods:\n  Scorecard: {spec}\n"))
        assert found.methods["Scorecard"].parameters() == expected


def test_service_words_stand_beside_the_tiers(tmp_path):
    text = "methods:\n  Own: {{method: abc, service: {{A: three visits a month}}}}\n"
    a = prepare(read(study(tmp_path, text)))
    assert a.schemes["Own"].notes["Service"].tolist() == ["three visits a month", "", ""]


def test_service_words_for_one_tier_leave_the_others_what_their_method_says(tmp_path):
    own = "  Own: {{method: lifecycle, service: {{lost: let go}}}}\n"
    a = prepare(read(study(tmp_path, f"methods:\n  Plain: {{{{method: lifecycle}}}}\n{own}")))
    plain = frames.todo(a, "Plain")
    assert len(plain) > 3 and all(plain.values()) and "let go" not in plain.values()
    assert frames.todo(a, "Own") == plain | {"lost": "let go"}


def test_init_starts_from_a_preset(tmp_path):
    data = tmp_path / "shop.csv"
    shop.rows().to_csv(data, index=False)
    cli.init(str(data), preset="wholesale")
    drafted = read(tmp_path / "shop.yaml")
    with pytest.raises(StudyError, match="no preset 'banks'; did you mean 'bank'"):
        read(study(tmp_path, "preset: banks\n"))
    assert drafted.preset == "wholesale"
    assert "Turnover x margin" in drafted.methods
    with pytest.raises(StudyError, match="did you mean 'wholesale'"):
        cli.init(str(data), preset="whole", force=True)


def test_the_synthetic_study_runs_every_method():
    used = {spec.method for spec in read(ROOT / "data" / "wholesale.yaml").methods.values()}
    # The yardstick stands in every study; CLV needs an optional package.
    assert used == set(METHODS) - {"hiatus", "clv"}
