"""Whom is it worth contacting at all?"""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity
from segment.language import _
from segment.pages._plan import contacts, in_hours, named, team, why_no_plan
from segment.pages._words import sentences, span
from segment.scheme import Scheme, once
from segment.words import count, decimal, money, percent


def contact(scheme: Scheme) -> tuple[str, str, float]:
    """Return role, kind and hours of the plan's quickest contact; empty if it has none."""
    planned = contacts(scheme).query("mid > 0 and each > 0")
    if planned.empty or why_no_plan(scheme):
        return "", "", math.nan
    first = planned.loc[planned["each"].idxmin()]
    return first["role"], first["kind"], float(first["each"])


@once
def reach(scheme: Scheme) -> pd.DataFrame:
    """Return what one contact each, tier after tier, would have reached in the holdout.

    Without tiers that hold nobody: ``tier``, ``customers``, ``buyers``, ``bought`` (share),
    ``per_buyer`` (contacts per buyer), ``hours_once`` (of one contact each), ``value_hour``
    (value per such hour), ``reached`` (share of the buyers so far), and so far:
    ``customers_so_far``, ``buyers_so_far``, ``hours_so_far``. Hours are missing where the plan has
    no contact.
    The tiers are those at the cut, whose buyers are known.
    """
    by_tier = pd.DataFrame({"bought": scheme.outcome["active"], "value": scheme.net}).groupby(
        scheme.method.labels_.astype(object)
    )
    names = list(scheme.method.tiers_)
    sizes, buyers, value = (
        frame.reindex(names, fill_value=0)
        for frame in (by_tier.size(), by_tier["bought"].sum(), by_tier["value"].sum())
    )
    table = capacity.reach(sizes, buyers, value, contact(scheme)[2])
    table = table.rename(columns={"active": "bought", "hours": "hours_once"})
    table["reached"] = table["buyers_so_far"] / (table["buyers"].sum() or math.nan)
    return table.reset_index()


def worth_contacting(scheme: Scheme) -> pd.DataFrame:
    """Return the rows of ``reach`` of the best tiers that it pays to contact before the others."""
    table = reach(scheme)
    best = capacity.worth_contacting(table.rename(columns={"bought": "active"}).set_index("tier"))
    return table.head(len(best))


def answer(scheme: Scheme) -> list[str]:
    """Say down to which tier contacts reach more buyers than calling everybody, and the saving."""
    table, good = reach(scheme), worth_contacting(scheme)
    everybody, buyers = int(table["customers"].sum()), int(table["buyers"].sum())
    length = span(scheme.windows.holdout_days)
    if buyers == 0:
        return [
            _(
                "Nobody bought in the next {span}, so no contact would have reached a buyer.",
                span=length,
            )
        ]
    first = _(
        "Of {everybody}, {buyers} bought in the next {span}. To contact all of them once{what} "
        "takes {effort} per buyer.",
        everybody=count(everybody, "customer"),
        buyers=f"{buyers:,}",
        span=length,
        what=_which(scheme),
        effort=_effort(scheme, everybody / buyers),
    )
    if good.empty or len(good) == len(table):
        return [
            first,
            _(
                "No group of the best tiers buys more often than all customers together, so the "
                "tiers do not say whom to leave out."
            ),
        ]
    reached, caught = (int(good[f"{name}_so_far"].iloc[-1]) for name in ("customers", "buyers"))
    return [
        first,
        sentences(
            _(
                "**The tiers to contact first are {tiers}: {customers}, {share} of all, with "
                "{caught} of the {buyers} buyers ({part}).** That is {effort} per buyer. Leaving "
                "the others out saves {saved} a round and misses {missed}.",
                tiers=named(good["tier"]),
                customers=count(reached, "customer"),
                share=percent(reached / everybody),
                caught=f"{caught:,}",
                buyers=f"{buyers:,}",
                part=percent(caught / buyers),
                effort=_effort(scheme, reached / caught),
                saved=_saved(scheme, everybody - reached),
                missed=count(buyers - caught, "buyer"),
            ),
            _further_down(table, good, buyers / everybody),
        ),
        _(
            "These customers bought whether or not somebody called: a contact cannot have won "
            "more buyers than this, and whether it wins any, only an experiment shows."
        ),
    ]


def _further_down(table: pd.DataFrame, good: pd.DataFrame, overall: float) -> str:
    """Say which of the other tiers buy more often than all customers; empty if none does."""
    others = table.iloc[len(good) :]
    above = others.loc[others["bought"] > overall, "tier"]
    if above.empty:
        return ""
    return _(
        "Out of order: {tiers} as well, further down, bought more often than the average "
        "({share}).",
        tiers=named(above),
        share=percent(overall),
    )


def _which(scheme: Scheme) -> str:
    """Say which contact is counted: the quickest of the plan."""
    role, kind, each = contact(scheme)
    if not role:
        return ""
    each = _("{n} hours", n=f"{each:g}")
    return _(" ({role}, {kind}: {each})", role=_(role), kind=_(kind), each=each)


def _cost(scheme: Scheme, contacts: float) -> float:
    """Return what so many contacts cost; 0 where that is not known."""
    role, _kind, each = contact(scheme)
    cost = contacts * each * team(scheme)["cost"].get(role, math.nan)
    return 0.0 if math.isnan(cost) else cost


def _effort(scheme: Scheme, contacts: float) -> str:
    cost = _cost(scheme, contacts)
    if cost == 0:
        return _("{each} contacts", each=per_buyer(contacts))
    amount = money(round(cost, 2), scheme.study.currency)
    return _("{each} contacts, or {cost},", each=per_buyer(contacts), cost=amount)


def _saved(scheme: Scheme, customers: int) -> str:
    each, cost = contact(scheme)[2], _cost(scheme, customers)
    if math.isnan(each):
        return _("{contacts} contacts", contacts=f"{customers:,}")
    if cost == 0:
        return in_hours(each * customers)
    amount = money(round(cost), scheme.study.currency)
    return _("{hours} or {cost}", hours=in_hours(each * customers), cost=amount)


def per_buyer(contacts: float) -> str:
    """Return contacts per buyer: 2.3, 25."""
    if math.isinf(contacts):
        return _("no buyer")
    return f"{contacts:,.0f}" if contacts >= 10 else decimal(contacts, 1)


def title(scheme: Scheme) -> str:
    """Say which share of the buyers the best tiers hold."""
    good = worth_contacting(scheme)
    if good.empty:
        return _("Buyers reached by contacting tier after tier")
    last = good.iloc[-1]
    return _(
        "Contacting the first {share} of the customers reaches {part} of the buyers",
        share=percent(last["customers_so_far"] / reach(scheme)["customers"].sum()),
        part=percent(last["reached"]),
    )


def note(scheme: Scheme) -> str:
    """Say which contact is counted, and in which order."""
    return _("One contact with each customer{what}, the best tier first", what=_which(scheme))
