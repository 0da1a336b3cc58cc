"""What the page on learned tiers draws: predicted against past order, and what drives it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import weights
from segment.evidence.intervals import interval
from segment.features.names import column_name
from segment.language import _
from segment.run import Run
from segment.tiering.base import places_by_share

GROUPS = 10
REPLICATES = 500


def groups(a: Run, label: str) -> pd.DataFrame:
    """Return what tenths of the customers brought, by prediction and by past revenue.

    Parameters
    ----------
    a : Run
    label : str
        A learned method.

    Returns
    -------
    DataFrame
        ``order`` ("predicted value" or "past revenue", as it is shown), ``group`` (1 the
        best tenth), ``customers``, ``value`` per customer in the holdout with its 95 %
        interval ``low`` to ``high``. Ties stay together, so tenths differ in size.
    """
    scores = {
        _("predicted value"): a.methods[label].predicted(a.customers),
        _("past revenue"): a.customers["monetary_total"],
    }
    value = a.outcome["value"].to_numpy()
    cuts = np.arange(1, GROUPS) / GROUPS
    parts = []
    for order, score in scores.items():
        place = places_by_share(score.to_numpy(), cuts)
        for group in np.unique(place):
            inside = value[place == group]
            means = [w @ inside / w.sum(axis=1) for w in weights(len(inside), REPLICATES, seed=1)]
            low, high = interval(np.concatenate(means))
            parts.append((order, int(group) + 1, len(inside), inside.mean(), low, high))
    return pd.DataFrame(parts, columns=["order", "group", "customers", "value", "low", "high"])


def drivers(a: Run, label: str) -> pd.DataFrame:
    """Return the permutation importance of each feature, named in words; best first.

    No row where a method has none.
    """
    found = getattr(a.methods[label], "importance_", pd.DataFrame({"feature": []}))
    return found.assign(feature=[column_name(name) for name in found["feature"]])
