"""The tables of the service plan."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd
from IPython.display import HTML

from segment import narrate, views
from segment.analysis import Analysis
from segment.display import table
from segment.language import _, tier_name
from segment.tables.build import build
from segment.tables.cells import TENTHS, in_words, names
from segment.words import listed, money, percent


def service_plan(a: Analysis, label: str) -> HTML:
    """Show who is in touch with each tier how often, by which channel, and with what care."""
    found, policy = views.plan.tiers(a, label), a.study.service
    levels = [policy.levels[place] for place in found["level"]]
    shown = pd.DataFrame(
        {_("Tier"): [tier_name(tier) for tier in found.index],
         _("Customers"): found["customers"].to_numpy(),
         _("Service"): [_(level.name) for level in levels]}
    )  # fmt: skip
    for role in policy.roles:
        shown[_(role).capitalize()] = [_often(level.contacts.get(role, {})) for level in levels]
    shown[_("Hours a month")] = views.plan.costs(a, label)["hours"].to_numpy()
    shown[_("Channel")] = [_(level.channel) if level.channel else "–" for level in levels]
    shown[_("Complaints")] = [_(level.feedback) if level.feedback else "–" for level in levels]
    return table(shown, _("{label}: the service of each tier", label=label),
                 {_("Customers"): "{:,}", _("Hours a month"): "{:,.0f}"})  # fmt: skip


def at_a_glance(a: Analysis, label: str) -> HTML:
    """Show what a tier is, who is in it, what they brought, and the service it gets."""
    found, frame = views.plan.tiers(a, label), a.tier_table(label).set_index("tier")
    frame = frame.reindex(found.index)
    rules = [(_("Rule"), frame["rule"].map(in_words))] if "rule" in frame else []
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
        _("{kind} {often}", kind=_(kind), often=_(rate.text))
        if rate.high
        else _("{kind} only {often}", kind=_(kind), often=_(rate.text))
        for kind, rate in kinds.items()
    ]
    return listed(parts) if parts else "–"


def plan_load(a: Analysis, label: str) -> HTML:
    """Show the hours that each role needs and has, and the people missing."""
    frame = views.plan.load(a, label)
    missing = views.plan.remedies(a, label)["people"].reindex(frame.index)
    shown = pd.DataFrame(
        {_("Role"): [_(role) for role in frame.index], _("Hours needed"): frame["mid"].to_numpy(),
         _("At least"): frame["low"].to_numpy(), _("At most"): frame["high"].to_numpy(),
         _("People"): frame["people"].to_numpy(), _("Hours there"): frame["available"].to_numpy(),
         _("Load"): [_load(value) for value in frame["load"]],
         _("People missing"): missing.to_numpy()}
    )  # fmt: skip
    hours = (_("Hours needed"), _("At least"), _("At most"), _("Hours there"))
    return table(shown, _("Hours a month by role"),
                 dict.fromkeys(hours, "{:,.0f}") | {_("People"): "{:g}",
                                                    _("People missing"): "{:,.0f}"})  # fmt: skip


def _load(value: float) -> str:
    if math.isinf(value):
        return _("no hours")
    return "–" if math.isnan(value) else percent(value)


def plan_ways(a: Analysis, label: str) -> HTML:
    """Show what would make the plan fit, and what is at stake; nothing if it fits."""
    ways, need = views.plan.ways(a, label), views.plan.remedies(a, label)
    if ways.empty:
        return HTML("")
    amount, total = partial(money, currency=a.study.currency), a.outcome["value"].sum()
    short = need[need["people"] > 0]
    cost = views.plan.team(a).loc[short.index]
    more = (short["people"] * cost["each"] * cost["cost"]).sum(skipna=False)
    names = {
        views.plan.CONTACTS: _("Fewer contacts above the floor"),
        views.plan.SIZES: _("Smaller tiers above the floor, the same contacts"),
        views.plan.BEST: _("The best division of the hours (below)"),
    }
    short_of = need[~need["fits"]]
    how_far = {
        views.plan.CONTACTS: listed([
            _("{role}: to {factor}", role=_(role), factor=percent(narrate.plan.kept(factor)))
            for role, factor in short_of["factor"].items()
        ]),
        views.plan.SIZES: listed([
            _("{tier}: {kept} of {size}", tier=tier_name(tier), kept=f"{kept:,}", size=f"{size:,}")
            for tier, (kept, size) in views.plan.smaller(a, label).iterrows()
        ]),
    }  # fmt: skip
    rows = [
        {
            _("What"): names[way],
            _("By how much"): how_far.get(way, "–"),
            _("Customers with less"): row["customers"],
            _("They brought (95 %)"): _("{value} ({low} to {high})", **{
                end: amount(round(row[end])) for end in ("value", "low", "high")}),
            _("Share of all"): percent(row["value"] / total) if total else "–",
            _("Costs more a month"): amount(0),
        }
        for way, row in ways.iterrows()
    ]  # fmt: skip
    people = listed([_("{n} ({role})", n=f"{row['people']:,.0f}", role=_(role))
                     for role, row in short.iterrows()])  # fmt: skip
    rows.append(
        {
            _("What"): _("More people"),
            _("By how much"): people,
            _("Customers with less"): 0,
            _("They brought (95 %)"): "–",
            _("Share of all"): "–",
            _("Costs more a month"): "–" if math.isnan(more) else amount(round(more)),
        }
    )
    return table(pd.DataFrame(rows), _("{label}: what would make the plan fit", label=label),
                 {_("Customers with less"): "{:,.0f}"})  # fmt: skip


def plan_best(a: Analysis, label: str) -> HTML:
    """Show the best use of the hours beside the plan; nothing without one."""
    placed, names = views.plan.best(a, label), a.study.service.names
    if placed is None:
        return HTML("")
    found = views.plan.tiers(a, label)
    shown = pd.DataFrame(
        {_("Tier"): [tier_name(tier) for tier in found.index],
         _("Customers"): found["customers"].to_numpy(),
         _("By plan"): [_(names[level]) for level in found["level"]]}
    )  # fmt: skip
    heads = [_("At best: {level}", level=_(names[level])) for level in placed]
    shown[heads] = placed.to_numpy()
    return table(shown, narrate.division.title(a, label),
                 dict.fromkeys([_("Customers"), *heads], "{:,}"))  # fmt: skip


def plan_costs(a: Analysis, label: str) -> HTML:
    """Show what each tier's service costs and must bring; nothing without costs."""
    frame = views.plan.costs(a, label)
    if frame["cost"].isna().all():
        return HTML("")
    amount, span = partial(money, currency=a.study.currency), narrate.common.holdout_span(a)
    over = _("Cost over {span}", span=span)
    shown = pd.DataFrame(
        {_("Tier"): [tier_name(tier) for tier in frame.index],
         _("Customers"): frame["customers"].to_numpy(), _("Cost a month"): frame["cost"].to_numpy(),
         _("Cost a year"): frame["cost_year"].to_numpy(), over: frame["cost_period"].to_numpy(),
         _("Margin they brought"): frame["margin"].to_numpy(),
         _("Pays if it rises by"): [_times(value) for value in frame["uplift"]],
         _("Or if this share buys for it"): [_buying(value) for value in frame["response"]]}
    )  # fmt: skip
    sums = (_("Cost a month"), _("Cost a year"), over, _("Margin they brought"))
    rounded = dict.fromkeys(sums, lambda value: amount(round(value)))
    return table(shown, _("{label}: what the service costs, and what it must bring", label=label),
                 rounded | {_("Customers"): "{:,}"})  # fmt: skip


