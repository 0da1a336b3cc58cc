"""Numbers and sentences read well, whatever the figures."""

import math
import re
from types import SimpleNamespace

import pandas as pd
import pytest
import shop

from segment import words
from segment.evidence.backtest import REVENUE_SORT
from segment.notebook import say
from segment.pages import narrate
from segment.run import Run, prepare
from segment.study import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.money(1234.5, "USD"), "$1,234"),
        (words.money(12.5, "CNY"), "¥12.50"),
        (words.money(-12, "CHF"), "-12 CHF"),
        (words.money(math.nan), "n/a"),
        (words.percent(0.0001), "under 1%"),
        (words.percent(0.9999), "over 99%"),
        (words.percent(0), "0%"),
        (words.percent(1), "100%"),
        (words.count(1, "customer"), "1 customer"),
        (words.count(23570, "customer"), "23,570 customers"),
        (words.few(4), "four"),
        (words.few(11), "11"),
        (words.listed(["a"]), "a"),
        (words.listed(["a", "b", "c"], "or"), "a, b or c"),
        (words.signed(-0.0001), "0.000"),
        (words.signed(0.0163), "+0.016"),
        (words.decimal(-0.001), "0.00"),
        (narrate.common.span(1), "1 day"),
        (narrate.common.span(273), "9 months"),
        (narrate.common.some_of([1], [1, 2, 3]), "one of the three"),
        (narrate.common.some_of([1, 2], [1, 2]), "both"),
        (narrate.common.some_of([1] * 8, [1] * 8), "all eight"),
    ],
)
def test_words(text, expected):
    assert text == expected


def test_names_from_the_data_start_no_formula_and_no_html():
    text = say("Use <img onerror=x> & co for $5 to $9", "").data
    assert text == r"Use &lt;img onerror=x> &amp; co for \$5 to \$9"


def analysis(folder, frame, **changes) -> Run:
    text = shop.YAML
    for old, new in changes.items():
        text = text.replace(old, new)
    return prepare(read(shop.write(folder, frame, text)))


def every_sentence(a: Run) -> str:
    """Return all prose and titles of a report."""
    n, labels = narrate, list(a.methods)
    parts = [*n.data.answer(a), *n.backtest.answer(a), *n.verdict.answer(a)]
    parts += n.stability.answer(a, a.verdict.best)
    parts += n.abc.answer(a, ["ABC 80/95"]) + n.rfm.answer(a, ["RFM sum", "RFM segments"])
    parts += n.clusters.answer(a, ["Clusters"]) + n.quadrants.answer(a, "Value x loyalty")
    parts += [n.inversions(a, label) for label in labels]
    parts += [n.verdict.runner_up(a), n.verdict.score_leader(a)]
    parts += [n.verdict.deployable(a, "ABC 80/95"), n.verdict.forest_title(a)]
    parts += [n.backtest.skill_title(a), n.backtest.gains_title(a), n.backtest.dates_title(a)]
    parts += [*n.backtest.over_dates(a), n.verdict.front(a)]
    parts += [n.verdict.dates(a, label) for label in labels]
    parts += [n.data.timeline_title(a), n.abc.title(a, "ABC 80/95")]
    return "\n".join(parts)


SHOPS = {
    "usual": lambda rows: rows,
    "few customers": lambda rows: rows[rows["customer"] < "Kunde-0040"],
    "one dominates": lambda rows: rows.assign(
        paid=rows["paid"].where(rows["customer"] != "Kunde-0001", rows["paid"] * 1000)
    ),
    "everyone returns": lambda rows: shop.rows().assign(
        customer=lambda d: "K" + (d.index % 120).astype(str)
    ),
    "chinese": lambda rows: rows.assign(customer="客户" + rows["customer"]),
}


@pytest.mark.parametrize("kind", SHOPS)
def test_prose_never_shows_a_gap(kind, tmp_path):
    a = analysis(tmp_path, SHOPS[kind](shop.rows()))
    text = every_sentence(a)
    gap = re.search(r"\bnan\b|n/a|None(?! of the)|-0\.0+(?!\d)|[{}]|Kunde|\binf\b", text)
    assert gap is None, text[gap.start() - 200 : gap.end() + 20]


def test_too_few_customers_give_no_recommendation(tmp_path):
    a = analysis(tmp_path, SHOPS["few customers"](shop.rows()))
    assert a.verdict.recommended is None
    text = "\n".join(narrate.verdict.answer(a))
    assert text.startswith("**No recommendation: ")
    assert "Use " not in text
    assert narrate.verdict.deployable(a, a.verdict.best).startswith("No rule is offered")


@pytest.mark.parametrize(
    ("wins", "dates", "title"),
    [
        ([5, 0], 5, "x sorts customers best at all five cut dates"),
        ([1, 3], 4, "y sorts customers best at three of four cut dates"),
        ([2, 2], 4, "No scheme sorts customers best at more than two of four cut dates"),
        ([2, 0], 2, "x sorts customers best at both cut dates"),
    ],
)
def test_the_title_of_the_cut_dates_counts_the_wins(wins, dates, title):
    summary = pd.DataFrame({"wins": [*wins, math.nan]}, index=["x", "y", REVENUE_SORT])
    over = SimpleNamespace(summary=summary, origins=range(dates))
    assert narrate.backtest.dates_title(SimpleNamespace(rolling=over)) == title


def test_it_is_said_why_the_runner_up_lost(tmp_path):
    a = analysis(tmp_path, shop.rows())
    lost = narrate.verdict.runner_up(a)
    assert a.verdict.best in lost
    assert "cut dates" in lost
    assert any(reason in lost for reason in ("would matter", "instead of", "no rule"))


def test_every_way_of_being_less_simple_has_words(tmp_path):
    a = analysis(tmp_path, shop.rows())
    words = narrate.verdict.simpler
    assert words(a, "ABC 80/95", "Clusters") == "is no rule that people can read and apply by hand"
    assert words(a, "ABC 80/95", "RFM sum") == "reads 3 figures of each customer instead of one"
    assert words(a, "RFM segments", "RFM sum") == (
        "tells 13 groups of customers apart instead of ten"
    )


def test_a_dominating_customer_is_named_with_the_verdict(tmp_path):
    a = analysis(tmp_path, SHOPS["one dominates"](shop.rows()))
    assert "One customer weighs heavily" in "\n".join(narrate.verdict.answer(a))
