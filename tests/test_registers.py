"""The customers table and the balances table: what is read, what is said, what is refused."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shop

from segment.errors import StudyError
from segment.reading.check import Checked, check_data
from segment.reading.findings import in_words
from segment.reading.sources import connect
from segment.run import prepare
from segment.study import read

DAY = dt.date(2023, 8, 31)
SECTION = """\
customers:
  source: people.csv
  customer_id: 编号
  known_on: 2023-08-31
  columns: {{satisfaction: 满意度, size: 规模, first_contact: 首次联系, grade: 等级}}
  categories: [grade]
"""
MONEY = """\
balances: {{source: money.csv, customer_id: who, date: day, balance: held}}
"""
PEOPLE = pd.DataFrame(
    [
        ("Kunde-0000", "4", "大", "2022-05-01", "1"),
        ("Kunde-0001", "", "小", "", "2"),
        ("Kunde-0002", "2.5", "小", "2023-01-02", "2"),
        ("Neu-1", "5", "大", "2023-06-01", "1"),
        ("Neu-2", "", "", "", ""),
    ],
    columns=["编号", "满意度", "规模", "首次联系", "等级"],
)
HELD = pd.DataFrame(
    {"who": ["Kunde-0000"] * 2, "day": ["2023-08-01", "2023-08-21"], "held": ["310", "0"]}
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_bytes(PEOPLE.to_csv(index=False).encode("gbk"))
    HELD.to_csv(tmp_path / "money.csv", index=False)
    return tmp_path


def study(folder, sections=SECTION + MONEY, methods="{{method: abc}}"):
    yaml = shop.YAML.replace("{{method: abc}}", methods) + sections
    return read(shop.write(folder, yaml=yaml))


def checked(folder, sections=SECTION + MONEY) -> Checked:
    con = connect("1GB", folder)
    found = check_data(study(folder, sections), con, folder)
    con.disconnect()
    return found


def finding(found: Checked, words) -> pd.Series:
    (row,) = [row for _, row in in_words(found.findings).iterrows() if words in row["finding"]]
    return row


def test_numbers_categories_and_days_of_a_gbk_table(folder):
    table = checked(folder).customers
    assert table["satisfaction"].tolist()[:3] == pytest.approx([4, np.nan, 2.5], nan_ok=True)
    assert table["size"].iloc[:3].tolist() == ["大", "小", "小"]
    assert table["grade"].iloc[0] == "1"
    assert table["first_contact"].iloc[0] == pd.Timestamp("2022-05-01")
    assert table.loc["Neu-2"].isna().all()


def test_attributes_join_the_customers_and_the_others_are_prospects(folder):
    a = prepare(study(folder))
    assert a.customers.loc["Kunde-0002", "satisfaction"] == 2.5
    assert a.customers["satisfaction"].notna().sum() == 2
    assert a.prospects.index.tolist() == ["Neu-1", "Neu-2"]
    assert not a.prospects["bought"].any()
    assert "size" in a.traits


def test_a_balance_is_the_mean_of_the_last_complete_month(folder):
    spec = "{{method: thresholds, by: balance_month_mean, tiers: {{rich: 200}}}}"
    a = prepare(study(folder, methods=spec))
    # 310 on 20 of the 31 days of August.
    assert a.customers["balance_month_mean"].dropna().to_dict() == {"Kunde-0000": 200.0}
    assert a.methods["ABC 80/95"].labels_.value_counts().to_dict()["rich"] == 1


@pytest.mark.parametrize(
    ("known_on", "words"),
    [("2023-09-01", "table: 2023-09-01, not surely before the cut"), (None, "not said")],
)
def test_a_table_that_may_know_the_future_is_a_warning(folder, known_on, words):
    text = f"known_on: {known_on}" if known_on else ""
    late = finding(
        checked(folder, SECTION.replace("known_on: 2023-08-31", text)), "Day of the customers"
    )
    assert late["weight"] == "warning"
    assert words in late["finding"]


def test_buyers_without_a_row_are_counted_and_a_table_from_before_the_cut_is_no_warning(folder):
    found = checked(folder)
    missing = finding(found, "Buyer without a row")
    assert (missing["rows"], missing["weight"]) == (found.facts["customers"] - 3, "warning")
    assert not found.findings["finding"].str.startswith("Day of the customers table").any()


def test_balances_without_a_day_are_counted_and_those_of_one_day_averaged(folder):
    other = HELD.iloc[[0]].assign(who="X", held="1")
    rows = pd.concat(
        [HELD, HELD.iloc[[0]].assign(held="90"), HELD.iloc[[1]].assign(day=""), other, other]
    )
    rows.to_csv(folder / "money.csv", index=False)
    a = prepare(study(folder, methods="{{method: abc, by: balance_month_mean}}"))
    assert finding(a, "balances table without all")["rows"] == 1
    assert finding(a, "several balances of one customer")["rows"] == 2
    assert finding(a, "balances table of somebody without a transaction")["rows"] == 2
    assert a.customers["balance_month_mean"].max() == pytest.approx(200 * 20 / 31)


def test_rows_that_cannot_count_are_counted_and_the_last_of_a_repeated_customer_counts(folder):
    lower = PEOPLE["编号"].where(PEOPLE.index != 1, "kunde-0001").where(PEOPLE.index != 3)
    many = [PEOPLE.assign(满意度="3", 编号=PEOPLE["编号"] + f"-{i}") for i in range(9)]
    word, again = (PEOPLE.iloc[[0]].assign(满意度=value) for value in ("good", "1"))
    rows = [PEOPLE.assign(编号=lower), *many, word.assign(编号="Z"), again]
    pd.concat(rows).assign(等级="").to_csv(folder / "people.csv", index=False)
    found = checked(folder)
    for words in (
        "customers table without all",
        "differs there only in case",
        "Unreadable satisfaction",
        "stands in the table again",
    ):
        assert finding(found, words)["rows"] == 1
    assert found.customers.loc["Kunde-0000", "satisfaction"] == 1
    assert len(found.customers) == 4 + 9 * 5 + 1
    # An attribute without any value counts as a number.
    PEOPLE.assign(满意度="").to_csv(folder / "people.csv", index=False)
    empty = checked(folder).customers["satisfaction"]
    assert empty.dtype == float and empty.isna().all()
    nothing = checked(folder, sections="")
    assert (nothing.customers, nothing.records, nothing.written) == (None, {}, None)


WRONG = [
    (SECTION.replace("satisfaction", "monetary_total"), "the name of a feature"),
    (SECTION.replace("id: 编号", "id: 规模"), "no customer of the customers table"),
    (MONEY.replace("date: day", "date: who"), "dates such as"),
    (SECTION.replace("满意度", "满意"), "line 17: no column '满意' for 'satisfaction' in the cust"),
    (SECTION.replace("people.csv", "peple.csv"), "line 14: .*peple.csv"),
    (SECTION.replace("[grade]", "[level]"), "'level' under 'categories'"),
    (SECTION.replace("size:", "9size:"), "9size"),
    (MONEY.replace(": held", ": day"), "2 of 2 rows of the balances table cannot be used, most"),
    (MONEY.replace("who", "wo"), "did you mean 'who'"),
]


@pytest.mark.parametrize(("sections", "words"), WRONG)
def test_what_cannot_be_read_is_said_in_a_sentence(folder, sections, words):
    with pytest.raises(StudyError, match=words):
        checked(folder, sections)


def test_accounts_of_one_customer_are_added_up_and_those_of_nobody_counted(folder):
    other = HELD.assign(account="2", held="31")
    nobody = HELD.assign(who="", account=["3", "4"])
    pd.concat([HELD.assign(account="1"), other, nobody]).to_csv(folder / "money.csv", index=False)
    accounts = MONEY.replace(": held", ": held, account: account")
    a = prepare(study(folder, accounts, "{{method: abc, by: balance_month_mean}}"))
    assert finding(a, "Account without a customer")["rows"] == 2
    assert finding(a, "several balances of one customer or account")["rows"] == 0
    # 310 on one account for 20 days of August, 31 on the other all month.
    assert a.customers["balance_month_mean"].dropna().tolist() == [310 * 20 / 31 + 31]
