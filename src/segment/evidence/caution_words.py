"""Cautions in words: what each is about, the figure that triggered it, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.evidence.cautions import MOST, NEWCOMER_DAYS, SMALL_TIER, Caution
from segment.language import N_, _, tier_name
from segment.words import count, decimal, listed, money, percent

# What each caution is about, and what follows for the reader.
TEXTS = {
    "without_customer": (
        N_("Rows without a customer ({share})"),
        N_(
            "they stand in no tier and in no figure; if customers who are known buy like this too, "
            "their tiers are too low"
        ),
    ),
    "one_customer": (
        N_("One customer weighs heavily"),
        N_(
            "one account moves the ranking of schemes; read the figures without it as well, and "
            "look after such a customer by name, whatever the tier"
        ),
    ),
    "level_shift": (
        N_("The business changed its level"),
        N_(
            "limits in money that were learned before mean something else after; find out what "
            "changed (prices, shops, what is exported), and whether it lasts"
        ),
    ),
    "unknown_first": (
        N_("First purchases are unknown"),
        N_(
            "{share} of the customers or more most likely bought before the data begin; for "
            "them the time since the first purchase is a lower bound, and schemes that read it "
            "take old customers for newer ones"
        ),
    ),
    "one_cohort": (
        N_("One cohort of customers"),
        N_(
            "all have been customers for about as long; how the schemes sort customers of mixed "
            "age, as any running business has, these data cannot show"
        ),
    ),
    "bought_once": (
        N_("Most customers bought once ({share})"),
        N_(
            "how often and how regularly they buy sets only the others apart; of most customers "
            "one day and one amount are all that is known"
        ),
    ),
    "short_holdout": (
        N_("The holdout is shorter than the purchase cycle"),
        N_(
            "good customers who were simply not due count as lost; choose an earlier cut, or wait "
            "for newer data"
        ),
    ),
    "season": (
        N_("The seasons differ"),
        N_(
            "who buys in one season may not be who buys in another; the ranking holds for the time "
            "of year that was seen"
        ),
    ),
    "almost_everyone": (
        N_("Almost everyone bought again"),
        N_(
            "who will come back is no question here, so recency can hardly show its use; the "
            "schemes are told apart by how much customers bring"
        ),
    ),
    "almost_nobody": (
        N_("Almost nobody bought again"),
        N_(
            "the comparison rests on few customers; a longer holdout would carry it better, and "
            "contacting whole tiers reaches mostly those who will not buy"
        ),
    ),
    "merely_new": (
        N_("Low customers who are merely new"),
        N_("they had no time to bring more; do not cut their service before they had"),
    ),
    "small_tier": (
        N_("The best tier is small"),
        N_(
            "a few customers decide what it brings, whatever its interval says; look at them by "
            "name rather than at its mean"
        ),
    ),
}
MONTHS = (N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
          N_("July"), N_("August"), N_("September"), N_("October"), N_("November"),
          N_("December"))  # fmt: skip


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
        meaning = _(meaning, share=percent(facts.get("older", 0)))
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
            "{share} of the customers first bought within {days}, from {day} on, though the "
            "schemes learn from {length}",
            share=percent(MOST),
            days=count(facts["days"], "day"),
            day=facts["day"],
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
    text = N_(
        "the largest customer brought {before} of everything before the cut, and the largest "
        "{after} of what known customers brought after it"
    )
    if np.isfinite(facts["without"]):
        text = N_(
            "the largest customer brought {before} of everything before the cut, and the largest "
            "{after} of what known customers brought after it; without the latter {label} reaches "
            "{without} instead of {gini}"
        )
    shares = {name: percent(facts[name]) for name in ("before", "after")}
    ginis = {name: decimal(facts[name]) for name in ("without", "gini")}
    return _(text, label=facts["label"], **shares, **ginis)


def _unknown_first(facts: Mapping[str, Any]) -> str:
    text = N_(
        "{share} of the customers appear in the first {days} of the data, and nobody in the time "
        "after"
    )
    if np.isfinite(facts["times"]):
        text = N_(
            "{share} of the customers appear in the first {days} of the data, {times} times as "
            "many a day as in the time after"
        )
    days, times = count(facts["days"], "day"), f"{facts['times']:.1f}"
    return _(text, share=percent(facts["share"]), days=days, times=times)


def _level_shift(facts: Mapping[str, Any]) -> str:
    text = N_("from {month} on, {share} more a month came in than before, growth apart")
    if facts["change"] < 0:
        text = N_("from {month} on, {share} less a month came in than before, growth apart")
    what = _(text, month=f"{facts['month']:%Y-%m}", share=percent(abs(facts["change"])))
    if not facts["seasonal"]:
        return what
    season = _("with less than two years of data this may be the season")
    return _("{what}; {size}", what=what, size=season)


def _season(facts: Mapping[str, Any]) -> str:
    """Say which months only the holdout has, or how far its months lie from the average."""
    months = listed([_(MONTHS[month - 1]) for month in facts["unseen"] or facts["months"]])
    if facts["unseen"]:
        what = _("the holdout has {months}, and the time before has none", months=months)
    elif not facts["index"]:
        what = _(
            "the holdout has only {months}, and no cut date was followed by the season that "
            "comes next",
            months=months,
        )
    else:
        way = N_("{share} more") if facts["swing"] > 0 else N_("{share} less")
        what = _(
            "the holdout has only {months}, with {difference} per month than the year's average",
            months=months,
            difference=_(way, share=percent(abs(facts["swing"]))),
        )
    return _("{what}; {size}", what=what, size=_swing(facts["index"]))


def _swing(index: Mapping[int, float]) -> str:
    """Say how far the months of the year lie apart."""
    if not index:
        return _("with less than two years of data the swing of the year cannot be told")
    low, peak = min(index, key=index.get), max(index, key=index.get)
    return _(
        "the year swings from {least} of an average month in {low} to {most} in {peak}",
        least=percent(index[low]),
        low=_(MONTHS[low - 1]),
        most=percent(index[peak]),
        peak=_(MONTHS[peak - 1]),
    )
