"""An experiment that is read: its figures by hand, by simulation, and whatever list comes back."""

import json
import re
import shutil
from pathlib import Path

import experiments as bench
import numpy as np
import pandas as pd
import pytest
import shop
import yaml
from test_cli import run

from segment import language
from segment.action import drawn as lists
from segment.action import experiment as ex
from segment.errors import StudyError
from segment.evidence import treatment
from segment.pages import experiment_result as page
from segment.publish.build import write_json
from segment.publish.files.files import write_csv
from segment.run.trial import Trial
from segment.study import read

ROOT = Path(__file__).parents[1]
DAY = "2023-07-01"
TIERS = ["top", "rest"]  # not in the order of the alphabet


def by_lot(n: int = 400, seed: int = 3) -> dict[str, pd.Series]:
    rng = np.random.default_rng(seed)
    before = pd.Series(rng.lognormal(3, 1, n))
    treated = pd.Series(rng.permutation(n) < 0.7 * n)
    tiers = pd.Series(pd.Categorical(np.where(before > 20, "A", "B"), ["A", "B"], ordered=True))
    outcome = before * rng.random(n) * (1 + 0.5 * treated)
    return {"outcome": outcome, "before": before, "treated": treated, "tiers": tiers}


def test_an_effect_is_that_of_a_regression_on_group_and_value_before():
    given = by_lot()
    table = treatment.effects(**given, replicates=200).table
    for tier in ("A", "B"):
        inside = given["tiers"] == tier
        x = np.column_stack(
            [np.ones(inside.sum()), given["treated"][inside], given["before"][inside]]
        )
        y = given["outcome"][inside]
        coefficients = np.linalg.lstsq(x.astype(float), y, rcond=None)[0]
        assert table.loc[tier, "effect"] == pytest.approx(coefficients[1])
        left = y - coefficients[2] * given["before"][inside]
        groups = [left[given["treated"][inside] == group] for group in (True, False)]
        welch = np.sqrt(sum(group.var() / len(group) for group in groups))
        assert table.loc[tier, "error"] == pytest.approx(welch, rel=0.01)
        assert groups[0].mean() - groups[1].mean() == pytest.approx(coefficients[1])
    share = table.loc[["A", "B"], "treated"] / table.loc[treatment.TOTAL, "treated"]
    assert table.loc[treatment.TOTAL, "effect"] == pytest.approx(
        table.loc[["A", "B"], "effect"] @ share
    )
    assert (table["effect_low"] < table["effect"]).all()


def test_the_rank_weighted_effect_is_the_area_under_the_curve():
    share, effect = np.array([0.1, 0.3, 0.6]), np.array([5.0, 2.0, -1.0])
    u = (np.arange(200_000) + 0.5) / 200_000
    borders = np.concatenate([[0], np.cumsum(share)])
    reached = np.clip(u[:, None] - borders[:-1], 0, share)
    toc = reached @ effect / u - share @ effect
    assert treatment.rank_weights(share) @ effect == pytest.approx(toc.mean(), abs=1e-4)
    assert treatment.rank_weights(share).sum() == pytest.approx(0, abs=1e-12)


def test_groups_of_the_same_say_nothing_and_small_ones_no_figure():
    given = by_lot() | {"outcome": pd.Series(np.ones(400))}
    table = treatment.effects(**given, replicates=100).table
    assert (table["effect"] == 0).all() and (table["effect_low"] == 0).all()
    few = given | {"treated": given["treated"] & (given["tiers"] == "A")}
    table = treatment.effects(**few, replicates=100).table
    assert np.isnan(table.loc["B", "effect"]) and table.loc["B", "treated"] == 0
    assert table.loc[treatment.TOTAL, "treated"] == table.loc["A", "treated"]
    nobody = treatment.effects(**given | {"treated": given["treated"] & False}, replicates=100)
    assert treatment.TOTAL not in nobody.table.index and np.isnan(nobody.rate).all()


def test_simulated_experiments_hold_the_truth_and_find_nothing_where_nothing_is():
    """Few runs; thousands stand in docs/coverage.md. Shares of .95 have errors of .013 and .03."""
    none = bench.simulate("no effect", 1000, range(300), 200).mean()
    some = bench.simulate("half more, the best tier alone", 5000, range(60), 200).mean()
    assert none["all at once"] >= 0.91 and none["effect found"] <= 0.08
    assert some["all at once"] >= 0.88 and some["effect found"] > none["effect found"]


def write(folder: Path, rows: pd.DataFrame, share: float = 0.4, **more: str) -> Path:
    """Draw a list of the shop's customers on the day, with its record; return the list."""
    spent = rows[rows["day"] < DAY].groupby("customer")["paid"].sum()
    names = pd.Categorical(np.where(spent > spent.median(), *TIERS), TIERS, ordered=True)
    return keep(folder, pd.Series(names, index=spent.index), pd.Timestamp(DAY), share, **more)


