"""Gains curves: running totals of tiers and orders under any weights of the customers.

Best tier first, a tiering has three running totals: customers, holdout value and active
customers; every figure of the back-test follows from them. The same holds for an order of
the customers by a score, whose tiers are its blocks of equal scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

AUC_LEAST_SHARE, AUC_LEAST_CUSTOMERS = 0.05, 100
CACHED = 32_768  # weights that are totalled at a time


@dataclass(frozen=True)
class Totals:
    """Running totals of the first k tiers, best first, k from 0: shape (resamples, tiers + 1).

    Customers, their holdout value and how many of them were active, if that is known.
    """

    customers: np.ndarray
    value: np.ndarray
    active: np.ndarray | None = None

    @classmethod
    def of(cls, *totals: np.ndarray) -> Totals:
        """Return the running totals of totals per tier, each of shape (resamples, tiers)."""
        return cls(*(_running(counts) for counts in totals))

    @property
    def mean_value(self) -> np.ndarray:
        """Value per customer of each tier; shape (resamples, tiers)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.diff(self.value, axis=1) / np.diff(self.customers, axis=1)

    def lead(self, tier: int) -> np.ndarray:
        """Return the value per customer of a tier less that of all others, of each resample."""
        customers, value = (
            running[:, tier + 1] - running[:, tier] for running in (self.customers, self.value)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            others = (self.value[:, -1] - value) / (self.customers[:, -1] - customers)
            return value / customers - others

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
        """Return the share of value that each row's first so many customers bring."""
        # One long broken line, row after row: counts are whole numbers, so that moving
        # each row behind the one before it loses nothing.
        length = self.customers[:, -1:] + 1
        behind = np.cumsum(length, axis=0) - length
        value = np.interp(
            (customers + behind).ravel(), (self.customers + behind).ravel(), self.value.ravel()
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return value.reshape(customers.shape) / self.value[:, -1:]

    def capture(self, share: float) -> np.ndarray:
        """Return the share of value that the first ``share`` of the customers bring."""
        return self.captured(share * self.customers[:, -1:])[:, 0]

    @property
    def area_under_roc(self) -> np.ndarray:
        """AUC of the order against activity.

        Missing where either class is under 5 % or under 100 customers, or activity is not known.
        """
        if self.active is None:
            return np.full(len(self.customers), np.nan)
        n, active = self.customers[:, -1], self.active[:, -1]
        smaller = np.minimum(active, n - active)
        # Pairs of two active customers count half each and add up to active^2 / 2.
        pairs = (_doubled_area(self.customers, self.active) - active**2) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            auc = pairs / (active * (n - active))
        enough = (smaller >= AUC_LEAST_CUSTOMERS) & (smaller >= AUC_LEAST_SHARE * n)
        return np.where(enough, auc, np.nan)


def concentration(customers: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return C of gains curves, running totals of shape (resamples, points)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _doubled_area(customers, value) / (customers[:, -1] * value[:, -1]) - 1


def _doubled_area(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return twice the area under broken lines; arrays of shape (lines, points)."""
    return np.einsum("bk,bk->b", np.diff(x, axis=1), y[:, 1:] + y[:, :-1])


def _running(counts: np.ndarray) -> np.ndarray:
    running = np.zeros((len(counts), counts.shape[1] + 1))
    np.cumsum(counts, axis=1, out=running[:, 1:])
    return running


def _running_at(counts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the sums of each row's first so many whole numbers; shape (rows, ends)."""
    running = np.zeros((len(counts), counts.shape[1] + 1), dtype="int32")
    np.cumsum(counts, axis=1, dtype="int32", out=running[:, 1:])
    return running.take(ends, axis=1).astype("float64")


def served(sizes: np.ndarray, share: float) -> int | None:
    """Return how many of the best tiers are served, if a share of the customers can be.

    Down to the border nearest to the share, in the logarithm, among those between half and twice
    of it; of two that are equally near the one with fewer customers. None where there is none.
    ``sizes`` are the customers of each tier, best first.
    """
    reached = np.cumsum(sizes) / np.sum(sizes)
    near = (share / 2 <= reached + 1e-12) & (reached <= 2 * share + 1e-12) & (reached < 1)
    if not near.any():
        return None
    with np.errstate(divide="ignore"):
        away = np.where(near, np.round(np.abs(np.log(reached / share)), 9), np.inf)
    return int(away.argmin()) + 1


def among_first(members: np.ndarray, score: np.ndarray, number: int) -> float:
    """Return how many members stand among the first so many by a score, ties at their mean."""
    limit = np.partition(score, -number)[-number] if number else np.inf
    above, tied = score > limit, score == limit
    places = (number - above.sum()) / max(tied.sum(), 1)
    return float((members & above).sum() + places * (members & tied).sum())


class Tiers:
    """The tiers of several methods, ready to be totalled under any weights.

    Customers of one cell have the same tier in every method: a resample is summed by cell once, and
    cells by tier for each method. ``codes`` are, by method, the places of each customer's tier, 0
    best; ``sizes`` the number of tiers, of which some may hold nobody.
    """

    def __init__(
        self,
        codes: Mapping[str, np.ndarray],
        sizes: Mapping[str, int],
        value: np.ndarray,
        active: np.ndarray | None = None,
    ):
        self.sizes, self.n = dict(sizes), len(value)
        cells = np.zeros(len(value), dtype=np.intp)
        for label, tier in codes.items():
            cells, distinct = pd.factorize(cells * sizes[label] + tier)
        self.n_cells = len(distinct)
        # Tiers x cells, 1 where the cell is in the tier.
        member = np.unique(cells, return_index=True)[1]
        first = np.cumsum([0, *sizes.values()])
        rows = [start + tier[member] for start, tier in zip(first, codes.values(), strict=False)]
        columns = np.tile(np.arange(self.n_cells), len(rows))
        ones = np.ones(len(columns))
        self._matrix = sparse.csr_array((ones, (np.concatenate(rows), columns)))
        self._matrix.resize(first[-1], self.n_cells)
        # Customers cell by cell: sums of neighbours need no look-up of their cell. Short
        # integers are sorted several times as fast.
        cells = cells.astype(np.min_scalar_type(self.n_cells))
        self._order = np.argsort(cells, kind="stable")
        self._first = np.searchsorted(cells[self._order], np.arange(self.n_cells))
        # Most customers hold neither value nor activity.
        self._held = np.flatnonzero(_holds(value, active)[self._order])
        some = self._order[self._held]
        self._filled, self._first_held = np.unique(cells[some], return_index=True)
        self._value, self._active = value[some], _of(active, some)

    def totals(self, w: np.ndarray) -> dict[str, Totals]:
        """Return the totals of each method under whole weights of shape (resamples, n)."""
        known = self._active is not None
        sums = np.zeros((2 + known, len(w), self.n_cells))
        for row, customers, value, *active in zip(w, *sums, strict=True):
            everyone = row.take(self._order)
            drawn = everyone.take(self._held)
            customers[:] = np.add.reduceat(everyone, self._first, dtype="int32")
            value[self._filled] = np.add.reduceat(drawn * self._value, self._first_held)
            for counted in active:
                counted[self._filled] = np.add.reduceat(
                    drawn * self._active, self._first_held, dtype="int32"
                )
        ends = np.cumsum(list(self.sizes.values()))[:-1]
        by_tier = (np.ascontiguousarray((self._matrix @ by_cell.T).T) for by_cell in sums)
        split = zip(*(np.split(each, ends, axis=1) for each in by_tier), strict=True)
        return {label: Totals.of(*each) for label, each in zip(self.sizes, split, strict=True)}


class Order:
    """Customers in the order of a score, highest first, ready to be totalled.

    Equal scores share a block. Neighbouring blocks without value and active customers are joined,
    which changes no point of the gains curve.
    """

    def __init__(self, score: np.ndarray, value: np.ndarray, active: np.ndarray | None = None):
        order = np.argsort(-score)
        falling = score[order]
        last = np.flatnonzero(np.r_[falling[1:] != falling[:-1], True]) + 1
        self._held = np.flatnonzero(_holds(value, active)[order])
        upto = np.searchsorted(self._held, last)
        holds = np.diff(upto, prepend=0) > 0
        # A block ends where it holds something, or the next one does, or all end.
        kept = holds | np.r_[holds[1:], True]
        ends, self._held_ends = np.r_[0, last[kept]], np.r_[0, upto[kept]]
        # Whoever stands behind the others holds nothing and is in the last block, as most
        # are with perfect foresight: no need to count them one by one.
        front = max(np.max(self._held, initial=-1) + 1, ends[-2])
        self._front, self._ends = order[:front], np.minimum(ends, front)
        self._blocks = np.repeat(np.arange(len(ends) - 1), np.diff(self._held_ends))
        some = order[self._held]
        self._value, self._active = value[some], _of(active, some)

    def rows(self, w: np.ndarray) -> Iterator[Totals]:
        """Yield the totals under whole weights of shape (resamples, n), in order.

        As many rows at a time as stay in the processor's cache.
        """
        size, blocks = max(1, CACHED // w.shape[1]), len(self._ends) - 1
        for start in range(0, len(w), size):
            rows = w[start : start + size]
            front = rows.take(self._front, axis=1)
            some = front.take(self._held, axis=1)
            customers = _running_at(front, self._ends)
            customers[:, -1] = rows.sum(axis=1, dtype="int64")
            place = self._blocks + blocks * np.arange(len(rows))[:, None]
            value = np.bincount(place.ravel(), (some * self._value).ravel(), blocks * len(rows))
            active = None
            if self._active is not None:
                active = _running_at(some * self._active, self._held_ends)
            yield Totals(customers, _running(value.reshape(len(rows), -1)), active)


def _holds(value: np.ndarray, active: np.ndarray | None) -> np.ndarray:
    """Return who adds to any running total but the customers."""
    return (value != 0) if active is None else (value != 0) | (active != 0)


def _of(active: np.ndarray | None, some: np.ndarray) -> np.ndarray | None:
    return None if active is None else active[some].astype("uint8")
