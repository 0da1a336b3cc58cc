"""The company's present tiers as a scheme: what is read, who moves, who must be told."""

import datetime as dt
import re

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
import shop

from segment.errors import StudyError
from segment.features.records import credit, present_tiers
from segment.pages import _plan, recommendation, summary
from segment.pages import present_tiers as page
from segment.pages._present import GAINS, KEEPS, LOSES, counts_as, crosswalk, told, younger
from segment.pages._words import in_parts
from segment.publish import files
from segment.publish.files import sql
from segment.run import prepare
from segment.study import read
from segment.tiering import Given

DATED = """\
present_tiers: {{source: cards.csv, customer_id: who, date: since, tier: card}}
"""
METHODS = """\
methods:
  Cards: {{method: given, tiers: [gold, silver]}}
  Revenue tiers 5/20/50: {{method: abc, cut: customers, limits: [0.05, 0.20, 0.50]}}
"""
YAML = shop.YAML.split("methods:")[0] + METHODS + "backtest: {{replicates: 200}}\n"


def cards(names: dict[str, list[str]], since: str = "2023-03-01") -> pd.DataFrame:
    rows = [(who, since, card) for card, people in names.items() for who in people]
    return pd.DataFrame(rows, columns=["who", "since", "card"])


def study(folder, table: pd.DataFrame, yaml: str = YAML + DATED):
    table.to_csv(folder / "cards.csv", index=False)
    return read(shop.write(folder, yaml=yaml))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Every customer with the amount of the year, the most first."""
    spent = shop.rows().groupby("customer")["paid"].sum()
    return spent.sort_values(ascending=False)


@pytest.fixture(scope="module")
def held(people) -> pd.DataFrame:
    """Gold for the 20 smallest, silver for the 60 biggest, nothing for the others."""
    return cards({"gold": [*people.index[-20:]], "silver": [*people.index[:60]]})


@pytest.fixture(scope="module")
def a(tmp_path_factory, held):
    return prepare(study(tmp_path_factory.mktemp("cards"), held))


def test_tiers_are_those_of_the_data_and_the_rest_is_none():
    frame = pd.DataFrame({"present_tier": ["silver", "gold", None, "none"]}, index=[*"abcd"])
    fitted = Given(tiers=["gold", "silver"]).fit(frame)
    assert fitted.labels_.tolist() == ["silver", "gold", "none", "none"]
    assert list(fitted.labels_.cat.categories) == ["gold", "silver", "none"]
    assert fitted.rules()["rule"].tolist() == [
        *("present tier gold", "present tier silver"), "everyone else",
    ]  # fmt: skip


def test_numbered_tiers_are_read_as_numbers_and_named_as_written():
    frame = pd.DataFrame({"level": [1.0, 3.0, np.nan]})
    assert Given([3, 1], "level").fit(frame).labels_.tolist() == ["1", "3", "none"]


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (Given(), "must list the present tiers, best first"),
        (Given("gold"), "must list the present tiers"),
        (Given(["gold", "gold"]), "different names"),
        (Given(["gold", "none"]), "different names"),
        (Given(["gold"]), "of 2 customers holds a tier that 'tiers' does not order, such as 'gol"),
    ],
)
def test_a_wrong_order_or_an_unknown_name_is_refused_in_words(method, words):
    frame = pd.DataFrame({"present_tier": ["gold", "gol", "gol", None]})
    with pytest.raises(StudyError, match=words):
        method.fit(frame)


def test_the_tier_of_a_day_is_the_last_record_before_it():
    rows = [
        ("a", "2024-01-01", "silver"), ("a", "2024-06-01", "gold"), ("a", "2024-06-01", "silver"),
        ("b", "2024-05-31", "gold"), ("c", "2024-07-01", "gold"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "tier"])
    frame["date"] = pd.to_datetime(frame["date"]).dt.date
    ends = {"early": dt.date(2024, 6, 1), "late": dt.date(2024, 6, 2)}
    found = present_tiers(ibis.memtable(frame), ends).set_index("customer_id")
    assert found["early__present_tier"].dropna().to_dict() == {"a": "silver", "b": "gold"}
    assert found["late__present_tier"].dropna().to_dict() == {"a": "silver", "b": "gold"}


def test_present_tiers_compete_and_half_without_one_are_counted(a, people):
    tiers = a.tiers["Cards"]
    known = people.index.intersection(a.customers.index)
    assert set(known) == set(a.customers.index)
    assert (tiers == "gold").sum() == people.index[-20:].isin(known).sum()
    assert {"Cards"} <= set(a.backtest.figures.index) and "Cards" in set(a.rolling.summary.index)
    without = int((~people.index.isin([*people.index[-20:], *people.index[:60]])).sum())
    assert page.without(a).startswith(f"Without a present tier: {without} of {len(people)} ")


def test_who_moves_where_by_hand(a, people):
    label = a.known(None)
    assert label == "Revenue tiers 5/20/50"
    table = crosswalk(a, label)
    assert counts_as(a.scheme("Cards"), a.scheme(label)) == {
        "gold": "A",
        "silver": "C",
        "none": "D",
    }
    new = a.newest_tiers.astype(object).reindex(table.index).fillna(_plan.LAPSED)
    assert table["to"].tolist() == new.tolist() and len(table) == len(people)
    place = {"A": 0, "B": 1, "C": 2, "D": 3, _plan.LAPSED: 3, "gold": 0, "silver": 2, "none": 3}
    for row in table.itertuples():
        was, now = place[row[1]], place[row.to]
        assert row.move == (LOSES if now > was else GAINS if now < was else KEEPS)
    assert page.flows(a, a.scheme()).to_numpy().sum() == len(people)
    gain, lose = ((table["move"] == move).sum() for move in (GAINS, LOSES))
    assert told(a, label) == (
        f"Against Cards, {gain} of {len(people)} customers would gain a place and {lose} lose one."
    )
    # Neither a small number is told nor what would give it by subtraction.
    assert [*in_parts(a, pd.Series([47, 3, 450]))] == ["under 50", "under 5", "450"]
    assert [*in_parts(a, pd.Series([0, 2, 8]))] == ["0", "under 5", "under 9"]
    tell = page.to_tell(a, a.scheme()).set_index("move")
    assert tell["customers"].sum() == len(people)
    assert tell.loc["gains", "past"] == pytest.approx(
        table.loc[table["move"] == GAINS, "year"].sum()
    )


def test_the_pages_say_who_moves_and_what_todays_tiers_found(a):
    scheme = a.scheme()
    words = " ".join(recommendation.answer(a, scheme))
    assert re.search("customers of Cards brought|Cards (orders|has no)", words)
    assert "would gain a place" in words
    assert "that they lose a place: `confidential/present-tiers.csv`" in summary.tell(a, scheme)
    after = page.afterwards(a, scheme)
    assert after["customers"].sum() == len(a.customers)
    assert all("younger" not in text for text in page.answer(a, scheme))


def test_the_file_names_everybody_who_loses_first(a, tmp_path):
    files.write(a, tmp_path)
    table = pd.read_csv(tmp_path / "present-tiers.csv")
    assert len(table) == len(a.history)
    moves = table["Move"].tolist()
    assert moves[: moves.count("loses")] == ["loses"] * moves.count("loses")
    assert {*table["Tier now"]} == {"gold", "silver", "none"}


def test_tiers_from_after_the_cut_are_said_to_be_unknown_at_it(tmp_path, held):
    run = prepare(study(tmp_path, held.assign(since="2023-10-01")))
    found = run.findings.set_index("finding")
    text = "Present tier that began on or after the cut"
    assert (found.loc[text, "rows"], found.loc[text, "weight"]) == (80, "warning")
    assert younger(run).startswith("No present tier is known from before the cut")


@pytest.mark.parametrize(
    ("known_on", "words"),
    [("", "may be younger than the cut"), (", known_on: 2023-10-05", "(`known_on`) is 2023-10-05"),
     (", known_on: 2023-08-31", "")],
)  # fmt: skip
def test_a_column_of_the_customers_table_is_warned_of_unless_older(tmp_path, held, known_on, words):
    table = (
        "customers: {{source: cards.csv, customer_id: who, columns: {{present_tier: card}}"
        f"{known_on}}}}}\n"
    )
    run = prepare(study(tmp_path, held, YAML + table))
    assert words in younger(run) and bool(words) == bool(younger(run))
    assert (crosswalk(run, run.known(None))["from"] == "gold").sum() == 20
    verdict = run.verdict.schemes.loc["Cards"]
    assert verdict["hurdle"]


def test_one_source_of_present_tiers_is_enough(tmp_path, held):
    table = "customers: {{source: cards.csv, customer_id: who, columns: {{present_tier: card}}}}\n"
    with pytest.raises(StudyError, match="'present_tier' is made of the table 'present_tiers'"):
        study(tmp_path, held, YAML + DATED + table)


def test_an_unknown_name_in_the_data_stops_the_run_with_its_place(tmp_path, held):
    run = prepare(study(tmp_path, held.replace("gold", "golden")))
    with pytest.raises(StudyError, match=r"'Cards': Given: .*'golden'; did you mean"):
        run.methods  # noqa: B018


def test_invoices_make_a_grade_by_their_worst_figure():
    rows = [
        # a: 100 paid 10 days late, 300 on time: 2.5 days; nothing open.
        ("a", "2024-01-10", "2024-01-20", 100, False),
        ("a", "2024-02-10", "2024-02-01", 300, False),
        # b: half of it open on the last day, 30 days late.
        ("b", "2024-05-31", None, 100, False), ("b", "2024-05-01", "2024-05-01", 100, False),
        # c: paid after the window, so open then; disputed.
        ("c", "2024-06-29", "2024-07-15", 50, True),
        # d: not due yet.
        ("d", "2024-07-15", None, 50, True),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "paid", "amount", "disputed"])
    for day in ("date", "paid"):
        frame[day] = pd.to_datetime(frame[day]).dt.date
    schema = {"customer_id": "string", "date": "date", "paid": "date", "amount": "float64"}
    table = ibis.memtable(frame, schema=ibis.schema(schema | {"disputed": "boolean"}))
    grades = {"days_late": [10, 30], "overdue_share": [0.5, 0.9], "disputes": [1, 5, 9]}
    found = credit(table, {"w": dt.date(2024, 7, 1)}, grades).set_index("customer_id")
    found.columns = [name.removeprefix("w__") for name in found]
    assert found.loc["a"].tolist() == [2.5, 0, 0, "A"]
    assert found.loc["b"].tolist() == [15, 0.5, 0, "B"]
    assert found.loc["c"].tolist() == [1, 1, 1, "C"]
    assert "d" not in found.index


def run_orders(folder) -> pd.DataFrame:
    rows = pd.read_csv(folder / "shop.csv")
    rows = rows.rename(columns={"customer": "customer_id", "day": "date", "paid": "amount"})
    return rows.assign(date=pd.to_datetime(rows["date"]).dt.date)


def test_invoices_hold_customers_back_by_their_grade(tmp_path, people):
    big, small = people.index[0], people.index[1]
    rows = [
        (big, "2023-05-01", "2023-08-30", "100,5", "No"),
        (small, "2023-05-01", "2023-05-01", "100,5", "no"),
        (small, "2023-10-01", "", "9,5", "yes"),  # due after the cut
        ("nobody", "2023-05-01", "", "1,0", ""),
        (people.index[2], "", "", "1,0", ""),
    ]
    rows += [(who, "2023-05-01", "2023-05-02", "1,0", "否") for who in people.index[3:9]]
    names = ["who", "due", "paid", "sum", "disputed"]
    pd.DataFrame(rows, columns=names).to_csv(tmp_path / "bills.csv", index=False, sep=";")
    more = (
        "invoices: {{source: bills.csv, customer_id: who, date: due, paid: paid, amount: sum, "
        "disputed: disputed}}\n"
    )
    brake = "{{method: credit_brake, of: {{method: abc}}, by: credit_grade, grades: {{D: C}}}}"
    yaml = YAML.replace("{{method: given, tiers: [gold, silver]}}", brake) + more
    run = prepare(read(shop.write(tmp_path, yaml=yaml)))
    known = run.customers[["days_late", "overdue_share", "disputes", "credit_grade"]].dropna()
    assert known.loc[big].tolist() == [121, 0, 0, "D"]
    assert known.loc[small].tolist() == [0, 0, 0, "A"]
    assert len(known) == 8 and run.today.loc[small, "disputes"] == 1
    braked = run.methods["Cards"].braked_
    assert braked.index.tolist() == [big] and braked.loc[big, "after"] == "C"
    # In SQL the grade stands in the customers table, and holds back as here.
    orders, now = run_orders(tmp_path), run.today
    customers = now[["credit_grade"]].reset_index()
    view, query, *_others = [s for s in sql.rules(run).split(";\n") if "SELECT" in s]
    duckdb.sql(view[view.index("CREATE") :].replace("CREATE", "CREATE TEMP"))
    tiers = duckdb.sql(query).df().set_index("customer_id")["tier"].sort_index()
    expected = run.methods["Cards"].predict(now).astype(object)
    assert len(orders) and len(customers) and tiers.to_dict() == expected.to_dict()
    found = run.findings.set_index("finding")["rows"]
    assert found["Row of the {table} table without all that it needs"] == 1
    assert found["Row of the {table} table of somebody without a transaction"] == 1
