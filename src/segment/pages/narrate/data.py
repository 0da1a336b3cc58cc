"""The sentences of the page on the data."""

from __future__ import annotations

import pandas as pd

from segment.language import _, _n
from segment.pages.narrate.common import holdout_span, sentences
from segment.run import Run
from segment.words import count, money, percent


def answer(a: Run) -> list[str]:
    """Say whether the data carry the study."""
    returning = int(a.outcome["active"].sum())
    text = [
        sentences(_used(a), warned(a) or _("Nothing in the data speaks against using them.")),
        _(
            "Schemes learn from {start} to the day before {cut}. They are judged by the {span} "
            "after it, when {share} of the {customers} known by then bought again.",
            start=a.windows.start,
            cut=a.windows.cut,
            span=holdout_span(a),
            share=percent(returning / len(a.customers)),
            customers=count(len(a.customers), "customer"),
        ),
    ]
    if a.newcomers:
        text.append(
            _(
                "{customers} first bought after the cut; no scheme could have known them, so they "
                "are counted here and left out of the comparison.",
                customers=count(a.newcomers, "customer"),
            )
        )
    text += [
        _("{label} is left out of the comparison, because {reason}.", label=label, reason=reason)
        for label, reason in a.left_out.items()
    ]
    return text


def _used(a: Run) -> str:
    """Say how many rows can be used, and what they hold."""
    facts = a.facts
    found = {
        "rows": count(facts["rows_read"], "row"),
        "customers": count(facts["customers"], "customer"),
        "amount": money(facts["amount"], a.study.currency),
        "first": facts["first"],
        "last": facts["last"],
    }
    if facts["rows"] == facts["rows_read"]:
        return _(
            "**All {rows} can be used:** {customers}, {amount} from {first} to {last}.", **found
        )
    return _(
        "**{used} of {rows} can be used:** {customers}, {amount} from {first} to {last}.",
        used=f"{facts['rows']:,}",
        **found,
    )


def warned(a: Run) -> str:
    """Say how many findings need a look; empty if none does."""
    warnings = len(a.findings.query("weight == 'warning'"))
    if not warnings:
        return ""
    return _n(
        "{n} finding in the data needs a look before you rely on the figures.",
        "{n} findings in the data need a look before you rely on the figures.",
        warnings,
    )


def timeline_title(a: Run) -> str:
    """Say how the holdout's monthly amount compares with calibration's."""
    months = a.timeline.assign(month=pd.to_datetime(a.timeline["month"]))
    cut = pd.Timestamp(a.windows.cut)
    before = months.loc[months["month"] < cut.replace(day=1), "amount"]
    after = months.loc[months["month"] >= cut, "amount"]
    if before.empty or after.empty:
        return _("Amount per month")
    return _(
        "{after} a month after the cut, {before} before",
        after=money(after.mean(), a.study.currency),
        before=money(before.mean(), a.study.currency),
    )
