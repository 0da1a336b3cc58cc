"""How unsure the mean over cut dates is: which customers, and which dates.

All functions speak of the adjusted mean of a scheme: the revenue sort's mean over all
dates plus the scheme's mean distance from it where the scheme stands. Where it stands
at every date, that is its own mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from segment.evidence import influence
from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.bootstrap import Order, weights
from segment.evidence.rolling.origins import Ranked

# On either side of a 95 % interval.
TAIL = 0.025


def adjusted_mean(gini: pd.DataFrame) -> pd.Series:
    """Return the adjusted mean of every scheme.

    Parameters
    ----------
    gini : DataFrame of shape (dates, schemes and the revenue sort)
        Missing where a scheme does not stand.
    """
    revenue = gini[REVENUE_SORT]
    return revenue.mean() + gini.sub(revenue, axis=0).mean()


def resampled(
    main: pd.DataFrame, ranked: Mapping[dt.date, Ranked], n: int, seed: int
) -> pd.DataFrame:
    """Return bootstrap draws of the adjusted mean, the same customers drawn at all dates.

    Parameters
    ----------
    main : DataFrame of shape (replicates, schemes and the revenue sort)
        Draws of the normalised Gini at the main cut, with the same seed.
    ranked : mapping of date to Ranked
        The earlier dates.
    n : int
        Customers of the main cut.
    """
    blocks = {cut: [] for cut in ranked}
    for w in weights(n, len(main), seed):
        for cut, date in ranked.items():
            part = w[:, date.positions]
            c = {label: total.concentration for label, total in date.tiers.totals(part).items()}
            c[REVENUE_SORT] = _concentrations(date.revenue, part)
            best = _concentrations(date.perfect, part)
            with np.errstate(invalid="ignore", divide="ignore"):
                blocks[cut].append(pd.DataFrame(c) / best[:, None])
    draws = [main, *(pd.concat(found, ignore_index=True) for found in blocks.values())]
    revenue = sum(found[REVENUE_SORT].to_numpy() for found in draws) / len(draws)
    distance, times = 0.0, 0
    for found in draws:
        stands = np.isin(main.columns, found.columns)
        found = found.reindex(columns=main.columns)
        apart = found.sub(found[REVENUE_SORT], axis=0).to_numpy()
        distance = distance + np.where(stands, apart, 0.0)
        times = times + stands
    return pd.DataFrame(distance / times + revenue[:, None], columns=main.columns)


def _concentrations(order: Order, w: np.ndarray) -> np.ndarray:
    return np.concatenate([total.concentration for total in order.rows(w)])


def approximated(
    gini: pd.DataFrame, ranked: Mapping[dt.date, Ranked], n: int, q: float,
    replicates: int, seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Return normal draws of the adjusted mean, with the covariance of the influences.

    A customer's influence on the adjusted mean is the sum of the influences at the
    dates; who was not yet known at a date has none there.

    Parameters
    ----------
    gini : DataFrame of shape (dates, schemes and the revenue sort)
    ranked : mapping of date to Ranked
        All dates, the main cut too.
    """
    times, total = gini.notna().sum(), np.zeros((gini.shape[1], n))
    by_revenue = 1 / len(gini) - gini.notna() / times
    for cut, date in ranked.items():
        known = len(date.positions)
        found = influence.values(date.tiers, date.revenue, date.perfect, q)[:: influence.N_FIGURES]
        labels = [*date.tiers.codes, REVENUE_SORT]
        revenue = found[labels.index(REVENUE_SORT)] * (n / known)
        for row, label in enumerate(gini.columns):
            total[row, date.positions] += by_revenue.loc[cut, label] * revenue
            if label in labels:
                own = found[labels.index(label)] * (n / known)
                total[row, date.positions] += own / times[label]
    mean = adjusted_mean(gini).to_numpy()
    drawn = influence.draws(mean, total @ total.T / n**2, replicates, seed)
    return pd.DataFrame(drawn, columns=gini.columns)


def between_dates(gini: pd.DataFrame, replicates: int, seed: int) -> np.ndarray:
    """Return noise for the spread between dates, shared by all schemes date by date.

    One normal number per replicate and date, times each scheme's deviation from its
    mean at that date: the difference of two schemes has exactly the s^2 / k of that
    difference. Since s^2 of few dates is itself rough, the noise is wider by what
    Student's t with k - 1 degrees of freedom is wider than the normal. A scheme that
    stands at one date only has no variance of its own; it borrows the median of the
    others', of the distance to the revenue sort.

    Parameters
    ----------
    gini : DataFrame of shape (dates, schemes and the revenue sort)

    Returns
    -------
    array of shape (replicates, schemes and the revenue sort)
    """
    if len(gini) == 1:
        return np.zeros((replicates, gini.shape[1]))
    # A stream of its own: the seed itself draws the customers.
    rng = np.random.default_rng([seed, len(gini)])
    dates = rng.standard_normal((replicates, len(gini)))
    own = rng.standard_normal((replicates, gini.shape[1]))
    revenue = gini[[REVENUE_SORT]]
    distance = gini.sub(gini[REVENUE_SORT], axis=0)
    times = distance.notna().sum()
    typical = distance.drop(columns=REVENUE_SORT).loc[:, times > 1].var().median()
    borrowed = np.where(times == 1, np.sqrt(np.nan_to_num(typical)), 0.0)
    wider = stats.t.isf(TAIL, len(gini) - 1) / stats.norm.isf(TAIL)
    return wider * (dates @ (_deviations(revenue) + _deviations(distance)) + own * borrowed)


def _deviations(values: pd.DataFrame) -> np.ndarray:
    """Return deviations from the mean over dates, scaled so that squares add up to s^2 / k."""
    times = values.notna().sum()
    scale = np.sqrt((times * (times - 1)).clip(lower=1))
    return (values - values.mean()).fillna(0.0).to_numpy() / scale.to_numpy()