def keep(
    folder: Path, tiers: pd.Series, day: pd.Timestamp, share: float, cost: float = 2.0
) -> Path:
    drawn, file = ex.assignment(tiers, share, seed=5), folder / "list.csv"
    plan = {tier: {"cost": cost, "value_effect": 0.4} for tier in tiers.cat.categories}
    record = lists.record(drawn, 5, day.date(), plan) | {"days": 181, "planned_days": 180}
    write_json(record, lists.record_of(file))
    write_csv(drawn, file)
    return file


def planted(folder: Path, lift: float = 3.0, share: float = 0.4, yaml: str = shop.YAML) -> Path:
    """Write a shop whose served customers bring more from the day on, and its list."""
    rows = shop.rows(600)
    file = write(folder, rows, share)
    served = rows["customer"].isin(lists.read(file).rows.query("served").index)
    after = served & (rows["day"] >= DAY)
    rows["paid"] = rows["paid"].where(~after, rows["paid"] * (1 + lift)).round(2)
    shop.write(folder, rows, yaml + "costs: {{margin_rate: 0.4}}\n")
    return file


def told(folder: Path, file: Path) -> str:
    study = read(folder / "shop.yaml")
    drawn = lists.read(file)
    with language.using("en"):
        return " ".join(page.answer(Trial(study, drawn, lists.since(study, drawn))))


