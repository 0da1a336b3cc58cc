"""The sentences of the RFM page."""

from __future__ import annotations

import pandas as pd

from segment.analysis import Analysis
from segment.features import NAMES
from segment.narrate.common import headline, rank, skill, top_tier
from segment.tiering.rfm import RFM_R
from segment.tiering.rfm_lint import OVERLAPPING, UNCOVERED, UNREACHABLE, lint
from segment.words import count, listed, money, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the RFM notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    return [*text, cut_as_in_r(a, labels), *(rule_gaps(a, label) for label in labels)]


def cut_as_in_r(a: Analysis, labels: list[str]) -> str:
    """Say whose scores are cut as R's package rfm cuts them; empty if nobody's."""
    found = [label for label in labels if a.methods[label].compat == RFM_R]
    if not found:
        return ""
    return (
        f"The scores of {listed(found)} are cut as R's package rfm cuts them, at quantiles plus 1, "
        "so that results of that package can be compared."
    )


def rule_gaps(a: Analysis, label: str) -> str:
    """Say where the rules of RFM segments overlap or leave gaps; empty if nowhere."""
    method = a.methods[label]
    found = lint(method) if method.form == "segments" else None
    if found is None or found.empty:
        return ""
    counts = found["finding"].value_counts()
    cells = method.bins**3
    return (
        f"The rules of {label} need a look: of {cells} cells of scores, "
        f"{counts.get(OVERLAPPING, 0)} fulfil more than one rule (the first one listed wins) and "
        f"{counts.get(UNCOVERED, 0)} fulfil none; "
        f"{count(counts.get(UNREACHABLE, 0), 'segment')} can never hold a customer."
    )


def empty_scores(scores: pd.DataFrame) -> str:
    """Say which RFM scores nobody has, and why."""
    empty = scores[scores["customers"] == 0]
    if empty.empty:
        return "Every score is in use."
    names = [
        f"{listed([str(s) for s in sorted(scores)], 'or')} for {NAMES[variable]}"
        for variable, scores in empty.groupby("variable", sort=False)["score"]
    ]
    return (
        f"Nobody has a score of {listed(names, 'nor of')}: too many customers share one value "
        "there, and customers with the same value are never given different scores."
    )


def cell_title(customers: pd.DataFrame) -> str:
    """Say where most customers are in the RFM grid."""
    recency, rest = customers.stack().idxmax()
    share = customers.max().max() / customers.sum().sum()
    return f"The fullest cell, recency {recency} by F and M {rest}, has {percent(share)} of them"


def value_title(value: pd.DataFrame, currency: str) -> str:
    """Say which cell brought most per customer."""
    recency, rest = value.stack().idxmax()
    return (
        f"Recency {recency} by F and M {rest} later brought most: "
        f"{money(value.max().max(), currency)} per customer"
    )
