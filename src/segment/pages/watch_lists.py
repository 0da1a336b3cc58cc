"""Which customers need attention now?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from segment.action import pseudonyms, watchlists
from segment.action.watchlists import baskets
from segment.action.watchlists.words import NAMES, NEXT, STAKE, WHY
from segment.language import N_, _, _n, tier_name
from segment.pages._words import held_back, sentences, span, too_few
from segment.run import Run
from segment.scheme import once
from segment.words import count, listed, money, percent

# Customers of each list that a page names, where the study allows it.
NAMED = 10
# Why a list cannot be made, or what the study must say for it.
LACKS = {
    "no mood": N_("add `complaints` or `satisfaction` to the columns of the customers table"),
    "no items": N_("map `category` or `product` under `columns`"),
    "few items": N_("there are fewer than three products or categories"),
    "short history": N_("the history is too short"),
}


@once
def summary(run: Run) -> pd.DataFrame:
    """Return one row per list that the data can carry.

    ``list``, ``why`` (it matters), ``customers`` on it, ``stake`` (their money at stake),
    ``meet_rule`` (customers who meet its rule), ``stake_all`` (of all of these),
    ``next_step`` (missing where nobody meets the rule). Money of few customers is missing.
    """
    rows = [
        {
            "list": _(NAMES[name]),
            "why": _(WHY[name]),
            "customers": len(each.rows),
            "stake": each.listed,
            "meet_rule": each.found,
            "stake_all": each.stake,
            "next_step": _(NEXT[name]) if each.found else None,
        }
        for name, each in run.watchlists.items()
        if not each.lacks
    ]
    table = pd.DataFrame(rows)
    few = too_few(run.study, table["customers"])
    return table.assign(**table[["stake", "stake_all"]].mask(few))


@once
def by_tier(run: Run, name: str) -> pd.DataFrame:
    """Return customers and money of a list by their newest tier, best first.

    Indexed by ``tier``: ``customers``, ``stake`` (missing where few customers would be told).
    """
    rows, none = run.watchlists[name].rows, _("no purchase lately")
    tiers = run.newest_tiers.cat.add_categories(none).reindex(rows.index).fillna(none)
    table = rows.groupby(tiers.rename("tier"), observed=True)["stake"].agg(["size", "sum"])
    table = table.set_axis(["customers", "stake"], axis="columns")
    return table.assign(stake=table["stake"].mask(held_back(run.study, table["customers"])))


@once
def offers(run: Run) -> pd.DataFrame:
    """Return what is offered to whom on the list of narrow customers, the most customers first.

    ``own``, ``offer``, ``customers`` (on the list), ``lift``, ``both`` (share of the buyers of
    ``own`` who also buy the offer).
    """
    rows = run.watchlists["narrow"].rows
    if rows.empty:
        return pd.DataFrame()
    by = rows.rename(columns={"next": "offer"}).groupby(["own", "offer"], as_index=False)
    table = by.agg(customers=("stake", "size"), lift=("lift", "first"), both=("share", "first"))
    order = ["customers", "lift", "own"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def names(run: Run) -> pd.Series | None:
    """Return what pages call each customer; None where they call nobody anything."""
    if run.study.identifiers == "hide":
        return None
    customers = run.history.index
    if run.study.identifiers == "show":
        return pd.Series(customers.astype(object), index=customers)
    return pseudonyms.pseudonyms(customers, pseudonyms.key(run.study.file))


def first(run: Run, name: str, called: pd.Series) -> pd.DataFrame:
    """Return the first customers of a list under what pages call them.

    ``customer``, ``tier`` (missing without a purchase lately), ``stake``, ``reason``.
    """
    rows = run.watchlists[name].rows.head(NAMED)
    best_first = run.scheme().method.tiers_
    table = pd.DataFrame(
        {
            "customer": called.reindex(rows.index),
            "tier": run.newest_tiers.reindex(rows.index).astype(object),
            "stake": rows["stake"],
            "reason": [reason(name, row, best_first) for row in rows.to_dict("records")],
        }
    )
    return table.reset_index(drop=True)  # the ids may not be what pages call them


def answer(run: Run) -> list[str]:
    """Say how many customers deserve a call, what is at stake, and where the lists are."""
    lists = run.watchlists.values()
    on = watchlists.membership(list(lists)).map(len)
    if on.empty:
        nobody = _("No customer needs attention now: every watch-list is empty.")
        return [f"**{nobody}**", lacking(run), where(run)]
    stakes = pd.concat([each.rows["stake"] for each in lists if len(each.rows)])
    deserve = _n(
        "**{n} customer deserves a call now, with {money} at stake.**",
        "**{n} customers deserve a call now, with {money} at stake.**",
        len(on),
        # Amounts of several lists mean different things and do not add up.
        money=money(stakes.groupby(level=0).max().sum(), run.study.currency),
    )
    basis = _(
        "These are the watch-lists as of {day}, the newest day of the data; tiers are those of "
        "{label}, by the limits learned before {cut}.",
        day=run.windows.newest_day,
        label=run.known(None),
        cut=run.windows.cut,
    )
    meaning = _(
        "What is at stake stands under each list, mostly what customers brought in a year: it is "
        "the size of the matter, not what a call brings in."
    )
    return [
        sentences(deserve, basis),
        sentences(several(int((on > 1).sum())), largest(run), meaning),
        lacking(run),
        where(run),
    ]


def several(number: int) -> str:
    """Say how many customers stand on more than one list."""
    if not number:
        return _("Nobody stands on more than one list.")
    return _n(
        "{n} of them stands on more than one list and counts once, with the largest amount.",
        "{n} of them stand on more than one list; each counts once, with its largest amount.",
        number,
    )


def largest(run: Run) -> str:
    """Say by which list's rule most money is at stake; empty where none may be told."""
    lists = summary(run)
    if lists["stake_all"].isna().all():
        return ""
    most = lists.loc[lists["stake_all"].idxmax()]
    return _(
        "By its rule most is at stake on the list *{list}*: {money} of {customers}, of whom it "
        "holds {number}.",
        list=most["list"],
        money=money(most["stake_all"], run.study.currency),
        customers=count(int(most["meet_rule"]), "customer"),
        number=f"{most['customers']:,}",
    )


