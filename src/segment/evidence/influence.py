"""Influence functions: how far one customer moves each figure of the back-test.

The influence of customer i on a figure T is the derivative of T towards giving i
all the weight: d/de T((1 - e) F_n + e d_i) at e = 0. Its mean over the customers
is 0, and the covariance of the influences of several figures, divided by n, is
their sampling covariance (Hampel 1974; van der Vaart 1998, chapter 20). One pass
over the customers replaces a thousand resamples.

Notation: shares P and mean values U per customer, both running over tiers; mu the
mean value; F the share of customers below a customer, ties counted half; H the
mean value per customer of those above, ties counted half. Then
IF(C) = (2 / mu) (y F + H - 2 theta) - (2 theta / mu^2) (y - mu), theta = E[y F].

Where it is an approximation
----------------------------
- Draws are normal: a bootstrap interval of a few hundred customers or of a tier
  with a few buyers is skewed, this one is not.
- The gains curve bends at the tiers' ends, and the revenue sort's at every
  customer. Its slope there is taken as the mean slope over one standard error of
  the share to either side (``width``).
- The tiers are given: that other customers would have led to other limits is no
  part of it, as it is none of the bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import Order, Tiers, Totals, concentration

# Gini, skill, capture and AUC of each method, then of the revenue sort and of
# perfect foresight.
N_FIGURES = 4
# So many customers at a time: their influences stay in the processor's cache.
BLOCK = 8_192
# Below this share of a figure's variance it is taken to follow from the others.
LEFT_OVER, NO_SPREAD = 1e-10, 1e-12


def covariance(tiers: Tiers, revenue: Order, perfect: Order, q: float) -> np.ndarray:
    """Return the sampling covariance of all figures.

    Parameters
    ----------
    tiers : Tiers
        The methods.
    revenue, perfect : Order
        The customers by past revenue and by holdout value.
    q : float
        Share of customers of ``capture``.

    Returns
    -------
    array of shape (figures, figures)
        ``N_FIGURES`` rows a method, in the order of the methods; then the revenue
        sort's and those of perfect foresight. Zero where a figure cannot move.
    """
    source = _Source(tiers, revenue, perfect, q, 1.0)
    n = len(tiers.value)
    holds = np.zeros(n, dtype=bool)
    holds[tiers.some] = True
    holds = holds[revenue.order]
    found = _products_of_groups(source, np.flatnonzero(~holds))
    for positions in _parts(np.flatnonzero(holds)):
        influence = source.at(positions)
        found += influence @ influence.T
    found /= n**2
    fixed = np.sqrt(np.diag(found)) < NO_SPREAD
    found[fixed], found[:, fixed] = 0, 0
    return found


def _products_of_groups(source: _Source, positions: np.ndarray) -> np.ndarray:
    """Return the sum of the products of influences of customers who hold nothing.

    Most customers are such. Those of one cell and one stretch of the revenue sort differ
    in nothing but their place in the revenue sort: one of them stands for all, with their
    mean in the revenue sort's own figures, and what they vary around it is added.
    """
    found = np.zeros((source.n_figures, source.n_figures))
    groups, first = source.groups(positions)
    counts = np.bincount(groups)
    own = source.in_revenue_sort(positions)
    means = np.stack([np.bincount(groups, row) / counts for row in own])
    for part in _parts(np.arange(len(first))):
        influence = source.at(positions[first[part]])
        influence[source.revenue_rows] = means[:, part]
        influence *= np.sqrt(counts[part])
        found += influence @ influence.T
    around = own - means.take(groups, axis=1)
    found[source.revenue_rows, source.revenue_rows] += around @ around.T
    return found


def values(
    tiers: Tiers, revenue: Order, perfect: Order, q: float, width: float = 1.0
) -> np.ndarray:
    """Return the influence of every customer on every figure; shape (figures, n).

    Parameters
    ----------
    width : float
        Half the stretch of the curve whose mean slope is taken, in standard errors
        of the share of customers.
    """
    source = _Source(tiers, revenue, perfect, q, width)
    found = np.empty((source.n_figures, len(tiers.value)))
    for positions in _parts(np.arange(len(tiers.value))):
        found[:, revenue.order[positions]] = source.at(positions)
    return found


def _parts(positions: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(positions), BLOCK):
        yield positions[start : start + BLOCK]


def draws(estimate: np.ndarray, covariance: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Return normal draws around the estimates; shape (replicates, figures).

    Figures that always agree, such as those of two methods with the same tiers,
    agree in every draw.
    """
    noise = np.random.default_rng(seed).standard_normal((replicates, len(estimate)))
    return estimate + noise @ _root(covariance).T


