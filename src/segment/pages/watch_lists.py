"""Which customers need attention now?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from segment.action import pseudonyms, watchlists
from segment.action.watchlists import baskets
from segment.action.watchlists.lists import BORDER, NAMES, NEXT, STAKE
from segment.features.names import column_name
from segment.language import N_, _, tier_name
from segment.pages import _plan
from segment.pages._words import sentences, span, too_few
from segment.run import Run
from segment.run.scheme import once
from segment.words import about, count, listed, money, percent

# Customers of each list that a page names, where the study allows it.
NAMED = 10
CALL = "call"  # the kind of contact that works through the lists
ITEMS = {"product": "products", "category": "categories"}  # columns
# Why a list cannot be made, or what the study must say for it.
LACKS = {
    "no mood": N_("add `complaints` or `satisfaction` to the columns of the customers table"),
    "no items": N_("map `category` or `product` under `columns`"),
    "few items": N_("there are fewer than three products or categories"),
    "short history": N_("the history is too short"),
}


@once
def calls(run: Run) -> pd.DataFrame:
    """Return everybody who is to be contacted, by priority: ``watchlists.call_list``."""
    return call_list(run, run.watchlists)


def call_list(run: Run, lists: Mapping[str, watchlists.WatchList]) -> pd.DataFrame:
    """Return the call list of some watch-lists, by the settings of the study."""
    hiatus = run.study.backtest.hiatus_days
    return watchlists.call_list(lists.values(), run.history, run.study.watchlists, hiatus)


def hours_left(run: Run, label: str | None = None) -> tuple[float, float]:
    """Return the hours a month that the plan leaves to the roles that call, and those of a call.

    ``label`` is the scheme of the plan, else the recommended one. Missing without a team, or where
    no role of the plan calls.
    """
    service, load = run.study.service, _plan.loads(run.scheme(label))
    left = (load["available"] - load["needed"]).clip(lower=0)
    calling = {
        role: service.hours_of(role, CALL)
        for role in service.roles
        if any(CALL in level.contacts.get(role, {}) for level in service.levels)
    }
    left = left[left.index.isin(calling)].dropna()
    if left.empty:
        return math.nan, math.nan
    return float(left.sum()), calling[left.idxmax()]


def number_of_calls(run: Run, label: str | None = None) -> float:
    """Return how many calls the hours that are left allow in a month; missing if not known."""
    return watchlists.calls(*hours_left(run, label))


@once
def lists(run: Run) -> pd.DataFrame:
    """Return one row per list that the data can carry, the most money at stake first.

    ``list``, ``meet_rule`` (customers who meet it), ``stake_all`` (their
    money at stake, missing for few and where there is none), ``first_calls`` (of the first calls,
    those whose next step is its own; left out where nobody knows how many there are),
    ``next_step`` (missing where nobody meets the rule).
    """
    number = number_of_calls(run)
    steps = watchlists.first(calls(run), number)["lists"].str[0].value_counts()
    rows = [
        (_(NAMES[n]), each.found, each.stake, steps.get(n, 0), _(NEXT[n]) if each.found else None)
        for n, each in by_money(run).items()
    ]
    columns = ["list", "meet_rule", "stake_all", "first_calls", "next_step"]
    table = pd.DataFrame(rows, columns=columns)
    few, decision = too_few(run.study, table["meet_rule"]), table["list"] == _(NAMES[BORDER])
    table["stake_all"] = table["stake_all"].mask(few | decision)
    return table.drop(columns="first_calls") if math.isnan(number) else table


def by_money(run: Run) -> dict[str, watchlists.WatchList]:
    """Return the lists that the data can carry, the most money at stake by their rule first.

    Last comes the one of unsure tiers: a decision is due there, and no money is at stake.
    """
    able = [(name, each) for name, each in run.watchlists.items() if not each.lacks]
    return dict(sorted(able, key=lambda item: (item[0] == BORDER, -item[1].stake)))


@once
def offers(run: Run) -> pd.DataFrame:
    """Return what is offered to whom on the list of narrow customers, the most customers first.

    ``own``, ``offer``, ``customers`` (on the list), ``both`` (share of the buyers of ``own`` who
    also buy the offer).
    """
    rows = run.watchlists["narrow"].rows
    if rows.empty:
        return pd.DataFrame()
    by = rows.rename(columns={"next": "offer"}).groupby(["own", "offer"], as_index=False)
    table = by.agg(customers=("stake", "size"), both=("share", "first"))
    order = ["customers", "both", "own"]
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
    rows, label = run.watchlists[name].rows.head(NAMED), run.known(None)
    settings = run.methods[label].tiers_, run.study.currency
    table = pd.DataFrame(
        {
            "customer": called.reindex(rows.index),
            "tier": run.newest_tiers.reindex(rows.index).astype(object),
            "stake": rows["stake"],
            "reason": [reason(name, row, *settings) for row in rows.to_dict("records")],
        }
    )
    return table.reset_index(drop=True)  # the ids may not be what pages call them


def answer(run: Run) -> list[str]:
    """Say whom the hours allow to be called, how they are chosen, and where the lists are."""
    if not any(each.found for each in run.watchlists.values()):
        return [said(run, calls(run)), lacking(run), where(run)]
    basis = _(
        "These are the watch-lists as of {day}, the newest day of the data; tiers are those of "
        "{label}, by the limits learned before {cut}.",
        day=run.windows.newest_day,
        label=run.known(None),
        cut=run.windows.cut,
    )
    order = _(
        "Each customer counts once, with its largest amount and one next step, complaints before "
        "offers; most money at stake comes first, up to twice as urgent where an order is overdue."
    )
    meaning = _("Money at stake is the size of the matter, not what a call brings in.")
    basis = sentences(basis, order, meaning)
    return [said(run, calls(run)), basis, lacking(run), where(run)]


def said(run: Run, table: pd.DataFrame, label: str | None = None) -> str:
    """Say of a call list how many it holds, and how many the hours allow to be called."""
    number = number_of_calls(run, label)
    if table.empty:
        return _("**Nobody is due for a call or visit now.**")
    begin = watchlists.first(table, number)
    figures = {
        "customers": count(len(table), "customer"),
        "hours": "" if math.isnan(number) else _plan.in_hours(hours_left(run, label)[0]),
        "number": f"{len(begin):,}",
        "money": about(begin["stake"].sum(), run.study.currency),
    }
    if math.isnan(number):
        text = N_(
            "**Due for a call or visit: {customers}.** How many of them the hours allow is not "
            "known without a team and a plan that calls: begin at the top of the call list."
        )
    elif number == 0:
        text = N_(
            "**Due for a call or visit: {customers}, but the plan leaves no hours for calls:** "
            "whoever is called takes the place of a planned contact."
        )
    elif too_few(run.study, len(begin)):
        text = N_("**Due for a call or visit: {customers}.** The hours left: {hours} a month.")
    elif number < len(table):
        text = N_(
            "**Due for a call or visit: {customers}. The hours left ({hours} a month) allow "
            "{number} of them: start with these, with {money} at stake.**"
        )
    else:
        text = N_(
            "**Due for a call or visit: {customers}, with {money} at stake.** The hours left "
            "({hours} a month) allow them all."
        )
    return _(text, **figures)


def lacking(run: Run) -> str:
    """Say which lists cannot be made, and why; empty if all can."""
    lists = [
        _("{what} ({why})", what=f"*{_(NAMES[name])}*", why=_(LACKS[each.lacks]))
        for name, each in run.watchlists.items()
        if each.lacks
    ]
    return _("Cannot be made with these data: {lists}.", lists=listed(lists)) if lists else ""


def where(run: Run) -> str:
    """Say where the lists with customers are, and what this page names."""
    file = _("Their names stand in {file}.", file="`confidential/watch-lists.xlsx`")
    called = _(
        "This page calls customers by pseudonyms, which only the confidential lists resolve."
    )
    return sentences(file, called if run.study.identifiers == "pseudonym" else "")


def heading(run: Run, name: str) -> str:
    """Name a list with its customers and their money, which is held back for few."""
    each, called = run.watchlists[name], _(NAMES[name])
    customers = count(each.found, "customer")
    stake = ""
    if not too_few(run.study, each.found) and name != BORDER:
        stake = _(", {money} at stake", money=about(each.stake, run.study.currency))
    return _("{scheme}: {title}", scheme=called, title=customers + stake)


def section(run: Run, name: str) -> str:
    """Say by which rule customers come on a list, and what is at stake."""
    return sentences(rule(run, name), _(STAKE[name]))


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
            "Counted are {items}, in all the data. The next one is what buyers of theirs "
            "buy most above chance (highest lift), if that is at least {more} and at least {least} "
            "bought both.",
            items=column_name(ITEMS[run.baskets.role]),
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
        return ""
    return _(
        "A customer is large from {limit} in a year, as the largest {share} of the last year's "
        "buyers are.",
        limit=money(run.large_limit, run.study.currency),
        share=percent(run.study.watchlists.large),
    )


def unhappy(run: Run) -> str:
    """Say who counts as unhappy."""
    ask = run.study.watchlists
    limits = {
        "complaints": ("≥", ask.complaints_least),
        "satisfaction": ("≤", ask.satisfaction_most),
    }
    known = [
        f"{column_name(name)} {sign} {limit:g}"
        for name, (sign, limit) in limits.items()
        if name in run.attributes
    ]
    return _("Unhappy means {signs}.", signs=listed(known, "or"))


def reasons(run: Run, label: str, on: Mapping[str, watchlists.WatchList]) -> dict[str, pd.Series]:
    """Say in a few words why customers stand on each list."""
    tiers, currency = run.methods[label].tiers_, run.study.currency
    return {
        name: pd.Series(
            [reason(name, row, tiers, currency) for row in _rows(each.rows)],
            each.rows.index,
            dtype=object,
        )
        for name, each in on.items()
    }


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield one row after the other: of long lists all at once take much room."""
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(frame.columns, values, strict=True))


