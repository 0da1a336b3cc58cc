"""The page of the watch-lists: it names nobody unless asked to, and no total tells of one."""

import copy
import dataclasses
import math
from html import unescape

import cells
import hostile
import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from segment import language
from segment.action import watchlists
from segment.action.watchlists import lists
from segment.pages import watch_lists
from segment.pages._words import held_back
from segment.publish import files
from segment.run import Run
from segment.words import about

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
    on = watchlists.lists_of(run.watchlists.values())
    due = (on.map(set) != {"borderline"}).sum()
    assert f"Due for a call or visit: {due} customers." in pages["hide"]
    assert "pseudonyms" not in pages["hide"] and "nan" not in pages["hide"]
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


def test_lists_stand_by_the_money_of_their_rule_and_odd_categories_are_items_like_any(run):
    table = watch_lists.lists(run)
    stakes = {each.stake for name, each in run.watchlists.items() if name != "borderline"}
    assert table["stake_all"].tolist()[:-1] == sorted(stakes, reverse=True)
    assert table["list"].iloc[-1] == "Tier uncertain" and pd.isna(table["stake_all"].iloc[-1])
    title = f"Most at stake: {table['list'][0]} ({about(max(stakes), 'EUR')})"
    assert watch_lists.stakes_title(run) == title
    offers = watch_lists.offers(run)
    assert {"None", "<i>cup</i>"} & {*offers["own"], *offers["offer"]}
    assert offers["customers"].sum() == len(run.watchlists["narrow"].rows)


def test_when_nobody_needs_attention_page_and_workbook_say_so(run, tmp_path):
    empty = dataclasses.replace(run, computed={})
    empty.__dict__["watchlists"] = {
        name: lists.ordered(name, pd.DataFrame({"stake": []}), 5) for name in watchlists.LISTS
    }
    assert watch_lists.answer(empty)[0] == "**Nobody is due for a call or visit now.**"
    table = watch_lists.lists(empty)
    assert (table["meet_rule"] == 0).all() and table["next_step"].isna().all()
    files.write(empty, tmp_path)
    book = openpyxl.load_workbook(tmp_path / files.BOOK)
    assert book.sheetnames == ["Call list", "Read me"] and book["Call list"].max_row <= 3
    assert book["Call list"]["A1"].value == "Nobody is due for a call or visit now."


@pytest.mark.parametrize(
    ("hours", "number", "says"),
    [
        ((10, 0.25), 40, "The hours left (10 hours a month) allow 40 of them: start with these"),
        ((500, 0.25), None, "allow them all"),
        ((0, 0.25), 0, "but the plan leaves no hours for calls"),
        ((1, 0.25), 4, "The hours left: 1 hour a month."),
        ((math.nan, math.nan), 50, "not known without a team and a plan that calls"),
    ],
)
def test_the_hours_that_are_left_size_the_call_list(
    run, monkeypatch, tmp_path, hours, number, says
):
    """The lists say who is due; the hours, how many of them stand in the workbook."""
    monkeypatch.setattr(watch_lists, "hours_left", lambda _run, _label: hours)
    hostile.identify(run, "hide")
    told = watch_lists.said(run, watch_lists.calls(run))
    on = watchlists.lists_of(run.watchlists.values())
    due = on[on.map(set) != {"borderline"}].index
    assert f"{len(due)} customers" in told and says in told
    files.write(run, tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / files.BOOK).worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=3, values_only=True) if row[1]]
    assert len(rows) == (len(due) if number is None else number)
    assert len({row[1] for row in rows}) == len(rows) and {row[1] for row in rows} <= {*due}
    # Few are not told apart by their money; else the sum of the sheet is what the page says.
    if "at stake" in told:
        assert about(sum(row[5] for row in rows), "EUR") in told
    assert ("first_calls" in watch_lists.lists(run)) == (not math.isnan(hours[0]))


def test_without_a_team_the_hours_are_not_known_and_with_no_hours_none_are_left(tmp_path):
    one = hostile.analysis(tmp_path, BARE)
    assert all(math.isnan(each) for each in watch_lists.hours_left(one))
    team = hostile.analysis(tmp_path, BARE + "team: {sales: {people: 0, hours: 100}}\n")
    assert watch_lists.hours_left(team)[0] == 0
    assert "leaves no hours" in watch_lists.said(team, watch_lists.calls(team))


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