def mean_intervals(tiers: Tiers, level: float = 0.95) -> dict[str, np.ndarray]:
    """Return normal intervals of the tiers' mean values, by method; shape (tiers, 2)."""
    y = tiers.value[tiers.some]
    squares = tiers.by_tier(np.bincount(tiers.cells[tiers.some], y**2, tiers.n_cells)[None])
    z, found = NormalDist().inv_cdf((1 + level) / 2), {}
    for label, (customers, value, _) in tiers.sums.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = value / customers
            reach = z * np.sqrt(np.maximum(squares[label][0] / customers - mean**2, 0) / customers)
        found[label] = np.column_stack([mean - reach, mean + reach])
    return found


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return L with L L' = covariance, which may be singular (Cholesky, zero columns)."""
    root = np.zeros_like(covariance)
    for j, variance in enumerate(np.diag(covariance)):
        left = covariance[j:, j] - root[j:, :j] @ root[j, :j]
        if left[0] > LEFT_OVER * variance:
            root[j:, j] = left / np.sqrt(left[0])
    return root


class _Tables:
    """Influences by block of customers: constant + value x per_value + active x per_active.

    Rows of ``constant``: C, capture, AUC; of ``per_value``: C, capture; ``per_active``: AUC.
    """

    def __init__(self, totals: Totals, q: float, width: float):
        n = totals.customers[0, -1]
        p, u, a = (x[0] / n for x in (totals.customers, totals.value, totals.active))
        mu, active = u[-1], a[-1]
        (self.c,), (captured,), (auc,) = (
            totals.concentration, totals.capture(q), totals.area_under_roc,
        )  # fmt: skip
        above, half = p[:-1], np.diff(p) / 2
        middle_value, middle_active = (x[:-1] + np.diff(x) / 2 for x in (u, a))
        behind = 1 - above - half
        inside = np.clip((q - above) / np.where(half > 0, 2 * half, np.inf), 0, 1)
        slope = _slope(totals, np.array([q]), width)[0]
        none = np.zeros_like(half)
        on_active = on_passive = none
        if np.isfinite(auc):
            passive_behind = 1 - active - (above - a[:-1]) - (half - np.diff(a) / 2)
            on_passive = (middle_active / active - auc) / (1 - active)
            on_active = (passive_behind / (1 - active) - auc) / active
        self.constant = np.stack(
            [2 * middle_value / mu - 1 - self.c, slope * (q - inside) / mu, on_passive]
        )
        self.per_value = np.stack([(2 * behind - 1 - self.c) / mu, (inside - captured) / mu])
        self.per_active = on_active - on_passive


class _SameSizes:
    """Influence on C of the revenue sort, read at the tier sizes of one method.

    C_M = sum (P_k - P_{k-1}) (R_k + R_{k-1}) - 1 moves with the curve R and with the
    sizes P_k, which move with the sample as well. A customer's influence is
    ``by_tier`` + value x ``per_value``, plus (value x ``stay[0]`` - ``stay[1]``) of the
    stretch of the revenue sort in which the customer stands.
    """

    def __init__(self, totals: Totals, revenue: Order, curve: Totals, width: float):
        n = totals.customers[0, -1]
        mu = totals.value[0, -1] / n
        p = totals.customers[0] / n
        r = curve.captured(totals.customers)[0]
        size, inner = p[2:] - p[:-2], slice(1, -1)
        slope = _slope(curve, p[inner], width)
        ahead = r[:-2] - r[2:] + slope * size / mu
        upto = np.r_[np.cumsum(ahead[::-1])[::-1], 0]
        self.by_tier = upto - ahead @ p[inner] + (size * slope) @ p[inner] / mu
        self.per_value = -size @ r[inner] / mu
        self.c = float(concentration(totals.customers, r[None])[0])
        first, last, part = _tied(revenue.falling, totals.customers[0, inner].astype(int))
        self.starts = np.unique(np.r_[0, first, last])
        at = self.starts[:, None]
        within = np.where(at < first, 1.0, np.where(at < last, part, 0.0))
        self.stay = np.stack([within @ size, within @ (size * slope)]) / mu

    def along(self, positions: np.ndarray) -> np.ndarray:
        """Return ``stay`` at ascending positions in the revenue sort; shape (2, positions)."""
        first = np.searchsorted(positions, self.starts)
        return np.repeat(self.stay, np.diff(first, append=len(positions)), axis=1)


