"""The sentences of the lifecycle page."""

from __future__ import annotations

import pandas as pd

from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import rank, skill
from segment.run import Run
from segment.words import count, listed, money, percent, signed


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the lifecycle notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    return [f"{slipping(a, best)} {comes_back(a, best)}", prospects(a, best), rank(a, labels),
            skill(a, best)]  # fmt: skip


def slipping(a: Run, label: str) -> str:
    """Say how many customers are at risk, dormant or lost, and how much stands with them."""
    late = _stages(a, label).loc[list(a.methods[label].tiers_[2:])]
    customers = count(len(a.customers), "customer")
    if not late["customers"].any():
        stages = listed([tier_name(stage) for stage in late.index], "or")
        return _("**None of {customers} is {stages}.**", customers=customers, stages=stages)
    parts = [
        _n("{n} is {stage}", "{n} are {stage}", int(number), stage=tier_name(stage))
        for stage, number in late["customers"].items()
    ]
    said = {
        "customers": customers, "stages": listed(parts),
        "share": percent(late["past_share"].sum()),
        "amount": money(late["past"].sum(), a.study.currency),
    }  # fmt: skip
    if "monetary_year" in a.customers and (a.windows.cut - a.windows.start).days > 365:
        return _("**Of {customers}, {stages}; they brought {share} of the last year's amount, "
                 "{amount}.**", **said)  # fmt: skip
    return _("**Of {customers}, {stages}; they brought {share} of the amount before the cut, "
             "{amount}.**", **said)  # fmt: skip


def comes_back(a: Run, label: str) -> str:
    """Say what each stage did after the cut, and whether the stages stand in order."""
    found = _stages(a, label).query("customers > 0")
    tiers = [name for name in a.methods[label].tiers_ if name in found.index]
    shares = listed([_of_stage(found, name, "share") for name in tiers])
    new = a.methods[label].tiers_[1]
    by_rhythm = found["share"].reindex([name for name in tiers if name != new])
    if len(by_rhythm) < 2:
        return _("{shares} bought again.", shares=shares)
    if by_rhythm.is_monotonic_decreasing:
        return _("The stage tells who comes back: {shares} bought again.", shares=shares)
    return _("The stage tells only roughly who comes back: {shares} bought again.", shares=shares)


def prospects(a: Run, label: str) -> str:
    """Say how many prospects there are and what became of them; empty without any."""
    names = a.methods[label].prospect_names
    if a.prospects is None or a.prospects.empty:
        return ""
    found = _stages(a, label).loc[list(names)[::-1]].query("customers > 0")
    parts = [
        _("{share} of the {number} called *{name}*", share=percent(row["share"]),
          number=f"{int(row['customers']):,}", name=tier_name(name))
        for name, row in found.iterrows()
    ]  # fmt: skip
    return _(
        "Besides, {entries} of the customers table had not bought by the cut; after it, {parts} "
        "became customers. They take no part in the comparison of schemes.",
        entries=count(len(a.prospects), "entry", "entries"), parts=listed(parts),
    )  # fmt: skip


def title(a: Run, label: str) -> str:
    """Say how the share who bought again runs from the first to the last stage."""
    found = _stages(a, label).query("customers > 0")["share"]
    order = a.methods[label].tiers_
    held = [name for name in (order[0], *order[2:]) if name in found.index]
    if len(held) < 2:
        return _("How many bought again, by how late they were")
    first, last = held[0], held[-1]
    return _(
        "{share} of the {first} bought again, {other} of the {last}",
        share=percent(found[first]), first=tier_name(first),
        other=percent(found[last]), last=tier_name(last),
    )  # fmt: skip


def limits(a: Run, label: str) -> str:
    """Say whether the limits stand where the share who bought again falls."""
    found = views.lifecycle.drops(a, label)
    if found.empty:
        return ""
    said = [
        _("from {before} to {after} at {limit} usual gaps (95 % interval of the change {low} to "
          "{high} points)",
          before=percent(row.before), after=percent(row.after), limit=f"{row.limit:g}",
          low=signed(-100 * row.high, 0), high=signed(-100 * row.low, 0))
        for row in found.itertuples()
    ]  # fmt: skip
    text = [_("The share who bought again goes {changes}.", changes=listed(said))]
    idle, wrong = found[(found["low"] <= 0) & (found["high"] >= 0)], found[found["high"] < 0]
    if idle.empty and wrong.empty:
        text.append(_("It falls at every limit."))
    if len(idle):
        text.append(
            _("The data cannot show a fall at {limits} usual gaps: move such a limit, or treat the "
              "stages on both sides alike.", limits=_gaps(idle))
        )  # fmt: skip
    if len(wrong):
        text.append(
            _("At {limits} usual gaps it rises: those stages stand in the wrong order.",
              limits=_gaps(wrong))
        )  # fmt: skip
        text.append(only_once(a, label))
    return " ".join(text)


def only_once(a: Run, label: str) -> str:
    """Say how many customers of each stage bought only once: they come back least."""
    found = _stages(a, label).query("customers > 0")
    order = a.methods[label].tiers_
    held = [name for name in (order[0], *order[2:]) if name in found.index]
    shares = listed([_of_stage(found, name, "once") for name in held])
    return _("Bought only once so far: {shares}.", shares=shares)


def _of_stage(found: pd.DataFrame, stage: str, figure: str) -> str:
    share = percent(found.loc[stage, figure])
    return _("{share} of the {stage}", share=share, stage=tier_name(stage))


def _gaps(rows: pd.DataFrame) -> str:
    return listed([f"{limit:g}" for limit in rows["limit"]])


def _stages(a: Run, label: str) -> pd.DataFrame:
    return views.lifecycle.stages(a, label).set_index("stage")
