"""A table of one row per customer, without dated purchases: tiers, and no test of them."""

import datetime as dt
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, run_segment

from segment.errors import StudyError
from segment.pages import untested
from segment.reading.draft import draft_study
from segment.run import prepare, store
from segment.study import read

HEAD = "title: T\ncustomers:\n  source: t.csv\n  customer_id: id\n"
TOTALS = "  totals: {monetary_total: spent, order_days: orders, days_since_last: last}\n"


def table(customers=100):
    """Return totals in which spend grows with the number of the customer."""
    n = np.arange(customers)
    return pd.DataFrame({"id": [f"c{i:03d}" for i in n], "spent": n + 1.0, "orders": n % 7 + 1})


def opened(folder, frame, more=TOTALS, head=HEAD):
    frame.to_csv(folder / "t.csv", index=False)
    (folder / "t.yaml").write_text(head + more, encoding="utf-8")
    return prepare(read(folder / "t.yaml"))


def test_last_purchase_as_a_date_and_as_days_give_the_same_tiers(tmp_path):
    frame = table().assign(last=np.arange(100)[::-1])
    days = opened(tmp_path, frame)
    written = pd.Timestamp("2024-12-31") - pd.to_timedelta(frame["last"], unit="D")
    dates = opened(tmp_path, frame.assign(last=written.dt.strftime("%d.%m.%Y")))
    assert dates.facts["last"] == dt.date(2024, 12, 31)
    assert dates.customers["days_since_last"].tolist() == frame["last"].tolist()
    assert list(days.methods) == list(dates.methods) and len(days.methods) == 9
    for label in days.methods:
        pd.testing.assert_series_equal(days.tiers[label], dates.tiers[label])


def test_tiers_are_those_of_the_totals_and_nothing_is_said_of_what_came_next(tmp_path):
    run = opened(tmp_path, table().assign(last=5))
    scheme = run.scheme()
    assert scheme.label == "Revenue tiers 5/20/50"
    assert scheme.tiers["customers"].tolist() == [5, 15, 30, 50]
    assert scheme.tiers["brought"].tolist() == [490, 1320, 1965, 1275]
    assert scheme.tiers["brought_share"].sum() == pytest.approx(1)
    assert not {"next_value", "bought"} & {*scheme.customers}
    assert {*run.left_out} == {"Recent spend", "Learned tiers"}
    said = " ".join(untested.answer(run, scheme))
    assert said.startswith("**Nothing was tested:**") and "Recent spend and Learned tiers" in said


def test_sums_and_means_follow_from_each_other(tmp_path):
    more = "  totals: {monetary_mean: spent / orders, order_days: orders}\n"
    run = opened(tmp_path, table(), more)
    np.testing.assert_allclose(run.customers["monetary_total"], np.arange(1.0, 101))


def test_a_survey_has_tiers_without_any_total(tmp_path):
    more = "  totals: {}\n  columns: {age: spent, visits: orders}\n"
    with pytest.raises(StudyError, match=r"no scheme is left.*name one that reads your columns"):
        opened(tmp_path, table(), more)
    more += "methods:\n  Limits: {method: thresholds, by: age, tiers: {high: 91, middle: 51}}\n"
    scheme = opened(tmp_path, table(), more).scheme()
    assert scheme.tiers["customers"].tolist() == [10, 40, 50]
    assert "brought" not in untested.shown(scheme)
    assert untested.heading(scheme) == "# Which customer tiers do these totals give?"


def test_all_ties_are_one_tier_and_it_is_said(tmp_path):
    run = opened(tmp_path, table().assign(spent=7.0, orders=2, last=9))
    scheme = run.scheme()
    assert len(scheme.held) == 1
    assert any("All customers stand in one tier" in text for text in untested.answer(run, scheme))


def test_every_row_is_accounted_for(tmp_path):
    frame = table(110).assign(last=4.0)
    frame.loc[0, "spent"] = -20.0
    frame.loc[[1, 2], "spent"] = np.nan
    frame.loc[3, ["spent", "orders", "last"]] = np.nan
    frame.loc[4, "orders"] = 0
    frame.loc[5, "last"] = -1
    frame.loc[6, "id"] = np.nan
    frame = pd.concat([frame, frame.iloc[[50]].assign(spent=1000.0)])
    run = opened(tmp_path, frame)
    counts = run.accounts.set_index("fate")["rows"]
    assert counts.sum() == len(frame) and counts["used"] == len(run.customers) == 104
    assert counts["no purchase yet"] == 2 and counts["no customer id"] == 1
    assert counts["a total is missing or cannot be read"] == 2
    assert counts["a count or a number of days is below 0"] == 1
    assert counts["customer who stands in the table again; the last row counts"] == 1
    assert run.customers["monetary_total"]["c050"] == 1000
    found = run.findings.set_index("finding")["rows"]
    assert found["Customer with a total below 0"] == 1


