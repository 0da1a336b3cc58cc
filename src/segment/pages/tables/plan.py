"""The tables of the service plan."""

from __future__ import annotations

import math

import pandas as pd
from IPython.display import HTML

from segment.language import N_, _, tier_name
from segment.pages import narrate, views
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, TENTHS, amount, names
from segment.pages.views.plan import BEST, CONTACTS, SIZES
from segment.run import Run
from segment.words import listed, percent

WAYS = {
    CONTACTS: N_("Fewer contacts above the floor"),
    SIZES: N_("Smaller tiers above the floor, the same contacts"),
    BEST: N_("The best division of the hours (below)"),
}


def service_plan(a: Run, label: str) -> HTML:
    """Show who is in touch with each tier how often, by which channel, and with what care."""
    found, policy = views.plan.tiers(a, label), a.study.service
    levels = [policy.levels[place] for place in found["level"]]
    return build(
        _("{label}: the service of each tier", label=label),
        (_("Tier"), names(found.index)),
        (_("Customers"), found["customers"], "{:,}"),
        (_("Service"), [_(level.name) for level in levels]),
        *(
            (_(role).capitalize(), [_often(level.contacts.get(role, {})) for level in levels])
            for role in policy.roles
        ),
        (_("Hours a month"), views.plan.costs(a, label)["hours"], "{:,.0f}"),
        (_("Channel"), [_(level.channel) if level.channel else NONE for level in levels]),
        (_("Complaints"), [_(level.feedback) if level.feedback else NONE for level in levels]),
    )


def at_a_glance(a: Run, label: str) -> HTML:
    """Show what a tier is, who is in it, what they brought, and the service it gets."""
    found, frame = views.plan.tiers(a, label), a.tier_table(label).set_index("tier")
    frame = frame.reindex(found.index)
    rules = [(_("Rule"), frame["rule"])] if "rule" in frame else []
    return build(
        _("{label}: the tiers, what they brought afterwards, and their service", label=label),
        (_("Tier"), names(found.index)),
        *rules,
        (_("Customers"), found["customers"], "{:,}"),
        (_("Share of customers"), frame["share"], TENTHS),
        (_("Share of holdout value"), frame["value_share"], TENTHS),
        (_("Service"), [_(a.study.service.names[level]) for level in found["level"]]),
        (_("Hours a month"), views.plan.costs(a, label)["hours"], "{:,.0f}"),
    )


def _often(kinds: dict) -> str:
    parts = [
        _("{kind} {often}", kind=_(kind), often=narrate.hours.often(rate))
        if rate.high
        else _("{kind} only {often}", kind=_(kind), often=_(rate.text))
        for kind, rate in kinds.items()
    ]
    return listed(parts) if parts else NONE


def plan_load(a: Run, label: str) -> HTML:
    """Show the hours that each role needs and has, and the people missing."""
    frame = views.plan.load(a, label)
    missing = views.plan.remedies(a, label)["people"].reindex(frame.index)
    return build(
        _("Hours a month by role"),
        (_("Role"), [_(role) for role in frame.index]),
        (_("Hours needed"), frame["mid"], "{:,.0f}"),
        (_("At least"), frame["low"], "{:,.0f}"),
        (_("At most"), frame["high"], "{:,.0f}"),
        (_("People"), frame["people"], "{:g}"),
        (_("Hours there"), frame["available"], "{:,.0f}"),
        (_("Load"), [_load(value) for value in frame["load"]]),
        (_("People missing"), missing, "{:,.0f}"),
    )


def _load(value: float) -> str:
    if math.isinf(value):
        return _("no hours")
    return NONE if math.isnan(value) else percent(value)


def plan_ways(a: Run, label: str) -> HTML:
    """Show what would make the plan fit, and what is at stake; nothing if it fits."""
    ways, need = views.plan.ways(a, label), views.plan.remedies(a, label)
    if ways.empty:
        return HTML("")
    total = a.outcome["value"].sum()
    shares = [percent(value / total) if total else NONE for value in ways["value"]]
    brought = [
        _("{value} ({low} to {high})", value=_whole(a, value), low=_whole(a, low),
          high=_whole(a, high))
        for value, low, high in zip(ways["value"], ways["low"], ways["high"], strict=True)
    ]  # fmt: skip
    people, more = _more_people(a, need[need["people"] > 0])
    return build(
        _("{label}: what would make the plan fit", label=label),
        (_("What"), [*(_(WAYS[way]) for way in ways.index), _("More people")]),
        (_("By how much"), [*_how_far(a, label, ways, need), people]),
        (_("Customers with less"), [*ways["customers"], 0], "{:,.0f}"),
        (_("They brought (95 %)"), [*brought, NONE]),
        (_("Share of all"), [*shares, NONE]),
        (_("Costs more a month"), [*[_whole(a, 0)] * len(ways), more]),
    )


