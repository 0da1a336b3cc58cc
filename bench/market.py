"""Customers whose true figures are known: a market that looks like CDNOW.

Purchases are Pareto/NBD (gamma-mixed Poisson, exponential drop-out at gamma-mixed
rates), amounts lognormal. The figures of a rule in the whole market are computed here
by other formulas than those of ``segment.evidence.comparison``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.backtest import PLAIN_SORT
from segment.tiering import ABC, RFM, Scorecard, Tiering

# Rates in weeks. Start values: Fader, Hardie and Lee (2005), fitted to CDNOW; drop-out is
# slower and amounts spread more, so that activity and concentration are CDNOW's.
RATE, RATE_WEEKS, DROP, DROP_WEEKS = 0.55, 13, 0.606, 25
AMOUNT, BETWEEN, WITHIN = 3.1, 0.8, 0.75
WEEKS_OF_FIRST, CALIBRATION, HOLDOUT = 12, 39, 39
SERVED, TIERS = 0.20, (0.05, 0.20, 0.50)
SCHEMES = {
    "RFM sum": RFM(),
    "RFM segments": RFM(form="segments"),
    "Scorecard": Scorecard(),
    "Revenue 5/20/50": ABC(cut="customers", limits=TIERS),
}


def lives(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the customers' purchases a week, weeks until they drop out, and log amounts."""
    rate, drop = rng.gamma(RATE, 1 / RATE_WEEKS, n), rng.gamma(DROP, 1 / DROP_WEEKS, n)
    return rate, rng.exponential(1, n) / drop, rng.normal(AMOUNT, BETWEEN, n)


def spend(size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the amounts of purchases, by their customer's mean log amount."""
    return np.round(np.exp(size + WITHIN * rng.standard_normal(len(size))), 2)


def draw(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features at the cut, and the holdout."""
    rate, life, size = lives(n, rng)
    known = CALIBRATION - rng.uniform(0, WEEKS_OF_FIRST, n)
    again = rng.poisson(rate * np.minimum(known, life))
    later = rng.poisson(rate * np.clip(life - known, 0, HOLDOUT))
    # The last of k uniform dates is at the k-th root of a uniform number.
    last = np.minimum(known, life) * rng.random(n) ** (1 / np.maximum(again, 1)) * (again > 0)

    def spent(orders: np.ndarray) -> np.ndarray:
        who = np.repeat(np.arange(n), orders)
        return np.round(np.bincount(who, spend(size[who], rng), minlength=n), 2)

    total = spent(again + 1)
    customers = pd.DataFrame(
        {
            "order_days": again + 1.0,
            "days_since_last": np.floor(7 * (known - last)),
            "monetary_total": total,
            "monetary_mean": total / (again + 1),
        }
    )
    outcome = pd.DataFrame({"value": spent(later), "active": later > 0})
    return customers, outcome


class Truth:
    """Exact figures of tiers in a large set of customers, by mid-ranks instead of curves."""

    def __init__(self, customers: pd.DataFrame, outcome: pd.DataFrame):
        self.value, self.active = outcome["value"].to_numpy(), outcome["active"].to_numpy()
        spend, block = np.unique(-customers["monetary_total"].to_numpy(), return_inverse=True)
        held = np.bincount(block), np.bincount(block, self.value)
        self.sort = [np.r_[0, np.cumsum(part) / part.sum()] for part in held]
        self.perfect = self._area(*self._shares(*np.unique(-self.value, return_inverse=True)))
        self.revenue_sort = self.figures(block, len(spend))

    def _shares(self, distinct: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sizes, value = np.bincount(codes), np.bincount(codes, self.value)
        return sizes / sizes.sum(), value / value.sum()

    def _area(self, sizes: np.ndarray, value: np.ndarray) -> float:
        """Twice the mean mid-rank of a unit of value, less one: C = 2 cov(y, F) / mean(y)."""
        return 2 * value @ (1 - np.cumsum(sizes) + sizes / 2) - 1

    def figures(self, codes: np.ndarray, tiers: int) -> dict[str, float]:
        """Return the figures of tiers, 0 best; ``gains`` by the number of tiers served."""
        count, hits = (np.bincount(codes, w, tiers) for w in (None, self.active))
        sizes, value = count / len(codes), np.bincount(codes, self.value, tiers)
        value /= value.sum()
        ends = np.cumsum(sizes)
        by_revenue = np.diff(np.interp(np.r_[0, ends], *self.sort))
        area = self._area(sizes, value)
        passive = (count - hits) / (count - hits).sum()
        gains = np.cumsum(value - by_revenue)
        others = (1 - value[0]) * self.value.sum() / (len(codes) - count[0])
        top_mean = value[0] * self.value.sum() / count[0]
        return {
            "gini": area / self.perfect,
            "skill": (area - self._area(sizes, by_revenue)) / self.perfect,
            "gain": gains[border - 1] if (border := _border(ends)) else np.nan,
            "gains": gains,
            "capture": np.interp(SERVED, np.r_[0, ends], np.r_[0, np.cumsum(value)]),
            "auc": hits @ (1 - np.cumsum(passive) + passive / 2) / hits.sum(),
            "lead": top_mean - others,
            "top_mean": top_mean,
        }

    def of(self, method: Tiering, customers: pd.DataFrame) -> dict[str, float]:
        """Return the figures of a fitted method on these customers."""
        return self.figures(method.predict(customers).cat.codes.to_numpy(), len(method.tiers_))


def _border(ends: np.ndarray) -> int:
    """Return how many tiers are served, by the shares that end with each; 0 for none."""
    off = [(abs(np.log(share / SERVED)), i) for i, share in enumerate(ends, 1) if 0 < share < 1]
    nearest, border = min(off, default=(np.inf, 0))
    return border if nearest <= np.log(2) else 0


class Population:
    """The population, its rules and their true figures."""

    LEARN = 200_000

    def __init__(self, n: int):
        customers, outcome = draw(n, np.random.default_rng(0))
        whole = Truth(customers, outcome)
        learn = customers[: self.LEARN]
        self.rules = {label: method.refit(learn) for label, method in SCHEMES.items()}
        self.fixed = {label: whole.of(rule, customers) for label, rule in self.rules.items()}
        self.fixed[PLAIN_SORT] = whole.revenue_sort
        later = outcome["value"].to_numpy()
        self.looks = {
            "active": outcome["active"].mean(),
            "mean holdout value": later.mean(),
            "capture of the revenue sort": whole.revenue_sort["capture"],
            "nG of the revenue sort": whole.revenue_sort["gini"],
            "variance / mean squared": later.var() / later.mean() ** 2,
        }
