"""The sentences of the page on the service plan."""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity, service
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span
from segment.pages.narrate.hours import in_hours
from segment.run import Run
from segment.words import count, listed, money, percent

# Above this much more than was brought, no service pays by what customers buy now.
EVERYTHING = 1.0


def answer(a: Run, label: str) -> list[str]:
    """Say who gets what, whether the hours suffice, what to do, and whether it pays."""
    return [
        f"{verdict(a, label)} {who_gets(a, label)}",
        example(a, label),
        remedy(a, label),
        price(a, label),
        pays(a, label),
        assumed(a),
    ]


def takes(a: Run, label: str) -> str:
    """Say in few words what the plan takes in hours and money, and what it must bring."""
    need, costs = views.plan.load(a, label), views.plan.costs(a, label)
    there = need[need["available"].notna()]
    if there.empty:
        return _("{needed} a month; the study names no team to hold that against.",
                 needed=in_hours(need["mid"].sum()))  # fmt: skip
    cost, margin = (costs[name].sum(skipna=False) for name in ("cost", "margin"))
    found = {"needed": in_hours(there["mid"].sum()), "has": in_hours(there["available"].sum())}
    text = [_("{needed} a month; the team has {has} for customers.", **found)]
    if math.isfinite(cost):
        found["cost"] = money(round(cost), a.study.currency)
        text = [_("{needed} and {cost} a month; the team has {has} for customers.",
                  **found)]  # fmt: skip
    short = [_(role) for role in there.index[there["load"] > 1 + capacity.SLACK]]
    if short:
        text.append(_("The hours do not suffice for: {roles}.", roles=listed(short)))
    spent = costs["cost_period"].sum(skipna=False)
    if spent > 0 and margin > 0:
        text.append(_("It pays if it adds at least {uplift} to the margin that customers bring.",
                      uplift=percent(spent / margin)))  # fmt: skip
    return " ".join(text)


def verdict(a: Run, label: str) -> str:
    """Say whether the hours suffice."""
    need = views.plan.load(a, label)
    there = need[need["available"].notna()]
    total = in_hours(need["mid"].sum())
    if need["mid"].sum() == 0:
        return _("**The plan gives the tiers of {label} no contact in person, so it takes no "
                 "hours.**", label=label)  # fmt: skip
    if there.empty:
        low, high = in_hours(need["low"].sum()), in_hours(need["high"].sum())
        return _("**Serving the tiers of {label} by this plan takes {total} a month** ({low} to "
                 "{high}). The study names no team, so nothing can be said on whether that fits "
                 "or what it costs.", label=label, total=total, low=low, high=high)  # fmt: skip
    short = there[there["load"] > 1 + capacity.SLACK]
    needed, has = in_hours(there["mid"].sum()), in_hours(there["available"].sum())
    if short.empty:
        busiest = there["load"].idxmax()
        return _("**Yes: the plan takes {needed} a month of the {has} that the team has for "
                 "customers.** The busiest role, {role}, needs {load} of its hours.",
                 needed=needed, has=has, role=_(busiest),
                 load=percent(there["load"][busiest]))  # fmt: skip
    parts = listed([
        _("{role} (needs {needed}, has {has})", role=_(role), needed=in_hours(row["mid"]),
          has=in_hours(row["available"]))
        for role, row in short.iterrows()
    ])  # fmt: skip
    return _("**No: the hours do not suffice for the service plan.** Short every month: "
             "{parts}.", parts=parts)  # fmt: skip


def who_gets(a: Run, label: str) -> str:
    """Say which tiers get which level."""
    return _("By the plan: {who}.", who=_who(a, label))


def _who(a: Run, label: str) -> str:
    found, names = views.plan.tiers(a, label), a.study.service.names
    found = found[found["customers"] > 0]
    parts = [
        _("{level} service for {tiers}", level=_(names[level]), tiers=tiers_and_size(group))
        for level, group in found.groupby("level")
    ]
    return _("; ").join(parts)


