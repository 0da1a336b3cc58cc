"""The sentences of the page on the data."""

from __future__ import annotations

import pandas as pd

from segment.analysis import Analysis
from segment.narrate.common import holdout_span
from segment.words import count, money, percent


def answer(a: Analysis) -> list[str]:
    """Say whether the data carry the study."""
    facts, currency = a.facts, a.study.currency
    used, read = facts["rows"], facts["rows_read"]
    every = "All" if used == read else f"{used:,} of"
    warnings = a.findings.query("weight == 'warning'")
    concern = (
        f"{count(len(warnings), 'finding')} in the data "
        f"{'needs' if len(warnings) == 1 else 'need'} a look before you rely on the figures."
        if len(warnings)
        else "Nothing in the data speaks against using them."
    )
    returning = int(a.outcome["active"].sum())
    text = [
        f"**{every} {count(read, 'row')} can be used:** {count(facts['customers'], 'customer')}, "
        f"{money(facts['amount'], currency)} from {facts['first']} to {facts['last']}. {concern}",
        f"Schemes learn from {a.periods.start} to the day before {a.periods.cut}. They are judged "
        f"by the {holdout_span(a)} after it, when {percent(returning / len(a.customers))} of the "
        f"{count(len(a.customers), 'customer')} known by then bought again.",
    ]
    if a.newcomers:
        text.append(
            f"{count(a.newcomers, 'customer')} first bought after the cut; no scheme could have "
            "known them, so they are counted here and left out of the comparison."
        )
    text += [
        f"{label} is left out of the comparison, because {reason}."
        for label, reason in a.left_out.items()
    ]
    return text


def timeline_title(a: Analysis) -> str:
    """Say how the holdout's monthly amount compares with calibration's."""
    months = a.timeline.assign(month=pd.to_datetime(a.timeline["month"]))
    cut = pd.Timestamp(a.periods.cut)
    before = months.loc[months["month"] < cut.replace(day=1), "amount"]
    after = months.loc[months["month"] >= cut, "amount"]
    if before.empty or after.empty:
        return "Amount per month"
    currency = a.study.currency
    return (
        f"{money(after.mean(), currency)} a month after the cut, "
        f"{money(before.mean(), currency)} before"
    )
