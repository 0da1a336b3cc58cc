"""Which cluster is worth more: the order in which clusters become tiers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

VALUE = "monetary_total"
# Features that say by themselves which cluster is worth more, and how others of them begin.
WORTH = ("order_days", "margin_total")
WORTH_STARTS = ("monetary_", "balance_")


def tells_worth(features: Sequence[str]) -> bool:
    """Return whether some feature says which cluster is worth more."""
    return any(name in WORTH or name.startswith(WORTH_STARTS) for name in features)


def worth(
    centres: np.ndarray,
    places: np.ndarray,
    values: pd.DataFrame,
    features: Sequence[str],
    less_is_better: Collection[str],
    by_value: bool,
) -> np.ndarray:
    """Return how good each cluster is.

    ``by_value``, its customers' mean past amount, if known; else the sum of the centre's
    standardised features, those where less is better counted backwards.
    """
    if not by_value or VALUE not in values:
        sign = np.array([-1.0 if name in less_is_better else 1.0 for name in features])
        return centres[:, : len(sign)] @ sign
    paid = np.nan_to_num(values[VALUE].to_numpy(dtype="float64"))
    # Sorted, so that no sum depends on the order of rows.
    parts = [np.sort(paid[places == place]) for place in range(len(centres))]
    return np.array([part.mean() if len(part) else -np.inf for part in parts])
