"""Whom to call first: each customer once, with one next step, as many as the hours allow."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from segment.action.watchlists.lists import (
    BORDER,
    COMPLAINTS,
    DORMANT,
    FALLING,
    NARROW,
    RISING,
    SILENT,
    WatchList,
    allowed_silence,
)
from segment.study.schema import Watchlists

# The list whose next step counts for a customer on several: who is unhappy is sold nothing, and
# who is leaving is kept before more is offered.
FIRST = (COMPLAINTS, SILENT, FALLING, DORMANT, RISING, NARROW, BORDER)
# So much more than money at stake counts at most for being overdue: later is hardly more urgent.
MOST_OVERDUE = 2.0
# Calls to begin with where nobody knows how many the hours allow: a week of one person's.
WITHOUT_HOURS = 50


def lists_of(lists: Iterable[WatchList]) -> pd.Series:
    """Return by customer the names of the lists it stands on; that of its next step comes first."""
    rows = [
        (who, each.name)
        for each in sorted(lists, key=lambda one: FIRST.index(one.name))
        for who in each.rows.index
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "list"])
    return frame.groupby("customer_id")["list"].agg(tuple)


def call_list(
    lists: Iterable[WatchList], history: pd.DataFrame, settings: Watchlists, hiatus_days: int
) -> pd.DataFrame:
    """Return everybody who is to be contacted, by priority.

    By customer: ``lists`` (as in ``lists_of``), ``stake`` (the largest of them), ``usual`` (amount
    of a purchase day), ``days`` (since the last purchase), ``priority``: the money at stake, times
    how overdue the next order is (1 on time or long gone, 2 at most). Whose tier alone is unsure
    needs a decision and no call.
    """
    lists = [each for each in lists if len(each.rows)]
    on = lists_of(lists)
    on = on[on.map(lambda names: names != (BORDER,))]
    stakes = pd.concat([each.rows["stake"] for each in lists] or [pd.Series(dtype=float)])
    known = history.reindex(on.index)
    since = known["days_since_last"]
    overdue = (since / allowed_silence(known, settings, hiatus_days)).clip(1, MOST_OVERDUE)
    frame = pd.DataFrame(
        {
            "lists": on,
            "stake": stakes.groupby(level=0).max().reindex(on.index),
            "usual": known["total"] / known["order_days"],
            "days": since,
        }
    )
    frame["priority"] = frame["stake"] * overdue.where(since < settings.dormant_days, 1.0)
    return frame.sort_index().sort_values("priority", ascending=False, kind="stable")


def calls(hours_left: float, hours_a_call: float) -> float:
    """Return how many calls the hours of a month allow; missing where either is not known."""
    if math.isnan(hours_left) or math.isnan(hours_a_call):
        return math.nan
    return float(math.floor(max(0.0, hours_left) / hours_a_call + 1e-9))


def first(table: pd.DataFrame, number: float) -> pd.DataFrame:
    """Return the first of a call list: as many as can be called, else the very first."""
    return table.head(WITHOUT_HOURS if math.isnan(number) else int(number))
