"""The pages of the method families speak two languages, on a shop made from a seed."""

import re
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shop

from segment import language, pages, tiering
from segment.features.names import NAMES
from segment.pages import (
    credit_brake,
    five_kinds,
    learned,
    lifecycle,
    narrate,
    scorecard,
    tables,
    thresholds,
    views,
)
from segment.run import Run, prepare
from segment.study import read
from segment.tiering.scorecard import MISSING

YAML = """\
title: Shop
source: {file}
currency: EUR
columns: {{customer_id: customer, date: day, amount: paid, margin: margin}}
customers:
  source: people.csv
  customer_id: customer
  known_on: 2023-08-01
  columns: {{arrears: arrears, satisfaction: satisfaction, complaints: complaints, trade: trade}}
periods: {{cut: 2023-09-01}}
methods:
  ABC: {{method: abc}}
  Margin: {{method: abc, by: margin_total}}
  Days: {{method: abc, by: order_days}}
  Gold: {{method: gold_drag, gold: 0.1}}
  RFM: {{method: rfm, form: segments}}
  Clusters: {{method: clusters}}
  Mixed: {{method: clusters, k: 3, features: [monetary_total], categories: [trade]}}
  Relations: {{method: quadrants}}
  Turnover: {{method: turnover_margin}}
  Level: {{method: thresholds, by: monetary_total, tiers: {{high: 300, middle: 100}}}}
  Status: {{method: thresholds, tiers: {{high: 300, middle: 100}}, grace: 3}}
  Card:
    method: scorecard
    weights: {{monetary_total: 0.5, order_days: 0.3, satisfaction: 0.2}}
    missing: middle
  Stages: {{method: lifecycle}}
  Kinds: {{method: five_kinds}}
  Brake: {{method: credit_brake, of: {{method: abc}}, by: arrears, limits: [50], caps: [C]}}
  Forecast: {{method: learned}}
backtest: {{replicates: 100}}
"""
FAMILIES = ("abc", "clusters", "credit_brake", "five_kinds", "gold_drag", "learned", "lifecycle",
            "quadrants", "rfm", "scorecard", "thresholds", "turnover_margin")  # fmt: skip
WAS = Path(__file__).with_name("families_en.txt")
THREE_WORDS = re.compile(r"[A-Za-z]{2,}(?:['’]s)?(?:[ ,:;]+[A-Za-z]{2,}){2,}")


def people(customers: int = 180) -> pd.DataFrame:
    """Return what is known of the customers; the last twenty have never bought."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"customer": [f"Kunde-{i:04d}" for i in range(customers)]})
    frame["arrears"] = np.where(rng.random(customers) < 0.3, rng.integers(20, 200, customers), 0)
    frame["satisfaction"] = rng.integers(1, 6, customers).astype(float)
    frame.loc[::9, "satisfaction"] = np.nan
    frame["complaints"] = rng.poisson(0.2, customers)
    frame["trade"] = rng.choice(["north", "south"], customers)
    frame.loc[::15, "trade"] = None
    return frame


@pytest.fixture(scope="module")
def a(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("families")
    rows = shop.rows()
    rows["margin"] = (rows["paid"] * (rows.index % 7 - 1) / 10).round(2)
    people().to_csv(folder / "people.csv", index=False)
    return prepare(read(shop.write(folder, rows, YAML)))


@pytest.fixture(autouse=True)
def back_to_english():
    yield
    language.use("en")


@pytest.fixture(autouse=True)
def own_words(monkeypatch):
    """Leave out what all pages say of a scheme alike: it is no family's own."""
    for family in FAMILIES:
        for said in ("headline", "rank", "skill", "top_tier"):
            for where in (narrate, pages):
                page = getattr(where, family, None)
                if page is not None:
                    monkeypatch.setattr(page, said, lambda *_: "", raising=False)


@pytest.fixture
def chinese(a):
    language.use("zh")
    for scheme in a.schemes.values():  # frames hold words
        scheme.computed.clear()


