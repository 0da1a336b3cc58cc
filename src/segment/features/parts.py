"""Some customers after others, so that memory grows neither with them nor with their rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import ibis
import numpy as np

# Customer-days of the customers whose features are computed at once, and what a customer's figures
# take of the memory, in customer-days. What Spark gives back has room in 2 GB.
MOST_AT_ONCE = {"duckdb": 1_000_000, "pyspark": 2_500_000}
A_CUSTOMER = 10


def parts(days: ibis.Table) -> list[Callable[[ibis.Table], ibis.Table]]:
    """Return what filters any table for some customers after others, in the order of their ids.

    So many that memory does not grow with the rows, by their ``customer_days``; on Spark, whose
    days stay with the workers, not with the customers. PostgreSQL gives back a row for each.
    """
    engine = days.get_backend().name
    if engine not in MOST_AT_ONCE:
        return [lambda table: table]
    counted = days.group_by("customer_id").agg(days=days.count()).order_by("customer_id")
    counted = counted.to_pyarrow()
    here = counted["days"].to_numpy() if engine == "duckdb" else 0
    upto = np.cumsum(np.full(len(counted), A_CUSTOMER) + here)
    number = 1 + int(upto[-1] if len(upto) else 0) // MOST_AT_ONCE[engine]
    first = np.searchsorted(upto, upto[-1:] * np.arange(1, number) / number)
    starts = [None, *counted["customer_id"].take(np.unique(first[first > 0])).to_pylist(), None]
    return [partial(_between, first=first, after=after) for first, after in pairwise(starts)]


def _between(table: ibis.Table, first: str | None, after: str | None) -> ibis.Table:
    """Return the rows of customers from one to another."""
    if first is not None:
        table = table.filter(table.customer_id >= first)
    return table if after is None else table.filter(table.customer_id < after)
