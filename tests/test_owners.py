"""What each account owner has to do, in the workbook and in one of their own."""

import openpyxl
import pandas as pd
import pytest
import shop

from segment.publish import files
from segment.run import prepare
from segment.study import read

TABLE = (
    "customers: {{source: people.csv, customer_id: who, columns: {{owner: rep, birthday: born}}}}\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("owners")
    people = sorted({*shop.rows()["customer"]})
    reps = ["=Ann/1", "王伟", ""]
    table = pd.DataFrame({"who": people, "rep": [reps[i % 3] for i in range(len(people))]})
    # The data end on 2023-12-31: the first is due on New Year, the third on the last of 31 days.
    born = ["1980-01-01", "1970-02-29", "1990-01-31", "1985-02-01", "1985-12-31"]
    table["born"] = [born[i % 5] if born[i % 5] != "1970-02-29" else "" for i in range(len(table))]
    table.to_csv(folder / "people.csv", index=False)
    run = prepare(read(shop.write(folder, yaml=shop.YAML + shop.PLAN + TABLE)))
    files.write(run, folder / "out")
    return run, table.set_index("who")["rep"], folder / "out"


def rows(file, sheet) -> pd.DataFrame:
    book = openpyxl.load_workbook(file)
    lines = [list(line) for line in book[sheet].iter_rows(values_only=True)]
    start = 1 if sheet == "Call list" else 0
    return pd.DataFrame(lines[start + 1 :], columns=lines[start])


def test_the_workbook_says_what_each_owner_has_to_do(made):
    run, rep, out = made
    table = rows(out / "watch-lists.xlsx", "Owner").fillna("").set_index("Owner")
    calls = rows(out / "watch-lists.xlsx", "Call list")
    assert table.index[-1] == "" and {*table.index} == {*rep}
    lately = run.newest_tiers.dropna().index
    assert table["Customers"].to_dict() == rep.reindex(lately).value_counts().to_dict()
    assert calls["Owner"].fillna("").tolist() == rep[calls["Customer"]].tolist()
    due = calls.assign(Owner=calls["Owner"].fillna("")).groupby("Owner")["Money at stake"]
    assert table["Calls due"].to_dict() == {**dict.fromkeys(rep, 0), **due.size().to_dict()}
    assert table["Money at stake"].sum() == pytest.approx(calls["Money at stake"].sum())
    (hours,) = [name for name in table if name.startswith("Hours a month")]
    assert hours == "Hours a month (sales)" and (table["Hours there"] == 120).all()
    from segment.pages import _plan

    needed = _plan.loads(run.scheme())["needed"]["sales"]
    assert table[hours].sum() == pytest.approx(needed, abs=2)


def test_each_owner_has_a_workbook_with_nobody_elses_customers(made):
    _run, rep, out = made
    found = sorted(out.glob("owner-*.xlsx"))
    assert [file.name[9:-5] for file in found if "nobody" not in file.name] != []
    assert len(found) == 3
    for file in found:
        slug = file.name[9:-5]
        name = {"Ann-1": "=Ann/1", "王伟": "王伟", "nobody": ""}[slug]
        everybody = rows(file, "All customers")["Customer"]
        assert {*everybody} == {*rep.index[rep == name]}
        assert "Read me" in openpyxl.load_workbook(file).sheetnames
        assert rows(file, "Owner")["Owner"].fillna("").tolist() == [name]


def test_birthdays_of_the_best_tiers_in_the_next_month(made):
    run, rep, out = made
    found = pd.read_csv(out / "birthdays.csv").fillna("")
    tiers = run.newest_tiers.dropna().astype(str)
    best = tiers[tiers.isin(run.scheme().method.tiers_[:2])]
    due = run.attributes["birthday"].dt.strftime("%m-%d").isin(["01-01", "01-31"])
    assert run.windows.newest_day.isoformat() == "2023-12-31"
    assert {*found["Customer"]} == {*best.index[due.reindex(best.index)]} and len(found)
    assert found["Birthday"].tolist() == sorted(found["Birthday"])
    assert found["Owner"].tolist() == rep[found["Customer"]].str.replace("=", "'=").tolist()
