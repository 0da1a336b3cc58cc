"""Tiers of predicted next-period value, learned on the past only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor
from threadpoolctl import threadpool_limits

from segment.errors import StudyError
from segment.language import N_
from segment.tiering import base
from segment.tiering.forecast import Forecast, significant
from segment.tiering.parameters import SEED, SHARES, parameter
from segment.tiering.rule import Figure

READ = ("monetary_total", "order_days", "days_since_last", "days_since_first")
MARGIN, PAST, NEXT = "margin_total", "past_", "next_value"
LEAST_CUSTOMERS = 50  # with a next value above 0; fewer say nothing about who comes back
MOST_CUSTOMERS = 100_000  # learned from; more change no figure that anyone would see
FOLDS, SHUFFLES = 5, 5
FEW = N_(
    "{n} customers who had bought before the inner cut brought anything after it; "
    "a model needs {least}"
)
NO_BETTER = N_("among customers held out of its fit the model ranked no better than past value")
PRIOR = 100.0  # customers that "as much as so far, in proportion" is worth as evidence
CAPPED_ABOVE = 0.99  # quantile of positive next values
LEAST_MONEY = 0.01  # of the median total: smaller ones, and returns, count as this


@dataclass(eq=False, repr=False)
class Learned(Forecast):
    """Tiers by the value that a model expects of each customer in the next period.

    The window before the cut is itself cut in two. What customers had done before
    the inner cut explains what they brought after it; the explanation is then
    applied to what they had done by the end. Nothing after the end is seen.

    The model is a Poisson regression of the next value with past value as its
    exposure: each customer is first expected to go on in proportion to the past, and
    six figures correct that, in logs where they count days or money: the past total,
    purchase days, days since the last and the first purchase, the quiet share (days
    since the last over days since the first purchase) and the purchases overdue
    (quiet share times purchase days). The penalty pulls the corrections, not the
    predictions, to 0, so that few customers leave the order of past value as it is.
    Poisson regression is consistent for the mean of any non-negative outcome, and
    needs no second model for those who bring nothing (Gourieroux, Monfort and Trognon
    1984, *Econometrica* 52, 701-720; Santos Silva and Tenreyro 2006, *Review of
    Economics and Statistics* 88, 641-658).

    Where the model does not rank customers held out of its fit better than past value
    does, by more than one standard error, the tiers are the order of past value.

    Parameters
    ----------
    shares : sequence of float
        Ascending shares of customers at which the ranked predictions are cut.
    seed : int
        For the shuffles of ``importance_``; the tiers do not depend on it.

    Attributes
    ----------
    fallback_, limits_
        As in ``Forecast``; a score is the prediction, in the unit of ``next_value`` and for
        a period as long as the one from the inner cut to the end.
    importance_ : DataFrame
        ``feature``, ``importance`` and ``spread``, most important first: the loss of
        normalised Gini among customers held out of the fit when the values of a
        feature are shuffled, mean and standard deviation over folds and shuffles.
        Empty if no model could be learned.
    quality_ : dict of str to float
        How well customers held out of the fit were ranked: ``gini`` and
        ``gini_past_value`` (normalised, 1 is perfect), their ``difference`` and its
        ``standard_error`` over folds, and the ``customers`` learned from. Empty if no
        model could be learned.

    Notes
    -----
    Learning reads ``past_<feature>``, the features as of the inner cut (missing for
    customers who had bought nothing by then), and ``next_value``, what each customer
    brought from the inner cut to the end; ``predict`` reads neither.
    """

    # Features as of the end; to learn, also as of the inner cut, and the next value.
    columns = (*READ, *(PAST + name for name in READ), NEXT)
    # Margin, where the data have it: past value is then past margin.
    extras = (MARGIN, PAST + MARGIN)
    # Not every customer had bought by the inner cut.
    gaps = tuple(PAST + name for name in (*READ, MARGIN))

    shares: Sequence[float] = parameter((0.05, 0.20, 0.50), SHARES)
    seed: int = parameter(1, SEED)

    @property
    def orders_by_revenue(self) -> bool:
        """Whether the model was left out, so that the tiers are the revenue sort, cut."""
        return bool(self.fallback_) and MARGIN not in self.read_

    def _learn_model(self, values: pd.DataFrame) -> None:
        # From here on only what a prediction reads.
        self.read_ = (*READ, *(name for name in (MARGIN,) if self._has_margin(values)))
        past = values[[PAST + name for name in self.read_]]
        known = past.notna().all(axis=1) & (past[PAST + "order_days"] > 0)
        past = past[known].to_numpy()
        order = np.lexsort([*past.T, values.loc[known, NEXT]])
        # Every so-many-th of the sorted customers: the same whatever their order.
        order = order[:: max(1, -(-len(order) // MOST_CUSTOMERS))]
        past = pd.DataFrame(past[order], columns=self.read_)
        value = np.maximum(values.loc[known, NEXT].to_numpy()[order], 0)
        self.importance_ = pd.DataFrame({"feature": [], "importance": [], "spread": []})
        self.quality_ = {}
        self.reason_ = _too_little(past, value)
        if not self.fallback_:
            with threadpool_limits(1):
                self._model = _Model(past, value, values[list(self.read_)])
                self.quality_, self.importance_ = _held_out(past, value, self.seed)
            if self.quality_["difference"] <= self.quality_["standard_error"]:
                self.reason_ = (NO_BETTER, {})

    @staticmethod
    def _has_margin(values: pd.DataFrame) -> bool:
        have = [name for name in (MARGIN, PAST + MARGIN) if name in values]
        if len(have) == 1:
            raise StudyError(
                f"Learned needs both '{MARGIN}' and '{PAST + MARGIN}', or neither; "
                f"found only '{have[0]}'."
            )
        return bool(have)

    def _score(self, values: pd.DataFrame) -> np.ndarray:
        if self.fallback_:
            return _past_value(values).to_numpy()
        return self._model.predict(values)

    def _score_name(self) -> Figure:
        if not self.fallback_:
            return Figure("predicted", N_("predicted value"))
        return Figure(MARGIN if MARGIN in self.read_ else "monetary_total")


class _Model:
    """Poisson regression of the next value, past value as exposure, on features of the inner cut.

    With those of all customers to be predicted, ``seen``, the past features span the range
    beyond which a figure counts as its nearest end.
    """

    def __init__(self, past: pd.DataFrame, value: np.ndarray, seen: pd.DataFrame):
        self._floor = {
            name: LEAST_MONEY * past[name][past[name] > 0].median() for name in _money(past)
        }
        raw, now = self._design(past), self._design(seen)
        # The model looks at longer histories than it learned from, not at any other.
        self._low = np.minimum(raw.min(axis=0), now.min(axis=0))
        self._high = np.maximum(raw.max(axis=0), now.max(axis=0))
        self._mean, spread = raw.mean(axis=0), raw.std(axis=0)
        self._spread = np.where(spread > 1e-9, spread, np.inf)
        exposure = np.exp(raw[:, 0] - raw[:, 0].max())
        exposure /= exposure.mean()
        capped = np.minimum(value, np.quantile(value[value > 0], CAPPED_ABOVE))
        fitted = PoissonRegressor(alpha=PRIOR / len(value), max_iter=1000, tol=1e-6).fit(
            (raw - self._mean) / self._spread,
            capped / capped.mean() / exposure,
            sample_weight=exposure,
        )
        self._coef, self._shift = fitted.coef_, 0.0
        # Predictions of those it learned from add up to what they brought, cap or no cap.
        self._shift = np.log(value.sum()) - np.log(np.exp(self._log(raw)).sum())

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the expected next value; equal customers get equal ones."""
        return significant(np.exp(self._log(self._design(features))))

    def _log(self, raw: np.ndarray) -> np.ndarray:
        inside = np.clip(raw, self._low, self._high)
        total = inside[:, 0] + self._shift
        # Column by column: a matrix product may round equal rows differently.
        for j, coef in enumerate(self._coef):
            total += coef * (inside[:, j] - self._mean[j]) / self._spread[j]
        return total

    def _design(self, features: pd.DataFrame) -> np.ndarray:
        """Return the model's figures; the first is the log of past value."""
        orders = np.maximum(features["order_days"], 1)
        since_last = np.maximum(features["days_since_last"], 0)
        # Where figures are shuffled, the first purchase may come after the last.
        since_first = np.maximum(features["days_since_first"], since_last) + 1
        quiet = since_last / since_first
        money = [np.log(np.maximum(features[name], self._floor[name])) for name in _money(features)]
        return np.column_stack(
            [
                *money[::-1],
                np.log(orders),
                np.log(since_last + 1),
                np.log(since_first),
                quiet,
                np.log1p(quiet * orders),
            ]
        )