def said(a: Run) -> dict[str, list[str]]:
    """Return all that the pages say and head their pictures with, by family."""
    found = {}
    found["abc"] = [
        *narrate.abc.answer(a, ["ABC", "Margin", "Days"]),
        *(narrate.abc.title(a, label) for label in ("ABC", "Margin", "Days")),
        *views.abc.curves(a, "ABC"),
    ]
    found["gold_drag"] = [
        *narrate.gold_drag.answer(a, ["Gold"]), narrate.gold_drag.title(a, "Gold"),
        *views.gold_drag.next_ranks(a, "Gold"),
    ]  # fmt: skip
    cells = views.rfm.score_cells(a, "RFM")
    found["rfm"] = [
        *narrate.rfm.answer(a, ["RFM"]),
        narrate.rfm.empty_scores(a.methods["RFM"].score_table(a.customers)),
        *narrate.rfm.cell_words(cells["customers"]),
        *narrate.rfm.value_words(cells["value"], "EUR"),
    ]
    shares = views.clusters.shares(a, "Mixed", "trade")
    found["clusters"] = [
        *narrate.clusters.answer(a, ["Clusters"]),
        narrate.clusters.found_again(a, "Mixed"),
        narrate.clusters.k_title("Clusters", a.methods["Clusters"]),
        narrate.clusters.profile_title("Clusters", a.methods["Clusters"]),
        *narrate.clusters.shares_words("Mixed", shares, "trade"),
        *shares,
    ]
    found["quadrants"] = [
        *narrate.quadrants.answer(a, "Relations"),
        *(f(a, label) for f in (narrate.quadrants.title, narrate.quadrants.sensitivity)
          for label in ("Relations", "Turnover")),
        *chain(*(views.quadrants.axes(a, label)[["label", "high"]].to_numpy().ravel()
                 for label in ("Relations", "Turnover"))),
    ]  # fmt: skip
    found["turnover_margin"] = narrate.turnover_margin.answer(a, ["Turnover"])
    found["thresholds"] = [
        *thresholds.answer(a.of("thresholds")),
        *(say(scheme) for say in (thresholds.title, thresholds.kept, thresholds.undrawn)
          for scheme in a.of("thresholds")),
    ]  # fmt: skip
    card, stages, kinds, brake, forecast = (
        a.scheme(label) for label in ("Card", "Stages", "Kinds", "Brake", "Forecast")
    )
    found["scorecard"] = [
        *scorecard.answer([card]), scorecard.missing(card),
        scorecard.scores_title(card), scorecard.weights_title(card),
    ]  # fmt: skip
    contrasts = lifecycle.contrasts(stages)
    found["lifecycle"] = [
        *lifecycle.answer([stages]), lifecycle.return_title(stages), lifecycle.limits(stages),
        lifecycle.only_once(stages), *contrasts["group"], *contrasts["meaning"],
        *lifecycle.return_by_lateness(stages)["group"].unique(),
    ]  # fmt: skip
    classes = five_kinds.classes(kinds)
    means = classes.pivot_table("next_value", "value_class", "growth_class", observed=False)
    found["five_kinds"] = [
        *five_kinds.answer([kinds]), five_kinds.shares_title(kinds), five_kinds.growth_title(means),
        *classes["value_class"].cat.categories,
        *(name.replace("\n", " ") for name in classes["growth_class"].cat.categories),
    ]  # fmt: skip
    found["credit_brake"] = [
        *credit_brake.answer(brake), credit_brake.title(brake),
        credit_brake.against(brake)["tier"].iloc[-1],
    ]  # fmt: skip
    found["learned"] = [
        *learned.answer([forecast]), learned.tenths_title(forecast),
        learned.coming_back(forecast), *learned.tenths(forecast)["order"].unique(),
    ]  # fmt: skip
    return {family: [t.strip() for t in texts if t.strip()] for family, texts in found.items()}


def test_in_english_the_pages_say_what_they_said_before(a):
    texts = said(a)
    assert set(texts) == set(FAMILIES)
    lines = [line for family in FAMILIES for line in (f"[{family}]", *texts[family])]
    assert lines == WAS.read_text("utf-8").splitlines()


def test_in_chinese_no_english_sentence_is_left(a, chinese):
    # The words of methods and features are theirs to translate.
    foreign = [*NAMES.values(), *MISSING.values(), *a.methods["Card"].rules()["rule"],
               *a.methods["Kinds"].untold_.values(), a.methods["Forecast"].fallback_]  # fmt: skip
    left = []
    for texts in said(a).values():
        for text in texts:
            for words in sorted(filter(None, foreign), key=len, reverse=True):
                text = text.replace(words, "")
            left += THREE_WORDS.findall(text) and [text]
    assert left == []


def test_every_chinese_sentence_holds_chinese(a, chinese):
    english = [text for texts in said(a).values() for text in texts
               if len(text) > 12 and not re.search("[\u4e00-\u9fff]", text)]  # fmt: skip
    assert english == []


def test_labels_of_the_parts_of_a_picture_stay_apart_in_chinese(a, chinese):
    for labels in (
        views.gold_drag.next_ranks(a, "Gold").columns,
        five_kinds.classes(a.scheme("Kinds"))["growth_class"].cat.categories,
        five_kinds.classes(a.scheme("Kinds"))["value_class"].cat.categories,
        pd.Index(views.abc.curves(a, "ABC")),
        pd.Index(lifecycle.contrasts(a.scheme("Stages"))["group"]),
    ):
        assert labels.is_unique


@pytest.mark.parametrize(("age", "words"), [(0, "有 3 位新客户"), (9, "没有需要豁免的新客户")])
def test_newcomers_are_counted_in_chinese(age, words):
    language.use("zh")
    customers = pd.DataFrame({"monetary_total": range(10, 0, -1), "days_since_first": age})
    method = tiering.GoldDrag(gold=0.2, drag=0.3, newcomer_days=0).fit(customers)
    text = narrate.gold_drag.spared(SimpleNamespace(methods={"g": method}), "g")
    assert text.startswith(words)
    assert "{" not in text


def test_columns_and_axes_have_names_a_reader_knows():
    assert views.names.column_name("order_days") == "purchase days"
    assert views.names.column_name("contact_hours") == "contact_hours"
    assert views.names.axis_name("value") == "Value"
    assert views.names.axis_name("reach") == "Reach"
    language.use("zh")
    assert views.names.column_name("arrears") == "欠款"
    assert views.names.column_name("anything_else") == "anything_else"
    assert views.names.axis_name("loyalty") == "忠诚度"


def test_a_cluster_without_a_category_says_so_in_chinese(chinese, monkeypatch):
    cluster = {"customers": [3, 2], "share": [0.6, 0.4], "stability": [0.9, 0.8],
               "trade": ["missing (68%)", "missing link (60%)"]}  # fmt: skip
    found = pd.DataFrame(cluster, index=["Cluster 1", "Cluster 2"])
    monkeypatch.setattr(views.clusters, "profile", lambda a, label: found)
    shown = tables.cluster_profile(None, "Mixed").data
    assert "缺失 (68%)" in shown and "missing link (60%)" in shown and "missing (" not in shown
