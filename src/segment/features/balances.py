"""Mean balances by calendar month, from records of when a balance changed.

A record holds from its day until the day before the customer's next record. Every
day of a month counts the same, so the mean of a month is each balance times the days
it held in that month, over the days of the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Literal

import ibis
import pandas as pd

from segment.features.windows import SEPARATOR, Window

FEATURE = "balance_month_mean"
# Money is summed in floating point, in whatever order the engine reads. Rounded,
# equal sums are equal, and a balance of the limit all month long has that mean.
DECIMALS = 6


def month_means(
    balances: ibis.Table,
    months: Mapping[str, Window],
    before_first: Literal["zero", "unknown"] = "zero",
) -> ibis.Table:
    """Return each customer's mean daily balance in every asked month, null before its first record.

    Records of one customer, account and day count by their mean; one without a balance does not
    count. Balances of several accounts (``account``, if there is such a column) are added up day
    by day. The days of the month before the customer's first record count as zero, for an
    account that is not there holds nothing; or not at all ("unknown"), where the table merely
    begins later than the accounts. ``months`` gives each column its month's first day and the
    next month's.
    """
    known = balances.filter(balances.balance.notnull())
    owner = ["customer_id", *({"account"} & {*known.columns})]
    daily = known.group_by(*owner, "date").agg(balance=known.balance.cast("float64").mean())
    held = daily.mutate(
        until=daily.date.lead().over(group_by=owner, order_by=daily.date),
        first=daily.date.min().over(group_by="customer_id"),
    )
    columns = {}
    for name, (first, after) in months.items():
        start = ibis.greatest(held.date, ibis.literal(first))
        stop = ibis.least(held.until.fill_null(ibis.literal(after)), ibis.literal(after))
        days = stop.delta(start, unit="day")
        inside = days > 0
        over = (after - first).days
        if before_first == "unknown":
            since = ibis.greatest(held.first.min(), ibis.literal(first))
            over = ibis.literal(after).delta(since, unit="day").nullif(0)
        columns[name] = ((held.balance * days).sum(where=inside) / over).round(DECIMALS)
    return held.group_by("customer_id").agg(**columns)


def means(
    balances: ibis.Table,
    ends: Mapping[str, dt.date],
    ago: Collection[int] = (0,),
    before_first: Literal["zero", "unknown"] = "zero",
) -> ibis.Table:
    """Return the mean balance of the last complete month of windows, by the day after their end.

    ``ago`` counts months before the last complete one, 0 for that one itself. The columns are
    ``<window>__balance_month_mean`` and, for k months earlier, ``..._ago_k``.
    """
    asked = {
        f"{window}{SEPARATOR}{FEATURE}{f'_ago_{k}' if k else ''}": complete_month(end, k)
        for window, end in ends.items()
        for k in ago
    }
    # Windows often end together: each month is computed once.
    months = {f"{first:%Y-%m}": (first, after) for first, after in asked.values()}
    by_month = month_means(balances, months, before_first)
    return by_month.select(
        "customer_id", **{name: by_month[f"{first:%Y-%m}"] for name, (first, _) in asked.items()}
    )


def complete_month(end: dt.date, ago: int = 0) -> Window:
    """Return the last calendar month over at ``end``, a day after a window, or one before."""
    after = pd.Timestamp(end).replace(day=1) - pd.DateOffset(months=ago)
    return (after - pd.DateOffset(months=1)).date(), after.date()
