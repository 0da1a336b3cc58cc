"""The sentences of the lifecycle page."""

from __future__ import annotations

import pandas as pd

from segment import views
from segment.analysis import Analysis
from segment.narrate.common import rank, skill
from segment.words import count, listed, money, percent, signed


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the lifecycle notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [f"{slipping(a, best)} {comes_back(a, best)}", prospects(a, best), rank(a, labels),
            skill(a, best)]  # fmt: skip


def slipping(a: Analysis, label: str) -> str:
    """Say how many customers are at risk, dormant or lost, and how much stands with them."""
    found = _stages(a, label)
    late = found.loc[list(a.methods[label].tiers_[2:])]
    if not late["customers"].any():
        return f"**None of {count(len(a.customers), 'customer')} is {listed(late.index, 'or')}.**"
    parts = [
        f"{int(n):,} {'is' if n == 1 else 'are'} {stage}" for stage, n in late["customers"].items()
    ]
    return (
        f"**Of {count(len(a.customers), 'customer')}, {listed(parts)}; they brought "
        f"{percent(late['past_share'].sum())} of {_past_words(a)}, "
        f"{money(late['past'].sum(), a.study.currency)}.**"
    )


def comes_back(a: Analysis, label: str) -> str:
    """Say what each stage did after the cut, and whether the stages stand in order."""
    found = _stages(a, label).query("customers > 0")
    tiers = [name for name in a.methods[label].tiers_ if name in found.index]
    shares = [f"{percent(found.loc[name, 'share'])} of the {name}" for name in tiers]
    new = a.methods[label].tiers_[1]
    by_rhythm = found["share"].reindex([name for name in tiers if name != new])
    if len(by_rhythm) < 2:
        return f"{listed(shares)} bought again."
    verdict = "tells" if by_rhythm.is_monotonic_decreasing else "tells only roughly"
    return f"The stage {verdict} who comes back: {listed(shares)} bought again."


def prospects(a: Analysis, label: str) -> str:
    """Say how many prospects there are and what became of them; empty without any."""
    names = a.methods[label].prospect_names
    if a.prospects is None or a.prospects.empty:
        return ""
    found = _stages(a, label).loc[list(names)[::-1]].query("customers > 0")
    parts = [
        f"{percent(row['share'])} of the {int(row['customers']):,} called *{name}*"
        for name, row in found.iterrows()
    ]
    return (
        f"Besides, {count(len(a.prospects), 'entry', 'entries')} of the customers table had not "
        f"bought by the cut; after it, {listed(parts)} became customers. They take no part in the "
        "comparison of schemes."
    )


def title(a: Analysis, label: str) -> str:
    """Say how the share who bought again runs from the first to the last stage."""
    found = _stages(a, label).query("customers > 0")["share"]
    order = a.methods[label].tiers_
    held = [name for name in (order[0], *order[2:]) if name in found.index]
    if len(held) < 2:
        return "How many bought again, by how late they were"
    return (
        f"{percent(found[held[0]])} of the {held[0]} bought again, "
        f"{percent(found[held[-1]])} of the {held[-1]}"
    )


def limits(a: Analysis, label: str) -> str:
    """Say whether the limits stand where the share who bought again falls."""
    found = views.lifecycle.drops(a, label)
    if found.empty:
        return ""
    said = [
        f"from {percent(row.before)} to {percent(row.after)} at {row.limit:g} usual gaps "
        f"(95 % interval of the change {signed(-100 * row.high, 0)} to "
        f"{signed(-100 * row.low, 0)} points)"
        for row in found.itertuples()
    ]
    text = f"The share who bought again goes {listed(said)}."
    idle, wrong = found[(found["low"] <= 0) & (found["high"] >= 0)], found[found["high"] < 0]
    if idle.empty and wrong.empty:
        return f"{text} It falls at every limit."
    if len(idle):
        text += (
            f" The data cannot show a fall at {_gaps(idle)} usual gaps: move such a limit, or "
            "treat the stages on both sides alike."
        )
    if len(wrong):
        text += (
            f" At {_gaps(wrong)} usual gaps it rises: those stages stand in the wrong order. "
            + only_once(a, label)
        )
    return text


def only_once(a: Analysis, label: str) -> str:
    """Say how many customers of each stage bought only once: they come back least."""
    found = _stages(a, label).query("customers > 0")
    order = a.methods[label].tiers_
    shares = [
        f"{percent(found.loc[name, 'once'])} of the {name}"
        for name in (order[0], *order[2:]) if name in found.index
    ]  # fmt: skip
    return f"Bought only once so far: {listed(shares)}."


def _gaps(rows: pd.DataFrame) -> str:
    return listed([f"{limit:g}" for limit in rows["limit"]])


def _stages(a: Analysis, label: str) -> pd.DataFrame:
    return views.lifecycle.stages(a, label).set_index("stage")


def _past_words(a: Analysis) -> str:
    if "monetary_year" in a.customers and (a.periods.cut - a.periods.start).days > 365:
        return "the last year's amount"
    return "the amount before the cut"
