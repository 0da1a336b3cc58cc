"""The watch-lists: who needs attention now, why, and what money is at stake.

All lists are made of the frame of ``standing``, one row per customer. A customer without
money at stake stands on no list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.action.watchlists.baskets import Baskets, likeliest
from segment.evidence.stability import BORDERLINE
from segment.study.schema import Watchlists
from segment.tiering.rhythm import mean_gap

SILENT, COMPLAINTS, FALLING, RISING = "silent", "complaints", "falling", "rising"
NARROW, DORMANT, BORDER = "narrow", "dormant", "borderline"
LISTS = (SILENT, COMPLAINTS, FALLING, RISING, NARROW, DORMANT, BORDER)
# Why a list cannot be made.
NO_MOOD, NO_ITEMS, FEW_ITEMS, SHORT = "no mood", "no items", "few items", "short history"
# Purchase days that tell a customer's own interval: two of them give one gap, three a habit.
RHYTHM = 3
YEAR = 365


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

    ``days`` is the length of the two windows that are compared, ``history`` the days from the
    first to the newest day of the data, ``bought`` what is bought by the same customers.
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
    rows = rows[rows["stake"] > 0].sort_index().sort_values("stake", ascending=False, kind="stable")
    return WatchList(name, rows.head(most), len(rows), float(rows["stake"].sum()))


def impossible(name: str, lacks: str) -> WatchList:
    """Return a list that the data cannot carry."""
    return WatchList(name, pd.DataFrame({"stake": pd.Series(dtype=float)}), 0, 0.0, lacks)


def large_limit(year: pd.Series, share: float) -> float:
    """Return the amount of the last year from which a customer is large.

    The smallest among the first ``share`` of the customers who brought something;
    missing if nobody did.
    """
    brought = np.sort(year[year > 0])[::-1]
    return float(brought[int(np.ceil(share * len(brought))) - 1]) if len(brought) else np.nan


def _large(standing: pd.DataFrame, settings: Watchlists) -> pd.Series:
    return standing["year"] >= large_limit(standing["year"], settings.large)


def usual_gap(standing: pd.DataFrame) -> pd.Series:
    """Return each customer's mean days between purchases; missing below three purchase days."""
    return mean_gap(standing).where(standing["order_days"] >= RHYTHM)


def allowed_silence(standing: pd.DataFrame, settings: Watchlists, hiatus_days: int) -> pd.Series:
    """Return the days without a purchase after which each customer is overdue.

    By the own interval where there is one, else by the hiatus.
    """
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
    """Return how many of the best tiers are high ones.

    As many as hold at most ``share`` of the customers together, and at least the best
    tier that holds anybody.
    """
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
