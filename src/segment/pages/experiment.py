"""How would we find out whether special service pays?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.action.experiment import (
    EFFECT,
    HELD_OUT,
    LEAST_GROUP,
    LEVEL,
    POWER,
    Measure,
    measures,
    smallest_effect,
)
from segment.action.experiment import plan as plan_of
from segment.language import N_, _, tier_name
from segment.pages._plan import costs, why_no_plan
from segment.pages._words import example, sentences, span
from segment.run.scheme import Scheme, once
from segment.words import at_least, count, listed, money, percent


def compared(scheme: Scheme) -> dict[str, dict[str, Measure]]:
    """Return what can be compared in each tier of today's customers.

    Before the cut the same money is taken as after it: the margin where the study has one,
    else the amount.
    """
    customers = scheme.customers
    before = customers.get("margin_total", customers["monetary_total"])
    today = scheme.newest_tiers.value_counts().to_dict()
    return measures(scheme.method.labels_, scheme.outcome, before, today)


@once
def plan(scheme: Scheme) -> pd.DataFrame:
    """Return the group to hold out in each tier, and what it would show; indexed by tier."""
    return plan_of(compared(scheme))


def known(scheme: Scheme, drawn: pd.DataFrame) -> dict[str, dict[str, float | str | None]]:
    """Return what is known of each tier of a list when it is drawn, for its record.

    ``rule``, ``mean`` (value of a customer in as long a time as the holdout), ``value_effect``
    (smallest share of it that so many held out show) and ``cost`` (of the service of a customer,
    a month); None where not known.
    """
    kinds, sizes = compared(scheme), scheme.newest_tiers.value_counts()
    cost = (costs(scheme)["cost"] / sizes) if not why_no_plan(scheme) else pd.Series(dtype=float)
    rules = scheme.tiers.set_index("tier").get("rule", pd.Series(dtype=object))
    held_out = drawn["tier"][drawn["group"] == HELD_OUT].value_counts()
    found = {}
    for tier, kind in kinds.items():
        effect = smallest_effect(kind["adjusted"], held_out.get(tier, 0))
        figures = {"mean": kind["adjusted"].mean, "value_effect": effect, "cost": cost.get(tier)}
        found[tier] = {"rule": rules.get(tier)} | {
            name: None if value is None or not np.isfinite(value) else float(value)
            for name, value in figures.items()
        }
    return found


@once
def to_pay(scheme: Scheme) -> pd.DataFrame:
    """Return what service must add to pay in each tier, beside what the experiment can show.

    Of the tiers that the plan spends money on and the experiment draws from: ``tier``,
    ``customers``, ``held_out``; ``uplift`` (more value that pays) and ``value_effect`` (the
    smallest that shows), shares of what the tier brings; ``response`` (more buyers that pay) and
    ``active_effect`` (the smallest that shows), shares of its customers; missing where out of
    reach. ``testable``: either shows where service pays.
    """
    if why_no_plan(scheme):
        return pd.DataFrame()
    needed = costs(scheme).query("cost > 0")[["uplift", "response"]]
    groups = plan(scheme)[["customers", "held_out", "value_effect", "active", "active_effect"]]
    table = groups.join(needed, how="inner")
    table["active_effect"] *= table.pop("active")
    ends = ["uplift", "value_effect", "response", "active_effect"]
    table[ends] = table[ends].replace(np.inf, np.nan)
    table["testable"] = (table["value_effect"] <= table["uplift"]) | (
        table["active_effect"] <= table["response"]
    )
    return table[["customers", "held_out", *ends, "testable"]].reset_index()


def pays(scheme: Scheme) -> str:
    """Say in which tiers the experiment can show whether service pays; empty without a plan."""
    parts = []
    for row in to_pay(scheme).itertuples():
        needed, seen = in_points(row.response), in_points(row.active_effect)
        if row.value_effect <= row.uplift and not row.active_effect <= row.response:
            text = N_("In *{tier}* {needed} more value would pay; the test shows {seen}.")
            needed, seen = at_least(row.uplift), at_least(row.value_effect)
        elif row.active_effect > 0 and row.response > 0:
            text = N_("In *{tier}* {needed} points more buyers would pay; the test shows {seen}.")
        else:
            continue
        parts.append(_(text, tier=tier_name(row.tier), needed=needed, seen=seen))
    return sentences(*parts)


def to_pay_title(scheme: Scheme) -> str:
    """Say in which tiers the experiment shows whether service pays."""
    table = to_pay(scheme)
    tiers = table["tier"][table["testable"]]
    if tiers.empty:
        return _("What service must add to pay, and what the test shows")
    shows = N_("The test shows whether service pays in {tiers}")
    return _(shows, tiers=listed([*map(tier_name, tiers)]))


def in_points(share: float) -> str:
    """Return a share in points, rounded up as ``at_least`` does."""
    return at_least(share).removesuffix("%")


def answer(scheme: Scheme, refused: str = "") -> list[str]:
    """Say whom to hold out for how long, what it shows, and what it costs.

    ``refused`` says why the study recommends no scheme; this one is then an example.
    """
    groups = plan(scheme)
    if groups.empty:
        return [why_no_plan(scheme)]
    possible = groups[groups["held_out"] > 0]
    if possible.empty:
        return [
            _(
                "**With the tiers of {label} it cannot be found out:** none has {customers}, which "
                "two groups that can be compared need. Try it on a coarser scheme.",
                label=scheme.label,
                customers=count(2 * LEAST_GROUP, "customer"),
            )
        ]
    top, length = possible.iloc[0], span(scheme.windows.holdout_days)
    return [
        sentences(hold_out(top, length), example(scheme, refused)),
        pays(scheme),
        cost(top, length, scheme.study.currency),
        _(
            "Draw them at random, not by hand, and serve everybody else in the tier as planned. "
            "Take out beforehand the accounts that must be served whatever happens, and the few "
            "that outweigh all others, with whom these sizes are only a guess. `segment assign` "
            "draws the list, and `segment evaluate` reads what came of it."
        ),
    ]


def hold_out(top: pd.Series, length: str) -> str:
    """Say whom to hold out in the best tier, for how long, and what that shows."""
    who = {
        "held_out": f"{top['held_out']:,}",
        "customers": count(int(top["customers"]), "customer"),
        "tier": tier_name(top.name),
        "span": length,
    }
    if top["value_effect"] > 1:
        return _(
            "**Too few customers, or too different ones, to see it in what they spend:** with "
            "{held_out} of the {customers} of *{tier}* left without the special service for "
            "{span}, not even a doubling would show.",
            **who,
        )
    leave = _(
        "**Leave {held_out} of the {customers} of *{tier}*, drawn at random, without the special "
        "service for {span}, and compare what they spend with the others.**",
        **who,
    )
    shows = _(
        "That shows whether service makes them spend {effect} more: it finds such an effect "
        "{power} of the time, and sees one where there is none {level} of the time.",
        effect=percent(EFFECT) if top["enough"] else at_least(top["value_effect"]),
        power=percent(POWER),
        level=percent(LEVEL),
    )
    return sentences(leave, shows)


def cost(top: pd.Series, length: str, currency: str) -> str:
    """Say what the experiment costs in service that is not given."""
    total = top["mean"] * top["held_out"]
    return _(
        "The price: customers like these brought {total} in {span}; if service really adds "
        "{effect}, the experiment forgoes {forgone}.",
        total=money(total, currency),
        span=length,
        effect=percent(EFFECT),
        forgone=money(EFFECT * total, currency),
    )
