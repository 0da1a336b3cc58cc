"""How tiers of one period agree with tiers of the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from segment.bootstrap import interval, weights
from segment.tiering import Tiering

NO_PURCHASE = "no purchase"


@dataclass(frozen=True)
class Stability:
    """How tiers of one period agree with tiers of the next.

    Attributes
    ----------
    figures : DataFrame
        One row per method: ``kappa`` (quadratic-weighted, customers who bought
        in both windows) with its 95 % interval, ``kept`` (share of them in the
        same tier), ``customers`` (in both windows).
    moves : DataFrame
        ``label``, ``earlier``, ``later``, ``customers``; a customer who did not
        buy in the later window has ``later`` = "no purchase".
    lost : float
        Share of the earlier window's customers without a purchase in the later.
    """

    figures: pd.DataFrame
    moves: pd.DataFrame
    lost: float


def stability(
    methods: Mapping[str, Tiering], earlier: pd.DataFrame, later: pd.DataFrame,
    *, replicates: int = 1000, seed: int = 1,
) -> Stability:  # fmt: skip
    """Compare tiers learned afresh in two adjacent, equally long windows.

    Parameters
    ----------
    methods : mapping of str to Tiering
        Fitted methods; each is refitted in both windows.
    earlier, later : DataFrame
        Features of the two windows.
    replicates, seed : int
        Paired bootstrap of the customers in both windows.

    Returns
    -------
    Stability
    """
    both = earlier.index.intersection(later.index)
    rows, moves = {}, []
    codes = {}
    for label, method in methods.items():
        before, after = (_refit(method, window).predict(window) for window in (earlier, later))
        moved = after.astype(object).reindex(before.index).fillna(NO_PURCHASE)
        counted = pd.crosstab(before.astype(object), moved).stack()
        counted.index.names = ["earlier", "later"]
        moves.append(counted[counted > 0].rename("customers").reset_index().assign(label=label))
        codes[label] = (
            before.cat.codes.reindex(both).to_numpy(dtype="float64"),
            after.cat.codes.reindex(both).to_numpy(dtype="float64"),
        )
        kept = (before.astype(object).reindex(both) == after.astype(object).reindex(both)).mean()
        rows[label] = {"kept": float(kept), "customers": len(both)}
    draws = {label: [] for label in methods}
    for w in weights(len(both), replicates, seed) if len(both) else ():
        for label, (a, b) in codes.items():
            draws[label].append(weighted_kappa(a, b, w))
    for label, (a, b) in codes.items():
        exact = weighted_kappa(a, b, np.ones((1, len(both))))[0] if len(both) else np.nan
        low, high = interval(np.concatenate(draws[label])) if draws[label] else (np.nan, np.nan)
        rows[label] |= {"kappa": float(exact), "kappa_low": low, "kappa_high": high}
    lost = 1 - len(both) / len(earlier) if len(earlier) else float("nan")
    return Stability(
        pd.DataFrame.from_dict(rows, orient="index"), pd.concat(moves, ignore_index=True), lost
    )


def _refit(method: Tiering, customers: pd.DataFrame) -> Tiering:
    again = getattr(method, "refit", clone(method).fit)
    return again(customers)


def weighted_kappa(a: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return quadratic-weighted kappa under weights of shape (resamples, n).

    One minus the mean squared difference over the one expected if both ratings
    kept their distribution but were independent (Cohen 1968).
    """
    parts = np.column_stack([a, b, a**2 + b**2, (a - b) ** 2])
    mean_a, mean_b, squares, observed = (w @ parts / w.sum(axis=1, keepdims=True)).T
    with np.errstate(invalid="ignore", divide="ignore"):
        # Expected: var(a) + var(b) + (mean_a - mean_b)^2, which simplifies to this.
        return 1 - observed / (squares - 2 * mean_a * mean_b)
