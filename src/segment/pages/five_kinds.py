"""Which customers are key, which have potential, and who is about to leave unhappy?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import _, tier_name
from segment.pages._words import best, few_number, gain, tier_brought, too_few
from segment.run.scheme import Scheme, once
from segment.words import listed, percent


@once
def kinds(scheme: Scheme) -> pd.DataFrame:
    """Return what each kind that the data can tell brought before and after the cut.

    ``kind``, ``customers``, ``share``, ``total_share`` (of what all spent before the cut),
    ``value_share`` (of all that came in), ``bought`` and ``unhappy`` (customers known to be;
    missing where the data cannot tell).
    """
    customers, method = scheme.customers, scheme.method
    sums = customers.groupby("tier", observed=False)[["monetary_total", "unhappy"]].sum()
    if method.names[4] in method.untold_:
        sums["unhappy"] = np.nan
    table = scheme.tiers.join(sums, on="tier").rename(columns={"tier": "kind"})
    table["total_share"] = table["monetary_total"] / customers["monetary_total"].sum()
    return table[["kind", "customers", "share", "total_share", "value_share", "bought", "unhappy"]]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    parts = [brought(scheme), gain(scheme), unhappy_keys(scheme), unknown(scheme)]
    return [*parts, *(untold(scheme) for scheme in schemes)]


def brought(scheme: Scheme) -> str:
    """Say what the key customers brought after the cut."""
    key = kinds(scheme).iloc[0]
    name = tier_name(key["kind"])
    if not key["customers"] or too_few(scheme.study, key["customers"]):
        return _("**Fewer than five customers are *{key}*.**", key=name)
    return f"**{tier_brought(scheme, scheme.tiers.iloc[0])}**"


def unhappy_keys(scheme: Scheme) -> str:
    """Say how many of the largest customers are unhappy; empty if none, or nobody can know."""
    key = kinds(scheme).iloc[0]
    if pd.isna(key["unhappy"]) or not key["unhappy"]:
        return ""
    return _(
        "Known to be unhappy: {number} of the key customers. Visit them first.",
        number=few_number(scheme)(int(key["unhappy"])),
    )


def untold(scheme: Scheme) -> str:
    """Say which kinds the data cannot tell, and why; empty if they tell all."""
    reasons = scheme.method.untold_
    if not reasons:
        return ""
    parts = [f"*{tier_name(kind)}* ({why})" for kind, why in reasons.items()]
    return _(
        "{label} cannot tell {kinds}; such customers stand among the other kinds.",
        label=scheme.label,
        kinds=listed(parts),
    )


def unknown(scheme: Scheme) -> str:
    """Say how much is known of the customers' mood; empty if everything is."""
    known = scheme.method.known_.items()
    partly = [f"{column_name(name)} {percent(share)}" for name, share in known if share < 1]
    if not partly:
        return ""
    return _("Known only of a part of the customers: {parts}.", parts=listed(partly))
