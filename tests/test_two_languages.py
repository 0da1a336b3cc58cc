"""Methods, tables, figures and presets speak the study's language; what is learned does not."""

import re

import matplotlib.pyplot as plt
import pytest
import shop
import yaml

from segment import language
from segment.errors import StudyError
from segment.language import into, tier_name
from segment.study import read
from segment.study.file import presets
from segment.study.methods import DEFAULT_METHODS
from segment.theme import money_axis
from segment.tiering import ABC, RFM, FiveKinds, Given, Learned, Quadrants, Thresholds
from segment.tiering import METHODS as REGISTERED
from segment.tiering.contract import sample
from segment.tiering.credit_brake import CreditBrake
from segment.tiering.rule import Rule

# Every family with its own parameters, and forms that have rules of another kind.
METHODS = [
    *(kind() for name, kind in REGISTERED.items() if name not in ("clv", "credit_brake", "given")),
    RFM(form="segments"),
    RFM(shares=[0.1, 0.3]),
    Thresholds(grace=1),
    Quadrants(loyalty=["order_days", "days_since_last", "complaints"]),
    Given([*"ABCD"]),
    CreditBrake(of=ABC(), limits=[1, 100], caps=["B", "C"], missing="B"),
]
LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def zh():
    language.use("zh")
    yield
    language.use("en")


def in_both(ask):
    """What a question gives in English and in Chinese."""
    found = {}
    for each in ("en", "zh"):
        language.use(each)
        try:
            found[each] = ask()
        finally:
            language.use("en")
    return found["en"], found["zh"]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: repr(m)[:40])
def test_words_change_with_the_language_and_nothing_else_does(method):
    def asked():
        fitted = type(method)(**method.get_params(deep=False)).fit(sample(method))
        try:
            sql = fitted.sql()
        except StudyError as error:
            sql = str(error)
        kept = sql, repr(fitted.get_params()), list(fitted.labels_), list(fitted.notes())
        return kept, fitted.rules().set_index("tier")["rule"], fitted.notes()

    (kept, rules, notes), (zh_kept, zh_rules, zh_notes) = in_both(asked)
    assert kept == zh_kept
    assert rules.index.equals(zh_rules.index)
    # A sum of scores is written in signs: it has no words. No category but letters is in a rule.
    spelled = rules.str.contains(r"[a-z]{3}")
    assert (rules != zh_rules)[spelled].all()
    assert not zh_rules.str.contains(LATIN).any()
    assert not zh_notes.map(lambda text: bool(LATIN.search(text))).any(axis=None)
    assert notes.shape == zh_notes.shape


def test_what_methods_say_follows_the_language_after_the_fit():
    few = Learned().fit(sample(Learned(), n=20))
    english, chinese = in_both(lambda: few.fallback_)
    assert english.endswith("too few customers came back, to learn from")
    assert chinese.endswith("不足以学习")
    brake = CreditBrake(of=ABC(), limits=[1], caps=["B"])
    brake.fit(sample(brake))
    assert in_both(lambda: brake.parts_[0].words) == ("arrears at least 1", "欠款不低于 1")
    kinds = FiveKinds().fit(sample(FiveKinds()).drop(columns="referrals"))
    told = in_both(lambda: kinds.untold_["fan"])
    assert told == ("no value in 'referrals'", "“referrals”列没有数值")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Cluster 12", "聚类12"),
        ("gold", "金牌客户"),
        ("At risk", "有流失风险"),
        ("Ours 7", "Ours 7"),
    ],
)
def test_tier_names_in_chinese(zh, name, expected):
    assert tier_name(name) == expected


def study(folder, methods: str, head: str = "language: zh\n"):
    text = re.sub(r"methods:\n(  .*\n)+", methods, shop.YAML)
    return shop.write(folder, yaml=head + text)


