"""A scheme on a small frame that can be checked by hand."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from segment.evidence.backtest import judge
from segment.features.windows import Windows
from segment.run.scheme import Scheme
from segment.study import Study
from segment.tiering.base import Tiering

STUDY = {
    "title": "By hand",
    "source": "none.csv",
    "currency": "EUR",
    "columns": {"customer_id": "id", "date": "day", "amount": "paid"},
    "periods": {"start": "2022-01-01", "cut": "2024-01-01", "end": "2025-01-01"},
    "methods": {"M": {"method": "abc"}},
    "backtest": {"replicates": 200},
}
YARDSTICKS = ("monetary_total", "days_since_last", "order_days")


def scheme(
    method: Tiering,
    customers: pd.DataFrame,
    value: Any = None,
    active: Any = None,
    prospects: pd.DataFrame | None = None,
    study: dict[str, Any] | None = None,
) -> Scheme:
    """Return a fitted scheme "M" of customers, what they brought and who of them bought.

    By default the last customer brought most.
    """
    read = Study.model_validate(STUDY | (study or {}))
    value = range(len(customers)) if value is None else value
    outcome = pd.DataFrame({"value": np.asarray(value, float)}, index=customers.index)
    outcome["active"] = outcome["value"] > 0 if active is None else active
    method = method.fit(customers)
    known = customers.assign(**{name: 0.0 for name in YARDSTICKS if name not in customers})
    figures = judge({"M": method.labels_}, known, outcome, replicates=200)
    windows = Windows(dt.date(2022, 1, 1), dt.date(2024, 1, 1), dt.date(2025, 1, 1))
    known_of = customers, outcome, lambda: figures, prospects, known, len(known)
    return Scheme("M", method, read, windows, *known_of)
