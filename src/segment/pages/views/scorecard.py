"""Scores of a scorecard, and how much its grades hang on each weight."""

from __future__ import annotations

import pandas as pd

from segment.run import Run

POINTS = 0.10


def scores(a: Run, label: str) -> pd.DataFrame:
    """Return the score and the grade (``tier``) of every customer."""
    method = a.methods[label]
    return pd.DataFrame({"score": method.scores(a.customers), "tier": method.labels_})


def indicators(a: Run, label: str) -> pd.DataFrame:
    """Return what each indicator counts for.

    Returns
    -------
    DataFrame
        Indexed by indicator, heaviest first: ``better`` ("high" or "low"), ``weight``,
        ``missing`` (share of customers without a value), and the shares of customers
        who change grade if the weight is 10 points larger, ``up``, or smaller, ``down``.
    """
    method = a.methods[label]
    found = method.sensitivity(a.customers, POINTS)
    low = found.index.isin(list(method.less_is_better))
    found = found.assign(
        better=pd.Series(low, index=found.index).map({True: "low", False: "high"}),
        missing=method.missing_,
    )
    return found.sort_values("weight", ascending=False, kind="stable")
