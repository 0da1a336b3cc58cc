"""What every page says of a scheme: span of time, best tier, skill, order."""

from __future__ import annotations

from collections.abc import Sized

import pandas as pd

from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.profiles import FEWEST
from segment.language import _, current, tier_name
from segment.run import Run
from segment.words import count, decimal, few, listed, money, percent, signed


def span(days: int) -> str:
    """Return a length of time in the unit a reader would use."""
    if days >= 85:
        return count(round(days / 30.44), "month")
    if days >= 21:
        return count(round(days / 7), "week")
    return count(days, "day")


def holdout_span(a: Run) -> str:
    """Return the length of the holdout, for example "9 months"."""
    return span((a.windows.end - a.windows.cut).days)


def sentences(*parts: str) -> str:
    """Return sentences one after the other, without those that are empty; Chinese needs no gap."""
    return ("" if current() == "zh" else " ").join(part for part in parts if part)


def too_few(a: Run, customers: int | pd.Series) -> bool | pd.Series:
    """Return whether a number of customers is small enough to point at somebody.

    Pages that name nobody hold such a number back, and the money that goes with it.
    """
    return (customers > 0) & (customers < FEWEST) & (a.study.identifiers == "hide")


def top_tier(a: Run, label: str) -> str:
    """Say what the best tier of a scheme brought in the holdout."""
    tiers = a.tier_table(label)
    first = tiers[tiers["customers"] > 0].iloc[0]
    figures = {
        "tier": tier_name(first["tier"]),
        "share": percent(first["share"]),
        "value_share": percent(first["value_share"]),
        "span": holdout_span(a),
        "mean": mean_value(first, a.study.currency),
    }
    if a.study.columns.margin is not None:
        return _(
            "Its best tier, *{tier}*, holds {share} of the customers; they brought {value_share} "
            "of the margin of the next {span}, {mean} each.",
            **figures,
        )
    return _(
        "Its best tier, *{tier}*, holds {share} of the customers; they brought {value_share} of "
        "what came in during the next {span}, {mean} each.",
        **figures,
    )


def mean_value(tier: pd.Series, currency: str) -> str:
    """Return a tier's holdout value per customer, with its interval if it has enough of them."""
    mean, low, high = (
        money(tier[name], currency) for name in ("mean_value", "mean_value_low", "mean_value_high")
    )
    if tier["customers"] < FEWEST:
        return mean
    return _("{value} ({low} to {high})", value=mean, low=low, high=high)


def inversions(a: Run, label: str) -> str:
    """Say which tiers brought more per customer than a tier above them; empty if none."""
    tiers = a.tier_table(label)
    tiers = tiers[tiers["customers"] > 0].reset_index(drop=True)
    worse = tiers["mean_value_high"].shift() < tiers["mean_value_low"]
    names = tiers["tier"].map(tier_name)
    pairs = [
        _("{tier} above {other}", tier=names[i], other=names[i - 1]) for i in worse[worse].index
    ]
    if not pairs:
        return ""
    more = [_("{number} more", number=len(pairs) - 3)] if len(pairs) > 3 else []
    return _(
        "{label}: out of order in the holdout, by value per customer: {pairs}.",
        label=label,
        pairs=listed(pairs[:3] + more),
    )


def skill(a: Run, label: str) -> str:
    """Say what a scheme adds over the revenue sort at the same tier sizes."""
    row = a.backtest.figures.loc[label]
    if row["by_construction"]:
        return _(
            "It orders customers as past revenue does, so its skill over the revenue sort is 0 "
            "by construction; what it chooses is where to cut."
        )
    found = {name: signed(row[column]) for name, column in
             {"skill": "skill", "low": "skill_low", "high": "skill_high"}.items()}  # fmt: skip
    if row["skill_low"] > 0:
        return _(
            "At the same tier sizes it orders customers better than past revenue does: skill "
            "{skill} (95 % interval {low} to {high}).",
            **found,
        )
    if row["skill_high"] < 0:
        return _(
            "At the same tier sizes it orders customers worse than past revenue does: skill "
            "{skill} (95 % interval {low} to {high}).",
            **found,
        )
    return _(
        "At the same tier sizes it cannot be told apart from past revenue as an order: skill "
        "{skill} (95 % interval {low} to {high}).",
        **found,
    )


def headline(a: Run, label: str) -> str:
    """Say in one sentence whether a scheme orders customers better than past revenue."""
    row = a.backtest.figures.loc[label]
    if row["skill_low"] > 0:
        return _(
            "**Yes: at equal tier sizes, {label} orders customers better than past revenue.**",
            label=label,
        )
    if row["skill_high"] < 0:
        return _(
            "**No: at equal tier sizes, {label} orders customers worse than past revenue.**",
            label=label,
        )
    return _(
        "**As an order of customers, {label} cannot be told apart from past revenue.**",
        label=label,
    )


def rank(a: Run, labels: list[str]) -> str:
    """Say which of some schemes sorts best, and where the whole field stands."""
    gini = a.backtest.figures.loc[labels, "gini"]
    best = gini.idxmax()
    reached = decimal(gini[best])
    revenue = decimal(a.backtest.figures.loc[REVENUE_SORT, "gini"])
    if len(labels) == 1:
        return _(
            "On a scale where random order is 0 and perfect foresight 1, {label} reaches {gini}; "
            "sorting by past revenue without any tiers reaches {revenue}.",
            label=best,
            gini=reached,
            revenue=revenue,
        )
    return _(
        "On a scale where random order is 0 and perfect foresight 1, {label}, the best of "
        "{number} variants, reaches {gini}; sorting by past revenue without any tiers reaches "
        "{revenue}.",
        label=best,
        number=few(len(labels)),
        gini=reached,
        revenue=revenue,
    )


def some_of(part: Sized, whole: Sized) -> str:
    """Return ``"four of the 11"``, ``"all eight"`` or ``"both"``."""
    if len(part) < len(whole):
        return _("{part} of the {whole}", part=few(len(part)), whole=few(len(whole)))
    return _("both") if len(whole) == 2 else _("all {whole}", whole=few(len(whole)))
