"""The sentences of the page on an experiment."""

from __future__ import annotations

import math

import pandas as pd

from segment.action.experiment import EFFECT, LEAST_GROUP, LEVEL, MOST_HELD_OUT, POWER
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span, sentences
from segment.run import Run
from segment.words import count, listed, money, percent


def answer(a: Run, label: str) -> list[str]:
    """Say whom to hold out for how long, what it shows, and what it costs."""
    plan = views.experiment.plan(a, label)
    possible = plan[plan["held_out"] > 0]
    if possible.empty:
        return [
            _(
                "**With the tiers of {label} it cannot be found out:** none has {customers}, which "
                "two groups that can be compared need. Try it on a coarser scheme, or ask "
                "customers instead.",
                label=label,
                customers=count(2 * LEAST_GROUP, "customer"),
            )
        ]
    top = possible.iloc[0]
    return [
        sentences(hold_out(a, top), example(a, label)),
        shows(top),
        cost(a, top),
        others(plan, top),
        guesses(possible),
        _(
            "Draw them by lot, not by hand, and serve everybody else in the tier as planned; "
            "accounts that must be served whatever happens are taken out before the lot is drawn. "
            "A list drawn by lot is the same whenever it is drawn from the same tiers; it names "
            "customers, so it belongs to the confidential files and not on this page."
        ),
    ]


def hold_out(a: Run, top: pd.Series) -> str:
    """Say whom to hold out in the best tier, for how long, and what that shows."""
    who = {
        "held_out": f"{top['held_out']:,}",
        "customers": count(int(top["customers"]), "customer"),
        "tier": tier_name(top.name),
        "span": holdout_span(a),
    }
    if top["value_effect"] > 1:
        first = _(
            "**The customers of *{tier}* are too few, or differ too much, to see whether service "
            "makes them spend more:** with {held_out} of the {customers} of *{tier}* left without "
            "it for {span}, not even a doubling would show.",
            **who,
        )
    elif top["enough"]:
        first = _(
            "**Leave {held_out} of the {customers} of *{tier}*, drawn by lot, without the special "
            "service for {span}, and compare what they bring with the others. That shows whether "
            "service makes them spend {effect} more.**",
            effect=percent(EFFECT),
            **who,
        )
    else:
        first = _(
            "**Leave {held_out} of the {customers} of *{tier}*, drawn by lot, without the special "
            "service for {span}, and compare what they bring with the others. Even so, only "
            "{effect} more or above would show.**",
            effect=at_least(top["value_effect"]),
            **who,
        )
    past = _(
        "Past spending cannot answer the question: it says who will spend, not whom service moves."
    )
    return sentences(first, past)


def example(a: Run, label: str) -> str:
    """Say that the scheme is only an example, where none is recommended."""
    if not a.verdict.refused:
        return ""
    return _("No scheme is recommended; {label} is an example.", label=label)


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


def cost(a: Run, top: pd.Series) -> str:
    """Say what the experiment costs in service that is not given."""
    total = top["mean"] * top["held_out"]
    return _(
        "The price: {share} of the tier goes without. Customers like these brought {total} in "
        "{span}; if service really adds {effect}, the experiment forgoes {forgone}, {part} of what "
        "the tier would bring.",
        share=percent(top["share"]),
        total=money(total, a.study.currency),
        span=holdout_span(a),
        effect=percent(EFFECT),
        forgone=money(EFFECT * total, a.study.currency),
        part=percent(EFFECT * top["share"] / (1 + EFFECT), 1),
    )


def others(plan: pd.DataFrame, top: pd.Series) -> str:
    """Say in which of the other tiers the effect would be found, and which are too small."""
    rest = plan.drop(index=top.name)
    enough, small = rest.index[rest["enough"]], rest.index[rest["held_out"] == 0]
    shown = _shown_elsewhere(enough, top) if len(enough) or len(rest) > len(small) else ""
    if not len(small):
        return shown
    too_small = _n(
        "{tiers} has fewer than {customers}, too few for an experiment.",
        "{tiers} have fewer than {customers}, too few for an experiment.",
        len(small),
        tiers=_tiers(small),
        customers=count(2 * LEAST_GROUP, "customer"),
    )
    return sentences(shown, too_small)


def _shown_elsewhere(enough: pd.Index, top: pd.Series) -> str:
    """Say in which tiers beside the best the effect would show, which may be none."""
    found = {"most": percent(MOST_HELD_OUT), "effect": percent(EFFECT)}
    if len(enough) and top["enough"]:
        return _(
            "With no more than {most} of a tier held out, {effect} more spending would show in "
            "{tiers} as well.",
            tiers=_tiers(enough),
            **found,
        )
    if len(enough):
        return _(
            "With no more than {most} of a tier held out, {effect} more spending would show in "
            "{tiers}.",
            tiers=_tiers(enough),
            **found,
        )
    if top["enough"]:
        return _(
            "With no more than {most} of a tier held out, no other tier would show {effect} more "
            "spending.",
            **found,
        )
    return _(
        "With no more than {most} of a tier held out, no tier would show {effect} more spending.",
        **found,
    )


def guesses(possible: pd.DataFrame) -> str:
    """Say in which tiers a few customers bring so much that the sizes are only a guess."""
    shaky = possible.index[~possible["reliable"]]
    if not len(shaky):
        return ""
    return _(
        "In {tiers} a few customers bring so much that these sizes are only a guess. Take such "
        "customers out before the lot is drawn, and judge the result by shuffling the groups (a "
        "permutation test), which needs no formula.",
        tiers=_tiers(shaky),
    )


def method(a: Run, label: str) -> str:
    """Say how the sizes were computed."""
    explained = views.experiment.plan(a, label)["explained"]
    best = explained.idxmax()
    return _(
        "The sizes rest on how much customers of a tier differed in the {span} after the cut. Part "
        "of that is known beforehand: comparing what customers bring against what they brought "
        "before takes away {share} of the variance in *{tier}*, the tier where it helps most. A "
        "shorter experiment sees less.",
        span=holdout_span(a),
        share=percent(max(explained[best], 0.0)),
        tier=tier_name(best),
    )


def title(a: Run, label: str) -> str:
    """Say which effects the planned groups show."""
    plan = views.experiment.plan(a, label)
    seen = plan.loc[plan["value_effect"] < math.inf, "value_effect"]
    if seen.empty:
        return _("{label}: no tier shows an effect of service on the amount", label=label)
    least, most = seen.idxmin(), seen.idxmax()
    found = {"least": at_least(seen[least]), "tier": tier_name(least)}
    if least == most:
        return _("The planned groups show effects of {least} (tier {tier}) or more", **found)
    return _(
        "The planned groups show effects of {least} (tier {tier}) to {most} (tier {other}) or more",
        most=at_least(seen[most]),
        other=tier_name(most),
        **found,
    )


def at_least(effect: float) -> str:
    """Write the smallest effect that shows, rounded up: a smaller one does not."""
    return percent(math.ceil(round(1000 * effect, 6)) / 1000, 1)


def _tiers(names: pd.Index) -> str:
    return listed([f"*{tier_name(name)}*" for name in names])