def _how_far(a: Run, label: str, ways: pd.DataFrame, need: pd.DataFrame) -> list[str]:
    """Return by how much each way cuts what is above the floor."""
    factors = need.loc[~need["fits"], "factor"]
    found = {
        CONTACTS: listed([
            _("{role}: to {factor}", role=_(role), factor=percent(narrate.plan.kept(factor)))
            for role, factor in factors.items()
        ]),
        SIZES: listed([
            _("{tier}: {kept} of {size}", tier=tier_name(tier), kept=f"{kept:,}", size=f"{size:,}")
            for tier, (kept, size) in views.plan.smaller(a, label).iterrows()
        ]),
    }  # fmt: skip
    return [found.get(way, NONE) for way in ways.index]


def _more_people(a: Run, short: pd.DataFrame) -> tuple[str, str]:
    """Return how many people are missing by role, and what they cost a month."""
    team = views.plan.team(a).loc[short.index]
    cost = (short["people"] * team["each"] * team["cost"]).sum(skipna=False)
    return narrate.plan.missing_people(short), NONE if math.isnan(cost) else _whole(a, cost)


def _whole(a: Run, value: float) -> str:
    """Return an amount without cents."""
    return amount(a)(round(value))


def plan_best(a: Run, label: str) -> HTML:
    """Show the best use of the hours beside the plan; nothing without one."""
    placed, levels = views.plan.best(a, label), a.study.service.names
    if placed is None:
        return HTML("")
    found = views.plan.tiers(a, label)
    return build(
        narrate.division.title(label),
        (_("Tier"), names(found.index)),
        (_("Customers"), found["customers"], "{:,}"),
        (_("By plan"), [_(levels[level]) for level in found["level"]]),
        *((_("At best: {level}", level=_(levels[at])), placed[at], "{:,}") for at in placed),
    )


def plan_costs(a: Run, label: str) -> HTML:
    """Show what each tier's service costs and must bring; nothing without costs."""
    frame = views.plan.costs(a, label)
    if frame["cost"].isna().all():
        return HTML("")

    def write(value: float) -> str:
        return _whole(a, value)

    return build(
        _("{label}: what the service costs, and what it must bring", label=label),
        (_("Tier"), names(frame.index)),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Cost a month"), frame["cost"], write),
        (_("Cost a year"), frame["cost_year"], write),
        (_("Cost over {span}", span=narrate.common.holdout_span(a)), frame["cost_period"], write),
        (_("Margin they brought"), frame["margin"], write),
        (_("Pays if it rises by"), [_times(value) for value in frame["uplift"]]),
        (_("Or if this share buys for it"), [_buying(value) for value in frame["response"]]),
    )


def _times(value: float) -> str:
    if math.isnan(value):
        return NONE
    return _("out of reach") if math.isinf(value) else percent(value, 1)


def _buying(value: float) -> str:
    return _("more than all") if math.isfinite(value) and value > 1 else _times(value)


def plan_reach(a: Run, label: str) -> HTML:
    """Show what one contact with every customer reaches, tier after tier."""
    frame = views.plan.reach(a, label)
    total = frame["buyers"].sum()
    so_far = frame["buyers_so_far"] / total if total else frame["buyers_so_far"] * math.nan
    planned = [NONE if math.isnan(v) else _whole(a, v) for v in frame["planned_hour"]]
    return build(
        _("{label}: contacts and buyers, the best tier first", label=label),
        (_("Tier"), names(frame.index)),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Buyers"), frame["buyers"], "{:,}"),
        (_("Bought"), frame["active"], TENTHS),
        (_("Contacts per buyer"), [_per_buyer(value) for value in frame["per_buyer"]]),
        (_("Hours, one contact each"), frame["hours"], "{:,.0f}"),
        (_("Value per such hour"), [_whole(a, value) for value in frame["value_hour"]]),
        (_("Value per planned hour"), planned),
        (_("Buyers so far"), so_far, TENTHS),
    )


def _per_buyer(value: float) -> str:
    if math.isinf(value):
        return _("no buyer")
    return narrate.reach.per_buyer(value)
