"""What methods share that rank customers by an expected value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.language import _
from segment.tiering import base
from segment.tiering.parameters import letters
from segment.tiering.rule import Conditions, at_least


class Forecast(base.Tiering):
    """Base of the methods that cut an expected value at shares of head count.

    A subclass has a parameter ``shares``. It implements ``_learn_model``, which sets
    ``reason_`` where there is no model (a text to translate and its figures), ``_score``, and
    ``_score_name``, the score as rules name it.

    Attributes
    ----------
    fallback_ : str
        Why the tiers are the order of past value; empty if the model is used.
    limits_ : array
        Smallest score of each tier but the last, best first. A score is an expected
        value, or past value where ``fallback_`` says why.
    """

    native_rule = False
    orders_by = "predicted"

    @property
    def fallback_(self) -> str:
        """Why the tiers are the order of past value, in words; empty if the model is used."""
        text, figures = getattr(self, "reason_", ("", {}))
        return _(text, **figures) if text else ""

    def predicted(self, customers: pd.DataFrame) -> pd.Series:
        """Return the value expected of each customer, past value where ``fallback_`` says why."""
        score = base.in_parts(lambda some: self._score(self._checked(some)), customers)
        return pd.Series(score, index=customers.index, name="predicted")

    def conditions(self) -> Conditions:
        """Return the score that each tier but the last needs."""
        return at_least(self.tiers_, self._score_name(), self.limits_)

    def _learn(self, values: pd.DataFrame) -> None:
        self.reason_ = ("", {})
        self._learn_model(values)
        score = base.in_parts(self._score, values)
        self.tiers_ = letters(self.shares)
        places = base.places_by_share(score, self.shares)
        self.limits_ = base.limits_of(score, places, len(self.tiers_))

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        return values.assign(predicted=self._score(values))


def significant(score: np.ndarray, digits: int = 6) -> np.ndarray:
    """Return positive scores to so many significant digits: equal customers stay equal."""
    with np.errstate(divide="ignore"):
        size = np.where(score > 0, np.floor(np.log10(score)), 0)
    scale = 10.0 ** (digits - 1 - size)
    return np.round(score * scale) / scale
