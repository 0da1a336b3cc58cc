"""Figures of many windows from customer-days, summed once for each stretch between their dates.

Workers of Spark run this module without the rest of the package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from functools import partial
from itertools import pairwise
from math import inf
from typing import NamedTuple
from zlib import crc32

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segment.features.balances import DECIMALS

EPOCH = dt.date(1970, 1, 1)
SUM, VALUE, FIRST_DAY = "sum", "value", "first_day"
COUNT, LAST, FIRST = "order_days", "days_since_last", "days_since_first"


class Figure(NamedTuple):
    """What a column holds.

    ``kind``: a ``sum`` of ``money`` (amount or margin), in which days count by half after
    ``half_life`` days before the end; that of the day of the ``first_day`` with a purchase;
    ``value``, the sum but not below 0; or a count of days. The days are those from ``start`` to
    the one before ``end`` that were known before ``until``, if given; or, ``judging``, those that
    became known from ``start`` on. ``past``: missing for who had not bought by then, and, as
    ``value``, in single precision.
    """

    kind: str
    start: dt.date
    end: dt.date
    money: str = "amount"
    half_life: float = inf
    until: dt.date | None = None
    judging: bool = False
    past: bool = False

    @property
    def learned(self) -> bool:
        """Whether methods learn from it, and show it to nobody."""
        return self.past or self.kind == VALUE


def of_customers(days: ibis.Table, needed: Mapping[str, Figure], every: int = 1) -> pa.Table:
    """Return figures from ``customers.customer_days``: a row per customer, ``customer_id`` first.

    What is learned from is that of some customers, missing for the others: one of so many, whom
    their ids choose. The sums are numpy's, on Spark those of its workers.
    """
    con, figures = days.get_backend(), partial(of_days, needed=needed, every=every)
    return figures(days.to_pyarrow()) if con.name == "duckdb" else con.by_customer(days, figures)


def of_days(
    days: pa.Table, needed: Mapping[str, Figure], every: int = 1, middle: int | None = None
) -> pa.Table:
    """Return figures of customers, of whom all days are given.

    Decaying sums are those of weights that are 1 on the day ``middle``: that of the figures.
    """
    if middle is None:
        ends = [_number(day) for figure in needed.values() for day in (figure.start, figure.end)]
        middle = (min(ends) + max(ends)) // 2
    if every > 1:
        learned = {name: figure for name, figure in needed.items() if figure.learned}
        others = {name: figure for name, figure in needed.items() if name not in learned}
        whole = of_days(days, others, middle=middle)
        ids = days["customer_id"].combine_chunks().dictionary_encode()
        chosen = [crc32(each.encode()) % every == 0 for each in ids.dictionary.to_pylist()]
        days = days.filter(np.array(chosen, bool)[ids.indices.to_numpy()])
        some = of_days(days, learned, middle=middle)
        places = pc.index_in(whole["customer_id"], some["customer_id"])
        for name in learned:
            whole = whole.append_column(name, some[name].take(places))
        return whole.select(["customer_id", *needed])
    rows = Stretches(days, needed.values(), middle)
    columns: dict[str, np.ndarray] = {}
    # Of one sum at a time, as its parts are what takes the memory.
    for name, figure in sorted(needed.items(), key=lambda item: _sum_of(item[1])):
        values = rows.values(figure)
        if figure.past:
            values = np.where(rows.values(figure._replace(kind=COUNT)) > 0, values, np.nan)
        columns[name] = values.astype("float32") if figure.learned else values
    ids = rows.customers.cast("string")
    return pa.table({"customer_id": ids, **{name: columns[name] for name in needed}})


def _sum_of(figure: Figure) -> tuple[str, float]:
    return figure.money, figure.half_life


class Stretches:
    """Customer-days as they became known, cut wherever one of some figures begins or ends."""

    def __init__(self, rows: pa.Table, needed: Collection[Figure], middle: int):
        ids = rows["customer_id"].combine_chunks().dictionary_encode()
        day, known, gone = (
            rows[name].cast("date32").cast("int32").to_numpy() for name in ("date", "known", "gone")
        )
        order = _in_order(day, known)  # of a customer there is one row of both
        self._day, self._known, self._gone = day[order], known[order], gone[order]
        self.customers, self._who = ids.dictionary, ids.indices.to_numpy()[order]
        self._bought = rows["purchase"].to_numpy()[order]
        # Rounded, as the order in which an engine adds the rows of a day is its own.
        self._money = {
            name: np.round(np.nan_to_num(rows[name].to_numpy()[order]), DECIMALS)
            for name in ("amount", "margin")
            if name in rows.column_names
        }
        self._edges = sorted({_number(day) for each in needed for day in (each.start, each.end)})
        self._places = np.searchsorted(self._known, self._edges)
        self._middle = middle  # of all days, so that no weight is too small or large for a double
        self._moved = np.flatnonzero(self._day < self._known)
        self._undone = np.flatnonzero(self._bought & (self._gone < self._edges[-1]))
        self._purchases = self._parts(self._bought)
        self._summed: tuple[tuple[str, float], np.ndarray, list[np.ndarray]] | None = None

    def values(self, figure: Figure) -> np.ndarray:
        """Return a figure of every customer, in the order of ``customers``."""
        if figure.kind == COUNT:
            return self._order_days(figure)
        if figure.kind in (LAST, FIRST):
            return _number(figure.end) - 1 - self._day_of(figure, figure.kind == LAST)
        if figure.kind == FIRST_DAY:
            return np.round(self._of_first_day(figure), DECIMALS)
        total = np.round(self._total(figure), DECIMALS)
        return np.maximum(total, 0) if figure.kind == VALUE else total

    def _total(self, figure: Figure) -> np.ndarray:
        if self._summed is None or self._summed[0] != _sum_of(figure):
            values = self._money[figure.money]
            if figure.half_life < inf:
                values = values * np.exp2((self._day - self._middle) / figure.half_life)
            self._summed = _sum_of(figure), values, self._parts(values)
        _, values, parts = self._summed
        start, end = _number(figure.start), _number(figure.end)
        whole = sum(parts[self._place(figure.start) : self._place(figure.end)], np.zeros(self._n))
        if not figure.judging and len(self._moved):
            day, known = self._day[self._moved], self._known[self._moved]
            # What came back of earlier purchases, and later of those that are in.
            early = (known >= start) & (known < end) & (day < start)
            late = (day >= start) & (day < end) & (known >= end)
            late &= known < _number(figure.until or figure.end)
            for rows, sign in ((self._moved[early], -1), (self._moved[late], 1)):
                if len(rows):
                    whole = whole + sign * self._by_customer(rows, values)
        scale = 2.0 ** ((self._middle - end + 1) / figure.half_life)
        return whole * scale

    def _order_days(self, figure: Figure) -> np.ndarray:
        """Return the purchase days of every customer, but those known to have come back."""
        whole = sum(
            self._purchases[self._place(figure.start) : self._place(figure.end)], np.zeros(self._n)
        )
        rows = self._undone
        known = self._gone[rows] < _number(figure.end)
        rows = rows[(self._day[rows] >= _number(figure.start)) & known]
        return (whole - np.bincount(self._who[rows], minlength=self._n)).astype("int64")

    def _day_of(self, figure: Figure, last: bool) -> np.ndarray:
        """Return the number of the day of the first or last purchase; missing without one."""
        start, end = (self._places[self._place(day)] for day in (figure.start, figure.end))
        stands = self._bought[start:end] & (self._gone[start:end] >= _number(figure.end))
        rows = np.flatnonzero(stands) + start
        day = np.full(self._n, np.nan)
        rows = rows if last else rows[::-1]
        day[self._who[rows]] = self._day[rows]  # of several days the one that comes last is kept
        return day

    def _of_first_day(self, figure: Figure) -> np.ndarray:
        start, end = (self._places[self._place(day)] for day in (figure.start, figure.end))
        rows = np.arange(start, end)
        first = self._day_of(figure, last=False)[self._who[rows]]
        rows = rows[(self._day[rows] == first) & (self._day[rows] >= _number(figure.start))]
        return self._by_customer(rows, self._money[figure.money])

    def _parts(self, values: np.ndarray) -> list[np.ndarray]:
        """Return the sums of each stretch by customer."""
        return [self._by_customer(slice(*ends), values) for ends in pairwise(self._places)]

    def _by_customer(self, rows: np.ndarray | slice, values: np.ndarray) -> np.ndarray:
        sums = np.bincount(self._who[rows], values[rows], minlength=self._n)
        return sums.astype("float64", copy=False)  # of no rows at all they are counts

    @property
    def _n(self) -> int:
        return len(self.customers)

    def _place(self, day: dt.date) -> int:
        return self._edges.index(_number(day))


def _number(day: dt.date) -> int:
    return (day - EPOCH).days


def _in_order(*keys: np.ndarray) -> np.ndarray:
    """Return the places of rows in the order of numbers of days, the last key first."""
    order = np.arange(len(keys[0]))
    for key in keys:
        if len(key) and int(key.max()) - int(key.min()) < 2**16:
            key = (key - key.min()).astype("uint16")  # which numpy sorts by counting
        order = order[np.argsort(key[order], kind="stable")]
    return order