def test_the_command_says_what_the_page_shows_in_both_languages(tmp_path, monkeypatch, capsys):
    file = planted(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, out, err = run(monkeypatch, capsys, "evaluate", "list.csv", "--study", "shop.yaml")
    assert code == 0, err
    assert "The service made customers bring €" in out and "It pays: beyond its cost" in out
    html = (tmp_path / "reports" / "shop" / "experiment.html").read_text("utf-8")
    assert "The service adds in top" in html and "Kunde-" not in html
    # The report takes the place of nothing that stands there already.
    assert {each.name for each in (tmp_path / "reports" / "shop").iterdir()} == {"experiment.html"}
    code, out, err = run(
        monkeypatch, capsys, "evaluate", str(file), "--study", "shop.yaml", "--set", "language=zh"
    )
    html = (tmp_path / "reports" / "shop" / "experiment.html").read_text("utf-8")
    assert code == 0 and "服务" in html and 'lang="zh-CN"' in html
    assert not re.search(r"[A-Za-z]{4,} [a-z]{4,} [a-z]{3,}", out.partition("More:")[0])


def test_the_planted_effect_of_the_wholesale_company_is_found(tmp_path):
    orders = pd.read_parquet(ROOT / "data" / "wholesale_orders.parquet")
    orders = orders.assign(
        date=pd.to_datetime(orders["date"]), customer_id=orders["customer_id"].astype(str)
    )
    day = pd.Timestamp("2024-07-01")
    spent = orders[orders["date"] < day].groupby("customer_id")["margin"].sum()
    codes = np.searchsorted([0.2, 0.5], spent.rank(ascending=False, pct=True))
    tiers = pd.Series(
        pd.Categorical.from_codes(codes, list("ABC"), ordered=True), index=spent.index
    )
    file = keep(tmp_path, tiers, day, 0.3)
    served = orders["customer_id"].isin(lists.read(file).rows.query("served").index)
    after = served & (orders["date"] >= day)
    added = orders["margin"].where(after, 0.0).groupby(orders["customer_id"]).sum()
    for column in ("amount", "margin"):
        orders[column] = orders[column].where(~after, 2 * orders[column])
    orders.to_parquet(tmp_path / "orders.parquet", index=False)
    columns = {name: name for name in ("customer_id", "date", "amount", "margin")}
    study = {
        "title": "w",
        "source": "orders.parquet",
        "columns": columns,
        "methods": {"ABC": {"method": "abc"}},
    }
    (tmp_path / "w.yaml").write_text(yaml.safe_dump(study))
    parsed, drawn = read(tmp_path / "w.yaml"), lists.read(file)
    trial = Trial(parsed, drawn, lists.since(parsed, drawn))
    table = trial.value.table
    assert table.loc[treatment.TOTAL, "effect_low"] > 0
    customers = trial.customers
    truth = (
        added.reindex(customers.index, fill_value=0)[customers["served"]]
        .groupby(customers["tier"])
        .mean()
    )
    inside = table.loc[list("ABC")]
    assert ((inside["effect_low"] <= truth) & (truth <= inside["effect_high"])).all()
    # What is read is what the rows say.
    since = orders[orders["date"] >= day].groupby("customer_id")["margin"].sum()
    assert customers["value"].sum() == pytest.approx(since.reindex(customers.index).sum())


def change(file: Path, how) -> None:
    rows = pd.read_csv(file, dtype=str, encoding="utf-8-sig")
    how(rows).to_csv(file, index=False, sep=";", encoding="gb18030")


REFUSED = {
    "12 customers stand on the list again": lambda rows: pd.concat([rows, rows[:12]]),
    "has no column 'group'": lambda rows: rows.drop(columns="group"),
    "1 rows have a tier that was not drawn, for example 'Z'": lambda rows: rows.replace(
        {"tier": {rows["tier"][0]: rows["tier"][0]}}
    ).assign(tier=["Z", *rows["tier"][1:]]),
    "rows have a group that was not drawn, for example 'x'": lambda rows: rows.assign(group="x"),
    "is no table that can be read": lambda rows: rows[:0].drop(columns=[*rows]),
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_list_that_was_not_drawn_so_is_refused(message, tmp_path):
    file = write(tmp_path, shop.rows())
    change(file, REFUSED[message])
    with pytest.raises(StudyError, match=message):
        lists.read(file)


@pytest.mark.parametrize("record", [None, "", "{}", "[1]", '{"tiers": {}, "seed": 1}'])
def test_a_list_without_its_record_is_refused(record, tmp_path):
    file = write(tmp_path, shop.rows())
    lists.record_of(file).unlink()
    if record is not None:
        lists.record_of(file).write_text(record)
    with pytest.raises(StudyError, match=r"has no record 'list\.json' beside it"):
        lists.read(file)
    with pytest.raises(StudyError, match="There is no list"):
        lists.read(tmp_path / "none.csv")


def test_who_is_gone_counts_with_nothing_and_who_was_moved_by_the_lot(tmp_path):
    file = planted(tmp_path)
    before = told(tmp_path, file)
    assert "The groups are as drawn" in before and "gone" not in before
    rows = pd.read_csv(tmp_path / "shop.csv")
    listed = lists.read(file).rows
    gone = listed.index[listed["served"]][:3]
    rows[~rows["customer"].isin(gone)].to_csv(tmp_path / "shop.csv", index=False)

    def swapped(frame):
        frame.loc[:4, "group"] = frame.loc[:4, "group"].map(
            {ex.SERVED: ex.HELD_OUT, ex.HELD_OUT: ex.SERVED}
        )
        return frame.assign(treated=np.where(frame.index % 2, "yes", "no"))

    change(file, swapped)
    text = told(tmp_path, file)
    assert "under 5 are gone from the data and count with 0" in text
    assert "5 changed the group but count by the lot" in text
    assert re.search(r"Of those to be served \d\d% were, of those held out \d\d%", text)
    pd.testing.assert_series_equal(lists.read(file).rows["served"], listed["served"])
    assert [*listed["tier"].cat.categories] == TIERS


def test_groups_that_the_lot_does_not_make_are_not_trusted(tmp_path):
    file = planted(tmp_path)
    listed = lists.read(file).rows
    gone = listed.index[~listed["served"]][::2]
    change(file, lambda rows: rows[~rows["customer_id"].isin(gone)])
    text = told(tmp_path, file)
    assert "The groups are not as drawn, so do not trust this" in text
    assert f"Since then {len(gone)} left the list" in text


def test_no_purchase_since_and_an_empty_group_give_no_figure(tmp_path):
    file = planted(tmp_path, share=0.0)
    assert "Nothing can be compared" in told(tmp_path, file)
    rows = pd.read_csv(tmp_path / "shop.csv")
    rows[rows["day"] < DAY].to_csv(tmp_path / "shop.csv", index=False)
    study = (tmp_path / "shop.yaml").read_text().replace("2023-09-01", "2023-04-01")
    (tmp_path / "shop.yaml").write_text(study)
    assert f"the experiment begins on {DAY}, and the study's data end before" in told(
        tmp_path, file
    )
    strangers = rows.assign(customer="X" + rows["customer"])
    strangers.to_csv(tmp_path / "shop.csv", index=False)
    with pytest.raises(StudyError, match="no customer of the list stands in the data"):
        told(tmp_path, file)


def test_assign_keeps_the_record_that_evaluate_needs(tmp_path, monkeypatch, capsys):
    shutil.copy(shop.write(tmp_path, yaml=shop.YAML + shop.PLAN), tmp_path / "copy.yaml")
    monkeypatch.chdir(tmp_path)
    command = ["assign", "shop.yaml", "-o", "list.csv", "--scheme", "ABC 80/95", "--share", "0.3"]
    code, out, err = run(monkeypatch, capsys, *command)
    assert code == 0 and "Keep list.json beside it" in out, err
    record = json.loads((tmp_path / "list.json").read_text())
    drawn = lists.read(tmp_path / "list.csv")
    assert drawn.moved == 0 and str(drawn.first_day) == "2024-01-01"
    assert [*record["tiers"]] == ["A", "B", "C"] and record["tiers"]["A"]["cost"] > 0
    assert record["tiers"]["A"]["rule"] and record["scheme"] == "ABC 80/95"
    sizes, p = lists.sizes(drawn, pd.Series(True, drawn.rows.index))
    assert p == pytest.approx(1, abs=0.1) and (sizes["served"] == sizes["served_drawn"]).all()
    (tmp_path / "list.csv").unlink()
    code, _, err = run(monkeypatch, capsys, *command)
    assert code == 2 and "'list.json' exists already, perhaps an earlier lot" in err
