"""Figures that several pages share: curves from which no single customer can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.small_groups import FEWEST

MOST_POINTS = 200


def thinned(customers: pd.Series) -> np.ndarray:
    """Return the places of a curve's points to draw, among them the first and the last.

    At most 200, with at least five customers between any two. ``customers``: how many customers
    stand before each point, from 0 to all of them.
    """
    reached = np.rint(customers.to_numpy())
    few = len(reached) <= MOST_POINTS
    step = FEWEST if few else max(FEWEST, reached[-1] / (MOST_POINTS - 2))
    places = [0]
    while (place := int(np.searchsorted(reached, reached[places[-1]] + step))) < len(reached):
        places.append(place)
    # What is left over at the end joins the last part.
    return np.array([*places[: max(1, len(places) - 1)], len(reached) - 1])
