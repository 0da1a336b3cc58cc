"""The sentences of the value by loyalty page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.narrate.common import headline, rank, skill
from segment.words import money, percent


def answer(a: Analysis, label: str) -> list[str]:
    """Answer the value by loyalty notebook."""
    tiers = a.tier_table(label).query("customers > 0").set_index("tier")
    _, functional, emotional, _ = a.methods[label].tiers_
    text = [f"{headline(a, label)} {rank(a, [label])}", skill(a, label)]
    if not {functional, emotional} <= set(tiers.index):
        return text
    low, high = tiers["mean_value"][emotional], tiers["mean_value"][functional]
    more = "less" if low < high else "more"
    currency = a.study.currency
    return [
        *text,
        f"Loyal customers with small purchases (*{emotional}*) later brought "
        f"{money(low, currency)} each, {more} than the {money(high, currency)} of customers with "
        f"large purchases and little loyalty (*{functional}*).",
    ]


def title(a: Analysis, label: str) -> str:
    """Say how many customers have both value and loyalty, or neither."""
    share = a.methods[label].labels_.value_counts(normalize=True, sort=False)
    ends = share.iloc[0] + share.iloc[3]
    return f"Value and loyalty go together for {percent(ends)} of the customers"
