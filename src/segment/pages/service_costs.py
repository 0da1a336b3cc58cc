"""What the service plan costs, what it must bring, and what that hangs on."""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity
from segment.action.capacity import STEP
from segment.language import _, tier_name
from segment.pages import _plan
from segment.pages._words import sentences, span
from segment.run.scheme import Scheme, once
from segment.words import about, at_least, listed, money, more, percent

MOST_BARS = 10


@once
def costs_shown(scheme: Scheme) -> pd.DataFrame:
    """Return ``costs`` as the page shows them: no figure of few customers, none to earn back."""
    table, known = _plan.costs(scheme).drop(columns="hours"), _plan.tiers(scheme)
    unknown = _plan.few(scheme) | (known["at_cut"] == 0)
    table["margin"] = table["margin"].mask(unknown)
    needed = ["uplift", "response"]
    table[needed] = table[needed].mask(unknown | (table["cost"] == 0))
    given = [name for name in ("benefits", "must_keep") if table[name].sum() > 0]
    return table[["customers", "cost", "cost_year", "margin", *needed, *given]]


@once
def per_hour(scheme: Scheme) -> pd.DataFrame:
    """Return what customers brought, and their service costs, per hour of it.

    ``tier``, ``margin_hour``, ``cost_hour``; without tiers that take no hours or tell no money.
    """
    table = _plan.costs(scheme).join(costs_shown(scheme)["margin"].notna().rename("told"))
    table = table[table["told"] & (table["hours"] > 0)].dropna(subset=["margin", "cost_period"])
    hours = _plan.months(scheme) * table["hours"]
    money = table[["margin", "cost_period"]].div(hours, axis="index")
    return money.set_axis(["margin_hour", "cost_hour"], axis=1).rename_axis("tier").reset_index()


def per_hour_title(scheme: Scheme) -> str:
    """Say what an hour with the best tier meets, and what it costs."""
    first = per_hour(scheme).iloc[0]
    amounts = {name: money(first[name], scheme.study.currency) for name in first.index[1:]}
    return _(
        "An hour of service in {tier} costs {cost_hour}; its customers bring {margin_hour} for it",
        tier=tier_name(first["tier"]),
        **amounts,
    )


@once
def tornado(scheme: Scheme) -> pd.DataFrame:
    """Return how far the outcome moves with each assumption, the widest first.

    ``assumption`` in words, ``low`` and ``high`` (outcome with the figure lower and higher),
    ``base``: the break-even where it is known, else the hours; see ``outcome``.
    """
    table = _plan.tiers(scheme).drop(index=_plan.LAPSED, errors="ignore")
    margin = table["margin"].sum(skipna=False)
    rows = _plan.groups(scheme)
    paid = (rows["customers"] * _plan.given(scheme) / 12).groupby(rows["tier"]).sum()
    each = (paid / table["customers"].where(table["customers"] > 0)).fillna(0.0)
    moves = capacity.tornado(
        _plan.contacts(scheme),
        _plan.team(scheme),
        table["customers"],
        float(margin) if margin > 0 else None,
        _plan.months(scheme),
        each.reindex(table.index),
    )
    changed = {
        "hours": _("Hours per contact"),
        "cost": _("Cost per hour"),
        "margin": _("Margin rate"),
        "contacts": _("Contacts a year"),
        "size": _("Customers"),
    }
    moves["assumption"] = [
        f"{changed[row.assumption]}, {tier_name(row.tier)}" if row.tier else changed[row.assumption]
        for row in moves.itertuples()
    ]
    return moves.drop(columns="tier").head(MOST_BARS)


def outcome(scheme: Scheme) -> str:
    """Return what the tornado is about: "uplift" where costs and margin are known, or "hours"."""
    cost, margin = (_plan.costs(scheme)[name].sum(skipna=False) for name in ("cost", "margin"))
    return "uplift" if cost > 0 and margin > 0 else "hours"


def answer(scheme: Scheme) -> list[str]:
    """Say what the plan costs, and what must come of it."""
    if _plan.why_no_plan(scheme):
        return []
    return [sentences(price(scheme), pays(scheme)), replacing(scheme)]


