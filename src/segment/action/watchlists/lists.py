"""The watch-lists: who needs attention now, why, what money is at stake, and whom to call first.

All lists are made of the frame of ``standing``, one row per customer. A customer without
money at stake stands on no list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.action.watchlists.baskets import Baskets, likeliest
from segment.evidence.stability import BORDERLINE
from segment.features import ids
from segment.language import N_
from segment.study.schema import Watchlists
from segment.tiering.rhythm import mean_gap

SILENT, COMPLAINTS, FALLING, RISING = "silent", "complaints", "falling", "rising"
NARROW, DORMANT, BORDER = "narrow", "dormant", "borderline"
LISTS = (SILENT, COMPLAINTS, FALLING, RISING, NARROW, DORMANT, BORDER)
NAMES = {
    SILENT: N_("Large, no reorder"),
    COMPLAINTS: N_("Large, unhappy"),
    FALLING: N_("Falling"),
    RISING: N_("About to rise"),
    NARROW: N_("One or two products"),
    DORMANT: N_("Once large, dormant"),
    BORDER: N_("Tier uncertain"),
}
NEXT = {
    SILENT: N_("Call: ask what changed, and offer to take the order"),
    COMPLAINTS: N_("Visit, hear the complaint, repair its cause, report back; sell nothing yet"),
    FALLING: N_("Ask what they buy elsewhere now, and why; agree on one step"),
    RISING: N_("Call: tell them what the next tier offers, make the next order easy"),
    NARROW: N_("Offer the item that buyers of theirs most often add"),
    DORMANT: N_("One well-prepared attempt to win back, by someone who can decide on terms"),
    BORDER: N_("Let the account manager decide on the tier before service changes"),
}
# What is at stake, where it is not what they brought in the last 365 days.
STAKE = dict.fromkeys(LISTS, N_("At stake is what they brought in the last 365 days.")) | {
    FALLING: N_("At stake is what they now bring less in a year than before the cut."),
    RISING: N_(
        "At stake is, for a year, their growth so far, or the raise that reaches the next tier."
    ),
    NARROW: N_(
        "At stake is what their items brought on average in the last 365 days, times the share of "
        "their buyers who also buy the next one."
    ),
    DORMANT: N_("At stake is what they brought in a year while they bought."),
}
# Why a list cannot be made.
NO_MOOD, NO_ITEMS, FEW_ITEMS, SHORT = "no mood", "no items", "few items", "short history"
# Purchase days that tell a customer's own interval: two of them give one gap, three a habit.
RHYTHM = 3
YEAR = 365
# The list whose next step counts for a customer on several: who is unhappy is sold nothing, and
# who is leaving is kept before more is offered.
FIRST = (COMPLAINTS, SILENT, FALLING, DORMANT, RISING, NARROW, BORDER)
# So much more than money at stake counts at most for being overdue: later is hardly more urgent.
MOST_OVERDUE = 2.0
# Calls to begin with where nobody knows how many the hours allow: a week of one person's.
WITHOUT_HOURS = 50


@dataclass(frozen=True)
class WatchList:
    """One list: its customers, the most money at stake first; ``lacks`` is why there can be none.

    ``rows``, by customer: ``stake`` (currency) and what the list is made by: the first of the
    ``found`` whom the rule meets. ``stake`` is the money at stake of all of them.
    """

    name: str
    rows: pd.DataFrame = field(repr=False)
    found: int
    stake: float
    lacks: str = ""

    @property
    def listed(self) -> float:
        """Money at stake of the customers in ``rows``."""
        return float(self.rows["stake"].sum())


def make(
    standing: pd.DataFrame,
    settings: Watchlists,
    *,
    hiatus_days: int,
    days: int,
    history: int,
    bought: Baskets | None,
) -> dict[str, WatchList]:
    """Return all watch-lists by name.

    ``days`` is the length of the two windows that are compared, ``history`` that of the data.
    """
    offers = None if bought is None else likeliest(bought, settings.both_least)
    lists = (
        silent(standing, settings, hiatus_days),
        complaints(standing, settings),
        falling(standing, settings, days),
        rising(standing, settings, days),
        narrow(standing, settings, offers, bought.items if bought else 0),
        dormant(standing, settings, history),
        borderline(standing, settings),
    )
    return {each.name: each for each in lists}


def ordered(name: str, rows: pd.DataFrame, most: int | None) -> WatchList:
    """Return a list of the customers with money at stake, the most first; ``most`` if given."""
    rows = (
        rows[rows["stake"].to_numpy() > 0]
        .sort_index()
        .sort_values("stake", ascending=False, kind="stable")
    )
    return WatchList(name, rows.head(most), len(rows), float(rows["stake"].sum()))


def impossible(name: str, lacks: str) -> WatchList:
    """Return a list that the data cannot carry."""
    return WatchList(name, pd.DataFrame({"stake": pd.Series(dtype=float)}), 0, 0.0, lacks)


def large_limit(year: pd.Series, share: float) -> float:
    """Return the amount of the last year of the first ``share`` of who brought something."""
    year = year.to_numpy()
    brought = np.sort(year[year > 0])[::-1]
    return float(brought[int(np.ceil(share * len(brought))) - 1]) if len(brought) else np.nan


def _large(standing: pd.DataFrame, settings: Watchlists) -> pd.Series:
    return standing["year"] >= large_limit(standing["year"], settings.large)


def usual_gap(standing: pd.DataFrame) -> pd.Series:
    """Return each customer's mean days between purchases; missing below three purchase days."""
    return mean_gap(standing).where(standing["order_days"] >= RHYTHM)


