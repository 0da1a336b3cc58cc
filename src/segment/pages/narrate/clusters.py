"""The sentences of the cluster page."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segment import tiering
from segment.features.names import column_name
from segment.language import N_, _, tier_name
from segment.pages.narrate.common import headline, rank, skill, top_tier
from segment.run import Run
from segment.tiering.clusters import STABLE
from segment.words import decimal, few, percent

# Overlap from which a cluster deserves the word (Hennig 2007).
TRUST = {0.85: N_("highly stable"), STABLE: N_("stable"), 0.6: N_("a pattern, its edges unsure"),
         0.0: N_("do not trust it")}  # fmt: skip


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the cluster notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    text = [f"{headline(a, best)} {rank(a, labels)}", skill(a, best), top_tier(a, best)]
    return [*text, found_again(a, best)]


def found_again(a: Run, label: str) -> str:
    """Say how many clusters there are, and how sure the weakest of them is."""
    method = a.methods[label]
    if method.k_ == 1:
        return _("{label} finds no groups: all customers are one cluster.", label=label)
    stability = method.stability(a.customers)
    if method.model == "hdbscan":
        text = _("{label} uses {k} clusters of dense customers.", label=label, k=few(method.k_))
    else:
        text = _("{label} uses {k} clusters.", label=label, k=few(method.k_))
    text += " " + _(
        "When customers are drawn anew, the least certain of them, {tier}, is found again with an "
        "overlap of {overlap} (1 is the very same customers): {trust}.",
        tier=tier_name(stability.idxmin()), overlap=decimal(stability.min()),
        trust=trust(stability.min()),
    )  # fmt: skip
    if method.k_evidence_ is not None:
        text += " " + _(
            "{share} of the customers can be placed by {k} plain rules.",
            share=percent(method.k_evidence_.loc[method.k_, "plain_rules"]), k=few(method.k_),
        )  # fmt: skip
    return text


def trust(stability: float) -> str:
    """Return what an overlap with resampled clusters says, in words."""
    if not math.isfinite(stability):
        return _("too few customers to tell")
    return _(next(word for least, word in TRUST.items() if stability >= least))


def k_title(label: str, method: tiering.Clusters) -> str:
    """Say why the number of clusters was chosen."""
    evidence = method.k_evidence_
    stable = evidence.index[evidence["stability"] >= STABLE]
    if method.k_ in stable:
        return _("{label}: {k} is the largest number of clusters that stays stable",
                 label=label, k=method.k_)  # fmt: skip
    return _("{label}: no number of clusters is stable; {k} comes nearest",
             label=label, k=method.k_)  # fmt: skip


def profile_title(label: str, method: tiering.Clusters) -> str:
    """Say how large the best cluster is."""
    sizes = method.profile_["customers"]
    share = percent(sizes.iloc[0] / sizes.sum())
    return _("{label}: {tier} holds {share} of the customers",
             label=label, tier=tier_name(sizes.index[0]), share=share)  # fmt: skip


def shares_title(shares: pd.DataFrame, category: str) -> str:
    """Say which cluster stands out most by a category: furthest above the others' mean."""
    above = shares - shares.mean()
    row, column = np.unravel_index(np.argmax(above.to_numpy()), above.shape)
    tier, level = shares.index[row], shares.columns[column]
    return _("{tier} stands out by {category} {level}: {share} have it", tier=tier_name(tier),
             category=column_name(category), level=level,
             share=percent(shares.loc[tier, level]))  # fmt: skip


def shares_words(label: str, shares: pd.DataFrame, category: str) -> tuple[str, str, str, str]:
    """Return title, both axes and the colour's label of the grid of a category."""
    title = _("{label}: {title}", label=label, title=shares_title(shares, category))
    return title, column_name(category), "", _("Share of the cluster")
