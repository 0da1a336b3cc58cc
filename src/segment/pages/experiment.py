"""How would we find out whether special service pays?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segment.action.experiment import (
    EFFECT,
    LEAST_GROUP,
    LEVEL,
    MOST_HELD_OUT,
    POWER,
    Measure,
    held_out_needed,
    measures,
    smallest_effect,
)
from segment.action.experiment import plan as plan_of
from segment.language import N_, _, _n, tier_name
from segment.pages._plan import costs, why_no_plan
from segment.pages._words import example, sentences, span
from segment.scheme import Scheme, once
from segment.words import at_least, count, listed, money, percent

MEASURES = {
    "value": N_("spending"),
    "adjusted": N_("spending, against before"),
    "active": N_("buying again"),
}
POINTS = 40  # of a curve


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
        tier = tier_name(row.tier)
        buyers = {"needed": in_points(row.response), "seen": in_points(row.active_effect)}
        value = {"needed": at_least(row.uplift), "seen": at_least(row.value_effect)}
        if row.active_effect <= row.response:
            text = N_(
                "In *{tier}* {needed} points more buyers would pay, and the test shows {seen}: "
                "test it."
            )
            parts.append(_(text, tier=tier, **buyers))
        elif row.value_effect <= row.uplift:
            text = N_(
                "In *{tier}* {needed} more value would pay, and the test shows {seen}: test it."
            )
            parts.append(_(text, tier=tier, **value))
        elif row.active_effect > 0 and row.response > 0:
            text = N_(
                "In *{tier}* {needed} points more buyers would pay, but the test shows no less "
                "than {seen}."
            )
            parts.append(_(text, tier=tier, **buyers))
    return sentences(*parts)


def to_pay_title(scheme: Scheme) -> str:
    """Say in which tiers the experiment shows whether service pays."""
    table = to_pay(scheme)
    tiers = table["tier"][table["testable"]]
    if tiers.empty:
        return _("In no tier does the test show as little as service must add")
    return _(
        "The test shows whether service pays in {tiers}", tiers=listed([*map(tier_name, tiers)])
    )


def in_points(share: float) -> str:
    """Return a share in points, rounded up as ``at_least`` does."""
    return at_least(share).removesuffix("%")


def sizes(scheme: Scheme, effects: tuple[float, ...] = (0.10, EFFECT)) -> pd.DataFrame:
    """Return the held-out group that each tier needs for each measure and effect.

    ``tier``, ``measure`` in words, a column for each effect (missing if the tier is too small),
    ``smallest_effect`` that any group up to half of the tier would show (missing if none).
    """
    rows = []
    for tier, kinds in compared(scheme).items():
        for name, measure in kinds.items():
            shown = [smallest_effect(measure, size) for size in _group_sizes(measure.customers)]
            needed = {
                _("Hold out for {effect} more", effect=percent(e)): held_out_needed(measure, e)
                for e in effects
            }
            least = min(shown, default=math.inf)
            rows.append(
                {"tier": tier, "measure": MEASURES[name], **needed}
                | {"smallest_effect": least if least < math.inf else math.nan}
            )
    return pd.DataFrame(rows)


def curve(scheme: Scheme, largest: float = 5.0) -> pd.DataFrame:
    """Return the smallest effect on spending that held-out groups of all sizes show.

    ``tier``, ``held_out`` (from the smallest group to half of the tier, evenly on a log scale)
    and ``value_effect``; only effects up to ``largest``, as larger ones are no plan.
    """
    rows = [
        (tier_name(tier), size, smallest_effect(kinds["adjusted"], size))
        for tier, kinds in compared(scheme).items()
        for size in _group_sizes(kinds["adjusted"].customers)
    ]
    return pd.DataFrame(rows, columns=["tier", "held_out", "value_effect"]).query(
        "value_effect <= @largest"
    )


def _group_sizes(customers: int) -> np.ndarray:
    """Return sizes of a held-out group from the smallest to half of a tier; none if too few."""
    if customers < 2 * LEAST_GROUP:
        return np.array([], dtype=int)
    return np.unique(np.geomspace(LEAST_GROUP, customers // 2, POINTS).round().astype(int))


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
                "two groups that can be compared need. Try it on a coarser scheme, or ask "
                "customers instead.",
                label=scheme.label,
                customers=count(2 * LEAST_GROUP, "customer"),
            )
        ]
    top, length = possible.iloc[0], span(scheme.windows.holdout_days)
    return [
        sentences(hold_out(top, length), example(scheme, refused)),
        shows(top),
        pays(scheme),
        cost(top, length, scheme.study.currency),
        others(groups, top),
        guesses(possible),
        _(
            "Draw them by lot, not by hand, and serve everybody else in the tier as planned; "
            "accounts that must be served whatever happens are taken out before the lot is drawn. "
            "A list drawn by lot is the same whenever it is drawn from the same tiers; it names "
            "customers, so it belongs to the confidential files and not on this page."
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
        first = _(
            "**The customers of *{tier}* are too few, or differ too much, to see whether service "
            "makes them spend more:** with {held_out} of the {customers} of *{tier}* left without "
            "it for {span}, not even a doubling would show.",
            **who,
        )
    else:
        leave = _(
            "Leave {held_out} of the {customers} of *{tier}*, drawn by lot, without the special "
            "service for {span}, and compare what they bring with the others.",
            **who,
        )
        effect = percent(EFFECT) if top["enough"] else at_least(top["value_effect"])
        shows = N_("That shows whether service makes them spend {effect} more.")
        if not top["enough"]:
            shows = N_("Even so, only {effect} more or above would show.")
        first = f"**{sentences(leave, _(shows, effect=effect))}**"
    past = _(
        "Past spending cannot answer the question: it says who will spend, not whom service moves."
    )
    return sentences(first, past)


def shows(top: pd.Series) -> str:
    """Say how sure the comparison is, and what buying again shows."""
    sharper = ""
    if top["active_effect"] < top["value_effect"]:
        sharper = _(
            "Whether they buy again at all is the sharper question: there it shows a step from "
            "{now} to {then}.",
            now=percent(top["active"]),
            then=percent(top["active"] * (1 + top["active_effect"])),
        )
    sure = _(
        "An effect of such a size is found {power} of the time, and one is seen where there is "
        "none {level} of the time.",
        power=percent(POWER),
        level=percent(LEVEL),
    )
    return sentences(sharper, sure)


def cost(top: pd.Series, length: str, currency: str) -> str:
    """Say what the experiment costs in service that is not given."""
    total = top["mean"] * top["held_out"]
    return _(
        "The price: {share} of the tier goes without. Customers like these brought {total} in "
        "{span}; if service really adds {effect}, the experiment forgoes {forgone}, {part} of what "
        "the tier would bring.",
        share=percent(top["share"]),
        total=money(total, currency),
        span=length,
        effect=percent(EFFECT),
        forgone=money(EFFECT * total, currency),
        part=percent(EFFECT * top["share"] / (1 + EFFECT), 1),
    )


def others(groups: pd.DataFrame, top: pd.Series) -> str:
    """Say in which of the other tiers the effect would be found, and which are too small."""
    rest = groups.drop(index=top.name)
    enough, small = rest.index[rest["enough"]], rest.index[rest["held_out"] == 0]
    figures = {"most": percent(MOST_HELD_OUT), "effect": percent(EFFECT)}
    if len(enough):
        shown = _(
            "With no more than {most} of a tier held out, {effect} more spending would show in "
            "{tiers}.",
            tiers=_tiers(enough),
            **figures,
        )
    elif len(rest) > len(small):
        shown = _(
            "With no more than {most} of a tier held out, no other tier would show {effect} more "
            "spending.",
            **figures,
        )
    else:
        shown = ""
    if small.empty:
        return shown
    too_small = _n(
        "{tiers} has fewer than {customers}, too few for an experiment.",
        "{tiers} have fewer than {customers}, too few for an experiment.",
        len(small),
        tiers=_tiers(small),
        customers=count(2 * LEAST_GROUP, "customer"),
    )
    return sentences(shown, too_small)


def guesses(possible: pd.DataFrame) -> str:
    """Say in which tiers a few customers bring so much that the sizes are only a guess."""
    shaky = possible.index[~possible["reliable"]]
    if shaky.empty:
        return ""
    return _(
        "In {tiers} a few customers bring so much that these sizes are only a guess. Take such "
        "customers out before the lot is drawn, and judge the result by shuffling the groups (a "
        "permutation test), which needs no formula.",
        tiers=_tiers(shaky),
    )


def method(scheme: Scheme) -> str:
    """Say how the sizes were computed."""
    explained = plan(scheme)["explained"]
    best = explained.idxmax()
    return _(
        "The sizes rest on how much customers of a tier differed in the {span} after the cut. Part "
        "of that is known beforehand: comparing what customers bring against what they brought "
        "before takes away {share} of the variance in *{tier}*, the tier where it helps most. A "
        "shorter experiment sees less.",
        span=span(scheme.windows.holdout_days),
        share=percent(max(explained[best], 0.0)),
        tier=tier_name(best),
    )


def title(groups: pd.DataFrame) -> str:
    """Say which effects the planned groups show."""
    seen = groups["value_effect"][lambda effects: effects < math.inf]
    if seen.empty:
        return _("No tier shows an effect of service on the amount")
    least, most = seen.idxmin(), seen.idxmax()
    figures = {"least": at_least(seen[least]), "tier": tier_name(least)}
    if least == most:
        return _("The planned groups show effects of {least} (tier {tier}) or more", **figures)
    return _(
        "The planned groups show effects of {least} (tier {tier}) to {most} (tier {other}) or more",
        most=at_least(seen[most]),
        other=tier_name(most),
        **figures,
    )


def _tiers(names: pd.Index) -> str:
    return listed([f"*{tier_name(name)}*" for name in names])
