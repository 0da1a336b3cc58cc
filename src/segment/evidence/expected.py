"""What one customer of a tier may bring next: a range learned before the cut, tried after it.

A scheme is learned afresh on an inner cut. Of what the customers of each tier brought from there
to the main cut, the range from the (n + 1) .1 th to the (n + 1) .9 th of them holds the next one's
value with 80 % at least (from 0 to the .8 th where a tenth or more bring nothing), if the time to
come is as the time before (split conformal prediction:
Lei, G'Sell, Rinaldo, Tibshirani and Wasserman 2018, JASA 113). Where the inner time is shorter than
the holdout, amounts are scaled by the two lengths. How often the range held is counted after the
cut, which nothing here has learned from.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from segment.evidence.comparison import net_value
from segment.evidence.origins import Origin
from segment.tiering import Tiering

INSIDE = 0.80
NAME = "scheme"
COLUMNS = ["tier", "customers", "buys", "may", "may_low", "may_high", "held_range", "bought"]
# Of fewer customers the ends of the range would be single ones.
LEAST = 20


def ranges(
    method: Tiering, inner: Origin, net: pd.Series, active: pd.Series, days: int
) -> pd.DataFrame:
    """Return what a customer of each tier may bring in as long a time as the holdout.

    ``tier``, ``customers`` (at the cut), ``buys`` (share who bought after the inner cut), ``may``
    with ``may_low`` and ``may_high`` (median and the range; missing of few customers),
    ``held_range`` (share of the tier whose holdout value lay in it) and ``bought`` (share who did
    buy there). Without rows where the method cannot be learned on the inner cut. ``net`` and
    ``active`` are of the holdout, which has so many days.
    """
    tiers, _lacking, _reason = inner.tiers({NAME: method}, LEAST)
    if NAME not in tiers:
        return pd.DataFrame(columns=COLUMNS)
    then, labels = tiers[NAME].astype(object), method.labels_.astype(object)
    scale, value = days / (inner.end - inner.cut).days, net_value(inner.outcome)
    rows = []
    for tier in method.tiers_:
        known, inside = then == tier, labels == tier
        row = {"tier": tier, "customers": int(inside.sum())}
        if known.sum() >= LEAST and inside.any():
            low, middle, high = _ends(scale * value[known].to_numpy())
            row |= {"buys": inner.outcome.loc[known, "active"].mean()}
            row |= {"may": middle, "may_low": low, "may_high": high}
            row |= {"held_range": net[inside].between(low, high).mean()}
            row |= {"bought": active[inside].mean()}
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _ends(value: np.ndarray) -> tuple[float, float, float]:
    """Return the range that holds one more value, and the median; nobody's own amount."""
    ordered, n = np.sort(value), len(value)
    low = ordered[math.floor((1 - INSIDE) / 2 * (n + 1)) - 1]
    # Where many bring as little as the low end, all of them are inside: the high end comes down.
    below = int((ordered < low).sum())
    high = ordered[min(n - 1, below + math.ceil(INSIDE * (n + 1)))]
    return _rounded(low, math.floor), _rounded(np.median(ordered), round), _rounded(high, math.ceil)


def _rounded(value: float, way: Callable[[float], int]) -> float:
    """Return a number to two digits, so that it is nobody's own; down, up or to the nearest."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(way(value / unit) * unit)
