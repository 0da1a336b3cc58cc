"""The sentences of the cluster page."""

from __future__ import annotations

from segment import tiering
from segment.analysis import Analysis
from segment.narrate.common import headline, rank, skill, top_tier
from segment.tiering.clusters import STABLE
from segment.words import decimal, few, percent


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the cluster notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    method = a.methods[best]
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    if method.k_evidence_ is not None:
        at = method.k_evidence_.loc[method.k_]
        text.append(
            f"{best} uses {few(method.k_)} clusters; in resampled data the least stable of them "
            f"is found again with an overlap of {decimal(at['stability'])} (0.75 counts as "
            f"stable), and {percent(at['plain_rules'])} of the customers can be placed by "
            f"{few(method.k_)} plain rules."
        )
    return text


def k_title(label: str, method: tiering.Clusters) -> str:
    """Say why the number of clusters was chosen."""
    evidence = method.k_evidence_
    stable = evidence.index[evidence["stability"] >= STABLE]
    if method.k_ in stable:
        return f"{label}: {method.k_} is the largest number of clusters that stays stable"
    return f"{label}: no number of clusters is stable; {method.k_} comes nearest"


def profile_title(label: str, method: tiering.Clusters) -> str:
    """Say how large the best cluster is."""
    sizes = method.profile_["customers"]
    share = percent(sizes.iloc[0] / sizes.sum())
    return f"{label}: {sizes.index[0]} holds {share} of the customers"
