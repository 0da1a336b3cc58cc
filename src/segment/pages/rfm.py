"""Do recency, frequency and monetary scores find tomorrow's customers?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.features.names import column_name
from segment.language import _
from segment.pages._words import best, gain, too_few, top_tier
from segment.run.scheme import Scheme, once
from segment.tiering.rfm import SCORED
from segment.tiering.rfm_lint import OVERLAPPING, UNCOVERED, UNREACHABLE, lint
from segment.words import money


@once
def cells(scheme: Scheme) -> pd.DataFrame:
    """Return the customers and what they brought by recency and by mean F and M score.

    ``recency_score``, ``fm_score`` (halves rounded up), ``customers``, ``next_value``; one row
    for each cell, those of fewer than five customers missing.
    """
    customers = scheme.customers
    mean = (customers["f"] + customers["m"] + 1) // 2
    by = customers.assign(recency_score=customers["r"], fm_score=mean)
    table = _came_of(scheme, by.groupby(["recency_score", "fm_score"])["next_value"])
    scores = range(1, scheme.method.bins + 1)
    return table.reindex(pd.MultiIndex.from_product([scores, scores], names=table.index.names))


@once
def by_score(scheme: Scheme) -> pd.DataFrame:
    """Return what each score means, who has it, and what they brought.

    ``variable`` (in words), ``rfm_score``, ``rule``, ``customers``, ``share``, ``next_value``.
    """
    with scheme.telling():
        table = scheme.method.score_table(scheme.features).rename(columns={"score": "rfm_score"})
    brought = {
        column: _came_of(scheme, scheme.customers.groupby(score)["next_value"])["next_value"]
        for score, (column, _sign) in SCORED.items()
    }
    known = pd.concat(brought, names=["variable", "rfm_score"]).reset_index()
    table = table.merge(known, how="left")
    return table.assign(variable=table["variable"].map(column_name))


def _came_of(scheme: Scheme, groups) -> pd.DataFrame:
    table = groups.agg(customers="size", next_value="mean")
    return table[~too_few(scheme.study, table["customers"])]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [gain(scheme), top_tier(scheme), *(rule_gaps(scheme) for scheme in schemes)]


def rule_gaps(scheme: Scheme) -> str:
    """Say where the rules of RFM segments overlap or leave gaps; empty if nowhere."""
    method = scheme.method
    findings = lint(method)["finding"] if method.form == "segments" else []
    if not len(findings):
        return ""
    counts = findings.value_counts()
    return _(
        "Check the rules of {label}: of {cells} combinations of scores, {overlapping} meet more "
        "than one rule (the first counts), {uncovered} meet none; segments that no customer can "
        "reach: {segments}.",
        label=scheme.label,
        cells=method.bins**3,
        overlapping=counts.get(OVERLAPPING, 0),
        uncovered=counts.get(UNCOVERED, 0),
        segments=counts.get(UNREACHABLE, 0),
    )


def best_cell(scheme: Scheme) -> str:
    """Say which cell brought most per customer, as a title."""
    value = cells(scheme)["next_value"].dropna()
    if value.empty:
        return _("What each score means, who has it, and what they brought later")
    recency, rest = value.idxmax()
    return _(
        "Recency {recency} by F and M {rest} later brought most: {mean} per customer",
        recency=recency,
        rest=rest,
        mean=money(value.max(), scheme.study.currency),
    )
