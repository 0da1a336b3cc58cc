"""The sentences of the page on learned tiers."""

from __future__ import annotations

import pandas as pd

from segment.analysis import Analysis
from segment.narrate.common import headline, holdout_span, rank, skill, top_tier
from segment.tiering import CLV
from segment.words import count, decimal, listed, money, percent, signed


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the page on learned tiers."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [
        f"{headline(a, best)} {rank(a, labels)}",
        skill(a, best),
        top_tier(a, best),
        *(how(a, label) for label in labels),
    ]


def how(a: Analysis, label: str) -> str:
    """Say what a method learned from, and how well it did where it could be checked."""
    method = a.methods[label]
    if method.fallback_:
        return (
            f"{label} learned nothing that it could use, so its tiers are the order of past "
            f"revenue: {method.fallback_}."
        )
    if isinstance(method, CLV):
        return (
            f"{label} assumes that customers buy at steady rates of their own until they stop "
            "(BG/NBD), and spend around a level of their own (Gamma-Gamma); it was fitted to "
            f"what was seen before {a.periods.cut}."
        )
    q = method.quality_
    return (
        f"{label} learned from {count(q['customers'], 'customer')}: what they had done in "
        f"the first two thirds of the time before {a.periods.cut} explains what they brought "
        "in its last third. Nothing after the cut was seen. Among customers held out of the "
        "learning it "
        f"reached {decimal(q['gini'])}, past value alone {decimal(q['gini_past_value'])} "
        f"(difference {signed(q['difference'])}, standard error {decimal(q['standard_error'], 3)})."
    )


def groups_title(a: Analysis, groups: pd.DataFrame) -> str:
    """Say what the best tenth by each order brought."""
    first = groups[groups["group"] == groups["group"].min()].set_index("order")["value"]
    predicted, past = (money(first[order], a.study.currency) for order in first.index)
    return f"The best tenth by prediction brought {predicted} each, by past revenue {past}"


def drivers_title(drivers: pd.DataFrame) -> str:
    """Say which figures the prediction rests on."""
    share = drivers["importance"].clip(lower=0)
    if not share.sum():
        return "No single figure drives the prediction"
    first = drivers["feature"].iloc[0]
    return f"The prediction rests most on {first} ({percent(share.iloc[0] / share.sum())})"


def coming_back(a: Analysis, label: str) -> str:
    """Say how many of the best tier by prediction past revenue would have missed."""
    method = a.methods[label]
    best = method.labels_ == method.tiers_[0]
    past = a.customers["monetary_total"].rank(ascending=False, method="min")
    others = best & (past > best.sum())
    if not others.any():
        return ""
    value = a.outcome["value"]
    replaced = (past <= best.sum()) & ~best
    currency = a.study.currency
    parts = [f"{count(int(others.sum()), 'customer')} of its best tier would not be there by past "
             f"revenue; in the {holdout_span(a)} after the cut they brought "
             f"{money(value[others].mean(), currency)} each"]  # fmt: skip
    if replaced.any():
        parts.append(f"those whose place they took {money(value[replaced].mean(), currency)}")
    return f"{label}: {listed(parts)}."