def _slope(totals: Totals, share: np.ndarray, width: float) -> np.ndarray:
    """Return the mean value of the customers around shares of a gains curve."""
    n, value = totals.customers[0, -1], totals.value[0, -1]
    reach = width * np.sqrt(np.maximum(share * (1 - share), 0) / n)
    low, high = np.maximum(share - reach, 0), np.minimum(share + reach, 1)
    gained = np.diff(totals.captured(np.r_[low, high][None] * n).reshape(2, -1), axis=0)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(high > low, gained * value / n / (high - low), 0.0)


def _tied(falling: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the tie blocks at the first so many customers start and end.

    And the part of each block that is among them.
    """
    edge = falling[np.maximum(counts - 1, 0)]
    first, last = (np.searchsorted(falling, edge, side=side) for side in ("left", "right"))
    part = np.where(counts > 0, (counts - first) / (last - first), 0.0)
    return first, last, part


class _Source:
    """The influences of customers, found by their positions in the revenue sort."""

    def __init__(self, tiers: Tiers, revenue: Order, perfect: Order, q: float, width: float):
        curve, totals = revenue.plain(), tiers.plain()
        self.tiers, self.revenue, self.perfect = tiers, revenue, perfect
        self.tables = {label: _Tables(total, q, width) for label, total in totals.items()}
        self.same = {
            label: _SameSizes(total, revenue, curve, width) for label, total in totals.items()
        }
        self.by_revenue = _Tables(curve, q, width)
        self.by_value = _Tables(perfect.plain(), q, width)
        self.n_figures = N_FIGURES * (len(totals) + 2)
        self.revenue_rows = slice(-2 * N_FIGURES, -N_FIGURES)

    def at(self, positions: np.ndarray) -> np.ndarray:
        """Return the influences at ascending positions; shape (figures, positions)."""
        who, best = self.revenue.order[positions], self.by_value.c
        y, a = self.tiers.value[who], self.tiers.active[who]
        holding = (y, a) if y.any() or a.any() else None
        found = np.zeros((self.n_figures, len(who)))
        _fill(found[-N_FIGURES:], self.by_value, self.perfect.codes[who], holding)
        on_best = found[-N_FIGURES].copy()
        _fill(found[self.revenue_rows], self.by_revenue, self.revenue.codes[who], holding)
        for j, (label, table) in enumerate(self.tables.items()):
            rows, same = found[N_FIGURES * j :], self.same[label]
            codes = self.tiers.codes[label][who].astype(np.intp)
            _fill(rows, table, codes, holding)
            per_value, stay = same.along(positions)
            on_same = same.by_tier.take(codes)
            on_same -= stay
            if holding:
                on_same += y * (per_value + same.per_value)
            skill = (table.c - same.c) / best
            rows[1] = (rows[0] - on_same - skill * on_best) / best
        for j, table in enumerate([*self.tables.values(), self.by_revenue, self.by_value]):
            row = found[N_FIGURES * j]
            row -= table.c / best * on_best
            row /= best
        return found

    def groups(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the group of each position, and where each group is met first.

        A group is a cell of the tiers and a stretch of the revenue sort.
        """
        starts = np.unique(np.concatenate([same.starts for same in self.same.values()]))
        sizes = np.diff(np.searchsorted(positions, starts), append=len(positions))
        stretch = np.repeat(np.arange(len(starts)), sizes)
        cells = self.tiers.cells[self.revenue.order[positions]]
        groups, found = pd.factorize(stretch * self.tiers.n_cells + cells)
        first = np.empty(len(found), dtype=np.intp)
        first[groups[::-1]] = np.arange(len(groups))[::-1]
        return groups, first

    def in_revenue_sort(self, positions: np.ndarray) -> np.ndarray:
        """Return the influences on the revenue sort's figures of customers who hold nothing."""
        who, best = self.revenue.order[positions], self.by_value.c
        found = np.zeros((N_FIGURES, len(who)))
        _fill(found, self.by_revenue, self.revenue.codes[who], None)
        on_best = self.by_value.constant[0, -1]
        found[0] = (found[0] - self.by_revenue.c / best * on_best) / best
        return found


def _fill(
    rows: np.ndarray, table: _Tables, codes: np.ndarray,
    holding: tuple[np.ndarray, np.ndarray] | None,
) -> None:  # fmt: skip
    """Write the influences on C, capture and AUC into rows 0, 2 and 3."""
    for row, constant in zip((0, 2, 3), table.constant, strict=True):
        constant.take(codes, out=rows[row], mode="clip")
    if holding:
        y, a = holding
        rows[0] += table.per_value[0].take(codes) * y
        rows[2] += table.per_value[1].take(codes) * y
        rows[3] += table.per_active.take(codes) * a
