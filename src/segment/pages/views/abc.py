"""What the ABC page draws and says: the curve before and after, and who is A at a loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import N_, _
from segment.run import Run

MEASURES = {"monetary_total": N_("amount"), "margin_total": N_("margin")}
MARGIN = "margin_total"


def measure(a: Run, label: str) -> str:
    """Return what a scheme sorts by, in a word or few: amount, margin, purchase days."""
    by = a.methods[label].by
    return _(MEASURES[by]) if by in MEASURES else column_name(by)


def later_measure(a: Run) -> str:
    """Return what customers are judged by after the cut: margin where the data have it."""
    return _(MEASURES[MARGIN if MARGIN in a.customers else "monetary_total"])


def curves(a: Run, label: str) -> dict[str, pd.DataFrame]:
    """Return the ABC curve of calibration, and of the holdout in the same order.

    Returns
    -------
    dict of str to DataFrame
        ``customers`` and ``contribution``, cumulative shares from 0 to 1, by what
        is measured when. Customers with the same past figure are one step.
    """
    past = a.customers[a.methods[label].by]
    later = a.outcome["value"].groupby(past).agg(["size", "sum"]).iloc[::-1]
    total = later["sum"].sum()
    shares = later / [len(past), total if total > 0 else np.nan]
    after = pd.DataFrame(
        {
            "customers": np.r_[0, shares["size"].cumsum()],
            "contribution": np.r_[0, shares["sum"].cumsum()],
        }
    )
    return {
        _("{measure} before the cut", measure=measure(a, label)): a.methods[label].curve_,
        _("{measure} after the cut", measure=later_measure(a)): after,
    }


def points(a: Run, label: str) -> dict[str, tuple[float, float]]:
    """Return where each class that holds customers ends on the curve before the cut."""
    found, last = {}, 0.0
    for tier, (x, y) in a.methods[label].points_.items():
        if x > last:
            found[tier], last = (x, y), x
    return found


def loss_makers(a: Run, label: str) -> pd.DataFrame | None:
    """Return the customers of the best class whose margin is negative.

    Returns
    -------
    DataFrame or None
        Indexed by customer: ``monetary_total`` and ``margin_total`` before the cut.
        None where the margin is not known, or is what the scheme sorts by.
    """
    method = a.methods[label]
    if MARGIN not in a.customers or method.by == MARGIN:
        return None
    best = method.labels_ == method.tiers_[0]
    return a.customers.loc[best & (a.customers[MARGIN] < 0), ["monetary_total", MARGIN]]
