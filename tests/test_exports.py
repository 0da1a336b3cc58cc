"""Files for the CRM: complete, in the study's language, and no text that a sheet would run."""

import copy
import json
import re

import duckdb
import hostile
import openpyxl
import pandas as pd
import pytest
import shop
import yaml
from test_cli import run

from segment import language
from segment.action import pseudonyms, watchlists
from segment.action.watchlists import lists as words
from segment.pages import _plan
from segment.pages._results import results_of
from segment.publish import files as exports
from segment.publish.files import frames, sql
from segment.reading.formulas import FORMULA_STARTS, no_formula
from segment.study import read
from segment.tiering import Clusters

KEY = "a key for the tests only"


@pytest.fixture(scope="module")
def a(hostile_run):
    return copy.copy(hostile_run)


@pytest.fixture(scope="module")
def folder(a, tmp_path_factory):
    target = tmp_path_factory.mktemp("confidential")
    assert exports.write(a, target) == []
    return target


def csv(path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)


def sheets(path) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows()) for sheet in book.worksheets}


def test_the_files_and_the_figures_of_the_lists(a, folder):
    found = results_of(a)["watchlists"]
    assert [row["list"] for row in found] == list(watchlists.LISTS)
    on = watchlists.lists_of(a.watchlists.values()).index
    assert not any(who in json.dumps(found) for who in on if len(who) > 5)
    assert {file.name for file in folder.iterdir()} == {
        "tiers.csv", "tiers.xlsx", "tiers.parquet", "watch-lists.xlsx", "rules.sql",
        "customer_tiers.sql",
        "upgrades-downgrades.csv", "records-to-repair.csv", "records-of-one-customer.csv",
        *(f"watch-list-{i}-{name}.csv" for i, name in enumerate(watchlists.LISTS, start=1)),
    }  # fmt: skip


