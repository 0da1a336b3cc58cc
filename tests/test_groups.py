"""Customers of one company or household, tiered as one: as if the files said so themselves."""

import cells
import numpy as np
import pandas as pd
import pytest
import shop

from segment.errors import StudyError
from segment.publish import files
from segment.reading.findings import in_words
from segment.run import Run, prepare
from segment.study import read

METHODS = """\
  Card: {{method: given, tiers: [gold, plain]}}
  Balance: {{method: thresholds, by: balance_month_mean, tiers: {{high: 100}}, rest: low}}
  Credit: {{method: credit_brake, of: {{method: abc}}, by: credit_grade, grades: {{C: B, D: C}}}}
backtest:"""
SECTIONS = """\
contacts: {{source: contacts.csv, customer_id: who, date: day, role: role}}
balances: {{source: money.csv, customer_id: who, date: day, balance: held}}
invoices: {{source: bills.csv, customer_id: who, date: day, paid: paid, amount: owed}}
present_tiers: {{source: cards.csv, customer_id: who, date: day, tier: tier}}
"""
PEOPLE = """\
customers:
  source: people.csv
  customer_id: who
  known_on: 2023-08-31
  columns: {{complaints: complaints, satisfaction: satisfaction, city: city, birthday: born}}
"""


def tables() -> dict[str, pd.DataFrame]:
    """Every third customer in one of twenty households; tables beside of the first hundred."""
    rng = np.random.default_rng(1)
    who = [f"Kunde-{i:04d}" for i in range(160)]
    number = [str(i % 20) if i % 3 == 0 else "" for i in range(160)]
    people = pd.DataFrame({"who": who, "household": number, "complaints": rng.integers(0, 3, 160)})
    people["satisfaction"] = rng.integers(1, 6, 160)
    people["city"] = rng.choice(["Bonn", "Kiel"], 160)
    people["born"] = pd.Timestamp("1970-01-01") + pd.to_timedelta(rng.integers(0, 9000, 160), "D")
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 230, 300), "D")
    some = pd.DataFrame({"who": rng.choice(who[:100], 300), "day": days}).drop_duplicates("who")
    return {
        "people": people,
        "contacts": some.assign(role="sales"),
        "money": some.assign(held=rng.integers(1, 300, len(some))),
        "bills": some.assign(paid=some["day"] + pd.Timedelta(20, "D"), owed=100),
        "cards": some.assign(tier=rng.choice(["gold", "plain"], len(some))),
    }


def study(folder, by_hand=False, group="household"):
    """Write the shop; ``by_hand``: with the groups in the place of the customers."""
    found, rows = tables(), shop.rows()
    people = found["people"]
    if by_hand:
        names = dict(zip(people["who"], people["household"].radd("household "), strict=True))
        names = {who: name if name != "household " else who for who, name in names.items()}
        rows["customer"] = rows["customer"].map(names)
        for table in found.values():
            table["who"] = table["who"].map(names)
        found["people"] = people.assign(household="").drop_duplicates("who")
    for name, table in found.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    asked = "" if by_hand else f"  group: {group}\n"
    # Balances of several accounts are added up, so by hand each needs an account.
    sections = SECTIONS
    if by_hand:
        found["money"].assign(account=range(len(found["money"]))).to_csv(
            folder / "money.csv", index=False
        )
        sections = SECTIONS.replace("balance: held", "balance: held, account: account")
    yaml = shop.YAML.replace("backtest:", METHODS) + PEOPLE + asked + sections
    return read(shop.write(folder, rows, yaml))


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Run:
    return prepare(study(tmp_path_factory.mktemp("groups")))


def test_groups_are_customers_as_if_the_files_named_them(ours, tmp_path):
    by_hand = prepare(study(tmp_path, by_hand=True))
    pd.testing.assert_frame_equal(ours.wide.whole(), by_hand.wide.whole())
    pd.testing.assert_frame_equal(ours.contacts, by_hand.contacts)
    for label, tiers in by_hand.tiers.items():
        pd.testing.assert_series_equal(ours.tiers[label], tiers)
    people = tables()["people"]
    assert ours.facts["customers"] == by_hand.facts["customers"] < 160
    told = in_words(ours.findings)
    (row,) = [row for row in told.itertuples() if "of one of 20 groups" in row.finding]
    assert row.rows == (people["household"] != "").sum() and "its group" in row.done
    # What is known of the members: counts are added up, opinions averaged.
    inside = people[people["household"] == "3"]
    known = ours.attributes.loc["household 3"]
    assert known["complaints"] == inside["complaints"].sum()
    assert known["satisfaction"] == pytest.approx(inside["satisfaction"].mean())
    assert known["birthday"] == inside["born"].min()
    cities = inside["city"].value_counts()
    assert cities[known["city"]] == cities.max()
    assert ours.attributes.loc["Kunde-0001", "city"] == people["city"][1]
    assert ours.file is None and by_hand.file is not None


def test_the_page_names_nobody_and_the_files_say_who_is_in_which_group(ours, tmp_path):
    html = cells.shown("01_data", ours)
    assert "of one of 20 groups" in html and "Kunde-" not in html and "household 3" not in html
    files.write(ours, tmp_path / "out", "ABC 80/95")
    read_csv = {"encoding": "utf-8-sig", "dtype": str, "keep_default_na": False}
    members = pd.read_csv(tmp_path / "out" / "groups.csv", **read_csv)
    tiers = pd.read_csv(tmp_path / "out" / "tiers.csv", **read_csv).set_index("Customer")
    assert members["Customer"].tolist() == sorted(members["Customer"]) and len(members) == 54
    now = tiers[next(name for name in tiers if name.startswith("Tier now"))]
    assert (members["Group"].map(now) == members["Tier"]).all()
    assert not tiers.index.intersection(members["Customer"]).size
    assert "customer_id is the group" in (tmp_path / "out" / "rules.sql").read_text()


@pytest.mark.parametrize(
    ("group", "words"),
    [("hausehold", "did you mean 'household'"), ("empty", "no customer has a 'empty'")],
)
def test_groups_that_are_none_are_refused(tmp_path, group, words):
    asked = study(tmp_path, group=group)
    tables()["people"].assign(empty="").to_csv(tmp_path / "people.csv", index=False)
    with pytest.raises(StudyError, match=words):
        prepare(asked)
