"""Cautions in words: what each is about, the figure that triggered it, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.evidence.cautions import MOST, NEWCOMER_DAYS, SMALL_TIER, Caution
from segment.language import N_, _, current, tier_name
from segment.words import count, listed, money, more, percent

TEXTS = {
    "without_customer": (
        N_("Rows without a customer ({share})"),
        N_("they stand in no tier; tiers of customers who also buy like this are too low"),
    ),
    "one_customer": (
        N_("One customer weighs heavily"),
        N_("one account moves the ranking of schemes; look after such a customer by name"),
    ),
    "level_shift": (
        N_("The business changed its level"),
        N_("limits in money learned before mean something else after; find out what changed"),
    ),
    "unknown_first": (
        N_("First purchases are unknown"),
        N_(
            "{share} of the customers or more most likely bought before the data begin; schemes "
            "that read the first purchase take them for newer ones"
        ),
    ),
    "one_cohort": (
        N_("One cohort of customers"),
        "",
    ),
    "bought_once": (
        N_("Most customers bought once ({share})"),
        "",
    ),
    "short_holdout": (
        N_("The holdout is shorter than the purchase cycle"),
        N_(
            "good customers who were not due count as lost; choose an earlier cut, or wait for "
            "newer data"
        ),
    ),
    "season": (
        N_("The seasons differ"),
        "",
    ),
    "almost_everyone": (
        N_("Almost everyone bought again"),
        "",
    ),
    "almost_nobody": (
        N_("Almost nobody bought again"),
        "",
    ),
    "merely_new": (
        N_("Low customers who are merely new"),
        N_("they had no time to buy more; do not cut their service yet"),
    ),
    "small_tier": (
        N_("The best tier is small"),
        N_("one account moves the ranking of schemes; look after such a customer by name"),
    ),
}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


def in_words(cautions: Iterable[Caution], label: str, currency: str) -> pd.DataFrame:
    """Return cautions as a reader sees them.

    ``key``; ``caution``, in a few words; ``value`` and ``limit``; ``figure`` and ``meaning``,
    half a sentence each; ``weight``.
    """
    columns = ["key", "caution", "value", "limit", "figure", "meaning", "weight"]
    rows = []
    for key, value, limit, weight, facts in cautions:
        about, meaning = TEXTS[key]
        figure = _figure(key, {**facts, "label": label, "currency": currency})
        about = _(about, share=_share(key, facts))
        meaning = _(meaning, share=percent(facts.get("older", 0))) if meaning else ""
        rows.append((key, about, value, limit, figure, meaning, weight))
    return pd.DataFrame(rows, columns=columns)


def _share(key: str, facts: Mapping[str, Any]) -> str:
    """Return how much is concerned, where the caution's name says it."""
    if key != "without_customer":
        return percent(facts.get("share", 0))
    rows = _("{share} of all", share=percent(facts["rows"]))
    if not np.isfinite(facts["amount"]):
        return rows
    return _(", ").join([rows, _("{share} of the money", share=percent(facts["amount"]))])


def _figure(key: str, facts: Mapping[str, Any]) -> str:
    """Return the figure that triggered a caution."""
    if key == "one_customer":
        return _one_customer(facts)
    if key == "unknown_first":
        return _unknown_first(facts)
    if key == "season":
        return _season(facts)
    if key == "without_customer":
        return _(
            "{rows} with {money} in all name nobody",
            rows=count(int(facts["number"]), "row"),
            money=money(facts["money"], facts["currency"]),
        )
    if key == "level_shift":
        return _level_shift(facts)
    if key == "bought_once":
        return _("before the cut {share} bought on one day only", share=percent(facts["share"]))
    if key == "small_tier":
        return _(
            "the best tier of {label}, *{tier}*, holds fewer than {n} customers",
            label=facts["label"],
            tier=tier_name(facts["tier"]),
            n=SMALL_TIER,
        )
    if key == "one_cohort":
        return _(
            "{share} of the customers first bought within {days}, and the schemes learn from "
            "{length}",
            share=percent(MOST),
            days=count(facts["days"], "day"),
            length=count(facts["length"], "day"),
        )
    if key == "short_holdout":
        return _(
            "half of the repeat customers wait {cycle} or longer between two purchases, but the "
            "holdout lasts {holdout}",
            cycle=count(facts["cycle"], "day"),
            holdout=count(facts["holdout"], "day"),
        )
    if key == "merely_new":
        return _(
            "{share} of the lowest tier of {label}, *{tier}*, first bought less than {days} days "
            "before the cut; they later brought {theirs} each, its other customers {others}",
            share=percent(facts["share"]),
            label=facts["label"],
            tier=tier_name(facts["tier"]),
            days=NEWCOMER_DAYS,
            theirs=money(facts["theirs"], facts["currency"]),
            others=money(facts["others"], facts["currency"]),
        )
    return _("{share} of the customers bought after the cut", share=percent(facts["share"]))


def _one_customer(facts: Mapping[str, Any]) -> str:
    shares = {name: percent(facts[name]) for name in ("before", "after")}
    return _(
        "the largest customer brought {before} of everything before the cut, and the largest "
        "{after} of what known customers brought after it",
        **shares,
    )


def _unknown_first(facts: Mapping[str, Any]) -> str:
    return _(
        "{share} of the customers appear in the first {days} of the data, twice as many a day as "
        "later",
        share=percent(facts["share"]),
        days=count(facts["days"], "day"),
    )


def _level_shift(facts: Mapping[str, Any]) -> str:
    what = _(
        "from {month} on, {change} a month came in than before, growth apart",
        month=f"{facts['month']:%Y-%m}",
        change=more(facts["change"], percent),
    )
    if not facts["seasonal"]:
        return what
    return _("; ").join([what, _("this may be the season")])


def _season(facts: Mapping[str, Any]) -> str:
    """Say which months only the holdout has, or how far its months lie from the average."""
    months = listed([_month(month) for month in facts["unseen"] or facts["months"]])
    if facts["unseen"] or not facts["index"]:
        return _(
            "the time before the cut does not show how the year swings, and the holdout has "
            "{months}",
            months=months,
        )
    return _(
        "the holdout has only {months}, with {difference} per month than the year's average",
        months=months,
        difference=more(facts["swing"], percent),
    )


def _month(month: int) -> str:
    return f"{month}月" if current() == "zh" else MONTHS[month - 1]