@pytest.mark.parametrize(
    ("frame", "more", "words"),
    [
        (table(1).assign(last=1), TOTALS, "t.yaml: 1 customer can be used; tiers need at least 20"),
        (pd.concat([table().assign(last=1)] * 2), TOTALS, "100 of 200 rows are of a customer who"),
        (table().assign(last="x"), TOTALS, "dates such as 'x' have no format that is known here"),
        (table().assign(last=-1), TOTALS, "100 of 100 rows have no usable 'days_since_last'"),
        (table().assign(last="2999-01-01"), TOTALS, "2999-01-01, lies in the future; say under"),
        (table(), "  totals: {monetary_totl: spent}\n", "did you mean 'monetary_total'"),
        (table(), TOTALS, "no column 'last' for 'days_since_last' in the customers table"),
        (table(), TOTALS + "source: o.csv\n", "but there is 'source' as well; remove one"),
        (table(), "", "name at least one attribute under 'columns'"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_in_a_sentence(tmp_path, frame, more, words):
    with pytest.raises(StudyError) as error:
        opened(tmp_path, frame, more)
    assert words in str(error.value) and str(error.value).startswith("t.yaml")


def test_a_study_without_its_columns_is_told_of_totals(tmp_path):
    (tmp_path / "t.yaml").write_text(
        "title: T\nsource: t.csv\ncolumns: {customer_id: a, amount: b}"
    )
    with pytest.raises(StudyError, match=r"'columns.date' is missing.*'customers.totals'"):
        read(tmp_path / "t.yaml")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"id": "CustomerID", "spent": "Monetary", "orders": "Frequency", "last": "Recency"},
         {"monetary_total": "Monetary", "order_days": "Frequency", "days_since_last": "Recency"}),
        ({"id": "会员编号", "spent": "累计消费金额", "orders": "消费次数", "last": "最近一次消费"},
         {"monetary_total": "累计消费金额", "order_days": "消费次数",
          "days_since_last": "最近一次消费"}),
        ({"id": "customer", "spent": "monetary_value", "orders": "frequency", "last": "recency"},
         {"monetary_total": "monetary_value * frequency", "order_days": "frequency + 1",
          "days_since_last": "T - recency", "days_since_first": "T"}),
    ],
)  # fmt: skip
def test_init_recognises_one_row_per_customer(tmp_path, columns, expected):
    frame = table().assign(last=np.arange(100) % 90 + 11).rename(columns=columns)
    if "recency" in frame:
        frame["T"] = frame["recency"] + 30
    frame.assign(city=np.resize(["A", "B"], 100)).to_csv(tmp_path / "d.csv", index=False)
    draft = draft_study(tmp_path / "d.csv", tmp_path / "d.yaml")
    (tmp_path / "d.yaml").write_text(draft.text, encoding="utf-8")
    study = read(tmp_path / "d.yaml")
    assert study.untested and study.totals == expected and not draft.open_questions
    assert study.customers.columns == {"city": "city"}
    assert len(prepare(study).customers) == 100


def test_init_recognises_a_survey(tmp_path):
    frame = pd.DataFrame({"Respondent": range(1, 101), "age": np.arange(100) % 60 + 18})
    frame.assign(recommend=np.arange(100) % 11).to_csv(tmp_path / "d.csv", index=False)
    draft = draft_study(tmp_path / "d.csv", tmp_path / "d.yaml")
    (tmp_path / "d.yaml").write_text(draft.text, encoding="utf-8")
    study = read(tmp_path / "d.yaml")
    assert study.untested and not study.totals and not draft.open_questions
    assert study.methods["Clusters"].parameters()["features"] == ["age", "recommend"]


def test_init_takes_purchases_of_customers_who_came_once_for_purchases(tmp_path):
    frame = table().rename(columns={"spent": "amount"})
    frame["date"] = pd.date_range("2023-01-01", periods=100).astype(str)
    frame.to_csv(tmp_path / "d.csv", index=False)
    assert "customer_id" in draft_study(tmp_path / "d.csv", tmp_path / "d.yaml").columns
    assert "totals:" not in draft_study(tmp_path / "d.csv", tmp_path / "d.yaml").text


def test_init_says_what_to_do_with_a_column_per_month(tmp_path):
    months = {f"{month}-24": np.arange(50.0) for month in ("Jan", "Feb", "Mar")}
    pd.DataFrame({"customer": [f"c{i}" for i in range(50)]} | months).to_csv(tmp_path / "t.csv")
    drafted = draft_study(tmp_path / "t.csv", tmp_path / "t.yaml")
    assert "Jan-24 to Mar-24 are months" in " ".join(drafted.open_questions)


def test_init_does_not_take_a_score_for_days(tmp_path):
    frame = table().assign(Recency=np.arange(100) % 5 + 1)
    frame.rename(columns={"spent": "monetary"}).to_csv(tmp_path / "d.csv", index=False)
    draft = draft_study(tmp_path / "d.csv", tmp_path / "d.yaml")
    assert "days_since_last" not in draft.columns and "like a score" in draft.open_questions[0]


def test_the_report_says_first_that_nothing_was_tested(tmp_path):
    for name in ("members.yaml", "members.csv"):
        shutil.copy(ROOT / "data" / name, tmp_path)
    plan = "team: {sales: {people: 1, hours: 40}}\n"
    with (tmp_path / "members.yaml").open("a", encoding="utf-8") as study:
        study.write(plan)
    done = run_segment("report", "members.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    report = tmp_path / "reports" / "members"
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "Nothing was tested" in page.split("<nav")[0] and "dated purchases" in page
    assert {file.name for file in report.glob("*.html")} == {
        "report.html", "01_totals.html", "01b_all_schemes.html", "14_profiles.html",
    }  # fmt: skip
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert results["verdict"]["recommended"] is None and results["facts"]["customers"] == 692
    confidential = report / "confidential"
    again = store.load(confidential, tmp_path / "members.yaml")
    assert again.customers.shape == (692, 6) and again.known(None) == "Revenue tiers 5/20/50"
    tiers = pd.read_csv(confidential / "tiers.csv")
    assert len(tiers) == 692 and tiers["What they brought"].is_monotonic_decreasing
    ids = pd.read_csv(tmp_path / "members.csv")["customer"]
    assert not any(f">{name}<" in page for name in ids)
    draw = ["assign", "members.yaml", "-o", "lot.csv"]
    refused = run_segment(*draw, folder=tmp_path)
    assert refused.returncode == 2 and "--share 0.1" in refused.stderr.replace("\n", " ")
    assert run_segment(*draw, "--share", "0.1", folder=tmp_path).returncode == 0
