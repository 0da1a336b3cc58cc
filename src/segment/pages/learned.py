"""Does a prediction learned from the past find tomorrow's customers better than past revenue?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import _
from segment.pages._groups import group_means
from segment.pages._words import best, exchanged, gain, rank, top_tier
from segment.scheme import Scheme, once
from segment.tiering import CLV
from segment.tiering.base import places_by_share
from segment.words import count, decimal, money, signed

GROUPS = 10


@once
def tenths(scheme: Scheme) -> pd.DataFrame:
    """Return what tenths of the customers brought, by prediction and by past revenue.

    ``order`` (in words), ``tenth`` (1 is the best), ``customers``, ``next_value`` with ``_low``
    and ``_high``. Ties stay together, so tenths differ in size.
    """
    customers = scheme.customers
    scores = {
        _("Predicted value"): customers["predicted"],
        _("Past revenue"): customers["monetary_total"],
    }
    cuts = np.arange(1, GROUPS) / GROUPS
    places = {order: places_by_share(score.to_numpy(), cuts) for order, score in scores.items()}
    members = {
        (order, tenth + 1): place == tenth
        for order, place in places.items()
        for tenth in np.unique(place)
    }
    means = group_means(scheme, pd.DataFrame(members)).table
    names = {"mean": "next_value", "low": "next_value_low", "high": "next_value_high"}
    return means.rename(columns=names).rename_axis(["order", "tenth"]).reset_index()


def drivers(scheme: Scheme) -> pd.DataFrame:
    """Return how much the order suffers where one figure is shuffled, most first.

    ``feature`` in words, ``importance`` and its ``spread``. No row where the method has no such
    figures, or does not use the model.
    """
    if scheme.method.fallback_ or not hasattr(scheme.method, "importance_"):
        return pd.DataFrame(columns=["feature", "importance", "spread"])
    table = scheme.method.importance_
    return table.assign(feature=[column_name(name) for name in table["feature"]])


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    first = gain(scheme)
    return [first, rank(schemes), top_tier(scheme), *(how(scheme) for scheme in schemes)]


def how(scheme: Scheme) -> str:
    """Say what a method learned from, and how well it did where it could be checked."""
    method = scheme.method
    figures = {"label": scheme.label, "cut": scheme.windows.cut}
    if method.fallback_:
        return _(
            "{label} learned nothing that it could use, so its tiers are the order of past "
            "revenue: {reason}.",
            reason=method.fallback_,
            **figures,
        )
    if isinstance(method, CLV):
        return _(
            "{label} assumes that customers buy at steady rates of their own until they stop "
            "(BG/NBD), and spend around a level of their own (Gamma-Gamma); it was fitted to "
            "what was seen before {cut}.",
            **figures,
        )
    quality = method.quality_
    return _(
        "{label} learned from {customers}: what they had done in the first two thirds of the time "
        "before {cut} explains what they brought in its last third. Nothing after the cut was "
        "seen. Among customers held out of the learning it reached {gini}, past value alone {past} "
        "(difference {difference}, standard error {error}).",
        customers=count(quality["customers"], "customer"),
        gini=decimal(quality["gini"]),
        past=decimal(quality["gini_past_value"]),
        difference=signed(quality["difference"]),
        error=decimal(quality["standard_error"], 3),
        **figures,
    )


def tenths_title(scheme: Scheme) -> str:
    """Say what the best tenth by each order brought."""
    first = tenths(scheme).groupby("order", sort=False)["next_value"].first()
    predicted, past = (money(value, scheme.study.currency) for value in first)
    return _(
        "The best tenth by prediction brought {predicted} each, by past revenue {past}",
        predicted=predicted,
        past=past,
    )


def coming_back(scheme: Scheme) -> str:
    """Say how many of the best tier by prediction past revenue would have missed."""
    if scheme.method.fallback_:
        return _("{label} has no prediction to compare with past revenue.", label=scheme.label)
    return exchanged(scheme)


def drivers_title(table: pd.DataFrame) -> str:
    """Say which figures the prediction rests on."""
    if (table["importance"] <= 0).all():
        return _("No single figure drives the prediction")
    return _("The prediction rests most on {feature}", feature=table["feature"].iloc[0])
