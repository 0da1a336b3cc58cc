"""The sentences of the page on learned tiers."""

from __future__ import annotations

import pandas as pd

from segment.language import _
from segment.pages.narrate.common import headline, holdout_span, rank, skill, top_tier
from segment.run import Run
from segment.tiering import CLV
from segment.words import count, decimal, money, percent, signed


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the page on learned tiers."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [
        f"{headline(a, best)} {rank(a, labels)}",
        skill(a, best),
        top_tier(a, best),
        *(how(a, label) for label in labels),
    ]


def how(a: Run, label: str) -> str:
    """Say what a method learned from, and how well it did where it could be checked."""
    method = a.methods[label]
    if method.fallback_:
        return _(
            "{label} learned nothing that it could use, so its tiers are the order of past "
            "revenue: {reason}.",
            label=label, reason=_(method.fallback_),
        )  # fmt: skip
    if isinstance(method, CLV):
        return _(
            "{label} assumes that customers buy at steady rates of their own until they stop "
            "(BG/NBD), and spend around a level of their own (Gamma-Gamma); it was fitted to "
            "what was seen before {cut}.",
            label=label, cut=a.windows.cut,
        )  # fmt: skip
    q = method.quality_
    return _(
        "{label} learned from {customers}: what they had done in the first two thirds of the time "
        "before {cut} explains what they brought in its last third. Nothing after the cut was "
        "seen. Among customers held out of the learning it reached {gini}, past value alone {past} "
        "(difference {difference}, standard error {error}).",
        label=label, customers=count(q["customers"], "customer"), cut=a.windows.cut,
        gini=decimal(q["gini"]), past=decimal(q["gini_past_value"]),
        difference=signed(q["difference"]), error=decimal(q["standard_error"], 3),
    )  # fmt: skip


def groups_title(a: Run, groups: pd.DataFrame) -> str:
    """Say what the best tenth by each order brought."""
    first = groups[groups["group"] == groups["group"].min()].set_index("order")["value"]
    predicted, past = (money(first[order], a.study.currency) for order in first.index)
    return _("The best tenth by prediction brought {predicted} each, by past revenue {past}",
             predicted=predicted, past=past)  # fmt: skip


def drivers_title(drivers: pd.DataFrame) -> str:
    """Say which figures the prediction rests on."""
    share = drivers["importance"].clip(lower=0)
    if not share.sum():
        return _("No single figure drives the prediction")
    return _("The prediction rests most on {feature} ({share})", feature=drivers["feature"].iloc[0],
             share=percent(share.iloc[0] / share.sum()))  # fmt: skip


def coming_back(a: Run, label: str) -> str:
    """Say how many of the best tier by prediction past revenue would have missed."""
    method = a.methods[label]
    best = method.labels_ == method.tiers_[0]
    past = a.customers["monetary_total"].rank(ascending=False, method="min")
    others = best & (past > best.sum())
    if not others.any():
        return ""
    value, currency = a.outcome["value"], a.study.currency
    replaced = (past <= best.sum()) & ~best
    said = {
        "label": label, "customers": count(int(others.sum()), "customer"),
        "span": holdout_span(a), "value": money(value[others].mean(), currency),
    }  # fmt: skip
    if replaced.any():
        return _(
            "{label}: {customers} of its best tier would not be there by past revenue; in the "
            "{span} after the cut they brought {value} each and those whose place they took "
            "{replaced}.",
            replaced=money(value[replaced].mean(), currency), **said,
        )  # fmt: skip
    return _(
        "{label}: {customers} of its best tier would not be there by past revenue; in the {span} "
        "after the cut they brought {value} each.",
        **said,
    )
