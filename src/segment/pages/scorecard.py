"""Do several indicators together say more than past revenue alone?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.features.names import column_name
from segment.language import _, _n
from segment.pages._words import best, gain, rank, top_tier
from segment.scheme import Scheme, once
from segment.tiering.scorecard import MISSING
from segment.words import few, listed, percent

POINTS = 0.10  # how far a weight is moved
NEAR = 0.01  # of a score, to a limit


@once
def indicators(scheme: Scheme) -> pd.DataFrame:
    """Return what each indicator counts for, heaviest first.

    ``indicator`` and ``better`` ("high", "low") in words, ``weight_share``, ``missing`` (share of
    customers without a value), ``up`` and ``down``: shares of customers who change grade if the
    weight is 10 points larger or smaller.
    """
    method = scheme.method
    table = method.sensitivity(scheme.features, POINTS)
    table = table.assign(
        indicator=[column_name(name) for name in table.index],
        better=[_("low") if name in method.less_is_better else _("high") for name in table.index],
        missing=method.missing_,
    )
    table = table.rename(columns={"weight": "weight_share"})
    table = table.sort_values("weight_share", ascending=False, kind="stable", ignore_index=True)
    return table[["indicator", "better", "weight_share", "missing", "up", "down"]]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    first = gain(scheme)
    return [first, rank(schemes), top_tier(scheme), opinions(scheme)]


def opinions(scheme: Scheme) -> str:
    """Say how much the grades hang on the weights."""
    table = indicators(scheme)
    changes = table[["up", "down"]]
    if len(table) == 1:
        return _(
            "{label} has one indicator only, so there is no weight to argue about.",
            label=scheme.label,
        )
    return _(
        "Weights are opinions. If one of them were 10 points larger or smaller, between {least} "
        "and {most} of the customers would have another grade; the grades hang most on the weight "
        "of *{name}*.",
        least=percent(changes.min(axis=None)),
        most=percent(changes.max(axis=None)),
        name=table["indicator"][changes.max(axis=1).idxmax()],
    )


def missing(scheme: Scheme) -> str:
    """Say which indicators have missing values, and what those count as."""
    gaps = indicators(scheme).query("missing > 0")
    if gaps.empty:
        return _("No value is missing in any indicator.")
    shares = [
        _("{name} for {share} of the customers", name=row.indicator, share=percent(row.missing))
        for row in gaps.itertuples()
    ]
    return _(
        "Missing: {shares}. The rule for it: {rule}.",
        shares=listed(shares),
        rule=_(MISSING[scheme.method.missing]),
    )


def scores_title(scheme: Scheme) -> str:
    """Say how many customers stand close to a limit."""
    score = scheme.customers["score"].to_numpy()
    near = (abs(score[:, None] - scheme.method.limits_) < NEAR).any(axis=1)
    return _n(
        "{n} customer stands within 0.01 of a limit",
        "{n} customers stand within 0.01 of a limit",
        int(near.sum()),
    )


def weights_title(scheme: Scheme) -> str:
    """Say how many customers the most delicate weight moves."""
    table = indicators(scheme)
    changes = table[["up", "down"]].max(axis=1)
    if not changes.max():
        return _("No weight matters by 10 points")
    first, *rest = table["indicator"][changes == changes.max()]
    share = percent(changes.max(), 1)
    if not rest:
        return _("{first} moves most grades, {share}", first=first, share=share)
    return _(
        "{first} and {few} more move most grades, {share}",
        first=first,
        few=few(len(rest)),
        share=share,
    )
