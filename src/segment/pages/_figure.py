"""Figures that several pages share: curves from which no single customer can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.notebook import FEWEST

MOST_POINTS = 200


def thinned(customers: pd.Series) -> np.ndarray:
    """Return the places of a curve's points to draw, among them the first and the last.

    Parameters
    ----------
    customers : Series
        How many customers stand before each point, from 0 to all of them.

    Returns
    -------
    array of int
        At most about 200 places, with at least five customers between any two.
    """
    reached = np.asarray(customers)
    step = max(FEWEST, reached[-1] / MOST_POINTS)
    places = [0]
    for place, number in enumerate(reached):
        if number >= reached[places[-1]] + step:
            places.append(place)
    if len(places) > 1:  # what is left over at the end joins the last part
        places.pop()
    return np.array([*places, len(reached) - 1])
