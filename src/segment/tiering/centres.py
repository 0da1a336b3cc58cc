"""Which of several centres a point is nearest to."""

from __future__ import annotations

import numpy as np

# Scores that differ by less are equal: engines round logarithms differently.
SAME = 1e-9


class Nearest:
    """Assigns points to the nearest centre; between equally near ones to the first."""

    def __init__(self, centres: np.ndarray):
        self.centres = centres

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the place of each point's centre."""
        # Not by BLAS: its last digit depends on the row's place, which would let
        # two equal customers halfway between two centres part.
        scores = np.einsum("nf,kf->nk", points, self.centres) - self.halves
        return np.argmax(scores >= scores.max(axis=1, keepdims=True) - SAME, axis=1)

    @property
    def halves(self) -> np.ndarray:
        """Half the squared length of each centre: the nearest has the largest c.x less it."""
        return (self.centres**2).sum(axis=1) / 2
