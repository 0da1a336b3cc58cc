"""What every page says of a scheme: span of time, best tier, skill, order."""

from __future__ import annotations

from collections.abc import Sized

import pandas as pd

from segment.analysis import Analysis
from segment.backtest import REVENUE_SORT
from segment.words import count, decimal, few, listed, money, percent, signed

# Below this many customers a resampled interval says nothing.
FEWEST = 5


def span(days: int) -> str:
    """Return a length of time in the unit a reader would use."""
    if days >= 85:
        return count(round(days / 30.44), "month")
    if days >= 21:
        return count(round(days / 7), "week")
    return count(days, "day")


def holdout_span(a: Analysis) -> str:
    """Return the length of the holdout, for example "9 months"."""
    return span((a.periods.end - a.periods.cut).days)


def top_tier(a: Analysis, label: str) -> str:
    """Say what the best tier of a scheme brought in the holdout."""
    tiers = a.tier_table(label)
    first = tiers[tiers["customers"] > 0].iloc[0]
    return (
        f"Its best tier, *{first['tier']}*, holds {percent(first['share'])} of the customers; "
        f"they brought {percent(first['value_share'])} of what came in during the next "
        f"{holdout_span(a)}, {mean_value(first, a.study.currency)} each."
    )


def mean_value(tier: pd.Series, currency: str) -> str:
    """Return a tier's holdout value per customer, with its interval if it has enough of them."""
    low, high = (money(tier[f"mean_value_{end}"], currency) for end in ("low", "high"))
    interval = f" ({low} to {high})" if tier["customers"] >= FEWEST else ""
    return f"{money(tier['mean_value'], currency)}{interval}"


def inversions(a: Analysis, label: str) -> str:
    """Say which tiers brought more per customer than a tier above them; empty if none."""
    tiers = a.tier_table(label)
    tiers = tiers[tiers["customers"] > 0].reset_index(drop=True)
    worse = tiers["mean_value_high"].shift() < tiers["mean_value_low"]
    pairs = [f"{tiers['tier'][i]} above {tiers['tier'][i - 1]}" for i in worse[worse].index]
    if not pairs:
        return ""
    shown = listed(pairs[:3] + ([f"{len(pairs) - 3} more"] if len(pairs) > 3 else []))
    return f"{label}: out of order in the holdout, by value per customer: {shown}."


def skill(a: Analysis, label: str) -> str:
    """Say what a scheme adds over the revenue sort at the same tier sizes."""
    row = a.backtest.figures.loc[label]
    if row["by_construction"]:
        return (
            "It orders customers as past revenue does, so its skill over the revenue sort is 0 "
            "by construction; what it chooses is where to cut."
        )
    interval = f"{signed(row['skill_low'])} to {signed(row['skill_high'])}"
    if row["skill_low"] > 0:
        verdict = "orders customers better than past revenue does"
    elif row["skill_high"] < 0:
        verdict = "orders customers worse than past revenue does"
    else:
        verdict = "cannot be told apart from past revenue as an order"
    return (
        f"At the same tier sizes it {verdict}: skill {signed(row['skill'])} "
        f"(95 % interval {interval})."
    )


def headline(a: Analysis, label: str) -> str:
    """Say in one sentence whether a scheme orders customers better than past revenue."""
    row = a.backtest.figures.loc[label]
    if row["skill_low"] > 0:
        return f"**Yes: at equal tier sizes, {label} orders customers better than past revenue.**"
    if row["skill_high"] < 0:
        return f"**No: at equal tier sizes, {label} orders customers worse than past revenue.**"
    return f"**As an order of customers, {label} cannot be told apart from past revenue.**"


def rank(a: Analysis, labels: list[str]) -> str:
    """Say which of some schemes sorts best, and where the whole field stands."""
    gini = a.backtest.figures.loc[labels, "gini"]
    best = gini.idxmax()
    revenue = a.backtest.figures.loc[REVENUE_SORT, "gini"]
    of = "" if len(labels) == 1 else f", the best of {few(len(labels))} variants,"
    return (
        f"On a scale where random order is 0 and perfect foresight 1, {best}{of} reaches "
        f"{decimal(gini[best])}; sorting by past revenue without any tiers reaches "
        f"{decimal(revenue)}."
    )


def some_of(part: Sized, whole: Sized) -> str:
    """Return ``"four of the 11"``, ``"all eight"`` or ``"both"``."""
    if len(part) < len(whole):
        return f"{few(len(part))} of the {few(len(whole))}"
    return "both" if len(whole) == 2 else f"all {few(len(whole))}"
