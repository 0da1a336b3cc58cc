"""What the service plan costs, what it must bring, and what that hangs on."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segment.action import capacity
from segment.action.capacity.load import STEP
from segment.language import _, _n, tier_name
from segment.pages._words import sentences, span
from segment.pages.service_plan import (
    contacts,
    in_hours,
    load,
    margin_rate,
    months,
    named,
    team,
    tiers,
)
from segment.scheme import Scheme, once
from segment.words import listed, money, percent

MOST_BARS = 10


@once
def costs(scheme: Scheme) -> pd.DataFrame:
    """Return what the service of each tier costs and must bring: ``capacity.costs``.

    ``response`` is infinite where more than all customers of a tier would have to buy.
    """
    table = tiers(scheme)
    table = capacity.costs(
        contacts(scheme),
        team(scheme),
        table["customers"],
        table["margin"],
        table["buyers"],
        months(scheme),
    )
    table["response"] = table["response"].mask(table["response"] > 1, np.inf)
    return table


@once
def tornado(scheme: Scheme) -> pd.DataFrame:
    """Return how far the outcome moves with each assumption, the widest first.

    ``assumption`` in words, ``low`` and ``high`` (outcome with the figure lower and higher),
    ``base``: the break-even where it is known, else the hours; see ``outcome``.
    """
    table = tiers(scheme)
    margin = table["margin"].sum(skipna=False)
    moves = capacity.tornado(
        contacts(scheme),
        team(scheme),
        table["customers"],
        float(margin) if margin > 0 else None,
        months(scheme),
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
    """Say what the plan costs, and whether it pays."""
    return [price(scheme), pays(scheme)]


def price(scheme: Scheme) -> str:
    """Say what the plan costs, and what it does not count."""
    table, people, currency = costs(scheme), team(scheme), scheme.study.currency
    if people.empty or table["hours"].sum() == 0:
        return ""
    if table["cost"].isna().all():
        return _("The study names no cost per hour, so there is no money on this page.")
    worked = contacts(scheme).assign(hours=capacity.hours).query("hours > 0")["role"].unique()
    uncounted = [_(role) for role in worked if pd.isna(people["cost"].get(role))]
    return sentences(
        _(
            "The plan costs {month} a month, {year} a year.",
            month=money(round(table["cost"].sum()), currency),
            year=money(round(table["cost_year"].sum()), currency),
        ),
        _(
            "That leaves out the hours of {roles}, whose cost the study does not give.",
            roles=listed(uncounted),
        )
        if uncounted
        else "",
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
            "Customers brought no margin in the next {span}, so the plan could not pay.",
            span=length,
        )
    rate = _(
        " ({rate} of what they spent, the rate that the study gives)",
        rate=percent(margin_rate(scheme)),
    )
    return sentences(
        _(
            "In the next {span} customers brought a margin of {margin}{assumed}; the plan pays "
            "if service adds at least {uplift} to that.",
            span=length,
            margin=money(round(margin), scheme.study.currency),
            assumed="" if scheme.by_margin else rate,
            uplift=percent(spent / margin),
        ),
        *where_it_pays(table),
    )


def where_it_pays(table: pd.DataFrame) -> list[str]:
    """Say in which tiers service can pay, of the frame that ``costs`` gives."""
    served = table[table["cost"] > 0]
    # More than all that was brought: no service pays by what customers buy now.
    lost = served.index[served["uplift"] > 1]
    text = []
    if 0 < len(lost) < len(served):
        text.append(
            _n(
                "In {tiers} the service costs more than the tier brought at all; there it could "
                "be cheaper.",
                "In {tiers} the service costs more than these tiers brought at all; there it "
                "could be cheaper.",
                len(lost),
                tiers=named(lost),
            )
        )
    elif len(lost):
        text.append(_("In no tier did customers bring as much as their service costs."))
    if len(table.query("cost == 0 and margin > 0")) and served["margin"].sum() > 0:
        uplift = served["cost_period"].sum() / served["margin"].sum()
        text.append(
            _(
                "All of it must come from {tiers}, where the service costs anything: there that "
                "is {uplift} more.",
                tiers=named(served.index),
                uplift=percent(uplift),
            )
        )
    easiest = served["uplift"].idxmin()
    if len(served) > 1 and math.isfinite(served["uplift"][easiest]):
        text.append(
            _(
                "It pays most easily in *{tier}*, with {uplift} more.",
                tier=tier_name(easiest),
                uplift=percent(served["uplift"][easiest], 1),
            )
        )
    return text


def takes(scheme: Scheme) -> str:
    """Say in few words what the plan takes in hours and money, and what it must bring."""
    roles, table = load(scheme), costs(scheme)
    there = roles.dropna(subset="available")
    if there.empty:
        return _(
            "{needed} a month; the study names no team to hold that against.",
            needed=in_hours(roles["needed"].sum()),
        )
    cost, spent, margin = (
        table[name].sum(skipna=False) for name in ("cost", "cost_period", "margin")
    )
    effort = [in_hours(there["needed"].sum())]
    if math.isfinite(cost):
        effort.append(money(round(cost), scheme.study.currency))
    first = _(
        "{effort} a month; the team has {available} for customers.",
        effort=listed(effort),
        available=in_hours(there["available"].sum()),
    )
    short = [*there["role"][there["short"]]]
    return sentences(
        first,
        _("The hours do not suffice for: {roles}.", roles=listed(short)) if short else "",
        _(
            "It pays if it adds at least {uplift} to the margin that customers bring.",
            uplift=percent(spent / margin),
        )
        if spent > 0 and margin > 0
        else "",
    )


def reachable(share: float) -> str:
    """Return a share that must be reached as a percentage, or that it cannot be."""
    return _("out of reach") if math.isinf(share) else percent(share, 1)


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
