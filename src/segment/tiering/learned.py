"""Tiers of predicted next-period value, learned on the past only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from segment.features.recent import INNER_CUTS, TOTAL, past, sampled, then
from segment.language import N_
from segment.tiering.base import in_parts
from segment.tiering.forecast import Forecast, significant
from segment.tiering.parameters import SHARES, parameter
from segment.tiering.recent_spend import (
    FEW,
    LEAST_BUYERS,
    RecentSpend,
    concentration,
    orders,
)
from segment.tiering.rule import Conditions, Figure

if TYPE_CHECKING:
    from sklearn.linear_model import PoissonRegressor

RHYTHM = ("order_days", "days_since_last", "days_since_first")
MOST_ROWS = 100_000  # learned from; more change no figure that anyone would see
FOLDS, PENALTIES = 5, (0.01, 1.0)
ENOUGH = 2  # standard errors by which a model must be better
NO_BETTER = N_("among customers held out of its fit the model sorted no better than recent spend")
NOTHING = N_("no customer had brought anything before the inner cuts")


@dataclass(eq=False, repr=False)
class Learned(Forecast):
    """Tiers by the value that a model expects of each customer in the next period.

    The time before the cut is itself cut at three dates. What customers had done before each
    explains what they brought in the third of the time after it; the explanation, one for the
    three dates together, is then applied to what they had done by the end. Nothing after the
    end is seen.

    The model is a Poisson regression of the next value with past value as its exposure: each
    customer is first expected to go on in proportion to the past, and figures in logs correct
    that: spend at every half-life that ``RecentSpend`` tries, spend per purchase day, purchase
    days, days since the last and the first purchase, and the purchases overdue. Poisson
    regression is consistent for the mean of any non-negative outcome, and needs no second model
    for those who bring nothing (Gourieroux, Monfort and Trognon 1984, *Econometrica* 52, 701-720;
    Santos Silva and Tenreyro 2006, *Review of Economics and Statistics* 88, 641-658). Its
    penalty, one of two, is chosen by the deviance among customers held out of the fit.

    Customers are sorted by the geometric mean of this prediction and their recent spend, which is
    steadier than either. Where that does not sort customers held out of the fit better than
    recent spend alone, by more than two standard errors, the tiers are those of recent spend.

    Parameters
    ----------
    shares : sequence of float
        Ascending shares of customers at which the order is cut.

    Attributes
    ----------
    recent_ : RecentSpend
        Recent spend, with the half-life learned from the same customers.
    fallback_, limits_
        As in ``Forecast``, but that recent spend takes the model's place. A score is in the unit
        of ``next_value_1``; those of the customers learned from add up to what they brought.
    quality_ : dict of str to float
        How well customers held out of the fit were sorted, mean over folds and inner cuts of C
        (0 is random order): ``concentration`` and ``by_recent_spend``, their ``difference`` and
        its ``standard_error``, and the ``customers`` and ``dates`` learned from. Empty if nothing
        was learned.

    Notes
    -----
    Learning reads ``past_<k>_<feature>``, features as of the inner cuts (missing for customers
    who had bought nothing by then), and ``next_value_<k>``; ``predict`` reads neither.
    """

    shares: Sequence[float] = parameter((0.05, 0.20, 0.50), SHARES)

    columns = (TOTAL["spend"], *RHYTHM)

    @property
    def extras(self) -> tuple[str, ...]:
        """What recent spend reads, and the customers' rhythm as of the inner cuts."""
        return (*RecentSpend().extras, *(past(k, name) for k in INNER_CUTS for name in RHYTHM))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What customers had done by the inner cuts; not all had bought by then."""
        return tuple(name for name in self.extras if name.startswith("past_"))

    def _learn(self, values: pd.DataFrame) -> None:
        self.recent_ = RecentSpend(shares=self.shares).fit(values)
        super()._learn(values)
        if self.fallback_:
            self.read_, self.limits_ = self.recent_.read_, self.recent_.limits_

    def _learn_model(self, values: pd.DataFrame) -> None:
        self.quality_ = {}
        measure = "margin" if TOTAL["margin"] in values else "spend"
        money = [name for name in orders(measure) if past(1, name) in values]
        self.read_ = (*RHYTHM, *money)
        rows = pd.DataFrame() if self.recent_.fallback_ else _pooled(sampled(values), self.read_)
        if rows.empty:
            self.reason_ = (FEW, {})
            return
        if not (rows[[TOTAL[measure], self.recent_.by_]] > 0).any().all():
            self.reason_ = (NOTHING, {})
            return
        # Loaded here, as it takes longer than many a command that fits nothing; and before the
        # limit, which holds for the threads of what is loaded.
        from sklearn.linear_model import PoissonRegressor

        model = PoissonRegressor(solver="newton-cholesky", tol=1e-6, warm_start=True)
        with threadpool_limits(1):
            self._model = _Model(model, rows, values, money, self.recent_.by_)
        self.quality_ = self._model.quality
        if not self.quality_["difference"] > ENOUGH * self.quality_["standard_error"]:
            self.reason_ = (NO_BETTER, {})

    def _score(self, values: pd.DataFrame) -> np.ndarray:
        if self.fallback_:
            return values[self.recent_.by_].to_numpy()
        return self._model.score(values)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        return self.recent_._codes(values) if self.fallback_ else super()._codes(values)

    def conditions(self) -> Conditions:
        """Return the score that each tier but the last needs."""
        return self.recent_.conditions() if self.fallback_ else super().conditions()

    def _score_name(self) -> Figure:
        return Figure("predicted", N_("predicted value"))


def _pooled(values: pd.DataFrame, read: Sequence[str]) -> pd.DataFrame:
    """Return what customers had done by each inner cut, and ``value``, ``cut``, ``customer``."""
    # The same rows in the same order, whatever the order of the customers.
    values = values.iloc[np.lexsort(values.to_numpy().T)]
    values = values.iloc[:: max(1, -(-len(INNER_CUTS) * len(values) // MOST_ROWS))]
    parts = []
    for k in INNER_CUTS:
        rows = values[[past(k, name) for name in read]].set_axis([*read], axis=1)
        rows = rows.assign(value=values[then(k)].clip(lower=0), cut=k, customer=range(len(values)))
        rows = rows[rows.notna().all(axis=1)]
        if (rows["value"] > 0).sum() >= LEAST_BUYERS:
            parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


class _Model:
    """Poisson regression of the next value, in the geometric mean with recent spend.

    ``rows`` are those of ``_pooled``, ``money`` their columns of past value at every half-life,
    the last one without decay, ``recent`` the one that recent spend sorts by. A figure beyond
    those of the rows and of the customers ``seen`` counts as the nearest of them.
    """

    def __init__(
        self,
        model: PoissonRegressor,
        rows: pd.DataFrame,
        seen: pd.DataFrame,
        money: Sequence[str],
        recent: str,
    ):
        self._money, self._recent = money, recent
        self._floor = {name: _floor(rows[name].to_numpy()) for name in (money[-1], recent)}
        raw, value = self._design(rows), rows["value"].to_numpy()
        both = np.vstack([raw, in_parts(self._ends, seen)])
        self._low, self._high = both.min(axis=0), both.max(axis=0)
        self._mean, spread = raw.mean(axis=0), raw.std(axis=0)
        self._spread = np.where(spread > 1e-9, spread, np.inf)
        x, exposure = (raw - self._mean) / self._spread, np.exp(self._logs(rows, money[-1]))
        penalty, self.quality = self._held_out(model, rows, x, exposure)
        self._coef = _fitted(model, x, value, exposure, penalty).coef_
        self._shift = 0.0
        # The scores of those it learned from add up to what they brought.
        self._shift = np.log(value.sum()) - np.log(self.score(rows).sum())

    def score(self, values: pd.DataFrame) -> np.ndarray:
        """Return the score of customers; equal customers get equal ones."""
        inside = np.clip(self._design(values), self._low, self._high)
        total = self._logs(values, self._money[-1]) + self._logs(values, self._recent)
        # Column by column: a matrix product may round equal rows differently.
        for j, coef in enumerate(self._coef):
            total += coef * (inside[:, j] - self._mean[j]) / self._spread[j]
        return significant(np.exp(total / 2 + self._shift))

    def _logs(self, values: pd.DataFrame, name: str) -> np.ndarray:
        return np.log(np.maximum(values[name].to_numpy(), 0) + self._floor[name])

    def _ends(self, values: pd.DataFrame) -> np.ndarray:
        """Return the least and the most of each of the model's figures."""
        figures = self._design(values)
        return np.stack([figures.min(axis=0), figures.max(axis=0)])

    def _design(self, values: pd.DataFrame) -> np.ndarray:
        """Return the model's figures: those of money, then those of the rhythm."""
        days, last, first = (np.maximum(values[name].to_numpy(), 0) for name in RHYTHM)
        days, first = np.maximum(days, 1), np.maximum(first, last) + 1
        unit = self._floor[self._money[-1]]  # so that no currency matters
        money = [np.maximum(values[name].to_numpy(), 0) / unit for name in self._money]
        figures = [*money, money[-1] / days, days, last, first, last * days / first]
        return np.log1p(np.column_stack(figures))

    def _held_out(
        self, model: PoissonRegressor, rows: pd.DataFrame, x: np.ndarray, exposure: np.ndarray
    ) -> tuple[float, dict[str, float]]:
        """Return the better penalty, and how well it sorted the customers that it did not see."""
        value, cut = rows["value"].to_numpy(), rows["cut"].to_numpy()
        recent = self._logs(rows, self._recent)
        customers = rows["customer"].max() + 1
        fold = np.random.default_rng(1).permutation(np.arange(customers) % FOLDS)[rows["customer"]]
        found = {}
        for penalty in PENALTIES:
            predicted = np.empty(len(rows))
            for k in range(FOLDS):
                known, out = fold != k, fold == k
                _fitted(model, x[known], value[known], exposure[known], penalty)
                predicted[out] = model.predict(x[out]) * exposure[out]
            found[penalty] = predicted
        best = min(PENALTIES, key=lambda penalty: _deviance(value, found[penalty]))
        both = np.log(found[best]) + recent
        figures = []
        for k in range(FOLDS):
            groups = [(fold == k) & (cut == number) for number in np.unique(cut)]
            groups = [group for group in groups if (value[group] > 0).any()]
            figures.append(
                [np.mean([concentration(by[g], value[g]) for g in groups]) for by in (both, recent)]
            )
        ours, alone = np.array(figures).T
        return best, {
            "concentration": float(ours.mean()),
            "by_recent_spend": float(alone.mean()),
            "difference": float((ours - alone).mean()),
            "standard_error": float((ours - alone).std(ddof=1) / np.sqrt(FOLDS)),
            "customers": int(rows["customer"].nunique()),
            "dates": len(np.unique(cut)),
        }


def _floor(amounts: np.ndarray) -> float:
    """Return what is added to amounts so that they have logs: half of a small one."""
    return float(np.quantile(amounts[amounts > 0], 0.05) / 2)


def _fitted(
    model: PoissonRegressor, x: np.ndarray, value: np.ndarray, exposure: np.ndarray, penalty: float
) -> PoissonRegressor:
    """Fit the value as a multiple of the exposure, from where the model was fitted before."""
    weight = exposure / exposure.mean()
    model.set_params(alpha=penalty)
    return model.fit(x, value / value.mean() / weight, sample_weight=weight)


def _deviance(value: np.ndarray, predicted: np.ndarray) -> float:
    """Return the Poisson deviance, but for what no prediction changes."""
    predicted = predicted * value.sum() / predicted.sum()
    return float((predicted - value * np.log(predicted)).sum())
