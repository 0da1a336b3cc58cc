"""Do several indicators together say more than past revenue alone?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.features.names import column_name
from segment.language import _
from segment.pages._words import best, gain, top_tier
from segment.run.scheme import Scheme, once
from segment.words import percent

POINTS = 0.10  # how far a weight is moved
NEAR = 0.01  # of a score, to a limit


@once
def indicators(scheme: Scheme) -> pd.DataFrame:
    """Return what each indicator counts for, heaviest first.

    ``indicator`` in words, ``weight_share``, ``missing`` (share of customers without a value),
    ``weight_moves``: share of customers who change grade if the weight is 10 points larger or
    smaller, whichever moves more.
    """
    method = scheme.method
    table = method.sensitivity(scheme.features, POINTS)
    table = table.assign(
        indicator=[
            _("few {name}", name=column_name(name))
            if name in method.less_is_better
            else column_name(name)
            for name in table.index
        ],
        missing=method.missing_,
        weight_moves=table[["up", "down"]].max(axis=1),
    )
    table = table.rename(columns={"weight": "weight_share"})
    table = table.sort_values("weight_share", ascending=False, kind="stable", ignore_index=True)
    return table[["indicator", "weight_share", "missing", "weight_moves"]]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [gain(scheme), top_tier(scheme), opinions(scheme)]


def opinions(scheme: Scheme) -> str:
    """Say how much the grades depend on the weights; empty for a single indicator."""
    table = indicators(scheme)
    if len(table) == 1:
        return ""
    changes = table["weight_moves"]
    return _(
        "Weights are opinions: 10 points more or less on one of them give up to {most} of the "
        "customers another grade. Most depends on *{name}*.",
        most=percent(changes.max(), 1),
        name=table["indicator"][changes.idxmax()],
    )


def scores_title(scheme: Scheme) -> str:
    """Say how many customers stand close to a limit."""
    score = scheme.customers["score"].to_numpy()
    near = (abs(score[:, None] - scheme.method.limits_) < NEAR).any(axis=1)
    return _("Customers within 0.01 of a limit: {number}", number=f"{int(near.sum()):,}")
