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
from collections.abc import Callable, Collection, Mapping
from functools import partial
from itertools import islice, pairwise
from math import isfinite

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from segment.features.balances import DECIMALS
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
EPOCH = dt.date(1970, 1, 1)
MOST_COLUMNS = 400  # of one query
MOST_DAYS = 3_000_000  # customer-days that are sorted at once


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


def compute(
    days: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str],
    always: Collection[str] = (),
) -> pd.DataFrame:
    """Return the recent figures of every window, and those of its inner cuts.

    DuckDB sorts the days; the sums are numpy's, as one row enters the sums of many windows.
    They are taken once for each stretch between two neighbouring dates at which some window
    begins or ends: a window adds up its stretches, and its end only scales the sum.

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
    order, con = ["known", "customer_id", "date"], days.get_backend()
    figures = partial(_figures, needed=needed)
    if con.name == "duckdb":
        # Some customers at a time, so that memory does not grow with the rows.
        parts = 1 + int(days.count().execute()) // MOST_DAYS
        part = (days.customer_id.hash() & 0x7FFFFFFF) % parts
        rows = (days.filter(part == k).order_by(order).to_pyarrow() for k in range(parts))
        return pd.concat([figures(some).to_pandas() for some in rows], ignore_index=True)
    if con.name == "postgres":
        return _in_sql(days, needed)
    return con.by_customer(days, order, figures).to_pandas()


def _figures(days: pa.Table, needed: Mapping[tuple[str, str], tuple[str, Window]]) -> pa.Table:
    """Return the needed figures and windows of customers, of whom all days are given in order."""
    rows = Stretches(days, [window for _figure, window in needed.values()])
    bought = {window: rows.order_days(window) > 0 for _figure, window in needed.values()}
    columns = {}
    for figure in {figure: 0 for figure, _window in needed.values()}:  # each is summed once
        in_window = rows.figure(figure)
        for (name, form), (kind, window) in needed.items():
            if kind == figure:
                values = in_window(window)
                if form.startswith("past_"):
                    values = np.where(bought[window], values, np.nan)
                columns[name, form] = values if form == figure else values.astype("float32")
    figures = {f"{name}{SEPARATOR}{form}": columns[name, form] for name, form in needed}
    return pa.table({"customer_id": rows.customers.cast("string"), **figures})


def _in_sql(days: ibis.Table, needed: Mapping[tuple[str, str], tuple[str, Window]]) -> pd.DataFrame:
    """Return what ``_figures`` does, of days that stay where they are: one row per customer."""
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


class Stretches:
    """Customer-days in order, cut wherever one of some windows begins or ends."""

    def __init__(self, rows: pa.Table, windows: Collection[Window]):
        ids = rows["customer_id"].combine_chunks().dictionary_encode()
        self.customers, self._who = ids.dictionary, ids.indices.to_numpy()
        self._day, self._known, self._gone = (
            rows[name].cast("date32").cast("int32").to_numpy() for name in ("date", "known", "gone")
        )
        self._bought = rows["purchase"].to_numpy()
        money = [name for name in MONEY.values() if name in rows.column_names]
        # Rounded, as the order in which an engine adds the rows of a day is its own.
        self._money = {
            name: np.round(np.nan_to_num(rows[name].to_numpy()), DECIMALS) for name in money
        }
        self._edges = sorted({_number(day) for window in windows for day in window})
        self._places = np.searchsorted(self._known, self._edges)
        # Weights are 1 in the middle, so that none is too small or too large for a double.
        self._middle = (self._edges[0] + self._edges[-1]) // 2
        self._moved = np.flatnonzero(self._day < self._known)
        self._undone = np.flatnonzero(self._bought & (self._gone < self._edges[-1]))
        self._purchases = self._summed(self._bought)

    def order_days(self, window: Window) -> np.ndarray:
        """Return the purchase days of every customer, but those known to have come back."""
        start, end = map(_number, window)
        rows = self._undone
        rows = rows[(self._day[rows] >= start) & (self._gone[rows] < end)]
        return self._purchases(window) - np.bincount(self._who[rows], minlength=len(self.customers))

    def figure(self, name: str) -> Callable[[Window], np.ndarray]:
        """Return what computes a figure of every customer in a window."""
        if name == "order_days":
            return self.order_days
        if name in ("days_since_last", "days_since_first"):
            return partial(self._since, last=name == "days_since_last")
        if name == VALUE:
            money = self._money.get("margin", self._money["amount"])
            total = self._summed(money, judging=True)
            return lambda window: np.maximum(total(window), 0)
        form, days = RECENT.fullmatch(name), half_life(name)
        money = form["measure"] if form else next(m for m, total in TOTAL.items() if total == name)
        money = self._money[MONEY[money]]
        if days is None:
            return self._summed(money)
        recent = self._summed(money * np.exp2((self._day - self._middle) / days))
        return lambda window: recent(
            window, 2.0 ** ((self._middle - _number(window[1]) + 1) / days)
        )

    def _summed(self, values: np.ndarray, judging: bool = False) -> Callable[..., np.ndarray]:
        """Return what adds up values of the rows of a window by customer, times a scale.

        What came back of a purchase before the window is not in it, but where it is judging.
        """
        n, ends = len(self.customers), pairwise(self._places)
        parts = [np.bincount(self._who[a:b], values[a:b], minlength=n) for a, b in ends]
        moved = self._moved[:0] if judging else self._moved

        def total(window: Window, scale: float = 1.0) -> np.ndarray:
            first, last = map(_number, window)
            start, end = self._edges.index(first), self._edges.index(last)
            whole = sum(parts[start:end], np.zeros(n))
            known = (self._known[moved] >= first) & (self._known[moved] < last)
            rows = moved[known & (self._day[moved] < first)]
            if len(rows):
                whole = whole - np.bincount(self._who[rows], values[rows], minlength=n)
            return np.round(whole * scale, DECIMALS)

        return total

    def _since(self, window: Window, last: bool) -> np.ndarray:
        """Return the days from the first or last purchase to a window's last day."""
        start, end = (self._places[self._edges.index(_number(day))] for day in window)
        stands = self._bought[start:end] & (self._gone[start:end] >= _number(window[1]))
        rows = np.flatnonzero(stands) + start
        day = np.full(len(self.customers), np.nan)
        rows = rows if last else rows[::-1]
        day[self._who[rows]] = self._day[rows]  # of several days the one that comes last is kept
        return _number(window[1]) - 1 - day


def _number(day: dt.date) -> int:
    return (day - EPOCH).days
