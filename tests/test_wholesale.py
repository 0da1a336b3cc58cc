"""The synthetic wholesale study: every family of methods, from file to page."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, content, html_pages

from segment.publish.manifest import PAGES
from segment.run import load

DATA = ROOT / "data"


@pytest.fixture(scope="module")
def before():
    """The order lines before the cut, in plain pandas; the engine nets cancellations."""
    rows = pd.read_parquet(DATA / "wholesale_orders.parquet")
    rows["date"] = pd.to_datetime(rows["date"])
    return rows[rows["date"] < "2024-07-01"]


@pytest.fixture(scope="module")
def a(wholesale):
    return load(wholesale / "confidential", DATA / "wholesale.yaml")


def test_every_method_of_the_study_gives_tiers_and_figures(a):
    figures = a.backtest.figures
    assert set(a.methods) == set(a.study.methods)
    assert figures.loc[list(a.methods), "gini"].notna().all()
    assert all(method.labels_.nunique() > 1 for method in a.methods.values())


def test_totals_of_customers_without_a_negative_line_equal_plain_pandas(a, before):
    clean = before.groupby("customer_id").filter(lambda rows: (rows["amount"] >= 0).all())
    after = pd.read_parquet(DATA / "wholesale_orders.parquet")
    returned = set(after.loc[after["amount"] < 0, "customer_id"])
    clean = clean[~clean["customer_id"].isin(returned)]
    plain = clean.groupby("customer_id").agg(
        monetary_total=("amount", "sum"), margin_total=("margin", "sum"),
        order_days=("date", "nunique"), products=("product", "nunique"),
        categories=("category", "nunique"),
    )  # fmt: skip
    year = clean[clean["date"] >= "2023-07-02"].groupby("customer_id")["amount"].sum()
    plain["monetary_year"] = year.reindex(plain.index).fillna(0)
    plain["margin_rate"] = plain["margin_total"] / plain["monetary_total"]
    found = a.customers.loc[plain.index, plain.columns]
    assert len(plain) > 500
    np.testing.assert_allclose(found, plain, rtol=1e-6, atol=1e-5)


def test_balances_equal_a_daily_loop(a):
    rows = pd.read_parquet(DATA / "wholesale_balances.parquet")
    rows["date"] = pd.to_datetime(rows["date"])
    june = pd.date_range("2024-06-01", "2024-06-30")
    means = a.customers["balance_month_mean"]
    some = means.dropna().sample(40, random_state=1).index
    for customer in some:
        held = rows[rows["customer_id"] == customer].groupby("date")["balance"].mean()
        daily = held.reindex(held.index.union(june)).sort_index().ffill().reindex(june)
        assert means[customer] == pytest.approx(daily.fillna(0).mean())
    without = means.index[means.isna()]
    assert not rows.loc[rows["date"] <= "2024-06-30", "customer_id"].isin(without).any()


def test_learned_tiers_add_something_and_no_method_is_below_chance(a):
    figures = a.backtest.figures
    assert figures.loc["Learned tiers", "skill_low"] > 0
    assert (figures.loc[list(a.methods), "gini"] > 0).all()


def test_the_brake_only_lowers(a):
    plain, braked = a.methods["ABC 80/95"], a.methods["ABC with credit brake"]
    moved = braked.labels_.cat.codes - plain.labels_.cat.codes
    assert (moved >= 0).all()
    assert 0 < (moved > 0).sum() < 200
    assert (a.customers["arrears"][moved > 0] >= 1000).all()


def test_all_pages_are_made_and_the_results_hold_every_method(wholesale):
    names = {page.stem for page in html_pages(wholesale)}
    untested = {stem for stem, (_name, _part, bringing) in PAGES.items() if bringing == "totals"}
    assert names == {"report"} | {*PAGES} - {"00_summary", "10b_prospects"} - untested
    results = json.loads((wholesale / "results.json").read_text("utf-8"))
    methods = {f["label"] for f in results["figures"] if f["kind"] == "method"}
    assert methods == set(results["parameters"]["methods"])


def test_no_page_names_a_customer(wholesale):
    table = pd.read_parquet(DATA / "wholesale_customers.parquet")
    private = [*table["name"].dropna(), *table["phone"].dropna(), *table["contact"].dropna()]
    pattern = re.compile("|".join(map(re.escape, {str(x) for x in private if len(str(x)) > 2})))
    for file in wholesale.rglob("*"):
        if file.is_file() and "confidential" not in file.parts:
            text = re.sub(r"base64,[\w+/=]+", "", content(file))
            assert not re.search(r"SYN-\d", text), file  # products are SYN-P01 ...
            assert not pattern.search(text), file


def test_no_page_shows_a_missing_figure_or_the_name_of_a_column(wholesale):
    for page in html_pages(wholesale):
        html = page.read_text(encoding="utf-8")
        text = re.sub(r"<(style|script|pre|code)\b.*?</\1>|<[^>]+>", " ", html, flags=re.S)
        assert len(text.split()) > 100, page.name
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b|NaN|<NA>", text), page.name
        # The page on the data, and so the report, lists the columns that a method can read.
        if page.stem not in ("01_data", "report"):
            assert not re.search(r"\b(monetary|order|days|margin|balance)_\w+", text), page.name
