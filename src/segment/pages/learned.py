"""Does a prediction learned from the past find tomorrow's customers better than past revenue?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.customers import brought
from segment.features.names import column_name
from segment.language import _
from segment.pages._groups import mean_values
from segment.pages._words import best, gain, the_list, top_tier
from segment.run.scheme import Scheme, once
from segment.tiering import CLV, Learned
from segment.tiering.base import places_by_share
from segment.words import count, decimal, few, money

GROUPS = 10
# What a prediction is held against; money at other half-lives is left out.
FIGURES = ("monetary_total", "margin_total", "order_days", "days_since_last", "days_since_first")


@once
def tenths(scheme: Scheme) -> pd.DataFrame:
    """Return what tenths of the customers brought, by prediction and by the plain sort.

    ``order`` (in words), ``tenth`` (1 is the best), ``customers``, ``next_value`` with ``_low``
    and ``_high``. Ties stay together, so tenths differ in size.
    """
    customers = scheme.customers
    scores = {
        _("Predicted value"): customers["predicted"],
        the_list(scheme): brought(scheme.features),
    }
    cuts = np.arange(1, GROUPS) / GROUPS
    places = {order: places_by_share(score.to_numpy(), cuts) for order, score in scores.items()}
    members = {
        (order, tenth + 1): place == tenth
        for order, place in places.items()
        for tenth in np.unique(place)
    }
    means = mean_values(scheme, pd.DataFrame(members))
    return means.rename_axis(["order", "tenth"]).reset_index()


@once
def drivers(scheme: Scheme) -> pd.DataFrame:
    """Return how the order of the prediction goes with that of each figure behind it.

    ``feature`` in words and ``correlation`` of ranks, -1 to 1, strongest first. No row where the
    prediction is not used.
    """
    method = scheme.method
    if method.fallback_:
        return pd.DataFrame(columns=["feature", "correlation"])
    names = [name for name in FIGURES if name in method.read_]
    if isinstance(method, Learned) and method.recent_.by_ not in names:
        names.append(method.recent_.by_)
    by_rank = scheme.customers[[*names, "predicted"]].rank()
    found = by_rank[names].corrwith(by_rank["predicted"]).dropna()
    found = found.sort_values(key=np.abs, ascending=False, kind="stable")
    table = {
        "feature": [column_name(name) for name in found.index],
        "correlation": found.to_numpy(),
    }
    return pd.DataFrame(table)


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [gain(scheme), top_tier(scheme), *(how(scheme) for scheme in schemes)]


def how(scheme: Scheme) -> str:
    """Say what a method learned from, and how well it did where it could be checked."""
    if scheme.method.fallback_:
        return _(
            "{label} learned nothing that it could use and sorts by what customers spent: "
            "{reason}.",
            label=scheme.label,
            reason=scheme.method.fallback_,
        )
    return rests_on(scheme) if isinstance(scheme.method, CLV) else learned_from(scheme)


def learned_from(scheme: Scheme) -> str:
    """Say what learned tiers learned from, and how that fared among others."""
    quality = scheme.method.quality_
    return _(
        "{label} learned from {customers} at {dates} dates before {cut}, from nothing after it, "
        "and sorts by the mean of this prediction and recent spend. Among customers held out of "
        "the learning its normalised Gini was {gini}, that of recent spend alone {recent}.",
        label=scheme.label,
        customers=count(quality["customers"], "customer"),
        dates=few(quality["dates"]),
        cut=scheme.windows.cut,
        gini=decimal(quality["concentration"], 3),
        recent=decimal(quality["by_recent_spend"], 3),
    )


def rests_on(scheme: Scheme) -> str:
    """Say what the value expected by purchase and dropout rests on."""
    return _(
        "{label} assumes that customers buy at steady rates of their own until they stop "
        "(BG/NBD), and spend around a level of their own (Gamma-Gamma). Its value is the revenue "
        "of {days} days, not discounted.",
        label=scheme.label,
        days=scheme.method.horizon_days,
    )


def tenths_title(scheme: Scheme) -> str:
    """Say what the best tenth by each order brought."""
    first = tenths(scheme).groupby("order", sort=False)["next_value"].first()
    predicted, past = (money(value, scheme.study.currency) for value in first)
    return _(
        "The best tenth by prediction brought {predicted} each, that of {list} {past}",
        predicted=predicted,
        past=past,
        list=the_list(scheme),
    )


def drivers_title(table: pd.DataFrame) -> str:
    """Say which figure the prediction goes with most."""
    return _("The prediction goes most with {feature}", feature=table["feature"].iloc[0])
