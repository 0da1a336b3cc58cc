"""The sentences of the scorecard page."""

from __future__ import annotations

from segment import views
from segment.analysis import Analysis
from segment.features import NAMES
from segment.narrate.common import headline, rank, skill, top_tier
from segment.tiering.scorecard import MISSING
from segment.words import count, few, listed, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the scorecard notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best),
            hangs_on(a, best)]  # fmt: skip


def hangs_on(a: Analysis, label: str) -> str:
    """Say how much the grades hang on the weights."""
    found = views.scorecard.indicators(a, label)
    if len(found) == 1:
        return f"{label} has one indicator only, so there is no weight to argue about."
    name = found[["up", "down"]].max(axis=1).idxmax()
    most, least = found.loc[name, ["up", "down"]].max(), found[["up", "down"]].min(axis=None)
    return (
        "Weights are opinions. If one of them were 10 points larger or smaller, between "
        f"{percent(least)} and {percent(most)} of the customers would have another grade; the "
        f"grades hang most on the weight of *{NAMES.get(name, name)}*."
    )


def formula(a: Analysis, label: str) -> list[str]:
    """Say how a score is made, and what happens where a value is missing."""
    method, found = a.methods[label], views.scorecard.indicators(a, label)
    parts = [
        f"{percent(row['weight'])} {NAMES.get(name, name)} ({row['better']} is better)"
        for name, row in found.iterrows()
    ]
    grades = [
        f"*{tier}*" + ("" if rule == "everyone else" else f" ({rule})")
        for tier, rule in zip(method.tiers_, method.rules()["rule"], strict=True)
    ]
    return [
        f"**{label}.** Each customer's place among all customers, from 0 (lowest) to 1 (highest), "
        f"is looked up for every indicator; customers with the same figure share a place. The "
        f"score is the weighted mean of the places: {listed(parts)}. Grades are {listed(grades)}.",
        missing(a, label),
    ]


def missing(a: Analysis, label: str) -> str:
    """Say which indicators have missing values, and what those count as."""
    method = a.methods[label]
    gaps = method.missing_[method.missing_ > 0]
    if gaps.empty:
        return "No value is missing in any indicator."
    shares = [f"{NAMES.get(n, n)} for {percent(s)} of the customers" for n, s in gaps.items()]
    return f"Missing: {listed(shares)}. The rule for it: {MISSING[method.missing]}."


def scores_title(a: Analysis, label: str) -> str:
    """Say how many customers stand close to a limit."""
    score = views.scorecard.scores(a, label)["score"].to_numpy()
    near = (abs(score[:, None] - a.methods[label].limits_) < 0.01).any(axis=1)
    who = count(int(near.sum()), "customer")
    return f"{label}: {who} {'stands' if near.sum() == 1 else 'stand'} within 0.01 of a limit"


def sensitivity_title(a: Analysis, label: str) -> str:
    """Say how many customers the most delicate weight moves."""
    found = views.scorecard.indicators(a, label)[["up", "down"]]
    most = found.max(axis=None)
    if not most:
        return f"{label}: no weight matters by 10 points"
    first, *rest = [NAMES.get(n, n) for n in found.index[(found >= most).any(axis=1)]]
    who = f"{first} and {few(len(rest))} more move" if rest else f"{first} moves"
    return f"{label}: {who} most grades, {percent(most, 1)}"
