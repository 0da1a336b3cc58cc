"""Paired bootstrap: the same resampled customers for every method."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Weights of one block, in numbers: keeps memory flat however many customers, and
# 64 resamples are enough for the matrix products to run at full speed.
BLOCK, MOST_ROWS = 4_000_000, 64


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
        How often each customer is drawn; every row adds up to ``n``. Stored so
        that its transpose is contiguous, which sparse products need.
    """
    rng = np.random.default_rng(seed)
    size = min(MOST_ROWS, max(1, BLOCK // n))
    for start in range(0, replicates, size):
        rows = min(size, replicates - start)
        counts = np.empty((rows, n))
        for row in counts:
            row[:] = np.bincount(rng.integers(n, size=n), minlength=n)
        yield np.asfortranarray(counts)


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws; NaN where none is finite."""
    finite = draws[np.isfinite(draws)]
    if len(finite) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
