"""What the service plan costs, what it must bring, and what that hangs on."""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity
from segment.action.capacity import STEP
from segment.language import N_, _, _n, tier_name
from segment.pages._plan import (
    LAPSED,
    contacts,
    costs,
    few,
    given,
    groups,
    guess,
    margin_rate,
    months,
    named,
    team,
    tiers,
    why_no_plan,
)
from segment.pages._words import sentences, span
from segment.scheme import Scheme, once
from segment.words import at_least, listed, money, percent

MOST_BARS = 10
# What keeping a customer is said to cost, of winning one.
FIFTH = 0.2


@once
def costs_shown(scheme: Scheme) -> pd.DataFrame:
    """Return ``costs`` as the page shows them: no figure of few customers, none to earn back."""
    table, known = costs(scheme).drop(columns="hours"), tiers(scheme)
    unknown = few(scheme) | (known["at_cut"] == 0)
    table["margin"] = table["margin"].mask(unknown)
    needed = ["uplift", "response"]
    table[needed] = table[needed].mask(unknown | (table["cost"] == 0))
    more = [name for name in ("benefits", "must_keep") if table[name].sum() > 0]
    return table[["customers", "cost", "cost_year", "margin", *needed, *more]]


@once
def per_hour(scheme: Scheme) -> pd.DataFrame:
    """Return what customers brought, and their service costs, per hour of it.

    ``tier``, ``margin_hour``, ``cost_hour``; without tiers that take no hours or tell no money.
    """
    table = costs(scheme).join(costs_shown(scheme)["margin"].notna().rename("told"))
    table = table[table["told"] & (table["hours"] > 0)].dropna(subset=["margin", "cost_period"])
    money = table[["margin", "cost_period"]].div(months(scheme) * table["hours"], axis="index")
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
    table = tiers(scheme).drop(index=LAPSED, errors="ignore")
    margin = table["margin"].sum(skipna=False)
    rows = groups(scheme)
    paid = (rows["customers"] * given(scheme) / 12).groupby(rows["tier"]).sum()
    each = (paid / table["customers"].where(table["customers"] > 0)).fillna(0.0)
    moves = capacity.tornado(
        contacts(scheme),
        team(scheme),
        table["customers"],
        float(margin) if margin > 0 else None,
        months(scheme),
        each.reindex(table.index),
    )
    changes = {
        "hours": _("hours per contact ±{step}", step=percent(STEP)),
        "cost": _("cost per hour ±{step}", step=percent(STEP)),
        "margin": _("margin rate ±{step}", step=percent(STEP)),
    }
    moves["assumption"] = [
        changes[row.assumption]
        if row.assumption in changes
        else _("contacts with {tier}", tier=tier_name(row.tier))
        if row.assumption == "contacts"
        else _("customers in {tier} ±{step}", tier=tier_name(row.tier), step=percent(STEP))
        for row in moves.itertuples()
    ]
    return moves.drop(columns="tier").head(MOST_BARS)


def outcome(scheme: Scheme) -> str:
    """Return what the tornado is about: "uplift" where costs and margin are known, or "hours"."""
    cost, margin = (costs(scheme)[name].sum(skipna=False) for name in ("cost", "margin"))
    return "uplift" if cost > 0 and margin > 0 else "hours"


def answer(scheme: Scheme) -> list[str]:
    """Say what the plan costs, and what must come of it."""
    if why_no_plan(scheme):
        return []
    return [sentences(price(scheme), pays(scheme)), replacing(scheme)]


def price(scheme: Scheme) -> str:
    """Say what the plan costs, and what it does not count."""
    table, people, currency = costs(scheme), team(scheme), scheme.study.currency
    extra = table["benefits"].sum()
    if (people.empty or table["hours"].sum() == 0) and not extra:
        return ""
    if table["cost"].isna().all():
        return _("The study names no cost per hour, so there is no money on this page.")
    worked = contacts(scheme).assign(hours=capacity.hours).query("hours > 0")["role"].unique()
    uncounted = [_(role) for role in worked if pd.isna(people["cost"].get(role))]
    return sentences(
        _(
            "The plan costs {month} a month, {year} a year{assumed}.",
            month=money(round(table["cost"].sum()), currency),
            year=money(round(table["cost_year"].sum()), currency),
            assumed=guess(scheme),
        ),
        _("Of it {benefits} a month are benefits.", benefits=money(round(extra), currency))
        if extra
        else "",
        _(
            "That leaves out the hours of {roles}, whose cost the study does not give.",
            roles=listed(uncounted),
        )
        if uncounted
        else "",
    )


