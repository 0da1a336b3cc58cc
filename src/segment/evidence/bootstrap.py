"""Paired bootstrap: every figure is drawn from the same resampled customers.

A resample is a row of weights, how often each customer is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

# Weights of one block, in bytes: keeps memory flat however many customers.
BLOCK, MOST_ROWS = 16_000_000, 64
# So many customers are numbered by 16 random bits.
PART = 65_536
# So many resamples give the standard errors of many customers.
FEW = 200


def weights(n: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks of bootstrap weights; together they have ``replicates`` rows of shape (n,).

    How often each customer is drawn; every row adds up to ``n``. A customer is drawn more than 255
    times with a probability of less than 1e-500. The same seed gives the same resamples.

    More than ``PART`` customers are drawn in two steps, which together are the same multinomial:
    how many draws fall on each part of the customers, then on whom. The counts of a part stay in
    the processor's cache, and 16 random bits find a customer.
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
    """Return draws of figures, of shape (replicates, figures); those of one seed are paired.

    ``statistic`` goes from weights of shape (b, n) to the figures of each resample, shape (b,
    figures). Up to ``most_resampled`` customers each draw is a resample. Above, sampling
    distributions are normal for all practical purposes, and the draws are normal ones around the
    figures, with the covariance of the first ``FEW`` resamples.
    """
    few = n > most_resampled and replicates > FEW
    blocks = [statistic(w) for w in weights(n, FEW if few else replicates, seed)]
    drawn = np.concatenate(blocks)
    if not few:
        return drawn
    # Normal numbers times the resamples' deviations have the resamples' covariance.
    frame = pd.DataFrame(drawn)
    scale = np.sqrt((frame.count() - 1).clip(lower=1))
    deviations = ((frame - frame.mean()) / scale).fillna(0).to_numpy()
    normal = np.random.default_rng([seed, FEW]).standard_normal((replicates, FEW))
    return statistic(np.ones((1, n), dtype="uint8")) + normal @ deviations
