"""The study file: what it accepts, and the sentence for what it does not."""

import datetime as dt

import pytest

from segment.errors import StudyError
from segment.language import into
from segment.study import read
from segment.study.methods import DEFAULT_METHODS

GOOD = """\
title: Orders
source: orders.csv
columns:
  customer_id: customer
  date: 2
  amount: quantity * price
periods:
  start: 2020-01-01
  cut: 2020-09-01
methods:
  ABC: abc
  RFM: {method: rfm, form: sum}
"""


NONE = "{gini: 0, capture: 0, auc: 0, stability: 0, simplicity: 0, balance: 0}"


def written(folder, text):
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_short_forms_mean_what_the_long_forms_say_and_folders_above_are_searched(
    tmp_path, monkeypatch
):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    written(tmp_path, GOOD)
    study = read("study.yaml")
    assert study.file == tmp_path / "study.yaml"
    assert study.source.path == "orders.csv"
    columns = {"customer_id": "customer", "date": 2, "amount": "quantity * price"}
    assert study.columns.mapped() == columns
    assert study.periods.cut == dt.date(2020, 9, 1)
    assert study.methods["ABC"].method == "abc"
    assert study.methods["RFM"].parameters() == {"form": "sum"}
    assert study.name == "study"
    assert study.where("columns", "amount") == "study.yaml, line 6"


