"""When a figure of a group is held back because it would tell of single customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Below this number of customers a sum or a mean is close to being one customer's own.
FEWEST = 5


def point_at_somebody(customers: int | pd.Series) -> bool | pd.Series:
    """Return whether a number of customers is so small that a figure is close to one's own."""
    return (customers > 0) & (customers < FEWEST)


def held_back(customers: pd.Series) -> pd.Series:
    """Return which groups hold so few customers that their money stays untold.

    Where a single one does, the smallest other goes with it: the total, which is told,
    less the others would give it away. Empty groups tell nothing and stay.
    """
    few = point_at_somebody(customers)
    others = customers[(customers > 0) & ~few]
    if few.sum() == 1 and len(others):
        few[others.idxmin()] = True
    return few


def hidden_cells(cells: np.ndarray, few: np.ndarray) -> np.ndarray:
    """Return which cells of a table are not shown: few ones, and partners that give one away.

    A single hidden cell is its row's or column's total less the others, so the smallest
    of those is hidden with it, until no line has a single one.
    """
    hidden = few.copy()
    while True:
        for table, mask in ((cells, hidden), (cells.T, hidden.T)):
            shown = (table > 0) & ~mask
            lonely = np.flatnonzero((mask.sum(axis=1) == 1) & shown.any(axis=1))
            if len(lonely):
                line = lonely[0]
                mask[line, np.where(shown[line], table[line], np.inf).argmin()] = True
                break
        else:
            return hidden
