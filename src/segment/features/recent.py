"""Figures in which a purchase counts half after so many days, and inner cuts to learn how many.

``recent_spend_60`` is the amount of a window in which each row counts by 0.5 to the power of
its age over 60 days; ages run to the window's last day. ``recent_margin_60`` is the same of
margins (exponential smoothing: Brown 1959, *Statistical Forecasting for Inventory Control*).

Methods that learn do so on earlier time alone: a window has three inner cuts, each followed by
an inner holdout of a third of it. ``past_1_<feature>`` is a feature as of the first inner cut,
missing for customers who had not bought by then, and ``next_value_1`` what they brought after it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from itertools import islice
from math import isfinite

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from segment.features import stretches
from segment.features.balances import DECIMALS
from segment.features.stretches import Figure
from segment.features.windows import SEPARATOR, Window

GRID = tuple(7.5 * 2**k for k in range(10))  # days
# Candidates lie between these multiples of the inner holdout's length.
LEAST, MOST = 1 / 5, 5
INNER_CUTS, INNER_HOLDOUT = {1: 1 / 2, 2: 0.58, 3: 2 / 3}, 1 / 3
LEAST_DAYS = 14  # of an inner holdout
RECENT = re.compile(r"recent_(?P<measure>spend|margin)_(?P<days>\d+(\.\d+)?)")
VALUE = "value"
# Columns that methods learn from or sort by, and that no page lists as a figure of its own.
LEARNING = re.compile(r"recent_(spend|margin)_\d|past_[1-3]_|next_value_[1-3]")
MONEY = {"spend": "amount", "margin": "margin"}
TOTAL = {"spend": "monetary_total", "margin": "margin_total"}
MOST_COLUMNS = 400  # of one query
MOST_LEARNED = 200_000  # customers, at least, whose inner cuts are learned from


def column(measure: str, half_life: float) -> str:
    """Return the name of a figure: ``"recent_spend_60"``; without decay that of the total."""
    return f"recent_{measure}_{half_life:g}" if isfinite(half_life) else TOTAL[measure]


def past(number: int, name: str) -> str:
    """Return the name of a feature as of an inner cut."""
    return f"past_{number}_{name}"


def then(number: int) -> str:
    """Return the name of what came in after an inner cut."""
    return f"next_value_{number}"


def half_life(name: str) -> float | None:
    """Return the days after which a purchase counts half in a column; None if it has none."""
    form = RECENT.fullmatch(name)
    return float(form["days"]) if form else None


def inner(window: Window) -> dict[int, tuple[Window, Window]]:
    """Return the windows before and after each inner cut, by its number; none if too short."""
    (start, end), length = window, (window[1] - window[0]).days
    ahead = round(length * INNER_HOLDOUT)
    if ahead < LEAST_DAYS:
        return {}
    cuts = {k: start + dt.timedelta(round(length * share)) for k, share in INNER_CUTS.items()}
    after = {k: (cut, min(end, cut + dt.timedelta(ahead))) for k, cut in cuts.items()}
    return {k: ((start, cut), after[k]) for k, cut in cuts.items()}


def candidates(window: Window) -> set[float]:
    """Return the half-lives, in days, that can be learned in a window."""
    length = (window[1] - window[0]).days * INNER_HOLDOUT
    return {days for days in GRID if inner(window) and LEAST <= days / length <= MOST}


def every(days: ibis.Table) -> int:
    """Return of how many customers one is learned from: of so many more say nothing new."""
    return max(1, int(days.customer_id.nunique().execute()) // MOST_LEARNED)


def sampled(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers whose inner cuts are known: a sample where there are very many."""
    thin = [c for c in customers if isinstance(customers[c].dtype, pd.SparseDtype)]
    if not thin:
        return customers
    known = [customers[name].array.sp_index.to_int_index().indices for name in thin]
    some = customers.iloc[np.unique(np.concatenate(known))]
    return some.assign(**{name: some[name].sparse.to_dense() for name in thin})


def compute(
    days: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str],
    always: Collection[str] = (),
) -> pd.DataFrame:
    """Return the recent figures of every window, and those of its inner cuts.

    Parameters
    ----------
    days : ibis.Table
        Of ``customers.customer_days``. What came back has the age of its purchase, and counts
        in windows that end after the day on which it was known.
    windows : mapping of str to (date, date)
        Windows that methods learn in or are applied to.
    asked : collection of str
        Figures that methods read, with their forms as of inner cuts.
    always : collection of str
        Those of them that methods cannot do without. Of the others, half-lives of the grid that
        no window can learn are left out.

    Returns
    -------
    DataFrame
        ``customer_id`` and ``<window>__<figure>``. Figures of inner cuts in single precision.
    """
    return table(days, windows, asked, always).to_pandas()


def table(
    days: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str],
    always: Collection[str] = (),
) -> pa.Table:
    """Return what ``compute`` does, in Arrow's form."""
    if days.get_backend().name == "postgres":
        needed = _needed(days, windows, asked, always)
        return pa.Table.from_pandas(_in_sql(days, needed), preserve_index=False)
    return stretches.of_customers(days, figures(days, windows, asked, always))