def test_every_customer_stands_once_in_csv_sheet_and_parquet(a, folder):
    ids = {*hostile.rows()["customer"].str.replace("\u202e", "")}  # a sign that nobody sees
    text = csv(folder / "tiers.csv")
    assert {*text["Customer"]} == {no_formula(who) for who in ids} and len(text) == len(ids)
    book = sheets(folder / "tiers.xlsx")
    named = [row[0].value for row in book["All customers"][1:]]
    assert {*named} == ids and len(named) == len(ids)
    heads = [cell.value for cell in book["All customers"][0]]
    spent = [row[heads.index("Spent in the last year")].value for row in book["All customers"][1:]]
    assert spent == sorted(spent, reverse=True)
    assert {*pd.read_parquet(folder / "tiers.parquet").index} == ids
    assert (folder / "tiers.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_no_cell_starts_a_formula(folder):
    for path in folder.glob("*.csv"):
        raw = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False, header=None)
        assert not raw.map(lambda cell: cell.lstrip(" ").startswith(FORMULA_STARTS)).any(axis=None)
    for path in folder.glob("*.xlsx"):
        cells = [cell for rows in sheets(path).values() for row in rows for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    first = {row[0].value for row in sheets(folder / "tiers.xlsx")["All customers"]}
    assert {"=1+1", "@SUM(A1)", "+49 170", "-7", "007", "00012345", "1e5"} <= first
    rows = sheets(folder / "tiers.xlsx")["All customers"][1:]
    assert all(isinstance(row[0].value, str) and row[0].number_format == "@" for row in rows)
    chance = [row[-2].value for row in rows if row[-2].value is not None]
    assert chance and all(isinstance(value, (int, float)) for value in chance)
    text = {*csv(folder / "tiers.csv")["Customer"]}
    assert {"'=1+1", "'@SUM(A1)", "'+49 170", "'-7", "007", "00012345", "1e5"} <= text


def test_tiers_chances_and_actions_are_those_of_the_analysis(a, folder):
    label = a.known(None)
    text = csv(folder / "tiers.csv").set_index("Customer")
    now = a.snapshot("now")
    tiers = a.methods[label].predict(now)
    before = a.tiers[label]
    on = watchlists.lists_of(a.watchlists.values())
    for who in ("plain-001", "plain-020", "张三", "007"):
        row = text.loc[who]
        assert row[f"Tier now ({label})"] == (tiers[who] if who in now.index else
                                             "no purchase lately")  # fmt: skip
        assert row["Tier at the cut"] == (before[who] if who in before.index else "")
        assert bool(row["Watch-lists"]) == (who in on.index)
    # The label "Customer" is a heading already.
    assert "Customer *" in text.columns and "Lists" in text.columns


def test_the_study_s_service_words_are_the_next_action(a, tmp_path):
    exports.write(a, tmp_path, "ABC 80/95")
    text = csv(tmp_path / "tiers.csv")
    by_tier = text.groupby("Tier now (ABC 80/95)")["Next step"].unique()
    assert {tier: [*words] for tier, words in by_tier.items() if tier in "ABC"} == {
        "A": ["'=visit"], "B": ["call"], "C": ["mail"]
    }  # fmt: skip


def test_everybody_has_a_service_and_a_next_action_where_contacts_are_planned(a, tmp_path):
    run = copy.copy(a)
    study = read(shop.write(tmp_path, yaml=shop.YAML + shop.PLAN))
    run.study = a.study.model_copy(update={n: getattr(study, n) for n in ("team", "costs")})
    run.__dict__.pop("schemes", None)
    exports.write(run, tmp_path / "files", "ABC 80/95")
    text = pd.read_csv(tmp_path / "files" / "tiers.csv", encoding="utf-8-sig")
    counts = text.groupby([text["Tier now (ABC 80/95)"], "Service"]).size().to_dict()
    groups = _plan.groups(run.schemes["ABC 80/95"]).query("customers > 0")
    every = run.study.service.every
    assert counts == {
        (row.tier, every[row.level].name): row.customers for row in groups.itertuples()
    }
    assert (text["Next step"].fillna("") != "").all()
    lapsed = text["Tier now (ABC 80/95)"] == "no purchase lately"
    assert (text.loc[lapsed, "Contacts a year"] == 0).all()


def test_how_sure_a_tier_is_and_the_chance_of_a_best_one_are_two_things(a, tmp_path):
    """By pandas on the file: of those who were in a tier, the share in A or B today."""
    exports.write(a, tmp_path, "ABC 80/95")
    text = pd.read_csv(tmp_path / "tiers.csv", encoding="utf-8-sig").set_index("Customer")
    now, before = text["Tier now (ABC 80/95)"], text["Tier at the cut"]
    share = now.isin(["A", "B"]).groupby(before).mean().where(before.value_counts() >= 5)
    chance = text["Chance to be in A or B next period"]
    buying = now != "no purchase lately"
    assert chance[buying].tolist() == pytest.approx(now[buying].map(share), abs=6e-4, nan_ok=True)
    sure = text["How sure the tier is"]
    assert not buying.all() and text.loc[~buying, [sure.name, chance.name]].isna().all(axis=None)
    # A tier is what the limits of most resamples give; who spent most is in A whoever is drawn.
    assert sure[buying].between(0.5, 1).mean() > 0.9
    largest = a.snapshot("now")["monetary_total"].idxmax()
    assert sure[no_formula(largest)] == 1 and now[no_formula(largest)] == "A"
    moved = pd.read_csv(tmp_path / "upgrades-downgrades.csv", encoding="utf-8-sig")
    expected = text.loc[moved["Customer"], [sure.name, chance.name]]
    pd.testing.assert_frame_equal(
        moved[[sure.name, chance.name]], expected.reset_index(drop=True), check_dtype=False
    )


def test_a_watch_list_says_why_and_where_else(a, folder):
    book = sheets(folder / "watch-lists.xlsx")
    filled = [name for name, each in a.watchlists.items() if each.found]
    assert [*book] == ["Call list", *(words.NAMES[name] for name in filled), "Read me"]
    assert "Confidential" in book["Read me"][0][0].value
    one = a.watchlists["silent"]
    text = csv(folder / "watch-list-1-silent.csv")
    assert text["Customer"].tolist() == [no_formula(who) for who in one.rows.index]
    assert text["Money at stake"].astype(float).tolist() == pytest.approx(
        one.rows["stake"].tolist(), abs=0.006
    )
    assert text["Reason"].str.match(r"no purchase for \d").all()
    both = [w for w in one.rows.index if w in a.watchlists["narrow"].rows.index]
    also = text.set_index("Customer")["Also on"]
    for who in one.rows.index:
        assert ("One or two products" in also[no_formula(who)]) == (who in both)
    assert not also.str.contains("no reorder").any()
    # Who is unhappy is sold nothing, on whichever list the customer is looked up.
    narrow = csv(folder / "watch-list-5-narrow.csv").set_index("Customer")["Next step"]
    unhappy = narrow.index.isin([no_formula(w) for w in a.watchlists["complaints"].rows.index])
    assert unhappy.any() and narrow[unhappy].str.contains("sell nothing yet").all()
    assert narrow[~unhappy].str.contains("Offer the item").any()


def test_the_call_list_is_ready_to_work_with(a, folder):
    sheet = openpyxl.load_workbook(folder / "watch-lists.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    assert heads[:3] == ["Watch-lists", "Customer", "Reason"]
    assert heads[-3:] == ["Owner", "Date", "Result"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C3", f"A2:J{sheet.max_row}")
    assert sheet.page_setup.orientation == "landscape" and sheet.print_title_rows == "$2:$2"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    asked = {str(v.sqref)[0]: v for v in sheet.data_validations.dataValidation}
    assert {at: v.type for at, v in asked.items()} == {"H": "list", "I": "date", "J": "list"}
    assert "not reached" in asked["J"].formula1 and "'Read me'!$A$4" in asked["H"].formula1
    rows, bought = hostile.rows(), pd.to_datetime(hostile.rows()["day"])
    for row in sheet.iter_rows(min_row=3):
        own = rows["customer"] == row[1].value
        assert row[3].value == bought[own].max() and row[3].number_format == "yyyy-mm-dd"
        usual = rows["paid"][own].sum() / rows["day"][own].nunique()
        assert row[4].value == pytest.approx(usual, abs=0.006) and "€" in row[4].number_format
        assert all(cell.value is None for cell in row[7:])
    stated = {row[1].value: row[2].value for row in sheet.iter_rows(min_row=3)}
    both = [w for w, on in watchlists.lists_of(a.watchlists.values()).items() if len(on) > 1]
    assert all("; " in stated[who] for who in both if who in stated)


def test_chinese_headings_and_names(a, tmp_path):
    with language.using("zh"):
        exports.write(a, tmp_path)
    assert "客户" in csv(tmp_path / "tiers.csv").columns[0]
    assert "大客户未再订货" in sheets(tmp_path / "watch-lists.xlsx")
    assert "机密" in sheets(tmp_path / "tiers.xlsx")["说明"][0][0].value


def test_pseudonyms_stand_beside_the_ids(a, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENT_KEY", KEY)
    hostile.identify(a, "pseudonym")
    try:
        exports.write(a, tmp_path)
        calls = pseudonyms.pseudonyms(a.history.index, KEY.encode())
    finally:
        hostile.identify(a, "hide")
    for name in ("tiers", "watch-list-1-silent"):
        text = csv(tmp_path / f"{name}.csv")
        assert len(text)
        assert {*zip(text["Customer"], text["Pseudonym"], strict=True)} <= {
            (no_formula(who), call) for who, call in calls.items()
        }
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_the_rules_give_the_tiers_in_duckdb(a, tongue):
    with language.using(tongue):
        text = sql.rules(a)
        called = {t: language.tier_name(t) for method in a.methods.values() for t in method.tiers_}
    assert (called["Champions"] == "Champions") == (tongue == "en")
    con, names = duckdb.connect(), {"customer": "customer_id", "day": "date", "paid": "amount"}
    orders = hostile.rows().rename(columns=names)
    orders["customer_id"] = orders["customer_id"].str.replace("\u202e", "")
    con.register("orders", orders.assign(date=pd.to_datetime(orders["date"])))
    view, *queries = [q for q in re.split(r";\n", text) if "SELECT" in q]
    con.sql(view)
    assert len(queries) == len(a.methods)
    now = a.snapshot("now")
    for query, label in zip(queries, a.methods, strict=True):
        assert f"-- {label}" in query
        found = con.sql(query).df().set_index("customer_id")["tier"]
        assert {*found.index} == {*now.index}
        tiers = a.methods[label].predict(now).astype(str).map(called)
        assert found.reindex(now.index).tolist() == tiers.tolist()


def test_a_method_without_sql_says_so_and_a_label_stays_in_its_comment(a):
    class Own:
        def predict(self, customers):
            return None

    class Wordy(Clusters):
        def sql(self, dialect="duckdb"):
            return super(Clusters, self)._sql()

    lines = sql.written("Mine\nDROP TABLE customers;", Own()).splitlines()
    assert lines == ["-- Mine DROP TABLE customers; has no SQL form: This method writes no SQL."]
    assert "cannot be written" in sql.written("x", Wordy())


def test_beyond_what_a_sheet_holds_there_is_no_workbook(a, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "MOST_CELLS", 100)
    monkeypatch.setattr(frames, "AT_ONCE", 7)  # customers after others are the same as at once
    said = exports.write(a, tmp_path)
    assert len(said) == 1 and "more than 100 cells; tiers.csv has them all" in said[0]
    for name in ("tiers.csv", "watch-list-1-silent.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    plain = [pd.read_parquet(place / "tiers.parquet") for place in (folder, tmp_path)]
    pd.testing.assert_frame_equal(*plain)
    assert not (tmp_path / "tiers.xlsx").exists()
    monkeypatch.setattr(exports, "MOST_ROWS", 100)
    said = exports.write(a, tmp_path)
    assert len(said) == 1 and "more than the 99 that an Excel sheet holds" in said[0]
    assert not (tmp_path / "tiers.xlsx").exists() and (tmp_path / "tiers.csv").exists()


def test_the_command_writes_the_files_and_nothing_else(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    hostile.write(tmp_path)
    code, out, _ = run(monkeypatch, capsys, "tiers", "shop.yaml", "-o", "out", "--scheme", "Lists")
    assert code == 0 and "out: 16 files, tiers by Lists" in out and "confidential" in out
    assert len([*(tmp_path / "out").glob("[!.]*")]) == 16
    assert "Tier now (Lists)" in csv(tmp_path / "out" / "tiers.csv")
    # A later run without customers leaves nothing of theirs, and what is not its own alone.
    (tmp_path / "out" / "mine.csv").write_text("of the user")
    study = yaml.safe_load((tmp_path / "shop.yaml").read_text("utf-8"))
    del study["customers"]
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), "utf-8")
    code, out, _ = run(monkeypatch, capsys, "tiers", "shop.yaml", "-o", "out", "--scheme", "Lists")
    names = {file.name for file in (tmp_path / "out").glob("[!.]*")}
    assert code == 0 and "out: 14 files" in out
    of_tables = {exports.REPAIRS, exports.DOUBLES, exports.EFFORT, exports.OVERDUE}
    of_tables |= {exports.PRESENT, exports.PROSPECTS, exports.BIRTHDAYS, exports.GROUPS}
    assert names == {*exports.ALL, "mine.csv"} - of_tables
    code, _, err = run(monkeypatch, capsys, "tiers", "shop.yaml", "-o", "shop.yaml")
    assert code == 2 and "is a file" in err
    code, _, err = run(monkeypatch, capsys, "tiers", "shop.yaml", "-o", "no", "--scheme", "Lits")
    assert code == 2 and "did you mean 'Lists'" in err and not (tmp_path / "no").exists()
