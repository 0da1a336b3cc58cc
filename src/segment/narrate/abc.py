"""The sentences of the ABC page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.narrate.common import rank, skill
from segment.views import abc as views
from segment.words import count, few, money, percent

# How a customer comes to a negative figure.
NEGATIVE = {"monetary_total": "sent back more than they bought",
            "margin_total": "cost more than they brought"}  # fmt: skip


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the ABC notebook."""
    past = a.customers[a.methods[labels[0]].by].clip(lower=0).sort_values(ascending=False)
    total = past.sum()
    fifth = past.head(max(1, round(len(past) / 5))).sum() / total if total > 0 else 0.0
    return [
        f"**The largest fifth of the customers brought {percent(fifth)} of the past "
        f"{views.measure(a, labels[0])}.** {rank(a, labels)}",
        skill(a, labels[0]),
        loss_makers(a, labels[0]),
        *negatives(a, labels),
    ]


def negatives(a: Analysis, labels: list[str]) -> list[str]:
    """Say how many customers have a negative figure, once for each column sorted by."""
    methods = {a.methods[label].by: a.methods[label] for label in reversed(labels)}
    text = []
    for by, method in reversed(methods.items()):
        if method.negative_:
            total = abs(method.negative_total_)
            size = money(total, a.study.currency) if by in NEGATIVE else f"{total:,.6g}"
            what = NEGATIVE.get(by, f"have a negative {by}")
            text.append(
                f"{count(method.negative_, 'customer')} {what}, by {size} in all; they add "
                f"nothing to the curve and are in class {method.tiers_[-1]}."
            )
    return text


def loss_makers(a: Analysis, label: str) -> str:
    """Say how many customers of the best class lose money; empty if that is not known."""
    found, method = views.loss_makers(a, label), a.methods[label]
    if found is None:
        return ""
    best, size = method.tiers_[0], int((method.labels_ == method.tiers_[0]).sum())
    if found.empty:
        return f"No customer in class {best} of {label} has a negative margin."
    bought, lost = (money(abs(found[c].sum()), a.study.currency) for c in found)
    have = "has" if len(found) == 1 else "have"
    return (
        f"**Look before you reward them:** of the {count(size, 'customer')} in class {best} of "
        f"{label}, {few(len(found))} {have} a negative margin. Together they bought for {bought}, "
        f"at a loss of {lost}."
    )


def title(a: Analysis, label: str) -> str:
    """Say how much class A holds before and after the cut."""
    method = a.methods[label]
    tier = method.tiers_[0]
    x, y = method.points_[tier]
    later = a.tier_table(label).set_index("tier")["value_share"][tier]
    past, after = views.measure(a, label), views.later_measure(a)
    after = "later" if past == after else f"later {after}"
    return (
        f"{label}: {percent(x)} of customers are {tier}, {percent(y)} of the past {past}, "
        f"{percent(later)} of the {after}"
    )
