"""What dated records beside the transactions tell of a customer on a day: tier and credit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

import ibis
import numpy as np
import pandas as pd

from segment.features.windows import SEPARATOR

PRESENT_TIER, GRADE = "present_tier", "credit_grade"


def present_tiers(records: ibis.Table, ends: Mapping[str, dt.date]) -> pd.DataFrame:
    """Return the tier that each customer had on the last day of windows, by the day after it.

    ``records`` holds ``customer_id``, ``date`` (from which the tier holds) and ``tier``; of several
    of one day the last counts. Columns ``<window>__present_tier``, missing before the first record.
    """
    rows = records.to_pandas().sort_values("date", kind="stable")
    days = pd.to_datetime(rows["date"])
    parts = {
        f"{window}{SEPARATOR}{PRESENT_TIER}": rows[days < pd.Timestamp(end)]
        .groupby("customer_id")["tier"]
        .last()
        for window, end in ends.items()
    }
    return pd.DataFrame(parts).rename_axis("customer_id").reset_index()


def credit(
    records: ibis.Table, ends: Mapping[str, dt.date], grades: Mapping[str, Sequence[float]]
) -> pd.DataFrame:
    """Return how each customer had paid on the last day of windows, by the day after it.

    ``records`` holds ``customer_id``, ``date`` (due), ``paid`` (missing while open), ``amount``,
    ``disputed``. Counted are the invoices due before a window's end; what was paid after it was
    open then. By window: ``days_late`` (mean, weighted by amount; an early payment is not late),
    ``overdue_share`` (of the amount of all of them, what is open), ``disputes`` (invoices), and the
    worst of the ``credit_grade`` that each makes: A, and a letter more for each of its limits that
    it reaches. Who had no invoice due has none of them.
    """
    parts = []
    for window, end in ends.items():
        day = ibis.literal(end)
        due = records.filter((records.date < day) & (records.amount > 0))
        is_open = due.paid.isnull() | (due.paid >= day)
        until = is_open.ifelse(ibis.literal(end - dt.timedelta(days=1)), due.paid)
        late = ibis.greatest(until.delta(due.date, unit="day"), 0)
        total = due.amount.sum()
        figures = {
            "days_late": (late * due.amount).sum() / total,
            "overdue_share": due.amount.sum(where=is_open).fill_null(0.0) / total,
            "disputes": due.disputed.sum(),
        }
        frame = due.group_by("customer_id").agg(**figures).to_pandas().set_index("customer_id")
        places = [
            np.searchsorted(limits, frame[name].astype("float64").round(9), side="right")
            for name, limits in grades.items()
        ]
        frame[GRADE] = np.array([*ascii_uppercase], dtype=object)[np.max(places, axis=0)]
        parts.append(frame.add_prefix(f"{window}{SEPARATOR}"))
    return pd.concat(parts, axis=1).rename_axis("customer_id").reset_index()
