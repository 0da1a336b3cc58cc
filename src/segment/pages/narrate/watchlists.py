"""The sentences of the watch-lists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from segment.action.watchlists import WatchList
from segment.action.watchlists.words import LACKS, NAMES, NEXT, STAKE
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import span
from segment.run import Run
from segment.words import count, money, percent


def answer(a: Run) -> list[str]:
    """Say how many customers deserve a call, what is at stake, and where the lists are."""
    people = views.watchlists.people(a)
    number = len(people)
    if not number:
        return [f"**{_('No customer needs attention now: every watch-list is empty.')}**",
                where(a)]  # fmt: skip
    stake = money(views.watchlists.stake_of_people(a), a.study.currency)
    text = _n(
        "**{n} customer deserves a call now, with {money} at stake.**",
        "**{n} customers deserve a call now, with {money} at stake.**",
        number, money=stake,
    )  # fmt: skip
    basis = _(
        "These are the watch-lists as of {day}, the newest day of the data; tiers are those of "
        "{label}, by the limits learned before {cut}.",
        day=a.windows.newest_day, label=a.known(None), cut=a.windows.cut,
    )  # fmt: skip
    meaning = _(
        "What is at stake stands under each list, mostly what customers brought in a year: it is "
        "the size of the matter, not what a call brings in."
    )
    return [f"{text} {basis}", f"{several(a)} {largest(a)} {meaning}".strip(), where(a)]


def several(a: Run) -> str:
    """Say how many customers stand on more than one list."""
    people = views.watchlists.people(a)
    number = int((people > 1).sum())
    if not number:
        return _("Nobody stands on more than one list.")
    return _n(
        "{n} of them stands on more than one list and counts once, with the largest amount.",
        "{n} of them stand on more than one list; each counts once, with its largest amount.",
        number,
    )


def largest(a: Run) -> str:
    """Say on which list most money is at stake; empty if all lists are."""
    found = views.watchlists.summary(a)
    if not found["listed"].any():
        return ""
    first = found.loc[found["listed_stake"].idxmax()]
    return _(
        "Most is at stake on the list *{list}*: {money} of {customers}.",
        list=_(NAMES[first["list"]]), money=money(first["listed_stake"], a.study.currency),
        customers=count(int(first["listed"]), "customer"),
    )  # fmt: skip


def where(a: Run) -> str:
    """Say where the lists with customers are, and what this page names."""
    files = _(
        "Who they are stands in `confidential/watch-lists.xlsx` beside this report, and in one "
        "CSV file per list: keep that folder out of what you forward."
    )
    named = {
        "hide": _("This page names no customer."),
        "pseudonym": _(
            "This page calls customers by pseudonyms, which only the confidential lists resolve."
        ),
        "show": _("This page names customers by their id, because the study says so."),
    }
    return f"{files} {named[a.study.identifiers]}"


def section(a: Run, name: str) -> list[str]:
    """Say who stands on a list, by which rule, what is at stake, and what to do."""
    one = a.watchlists[name]
    if one.lacks:
        return [_(LACKS[one.lacks])]
    if not one.found:
        return [_("**Nobody stands on this list.**"), rule(a, name)]
    step = _("Next step: {step}.", step=_(NEXT[name]))
    return [numbers(a, one), rule(a, name), f"{_(STAKE[name])} {step}"]


def numbers(a: Run, one: WatchList) -> str:
    """Say how many customers a list holds, of how many, and the money at stake."""
    currency = a.study.currency
    if one.found == len(one.rows):
        return _(
            "**{customers} on this list, {money} at stake.**",
            customers=count(one.found, "customer"), money=money(one.stake, currency),
        )  # fmt: skip
    return _(
        "**{found} meet the rule, {stake} at stake; the list holds the {listed} with most at "
        "stake, {money}.**",
        found=count(one.found, "customer"), stake=money(one.stake, currency),
        listed=f"{len(one.rows):,}", money=money(one.listed, currency),
    )  # fmt: skip


def rule(a: Run, name: str) -> str:
    """Say by which rule customers come on a list."""
    ask = a.study.watchlists
    if name == "silent":
        return _(
            "{large} Overdue means silent for more than {late:g} usual intervals and {days} days, "
            "or for more than {hiatus} days where fewer than three purchase days tell an interval.",
            large=large(a), late=ask.late, days=ask.silent_days,
            hiatus=a.study.backtest.hiatus_days,
        )  # fmt: skip
    if name == "complaints":
        return f"{large(a)} {unhappy(a)}"
    if name == "falling":
        return _(
            "Compared are two equally long times, before the cut and up to the newest day, by the "
            "same limits. High are the best tiers that together held at most {high} of the "
            "customers before the cut, and in any case the best. Who stopped buying altogether "
            "stands on the lists of overdue or dormant customers instead.",
            high=percent(ask.high),
        )
    if name == "rising":
        return _(
            "Close means that {near} more money would reach a better tier; fast means {growth} "
            "more than in the equally long time before the cut, and not in the best tier yet.",
            near=percent(ask.near), growth=percent(ask.growth),
        )  # fmt: skip
    if name == "narrow":
        return _(
            "The next item is the one that buyers of theirs buy more often than chance would have "
            "it (highest lift), if at least {least} bought both.",
            least=count(ask.both_least, "customer"),
        )
    if name == "dormant":
        return _(
            "{large} Dormant means no purchase for {time} or more.",
            large=large(a), time=count(ask.dormant_days, "day"),
        )  # fmt: skip
    return _(
        "Their tier changes in more than one of five resamples: other customers in the sample "
        "would have moved a limit past them."
    )


def large(a: Run) -> str:
    """Say from which amount a customer is large."""
    limit = a.large_limit
    if math.isnan(limit):
        return _("Nobody brought anything in the last year, so nobody counts as large.")
    return _(
        "A customer is large from {limit} in a year, as the largest {share} of the last year's "
        "buyers are.",
        limit=money(limit, a.study.currency), share=percent(a.study.watchlists.large),
    )  # fmt: skip


def unhappy(a: Run) -> str:
    """Say who counts as unhappy, and of which day that is known."""
    ask, known = a.study.watchlists, a.attributes.columns
    least = _complaints(ask.complaints_least)
    most = f"{ask.satisfaction_most:g}"
    if {"complaints", "satisfaction"} <= {*known}:
        text = _("Unhappy means at least {least} or a satisfaction of at most {most}.",
                 least=least, most=most)  # fmt: skip
    elif "complaints" in known:
        text = _("Unhappy means at least {least}.", least=least)
    else:
        text = _("Unhappy means a satisfaction of at most {most}.", most=most)
    day = a.study.customers.known_on
    if day is None:
        return text
    return f"{text} {_('That is what the customers table said on {day}.', day=day)}"


def _complaints(number: float) -> str:
    """Return a number of complaints, which is no whole number where it is a mean."""
    if number == int(number):
        return count(int(number), "complaint")
    return _("{number} complaints", number=f"{number:g}")


def reason(one: WatchList, row: Mapping[str, Any], tiers: tuple[str, ...]) -> str:
    """Say in a few words why a customer stands on a list.

    Parameters
    ----------
    one : WatchList
    row : mapping
        One of its rows.
    tiers : tuple of str
        The method's tiers, best first.
    """
    if one.name == "silent":
        silent = count(int(row["days"]), "day")
        if math.isnan(row["gap"]):
            return _("silent for {days}, no usual interval yet", days=silent)
        gap = count(max(1, round(row["gap"])), "day")
        return _("silent for {days}, usually buys every {gap}", days=silent, gap=gap)
    if one.name == "complaints":
        number, mood = row.get("complaints", math.nan), row.get("satisfaction", math.nan)
        if math.isnan(mood):
            return _complaints(number)
        if math.isnan(number):
            return _("satisfaction {value}", value=f"{mood:g}")
        return _("{complaints}, satisfaction {value}", complaints=_complaints(number),
                 value=f"{mood:g}")  # fmt: skip
    if one.name == "falling":
        was, now = (tier_name(tiers[int(row[place])]) for place in ("was", "is"))
        return _("from {was} to {now}", was=was, now=now)
    if one.name == "rising":
        grown = percent(row["grown"])
        if row["fast"] and row["close"]:
            return _("{share} more than before, close below the next tier", share=grown)
        if row["fast"]:
            return _("{share} more than before", share=grown)
        return _("close below the next tier")
    if one.name == "narrow":
        return _("buys {own}; offer {next}", own=row["own"], next=row["next"])
    if one.name == "dormant":
        return _("no purchase for {time}", time=span(int(row["days"])))
    return _("keeps the tier in {share} of the resamples", share=percent(row["keep"]))


def names(a: Run) -> list[str]:
    """Return what the lists that the data can carry are called, in their order."""
    return [_(NAMES[name]) for name in views.watchlists.summary(a)["list"]]


def stakes_title(a: Run) -> str:
    """Say what the figure of the lists shows."""
    found = views.watchlists.summary(a)
    first = found.loc[found["listed_stake"].idxmax()]
    return _(
        "{list}: {money} at stake, the most of all lists",
        list=_(NAMES[first["list"]]), money=money(first["listed_stake"], a.study.currency),
    )  # fmt: skip
