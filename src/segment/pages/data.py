"""Can the data carry a comparison of tiering schemes?"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from segment.features.names import column_name
from segment.features.recent import LEARNING
from segment.language import _
from segment.pages._words import sentences, span
from segment.reading.findings import in_words
from segment.run import Run
from segment.words import count, listed, money, percent


def noticed(study: Run) -> pd.DataFrame:
    """Return the findings that concern a row or need a look, worst first.

    ``finding``, ``rows`` and ``concerned`` (customers), ``done``.
    """
    findings = in_words(study.findings).rename(columns={"customers": "concerned"})
    findings = findings[(findings["weight"] != "fine") | (findings["rows"] > 0)]
    return findings[["finding", "rows", "concerned", "done"]]


def columns(study: Run) -> pd.DataFrame:
    """Return the columns that a method can read, one row each.

    ``column``, ``known`` (share of the customers).
    """
    read = [n for n in study.customers if not LEARNING.match(n) and "_ago_" not in n]
    known = study.customers[read].notna().mean()
    return known.rename_axis("column").reset_index(name="known")


def answer(study: Run) -> list[str]:
    """Say whether the data carry the study."""
    if study.study.untested:
        return [sentences(_used(study), warned(study))]
    customers = len(study.customers)
    text = [
        sentences(_used(study), warned(study)),
        personal(study, study.methods),
        _(
            "Schemes learn from {start} to the day before {cut}. They are judged by the {span} "
            "after it, when {share} of the {customers} known by then bought again.",
            start=study.windows.start,
            cut=study.windows.cut,
            span=span(study.windows.holdout_days),
            share=percent(study.outcome["active"].sum() / customers),
            customers=count(customers, "customer"),
        ),
    ]
    text += [
        _("Left out: {labels} ({reason}).", labels=label, reason=reason)
        for label, reason in study.left_out.items()
    ]
    return text


def _used(study: Run) -> str:
    """Say how many rows can be used, and what they hold."""
    facts = study.facts
    rows = {"used": f"{facts['rows']:,}", "rows": count(facts["rows_read"], "row")}
    if study.study.untested:
        return _(
            "**{used} of {rows} can be used**, each with the totals of one customer (day: {day}).",
            day=facts["last"] if facts["dated"] else _("not said"),
            **rows,
        )
    return _(
        "**{used} of {rows} can be used:** {customers}, {amount} from {first} to {last}.",
        customers=count(facts["customers"], "customer"),
        amount=money(facts["amount"], study.study.currency),
        first=facts["first"],
        last=facts["last"],
        **rows,
    )


def warned(study: Run) -> str:
    """Say how many findings need a look; empty if none does."""
    warnings = int((study.findings["weight"] == "warning").sum())
    if not warnings:
        return ""
    return _("Findings to look at: {findings}.", findings=warnings)


def personal(study: Run, labels: Iterable[str]) -> str:
    """Say which of some schemes read sensitive attributes; empty if none does."""
    sensitive = study.study.customers.sensitive if study.study.customers else ()
    read = {
        label: [name for name in sensitive if name in getattr(study.methods[label], "read_", ())]
        for label in labels
    }
    return sentences(
        *(
            _(
                "**{label} sorts customers by {attributes}**, as the study asks: make sure that "
                "you may.",
                label=label,
                attributes=listed([column_name(name) for name in names]),
            )
            for label, names in read.items()
            if names
        )
    )


def timeline_title(study: Run) -> str:
    """Say how the holdout's monthly amount compares with calibration's."""
    months = pd.to_datetime(study.timeline["month"])
    cut = pd.Timestamp(study.windows.cut)
    before = study.timeline.loc[months < cut.replace(day=1), "amount"]
    after = study.timeline.loc[months >= cut, "amount"]
    if before.empty or after.empty:
        return _("Amount")
    return _(
        "The monthly amount was {before} before the cut and {after} after it",
        after=money(after.mean(), study.study.currency),
        before=money(before.mean(), study.study.currency),
    )
