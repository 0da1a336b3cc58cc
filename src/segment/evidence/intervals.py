"""Intervals that every page shares: shares, differences of shares, means of groups.

Where a figure is a mean or a ratio of what customers brought, its interval comes from the
resamples of the back-test, all customers drawn together, so that one group has one interval
wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from segment.evidence.bootstrap import resample

NORMAL = float(stats.norm.ppf(0.975))  # of a 95 % interval


def interval(draws: np.ndarray, wider: float = 1.0) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap draws; NaN where none is finite.

    ``wider``, of ``widening``, moves the percentiles out as far as it would move the
    ends of a normal interval.
    """
    finite = draws[np.isfinite(draws)]
    if len(finite) == 0:
        return float("nan"), float("nan")
    outside = stats.norm.sf(NORMAL * wider)
    low, high = np.quantile(finite, [outside, 1 - outside])
    return float(low), float(high)


def symmetric(estimate: float, draws: np.ndarray) -> tuple[float, float]:
    """Return the interval around an estimate that holds 95 % of the bootstrap draws."""
    off = np.abs(draws - estimate)
    off = off[np.isfinite(off)]
    reach = float(np.quantile(off, 0.95)) if len(off) else float("nan")
    return estimate - reach, estimate + reach


def widening(value: np.ndarray) -> float:
    """Return how much wider than normal intervals those of few, unequal customers must be.

    A sample without the largest customers estimates too little and, at once, a standard error that
    is too small: the quantile z of the normal distribution holds too seldom. Hall's second-order
    correction of a symmetric interval of a mean takes z - q(z) / n,

    q(z) = z (kappa (z^2 - 3) / 12 - gamma^2 (z^4 + 2 z^2 - 3) / 18 - (z^2 + 3) / 4),

    gamma and kappa the skewness and excess kurtosis of the sample (Hall 1992, The Bootstrap and
    Edgeworth Expansion, chapter 2). Those of the value, which is not the same for all, stand for
    all figures, which all are made of it; those of each figure's own influence functions widen too
    little in simulation (docs/coverage.md). The result is about 1 + 1.8 / n for equal tails, and
    2.01 at most, where one of many customers brings everything.
    """
    n, z = len(value), NORMAL
    gamma, kappa = stats.skew(value), stats.kurtosis(value)
    tails = kappa * (z**2 - 3) / 12 - gamma**2 * (z**4 + 2 * z**2 - 3) / 18 - (z**2 + 3) / 4
    return max(1.0, float(1 - tails / n))


def wilson(successes: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Return shares with their score interval (Wilson 1927, J. Am. Stat. Assoc. 22).

    ``customers`` (the trials), ``share``, ``low``, ``high``; all but the first missing where
    nobody was tried.
    """
    z, n = NORMAL, trials.astype(float).where(trials > 0)
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # Nobody and everybody are ends, not ends but for a rounding error.
    low, high = (middle - half).mask(share == 0, 0.0), (middle + half).mask(share == 1, 1.0)
    return pd.DataFrame({"customers": trials, "share": share, "low": low, "high": high})


@dataclass(frozen=True)
class GroupMeans:
    """Means of groups of customers, resampled together.

    ``table`` by group: ``customers``, ``mean`` and its interval ``low`` to ``high``; missing where
    a group is empty. ``draws``: the resampled means, paired over groups. ``wider``: see
    ``widening``.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    wider: float

    def contrast(self, factors: Mapping[Hashable, float]) -> tuple[float, float, float]:
        """Return a weighted sum of means with its interval: estimate, low, high.

        ``{"kept": 1, "earned": -1}`` is the difference of two groups.
        """
        groups, by = list(factors), np.array(list(factors.values()), dtype="float64")
        estimate = self.table.loc[groups, "mean"].to_numpy() @ by
        low, high = interval(self.draws[groups].to_numpy() @ by, wider=self.wider)
        return float(estimate), low, high


def group_means(
    values: pd.Series | np.ndarray,
    groups: pd.Series | pd.DataFrame,
    *,
    replicates: int = 1000,
    seed: int = 1,
    most_resampled: int = 100_000,
    wider: float | None = None,
) -> GroupMeans:
    """Return what the customers of each group brought on average, with intervals.

    ``values`` is what each customer of the study brought, also who is in no group, in the order of
    the back-test. Only so are the resamples those of the back-test, and a tier has the interval
    that its table shows. ``groups`` is the group of each customer (missing: in none), or a column
    of members for each group, where groups may overlap. The settings are those of the study's
    back-test, and so is ``wider`` (default: ``widening`` of the values).
    """
    value = np.asarray(values, dtype="float64")
    flags = groups if isinstance(groups, pd.DataFrame) else pd.get_dummies(groups)
    members = flags.to_numpy(dtype="float64")
    totals = np.hstack([members, members * value[:, None]])
    if wider is None:
        wider = widening(value) if np.ptp(value) > 0 else 1.0

    def means(w: np.ndarray) -> np.ndarray:
        customers, brought = np.hsplit(w @ totals, 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            return brought / customers

    drawn = resample(means, len(value), replicates, seed, most_resampled)
    ends = [interval(column, wider=wider) for column in drawn.T]
    table = pd.DataFrame(ends, columns=["low", "high"], index=flags.columns)
    table.insert(0, "customers", members.sum(axis=0).astype(int))
    table.insert(1, "mean", means(np.ones((1, len(value))))[0])
    return GroupMeans(table, pd.DataFrame(drawn, columns=flags.columns), wider)