def lacking(run: Run) -> str:
    """Say which lists cannot be made, and why; empty if all can."""
    lists = [
        _("*{list}* ({reason})", list=_(NAMES[name]), reason=_(LACKS[each.lacks]))
        for name, each in run.watchlists.items()
        if each.lacks
    ]
    return _("Cannot be made with these data: {lists}.", lists=listed(lists)) if lists else ""


def where(run: Run) -> str:
    """Say where the lists with customers are, and what this page names."""
    named = {
        "hide": _("This page names no customer."),
        "pseudonym": _(
            "This page calls customers by pseudonyms, which only the confidential lists resolve."
        ),
        "show": _("This page names customers by their id, because the study says so."),
    }
    return sentences(
        _(
            "Who they are stands in `confidential/watch-lists.xlsx` beside this report, and in "
            "one CSV file per list: keep that folder out of what you forward."
        ),
        named[run.study.identifiers],
    )


def section(run: Run, name: str) -> str:
    """Say by which rule customers come on a list, and what is at stake."""
    heading = _("**{list}.**", list=_(NAMES[name]))
    return sentences(heading, rule(run, name), _(STAKE[name]))


def rule(run: Run, name: str) -> str:
    """Say by which rule customers come on a list."""
    ask = run.study.watchlists
    if name == "silent":
        overdue = _(
            "Overdue means silent for more than {late:g} usual intervals and {days} days, or for "
            "more than {hiatus} days where fewer than three purchase days tell an interval.",
            late=ask.late,
            days=ask.silent_days,
            hiatus=run.study.backtest.hiatus_days,
        )
        return sentences(large(run), overdue)
    if name == "complaints":
        return sentences(large(run), unhappy(run))
    if name == "falling":
        return _(
            "Compared are two equally long times, before the cut and up to the newest day, by "
            "the same limits. High are the best tiers that together held at most {high} of the "
            "customers before the cut, and in any case the best. Who stopped buying altogether "
            "stands on the lists of overdue or dormant customers instead.",
            high=percent(ask.high),
        )
    if name == "rising":
        return _(
            "Close means that {near} more money would reach a better tier; fast means {growth} "
            "more than in the equally long time before the cut, and not in the best tier yet.",
            near=percent(ask.near),
            growth=percent(ask.growth),
        )
    if name == "narrow":
        return _(
            "The next item is the one that buyers of theirs buy most above chance (highest lift), "
            "if that is at least {more} and at least {least} bought both.",
            more=percent(baskets.LEAST_LIFT - 1),
            least=count(ask.both_least, "customer"),
        )
    if name == "dormant":
        time = count(ask.dormant_days, "day")
        return sentences(large(run), _("Dormant means no purchase for {time} or more.", time=time))
    return _(
        "Their tier changes in more than one of five resamples: other customers in the sample "
        "would have moved a limit past them."
    )


