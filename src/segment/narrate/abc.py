"""The sentences of the ABC page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.narrate.common import rank, skill
from segment.words import percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the ABC notebook."""
    past = a.customers["monetary_total"].clip(lower=0).sort_values(ascending=False)
    fifth = past.head(max(1, round(len(past) / 5))).sum() / past.sum()
    return [
        f"**The largest fifth of the customers brought {percent(fifth)} of the past amount.** "
        + rank(a, labels),
        skill(a, labels[0]),
    ]


def title(a: Analysis, label: str) -> str:
    """Say how much of the amount class A holds before and after the cut."""
    method = a.methods[label]
    (x, y), tier = next(iter(method.points_.values())), method.tiers_[0]
    later = a.tier_table(label).set_index("tier")["value_share"][tier]
    return (
        f"{label}: {percent(x)} of customers are {tier}, {percent(y)} of the past amount, "
        f"{percent(later)} of the later"
    )
