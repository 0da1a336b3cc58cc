"""The sentences of the scorecard page."""

from __future__ import annotations

from segment.features.names import column_name
from segment.language import N_, _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import headline, rank, skill, top_tier
from segment.run import Run
from segment.tiering.scorecard import MISSING
from segment.words import few, listed, percent

BETTER = {"high": N_("{weight} {name} (high is better)"),
          "low": N_("{weight} {name} (low is better)")}  # fmt: skip


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the scorecard notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best),
            hangs_on(a, best)]  # fmt: skip


def hangs_on(a: Run, label: str) -> str:
    """Say how much the grades hang on the weights."""
    found = views.scorecard.indicators(a, label)
    if len(found) == 1:
        return _("{label} has one indicator only, so there is no weight to argue about.",
                 label=label)  # fmt: skip
    name = found[["up", "down"]].max(axis=1).idxmax()
    most, least = found.loc[name, ["up", "down"]].max(), found[["up", "down"]].min(axis=None)
    return _(
        "Weights are opinions. If one of them were 10 points larger or smaller, between {least} "
        "and {most} of the customers would have another grade; the grades hang most on the weight "
        "of *{name}*.",
        least=percent(least), most=percent(most), name=column_name(name),
    )  # fmt: skip


def formula(a: Run, label: str) -> list[str]:
    """Say how a score is made, and what happens where a value is missing."""
    method, found = a.methods[label], views.scorecard.indicators(a, label)
    parts = [
        _(BETTER[row["better"]], weight=percent(row["weight"]), name=column_name(name))
        for name, row in found.iterrows()
    ]
    # The last grade is everyone else: its rule says nothing.
    *rules, _last = zip(method.tiers_, method.rules()["rule"], strict=True)
    grades = [_("*{tier}* ({rule})", tier=tier_name(tier), rule=rule) for tier, rule in rules]
    grades.append(f"*{tier_name(method.tiers_[-1])}*")
    how = _(
        "**{label}.** Each customer's place among all customers, from 0 (lowest) to 1 (highest), "
        "is looked up for every indicator; customers with the same figure share a place. The "
        "score is the weighted mean of the places: {parts}. Grades are {grades}.",
        label=label, parts=listed(parts), grades=listed(grades),
    )  # fmt: skip
    return [how, missing(a, label)]


def missing(a: Run, label: str) -> str:
    """Say which indicators have missing values, and what those count as."""
    method = a.methods[label]
    gaps = method.missing_[method.missing_ > 0]
    if gaps.empty:
        return _("No value is missing in any indicator.")
    shares = [
        _("{name} for {share} of the customers", name=column_name(name), share=percent(share))
        for name, share in gaps.items()
    ]
    return _("Missing: {shares}. The rule for it: {rule}.", shares=listed(shares),
             rule=_(MISSING[method.missing]))  # fmt: skip


def scores_title(a: Run, label: str) -> str:
    """Say how many customers stand close to a limit."""
    score = views.scorecard.scores(a, label)["score"].to_numpy()
    near = (abs(score[:, None] - a.methods[label].limits_) < 0.01).any(axis=1)
    return _n("{label}: {n} customer stands within 0.01 of a limit",
              "{label}: {n} customers stand within 0.01 of a limit",
              int(near.sum()), label=label)  # fmt: skip


def sensitivity_title(a: Run, label: str) -> str:
    """Say how many customers the most delicate weight moves."""
    found = views.scorecard.indicators(a, label)[["up", "down"]]
    most = found.max(axis=None)
    if not most:
        return _("{label}: no weight matters by 10 points", label=label)
    first, *rest = [column_name(name) for name in found.index[(found >= most).any(axis=1)]]
    share = percent(most, 1)
    if not rest:
        return _("{label}: {first} moves most grades, {share}",
                 label=label, first=first, share=share)  # fmt: skip
    return _("{label}: {first} and {few} more move most grades, {share}",
             label=label, first=first, few=few(len(rest)), share=share)  # fmt: skip
