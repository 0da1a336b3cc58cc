"""What a treatment adds, where it was drawn by lot within tiers.

In each tier what the treated did is compared with what the others did, both adjusted for what
the customers had brought before (CUPED: Deng, Xu, Kohavi and Walker 2013, WSDM, with the slope
within the groups, so that the effect does not bend it):

    effect = mean y_1 - mean y_0 - theta (mean x_1 - mean x_0),   theta = S_xy / S_xx

Its error is Welch's, of y - theta x. A few customers bring most, so the quantiles are not those
of a normal distribution but of the studentised effect when the groups are drawn anew (a
permutation test: exact where there is no effect at all; Chung and Romano 2013, Annals of
Statistics 41, for groups whose spread differs). The tiers and their total
hold together: each has the quantile of its own draws at the level at which 95 % of the draws lie
within all of them (Beran 1988, JASA 83).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import rankdata, t

from segment.evidence.small_groups import FEWEST
from segment.language import N_tier

TOTAL = N_tier("all tiers")
LEVEL, REPLICATES = 0.95, 2000
# Sums of more customers than this are normal for all practical purposes.
MOST_DRAWN = 20_000
GROUPS = ["treated", "others"]
COLUMNS = ["mean_treated", "mean_others", "effect", "error"]


@dataclass(frozen=True)
class Effects:
    """What a treatment added.

    Attributes
    ----------
    table : DataFrame
        One row a tier, best first, and ``TOTAL``, in which each treated customer counts alike:
        ``treated`` and ``others`` (how many), ``mean_treated`` and ``mean_others`` (adjusted),
        ``effect`` with ``effect_low`` and ``effect_high`` (95 %, of all rows at once), ``error``
        (standard). Missing where a group holds fewer than five; the total is of the others.
    rate : tuple of float
        The rank-weighted average treatment effect of the order of the tiers, and its 95 %
        interval: value, low, high; missing with fewer than two tiers. See ``rank_weights``.
    """

    table: pd.DataFrame
    rate: tuple[float, float, float]


def effects(
    outcome: pd.Series,
    before: pd.Series,
    treated: pd.Series,
    tiers: pd.Series,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
) -> Effects:
    """Compare treated customers with the others of their tier.

    ``outcome`` and ``before`` (numbers), ``treated`` (drawn to be, whether or not they were) and
    ``tiers`` (ordered, best first) are of the same customers.
    """
    rng = np.random.default_rng(seed)
    sizes, found = {}, {}
    for tier in tiers.cat.categories:
        inside = (tiers == tier).to_numpy()
        chosen = treated.to_numpy(bool)[inside]
        counts = int(chosen.sum()), int((~chosen).sum())
        if any(counts):
            sizes[tier] = counts
        if min(counts) >= FEWEST:
            y, x = (column.to_numpy("float64")[inside] for column in (outcome, before))
            found[tier] = compared(y, x, chosen, replicates, rng)
    rate = (np.nan,) * 3
    if found:
        known = np.array([sizes[tier] for tier in found])
        order = weighted(found.values(), rank_weights(known.sum(axis=1) / known.sum()))
        reach = order.reach if len(found) > 1 else np.nan
        rate = order.effect, order.effect - reach, order.effect + reach
        found[TOTAL] = weighted(found.values(), known[:, 0] / known[:, 0].sum())
        sizes[TOTAL] = tuple(known.sum(axis=0))
    table = pd.DataFrame.from_dict(sizes, orient="index", columns=GROUPS).rename_axis("tier")
    figures = {tier: (*one.means, one.effect, one.error) for tier, one in found.items()}
    figures = pd.DataFrame.from_dict(figures, orient="index", columns=COLUMNS, dtype="float64")
    table = table.join(figures)
    limits = pd.Series(reaches([one.drawn for one in found.values()]), [*found], dtype="float64")
    reach = limits.reindex(table.index) * table["error"]
    low, high = table["effect"] - reach, table["effect"] + reach
    return Effects(table.assign(effect_low=low, effect_high=high), rate)


class Compared(NamedTuple):
    """The treated of a tier against the others: adjusted means, their difference and its error.

    ``drawn`` are studentised effects, ``errors`` theirs, if the groups are drawn anew and nothing
    works; ``freedom`` are Welch's degrees of freedom.
    """

    means: np.ndarray
    effect: float
    error: float
    drawn: np.ndarray
    errors: np.ndarray
    freedom: float

    @property
    def reach(self) -> float:
        """How far the effect may be off, looked at alone.

        Where the service works and a few customers weigh most, draws in which nothing works
        promise too much; Student's quantile does not.
        """
        return self.error * max(reaches([self.drawn])[0], t.ppf((1 + LEVEL) / 2, self.freedom))


def compared(
    y: np.ndarray, x: np.ndarray, chosen: np.ndarray, replicates: int, rng: np.random.Generator
) -> Compared:
    """Compare the chosen customers of a tier with the others: ``y`` adjusted for ``x``."""
    sums, size = _products(y, x), int(chosen.sum())
    effect, error, slope, freedom = (
        float(part[0]) for part in _compared(sums[None, chosen].sum(axis=1), size, sums)
    )
    adjusted = y - slope * (x - x.mean())
    means = np.array([adjusted[chosen].mean(), adjusted[~chosen].mean()])
    return Compared(means, effect, error, *_redrawn(sums, size, replicates, rng), freedom)


def weighted(tiers: Iterable[Compared], weights: np.ndarray) -> Compared:
    """Return a weighted sum of what tiers show."""
    means, effect, error, drawn, errors, freedom = map(np.array, zip(*tiers, strict=True))
    spread = np.sqrt(weights**2 @ errors**2)
    both = _over(weights @ (drawn * errors), spread)
    variance = weights**2 * error**2
    effect, error = float(weights @ effect), float(np.sqrt(variance.sum()))
    lost = _over(variance**2, freedom).sum()
    freedom = error**4 / lost if lost else 0.0
    return Compared(weights @ means, effect, error, both, spread, freedom)


def reaches(drawn: Sequence[np.ndarray]) -> np.ndarray:
    """Return how many errors each effect may be off, so that all of them hold together.

    The lot that was drawn counts as one of the draws: were it not so, few draws would find effects
    that are none (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39).
    """
    if not drawn:
        return np.empty(0)
    apart = np.abs(np.stack(drawn))
    replicates = apart.shape[1]
    rank = np.sort(rankdata(apart, method="max", axis=1).max(axis=0))
    within = min(int(np.ceil(LEVEL * (replicates + 1))), replicates)
    return np.sort(apart, axis=1)[:, min(int(rank[within - 1]), replicates - 1)]


def rank_weights(share: pd.Series | np.ndarray) -> np.ndarray:
    """Return what the effect of each tier counts for in the RATE, by its share of the customers.

    The targeting operator characteristic TOC(u) is the mean effect on the first share u of the
    customers, best tier first, less that on all; its integral over u from 0 to 1 is the RATE
    (AUTOC: Yadlowsky, Fleming, Shah, Brunskill and Wager 2021, arXiv 2111.07966). Within a tier no
    order is known, so each customer there stands for the tier. With g(u) = u ln u the effect of a
    tier from a to b then counts for g(a) - g(b); the weights add up to 0. That tiers are drawn at
    different shares p is met by comparing within tiers: each customer weighs 1 / p.
    """
    ends = np.concatenate([[0.0], np.cumsum(share)]).clip(max=1.0)
    return -np.diff(xlogy(ends, ends))


def _products(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return y, x, y², xy and x² of each customer, both less their mean."""
    y, x = y - y.mean(), x - x.mean()
    return np.stack([y, x, y * y, x * y, x * x], axis=1)


