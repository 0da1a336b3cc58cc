"""One row per customer at an as-of date, from transactions, in one pass.

Transactions are first rolled up to customer-days; conditional aggregates over
those then give the features of every window at once. A window ``[start, end)``
is seen from its last day: nothing at or after ``end`` enters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import ibis
import pandas as pd

Window = tuple[dt.date, dt.date]

FEATURES = {
    "monetary_total": ("Amount in the window, net of returns", "currency"),
    "order_days": ("Days with at least one purchase in the window", "days"),
    "days_since_last": ("Days from the last purchase to the window's last day", "days"),
    "days_since_first": ("Days from the first purchase to the window's last day", "days"),
    "monetary_mean": ("Amount per purchase day", "currency"),
    "margin_total": ("Margin in the window, net of returns", "currency"),
}
# What a reader calls each feature; rules and headings use these words.
NAMES = {
    "monetary_total": "total spent",
    "order_days": "purchase days",
    "days_since_last": "days since last purchase",
    "days_since_first": "days since first purchase",
    "monetary_mean": "spent per purchase day",
    "margin_total": "total margin",
}
# Money is summed in floating point, in whatever order the engine reads. Rounded
# here, equal totals are equal, and ties stay ties.
DECIMALS = 6
SEPARATOR = "__"


def features(transactions: ibis.Table, windows: Mapping[str, Window]) -> ibis.Table:
    """Return one wide Ibis expression with the features of every window.

    Parameters
    ----------
    transactions : ibis.Table
        ``customer_id``, ``date``, ``amount``; optional ``margin``. A row with an
        amount of at least 0 is a purchase, a negative one a return.
    windows : mapping of str to (date, date)
        Named windows ``[start, end)``.

    Returns
    -------
    ibis.Table
        ``customer_id`` and, for each window, the columns of ``FEATURES``
        named ``<window>__<feature>``. A customer without a purchase in a window
        has null days there, an ``order_days`` of 0, and its returns, if any.
    """
    money = {"amount": transactions.amount.sum()}
    if "margin" in transactions.columns:
        money["margin"] = transactions.margin.sum()
    days = transactions.group_by("customer_id", "date").agg(
        purchase=(transactions.amount >= 0).any(), **money
    )
    # Said once per row here, not once per figure below.
    inside = {
        name: (days.date >= ibis.literal(start)) & (days.date < ibis.literal(end))
        for name, (start, end) in windows.items()
    }
    days = days.mutate(
        **{f"in_{name}": seen for name, seen in inside.items()},
        **{f"bought_{name}": seen & days.purchase for name, seen in inside.items()},
    )
    columns = {}
    for name, (_, end) in windows.items():
        inside, bought = days[f"in_{name}"], days[f"bought_{name}"]
        last_day = ibis.literal(end - dt.timedelta(days=1))
        total = days.amount.sum(where=inside).fill_null(0.0).round(DECIMALS)
        order_days = days.count(where=bought)
        values = {
            "monetary_total": total,
            "order_days": order_days,
            "days_since_last": last_day.delta(days.date.max(where=bought), unit="day"),
            "days_since_first": last_day.delta(days.date.min(where=bought), unit="day"),
            "monetary_mean": (total / order_days.nullif(0)).round(DECIMALS),
        }
        if "margin" in money:
            values["margin_total"] = days.margin.sum(where=inside).fill_null(0.0).round(DECIMALS)
        columns |= {f"{name}{SEPARATOR}{feature}": value for feature, value in values.items()}
    return days.group_by("customer_id").agg(**columns)


def compute(transactions: ibis.Table, windows: Mapping[str, Window]) -> pd.DataFrame:
    """Return the features of every window as a frame, one row per customer.

    Parameters
    ----------
    transactions, windows
        As in ``features``.
    """
    # By way of Arrow: Ibis' own conversion takes a third of the time besides.
    return features(transactions, windows).to_pyarrow().to_pandas()


def at(wide: pd.DataFrame, window: str) -> pd.DataFrame:
    """Return the features of the customers who bought in one window.

    Parameters
    ----------
    wide : DataFrame
        What ``features`` gives, executed.
    window : str
        Name of the window.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, sorted; the columns of ``FEATURES`` that the
        data have.
    """
    prefix = window + SEPARATOR
    frame = wide.set_index("customer_id").filter(regex=f"^{prefix}")
    frame = frame.rename(columns=lambda name: name.removeprefix(prefix))
    frame = frame[frame["order_days"] > 0].sort_index()
    whole = ["order_days", "days_since_last", "days_since_first"]
    return frame.astype(dict.fromkeys(whole, "int64"))


def outcome(wide: pd.DataFrame, customers: pd.Index, window: str = "holdout") -> pd.DataFrame:
    """Return what the given customers did in the holdout.

    Parameters
    ----------
    wide : DataFrame
        What ``features`` gives, executed.
    customers : Index
        The population: customers with a purchase in calibration.
    window : str
        Name of the holdout window.

    Returns
    -------
    DataFrame
        Indexed like ``customers``: ``value`` (holdout margin where the data have
        it, else revenue, net of returns, not below 0) and ``active`` (at least
        one holdout purchase).
    """
    prefix = window + SEPARATOR
    frame = wide.set_index("customer_id").reindex(customers)
    margin = f"{prefix}margin_total"
    money = margin if margin in frame else f"{prefix}monetary_total"
    value = frame[money].fillna(0.0).clip(lower=0.0).astype("float64")
    active = frame[f"{prefix}order_days"].fillna(0).gt(0)
    return pd.DataFrame({"value": value, "active": active})


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