def tiers_and_size(group: pd.DataFrame) -> str:
    """Return ``"*B* and *C* (420 customers)"``."""
    return _("{tiers} ({customers})", customers=count(int(group["customers"].sum()), "customer"),
             tiers=listed([f"*{tier_name(tier)}*" for tier in group.index]))  # fmt: skip


def example(a: Run, label: str) -> str:
    """Say that the scheme is only an example, where none is recommended."""
    if not a.verdict.refused:
        return ""
    return _("No scheme is recommended; {label} is an example.", label=label)


def remedy(a: Run, label: str) -> str:
    """Say what would make the plan fit: smaller tiers, fewer contacts, more people."""
    need = views.plan.remedies(a, label)
    if need.empty or need["fits"].all():
        return ""
    impossible = need[~need["possible"]]
    if len(impossible):
        role = (impossible["least"] - impossible["available"]).idxmax()
        level = a.study.service.names[service.floor_of(a.study.service)]
        return _("**What to do:** not even the floor, {level} service for everybody, fits: for "
                 "{role} it takes {least} a month, and there are {has}. Plan fewer contacts at "
                 "the floor, or {people}.", level=_(level), role=_(role),
                 least=in_hours(need["least"][role]), has=in_hours(need["available"][role]),
                 people=more_people(need))  # fmt: skip
    ways, level = views.plan.ways(a, label), service.floor_of(a.study.service)
    least = ways["value"].idxmin()
    return " ".join([
        _("**What to do:** {way}", way=_way(a, least, ways.loc[least])),
        _("Or {people}.", people=more_people(need)),
        _("All ways stand below, each with what is at stake; the floor is {level} service, the "
          "least that anybody gets.", level=_(a.study.service.names[level])),
    ])  # fmt: skip


def _way(a: Run, way: str, row: pd.Series) -> str:
    """Say what a way to make the plan fit is, and whom it concerns."""
    total = a.outcome["value"].sum()
    level = a.study.service.names[service.floor_of(a.study.service)]
    found = {
        "customers": count(int(row["customers"]), "customer"), "span": holdout_span(a),
        "share": percent(row["value"] / total if total else math.nan), "floor": _(level),
    }  # fmt: skip
    found |= {end: money(round(row[end]), a.study.currency) for end in ("value", "low", "high")}
    if way == views.plan.BEST:
        return _("divide the hours as the best division below does. The {customers} who get less "
                 "than planned brought {value} ({low} to {high}) in the next {span}, {share} of "
                 "what all brought.", **found)  # fmt: skip
    if way == views.plan.SIZES:
        return _("keep the planned service for the first {factor} of each tier above {floor} "
                 "service, in the order of what customers brought before. The {customers} who then "
                 "get {floor} service brought {value} ({low} to {high}) in the next {span}, "
                 "{share} of what all brought.", factor=percent(kept(row["factor"])),
                 **found)  # fmt: skip
    return _("give everybody above {floor} service {cut} fewer contacts. That concerns "
             "{customers}, who brought {value} ({low} to {high}) in the next {span}, {share} of "
             "what all brought.",
             cut=percent(1 - kept(row["factor"])), **found)  # fmt: skip


def more_people(need: pd.DataFrame) -> str:
    """Say how many people are missing by role."""
    return _("add people: {who}", who=missing_people(need[need["people"] > 0]))


def missing_people(short: pd.DataFrame) -> str:
    """Return ``"2 (sales) and 1 (manager)"``."""
    return listed([_("{n} ({role})", n=f"{people:,.0f}", role=_(role))
                   for role, people in short["people"].items()])  # fmt: skip


def kept(factor: float) -> float:
    """Round the share that is left down to whole percents: a larger one does not fit."""
    return math.floor(100 * factor + 1e-9) / 100