def _money(features: pd.DataFrame) -> list[str]:
    return [name for name in ("monetary_total", MARGIN) if name in features]


def _past_value(features: pd.DataFrame) -> pd.Series:
    return features[_money(features)[-1]]


def _too_little(past: pd.DataFrame, value: np.ndarray) -> tuple[str, dict[str, object]]:
    """Return why no model can be learned, a text and its figures; empty if one can."""
    came = int((value > 0).sum())
    if came < LEAST_CUSTOMERS:
        return FEW, {"n": f"{came:,}", "least": LEAST_CUSTOMERS}
    if np.ptp(value) == 0:
        return N_("every customer brought the same after the inner cut"), {}
    if not all((past[name] > 0).any() for name in _money(past)):
        return N_("no customer had brought anything before the inner cut"), {}
    if not np.ptp(past.to_numpy(), axis=0).any():
        return N_("all customers were alike at the inner cut"), {}
    return "", {}


def _held_out(
    past: pd.DataFrame, value: np.ndarray, seed: int
) -> tuple[dict[str, float], pd.DataFrame]:
    """Judge models on the fifth of the customers that each did not see."""
    rng = np.random.default_rng(seed)
    fold = np.arange(len(value)) % FOLDS
    ginis, by_past, losses = [], [], []
    for k in range(FOLDS):
        out = past[fold == k]
        then = value[fold == k]
        model = _Model(past[fold != k], value[fold != k], past)
        ginis.append(_gini(model.predict(out), then))
        by_past.append(_gini(_past_value(out).to_numpy(), then))
        for _shuffle in range(SHUFFLES):
            loss = {}
            for name in past.columns:
                shuffled = out.assign(**{name: rng.permutation(out[name].to_numpy())})
                loss[name] = ginis[-1] - _gini(model.predict(shuffled), then)
            losses.append(loss)
    better = np.subtract(ginis, by_past)
    quality = {
        "gini": float(np.mean(ginis)),
        "gini_past_value": float(np.mean(by_past)),
        "difference": float(better.mean()),
        "standard_error": float(better.std(ddof=1) / np.sqrt(FOLDS)),
        "customers": len(value),
    }
    mean_losses = pd.DataFrame(losses)
    table = pd.DataFrame({"importance": mean_losses.mean(), "spread": mean_losses.std()})
    table = table.sort_values("importance", ascending=False, kind="stable")
    return quality, table.rename_axis("feature").reset_index()


def _gini(score: np.ndarray, value: np.ndarray) -> float:
    """Return the normalised Gini of an order, ties counted half; 0 is random, 1 perfect."""
    perfect = _concentration(value, value)
    return _concentration(score, value) / perfect if perfect > 0 else 0.0


def _concentration(score: np.ndarray, value: np.ndarray) -> float:
    return 2 * float(value @ base.midrank_percentile(score)) / value.sum() - 1
