"""The page of the watch-lists: it names nobody unless asked to, and no total tells of one."""

import copy
import dataclasses
from html import unescape

import cells
import hostile
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from segment import language
from segment.action import watchlists
from segment.action.watchlists import lists
from segment.pages import watch_lists
from segment.pages._words import held_back
from segment.run import Run

PAGE = "20_watch_lists"


@pytest.fixture(scope="module")
def run(hostile_run) -> Run:
    """The hostile shop, whose study this file changes, with frames of its own."""
    own = copy.copy(hostile_run)
    own.computed = {}
    return own


def test_a_single_small_group_takes_a_partner_with_it(run):
    def held(*sizes, identifiers="hide"):
        study = run.study.model_copy(update={"identifiers": identifiers})
        return held_back(study, pd.Series(sizes)).tolist()

    # The total stands elsewhere: two amounts are missing, or none.
    assert held(9, 3, 20, 0) == [True, True, False, False]
    assert held(2, 3, 20) == [True, True, False]
    assert held(9, 5, 20) == [False, False, False]
    assert held(3) == [True]
    assert not any(held(9, 3, 20, identifiers="show"))


def told(page: str) -> str:
    """Return what a page tells, in its code or to a reader, for whom a $ stands in a part."""
    return unescape(page) + BeautifulSoup(page, "html.parser").get_text()


def test_the_page_names_customers_only_as_the_study_says(run, monkeypatch):
    monkeypatch.setenv("SEGMENT_KEY", "k" * 20)
    monkeypatch.setattr(watch_lists, "NAMED", 99)
    pages = {}
    for identifiers in ("hide", "pseudonym", "show"):
        hostile.identify(run, identifiers)
        pages[identifiers] = cells.shown(PAGE, run)
        assert not any(name in pages[identifiers] for name in hostile.NAMES)
    on = watchlists.membership(list(run.watchlists.values()))
    assert f"{len(on)} customers deserve a call" in pages["hide"]
    assert "names no customer" in pages["hide"] and "nan" not in pages["hide"]
    # Shorter ones could stand in a figure or a style.
    known = [who for who in on.index if len(who) > 5]
    for how in ("hide", "pseudonym"):
        assert not any(who in told(pages[how]) for who in known)
    hostile.identify(run, "pseudonym")
    called = watch_lists.names(run)[run.watchlists["silent"].rows.index[0]]
    assert called in pages["pseudonym"] and called not in pages["hide"]
    assert "k" * 20 not in pages["pseudonym"]
    assert all(who in told(pages["show"]) for who in on.index)
    assert "<script>alert" not in pages["show"] and "<i>" not in pages["show"]
    assert any(who.startswith("<script>") for who in known) and "&lt;script&gt;" in pages["show"]


def test_the_list_of_most_money_is_named_and_odd_categories_are_items_like_any(run):
    summary = watch_lists.summary(run)
    most = summary.loc[summary["stake_all"].idxmax()]
    assert f"the list *{most['list']}*: " in watch_lists.largest(run)
    offers = watch_lists.offers(run)
    assert {"None", "<i>cup</i>"} & {*offers["own"], *offers["offer"]}
    assert offers["customers"].sum() == len(run.watchlists["narrow"].rows)


def test_when_nobody_needs_attention_the_page_says_so(run):
    empty = dataclasses.replace(run, computed={})
    empty.__dict__["watchlists"] = {
        name: lists.ordered(name, pd.DataFrame({"stake": []}), 5) for name in watchlists.LISTS
    }
    answer = watch_lists.answer(empty)
    assert answer[0].startswith("**No customer needs attention now")
    assert (watch_lists.summary(empty)["customers"] == 0).all()


BARE = """\
title: Bare shop
source: orders.csv
columns: {customer_id: customer, date: day, amount: paid}
periods: {start: 2023-01-01, cut: 2023-07-01}
methods:
  Levels: {method: thresholds, by: monetary_total, tiers: {diamond: 1000000, gold: 40}, rest: rest}
backtest: {replicates: 100, origins: 1}
"""


@pytest.mark.parametrize(
    ("tongue", "words"),
    [("en", "Cannot be made with these data: *Large, unhappy*"), ("zh", "现有数据无法生成")],
)
def test_an_empty_tier_and_no_categories_complaints_or_past(tmp_path, tongue, words):
    run = hostile.analysis(tmp_path, BARE + f"language: {tongue}\n")
    text = cells.shown(PAGE, run)
    lacks = {name: each.lacks for name, each in run.watchlists.items() if each.lacks}
    assert lacks == {"complaints": "no mood", "narrow": "no items", "dormant": "short history"}
    assert words in text and "`complaints`" in text and "`category`" in text
    assert not any(part in text for part in ("nan", "NaN", "None"))
    assert language.current() == "en"
    if tongue == "zh":  # what a person reads holds no English sentence
        assert "customers" not in unescape(text)
