"""Paired bootstrap: the same resampled customers for every method."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Weights of one block, in numbers: keeps memory flat however many customers.
BLOCK = 4_000_000


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
    float array of shape (b, n)
        How often each customer is drawn; every row adds up to ``n``.
    """
    rng = np.random.default_rng(seed)
    size = max(1, BLOCK // n)
    for start in range(0, replicates, size):
        rows = min(size, replicates - start)
        block = np.empty((rows, n))
        for row in block:
            row[:] = np.bincount(rng.integers(n, size=n), minlength=n)
        yield block


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws; NaN where none is finite."""
    finite = draws[np.isfinite(draws)]
    if len(finite) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
