"""The sentences of the page on an experiment."""

from __future__ import annotations

import math

import pandas as pd

from segment import views
from segment.analysis import Analysis
from segment.experiment import EFFECT, LEAST_GROUP, LEVEL, MOST_HELD_OUT, POWER
from segment.narrate.common import holdout_span
from segment.words import count, listed, money, percent


def answer(a: Analysis, label: str) -> list[str]:
    """Say whom to hold out for how long, what it shows, and what it costs."""
    plan = views.experiment.plan(a, label)
    possible = plan[plan["held_out"] > 0]
    if possible.empty:
        return [
            f"**With the tiers of {label} it cannot be found out:** none has "
            f"{count(2 * LEAST_GROUP, 'customer')}, which two groups that can be compared need. "
            "Try it on a coarser scheme, or ask customers instead."
        ]
    top = possible.iloc[0]
    return [
        hold_out(a, top) + example(a, label),
        shows(top),
        cost(a, top),
        others(plan, top),
        guesses(possible),
        "Draw them by lot, not by hand, and serve everybody else in the tier as planned; accounts "
        "that must be served whatever happens are taken out before the lot is drawn. A list "
        "drawn by lot is the same whenever it is drawn from the same tiers; it names customers, so "
        "it belongs to the confidential files and not on this page.",
    ]


def hold_out(a: Analysis, top: pd.Series) -> str:
    """Say whom to hold out in the best tier, for how long, and what that shows."""
    who = f"{top['held_out']:,} of the {count(int(top['customers']), 'customer')} of *{top.name}*"
    if top["value_effect"] > 1:
        first = (
            f"**The customers of *{top.name}* are too few, or differ too much, to see whether "
            f"service makes them spend more:** with {who} left without it for {holdout_span(a)}, "
            "not even a doubling would show."
        )
    else:
        seen = (
            f"That shows whether service makes them spend {percent(EFFECT)} more."
            if top["enough"]
            else f"Even so, only {_at_least(top['value_effect'])} more or above would show."
        )
        first = (
            f"**Leave {who}, drawn by lot, without the special service for {holdout_span(a)}, and "
            f"compare what they bring with the others. {seen}**"
        )
    return (
        f"{first} Past spending cannot answer the question: it says who will spend, not whom "
        "service moves."
    )


def example(a: Analysis, label: str) -> str:
    """Say that the scheme is only an example, where none is recommended."""
    return f" No scheme is recommended; {label} is an example." if a.verdict.refused else ""


def shows(top: pd.Series) -> str:
    """Say how sure the comparison is, and what buying again shows."""
    again = top["active"] * (1 + top["active_effect"])
    sharper = (
        "Whether they buy again at all is the sharper question: there it shows a step from "
        f"{percent(top['active'])} to {percent(again)}. "
        if top["active_effect"] < top["value_effect"]
        else ""
    )
    return (
        f"{sharper}An effect of such a size is found {percent(POWER)} of the time, and one is seen "
        f"where there is none {percent(LEVEL)} of the time."
    )


def cost(a: Analysis, top: pd.Series) -> str:
    """Say what the experiment costs in service that is not given."""
    total = top["mean"] * top["held_out"]
    return (
        f"The price: {percent(top['share'])} of the tier goes without. Customers like these "
        f"brought {money(total, a.study.currency)} in {holdout_span(a)}; if service really adds "
        f"{percent(EFFECT)}, the experiment forgoes {money(EFFECT * total, a.study.currency)}, "
        f"{percent(EFFECT * top['share'] / (1 + EFFECT), 1)} of what the tier would bring."
    )


def others(plan: pd.DataFrame, top: pd.Series) -> str:
    """Say in which of the other tiers the effect would be found, and which are too small."""
    rest = plan.drop(index=top.name)
    enough, small = rest.index[rest["enough"]], rest.index[rest["held_out"] == 0]
    limit = f"no more than {percent(MOST_HELD_OUT)} of a tier"
    text = []
    if len(enough):
        text.append(
            f"With {limit} held out, {percent(EFFECT)} more spending would show in "
            f"{_tiers(enough)}{' as well' if top['enough'] else ''}."
        )
    elif len(rest) > len(small):
        text.append(
            f"With {limit} held out, no {'other ' if top['enough'] else ''}tier would show "
            f"{percent(EFFECT)} more spending."
        )
    if len(small):
        text.append(
            f"{_tiers(small)} {'has' if len(small) == 1 else 'have'} fewer than "
            f"{count(2 * LEAST_GROUP, 'customer')}, too few for an experiment."
        )
    return " ".join(text)


def guesses(possible: pd.DataFrame) -> str:
    """Say in which tiers a few customers bring so much that the sizes are only a guess."""
    shaky = possible.index[~possible["reliable"]]
    if not len(shaky):
        return ""
    return (
        f"In {_tiers(shaky)} a few customers bring so much that these sizes are only a guess. Take "
        "such customers out before the lot is drawn, and judge the result by shuffling the groups "
        "(a permutation test), which needs no formula."
    )


def method(a: Analysis, label: str) -> str:
    """Say how the sizes were computed."""
    explained = views.experiment.plan(a, label)["explained"]
    best = explained.idxmax()
    return (
        f"The sizes rest on how much customers of a tier differed in the {holdout_span(a)} after "
        "the cut. Part of that is known beforehand: comparing what customers bring against what "
        f"they brought before takes away {percent(max(explained[best], 0.0))} of the variance in "
        f"*{best}*, the tier where it helps most. A shorter experiment sees less."
    )


def title(a: Analysis, label: str) -> str:
    """Say which effects the planned groups show."""
    plan = views.experiment.plan(a, label)
    seen = plan.loc[plan["value_effect"] < math.inf, "value_effect"]
    if seen.empty:
        return f"{label}: no tier shows an effect of service on the amount"
    least, most = seen.idxmin(), seen.idxmax()
    to = "" if least == most else f" to {_at_least(seen[most])} (tier {most})"
    return f"The planned groups show effects of {_at_least(seen[least])} (tier {least}){to} or more"


def _at_least(effect: float) -> str:
    """Write the smallest effect that shows, rounded up: a smaller one does not."""
    return percent(math.ceil(round(100 * effect, 6)) / 100)


def _tiers(names: pd.Index) -> str:
    return listed([f"*{name}*" for name in names])