def reason(name: str, row: Mapping[str, Any], tiers: tuple[str, ...], currency: str) -> str:
    """Say in a few words why a customer stands on a list, by its row; best tiers first."""
    if name == "silent":
        silent = _("no purchase for {time}", time=count(int(row["days"]), "day"))
        if math.isnan(row["gap"]):
            return silent
        gap = count(max(1, round(row["gap"])), "day")
        return _(", ").join([silent, _("usually every {gap}", gap=gap)])
    if name == "complaints":
        number, mood = row.get("complaints", math.nan), row.get("satisfaction", math.nan)
        known = {"complaints": number if number > 0 else math.nan, "satisfaction": mood}
        parts = [f"{column_name(n)} {v:g}" for n, v in known.items() if not math.isnan(v)]
        cause = row.get("complaint_cause")
        return _(", ").join([*parts, cause] if isinstance(cause, str) else parts)
    if name == "falling":
        was, now = (tier_name(tiers[int(row[place])]) for place in ("was", "is"))
        return _("from {was} to {now}", was=was, now=now)
    if name == "rising":
        was, now = (money(row[time], currency) for time in ("before", "now"))
        fast = _("from {was} to {now}", was=was, now=now) if row["fast"] else ""
        close = _("close below the next tier") if row["close"] else ""
        return _(", ").join(filter(None, [fast, close]))
    if name == "narrow":
        offer = _("buys {own}; its buyers add {next}", own=row["own"], next=row["next"])
        if math.isnan(share := row.get("wallet_share", math.nan)):
            return offer
        return _(", ").join([offer, _("spends {share} of its budget here", share=percent(share))])
    if name == "dormant":
        return _("no purchase for {time}", time=span(int(row["days"])))
    return f"{_('How sure the tier is')}: {percent(row['keep'])}"


def stakes_title(run: Run) -> str:
    """Say on which list most is at stake by its rule."""
    most = lists(run).loc[lists(run)["stake_all"].idxmax()]
    stake = about(most["stake_all"], run.study.currency)
    return _("Most at stake: {list} ({money})", list=most["list"], money=stake)
