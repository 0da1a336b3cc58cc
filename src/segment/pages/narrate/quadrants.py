"""The sentences of two cut axes, and of the value by loyalty page."""

from __future__ import annotations

from segment.evidence.profiles import FEWEST
from segment.features.names import axis_name
from segment.language import _, tier_name
from segment.pages.narrate.common import headline, rank, skill
from segment.pages.views import quadrants as view
from segment.run import Run
from segment.words import listed, money, percent

# Below this difference from chance two axes are hardly related.
RELATED = 0.05


def answer(a: Run, label: str) -> list[str]:
    """Answer the value by loyalty notebook."""
    return [f"{headline(a, label)} {rank(a, [label])}", skill(a, label), one_side(a, label)]


def one_side(a: Run, label: str) -> str:
    """Compare those high on the first axis only with those on the second; empty if nobody is."""
    method = a.methods[label]
    tiers = a.tier_table(label).query("customers > 0").set_index("tier")
    if not set(method.tiers_[1:3]) <= set(tiers.index):
        return ""
    one, other = (tiers.loc[tier] for tier in method.tiers_[1:3])
    first, second = (axis_name(axis).lower() for axis in method.axes)
    said = {
        "first": first, "second": second,
        "one": tier_name(one.name), "other": tier_name(other.name),
        "value": money(one["mean_value"], a.study.currency),
        "others": money(other["mean_value"], a.study.currency),
    }  # fmt: skip
    told = min(one["customers"], other["customers"]) >= FEWEST
    if told and one["mean_value_low"] > other["mean_value_high"]:
        return _(
            "Customers with high {first} but low {second} (*{one}*) later brought {value} each, "
            "more than the {others} of those with high {second} but low {first} (*{other}*).",
            **said,
        )
    if told and one["mean_value_high"] < other["mean_value_low"]:
        return _(
            "Customers with high {first} but low {second} (*{one}*) later brought {value} each, "
            "less than the {others} of those with high {second} but low {first} (*{other}*).",
            **said,
        )
    return _(
        "Customers with high {first} but low {second} (*{one}*) later brought {value} each, which "
        "cannot be told apart from the {others} of those with high {second} but low {first} "
        "(*{other}*).",
        **said,
    )


def title(a: Run, label: str) -> str:
    """Say whether the two axes go together, against what chance alone would give."""
    both, one, other, neither = view.shares(a, label)
    together = both + neither
    chance = (both + one) * (both + other) + (other + neither) * (one + neither)
    first, second = (axis_name(axis) for axis in a.methods[label].axes)
    said = {"second": second.lower(), "together": percent(together), "chance": percent(chance)}
    if abs(together - chance) < RELATED:
        return _("{first} and {second} are hardly related: {together} are alike in both "
                 "({chance} by chance)", first=first, **said)  # fmt: skip
    if together > chance:
        return _("{first} and {second} go together: {together} are alike in both "
                 "({chance} by chance)", first=first, **said)  # fmt: skip
    return _("Who is high in {first} tends to be low in {second}: {together} are alike in both "
             "({chance} by chance)", first=first.lower(), **said)  # fmt: skip


def sensitivity(a: Run, label: str) -> str:
    """Say how many customers change class when a cut moves."""
    moved, parts = view.moved_cuts(a, label), []
    for axis, row in moved.iterrows():
        low, high = (percent(share) for share in sorted((row["up_share"], row["down_share"])))
        name = axis_name(axis).lower()
        if low == high:
            parts.append(_("{share} of the customers ({axis})", share=low, axis=name))
        else:
            parts.append(
                _("{low} to {high} of the customers ({axis})", low=low, high=high, axis=name)
            )
    text = _("A cut that moves by {points} percentile points changes the class of {parts}.",
             points=round(100 * view.POINTS), parts=listed(parts))  # fmt: skip
    if moved[["up", "down"]].to_numpy().min() > 0:
        return text
    same = _("Where nobody changes, many customers share one value and are never parted.")
    return f"{text} {same}"
