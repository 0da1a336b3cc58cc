"""Strength of the relation between tiers and one attribute, with its interval.

For numbers it is the root of the share of the variance of ranks that lies between
tiers; for categories it is Cramer's V. On an attribute with two values both are the
same figure, so that the kinds can be compared. Neither uses the order of the tiers.

Sources: Kelley (1935), *An unbiased correlation ratio measure* (epsilon squared; of
ranks it is ``(H - K + 1) / (n - K)`` with Kruskal and Wallis's H); Bergsma (2013), *A
bias-correction for Cramer's V and Tschuprow's T*; Steiger (2004), *Beyond the F test*
(limits by inverting a noncentral distribution); Cohen (1988), *Statistical power
analysis* (cut points of r and w); Hanley and Lippman-Hand (1983), *If nothing goes
wrong, is everything all right?*
"""

from __future__ import annotations

import numpy as np
from scipy import special

# Cohen's conventions for r and w; an effect from a cut point on has its word.
WORDS = {"none": 0.0, "weak": 0.1, "moderate": 0.3, "strong": 0.5}
# A squared effect below this is 0 but for rounding.
ROUNDING = 1e-12
# Above this, where SciPy gets slow and then fails, a square root is as good.
LARGE = 1e6


def ranks(values: np.ndarray, tiers: np.ndarray) -> tuple[float, float, int]:
    """Return epsilon squared of the ranks, its spread (see ``limits``) and degrees of freedom.

    Every number from 0 to K - 1 occurs in ``tiers``.
    """
    order = np.lexsort((tiers, values))
    values, tiers, n = values[order], tiers[order], len(values)
    block = np.cumsum(np.append(0, values[1:] != values[:-1]))
    ties = np.bincount(block) / n
    rank = (np.cumsum(ties) - ties / 2)[block]
    size = np.bincount(tiers)
    mean = np.bincount(tiers, weights=rank) / size
    variance = (1 - (ties**3).sum()) / 12
    square = (size / n * (mean - 0.5) ** 2).sum() / variance
    # How the estimate changes with one more customer: through the tier's mean rank, through
    # the ranks of everyone below, and through the variance of tied ranks.
    weight = np.bincount(block, weights=mean[tiers]) / n
    above = (weight.sum() - np.cumsum(weight) + weight / 2)[block]
    influence = 2 * mean[tiers] * rank + 2 * above - mean[tiers] ** 2
    influence = (influence + square * ties[block] ** 2 / 4) / variance
    k = len(size)
    corrected = ((n - 1) * square - (k - 1)) / (n - k)
    spread = _spread(_variance(influence, np.ones(n), tiers, size), square, corrected)
    return corrected, spread, k - 1


def table(values: np.ndarray, tiers: np.ndarray) -> tuple[float, float, int]:
    """Return Bergsma's squared V, its spread (see ``limits``) and degrees of freedom."""
    levels, rows = np.unique(values, return_inverse=True)
    r, k, n = len(levels), int(tiers.max()) + 1, len(values)
    cells = np.bincount(rows * k + tiers, minlength=r * k).reshape(r, k)
    share = cells / n
    level, tier = share.sum(axis=1, keepdims=True), share.sum(axis=0, keepdims=True)
    ratio = share / (level * tier)
    square = (share * ratio).sum() - 1
    influence = 2 * ratio - (share * ratio).sum(axis=1, keepdims=True) / level
    influence = influence - (share * ratio).sum(axis=0, keepdims=True) / tier
    where = np.broadcast_to(np.arange(k), (r, k)).ravel()
    variance = _variance(influence.ravel(), cells.ravel(), where, cells.sum(axis=0))
    freedom = (r - 1) * (k - 1)
    corrected = square - freedom / (n - 1)
    most = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return corrected / most, _spread(variance, square, corrected) / (min(r, k) - 1), freedom


def limits(
    square: float, spread: float, freedom: int, n: int, level: float
) -> tuple[float, float, float]:
    """Return the effect, at least 0, and the limits of its interval.

    ``n artanh(effect)^2 / u`` is a noncentral chi-squared variable: exactly so in large samples
    near 0, where its ``freedom`` directions count and u is 1 (for V: 1 / its divisor), and by the
    delta method away from 0, where only one direction counts and artanh makes its variance steady.
    ``square`` is the squared effect, corrected for bias; ``spread`` n times the variance of the
    uncorrected effect: that of its square by influence functions, over 4 times the square.
    """
    square = 1.0 if square > 1 - ROUNDING else max(square, 0.0)
    effect = float(np.sqrt(square))
    bounded = min(square, 1 - 1 / n)
    u = max(spread / (1 - bounded) ** 2, ROUNDING)
    q = freedom + n * np.arctanh(np.sqrt(bounded)) ** 2 / u
    low, high = (_noncentrality(q, freedom, p) for p in ((1 + level) / 2, (1 - level) / 2))
    low, high = np.tanh(np.sqrt(np.array([low, high]) * u / n))
    if bounded < square:
        # Not one customer contradicts, so up to 3 in n may (the rule of three), and one in n
        # lowers the square by about 4 / n.
        low = np.sqrt(max(0.0, 1 - 12 / n))
    return effect, min(float(low), effect), max(float(high), effect)


def _noncentrality(q: float, freedom: int, p: float) -> float:
    """Return the noncentrality under which a chi-squared variable stays below q with chance p."""
    if q > LARGE:
        middle = (freedom - 1) / 2
        return (np.sqrt(q - middle) - special.ndtri(p)) ** 2 - middle
    return special.chndtrinc(q, freedom, p) if special.chdtr(freedom, q) > p else 0.0


def _spread(variance: float, square: float, corrected: float) -> float:
    """Return the variance of the uncorrected effect, times n, from that of its square.

    Where nothing differs it is 1. As much of the square as is noise points in a direction
    of noise, and counts with this 1; only the rest counts with the delta method, unless
    that alone is larger.
    """
    if corrected <= 0 or square < ROUNDING:
        return 1.0
    directed = variance / (4 * square)
    return max(directed, 1 + corrected / square * (directed - 1))


def _variance(
    influence: np.ndarray, weight: np.ndarray, tiers: np.ndarray, sizes: np.ndarray
) -> float:
    """Return the variance of the influence, unbiased within each tier."""
    influence = influence - np.average(influence, weights=weight)
    mean = np.bincount(tiers, weights=weight * influence) / sizes
    within = np.bincount(tiers, weights=weight * (influence - mean[tiers]) ** 2) / (sizes - 1)
    return float((sizes * (within + mean**2)).sum() / sizes.sum())
