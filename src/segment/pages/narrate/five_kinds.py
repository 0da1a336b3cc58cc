"""The sentences of the page of the five kinds."""

from __future__ import annotations

import pandas as pd

from segment.features.names import column_name
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span, rank, skill
from segment.run import Run
from segment.words import listed, money, percent


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the notebook of the five kinds."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    first_calls = f"{unhappy_keys(a, best)} {once_large(a, best)}".strip()
    return [f"{brought(a, best)} {rank(a, labels)}", skill(a, best), first_calls,
            unknown(a, best), *(untold(a, label) for label in labels)]  # fmt: skip


def brought(a: Run, label: str) -> str:
    """Say what the key customers brought after the cut, and what the dormant did."""
    found = views.five_kinds.kinds(a, label).set_index("tier").query("customers > 0")
    key, dormant = a.methods[label].names[0], a.methods[label].names[-1]
    if key not in found.index:
        return _("**No customer is *{key}*: they share one amount, or are all {dormant}.**",
                 key=tier_name(key), dormant=tier_name(dormant))  # fmt: skip
    first = found.loc[key]
    number = int(first["customers"])
    text = _n(
        "**The customer called *{key}*, {share} of all, brought {value} of what came in during the "
        "next {span}.**",
        "**The {n} customers called *{key}*, {share} of all, brought {value} of what came in "
        "during the next {span}.**",
        number, key=tier_name(key), share=percent(first["share"]),
        value=percent(first["value_share"]), span=holdout_span(a),
    )  # fmt: skip
    if dormant not in found.index:
        return text
    last = found.loc[dormant]
    rest = _(
        "The {number} *{dormant}* ones ({share}) brought {value}; {active} of them bought again.",
        number=f"{int(last['customers']):,}", dormant=tier_name(dormant),
        share=percent(last["share"]), value=percent(last["value_share"]),
        active=percent(last["active_share"]),
    )  # fmt: skip
    return f"{text} {rest}"


def unhappy_keys(a: Run, label: str) -> str:
    """Say how many of the largest customers are unhappy; empty where nobody can know."""
    found = views.five_kinds.kinds(a, label).set_index("tier")
    first = found.loc[a.methods[label].names[0]]
    if pd.isna(first["unhappy"]) or not first["customers"]:
        return ""
    if not first["unhappy"]:
        return _("None of the key customers is known to be unhappy.")
    return _n(
        "{n} key customer of {all} is known to be unhappy and brought {amount} before the cut. "
        "They count as key, not as marginal, and need the first visits.",
        "{n} key customers of {all} are known to be unhappy and brought {amount} before the cut. "
        "They count as key, not as marginal, and need the first visits.",
        int(first["unhappy"]), all=f"{int(first['customers']):,}",
        amount=money(first["unhappy_past"], a.study.currency),
    )  # fmt: skip


def once_large(a: Run, label: str) -> str:
    """Say how many dormant customers were as large as a key customer; empty if none."""
    found = views.five_kinds.kinds(a, label).set_index("tier")
    dormant = a.methods[label].names[-1]
    number = int(found.loc[dormant, "large"])
    if not number:
        return ""
    return _(
        "Of the {dormant} dormant, {number} brought as much as a key customer before they fell "
        "silent: ask why.",
        dormant=f"{int(found.loc[dormant, 'customers']):,}", number=f"{number:,}",
    )  # fmt: skip


def untold(a: Run, label: str) -> str:
    """Say which kinds the data cannot tell, and why; empty if they tell all."""
    reasons = a.methods[label].untold_
    if not reasons:
        return ""
    kinds = [_("*{kind}* ({why})", kind=tier_name(kind), why=why) for kind, why in reasons.items()]
    return _(
        "{label}: the data cannot tell {kinds}. Such customers stand among the other kinds; the "
        "columns belong to the customers table of the study.",
        label=label, kinds=listed(kinds),
    )  # fmt: skip


def unknown(a: Run, label: str) -> str:
    """Say how much is known of the customers' mood; empty if everything is."""
    known = a.methods[label].known_
    partly = [
        _("{name} of {share}", name=column_name(name), share=percent(share))
        for name, share in known.items() if share < 1
    ]  # fmt: skip
    if not partly:
        return ""
    return _(
        "The customers table tells {parts} of the customers. What is unknown never counts, so some "
        "of the others may be unhappy, too.",
        parts=listed(partly),
    )


def shares_title(a: Run, label: str) -> str:
    """Say what part the key customers had, and have."""
    first = views.five_kinds.kinds(a, label).iloc[0]
    if not first["customers"]:
        return _("What part of customers and value each kind holds")
    return _(
        "{tier}: {share} of the customers, {past} of the past amount, {value} of the later value",
        tier=tier_name(first["tier"]), share=percent(first["share"]),
        past=percent(first["past_share"]), value=percent(first["value_share"]),
    )  # fmt: skip


def growth_title(a: Run, label: str) -> str:
    """Say what growth adds among customers of the same past value."""
    cells = views.five_kinds.value_by_growth(a, label)
    mean = cells.pivot(index="value", columns="growth", values="mean")
    growing, shrinking = mean.iloc[:, 0], mean.iloc[:, -2]
    both = (growing.notna() & shrinking.notna()).sum()
    if not both:
        return _("What customers later brought, by past amount and growth")
    return _(
        "Growing customers later brought more than shrinking ones in {more} of {both} classes of "
        "past amount",
        more=int((growing > shrinking).sum()), both=both,
    )  # fmt: skip
