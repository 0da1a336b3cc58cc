"""Are there groups of customers alike, and are they worth different service?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.evidence.stability import resampled
from segment.features.names import column_name
from segment.language import _, tier_name
from segment.pages._words import best, gain, too_few, top_tier, trust
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.tiering.encoding import MISSING
from segment.words import decimal, few


@once
def profile(study: Run, scheme: Scheme) -> pd.DataFrame:
    """Return the median customer of every cluster, and how surely the cluster is found again.

    ``tier``, ``customers``, ``share``, ``found_again`` (overlap with the most similar cluster
    when customers are drawn anew, as on the page of stability), ``trust`` (that in words), then
    the median of every number and the commonest level of every category.
    """
    method = scheme.method
    medians = method.profile_.rename_axis("tier")
    sizes = medians.pop("customers")
    overlap = _overlap(study, scheme)
    for name in method.categories:
        levels = medians[name].str.replace(rf"^{MISSING} \(", f"{_(MISSING)} (", regex=True)
        medians[name] = levels.mask(too_few(scheme.study, sizes))
    front = {
        "customers": sizes,
        "share": sizes / sizes.sum(),
        "found_again": overlap,
        "trust": overlap.map(trust, na_action="ignore"),
    }
    return pd.concat([pd.DataFrame(front), medians], axis="columns").reset_index()


def _overlap(study: Run, scheme: Scheme) -> pd.Series:
    """Return how far each cluster is found again; of a scheme not in the study it is computed."""
    tiers = study.stability.tiers if study.schemes.get(scheme.label) is scheme else None
    if tiers is None:
        settings = study.study.backtest
        methods, customers = {scheme.label: scheme.method}, scheme.features
        drawn = settings.replicates, settings.seed
        tiers, *_rest = resampled(methods, customers, customers[:0], *drawn)
    return tiers[tiers["label"] == scheme.label].set_index("tier")["jaccard"]


@once
def centres(scheme: Scheme) -> pd.DataFrame:
    """Return how far each cluster's centre is from the average customer.

    In standard deviations, more is better: a feature of which less is better is turned round.
    Rows are the numbers, columns the clusters with at least five customers, best first.
    """
    method = scheme.method
    numbers, less = list(method.numbers), method.less_is_better
    turned = [-1 if name in less else 1 for name in numbers]
    names = [
        _("few {name}", name=column_name(name)) if name in less else column_name(name)
        for name in numbers
    ]
    shown = method.centres_[:, : len(numbers)] * turned
    told = ~too_few(scheme.study, method.profile_["customers"]).to_numpy()
    rounded = shown[told].T.round(1) + 0.0  # 0 added: no "-0.0"
    return pd.DataFrame(rounded, names, np.array(method.tiers_)[told])


def answer(study: Run, schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [groups(study, scheme), gain(scheme), top_tier(scheme)]


def groups(study: Run, scheme: Scheme) -> str:
    """Say how many clusters there are, and how sure the weakest of them is."""
    method = scheme.method
    if method.k_ == 1:
        return _("**{label} finds no groups: all customers are one cluster.**", label=scheme.label)
    overlap = profile(study, scheme).set_index("tier")["found_again"]
    return _(
        "**{label} finds {k} clusters: {trust}.** In resampled data the least certain, {tier}, is "
        "found again with an overlap of {overlap}.",
        label=scheme.label,
        k=few(method.k_),
        trust=trust(overlap.min()),
        tier=tier_name(overlap.idxmin()),
        overlap=decimal(overlap.min()),
    )


def why_so_many(scheme: Scheme) -> str:
    """Say why the number of clusters was chosen, as a title."""
    return _(
        "Clusters: {k}, the largest number that is stable, or nearest to it", k=scheme.method.k_
    )


def apart(scheme: Scheme) -> str:
    """Say which cluster is furthest from the average customer, and by what, as a title."""
    feature, tier = centres(scheme).abs().stack().idxmax()
    return _(
        "{tier} differs most from the average customer in {feature}",
        tier=tier_name(tier),
        feature=feature,
    )
