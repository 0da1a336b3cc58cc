"""Weighted scorecard: several indicators, each as a percentile, added up and cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.language import N_
from segment.tiering import base
from segment.tiering.parameters import (
    SHARES,
    ascending,
    choice,
    distinct,
    is_number,
    letters,
    optional,
    parameter,
)
from segment.tiering.rule import Conditions, Figure, at_least

WEIGHTS = {
    "days_since_last": 0.25,
    "order_days": 0.25,
    "monetary_total": 0.35,
    "monetary_mean": 0.15,
}
DEFAULT_SHARES = (0.05, 0.20, 0.50)
# What a missing value scores; "rest" scores nothing, the other indicators carry its weight.
MIDDLE = 0.5
FILL = {"middle": MIDDLE, "worst": 0.0, "rest": np.nan, "refuse": np.nan}


@dataclass(eq=False, repr=False)
class Scorecard(base.Tiering):
    """Grades by a weighted mean of mid-rank percentiles.

    Parameters
    ----------
    weights : mapping of str to float
        Weight of each indicator, a column of numbers; scaled to add up to 1.
    less_is_better : sequence of str
        Indicators for which a low value scores high.
    shares : sequence of float, optional
        Ascending shares of customers at which the ranked scores are cut. Default
        0.05, 0.20 and 0.50, where there are no ``cuts``.
    missing : {"refuse", "middle", "worst", "rest"}
        What a missing value counts as: nothing, it is an error; the median customer
        (.5); the worst (0); or the other indicators carry its weight. Who has no
        indicator at all then counts as the middle.
    cuts : sequence of float, optional
        Instead of ``shares``: descending scores in (0, 1), the least score of every
        grade but the last.

    Attributes
    ----------
    limits_ : array
        Smallest score of each grade but the last, best first; scores are in 0 to 1.
    missing_ : Series
        Share of the customers it was fitted on who have no value, by indicator.

    Notes
    -----
    Percentiles are those of the customers it was fitted on who have a value. They
    are steps, one per different value, too many for an SQL expression: it is refused.
    """

    orders_by = "score"

    weights: Mapping[str, float] = parameter(WEIGHTS)
    less_is_better: Sequence[str] = parameter(base.LESS_IS_BETTER, distinct(least=0))
    shares: Sequence[float] | None = parameter(None, optional(SHARES))
    missing: str = parameter("refuse", choice(*FILL))
    cuts: Sequence[float] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The indicators."""
        return tuple(self.weights)

    @property
    def gaps(self) -> tuple[str, ...]:
        """All indicators, unless missing values are refused."""
        return () if self.missing == "refuse" else self.columns

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        if not isinstance(self.weights, Mapping) or not self.weights:
            raise StudyError(
                f"Scorecard: 'weights' must name columns and weights, found {self.weights!r}."
            )
        for column, weight in self.weights.items():
            if not is_number(weight) or not 0 <= weight < np.inf:
                raise StudyError(
                    f"Scorecard: the weight of '{column}' must be 0 or more, found {weight!r}."
                )
        if sum(self.weights.values()) <= 0:
            raise StudyError("Scorecard: the weights add up to 0; give one a positive value.")
        super().check_parameters()
        for name in self.less_is_better:
            if name not in self.weights and name not in base.LESS_IS_BETTER:
                raise StudyError(
                    f"Scorecard: 'less_is_better' names '{name}', which has no weight; "
                    "add it to 'weights' or leave it out."
                )
        if self.cuts is None:
            return
        if self.shares is not None:
            raise StudyError("Scorecard: 'shares' and 'cuts' both set the grades; leave one out.")
        backwards = self.cuts[::-1] if isinstance(self.cuts, (list, tuple)) else self.cuts
        try:
            ascending(0, 1)("Scorecard: 'cuts'", backwards)
        except StudyError as error:
            raise StudyError(
                "Scorecard: 'cuts' must be scores between 0 and 1, the highest first, found "
                f"{self.cuts!r}."
            ) from error
        SHARES("Scorecard: 'cuts'", backwards)

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = letters(self.cuts or self._shares)
        self._known = {name: np.sort(values[name].dropna().to_numpy()) for name in self.columns}
        self.missing_ = values.isna().mean()
        if self.cuts is not None:
            self.limits_ = np.asarray(self.cuts, dtype=float)
            return
        score = self._score(values, self.weights)
        self.limits_ = base.limits_of(score, self._cut(score), len(self.tiers_))

    def _cut(self, score: np.ndarray) -> np.ndarray:
        """Return the place of each score's grade, among the customers with these scores."""
        if self.cuts is not None:
            return (score[:, None] < self.limits_).sum(axis=1)
        return base.places_by_share(score, self._shares)

    @property
    def _shares(self) -> tuple[float, ...]:
        return DEFAULT_SHARES if self.shares is None else self.shares

    def scores(self, customers: pd.DataFrame) -> pd.Series:
        """Return the score of every customer, in 0 to 1."""
        score = self._score(self._checked(customers), self.weights)
        return pd.Series(score, index=customers.index, name="score")

    def sensitivity(self, customers: pd.DataFrame, points: float = 0.10) -> pd.DataFrame:
        """Return how many of the fitted customers change grade when one weight moves.

        By indicator: ``weight``, and the shares who change grade, ``up`` and ``down``, when it
        moves by ``points``, within 0 to 1; the others share the rest in proportion.
        """
        values = self._checked(customers)
        shares = pd.Series(self.weights, dtype=float)
        shares /= shares.sum()
        now = self._cut(self._score(values, shares))
        rows = {}
        for name in shares.index:
            changed = {"weight": shares[name]}
            for way, move in (("up", points), ("down", -points)):
                target, others = np.clip(shares[name] + move, 0, 1), shares.drop(name).sum()
                # A lone indicator cannot give its weight away.
                moved = shares * ((1 - target) / others if others else 1)
                moved[name] = target if others else 1
                grade = self._cut(self._score(values, moved))
                changed[way] = float((grade != now).mean())
            rows[name] = changed
        return pd.DataFrame.from_dict(rows, orient="index")

    def _score(self, values: pd.DataFrame, weights: Mapping[str, float] | pd.Series) -> np.ndarray:
        total, carried = np.zeros(len(values)), np.zeros(len(values))
        for name in self.columns:
            part = self._percentile(name, values[name].to_numpy())
            part = np.where(np.isnan(part), FILL[self.missing], part)
            counted = ~np.isnan(part)
            total[counted] += weights[name] * part[counted]
            carried[counted] += weights[name]
        some = carried > 0
        score = np.divide(total, carried, out=np.full(len(values), MIDDLE), where=some)
        # Rounded, so that equal scores are equal whatever the order of the sum.
        return np.round(score, 12)

    def _percentile(self, name: str, column: np.ndarray) -> np.ndarray:
        """Return percentiles, high is good; NaN where there is no value to compare."""
        known = self._known[name]
        if not len(known):
            return np.full(len(column), np.nan)
        percentile = base.midrank_percentile(column, known)
        percentile = 1 - percentile if name in self.less_is_better else percentile
        return np.where(np.isnan(column), np.nan, percentile)

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        return values.assign(score=self._score(values, self.weights))

    def conditions(self) -> Conditions:
        """Return the score that each grade but the last needs."""
        score = Figure("score", N_("score"), None if self.cuts else 4, self.columns)
        return at_least(self.tiers_, score, self.limits_)
