"""Check the rules of RFM segments: cells that several rules claim, or none does."""

from __future__ import annotations

import pandas as pd

from segment.tiering.rfm import RFM

OVERLAPPING, UNCOVERED, UNREACHABLE = "overlapping", "uncovered", "unreachable"


def lint(method: RFM) -> pd.DataFrame:
    """List what is wrong with segment rules: ``finding``, ``cell`` (digits R, F, M), ``segments``.

    *Overlapping*: the cell fulfils several rules, and only their order decides.
    *Uncovered*: it fulfils none. *Unreachable* (``cell`` empty): rules above take every
    cell of the segment, so that nobody can ever be in it.
    """
    cells = method.all_cells()
    matches = method.segment_matches(cells)
    digits = cells.astype(str).agg("".join, axis=1)
    claims = matches.sum(axis=1)
    rows = [
        (OVERLAPPING, digits[i], tuple(matches.columns[matches.loc[i]]))
        for i in claims.index[claims > 1]
    ]
    rows += [(UNCOVERED, digits[i], ()) for i in claims.index[claims == 0]]
    first = matches[claims > 0].idxmax(axis=1)
    rows += [(UNREACHABLE, "", (name,)) for name in matches if name not in set(first)]
    return pd.DataFrame(rows, columns=["finding", "cell", "segments"])