def replacing(scheme: Scheme) -> str:
    """Set what keeping a customer costs against winning one; empty if either is not known."""
    won, table = scheme.study.costs.acquisition, costs(scheme).drop(index=LAPSED, errors="ignore")
    stay, year = tiers(scheme)["buyers"].reindex(table.index).sum(), table["cost_year"].sum()
    if won is None or not year > 0 or not stay > 0:
        return ""
    keep, currency = year / stay, scheme.study.currency
    text = (
        N_("the rule that keeping costs a fifth of winning understates what winning costs")
        if keep / won < FIFTH / 2
        else N_("the rule that keeping costs a fifth of winning holds")
        if keep / won <= FIFTH * 1.5
        else N_("the rule that keeping costs a fifth of winning does not hold")
    )
    return _(
        "By this plan a customer who buys again costs {keep} a year, winning a new one {won}: "
        "{share} of it, so {rule} here.",
        keep=money(keep, currency),
        won=money(won, currency),
        share=percent(keep / won),
        rule=_(text),
    )


def pays(scheme: Scheme) -> str:
    """Say how much more customers must spend for the plan to pay, and where it cannot."""
    table = costs(scheme)
    spent, margin = (table[name].sum(skipna=False) for name in ("cost_period", "margin"))
    if math.isnan(spent) or spent == 0:
        return ""
    if math.isnan(margin):
        return _(
            "Whether that pays cannot be said: the orders hold no margin, and the study no "
            "'margin_rate' under 'costs'."
        )
    length = span(scheme.windows.holdout_days)
    if margin <= 0:
        return _(
            "Customers brought no margin in {span}, so the plan could not pay.",
            span=length,
        )
    rate = _(
        " ({rate} of what they spent, the rate that the study gives)",
        rate=percent(margin_rate(scheme)),
    )
    return sentences(
        _(
            "As many customers of each tier at the cut brought a margin of {margin}{assumed} in "
            "the {span} after it.",
            span=length,
            margin=money(round(margin), scheme.study.currency),
            assumed="" if scheme.by_margin else rate,
        ),
        where_it_pays(table),
    )


def where_it_pays(table: pd.DataFrame) -> str:
    """Say how much more each served tier must bring, of the frame that ``costs`` gives."""
    served = table[table["cost"] > 0]
    needed = [
        _("*{tier}* {uplift} more", tier=tier_name(tier), uplift=at_least(uplift))
        for tier, uplift in served["uplift"][served["uplift"] <= 1].items()
    ]
    lost = served.index[served["uplift"] > 1]
    return sentences(
        _("Service pays where it makes a tier bring: {needed}.", needed=listed(needed))
        if needed
        else "",
        _n(
            "In {tiers} the service costs more than the tier brought at all.",
            "In {tiers} the service costs more than these tiers brought at all.",
            len(lost),
            tiers=named(lost),
        )
        if len(lost)
        else "",
    )


def reachable(share: float) -> str:
    """Return a share that must be reached as a percentage, or that it cannot be."""
    return _("out of reach") if math.isinf(share) else at_least(share)


def costs_title(scheme: Scheme) -> str:
    """Head the table of costs; assumed ones are marked."""
    return _("What the service costs{assumed}, and what it must bring", assumed=guess(scheme))


def tornado_title(scheme: Scheme) -> str:
    """Say on which assumption the outcome hangs most."""
    moves = tornado(scheme)
    if moves.empty:
        return _("Nothing is planned, so nothing moves it")
    first, in_percent = moves.iloc[0], outcome(scheme) == "uplift"
    base, *ends = (
        percent(value) if in_percent else f"{value:,.0f}"
        for value in (first["base"], *sorted([first["low"], first["high"]]))
    )
    figures = {"base": base, "low": ends[0], "high": ends[1], "what": first["assumption"]}
    if in_percent:
        return _("The plan needs {base} more margin; {low} to {high} with {what}", **figures)
    return _("The plan takes {base} hours a month; {low} to {high} with {what}", **figures)


def tornado_note() -> str:
    """Say how the bars are made."""
    return _(
        "Each bar changes one figure and keeps the others. Contacts move over the range in the "
        "plan, such as 2-3 a month, else by {step}; a tier's customers come from the last tier "
        "or go there.",
        step=percent(STEP),
    )
