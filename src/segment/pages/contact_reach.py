"""Whom is it worth contacting at all?"""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity
from segment.language import _
from segment.pages._plan import contacts, in_hours, named, team, why_no_plan
from segment.pages._words import span
from segment.run.scheme import Scheme, once
from segment.words import count, decimal, money, percent


def contact(scheme: Scheme) -> tuple[str, str, float]:
    """Return role, kind and hours of the plan's quickest contact; empty if it has none."""
    planned = contacts(scheme).query("mid > 0 and each > 0")
    if planned.empty or why_no_plan(scheme):
        return "", "", math.nan
    first = planned.loc[planned["each"].idxmin()]
    return first["role"], first["kind"], float(first["each"])


def hours_there(scheme: Scheme) -> float:
    """Return the hours a month of the role that makes that contact; missing if not known."""
    return team(scheme)["available"].get(contact(scheme)[0], math.nan)


@once
def reach(scheme: Scheme) -> pd.DataFrame:
    """Return what one contact each, tier after tier, would have reached in the holdout.

    Without tiers that hold nobody: ``tier``, ``customers``, ``buyers``, ``bought`` (share),
    ``per_buyer`` (contacts per buyer), ``reached`` (share of the buyers so far), and so far:
    ``customers_so_far``, ``buyers_so_far``, ``hours_so_far`` (missing where the plan has no
    contact). The tiers are those at the cut, whose buyers are known.
    """
    by_tier = scheme.outcome["active"].groupby(scheme.method.labels_, observed=False)
    table = capacity.reach(by_tier.size(), by_tier.sum(), contact(scheme)[2])
    table = table.rename(columns={"active": "bought"})
    table["reached"] = table["buyers_so_far"] / (table["buyers"].sum() or math.nan)
    return table.reset_index()


def worth_contacting(scheme: Scheme) -> pd.DataFrame:
    """Return the rows of ``reach`` of the best tiers that it pays to contact before the others."""
    table = reach(scheme)
    return table.head(len(capacity.worth_contacting(table)))


def answer(scheme: Scheme) -> list[str]:
    """Say down to which tier contacts reach more buyers than calling everybody, and the saving."""
    table, good = reach(scheme), worth_contacting(scheme)
    everybody, buyers = int(table["customers"].sum()), int(table["buyers"].sum())
    length = span(scheme.windows.holdout_days)
    none = _(
        "No group of the best tiers buys more often than all customers together, so the tiers do "
        "not say whom to leave out."
    )
    if buyers == 0:
        return [none]
    first = _(
        "Of {everybody}, {buyers} bought in the next {span}: {effort} contacts per buyer{what}.",
        everybody=count(everybody, "customer"),
        buyers=f"{buyers:,}",
        span=length,
        what=_which(scheme),
        effort=_effort(scheme, everybody / buyers),
    )
    if good.empty or len(good) == len(table):
        return [first, none]
    reached, caught = (int(good[f"{name}_so_far"].iloc[-1]) for name in ("customers", "buyers"))
    saved = everybody - reached
    hours = contact(scheme)[2] * saved
    best = _(
        "**The tiers to contact first are {tiers}: {customers}, {share} of all, with {caught} of "
        "the {buyers} buyers ({part}).** That is {effort} contacts per buyer. Leaving the others "
        "out saves {saved} contacts{hours} a round and misses {missed}.",
        tiers=named(good["tier"]),
        customers=count(reached, "customer"),
        share=percent(reached / everybody),
        caught=f"{caught:,}",
        buyers=f"{buyers:,}",
        part=percent(caught / buyers),
        effort=_effort(scheme, reached / caught),
        saved=f"{saved:,}",
        hours="" if math.isnan(hours) else f" ({in_hours(hours)})",
        missed=count(buyers - caught, "buyer"),
    )
    only = _(
        "These customers bought whether or not somebody called: whether a contact wins any, only "
        "an experiment shows."
    )
    return [first, best, only]


def _which(scheme: Scheme) -> str:
    """Say which contact is counted: the quickest of the plan."""
    role, kind, each = contact(scheme)
    if not role:
        return ""
    each = in_hours(each, digits=2)
    return f": {_('{what} ({why})', what=f'{_(role)}, {_(kind)}', why=each)}"


def _effort(scheme: Scheme, contacts: float) -> str:
    """Return contacts per buyer, with what they cost where that is known."""
    role, _kind, each = contact(scheme)
    cost = contacts * each * team(scheme)["cost"].get(role, math.nan)
    if not cost > 0:
        return per_buyer(contacts)
    return f"{per_buyer(contacts)} ({money(round(cost, 2), scheme.study.currency)})"


def per_buyer(contacts: float) -> str:
    """Return contacts per buyer: 2.3, 25."""
    if math.isinf(contacts):
        return "–"
    return f"{contacts:,.0f}" if contacts >= 10 else decimal(contacts, 1)


def title(scheme: Scheme) -> str:
    """Say which share of the buyers the best tiers hold."""
    good = worth_contacting(scheme)
    if good.empty:
        return _("Contacts and buyers, the best tier first")
    last = good.iloc[-1]
    return _(
        "Contacting the first {share} of the customers reaches {part} of the buyers",
        share=percent(last["customers_so_far"] / reach(scheme)["customers"].sum()),
        part=percent(last["reached"]),
    )