def test_default_methods_have_labels_in_the_language_of_the_study(tmp_path):
    found = read(study(tmp_path, ""))
    assert list(found.methods) == [into("zh", label) for label in DEFAULT_METHODS]
    assert "价值×忠诚度" in found.methods
    english = study(tmp_path, "", head="")
    assert list(read(english).methods) == list(DEFAULT_METHODS)
    # The language of one run decides.
    assert list(read(english, {"language": "zh"}).methods) == list(found.methods)


@pytest.mark.parametrize("name", list(presets()))
def test_labels_and_service_of_a_preset_are_in_the_language_of_the_study(tmp_path, name):
    preset = yaml.safe_load(presets()[name].read_text(encoding="utf-8"))["methods"]
    english = read(study(tmp_path, f"preset: {name}\n", head=""))
    assert list(english.methods)[: len(preset)] == list(preset)
    chinese = read(study(tmp_path, f"preset: {name}\n"))
    assert list(chinese.methods) == [into("zh", label) for label in english.methods]
    for spec, (label, of_preset) in zip(chinese.methods.values(), preset.items(), strict=False):
        assert spec.parameters() == english.methods[label].parameters()
        assert list(spec.service) == list(of_preset.get("service", {}))
        for words in spec.service.values():
            assert re.search(r"[\u4e00-\u9fff]", words)


def test_a_label_written_in_english_gets_the_chinese_name_that_is_known(tmp_path):
    methods = "methods:\n  RFM sum: {{method: rfm, form: sum}}\n  My own: abc\n"
    tiers = "service:\n  tiers: {{RFM sum: {{}}}}\n"
    found = read(study(tmp_path, methods + tiers))
    assert list(found.methods)[:2] == ["RFM 总分", "My own"]
    assert list(found.service.tiers) == ["RFM 总分"]


@pytest.mark.parametrize("label", ["Membership", "会员等级"])
def test_a_preset_is_changed_for_good_or_once_or_dropped_under_either_label(tmp_path, label):
    text = f"preset: ecommerce\nmethods:\n  {label}: {{{{rest: others, service: {{{{}}}}}}}}\n"
    found = read(study(tmp_path, text))
    assert len(found.methods) == 8
    assert found.methods["会员等级"].parameters()["tiers"]["diamond"] == 10_000
    assert found.methods["会员等级"].parameters()["rest"] == "others"
    assert found.where("methods", "会员等级", "rest").startswith("shop.yaml, line ")
    text = f"preset: ecommerce\nmethods:\n  {label}: {{{{service: 5}}}}\n"
    with pytest.raises(StudyError, match=r"shop\.yaml, line \d+: 'methods\.会员等级\.service'"):
        read(study(tmp_path, text))
    once = read(study(tmp_path, "preset: ecommerce\n"), {f"methods.{label}.grace": 3})
    assert once.methods["会员等级"].parameters()["grace"] == 3
    dropped = read(study(tmp_path, f"preset: ecommerce\nmethods:\n  {label}: null\n"))
    assert len(dropped.methods) == 7
    assert not {"Membership", "会员等级"} & set(dropped.methods)


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        (Rule("credit_grade", "one of", "A_1", "D"), "credit grade A_1 or D", "信用等级为 A_1或D"),
        (Rule("my_arrears", ">=", 5), "my arrears at least 5", "my arrears不低于 5"),
        (Rule("growth", ">=", 4.36e-05), "growth at least 0.0000436", "增长率不低于 0.0000436"),
    ],
)
def test_rules_name_columns_as_readers_do_and_leave_values_alone(rule, english, chinese):
    assert in_both(rule.words) == (english, chinese)


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (2_000, "¥2k", "¥2000"),
        (25_000, "¥25k", "¥2.5万"),
        (-4e9, "-¥4bn", "-¥40亿"),
    ],
)
def test_money_on_an_axis(value, english, chinese):
    def text():
        axis = plt.figure().add_subplot().xaxis
        money_axis(axis, "CNY")
        return axis.get_major_formatter()(value, 0)

    assert in_both(text) == (english, chinese)
    plt.close("all")
