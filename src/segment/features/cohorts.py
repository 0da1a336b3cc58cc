"""What came in by month, and who came back of those who first bought in the same quarter."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd


def timeline(transactions: ibis.Table) -> ibis.Table:
    """Return revenue, customers and purchases per calendar month, in order."""
    month = transactions.mutate(month=transactions.date.truncate("M"))
    bought = month.amount >= 0
    return (
        month.group_by("month")
        .agg(
            amount=month.amount.sum(),
            customers=month.customer_id.nunique(where=bought),
            purchases=bought.sum(),
        )
        .order_by("month")
    )


def returns(used: ibis.Table) -> pd.DataFrame:
    """Return the customers of each cohort who bought again, by month after their first.

    ``cohort`` (first day of the quarter of the first purchase), ``month`` (calendar months after
    that of the first purchase, 0 is that one), ``active`` (customers who bought in it).
    """
    bought = used.filter(used.amount >= 0)
    first = bought.date.min().over(group_by="customer_id")
    rows = bought.mutate(cohort=first.truncate("Q"), month=_months(bought.date) - _months(first))
    counted = rows.group_by("cohort", "month").agg(active=rows.customer_id.nunique())
    frame = counted.order_by("cohort", "month").to_pandas()
    return frame.assign(cohort=pd.to_datetime(frame["cohort"]))


def _months(day: ibis.Value) -> ibis.Value:
    return day.year() * 12 + day.month()


def by_month(returned: pd.DataFrame, end: dt.date, quarters: int, months: int) -> pd.DataFrame:
    """Return how many of each cohort bought in each month: a row a cohort, a column a month.

    The newest ``quarters`` of which a month is over for everybody on the day before ``end``;
    missing where it is not. Month 0 holds all of a cohort.
    """
    counts = returned.pivot(index="cohort", columns="month", values="active")
    counts = counts.reindex(columns=range(months + 1), fill_value=0).fillna(0)
    now = pd.Timestamp(end).to_period("M").ordinal  # of this month a part is still to come
    last = [day.to_period("M").ordinal + 2 for day in counts.index]
    for month in counts.columns[1:]:
        counts[month] = counts[month].mask([start + month >= now for start in last])
    return counts.dropna(subset=[1]).tail(quarters)
