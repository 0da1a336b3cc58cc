"""Schemes compared on the customers of one cut date, beside the plain sort and foresight.

Definitions
-----------
P, G : cumulative shares of customers and of holdout value, best tier first.
C : sum over tiers of (P_k - P_{k-1}) (G_k + G_{k-1}) - 1, twice the area between
    the gains curve and the diagonal.
gini : C / C of perfect foresight (normalised Gini; 0 random, 1 perfect).
skill : (C - C_M) / C of perfect foresight, where C_M gives the past-revenue
    sort the same tier sizes. gini = gini of the revenue sort - granularity
    loss + skill, exactly.
capture : G at a chosen share of customers.
auc : probability that an active customer stands in a better tier than an
    inactive one, ties counted half.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence.gains import Order, Tiers, Totals, concentration
from segment.language import N_

REVENUE_SORT = N_("Revenue sort")
ORACLE = N_("Perfect foresight")
FIGURES = ("gini", "skill", "capture", "auc")


class Comparison:
    """Several tierings of the same customers, ready to be measured under any weights.

    ``labels`` holds the tiers of every customer, by scheme; the attribute ``labels`` are the
    schemes, then the plain sort and perfect foresight. ``customers`` needs ``monetary_total`` for
    the plain sort, ``outcome`` ``value`` and ``active`` in the holdout, indexed alike.
    """

    def __init__(
        self,
        labels: Mapping[str, pd.Series],
        customers: pd.DataFrame,
        outcome: pd.DataFrame,
        capture_share: float,
    ):
        value = outcome["value"].to_numpy(dtype="float64")
        active = outcome["active"].to_numpy(dtype="float64")
        past = customers["monetary_total"].to_numpy(dtype="float64")
        codes = {label: _codes(label, tiers, customers.index) for label, tiers in labels.items()}
        sizes = {label: len(tiers.cat.categories) for label, tiers in labels.items()}
        self.labels = [*labels, REVENUE_SORT, ORACLE]
        self.capture_share = capture_share
        self._tiers = Tiers(codes, sizes, value, active)
        self._revenue, self._perfect = Order(past, value, active), Order(value, value, active)

    def measure(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the figures, and what the customers of each tier brought on average.

        ``w``, of shape (resamples, n), is how often each customer counts. The figures have the
        shape (resamples, FIGURES, labels), the means (resamples, tiers of all schemes).
        """
        totals = list(self._tiers.totals(w).values())
        sizes = np.concatenate([total.customers for total in totals], axis=1)
        # The plain sort's curve at the tier sizes of all schemes.
        captured, orders = np.empty_like(sizes), []
        rows = zip(self._revenue.rows(w), self._perfect.rows(w), strict=True)
        for b, (by_revenue, by_value) in enumerate(rows):
            captured[b] = by_revenue.captured(sizes[b : b + 1])[0]
            orders.append([self._own_figures(total)[:, 0] for total in (by_revenue, by_value)])
        own = np.stack([self._own_figures(total) for total in totals])
        own = np.concatenate([own.transpose(2, 1, 0), np.array(orders).transpose(0, 2, 1)], axis=2)
        c = own[:, 0]
        same = c.copy()
        ends = np.cumsum([total.customers.shape[1] for total in totals])[:-1]
        for j, curve in enumerate(np.split(captured, ends, axis=1)):
            same[:, j] = concentration(totals[j].customers, curve)
        with np.errstate(invalid="ignore", divide="ignore"):
            gini, skill = c / c[:, -1:], (c - same) / c[:, -1:]
        # Rounded: an order that is the plain sort has a skill of exactly 0.
        figures = np.stack([gini, np.round(skill, 12), own[:, 1], own[:, 2]], axis=1)
        return figures, np.concatenate([total.mean_value for total in totals], axis=1)

    def _own_figures(self, total: Totals) -> np.ndarray:
        """Return C, capture and AUC; shape (3, resamples)."""
        capture = total.capture(self.capture_share)
        return np.stack([total.concentration, capture, total.area_under_roc])

    def gains(self) -> dict[str, Totals]:
        """Return the running totals of every label."""
        w = np.ones((1, self._tiers.n), dtype="uint8")
        orders = {REVENUE_SORT: self._revenue, ORACLE: self._perfect}
        by_order = {label: next(order.rows(w)) for label, order in orders.items()}
        return self._tiers.totals(w) | by_order


def _codes(label: str, tiers: pd.Series, population: pd.Index) -> np.ndarray:
    if not isinstance(tiers.dtype, pd.CategoricalDtype) or not tiers.cat.ordered:
        raise StudyError(
            f"'{label}' must give an ordered categorical, best tier first, found {tiers.dtype}."
        )
    if tiers.index.has_duplicates:
        raise StudyError(f"'{label}' gives some customers two tiers.")
    tiers = tiers.reindex(population)
    if tiers.isna().any():
        raise StudyError(
            f"'{label}' leaves {int(tiers.isna().sum()):,} customers without a tier; "
            "every customer of the calibration needs one."
        )
    return tiers.cat.codes.to_numpy()