def _times(value: float) -> str:
    if math.isnan(value):
        return "–"
    return _("out of reach") if math.isinf(value) else percent(value, 1)


def _buying(value: float) -> str:
    return _("more than all") if math.isfinite(value) and value > 1 else _times(value)


def plan_reach(a: Analysis, label: str) -> HTML:
    """Show what one contact with every customer reaches, tier after tier."""
    frame = views.plan.reach(a, label)
    amount = partial(money, currency=a.study.currency)
    total = frame["buyers"].sum()
    so_far = frame["buyers_so_far"] / total if total else frame["buyers_so_far"] * float("nan")
    shown = pd.DataFrame(
        {_("Tier"): [tier_name(tier) for tier in frame.index],
         _("Customers"): frame["customers"].to_numpy(), _("Buyers"): frame["buyers"].to_numpy(),
         _("Bought"): frame["active"].to_numpy(),
         _("Contacts per buyer"): [_per_buyer(value) for value in frame["per_buyer"]],
         _("Hours, one contact each"): frame["hours"].to_numpy(),
         _("Value per such hour"): [amount(round(value)) for value in frame["value_hour"]],
         _("Value per planned hour"): ["–" if math.isnan(v) else amount(round(v))
                                       for v in frame["planned_hour"]],
         _("Buyers so far"): so_far.to_numpy()}
    )  # fmt: skip
    shares = dict.fromkeys((_("Bought"), _("Buyers so far")), partial(percent, digits=1))
    return table(shown, _("{label}: contacts and buyers, the best tier first", label=label),
                 shares | {_("Customers"): "{:,}", _("Buyers"): "{:,}",
                           _("Hours, one contact each"): "{:,.0f}"})  # fmt: skip


def _per_buyer(value: float) -> str:
    if math.isinf(value):
        return _("no buyer")
    return narrate.reach.per_buyer(value)
