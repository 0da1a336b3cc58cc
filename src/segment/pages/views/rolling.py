"""What the page on the back-test shows of several cut dates."""

from __future__ import annotations

import pandas as pd

from segment.evidence.backtest import REVENUE_SORT
from segment.run import Run


def dots(a: Run) -> pd.DataFrame:
    """Return the normalised Gini of every scheme at every cut date.

    Returns
    -------
    DataFrame
        ``label``, ``cut``, ``gini``, ``mean``, ``main`` (the study's own cut), ``kind``
        ("method" or "yardstick"): highest mean first, by date within a scheme.
    """
    found = a.rolling.figures.merge(a.rolling.summary["mean"], left_on="label", right_index=True)
    found["main"] = found["cut"] == a.windows.cut
    found["kind"] = found["label"].eq(REVENUE_SORT).map({True: "yardstick", False: "method"})
    found = found.sort_values(["mean", "label", "cut"], ascending=[False, True, True])
    return found[["label", "cut", "gini", "mean", "main", "kind"]].reset_index(drop=True)


def ahead(a: Run, one: str, other: str) -> tuple[int, int]:
    """Return at how many cut dates one scheme was above another, and at how many both stand."""
    gini = a.rolling.figures.pivot(index="cut", columns="label", values="gini")
    difference = (gini[one] - gini[other]).dropna()
    return int((difference > 0).sum()), len(difference)
