"""The sentences of two cut axes, and of the value by loyalty page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.narrate.common import FEWEST, headline, rank, skill
from segment.views import quadrants as view
from segment.words import listed, money, percent

# Below this difference from chance two axes are hardly related.
RELATED = 0.05


def answer(a: Analysis, label: str) -> list[str]:
    """Answer the value by loyalty notebook."""
    return [f"{headline(a, label)} {rank(a, [label])}", skill(a, label), one_side(a, label)]


def one_side(a: Analysis, label: str) -> str:
    """Compare those high on the first axis only with those on the second; empty if nobody is."""
    method = a.methods[label]
    (first, second), currency = method.axes, a.study.currency
    tiers = a.tier_table(label).query("customers > 0").set_index("tier")
    if not set(method.tiers_[1:3]) <= set(tiers.index):
        return ""
    one, other = (tiers.loc[tier] for tier in method.tiers_[1:3])
    told = min(one["customers"], other["customers"]) >= FEWEST
    if told and one["mean_value_low"] > other["mean_value_high"]:
        than = "more than"
    elif told and one["mean_value_high"] < other["mean_value_low"]:
        than = "less than"
    else:
        than = "which cannot be told apart from"
    return (
        f"Customers with high {first} but low {second} (*{one.name}*) later brought "
        f"{money(one['mean_value'], currency)} each, {than} the "
        f"{money(other['mean_value'], currency)} of those with high {second} but low {first} "
        f"(*{other.name}*)."
    )


def title(a: Analysis, label: str) -> str:
    """Say whether the two axes go together, against what chance alone would give."""
    both, one, other, neither = view.shares(a, label)
    together = both + neither
    chance = (both + one) * (both + other) + (other + neither) * (one + neither)
    first, second = a.methods[label].axes
    if abs(together - chance) < RELATED:
        found = f"{first.capitalize()} and {second} are hardly related"
    elif together > chance:
        found = f"{first.capitalize()} and {second} go together"
    else:
        found = f"Who is high in {first} tends to be low in {second}"
    return f"{found}: {percent(together)} are alike in both ({percent(chance)} by chance)"


def sensitivity(a: Analysis, label: str) -> str:
    """Say how many customers change class when a cut moves."""
    moved, points = view.moved_cuts(a, label), round(100 * view.POINTS)
    parts = []
    for axis, row in moved.iterrows():
        low, high = (percent(share) for share in sorted((row["up_share"], row["down_share"])))
        parts.append(f"{low if low == high else f'{low} to {high}'} of the customers ({axis})")
    text = f"A cut that moves by {points} percentile points changes the class of {listed(parts)}."
    if moved[["up", "down"]].to_numpy().min() > 0:
        return text
    return f"{text} Where nobody changes, many customers share one value and are never parted."
