"""Do last year's gold customers stay gold?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import _, tier_name
from segment.pages._words import best, gain, span, tier_brought, too_few
from segment.run.scheme import Scheme, once
from segment.tiering.base import places_by_share
from segment.words import count, percent


@once
def next_ranks(scheme: Scheme) -> pd.DataFrame:
    """Return how the customers of each tier spread over the next period's ranks.

    Rows are the tiers, columns the ranks by holdout value: the top (as large a share as gold
    is meant to be), the next, the rest of those who brought something, and the others.
    """
    share = scheme.method.gold
    limits = np.array([share, min(4 * share, (1 + share) / 2)])
    value = scheme.customers["next_value"].to_numpy()
    places = np.where(value > 0, places_by_share(value, limits), 3)
    top, then = percent(share), percent(limits[1] - share)
    names = [_("top {share}", share=top), _("next {share}", share=then), _("less"), _("nothing")]
    ranks = pd.Categorical.from_codes(places, names, ordered=True)
    return pd.crosstab(scheme.customers["tier"], ranks, dropna=False)


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [stayed(scheme), brought_by_drag(scheme), spared(scheme), gain(scheme)]


def stayed(scheme: Scheme) -> str:
    """Say how many of the gold customers stayed at the top."""
    ranks = next_ranks(scheme).iloc[0]
    names = {"tier": tier_name(scheme.method.tiers_[0]), "by": column_name(scheme.method.by)}
    if not ranks.sum():
        return _("**Nobody is {tier}:** too many customers share the highest {by}.", **names)
    return _(
        "**Of the {customers} named {tier} by {by}, {share} are among the top {top} of the next "
        "{span} as well.** Picked at random, it would be {top}.",
        customers=count(int(ranks.sum()), "customer"),
        share=percent(ranks.iloc[0] / ranks.sum()),
        top=percent(scheme.method.gold),
        span=span(scheme.windows.holdout_days),
        **names,
    )


def brought_by_drag(scheme: Scheme) -> str:
    """Say what the drag brought; empty where they are few."""
    drag = scheme.tiers.iloc[2]
    if not drag["customers"] or too_few(scheme.study, drag["customers"]):
        return ""
    return tier_brought(scheme, drag)


def spared(scheme: Scheme) -> str:
    """Say how many newcomers would have been drag; empty if none."""
    method = scheme.method
    if not method.spared_:
        return ""
    return _(
        "Not counted as *{drag}* though they spent as little, because they first bought at most "
        "{days} ago: {customers}.",
        customers=count(method.spared_, "customer"),
        days=count(method.newcomer_days, "day"),
        drag=tier_name(method.tiers_[2]),
    )


def title(scheme: Scheme) -> str:
    """Say how many of the gold stayed at the top."""
    ranks, tier = next_ranks(scheme).iloc[0], tier_name(scheme.method.tiers_[0])
    share = percent(ranks.iloc[0] / max(ranks.sum(), 1))
    return _("{share} of {tier} stay at the top", tier=tier, share=share)