def figures(
    days: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str],
    always: Collection[str] = (),
) -> dict[str, Figure]:
    """Return what the columns of ``table`` hold."""
    return {
        f"{name}{SEPARATOR}{form}": _figure(days, form.startswith("past_"), *each)
        for (name, form), each in _needed(days, windows, asked, always).items()
    }


def _needed(
    days: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str],
    always: Collection[str],
) -> dict[tuple[str, str], tuple[str, Window]]:
    """Return the figure and the window that each column is of."""
    # Where there are margins, nobody learns from spend.
    left_out = "recent_spend" if "margin" in days.columns else "margin"
    asked = sorted(name for name in asked if left_out not in name or name in always)
    wanted = {name: half_life(name) for name in asked if RECENT.fullmatch(name)}
    own = {name: candidates(window) for name, window in windows.items()}
    kept = {half_life(name) for name in always}.union(*own.values())
    whole = [name for name, days in wanted.items() if days in kept or days not in GRID]
    needed: dict[tuple[str, str], tuple[str, Window]] = {}
    for name, window in windows.items():
        needed |= {(name, figure): (figure, window) for figure in whole}
        for k, (before, after) in inner(window).items():
            figures = [f.removeprefix(past(k, "")) for f in asked if f.startswith(past(k, ""))]
            able = [f for f in figures if (h := half_life(f)) is None or h in own[name]]
            needed |= {(name, past(k, figure)): (figure, before) for figure in able}
            if then(k) in asked:
                needed[name, then(k)] = "value", after
    return needed


def _figure(days: ibis.Table, is_past: bool, name: str, window: Window) -> Figure:
    """Return what a column of customer-days is to hold."""
    if name == VALUE:
        money = "margin" if "margin" in days.columns else "amount"
        return Figure(stretches.VALUE, *window, money, judging=True)
    if form := RECENT.fullmatch(name):
        money = MONEY[form["measure"]]
        return Figure(stretches.SUM, *window, money, half_life(name), past=is_past)
    money = next((MONEY[measure] for measure, total in TOTAL.items() if total == name), "")
    return Figure(stretches.SUM if money else name, *window, money, past=is_past)


def _in_sql(days: ibis.Table, needed: Mapping[tuple[str, str], tuple[str, Window]]) -> pd.DataFrame:
    """Return what ``stretches`` does, of days that stay where they are: one row per customer."""
    asked = {*needed.values()} | {("order_days", window) for _figure, window in needed.values()}
    places = {each: f"c{place}" for place, each in enumerate(sorted(asked))}
    parts = []
    left = iter(places.items())
    while some := [*islice(left, MOST_COLUMNS)]:
        columns = {place: in_window(days, *each) for each, place in some}
        parts.append(days.group_by("customer_id").agg(**columns).to_pyarrow().to_pandas())
    found = pd.concat([part.set_index("customer_id") for part in parts], axis=1)
    columns = {}
    for (name, form), (figure, window) in needed.items():
        values = found[places[figure, window]].astype("float64")
        if not figure.startswith("days_since"):
            values = values.fillna(0.0).round(DECIMALS)
        if form.startswith("past_"):
            values = values.where(found[places["order_days", window]] > 0)
        columns[f"{name}{SEPARATOR}{form}"] = values if form == figure else values.astype("float32")
    return pd.DataFrame(columns).reset_index()


def aggregates(
    days: ibis.Table, inside: ibis.Value, bought: ibis.Value, window: Window
) -> dict[str, ibis.Value]:
    """Return what customer-days add up to: those inside a window, and those with a purchase."""
    last_day = ibis.literal(window[1] - dt.timedelta(1))
    values = {
        "monetary_total": days.amount.sum(where=inside),
        "order_days": days.count(where=bought),
        "days_since_last": last_day.delta(days.date.max(where=bought), unit="day"),
        "days_since_first": last_day.delta(days.date.min(where=bought), unit="day"),
    }
    if "margin" in days.columns:
        values["margin_total"] = days.margin.sum(where=inside)
    return values


def in_window(days: ibis.Table, figure: str, window: Window) -> ibis.Value:
    """Return a figure of one window as an aggregate over customer-days."""
    start, end = map(ibis.literal, window)
    inside = (days.date >= start) & (days.known < end)
    if figure == VALUE:
        money = days.margin if "margin" in days.columns else days.amount
        came_in = money.sum(where=(days.known >= start) & (days.known < end))
        return ibis.greatest(came_in.fill_null(0.0), 0.0)
    if form := RECENT.fullmatch(figure):
        age = ibis.literal(window[1] - dt.timedelta(1)).delta(days.date, unit="day")
        money = days[MONEY[form["measure"]]]
        return (money * ibis.literal(0.5) ** (age / half_life(figure))).sum(where=inside)
    return aggregates(days, inside, inside & days.purchase & (days.gone >= end), window)[figure]


def sums(days: ibis.Table, window: Window, figures: Collection[str]) -> ibis.Table:
    """Return recent figures of one window as sums over its customer-days."""
    columns = {
        name: in_window(days, name, window).fill_null(0.0).round(DECIMALS) for name in figures
    }
    return days.group_by("customer_id").agg(**columns)
