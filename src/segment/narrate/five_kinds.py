"""The sentences of the page of the five kinds."""

from __future__ import annotations

import pandas as pd

from segment import views
from segment.analysis import Analysis
from segment.narrate.common import holdout_span, rank, skill
from segment.words import count, listed, money, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the notebook of the five kinds."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    first_calls = f"{unhappy_keys(a, best)} {once_large(a, best)}".strip()
    return [f"{brought(a, best)} {rank(a, labels)}", skill(a, best), first_calls,
            unknown(a, best), *(untold(a, label) for label in labels)]  # fmt: skip


def brought(a: Analysis, label: str) -> str:
    """Say what the key customers brought after the cut, and what the dormant did."""
    found = views.five_kinds.kinds(a, label).set_index("tier").query("customers > 0")
    key, dormant = a.methods[label].names[0], a.methods[label].names[-1]
    if key not in found.index:
        return f"**No customer is *{key}*: they share one amount, or are all {dormant}.**"
    first = found.loc[key]
    who = count(int(first["customers"]), "customer").removeprefix("1 ")
    text = (
        f"**The {who} called *{key}*, "
        f"{percent(first['share'])} of all, brought {percent(first['value_share'])} of what came "
        f"in during the next {holdout_span(a)}.**"
    )
    if dormant not in found.index:
        return text
    last = found.loc[dormant]
    return (
        f"{text} The {int(last['customers']):,} *{dormant}* ones ({percent(last['share'])}) "
        f"brought {percent(last['value_share'])}; {percent(last['active_share'])} of them bought "
        "again."
    )


def unhappy_keys(a: Analysis, label: str) -> str:
    """Say how many of the largest customers are unhappy; empty where nobody can know."""
    found = views.five_kinds.kinds(a, label).set_index("tier")
    first = found.loc[a.methods[label].names[0]]
    if pd.isna(first["unhappy"]) or not first["customers"]:
        return ""
    if not first["unhappy"]:
        return "None of the key customers is known to be unhappy."
    number = int(first["unhappy"])
    return (
        f"{count(number, 'key customer')} of {int(first['customers']):,} "
        f"{'is' if number == 1 else 'are'} known to be unhappy and brought "
        f"{money(first['unhappy_past'], a.study.currency)} before the cut. They count as key, not "
        "as marginal, and need the first visits."
    )


def once_large(a: Analysis, label: str) -> str:
    """Say how many dormant customers were as large as a key customer; empty if none."""
    found = views.five_kinds.kinds(a, label).set_index("tier")
    dormant = a.methods[label].names[-1]
    number = int(found.loc[dormant, "large"])
    if not number:
        return ""
    return (
        f"Of the {int(found.loc[dormant, 'customers']):,} dormant, {number:,} brought as much as a "
        "key customer before they fell silent: ask why."
    )


def untold(a: Analysis, label: str) -> str:
    """Say which kinds the data cannot tell, and why; empty if they tell all."""
    reasons = a.methods[label].untold_
    if not reasons:
        return ""
    kinds = listed([f"*{kind}* ({why})" for kind, why in reasons.items()])
    return (
        f"{label}: the data cannot tell {kinds}. Such customers stand among the other kinds; the "
        "columns belong to the customers table of the study."
    )


def unknown(a: Analysis, label: str) -> str:
    """Say how much is known of the customers' mood; empty if everything is."""
    known = a.methods[label].known_
    partly = [f"{name} of {percent(share)}" for name, share in known.items() if share < 1]
    if not partly:
        return ""
    return (
        f"The customers table tells {listed(partly)} of the customers. What is unknown never "
        "counts, so some of the others may be unhappy, too."
    )


def shares_title(a: Analysis, label: str) -> str:
    """Say what part the key customers had, and have."""
    first = views.five_kinds.kinds(a, label).iloc[0]
    if not first["customers"]:
        return "What part of customers and value each kind holds"
    return (
        f"{first['tier']}: {percent(first['share'])} of the customers, "
        f"{percent(first['past_share'])} of the past amount, {percent(first['value_share'])} of "
        "the later value"
    )


def growth_title(a: Analysis, label: str) -> str:
    """Say what growth adds among customers of the same past value."""
    cells = views.five_kinds.value_by_growth(a, label)
    mean = cells.pivot(index="value", columns="growth", values="mean")
    growing, shrinking = mean.iloc[:, 0], mean.iloc[:, -2]
    both = (growing.notna() & shrinking.notna()).sum()
    if not both:
        return "What customers later brought, by past amount and growth"
    more = int((growing > shrinking).sum())
    return (
        f"Growing customers later brought more than shrinking ones in {more} of {both} "
        "classes of past amount"
    )