def allowed_silence(standing: pd.DataFrame, settings: Watchlists, hiatus_days: int) -> pd.Series:
    """Return the days after which each is overdue: by its own interval, else by the hiatus."""
    gap = usual_gap(standing)
    return (settings.late * gap).clip(lower=settings.silent_days).fillna(hiatus_days)


def silent(standing: pd.DataFrame, settings: Watchlists, hiatus_days: int) -> WatchList:
    """List the last year's largest customers who are overdue; at stake: the year's amount."""
    gap, since = usual_gap(standing), standing["days_since_last"]
    allowed = allowed_silence(standing, settings, hiatus_days)
    rows = pd.DataFrame({"stake": standing["year"], "days": since, "gap": gap})
    return ordered(SILENT, rows[(since > allowed) & _large(standing, settings)], settings.most)


def complaints(standing: pd.DataFrame, settings: Watchlists) -> WatchList:
    """List large customers who are known to be unhappy; at stake: the last year's amount."""
    known = standing.filter(["complaints", "satisfaction"])
    if known.columns.empty:
        return impossible(COMPLAINTS, NO_MOOD)
    mood = known.reindex(columns=["complaints", "satisfaction"])
    # What is unknown compares as False.
    unhappy = (mood["complaints"] >= settings.complaints_least) | (
        mood["satisfaction"] <= settings.satisfaction_most
    )
    rows = known.join(standing.filter(["complaint_cause"])).assign(stake=standing["year"])
    return ordered(COMPLAINTS, rows[unhappy & _large(standing, settings)], settings.most)


def high_tiers(before: pd.Series, share: float) -> int:
    """Return how many of the best tiers hold at most ``share`` of the customers; one at least."""
    before = before.to_numpy()
    counts = np.bincount(before[before >= 0].astype(int), minlength=1)
    if not counts.sum():
        return 0
    within = int((np.cumsum(counts) <= share * counts.sum()).sum())
    return max(within, int(np.flatnonzero(counts)[0]) + 1)


def falling(standing: pd.DataFrame, settings: Watchlists, days: int) -> WatchList:
    """List those who fell from a high tier and still buy; at stake: what they bring less a year."""
    was, now = standing["tier_before"], standing["tier"]
    buying = standing["days_since_last"] < settings.dormant_days
    fell = (was >= 0) & (was < high_tiers(was, settings.high)) & (now > was)
    less = (standing["before"] - standing["now"]) * YEAR / days
    rows = pd.DataFrame({"stake": less, "was": was, "is": now})
    return ordered(FALLING, rows[fell & buying], settings.most)


def rising(standing: pd.DataFrame, settings: Watchlists, days: int) -> WatchList:
    """List those about to rise to a better tier; at stake: what they bring more a year.

    Close: their money figures raised by ``near`` would put them into a better tier; the
    raise is at stake. Fast: they bring so much more than in the window before
    (``growth``), and are not in the best tier; this growth is at stake.
    """
    tier, now, before = standing["tier"], standing["now"], standing["before"]
    close = (standing["raised"] >= 0) & (standing["raised"] < tier)
    fast = (before > 0) & (now >= (1 + settings.growth) * before) & (tier > 0)
    more = np.fmax((settings.near * now).where(close, 0.0), (now - before).where(fast, 0.0))
    rows = pd.DataFrame(
        {"stake": more * YEAR / days, "close": close, "fast": fast, "before": before, "now": now}
    )
    return ordered(RISING, rows[close | fast], settings.most)


def narrow(
    standing: pd.DataFrame, settings: Watchlists, offers: pd.DataFrame | None, items: int
) -> WatchList:
    """List customers of one or two items with their next one, of which ``likeliest`` tells.

    At stake: what one item brings of them a year, times the share of its buyers who also buy the
    next. Of fewer than three ``items`` in all there is no next one.
    """
    if offers is None:
        return impossible(NARROW, NO_ITEMS)
    if items < 3:
        return impossible(NARROW, FEW_ITEMS)
    rows = offers.join(standing["year"], how="inner")
    if "wallet" in standing:
        rows["wallet_share"] = rows["year"] / standing["wallet"].where(standing["wallet"] > 0)
    rows["stake"] = rows.pop("year") / rows["items"] * rows["share"]
    return ordered(NARROW, rows, settings.most)


def dormant(standing: pd.DataFrame, settings: Watchlists, history: int) -> WatchList:
    """List once large customers without a purchase for long; at stake: a year of then."""
    if history <= settings.dormant_days:
        return impossible(DORMANT, SHORT)
    since = standing["days_since_last"]
    years = ((standing["days_since_first"] - since + 1) / YEAR).clip(lower=1)
    yearly = standing["total"] / years
    large = yearly >= large_limit(standing["year"], settings.large)
    rows = pd.DataFrame({"stake": yearly, "days": since})
    return ordered(DORMANT, rows[large & (since >= settings.dormant_days)], settings.most)


def borderline(standing: pd.DataFrame, settings: Watchlists) -> WatchList:
    """List customers whose tier hangs on the sample; at stake: the last year's amount."""
    rows = pd.DataFrame({"stake": standing["year"], "keep": standing["keep"]})
    return ordered(BORDER, rows[rows["keep"] < BORDERLINE], settings.most)


def lists_of(lists: Iterable[WatchList]) -> pd.Series:
    """Return by customer the names of the lists it stands on; that of its next step comes first."""
    places = [pd.Series(1 << FIRST.index(each.name), each.rows.index) for each in lists]
    on = pd.concat(places or [pd.Series(dtype=int)]).groupby(level=0).sum()
    named = {bits: tuple(n for k, n in enumerate(FIRST) if bits >> k & 1) for bits in on.unique()}
    return on.map(named).astype(object).rename_axis("customer_id").rename("list")


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
    known = ids.of(history, on.index)
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
