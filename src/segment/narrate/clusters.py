"""The sentences of the cluster page."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segment import tiering
from segment.analysis import Analysis
from segment.narrate.common import headline, rank, skill, top_tier
from segment.tiering.clusters import STABLE
from segment.words import decimal, few, percent

# Overlap from which a cluster deserves the word (Hennig 2007).
TRUST = {0.85: "highly stable", STABLE: "stable", 0.6: "a pattern, its edges unsure",
         0.0: "do not trust it"}  # fmt: skip


def answer(a: Analysis, labels: list[str]) -> list[str]:
    """Answer the cluster notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    return [*text, found_again(a, best)]


def found_again(a: Analysis, label: str) -> str:
    """Say how many clusters there are, and how sure the weakest of them is."""
    method = a.methods[label]
    if method.k_ == 1:
        return f"{label} finds no groups: all customers are one cluster."
    stability = method.stability(a.customers)
    by_density = " of dense customers" if method.model == "hdbscan" else ""
    text = (
        f"{label} uses {few(method.k_)} clusters{by_density}. When customers are drawn anew, the "
        f"least certain of them, {stability.idxmin()}, is found again with an overlap of "
        f"{decimal(stability.min())} (1 is the very same customers): {trust(stability.min())}."
    )
    if method.k_evidence_ is not None:
        share = percent(method.k_evidence_.loc[method.k_, "plain_rules"])
        text += f" {share} of the customers can be placed by {few(method.k_)} plain rules."
    return text


def trust(stability: float) -> str:
    """Return what an overlap with resampled clusters says, in words."""
    if not math.isfinite(stability):
        return "too few customers to tell"
    return next(word for least, word in TRUST.items() if stability >= least)


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


def shares_title(shares: pd.DataFrame, category: str) -> str:
    """Say which cluster stands out most by a category: furthest above the others' mean."""
    above = shares - shares.mean()
    row, column = np.unravel_index(np.argmax(above.to_numpy()), above.shape)
    tier, level = shares.index[row], shares.columns[column]
    return f"{tier} stands out by {category} {level}: {percent(shares.loc[tier, level])} have it"
