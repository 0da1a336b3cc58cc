"""The sentences of the ABC page."""

from __future__ import annotations

from segment.features.names import column_name
from segment.language import N_, _, _n, tier_name
from segment.pages.narrate.common import rank, skill
from segment.pages.views import abc as views
from segment.run import Run
from segment.words import count, few, money, percent

# How a customer comes to a negative figure.
NEGATIVE = {
    "monetary_total": N_(
        "{customers} sent back more than they bought, by {size} in all; they add nothing to the "
        "curve and are in class {tier}."
    ),
    "margin_total": N_(
        "{customers} cost more than they brought, by {size} in all; they add nothing to the curve "
        "and are in class {tier}."
    ),
}


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the ABC notebook."""
    past = a.customers[a.methods[labels[0]].by].clip(lower=0).sort_values(ascending=False)
    total = past.sum()
    fifth = past.head(max(1, round(len(past) / 5))).sum() / total if total > 0 else 0.0
    first = _(
        "**The largest fifth of the customers brought {share} of the past {measure}.**",
        share=percent(fifth), measure=views.measure(a, labels[0]),
    )  # fmt: skip
    return [
        f"{first} {rank(a, labels)}",
        skill(a, labels[0]),
        loss_makers(a, labels[0]),
        *negatives(a, labels),
    ]


def negatives(a: Run, labels: list[str]) -> list[str]:
    """Say how many customers have a negative figure, once for each column sorted by."""
    methods = {a.methods[label].by: a.methods[label] for label in reversed(labels)}
    text = []
    for by, method in reversed(methods.items()):
        if method.negative_:
            who, total = count(method.negative_, "customer"), abs(method.negative_total_)
            tier = tier_name(method.tiers_[-1])
            if by in NEGATIVE:
                size = money(total, a.study.currency)
                text.append(_(NEGATIVE[by], customers=who, size=size, tier=tier))
                continue
            text.append(
                _("{customers} have a negative {by}, by {size} in all; they add nothing to the "
                  "curve and are in class {tier}.",
                  customers=who, by=column_name(by), size=f"{total:,.6g}", tier=tier)
            )  # fmt: skip
    return text


def loss_makers(a: Run, label: str) -> str:
    """Say how many customers of the best class lose money; empty if that is not known."""
    found, method = views.loss_makers(a, label), a.methods[label]
    if found is None:
        return ""
    best, size = tier_name(method.tiers_[0]), int((method.labels_ == method.tiers_[0]).sum())
    if found.empty:
        return _("No customer in class {tier} of {label} has a negative margin.",
                 tier=best, label=label)  # fmt: skip
    bought, lost = (money(abs(found[c].sum()), a.study.currency) for c in found)
    return _n(
        "**Look before you reward them:** of the {customers} in class {tier} of {label}, {few} "
        "has a negative margin. Together they bought for {bought}, at a loss of {lost}.",
        "**Look before you reward them:** of the {customers} in class {tier} of {label}, {few} "
        "have a negative margin. Together they bought for {bought}, at a loss of {lost}.",
        len(found), customers=count(size, "customer"), tier=best, label=label,
        few=few(len(found)), bought=bought, lost=lost,
    )  # fmt: skip


def title(a: Run, label: str) -> str:
    """Say how much class A holds before and after the cut."""
    method = a.methods[label]
    tier = method.tiers_[0]
    x, y = method.points_[tier]
    later = a.tier_table(label).set_index("tier")["value_share"][tier]
    past, after = views.measure(a, label), views.later_measure(a)
    shares = {"x": percent(x), "y": percent(y), "later": percent(later)}
    if past == after:
        return _("{label}: {x} of customers are {tier}, {y} of the past {past}, {later} of the "
                 "later", label=label, tier=tier_name(tier), past=past, **shares)  # fmt: skip
    return _("{label}: {x} of customers are {tier}, {y} of the past {past}, {later} of the later "
             "{after}", label=label, tier=tier_name(tier), past=past, after=after,
             **shares)  # fmt: skip
