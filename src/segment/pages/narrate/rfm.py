"""The sentences of the RFM page."""

from __future__ import annotations

import pandas as pd

from segment.features.names import column_name
from segment.language import _
from segment.pages.narrate.common import headline, rank, skill, top_tier
from segment.run import Run
from segment.tiering.rfm import RFM_R
from segment.tiering.rfm_lint import OVERLAPPING, UNCOVERED, UNREACHABLE, lint
from segment.words import count, listed, money, percent


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the RFM notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    return [*text, cut_as_in_r(a, labels), *(rule_gaps(a, label) for label in labels)]


def cut_as_in_r(a: Run, labels: list[str]) -> str:
    """Say whose scores are cut as R's package rfm cuts them; empty if nobody's."""
    found = [label for label in labels if a.methods[label].compat == RFM_R]
    if not found:
        return ""
    return _(
        "The scores of {labels} are cut as R's package rfm cuts them, at quantiles plus 1, "
        "so that results of that package can be compared.",
        labels=listed(found),
    )


def rule_gaps(a: Run, label: str) -> str:
    """Say where the rules of RFM segments overlap or leave gaps; empty if nowhere."""
    method = a.methods[label]
    found = lint(method) if method.form == "segments" else None
    if found is None or found.empty:
        return ""
    counts = found["finding"].value_counts()
    return _(
        "The rules of {label} need a look: of {cells} cells of scores, {overlapping} fulfil more "
        "than one rule (the first one listed wins) and {uncovered} fulfil none; {segments} can "
        "never hold a customer.",
        label=label, cells=method.bins**3, overlapping=counts.get(OVERLAPPING, 0),
        uncovered=counts.get(UNCOVERED, 0), segments=count(counts.get(UNREACHABLE, 0), "segment"),
    )  # fmt: skip


def empty_scores(scores: pd.DataFrame) -> str:
    """Say which RFM scores nobody has, and why."""
    empty = scores[scores["customers"] == 0]
    if empty.empty:
        return _("Every score is in use.")
    names = [
        _("{scores} for {variable}", scores=listed([str(score) for score in sorted(scores)], "or"),
          variable=column_name(variable))
        for variable, scores in empty.groupby("variable", sort=False)["score"]
    ]  # fmt: skip
    return _(
        "Nobody has a score of {scores}: too many customers share one value there, and customers "
        "with the same value are never given different scores.",
        scores=listed(names, "nor of"),
    )


def cell_title(customers: pd.DataFrame) -> str:
    """Say where most customers are in the RFM grid."""
    recency, rest = customers.stack().idxmax()
    share = customers.max().max() / customers.sum().sum()
    return _("The fullest cell, recency {recency} by F and M {rest}, has {share} of them",
             recency=recency, rest=rest, share=percent(share))  # fmt: skip


def value_title(value: pd.DataFrame, currency: str) -> str:
    """Say which cell brought most per customer."""
    recency, rest = value.stack().idxmax()
    return _("Recency {recency} by F and M {rest} later brought most: {mean} per customer",
             recency=recency, rest=rest, mean=money(value.max().max(), currency))  # fmt: skip


def cell_words(customers: pd.DataFrame) -> tuple[str, str, str, str]:
    """Return title, both axes and the colour's label of the grid of customers."""
    return cell_title(customers), *_axes(), _("Customers")


def value_words(value: pd.DataFrame, currency: str) -> tuple[str, str, str, str]:
    """Return title, both axes and the colour's label of the grid of later value."""
    return value_title(value, currency), *_axes(), _("Holdout value per customer")


def _axes() -> tuple[str, str]:
    return _("Mean of F and M score"), _("Recency score")
