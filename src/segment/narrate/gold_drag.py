"""The sentences of the gold and drag page."""

from __future__ import annotations

from segment import views
from segment.analysis import Analysis
from segment.features import NAMES
from segment.narrate.common import holdout_span, skill
from segment.words import count, few, money, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the gold and drag notebook for its first scheme."""
    label = labels[0]
    return [f"{gold(a, label)} {outsiders(a, label)}", drag(a, label), spared(a, label),
            skill(a, label)]  # fmt: skip


def gold(a: Analysis, label: str) -> str:
    """Say how many of the gold customers stayed at the top, and what they brought."""
    method, found = a.methods[label], views.gold_drag.gold(a, label)
    tier, by = method.tiers_[0], NAMES.get(method.by, method.by)
    if not found.named:
        return (
            f"**Nobody is {tier}:** too many customers share the highest {by}, and customers with "
            "the same figure are never parted."
        )
    row = a.tier_table(label).set_index("tier").loc[tier]
    return (
        f"**Of the {count(found.named, 'customer')} named {tier} by {by}, {few(found.kept)} "
        f"({percent(found.kept / found.named)}) are among the top {percent(method.gold)} of the "
        f"next {holdout_span(a)} as well.** Picked at random, it would be "
        f"{percent(method.gold)}. They brought {percent(row['value_share'])} of what came in then."
    )


def outsiders(a: Analysis, label: str) -> str:
    """Say where the next period's top came from, if not from the gold customers."""
    ranks, tiers = views.gold_drag.next_ranks(a, label), a.methods[label].tiers_
    top = ranks.iloc[:, 0].reindex(list(tiers), fill_value=0)
    if not top.sum():
        return ""
    _, ordinary, low = tiers
    from_low = few(int(top[low])) if top[low] else "none"
    return (
        f"Of the {count(int(top.sum()), 'customer')} who then stood at the top, "
        f"{percent(top.iloc[0] / top.sum())} were {tiers[0]} before, "
        f"{percent(top[ordinary] / top.sum())} {ordinary}, and {from_low} came from the {low}."
    )


def drag(a: Analysis, label: str) -> str:
    """Say what the drag brought."""
    method = a.methods[label]
    row = a.tier_table(label).set_index("tier").loc[method.tiers_[2]]
    if not row["customers"]:
        return f"Nobody counts as *{row.name}*."
    cost = "" if method.by == "margin_total" else (
        " Whether they cost more than they bring, these figures do not say: they hold no cost of "
        "service."
    )  # fmt: skip
    return (
        f"The {count(int(row['customers']), 'customer')} of *{row.name}* "
        f"({percent(row['share'])}) later brought {percent(row['value_share'])} of the value, "
        f"{money(row['mean_value'], a.study.currency)} each; {percent(row['active_share'])} of "
        f"them bought again at all.{cost}"
    )


def spared(a: Analysis, label: str) -> str:
    """Say how many newcomers would have been drag."""
    method = a.methods[label]
    low = method.tiers_[2]
    days = f"first bought at most {count(method.newcomer_days, 'day')} ago"
    if not method.spared_:
        return f"No newcomer had to be spared: nobody who {days} would have been *{low}*."
    noun = "newcomer" if method.spared_ == 1 else "newcomers"
    return (
        f"{method.spared_:,} {noun} spent little enough to be *{low}*, but {days} and "
        f"had no time to bring more; {'it is' if method.spared_ == 1 else 'they are'} counted as "
        f"*{method.tiers_[1]}*."
    )


def title(a: Analysis, label: str) -> str:
    """Say how many of the gold stayed gold."""
    found, tier = views.gold_drag.gold(a, label), a.methods[label].tiers_[0]
    if not found.named:
        return f"{label}: nobody is {tier}"
    return f"{label}: {percent(found.kept / found.named)} of {tier} stay at the top"
