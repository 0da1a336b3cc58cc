"""Weighted scorecard: several indicators, each as a percentile, added up and cut."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.tiering import base
from segment.tiering.clusters import LESS_IS_BETTER

WEIGHTS = {"days_since_last": 0.25, "order_days": 0.25, "monetary_total": 0.35,
           "monetary_mean": 0.15}  # fmt: skip


class Scorecard(base.Tiering):
    """Grades by a weighted mean of mid-rank percentiles.

    Parameters
    ----------
    weights : mapping of str to float
        Weight of each indicator column; scaled to add up to 1.
    less_is_better : sequence of str
        Indicators for which a low value scores high.
    shares : sequence of float
        Ascending shares of customers at which the ranked scores are cut.

    Attributes
    ----------
    limits_ : array
        Smallest score of each grade but the last, best first; scores are in (0, 1).
    """

    def __init__(self, weights=WEIGHTS, less_is_better=LESS_IS_BETTER, shares=(0.05, 0.20, 0.50)):
        self.weights = weights
        self.less_is_better = less_is_better
        self.shares = shares

    @property
    def columns(self) -> tuple[str, ...]:
        """The indicators."""
        return tuple(self.weights)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        if not isinstance(self.weights, Mapping) or not self.weights:
            raise StudyError(
                f"Scorecard: 'weights' must name columns and weights, found {self.weights!r}."
            )
        for column, weight in self.weights.items():
            if not base.is_number(weight) or not 0 <= weight < np.inf:
                raise StudyError(
                    f"Scorecard: the weight of '{column}' must be 0 or more, found {weight!r}."
                )
        if sum(self.weights.values()) <= 0:
            raise StudyError("Scorecard: the weights add up to 0; give one a positive value.")
        limits = base.check_limits("Scorecard: 'shares'", self.shares, 0, 1)
        base.check_classes("Scorecard: 'shares'", limits)

    def _learn(self, values: pd.DataFrame) -> None:
        limits = np.asarray(self.shares, dtype=float)
        self.tiers_ = base.check_classes("Scorecard: 'shares'", tuple(limits))
        self._sorted = {name: np.sort(values[name].to_numpy()) for name in self.columns}
        score = self._score(values, self.weights)
        level = base.places_by_share(score, limits)
        self.limits_ = base.lower_limits(score, len(limits) - level, len(limits) + 1)[::-1]

    def scores(self, customers: pd.DataFrame) -> pd.Series:
        """Return the score of every customer, in (0, 1)."""
        score = self._score(self._checked(customers), self.weights)
        return pd.Series(score, index=customers.index, name="score")

    def sensitivity(self, customers: pd.DataFrame, points: float = 0.10) -> pd.DataFrame:
        """Return how many customers change grade when one weight moves.

        Parameters
        ----------
        customers : DataFrame
            The customers that were fitted.
        points : float
            How far each weight moves up and down; the others share the rest in
            proportion. A weight never leaves 0 to 1.

        Returns
        -------
        DataFrame
            Indexed by indicator: ``weight``, and the shares of customers who
            change grade, ``up`` and ``down``.
        """
        values = self._checked(customers)
        shares = pd.Series(self.weights, dtype=float)
        shares /= shares.sum()
        limits = np.asarray(self.shares, dtype=float)
        now = base.places_by_share(self._score(values, shares), limits)
        rows = {}
        for name in shares.index:
            changed = {"weight": shares[name]}
            for way, move in (("up", points), ("down", -points)):
                moved = shares.copy()
                moved[name] = np.clip(shares[name] + move, 0, 1)
                others = shares.drop(name)
                rest = 1 - moved[name]
                moved[others.index] = others * (rest / others.sum() if others.sum() else 0)
                grade = base.places_by_share(self._score(values, moved), limits)
                changed[way] = float((grade != now).mean())
            rows[name] = changed
        return pd.DataFrame.from_dict(rows, orient="index")

    def _score(self, values: pd.DataFrame, weights: Mapping[str, float] | pd.Series) -> np.ndarray:
        total = np.zeros(len(values))
        for name in self.columns:
            order, column = self._sorted[name], values[name].to_numpy()
            below = np.searchsorted(order, column, side="left")
            upto = np.searchsorted(order, column, side="right")
            percentile = (below + upto) / (2 * len(order))
            total += weights[name] * (1 - percentile if name in self.less_is_better else percentile)
        # Rounded, so that equal scores are equal whatever the order of the sum.
        return np.round(total / sum(weights[name] for name in self.columns), 12)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        score = self._score(values, self.weights)
        return len(self.limits_) - base.count_reached(score, self.limits_[::-1])

    def rules(self) -> pd.DataFrame:
        """One row per grade: the score it needs; ``formula`` says how a score is made."""
        above = np.r_[np.inf, self.limits_[:-1]]
        texts = [
            f"score at least {limit:.4f}" if limit < before else "nobody"
            for limit, before in zip(self.limits_, above, strict=True)
        ]
        return pd.DataFrame({"tier": self.tiers_, "rule": [*texts, "everyone else"]})

    def formula(self) -> str:
        """Say how a score is made."""
        total = sum(self.weights.values())
        parts = [
            f"{weight / total:.0%} {'low' if name in self.less_is_better else 'high'} {name}"
            for name, weight in self.weights.items()
        ]
        return f"score = mean percentile of {', '.join(parts)}"
