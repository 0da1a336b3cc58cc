"""Cautions in words: what each is about, the figure that triggered it, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from segment.evidence.cautions import Caution
from segment.language import N_, _, current, tier_name
from segment.words import count, listed, money, more, percent

ACCOUNT = N_("one account moves the ranking of schemes; look after such a customer by name")
AGAIN = N_("{share} of the customers bought after the cut")
# By key: what it is about, the figure that triggered it, and what follows.
TEXTS = {
    "without_customer": (
        N_("Rows without a customer ({share})"),
        N_("{number} with {money} in all name nobody"),
        N_("they stand in no tier; tiers of customers who also buy like this are too low"),
    ),
    "one_customer": (
        N_("One customer weighs heavily"),
        N_(
            "the largest customer brought {before} of everything before the cut, and the largest "
            "{after} of what known customers brought after it"
        ),
        ACCOUNT,
    ),
    "level_shift": (
        N_("The business changed its level"),
        N_("from {month} on, {change} a month came in than before, growth apart"),
        N_("limits in money learned before mean something else after; find out what changed"),
    ),
    "unknown_first": (
        N_("First purchases are unknown"),
        N_(
            "{share} of the customers appear in the first {days} of the data, twice as many a day "
            "as later"
        ),
        N_(
            "{older} of the customers or more most likely bought before the data begin; schemes "
            "that read the first purchase take them for newer ones"
        ),
    ),
    "one_cohort": (
        N_("One cohort of customers"),
        N_(
            "{share} of the customers first bought within {days}, and the schemes learn from "
            "{length}"
        ),
        "",
    ),
    "bought_once": (
        N_("Most customers bought once ({share})"),
        N_("before the cut {share} bought on one day only"),
        "",
    ),
    "short_holdout": (
        N_("The holdout is shorter than the purchase cycle"),
        N_(
            "half of the repeat customers wait {cycle} or longer between two purchases, but the "
            "holdout lasts {holdout}"
        ),
        N_(
            "good customers who were not due count as lost; choose an earlier cut, or wait for "
            "newer data"
        ),
    ),
    "season": (N_("The seasons differ"), "", ""),
    "almost_everyone": (N_("Almost everyone bought again"), AGAIN, ""),
    "almost_nobody": (N_("Almost nobody bought again"), AGAIN, ""),
    "merely_new": (
        N_("Low customers who are merely new"),
        N_(
            "{share} of the lowest tier of {label}, *{tier}*, first bought less than {days} "
            "before the cut; they later brought {theirs} each, its other customers {others}"
        ),
        N_("they had no time to buy more; do not cut their service yet"),
    ),
    "small_tier": (
        N_("The best tier is small"),
        N_("the best tier of {label}, *{tier}*, holds fewer than {n} customers"),
        ACCOUNT,
    ),
}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


# How facts are written; others stand as they are.
WRITTEN = {
    **dict.fromkeys(("share", "before", "after", "older"), percent),
    **dict.fromkeys(("days", "length", "cycle", "holdout"), lambda number: count(number, "day")),
    "change": lambda change: more(change, percent),
    "month": "{:%Y-%m}".format,
    "number": lambda number: count(int(number), "row"),
    "tier": tier_name,
}
AMOUNTS = ("money", "theirs", "others")


def in_words(cautions: Iterable[Caution], label: str, currency: str) -> pd.DataFrame:
    """Return cautions as a reader sees them.

    ``key``; ``caution``, in a few words; ``value`` and ``limit``; ``figure`` and ``meaning``,
    half a sentence each; ``weight``.
    """
    columns = ["key", "caution", "value", "limit", "figure", "meaning", "weight"]
    rows = []
    for key, value, limit, weight, facts in cautions:
        told = {name: WRITTEN.get(name, str)(fact) for name, fact in facts.items()}
        told |= {name: money(facts[name], currency) for name in AMOUNTS if name in facts}
        if key == "without_customer":
            told["share"] = _share(facts)
        about, figure, meaning = (text and _(text, label=label, **told) for text in TEXTS[key])
        if key == "season":
            figure = _season(facts)
        elif key == "level_shift" and facts["seasonal"]:
            figure = _("; ").join([figure, _("this may be the season")])
        rows.append((key, about, value, limit, figure, meaning, weight))
    return pd.DataFrame(rows, columns=columns)


def _share(facts: Mapping[str, Any]) -> str:
    """Return how many of the rows have no customer, and how much of the money."""
    rows = _("{share} of all", share=percent(facts["rows"]))
    if not np.isfinite(facts["amount"]):
        return rows
    return _(", ").join([rows, _("{share} of the money", share=percent(facts["amount"]))])


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