def test_what_is_left_out_or_left_empty_takes_its_default(tmp_path):
    short = GOOD.split("periods")[0] + "periods:\nmethods:\nkeep:\n"
    study = read(written(tmp_path, short))
    assert study.periods.cut is None
    assert study.keep is None
    assert set(study.methods) == set(DEFAULT_METHODS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title:", "titel:", "line 1: unknown key 'titel'; did you mean 'title'?"),
        ("  amount:", "  amonut:", "line 6: unknown key 'amonut'; did you mean 'amount'?"),
        ("  cut:", "  colour:", "line 9: unknown key 'colour'; it can be: start, cut, end."),
        ("  cut:", "  start:", "line 9: 'start' stands here a second time (first in line 8)"),
        ("title: Orders\n", "", "the key 'title' is missing"),
        (GOOD, "title: Orders", "the key 'source' is missing"),
        ("title: Orders", "title:", "line 1: the key 'title' is missing"),
        ("date: 2", "date: 0", "line 5: 'columns.date': a column is given by its name"),
        ("2020-09-01", "2019-09-01", "'start' (2020-01-01) must be before 'cut'"),
        ("2020-09-01", "20200901", "line 9: 'periods.cut': write the day as 2024-07-01"),
        ("2020-09-01", "2020-09-31", "line 9: not valid YAML (there is no day 2020-09-31)"),
        ("source: orders.csv", "source: {path: a, delimiter: '||'}", "a delimiter is one sign"),
        (
            "source: orders.csv",
            "source: {path: a, format: cvs}",
            "'csv', 'excel', 'parquet' or 'json'",
        ),
        ("  ABC: abc", "  ABC: {form: sum}", "the key 'methods.ABC.method' is missing"),
        ("methods:", "methods: [abc]\nabout:", "line 10: 'methods': this is a section"),
        (GOOD[GOOD.index("methods:") :], "methods: {}", "line 10: 'methods': dictionary should"),
        ("title: Orders", "weights: {gini: -1}\ntitle: x", "line 1: 'weights.gini'"),
        (": sum}\n", f": sum}}\nweights: {NONE}\n", "line 13: 'weights': the weights add up to 0"),
        ("title: Orders", "memory_limit: lots\ntitle: x", "line 1: 'memory_limit'"),
        ("title: Orders", "duplicates: delete\ntitle: x", "'keep' or 'drop', found 'delete'"),
        (GOOD, "", "holds no keys"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path, old, new, said):
    assert old in GOOD
    file = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(StudyError) as error:
        read(file)
    assert said in str(error.value)
    assert str(error.value).startswith("study.yaml")
    assert "\n" not in str(error.value)


def test_overrides_replace_values_and_none_leaves_them(tmp_path):
    file = written(tmp_path, GOOD)
    study = read(file, {"periods.cut": "2020-10-01", "backtest.seed": 5, "title": None})
    assert (study.periods.cut, study.backtest.seed) == (dt.date(2020, 10, 1), 5)
    assert study.title == "Orders"


@pytest.mark.parametrize(
    ("language", "label"), [("en", "RFM sum"), ("zh", "RFM sum"), ("zh", into("zh", "RFM sum"))]
)
def test_a_parameter_of_a_default_method_leaves_the_other_methods(tmp_path, language, label):
    short = GOOD.split("methods")[0] + f"language: {language}\n"
    study = read(written(tmp_path, short), {f"methods.{label}.bins": 4})
    assert len(study.methods) == len(DEFAULT_METHODS)
    assert study.methods[into(language, label)].parameters() == {"form": "sum", "bins": 4}
    again = read(tmp_path / "study.yaml").methods[into(language, "RFM sum")]
    assert again.parameters() == {"form": "sum"}


def test_an_override_reaches_a_label_with_dots_and_a_method_named_alone(tmp_path):
    file = written(tmp_path, GOOD.replace("  ABC: abc", "  A.B 1.5: abc\n  A: abc"))
    study = read(file, {"methods.A.B 1.5.limits": [0.5], "methods.A.limits": [0.7]})
    assert study.methods["A.B 1.5"].parameters() == {"limits": [0.5]}
    assert study.methods["A"].parameters() == {"limits": [0.7]}
    assert list(study.methods) == ["A.B 1.5", "A", "RFM", "Revenue tiers 5/20/50"]


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ("  ABC: abc", "Revenue tiers 5/20/50"),
        ("  Mine: {method: abc, cut: customers, limits: [0.05, 0.2, 0.5]}", None),
        ("  Revenue tiers 5/20/50: rfm", "Revenue tiers 5/20/50 *"),
    ],
)
def test_a_cut_of_the_plain_sort_is_always_compared(tmp_path, given, added):
    study = read(written(tmp_path, GOOD.replace("  ABC: abc", given)))
    assert len(study.methods) == 2 + bool(added)
    cut = {"cut": "customers", "limits": [0.05, 0.2, 0.5], "by": "monetary_total"}
    if added:
        assert study.methods[added].parameters() == cut
    by_margin = GOOD.replace("columns:\n", "columns:\n  margin: profit\n")
    study = read(written(tmp_path, by_margin.replace("  ABC: abc", given)))
    assert study.methods["Margin tiers 5/20/50"].parameters() == cut | {"by": "margin_total"}


@pytest.mark.parametrize(
    ("old", "new"), [("capture_share", "served_share"), ("margin", "practical_margin")]
)
def test_a_key_of_older_studies_is_told_its_new_name(tmp_path, old, new):
    with pytest.raises(StudyError, match=f"'backtest.{old}' is gone; write {new}, "):
        read(written(tmp_path, f"{GOOD}\nbacktest: {{{old}: 0.1}}\n"))


def test_an_override_is_checked_as_the_file_is(tmp_path):
    with pytest.raises(StudyError, match=r"unknown key 'ctu'; did you mean 'cut'\?"):
        read(written(tmp_path, GOOD), {"periods.ctu": 1})
    with pytest.raises(StudyError, match="'title' is no section"):
        read(written(tmp_path, GOOD), {"title.short": 1})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.yaml", None, "There is no study file"),
        ("orders.csv", b"a,b\n", "is a data file, not a study; 'segment init .*orders.csv'"),
        ("study.yaml", "title: 客户".encode("gbk"), "is not UTF-8 text"),
    ],
)
def test_what_is_no_study_file_is_said(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StudyError, match=said):
        read(tmp_path / name)