def price(scheme: Scheme) -> str:
    """Say what the plan costs, and what it does not count."""
    table, people, currency = _plan.costs(scheme), _plan.team(scheme), scheme.study.currency
    extra = table["benefits"].sum()
    if (people.empty or table["hours"].sum() == 0) and not extra:
        return ""
    if table["cost"].isna().all():
        return _("The study names no cost per hour, so there is no money on this page.")
    worked = _plan.contacts(scheme).assign(hours=capacity.hours).query("hours > 0")["role"].unique()
    uncounted = [_(role) for role in worked if pd.isna(people["cost"].get(role))]
    return sentences(
        _(
            "The plan costs {month} a month, {year} a year{assumed}.",
            month=about(table["cost"].sum(), currency),
            year=about(table["cost_year"].sum(), currency),
            assumed=_plan.guess(scheme),
        ),
        _(
            "That leaves out the hours of {roles}, whose cost the study does not give.",
            roles=listed(uncounted),
        )
        if uncounted
        else "",
    )


def replacing(scheme: Scheme) -> str:
    """Set what keeping a customer costs against winning one; empty if either is not known."""
    won = scheme.study.costs.acquisition
    table = _plan.costs(scheme).drop(index=_plan.LAPSED, errors="ignore")
    stay, year = _plan.tiers(scheme)["buyers"].reindex(table.index).sum(), table["cost_year"].sum()
    if won is None or not year > 0 or not stay > 0:
        return ""
    keep, currency = year / stay, scheme.study.currency
    return _(
        "By this plan a customer who buys again costs {keep} a year, winning a new one {won}: "
        "{share} of it, where a rule of thumb says a fifth.",
        keep=money(keep, currency),
        won=money(won, currency),
        share=percent(keep / won),
    )


def pays(scheme: Scheme) -> str:
    """Say how much more customers must spend for the plan to pay, and where it cannot."""
    table = _plan.costs(scheme)
    spent, margin = (table[name].sum(skipna=False) for name in ("cost_period", "margin"))
    if math.isnan(spent) or spent == 0:
        return ""
    if math.isnan(margin):
        return _(
            "Whether that pays cannot be said: the orders hold no margin, and the study no "
            "'margin_rate' under 'costs'."
        )
    length = span(scheme.windows.holdout_days)
    rate = _(
        " ({rate} of what they spent, the rate that the study gives)",
        rate=percent(_plan.margin_rate(scheme)),
    )
    return sentences(
        _(
            "As many customers of each tier at the cut brought a margin of {margin}{assumed} in "
            "the {span} after it.",
            span=length,
            margin=about(margin, scheme.study.currency),
            assumed="" if scheme.by_margin else rate,
        ),
        where_it_pays(table),
    )


def where_it_pays(table: pd.DataFrame) -> str:
    """Say how much more each served tier must bring, of the frame that ``costs`` gives."""
    served = table[table["cost"] > 0]
    needed = [
        f"*{tier_name(tier)}* {more(uplift, at_least)}"
        for tier, uplift in served["uplift"][served["uplift"] <= 1].items()
    ]
    lost = served.index[served["uplift"] > 1]
    return sentences(
        _("Service pays where it makes a tier bring: {needed}.", needed=listed(needed))
        if needed
        else "",
        _("In {tiers} the service costs more than customers brought.", tiers=_plan.named(lost))
        if len(lost)
        else "",
    )


def reachable(share: float) -> str:
    """Return a share that must be reached as a percentage, or that it cannot be."""
    return _("out of reach") if math.isinf(share) else at_least(share)


def costs_title(scheme: Scheme) -> str:
    """Head the table of costs; assumed ones are marked."""
    return _("What the service costs{assumed}, and what it must bring", assumed=_plan.guess(scheme))


def tornado_title(scheme: Scheme) -> str:
    """Say on which assumption the outcome hangs most."""
    moves = tornado(scheme)
    first, in_percent = moves.iloc[0], outcome(scheme) == "uplift"
    base, low, high = (
        percent(value) if in_percent else _plan.in_hours(value)
        for value in (first["base"], *sorted([first["low"], first["high"]]))
    )
    return _(
        "{what} moves the plan most: {low} to {high} instead of {base}",
        what=first["assumption"],
        low=low,
        high=high,
        base=base,
    )


def tornado_note() -> str:
    """Say how the bars are made."""
    return _(
        "Each bar changes one figure by {step} and keeps the others. Contacts move over the range "
        "in the plan, such as 2-3 a month; a tier's customers come from the last tier or go there.",
        step=percent(STEP),
    )