def price(a: Run, label: str) -> str:
    """Say what the plan costs, and what it does not count."""
    costs, people = views.plan.costs(a, label), views.plan.team(a)
    if people.empty or costs["hours"].sum() == 0:
        return ""
    if costs["cost"].isna().all():
        return _("The study names no cost per hour, so there is no money on this page.")
    by = views.plan.load(a, label)
    uncounted = [_(r) for r in by.index[by["mid"] > 0] if pd.isna(people["cost"].get(r))]
    text = _("The plan costs {month} a month, {year} a year.",
             month=money(round(costs["cost"].sum()), a.study.currency),
             year=money(round(costs["cost_year"].sum()), a.study.currency))  # fmt: skip
    if uncounted:
        text += " " + _("That leaves out the hours of {roles}, whose cost the study does not "
                        "give.", roles=listed(uncounted))  # fmt: skip
    return text


def pays(a: Run, label: str) -> str:
    """Say how much more customers must spend for the plan to pay, and where it cannot."""
    costs = views.plan.costs(a, label)
    spent, margin = costs["cost_period"].sum(skipna=False), costs["margin"].sum(skipna=False)
    if math.isnan(spent) or spent == 0:
        return ""
    if math.isnan(margin):
        return _("Whether that pays cannot be said: the orders hold no margin, and the study no "
                 "'margin_rate' under 'costs'.")  # fmt: skip
    if margin == 0:
        return _("Customers brought no margin in the next {span}, so the plan could not pay.",
                 span=holdout_span(a))  # fmt: skip
    text = [
        _("In the next {span} customers brought a margin of {margin}{assumed}; the plan pays if "
          "service adds at least {uplift} to that.", span=holdout_span(a), assumed=_rate(a),
          uplift=percent(spent / margin), margin=money(round(margin), a.study.currency))
    ]  # fmt: skip
    served = costs[costs["cost"] > 0]
    lost = served.index[served["uplift"] > EVERYTHING]
    if 0 < len(lost) < len(served):
        text.append(_n("In {tiers} the service costs more than the tier brought at all; there it "
                       "could be cheaper.", "In {tiers} the service costs more than these tiers "
                       "brought at all; there it could be cheaper.", len(lost),
                       tiers=listed([f"*{tier_name(tier)}*" for tier in lost])))  # fmt: skip
    elif len(lost):
        text.append(_("In no tier did customers bring as much as their service costs."))
    free = costs[(costs["cost"] == 0) & (costs["margin"] > 0)]
    if len(free) and served["margin"].sum() > 0:
        text.append(_("All of it must come from {tiers}, where the service costs anything: there "
                      "that is {uplift} more.",
                      tiers=listed([f"*{tier_name(t)}*" for t in served.index]),
                      uplift=percent(spent / served["margin"].sum())))  # fmt: skip
    cheapest = served["uplift"].idxmin()
    if len(served) > 1 and math.isfinite(served["uplift"][cheapest]):
        text.append(_("It pays most easily in *{tier}*, with {uplift} more.",
                      tier=tier_name(cheapest),
                      uplift=percent(served["uplift"][cheapest], 1)))  # fmt: skip
    return " ".join(text)


def _rate(a: Run) -> str:
    """Say that the margin is a share of what was spent, where the orders hold none."""
    if a.study.columns.margin is not None:
        return ""
    return _(" ({rate} of what they spent, the rate that the study gives)",
             rate=percent(views.plan.margin_rate(a)))  # fmt: skip


def assumed(a: Run) -> str:
    """Say which parts of the plan are not the study's own."""
    if not a.study.says("service") and a.study.preset is None:
        return _("The plan is the usual one of a sales organisation (a visit counts 2 hours with "
                 "its travel, a call a quarter of an hour); write your own under 'service' in the "
                 "study.")  # fmt: skip
    if not a.study.says("service"):
        return _("The plan comes with the preset '{preset}'; write your own under 'service' in the "
                 "study.", preset=a.study.preset)  # fmt: skip
    return ""
