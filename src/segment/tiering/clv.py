"""Tiers of expected value by purchase and dropout: BG/NBD with Gamma-Gamma."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segment import DISTRIBUTION
from segment.errors import StudyError
from segment.language import N_
from segment.tiering.forecast import Forecast, significant
from segment.tiering.parameters import SHARES, choice, parameter, whole
from segment.tiering.rule import Figure

DAYS_PER_WEEK = 7
LEAST_REPEATERS = 30
MEAN = {"repeat": "monetary_repeat_mean", "all": "monetary_mean"}
FEW = N_("{n} customers bought on a second day; the models need {least}")


@dataclass(eq=False, repr=False)
class CLV(Forecast):
    """Tiers by the value expected over a horizon, from how often and how lately one bought.

    BG/NBD: a customer buys at random at an own rate, and after each purchase may be gone
    for good (Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way,
    *Marketing Science* 24, 275-284). Gamma-Gamma: what a purchase brings varies around
    an own mean (Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value). The
    expected value is expected purchases times expected amount, not discounted.
    Both models are fitted by pymc-marketing at the maximum of the posterior under flat
    priors, which is the maximum likelihood of the papers.

    Parameters
    ----------
    horizon_days : int
        How far ahead value is expected.
    shares : sequence of float
        Ascending shares of customers at which the ranked values are cut.
    amounts : {"repeat", "all"}
        Which purchases say how much a customer spends: those after the first day, as in the
        papers, or the first as well.

    Attributes
    ----------
    parameters_ : dict of str to float
        ``r``, ``alpha`` (weeks), ``a``, ``b`` of BG/NBD; ``p``, ``q``, ``v`` (currency)
        of Gamma-Gamma. Empty where ``fallback_`` says why.
    fallback_, limits_
        As in ``Forecast``.

    Notes
    -----
    The papers' figures follow from the features: frequency is ``order_days`` - 1,
    T ``days_since_first``, recency ``days_since_first`` - ``days_since_last``, and the
    mean amount ``monetary_repeat_mean``: the amount on days after the first purchase
    day, net of returns, per purchase day after the first; 0 after a single such day.
    With ``amounts="all"`` it is ``monetary_mean``, of frequency + 1 days.
    """

    horizon_days: int = parameter(365, whole(1))
    shares: Sequence[float] = parameter((0.05, 0.20, 0.50), SHARES)
    amounts: str = parameter("repeat", choice(*MEAN))

    @property
    def columns(self) -> tuple[str, ...]:
        """What the papers' figures follow from, and past value."""
        rhythm = ("order_days", "days_since_first", "days_since_last")
        return (*rhythm, MEAN.get(self.amounts, "monetary_mean"), "monetary_total")

    def _history(self, values: pd.DataFrame) -> pd.DataFrame:
        return _history(values, self.amounts)

    def _learn_model(self, values: pd.DataFrame) -> None:
        clv = _pymc_marketing()
        history = self._history(values)
        repeaters = int(((history["frequency"] > 0) & (history["monetary_value"] > 0)).sum())
        self.parameters_ = {}
        if repeaters < LEAST_REPEATERS:
            self.reason_ = (FEW, {"n": f"{repeaters:,}", "least": LEAST_REPEATERS})
        else:
            self._fit(clv, history)

    def _fit(self, clv: Any, history: pd.DataFrame) -> None:
        # Sorted and numbered: the same sums whatever the order of the customers.
        history = history.sort_values([*history], ignore_index=True)
        history.insert(0, "customer_id", np.arange(len(history)))
        spent = history.assign(frequency=history["amounts"])
        spent = spent[(spent["frequency"] > 0) & (spent["monetary_value"] > 0)]
        # In units of the mean amount, so that the search starts near the answer.
        unit = float(spent["monetary_value"].mean())
        spent = spent.assign(monetary_value=spent["monetary_value"] / unit)
        fitted = {
            **_maximum(clv.BetaGeoModel, ("r", "alpha", "a", "b"), history),
            **_maximum(clv.GammaGammaModel, ("p", "q", "v"), spent),
        }
        fitted["v"] *= unit
        # With q up to 1 amounts vary so much that no finite mean is expected.
        sound = all(np.isfinite(value) and value > 0 for value in fitted.values())
        if not sound or fitted["q"] <= 1:
            self.reason_ = (N_("the fit did not converge"), {})
        else:
            self.parameters_ = fitted

    def expected_purchases(self, customers: pd.DataFrame, days: int) -> pd.Series:
        """Return the purchase days expected of each customer in so many days to come."""
        if self.fallback_:
            raise StudyError(f"CLV fitted no model: {self.fallback_}.")
        fitted = _purchases(self._history(self._checked(customers)), days, self.parameters_)
        return pd.Series(fitted, index=customers.index, name="expected_purchases")

    def _score(self, values: pd.DataFrame) -> np.ndarray:
        if self.fallback_:
            return values["monetary_total"].to_numpy()
        history = self._history(values)
        value = _purchases(history, self.horizon_days, self.parameters_)
        return significant(value * _amount(history, self.parameters_))

    def _score_name(self) -> Figure:
        if self.fallback_:
            return Figure("monetary_total")
        return Figure("predicted", N_("value in {n} days"), n=self.horizon_days)


