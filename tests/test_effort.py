"""Does effort follow value: by hand, on a table of contacts with faults, and on the page."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shop
from scipy.stats import spearmanr

from segment import language
from segment.action import effort, service
from segment.errors import StudyError
from segment.pages import _plan, service_plan
from segment.pages import effort as page
from segment.publish import files, manifest
from segment.reading.findings import in_words
from segment.run import prepare
from segment.study import read
from segment.study.service import Service

END = dt.date(2024, 1, 1)
LEVELS = [
    {"name": "high", "contacts": {"sales": {"visit": 2, "call": 1}}},
    {"name": "low", "contacts": {"sales": {"visit": "every 3 months"}}},
]
SERVICE = Service(levels=LEVELS, hours={"visit": 2, "call": 0.5})


def contacts(*rows: tuple) -> pd.DataFrame:
    columns = ["customer_id", "date", "role", "kind", "hours"]
    return pd.DataFrame(rows, columns=columns).assign(
        date=lambda frame: pd.to_datetime(frame["date"]), hours=lambda f: f["hours"].astype(float)
    )


def test_contacts_are_set_against_the_plan_by_hand():
    made = contacts(
        ("a", "2023-01-01", "sales", "visit", 3.0),
        ("a", "2023-12-01", "sales", "visit", None),
        ("b", "2023-12-20", "sales", "call", None),
        ("b", "2021-06-01", "sales", "visit", None),
    )
    levels = pd.DataFrame({"level": [0, 0, 1], "part": 1.0}, index=["a", "b", "c"])
    tiers = pd.Series(pd.Categorical(list("AAB"), list("AB"), ordered=True), index=levels.index)
    table = effort.against_plan(made, levels, tiers, SERVICE, END).set_index(["tier", "kind"])
    assert table["contacts_planned"].to_dict() == pytest.approx(
        {("A", "call"): 2, ("A", "visit"): 4, ("B", "visit"): 1 / 3}
    )
    # Of the last year: two visits and one call in 12 months; that of 2021 is older.
    assert table["contacts_made"].to_dict() == pytest.approx(
        {("A", "call"): 1 / 12, ("A", "visit"): 2 / 12, ("B", "visit"): 0}, rel=0.01
    )
    assert effort.hours(made, SERVICE).tolist() == [3.0, 2.0, 0.5, 2.0]
    late = effort.overdue(made, levels, SERVICE, END).set_index(["customer_id", "kind"])
    # Twice a month is due after 15 days; a's visit is 31 days ago, b's call 12 of 30.
    assert set(late.index) == {("a", "visit"), ("a", "call"), ("b", "visit"), ("c", "visit")}
    assert late.loc[("a", "visit"), ["days", "due"]].tolist() == pytest.approx([31, 15.2], abs=0.1)
    assert pd.isna(late.loc[("c", "visit"), "last"])
    # Who wants a quarter of it is due after 61 days, and who wants none never is.
    levels["part"] = [0.25, 0.0, 1.0]
    late = effort.overdue(made, levels, SERVICE, END).set_index(["customer_id", "kind"])
    assert set(late.index) == {("a", "call"), ("c", "visit")}


def test_the_correlation_is_spearmans():
    rng = np.random.default_rng(2)
    one, other = pd.Series(rng.random(200)), pd.Series(rng.integers(0, 5, 200))
    r, low, high = effort.rank_correlation(one, other)
    assert r == pytest.approx(spearmanr(one, other).statistic)
    assert low < r < high and high - low == pytest.approx(2 * 1.96 / np.sqrt(197), rel=0.05)
    assert np.isnan(effort.rank_correlation(one, other * 0)).all()
    assert effort.rank_correlation(one, one)[0] == pytest.approx(1)


TABLE = """\
contacts: {{source: contacts.csv, customer_id: who, date: day, role: by, kind: what, hours: h}}
"""


def made(rows: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Contacts that follow value: as many as purchases, with faults at the end."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"who": rows["customer"], "day": rows["day"], "by": "sales"})
    table["what"] = np.where(rng.random(len(rows)) < 0.5, "visit", "call")
    table["h"] = np.where(table["what"] == "visit", "1.5", "")
    faults = [
        ["", "2023-05-01"],
        ["Kunde-0001", "soon"],
        ["Nobody", "2023-05-01"],
        ["Kunde-0001", "2024-05-01"],
    ]
    return pd.concat([table, pd.DataFrame(faults, columns=["who", "day"])])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("effort")
    made(shop.rows()).to_csv(folder / "contacts.csv", index=False)
    return prepare(read(shop.write(folder, yaml=shop.YAML + shop.PLAN + TABLE)))


def test_the_page_says_whether_effort_follows_value_and_names_nobody(study, tmp_path):
    scheme = study.scheme("ABC 80/95")
    text = " ".join(page.answer(study, scheme))
    assert "**Effort follows value:**" in text and "Overdue are contacts with" in text
    assert "Kunde" not in text
    tiers = page.by_tier(study, scheme)
    assert tiers[["value_share", "effort_share"]].sum().tolist() == pytest.approx([1, 1])
    table = page.customers(study, scheme)
    rows = made(shop.rows()).dropna(subset="what")
    spent = np.where(rows["what"] == "visit", 1.5, 0.25)
    own = pd.Series(spent).groupby(rows["who"].to_numpy()).sum()
    assert table["effort"].to_dict() == pytest.approx(own.reindex(table.index).to_dict())
    with language.using("zh"):
        assert "投入" in " ".join(page.answer(study, scheme))
    files.write(study, tmp_path, "ABC 80/95")
    late = pd.read_csv(tmp_path / files.OVERDUE, encoding="utf-8-sig")
    assert late["Customer"].nunique() == page.overdue(study, scheme)["customer_id"].nunique() > 0
    effort_file = pd.read_csv(tmp_path / files.EFFORT, encoding="utf-8-sig")
    assert len(effort_file) == len(table)
    assert effort_file.iloc[0, -1] == pytest.approx(
        page.mismatches(study, scheme)["apart"].iloc[0], abs=1e-3
    )


def test_every_row_of_the_contacts_table_is_accounted_for(study):
    found = in_words(study.findings).set_index("finding")["rows"]
    assert found["Row of the contacts table without all that it needs"] == 2
    assert found["Row of the contacts table of somebody without a transaction"] == 1
    assert found["Contact after the last day"] == 1
    assert len(study.contacts) == len(shop.rows())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"who": "X"}, "no customer of the contacts table stands in the transactions"),
        (
            {"day": "2023-05-01", "who": ["", "Kunde-0001"]},
            "cannot be used, most for their 'custom",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(change, message, tmp_path):
    rows = made(shop.rows())
    change = {name: np.resize(value, len(rows)) for name, value in change.items()}
    rows.assign(**change).to_csv(tmp_path / "contacts.csv", index=False)
    with pytest.raises(StudyError, match=message):
        prepare(read(shop.write(tmp_path, yaml=shop.YAML + TABLE)))


def test_hours_of_the_customers_table_will_do(tmp_path):
    names = shop.rows()["customer"].unique()
    hours = pd.DataFrame({"who": names, "h": 4.0})
    hours.to_csv(tmp_path / "people.csv", index=False)
    yaml = "customers: {{source: people.csv, customer_id: who, columns: {{contact_hours: h}}}}\n"
    run = prepare(read(shop.write(tmp_path, yaml=shop.YAML + yaml)))
    assert "19b_effort" in [each.notebook.stem for each in manifest.pages(run.study)]
    text = " ".join(page.answer(run, run.scheme("ABC 80/95")))
    assert "Everybody gets the same hours, whatever they bring" in text
    assert "19b_effort" not in [p.notebook.stem for p in manifest.pages(read(shop.write(tmp_path)))]


def test_nobody_is_asked_more_often_than_wished_and_referrals_since_are_an_outcome(tmp_path):
    names = pd.Series(shop.rows()["customer"].unique())
    people = pd.DataFrame({"who": names, "often": np.where(names.index % 2, "6", ""), "new": 1})
    people.to_csv(tmp_path / "people.csv", index=False)
    columns = "{{contacts_wished: often, referrals_since: new}}"
    yaml = f"customers: {{{{source: people.csv, customer_id: who, columns: {columns}}}}}\n"
    run = prepare(read(shop.write(tmp_path, yaml=shop.YAML + shop.PLAN + yaml)))
    scheme = run.scheme("ABC 80/95")
    served = _plan.served(scheme)
    wishing = served.index.isin(names[1::2])
    planned = contacts_of(run.study.service).reindex(served["level"]).to_numpy() * 12
    part = np.where(wishing & (planned > 6), 6 / np.where(planned > 0, planned, 1), 1)
    assert served["part"].tolist() == pytest.approx(part.tolist()) and (part < 1).any()
    assert f"{(part < 1).sum()} customers like fewer contacts" in service_plan.fewer(scheme)
    files.write(run, tmp_path, "ABC 80/95")
    listed = pd.read_csv(tmp_path / "tiers.csv", encoding="utf-8-sig").set_index("Customer")
    assert listed.loc[served.index[part < 1], "Contacts a year"].eq(6).all()
    assert listed["Contacts a year"].max() > 6
    assert "referrals_since" in run.traits and "referrals_since" not in run.customers


def contacts_of(policy: Service) -> pd.Series:
    return service.contacts(policy).groupby("level")["mid"].sum()