def large(run: Run) -> str:
    """Say from which amount a customer is large."""
    if math.isnan(run.large_limit):
        return _("Nobody brought anything in the last year, so nobody counts as large.")
    return _(
        "A customer is large from {limit} in a year, as the largest {share} of the last year's "
        "buyers are.",
        limit=money(run.large_limit, run.study.currency),
        share=percent(run.study.watchlists.large),
    )


def unhappy(run: Run) -> str:
    """Say who counts as unhappy, and of which day that is known."""
    ask, day = run.study.watchlists, run.study.customers.known_on
    signs = {
        "complaints": _("at least {number}", number=_complaints(ask.complaints_least)),
        "satisfaction": _("a satisfaction of at most {most}", most=f"{ask.satisfaction_most:g}"),
    }
    known = [words for name, words in signs.items() if name in run.attributes]
    return sentences(
        _("Unhappy means {signs}.", signs=listed(known, "or")),
        _("That is what the customers table said on {day}.", day=day) if day else "",
    )


def _complaints(number: float) -> str:
    """Return a number of complaints, which is no whole number where it is a mean."""
    if number == int(number):
        return count(int(number), "complaint")
    return _("{number} complaints", number=f"{number:g}")


def reason(name: str, row: Mapping[str, Any], tiers: tuple[str, ...]) -> str:
    """Say in a few words why a customer stands on a list, by its row; best tiers first."""
    if name == "silent":
        silent = count(int(row["days"]), "day")
        if math.isnan(row["gap"]):
            return _("silent for {days}, no usual interval yet", days=silent)
        gap = count(max(1, round(row["gap"])), "day")
        return _("silent for {days}, usually buys every {gap}", days=silent, gap=gap)
    if name == "complaints":
        number, mood = row.get("complaints", math.nan), row.get("satisfaction", math.nan)
        parts = [] if math.isnan(number) else [_complaints(number)]
        parts += [] if math.isnan(mood) else [_("satisfaction {value}", value=f"{mood:g}")]
        return _(", ").join(parts)
    if name == "falling":
        was, now = (tier_name(tiers[int(row[place])]) for place in ("was", "is"))
        return _("from {was} to {now}", was=was, now=now)
    if name == "rising":
        fast = _("{share} more than before", share=percent(row["grown"])) if row["fast"] else ""
        close = _("close below the next tier") if row["close"] else ""
        return _(", ").join(filter(None, [fast, close]))
    if name == "narrow":
        return _("buys {own}; offer {next}", own=row["own"], next=row["next"])
    if name == "dormant":
        return _("no purchase for {time}", time=span(int(row["days"])))
    return _("keeps the tier in {share} of the resamples", share=percent(row["keep"]))


def stakes_title(run: Run) -> str:
    """Say on which list most is at stake."""
    lists = summary(run)
    most = lists.loc[lists["stake_all"].idxmax()]
    return _(
        "{list}: {money} at stake, the most of all lists",
        list=most["list"],
        money=money(most["stake_all"], run.study.currency),
    )