def _compared(
    part: np.ndarray, size: int, products: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the adjusted difference of a part from the rest, its error, slope and freedom.

    ``part`` holds the sums of ``products`` over a part of so many customers, a row each draw.
    """
    rest = products.sum(axis=0) - part
    groups = [(sums / n, n) for sums, n in ((part, size), (rest, len(products) - size))]
    # Within each group: means of y and x, then S_yy, S_xy and S_xx.
    means = [mean[:, :2] for mean, _n in groups]
    inside = [n * (mean[:, 2:] - mean[:, [0, 0, 1]] * mean[:, [0, 1, 1]]) for mean, n in groups]
    both = inside[0] + inside[1]
    slope = _over(both[:, 1], both[:, 2])
    left = [yy - 2 * slope * xy + slope**2 * xx for yy, xy, xx in (s.T for s in inside)]
    # The slope takes one degree of freedom from all of them.
    lost = (len(products) - 2) / max(1, len(products) - 3)
    less = np.array([n - 1 for _mean, n in groups])[:, None]
    variances = lost * np.array(left).clip(min=0) / less / (less + 1)
    error, apart = variances.sum(axis=0), means[0] - means[1]
    freedom = _over(error**2, (variances**2 / less).sum(axis=0))
    return apart[:, 0] - slope * apart[:, 1], np.sqrt(error), slope, freedom


def _redrawn(
    products: np.ndarray, treated: int, replicates: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return studentised effects, and errors, where so many treated are drawn anew."""
    n = len(products)
    few = min(treated, n - treated)
    if few > MOST_DRAWN:
        error = _compared(products[None, :few].sum(axis=1), few, products)[1]
        return rng.standard_normal(replicates), np.repeat(error, replicates)
    drawn = _sums_of_lots(products, few, replicates, rng)
    difference, error, *_rest = _compared(drawn, few, products)
    return _over(difference, error) * (1 if few == treated else -1), error


def _sums_of_lots(
    products: np.ndarray, few: int, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the sums over so many customers, drawn without replacement, a row each draw."""
    lots = (rng.choice(len(products), few, replace=False, shuffle=False) for _ in range(replicates))
    return np.stack([products[lot].sum(axis=0) for lot in lots])


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return a ratio; 0 where nobody differs from anybody."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
