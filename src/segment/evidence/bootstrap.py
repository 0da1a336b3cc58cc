"""Paired bootstrap: running totals of tiers and orders under shared weights.

Every method is judged on the same resampled customers. A resample is a row of
weights, how often each customer is drawn. Under any weights a tiering has three
running totals, best tier first: customers, holdout value and active customers;
every figure follows from them. The same holds for an order of the customers by a
score, whose tiers are its blocks of equal scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse, stats

# Weights of one block, in bytes: keeps memory flat however many customers.
BLOCK, MOST_ROWS = 16_000_000, 64
# So many customers are numbered by 16 random bits.
PART = 65_536
# So many resamples give the standard errors of many customers.
FEW = 200
# Numbers of possible cells that an integer can hold with room to spare.
MOST_CELLS = 2**60
AUC_LEAST_SHARE, AUC_LEAST_CUSTOMERS = 0.05, 100


def weights(n: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks of bootstrap weights; together they have ``replicates`` rows.

    Parameters
    ----------
    n : int
        Number of customers.
    replicates : int
        Number of resamples.
    seed : int
        The same seed gives the same resamples.

    Yields
    ------
    uint8 array of shape (b, n)
        How often each customer is drawn; every row adds up to ``n``. A customer is
        drawn more than 255 times with a probability of less than 1e-500.

    Notes
    -----
    More than ``PART`` customers are drawn in two steps, which together are the same
    multinomial: how many draws fall on each part of the customers, then on whom. The
    counts of a part stay in the processor's cache, and 16 random bits find a customer.
    """
    rng = np.random.default_rng(seed)
    size = min(MOST_ROWS, max(1, BLOCK // n))
    firsts = np.arange(0, n, PART)
    lengths = np.diff(firsts, append=n)
    kind = np.int64 if n <= PART else np.uint16
    for start in range(0, replicates, size):
        counts = np.zeros((min(size, replicates - start), n), dtype=np.uint8)
        for row in counts:
            hits = rng.multinomial(n, lengths / n)
            for first, length, drawn in zip(firsts, lengths, hits, strict=True):
                who = rng.integers(length, size=drawn, dtype=kind)
                np.add.at(row[first : first + length], who, np.uint8(1))
        yield counts


def resample(
    statistic: Callable[[np.ndarray], np.ndarray],
    n: int,
    replicates: int,
    seed: int,
    most_resampled: int,
) -> np.ndarray:
    """Return draws of figures; shape (replicates, figures).

    Parameters
    ----------
    statistic : callable
        From weights of shape (b, n) to the figures of each resample, shape (b, figures).
    n, replicates, seed : int
        As for ``weights``; figures drawn apart with the same ones are paired.
    most_resampled : int
        Up to so many customers each draw is a resample. Above, sampling distributions are
        normal for all practical purposes, and the draws are normal ones around the figures,
        with the covariance of the first ``FEW`` resamples.
    """
    few = n > most_resampled and replicates > FEW
    blocks = [statistic(w) for w in weights(n, FEW if few else replicates, seed)]
    drawn = np.concatenate(blocks)
    if not few:
        return drawn
    # Normal numbers times the resamples' deviations have the resamples' covariance.
    deviations = np.nan_to_num(drawn - np.nanmean(drawn, axis=0)) / np.sqrt(FEW - 1)
    normal = np.random.default_rng([seed, FEW]).standard_normal((replicates, FEW))
    return statistic(np.ones((1, n), dtype="uint8")) + normal @ deviations


def interval(draws: np.ndarray, level: float = 0.95, wider: float = 1.0) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws; NaN where none is finite.

    ``wider``, of ``widening``, moves the percentiles out as far as it would move the
    ends of a normal interval.
    """
    finite = draws[np.isfinite(draws)]
    if len(finite) == 0:
        return float("nan"), float("nan")
    outside = stats.norm.sf(stats.norm.ppf((1 + level) / 2) * wider)
    low, high = np.quantile(finite, [outside, 1 - outside])
    return float(low), float(high)


def widening(value: np.ndarray, level: float = 0.95) -> float:
    """Return how much wider than normal intervals those of few, unequal customers must be.

    A sample without the largest customers estimates too little and, at once, a standard
    error that is too small: the quantile z of the normal distribution holds too seldom.
    Hall's second-order correction of a symmetric interval of a mean takes z - q(z) / n,

    q(z) = z (kappa (z^2 - 3) / 12 - gamma^2 (z^4 + 2 z^2 - 3) / 18 - (z^2 + 3) / 4),

    gamma and kappa the skewness and excess kurtosis of the sample (Hall 1992, The
    Bootstrap and Edgeworth Expansion, chapter 2). Those of the value stand for all
    figures, which all are made of it; those of each figure's own influence functions
    widen too little in simulation (docs/coverage.md).

    Parameters
    ----------
    value : array of shape (n,)
        What each customer brought, not the same for all.

    Returns
    -------
    float
        1 or more: about 1 + 1.8 / n for equal tails, and 2.01 at most, where one of many
        customers brings everything.
    """
    n, z = len(value), stats.norm.ppf((1 + level) / 2)
    gamma, kappa = stats.skew(value), stats.kurtosis(value)
    tails = kappa * (z**2 - 3) / 12 - gamma**2 * (z**4 + 2 * z**2 - 3) / 18 - (z**2 + 3) / 4
    return max(1.0, float(1 - tails / n))


@dataclass(frozen=True)
class Totals:
    """Running totals from 0, best tier first, each of shape (resamples, tiers + 1).

    Attributes
    ----------
    customers, value, active : float array
        Customers, their holdout value and how many of them were active, of the
        first k tiers, k = 0, 1, ...
    """

    customers: np.ndarray
    value: np.ndarray
    active: np.ndarray

    @classmethod
    def of(cls, customers: np.ndarray, value: np.ndarray, active: np.ndarray) -> Totals:
        """Return the running totals of totals per tier, each of shape (resamples, tiers)."""
        return cls(*(_running(counts) for counts in (customers, value, active)))

    @property
    def per_tier(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Customers, value and active customers of each tier; shape (resamples, tiers)."""
        return tuple(np.diff(x, axis=1) for x in (self.customers, self.value, self.active))

    @property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """P and G, cumulative shares of customers and of value; shape (resamples, tiers + 1)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return (self.customers / self.customers[:, -1:], self.value / self.value[:, -1:])

    @property
    def concentration(self) -> np.ndarray:
        """C of each resample."""
        return concentration(self.customers, self.value)

    def captured(self, customers: np.ndarray) -> np.ndarray:
        """Return the share of value that each row's first so many customers bring.

        Parameters
        ----------
        customers : array of shape (resamples, points)
        """
        # One long broken line, row after row: counts are whole numbers, so that moving
        # each row behind the one before it loses nothing.
        behind = np.cumsum(self.customers[:, -1:] + 1, axis=0) - (self.customers[:1, -1:] + 1)
        found = np.interp(
            (customers + behind).ravel(), (self.customers + behind).ravel(), self.value.ravel()
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return found.reshape(customers.shape) / self.value[:, -1:]

    def capture(self, share: float) -> np.ndarray:
        """Return the share of value that the first ``share`` of the customers bring."""
        return self.captured(share * self.customers[:, -1:])[:, 0]

    @property
    def area_under_roc(self) -> np.ndarray:
        """AUC of the order against activity; NaN where one class is too small.

        Left out where either class is under 5 % or under 100 customers.
        """
        n, active = self.customers[:, -1], self.active[:, -1]
        smaller = np.minimum(active, n - active)
        # Pairs of two active customers count half each and add up to active^2 / 2.
        pairs = (_doubled_area(self.customers, self.active) - active**2) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            auc = pairs / (active * (n - active))
        enough = (smaller >= AUC_LEAST_CUSTOMERS) & (smaller >= AUC_LEAST_SHARE * n)
        return np.where(enough, auc, np.nan)


def _running(counts: np.ndarray) -> np.ndarray:
    running = np.zeros((len(counts), counts.shape[1] + 1))
    np.cumsum(counts, axis=1, out=running[:, 1:])
    return running


def _exact(counts: np.ndarray) -> str:
    """Return the type to add up counts in: whole numbers as such, in a quarter of the time."""
    return "int32" if counts.dtype.kind == "u" else "float64"


def _running_at(counts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the sums of the first so many counts; shape (1, ends)."""
    running = np.zeros(len(counts) + 1, dtype=_exact(counts))
    np.cumsum(counts, dtype=running.dtype, out=running[1:])
    return running.take(ends)[None].astype("float64")


def _doubled_area(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return twice the area under broken lines; arrays of shape (lines, points)."""
    return np.einsum("bk,bk->b", np.diff(x, axis=1), y[:, 1:] + y[:, :-1])


def concentration(customers: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return C of gains curves, running totals of shape (resamples, points)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _doubled_area(customers, value) / (customers[:, -1] * value[:, -1]) - 1


class Tiers:
    """The tiers of several methods, ready to be totalled under any weights.

    Parameters
    ----------
    codes : mapping of str to int array of shape (n,)
        By method: position of each customer's tier, 0 best.
    sizes : mapping of str to int
        By method: number of tiers; some may hold nobody.
    value, active : float array of shape (n,)

    Attributes
    ----------
    some : int array
        Positions of the customers with value or activity; most have neither.
    cells : int array of shape (n,)
        Cell of each customer; customers of one cell have the same tier in every
        method. A resample is summed by cell once, and cells by tier for each method.
    sums : dict of str to array of shape (3, tiers)
        By method: customers, value and active customers of each tier.
    """

    def __init__(
        self, codes: Mapping[str, np.ndarray], sizes: Mapping[str, int],
        value: np.ndarray, active: np.ndarray,
    ):  # fmt: skip
        self.codes, self.sizes = dict(codes), dict(sizes)
        self.value, self.active = value, active
        self.some = np.flatnonzero((value != 0) | (active != 0))
        self.cells, self.n_cells, self.matrix = self._cells()
        in_cells = self.cells[self.some]
        by_cell = np.stack([
            np.bincount(self.cells, minlength=self.n_cells).astype("float64"),
            np.bincount(in_cells, value[self.some], self.n_cells),
            np.bincount(in_cells, active[self.some], self.n_cells),
        ])  # fmt: skip
        self.sums = self.by_tier(by_cell)

    def by_tier(self, by_cell: np.ndarray) -> dict[str, np.ndarray]:
        """Return sums by cell, shape (sums, cells), as sums by tier of each method."""
        ends = np.cumsum(list(self.sizes.values()))[:-1]
        sums = np.ascontiguousarray((self.matrix @ np.ascontiguousarray(by_cell.T)).T)
        return dict(zip(self.codes, np.split(sums, ends, axis=1), strict=True))

    def plain(self) -> dict[str, Totals]:
        """Return the totals of the data themselves."""
        return {label: Totals.of(*sums[:, None]) for label, sums in self.sums.items()}

    def without(self, customer: int) -> dict[str, Totals]:
        """Return the totals of all customers but one, given by position."""
        found = {}
        for label, sums in self.sums.items():
            own = np.zeros_like(sums)
            own[:, self.codes[label][customer]] = 1, self.value[customer], self.active[customer]
            found[label] = Totals.of(*(sums - own)[:, None])
        return found

    def totals(self, w: np.ndarray) -> dict[str, Totals]:
        """Return the totals under weights of shape (resamples, n)."""
        order, first, held, filled, first_held = self._by_cell
        some = order[held]
        own_value, own_active = self.value[some], self.active[some].astype("uint8")
        counts = np.zeros((3, len(w), self.n_cells))
        for row, customers, value, active in zip(w, *counts, strict=True):
            everyone = row.take(order)
            drawn = everyone.take(held)
            customers[:] = np.add.reduceat(everyone, first, dtype=_exact(w))
            value[filled] = np.add.reduceat(drawn * own_value, first_held)
            active[filled] = np.add.reduceat(drawn * own_active, first_held, dtype=_exact(w))
        sums = [self.by_tier(by_cell) for by_cell in counts]
        return {label: Totals.of(*(each[label] for each in sums)) for label in self.codes}

    @cached_property
    def _by_cell(self) -> tuple[np.ndarray, ...]:
        """Customers cell by cell: sums of neighbours need no look-up of their cell.

        Returns the positions of the customers in that order and where each cell starts;
        who of them holds value or activity, which cells those are in, and where each of
        these cells starts among them.
        """
        # Short integers are sorted several times as fast.
        cells = self.cells.astype(np.min_scalar_type(self.n_cells))
        order = np.argsort(cells, kind="stable")
        first = np.searchsorted(cells[order], np.arange(self.n_cells))
        holds = np.zeros(len(cells), dtype=bool)
        holds[self.some] = True
        held = np.flatnonzero(holds[order])
        return order, first, held, *np.unique(cells[order[held]], return_index=True)

    def _cells(self) -> tuple[np.ndarray, int, sparse.csc_array]:
        """Return each customer's cell, the number of cells, and tiers x cells (1: in the tier)."""
        cells, n_cells = np.zeros(len(self.value), dtype=np.intp), 1
        for label, codes in self.codes.items():
            if n_cells * self.sizes[label] > MOST_CELLS:
                cells, distinct = pd.factorize(cells)
                n_cells = len(distinct)
            cells = cells * self.sizes[label] + codes
            n_cells *= self.sizes[label]
        cells, distinct = pd.factorize(cells)
        n_cells = len(distinct)
        member = np.empty(n_cells, dtype=np.intp)
        member[cells] = np.arange(len(cells))
        first = np.r_[0, np.cumsum(list(self.sizes.values()))]
        rows = np.column_stack(
            [
                start + codes[member]
                for start, codes in zip(first, self.codes.values(), strict=False)
            ]
        )
        ends = np.arange(0, rows.size + 1, rows.shape[1])
        matrix = sparse.csc_array((np.ones(rows.size), rows.ravel(), ends), (first[-1], n_cells))
        return cells, n_cells, matrix


class Order:
    """Customers in the order of a score, highest first, ready to be totalled.

    Equal scores share a block. Neighbouring blocks without value and active
    customers are joined, which changes no point of the gains curve.

    Parameters
    ----------
    score, value, active : float array of shape (n,)

    Attributes
    ----------
    order : int array of shape (n,)
        Positions of the customers, highest score first.
    falling : float array of shape (n,)
        The negative scores in that order.
    codes : int array of shape (n,)
        Block of each customer, 0 best.
    """

    def __init__(self, score: np.ndarray, value: np.ndarray, active: np.ndarray):
        falling = -score
        self.order = np.argsort(falling)
        self.falling = falling[self.order]
        last = np.flatnonzero(np.r_[self.falling[1:] != self.falling[:-1], True]) + 1
        held = ((value != 0) | (active != 0))[self.order]
        upto = np.searchsorted(np.flatnonzero(held), last)
        holds = np.diff(upto, prepend=0) > 0
        # A block ends where it holds something, or the next one does, or all end.
        kept = holds | np.r_[holds[1:], True]
        ends, self._held_ends = np.r_[0, last[kept]], np.r_[0, upto[kept]]
        self.n_blocks = len(ends) - 1
        self.codes = np.empty(len(score), dtype=np.intp)
        self.codes[self.order] = np.repeat(np.arange(self.n_blocks), np.diff(ends))
        # Whoever stands behind the others holds nothing and is in the last block, as most
        # are with perfect foresight: no need to count them one by one.
        self._held = np.flatnonzero(held)
        front = max(np.max(self._held, initial=-1) + 1, ends[-2])
        self._front, self._ends = self.order[:front], np.minimum(ends, front)
        some = self.order[self._held]
        self._blocks = self.codes[some]
        self._value, self._active = value[some], active[some].astype("uint8")

    def rows(self, w: np.ndarray) -> Iterator[Totals]:
        """Yield the totals under each row of weights of shape (resamples, n).

        Row by row, so that a row's arrays stay in the processor's cache.
        """
        for row in w:
            front = row.take(self._front)
            some = front.take(self._held)
            customers = _running_at(front, self._ends)
            customers[0, -1] = row.sum(dtype=_exact(w))
            value = np.bincount(self._blocks, some * self._value, self.n_blocks)
            active = _running_at(some * self._active, self._held_ends)
            yield Totals(customers, _running(value[None]), active)

    def plain(self) -> Totals:
        """Return the totals of the data themselves."""
        return next(self.rows(np.ones((1, len(self.order)), dtype="uint8")))