def _pymc_marketing() -> Any:
    with warnings.catch_warnings():
        # Of its dependencies to its developers; nothing a study can change.
        warnings.simplefilter("ignore")
        try:
            from pymc_marketing import clv
        except ImportError:
            raise StudyError(
                "The method 'clv' needs the package pymc-marketing, which is not installed; "
                f'run: pip install "{DISTRIBUTION}[clv]"'
            ) from None
    return clv


def _history(values: pd.DataFrame, amounts: str = "repeat") -> pd.DataFrame:
    """Return the papers' x, t_x and T (weeks), and the mean of so many ``amounts``, 0 of none."""
    age = values["days_since_first"].clip(lower=0)
    frequency = (values["order_days"] - 1).clip(lower=0)
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": (age - values["days_since_last"]).clip(lower=0, upper=age) / DAYS_PER_WEEK,
            "T": age / DAYS_PER_WEEK,
            "monetary_value": values[MEAN[amounts]].clip(lower=0),
            "amounts": frequency + (amounts == "all"),
        }
    )


def _maximum(kind: Any, names: tuple[str, ...], history: pd.DataFrame) -> dict[str, float]:
    from pymc_extras.prior import Prior

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = kind(model_config={name: Prior("HalfFlat") for name in names})
        model.fit(data=history, method="map", progressbar=False)
        return {name: float(model.fit_result[name].mean()) for name in names}


def _purchases(history: pd.DataFrame, days: int, of: dict[str, float]) -> np.ndarray:
    """Return E[Y(t) | x, t_x, T], equation 10 of Fader, Hardie and Lee (2005).

    Euler's transformation of the hypergeometric function keeps its arguments small
    however often a customer bought.
    """
    from scipy.special import hyp2f1

    r, alpha, b = of["r"], of["alpha"], of["b"]
    a = of["a"] if abs(of["a"] - 1) > 1e-6 else 1 + 1e-6  # the equation has a removable gap at 1
    x, recency, age = (history[name].to_numpy() for name in ("frequency", "recency", "T"))
    t = days / DAYS_PER_WEEK
    z = t / (alpha + age + t)
    alive = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        gone = a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    return (a + b + x - 1) / (a - 1) * (1 - alive) / (1 + np.where(x > 0, gone, 0))


def _amount(history: pd.DataFrame, of: dict[str, float]) -> np.ndarray:
    """Return E[M | m, x]: the own mean amount, drawn to the mean of all (Fader and Hardie 2013)."""
    x, mean = history["amounts"].to_numpy(), history["monetary_value"].to_numpy()
    return of["p"] * (of["v"] + x * mean) / (of["p"] * x + of["q"] - 1)
