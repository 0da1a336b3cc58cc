"""The sentences of the gold and drag page."""

from __future__ import annotations

from segment.features.names import column_name
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span, skill
from segment.run import Run
from segment.words import count, few, money, percent


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the gold and drag notebook for its first scheme."""
    label = labels[0]
    return [f"{gold(a, label)} {outsiders(a, label)}", drag(a, label), spared(a, label),
            skill(a, label)]  # fmt: skip


def gold(a: Run, label: str) -> str:
    """Say how many of the gold customers stayed at the top, and what they brought."""
    method, found = a.methods[label], views.gold_drag.gold(a, label)
    tier, by = tier_name(method.tiers_[0]), column_name(method.by)
    if not found.named:
        return _(
            "**Nobody is {tier}:** too many customers share the highest {by}, and customers with "
            "the same figure are never parted.",
            tier=tier, by=by,
        )  # fmt: skip
    row = a.tier_table(label).set_index("tier").loc[method.tiers_[0]]
    return _(
        "**Of the {customers} named {tier} by {by}, {few} ({share}) are among the top {top} of the "
        "next {span} as well.** Picked at random, it would be {top}. They brought {value} of what "
        "came in then.",
        customers=count(found.named, "customer"), tier=tier, by=by, few=few(found.kept),
        share=percent(found.kept / found.named), top=percent(method.gold), span=holdout_span(a),
        value=percent(row["value_share"]),
    )  # fmt: skip


def outsiders(a: Run, label: str) -> str:
    """Say where the next period's top came from, if not from the gold customers."""
    ranks, tiers = views.gold_drag.next_ranks(a, label), a.methods[label].tiers_
    top = ranks.iloc[:, 0].reindex(list(tiers), fill_value=0)
    if not top.sum():
        return ""
    gold, ordinary, low = (tier_name(tier) for tier in tiers)
    first, second, last = top
    said = {
        "customers": count(int(top.sum()), "customer"), "gold": gold, "ordinary": ordinary,
        "drag": low, "first": percent(first / top.sum()), "second": percent(second / top.sum()),
    }  # fmt: skip
    if not last:
        return _("Of the {customers} who then stood at the top, {first} were {gold} before, "
                 "{second} {ordinary}, and none came from the {drag}.", **said)  # fmt: skip
    return _("Of the {customers} who then stood at the top, {first} were {gold} before, {second} "
             "{ordinary}, and {few} came from the {drag}.", few=few(int(last)), **said)  # fmt: skip


def drag(a: Run, label: str) -> str:
    """Say what the drag brought."""
    method = a.methods[label]
    row = a.tier_table(label).set_index("tier").loc[method.tiers_[2]]
    tier = tier_name(row.name)
    if not row["customers"]:
        return _("Nobody counts as *{tier}*.", tier=tier)
    text = _(
        "The {customers} of *{tier}* ({share}) later brought {value} of the value, {mean} each; "
        "{active} of them bought again at all.",
        customers=count(int(row["customers"]), "customer"), tier=tier,
        share=percent(row["share"]), value=percent(row["value_share"]),
        mean=money(row["mean_value"], a.study.currency), active=percent(row["active_share"]),
    )  # fmt: skip
    if method.by == "margin_total":
        return text
    silent = _("Whether they cost more than they bring, these figures do not say: they hold no "
               "cost of service.")  # fmt: skip
    return f"{text} {silent}"


def spared(a: Run, label: str) -> str:
    """Say how many newcomers would have been drag."""
    method = a.methods[label]
    days = count(method.newcomer_days, "day")
    ordinary, low = (tier_name(tier) for tier in method.tiers_[1:3])
    if not method.spared_:
        return _("No newcomer had to be spared: nobody who first bought at most {days} ago would "
                 "have been *{drag}*.", days=days, drag=low)  # fmt: skip
    return _n(
        "{n} newcomer spent little enough to be *{drag}*, but first bought at most {days} ago and "
        "had no time to bring more; it is counted as *{ordinary}*.",
        "{n} newcomers spent little enough to be *{drag}*, but first bought at most {days} ago "
        "and had no time to bring more; they are counted as *{ordinary}*.",
        method.spared_, days=days, drag=low, ordinary=ordinary,
    )  # fmt: skip


def title(a: Run, label: str) -> str:
    """Say how many of the gold stayed gold."""
    found, tier = views.gold_drag.gold(a, label), tier_name(a.methods[label].tiers_[0])
    if not found.named:
        return _("{label}: nobody is {tier}", label=label, tier=tier)
    return _("{label}: {share} of {tier} stay at the top", label=label, tier=tier,
             share=percent(found.kept / found.named))  # fmt: skip
