"""What the RFM page draws: customers and later value by cell of the scores."""

from __future__ import annotations

import pandas as pd

from segment.run import Run


def score_cells(a: Run, label: str) -> dict[str, pd.DataFrame]:
    """Return customers and mean holdout value by recency and by mean F and M score.

    Parameters
    ----------
    label : str
        An RFM method.

    Returns
    -------
    dict of str to DataFrame
        ``customers`` and ``value``; rows are recency scores, best first,
        columns the mean of frequency and monetary score, halves rounded up.
    """
    method = a.methods[label]
    scores = method.scores(a.customers)
    cell = [scores["r"], (scores["f"] + scores["m"] + 1) // 2]
    levels = range(1, method.bins + 1)
    value = a.outcome["value"].groupby(cell)
    grid = {"customers": value.size(), "value": value.mean()}
    cells = {
        name: grid[name].unstack().reindex(index=list(levels)[::-1], columns=levels)
        for name in grid
    }
    return cells | {"customers": cells["customers"].fillna(0)}
