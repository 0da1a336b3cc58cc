"""One row per customer at an as-of date, from transactions, in one pass.

Transactions are first rolled up to customer-days; conditional aggregates over
those then give the features of every window at once. A window ``[start, end)``
is seen from its last day: nothing at or after ``end`` enters, so that a purchase counts
until it is known to have come back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from functools import reduce

import ibis
import pandas as pd
import pyarrow as pa

from segment.features import ids, recent, stretches
from segment.features.balances import DECIMALS
from segment.features.given import months_ago
from segment.features.kept import Kept
from segment.features.recent import TOTAL, aggregates
from segment.features.stretches import COUNT, FIRST, FIRST_DAY, LAST, SUM, Figure
from segment.features.windows import SEPARATOR, YEAR, Window
from segment.study.totals import COUNTS

MONEY = ("amount", "margin")
MONEY_TOTALS = tuple(TOTAL.values())
# Ends of the names of windows that tell what came in, not what was known.
JUDGING = ("holdout", "next_year")
NEVER = dt.date.max
FIRST_HALF = "first_half"


def compute(
    transactions: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str] = (),
    days: ibis.Table | None = None,
) -> pd.DataFrame:
    """Return the features of every window, one row per customer.

    Parameters
    ----------
    transactions : ibis.Table
        ``customer_id``, ``date``, ``amount``; optional ``margin``, ``product``,
        ``category``. An amount of at least 0 is a purchase, a negative one a return. Optional
        ``known`` (own day of a return that stands on the day of its purchase) and ``gone``
        (day from which a purchase has come back), as ``reading.cancellations`` tells them.
    windows : mapping of str to (date, date)
        Named windows ``[start, end)``. In those that judge (``JUDGING``) the return of an
        earlier purchase counts on its own day; in the others neither does.
    asked : collection of str
        Those of ``growth``, ``monetary_repeat_mean``, ``monetary_year`` and its ``_ago_``
        forms that are needed.
    days : ibis.Table, optional
        The ``customer_days`` of the transactions, where they are computed already.

    Returns
    -------
    DataFrame
        ``customer_id`` and columns ``<window>__<feature>``. A customer without a purchase in
        a window has null days there, an ``order_days`` of 0, and its returns, if any.
    """
    return tables(transactions, windows, asked, days)[0].to_pandas()


def tables(
    transactions: ibis.Table,
    windows: Mapping[str, Window],
    asked: Collection[str] = (),
    days: ibis.Table | None = None,
    decaying: tuple | None = None,
    every: int = 1,
) -> list[pa.Table]:
    """Return what ``compute`` does, in Arrow's form, and the table of ``recent`` if it is asked.

    ``decaying`` are what ``recent.table`` takes besides the days, which are read once for both;
    ``every`` is that of ``stretches.of_customers``.
    """
    days = customer_days(transactions) if days is None else days
    if days.get_backend().name == "postgres":  # whose rows stay there
        found = _aggregated(days, windows, asked).to_pyarrow()
        others = [recent.table(days, *decaying)] if decaying else []
    else:
        needed = _needed(days, windows, asked)
        more = recent.figures(days, *decaying) if decaying else {}
        both = stretches.of_customers(days, needed | more, every)
        found = both.select(["customer_id", *needed])
        others = [both.select(["customer_id", *more])] if more else []
    breadths = [different.to_pyarrow() for different in _breadths(transactions, windows)]
    # Rounded and divided in one engine, as each rounds ties in its own way; it ends with what it
    # was given, which a table of ``ibis.memtable`` outlives.
    here, own = ibis.duckdb.connect(), dict(enumerate([found, *breadths]))
    try:
        for name, rows in own.items():
            here.con.register(str(name), rows)
        given = [here.table(str(name)) for name in own]
        return [_figures(reduce(_joined, given), windows).to_pyarrow(), *others]
    finally:
        here.disconnect()


def expression(
    transactions: ibis.Table, windows: Mapping[str, Window], asked: Collection[str] = ()
) -> ibis.Table:
    """Return what ``compute`` computes, as an expression."""
    sums = _aggregated(customer_days(transactions), windows, asked)
    for different in _breadths(transactions, windows):
        sums = _joined(sums, different)
    return _figures(sums, windows)


def _needed(
    days: ibis.Table, windows: Mapping[str, Window], asked: Collection[str]
) -> dict[str, Figure]:
    """Return what the counts and sums are that the features of every window are made of."""
    needed = {}
    for name, (start, end) in windows.items():
        judging, read = name.endswith(JUDGING), _read_in(name, asked)
        figures = {"monetary_total": Figure(SUM, start, end, judging=judging)}
        figures |= {kind: Figure(kind, start, end) for kind in (COUNT, LAST, FIRST)}
        if "margin" in days.columns:
            figures["margin_total"] = Figure(SUM, start, end, "margin", judging=judging)
        if "growth" in read:
            middle = start + (end - start) / 2
            figures[FIRST_HALF] = Figure(SUM, start, middle, until=end)
            figures["growth"] = Figure(SUM, middle, end)
        if "monetary_repeat_mean" in read:
            figures["monetary_repeat_mean"] = Figure(FIRST_DAY, start, end)
        for feature, ago in months_ago(read, "monetary_year").items():
            figures[feature] = Figure(SUM, *_year(end, ago))
        needed |= {f"{name}{SEPARATOR}{feature}": figure for feature, figure in figures.items()}
    return needed


def _read_in(window: str, asked: Collection[str]) -> Collection[str]:
    """Return what methods read in a window: nothing in those that judge them."""
    return () if window.endswith(JUDGING) else asked


def _year(end: dt.date, ago: int) -> Window:
    """Return the year up to some months before a window's end; it reaches back before the window.

    Status does not begin anew with the window.
    """
    end = (pd.Timestamp(end) - pd.DateOffset(months=ago)).date()
    return end - YEAR, end


def _aggregated(
    days: ibis.Table, windows: Mapping[str, Window], asked: Collection[str]
) -> ibis.Table:
    """Return the same counts and sums as an expression."""
    # Said once per row here, not once per figure below.
    inside = {
        f"in_{name}": _within(days, span, name.endswith(JUDGING)) for name, span in windows.items()
    }
    days = days.mutate(**inside)
    days = days.mutate(
        **{
            f"bought_{name}": days[f"in_{name}"] & days.purchase & _stands(days, end)
            for name, (_start, end) in windows.items()
        }
    )
    if "monetary_repeat_mean" in asked:
        # With what came back of it later.
        first = {
            f"first_{name}": days.date.min(where=days[f"bought_{name}"]).over(
                group_by="customer_id"
            )
            for name in windows
        }
        days = days.mutate(**first)
    return days.group_by("customer_id").agg(
        **{
            f"{name}{SEPARATOR}{feature}": column
            for name, window in windows.items()
            for feature, column in _aggregates(days, name, window, _read_in(name, asked)).items()
        }
    )


def _breadths(transactions: ibis.Table, windows: Mapping[str, Window]) -> list[ibis.Table]:
    """Return the numbers of different products and categories, as far as the data have them."""
    roles = (("product", "products"), ("category", "categories"))
    roles = [each for each in roles if each[0] in transactions.columns]
    return [_breadth(transactions, *each, windows) for each in roles]


def _joined(sums: ibis.Table, more: ibis.Table) -> ibis.Table:
    return sums.left_join(more, "customer_id").drop("customer_id_right")


def _figures(sums: ibis.Table, windows: Collection[str]) -> ibis.Table:
    """Round sums and take their ratios."""
    rounded = {
        f"{name}{SEPARATOR}{feature}": column.fill_null(0.0).round(DECIMALS)
        for name in windows
        for feature, column in _of(sums, name).items()
        if feature not in COUNTS
    }
    sums, ratios, done = sums.mutate(**rounded), {}, []
    for name in windows:
        of = _of(sums, name)
        total, days = of["monetary_total"], of["order_days"]
        made = {"monetary_mean": total / days.nullif(0)}
        if "margin_total" in of:
            rate = of["margin_total"] / total.nullif(0)
            made["margin_rate"] = (total > 0).ifelse(rate, 0.0)
        if "growth" in of:
            before, after = of[FIRST_HALF], of["growth"]
            change = (after - before) / (before.abs() + after.abs()).nullif(0)
            made["growth"] = change.fill_null(0.0)
            done.append(f"{name}{SEPARATOR}{FIRST_HALF}")
        if "monetary_repeat_mean" in of:
            later = total - of["monetary_repeat_mean"]
            made["monetary_repeat_mean"] = (later / (days - 1).nullif(0)).fill_null(0.0)
        for feature, column in made.items():
            ratios[f"{name}{SEPARATOR}{feature}"] = column.round(DECIMALS)
    return sums.mutate(**ratios).drop(*done)


def _of(sums: ibis.Table, window: str) -> dict[str, ibis.Value]:
    prefix = window + SEPARATOR
    return {c.removeprefix(prefix): sums[c] for c in sums.columns if c.startswith(prefix)}


def customer_days(transactions: ibis.Table) -> ibis.Table:
    """Return one row per customer, day and day on which it was known.

    ``purchase`` (was there one), ``gone`` (day from which all its purchases have come back),
    ``amount``, ``margin``. Purchases of a day are in one row, for they were known on their day.
    """
    rows = _knowing(transactions)
    money = {name: rows[name].sum() for name in MONEY if name in rows.columns}
    bought = rows.amount >= 0
    return rows.group_by("customer_id", "date", "known").agg(
        purchase=bought.any(), gone=rows.gone.max(where=bought).fill_null(NEVER), **money
    )


def _aggregates(
    days: ibis.Table, name: str, window: Window, asked: Collection[str]
) -> dict[str, ibis.Value]:
    """Return counts and sums of one window's days; ``_figures`` makes features of them.

    ``growth`` is the sum of the second half, ``monetary_repeat_mean`` that of the first day.
    """
    inside, bought = days[f"in_{name}"], days[f"bought_{name}"]
    values = aggregates(days, inside, bought, window)
    if "growth" in asked:
        middle = ibis.literal(window[0] + (window[1] - window[0]) / 2)
        values[FIRST_HALF] = days.amount.sum(where=inside & (days.date < middle))
        values["growth"] = days.amount.sum(where=inside & (days.date >= middle))
    if "monetary_repeat_mean" in asked:
        is_first = inside & (days.date == days[f"first_{name}"])
        values["monetary_repeat_mean"] = days.amount.sum(where=is_first)
    for feature, ago in months_ago(asked, "monetary_year").items():
        values[feature] = days.amount.sum(where=_within(days, _year(window[1], ago)))
    return values


def _knowing(rows: ibis.Table) -> ibis.Table:
    """Return rows with a day on which each was known and, where nothing came back, a far one."""
    known = rows.known if "known" in rows.columns else rows.date
    gone = rows.gone.fill_null(NEVER) if "gone" in rows.columns else ibis.literal(NEVER)
    return rows.mutate(known=known, gone=gone)


def _within(rows: ibis.Table, window: Window, judging: bool = False) -> ibis.Value:
    start, end = window
    day = rows.known if judging else rows.date
    return (day >= ibis.literal(start)) & (rows.known < ibis.literal(end))


def _stands(rows: ibis.Table, end: dt.date) -> ibis.Value:
    """Return whether a purchase had not come back before a window's end."""
    return rows.gone >= ibis.literal(end)


def _breadth(
    transactions: ibis.Table, role: str, feature: str, windows: Mapping[str, Window]
) -> ibis.Table:
    """Return how many different products or categories each customer bought by window.

    One row per customer and product first: unlike a count of distinct values, that
    can spill to disk.
    """
    rows = _knowing(transactions)
    bought = rows.filter((rows.amount >= 0) & rows[role].notnull())
    seen = bought.group_by("customer_id", role).agg(
        **{
            name: (_within(bought, window) & _stands(bought, window[1])).any()
            for name, window in windows.items()
        }
    )
    return seen.group_by("customer_id").agg(
        **{f"{name}{SEPARATOR}{feature}": seen[name].sum() for name in windows}
    )


def at(wide: pd.DataFrame | Kept, window: str, learning: bool = True) -> pd.DataFrame:
    """Return the features of the customers who bought in one window, sorted by ``customer_id``.

    As in ``Kept.window``.
    """
    if isinstance(wide, Kept):
        frame = wide.window(window, bought=True, learning=learning)
    else:
        frame = of_window(wide, window)
        frame = frame[frame["order_days"] > 0].sort_index()
    breadth = [name for name in ("products", "categories") if name in frame]
    whole = ["order_days", "days_since_last", "days_since_first", *breadth]
    return frame.fillna(dict.fromkeys(breadth, 0)).astype(dict.fromkeys(whole, "int64"))


def of_window(wide: pd.DataFrame | Kept, window: str, only: Collection[str] = ()) -> pd.DataFrame:
    """Return the features of one window of every customer, whether or not it bought there.

    Indexed by customer, ``only`` some features if given.
    """
    if isinstance(wide, Kept):
        return wide.window(window, only)
    if "customer_id" in wide:
        wide = wide.set_index("customer_id")
    prefix = window + SEPARATOR
    return wide[[c for c in wide if c.startswith(prefix)]].rename(
        columns=lambda name: name.removeprefix(prefix)
    )


def brought(frame: pd.DataFrame) -> pd.Series:
    """Return what customers brought in a window: margin where the data have it, else revenue.

    What they had brought before the cut makes the plain sort, what they bring after it is judged.
    """
    money = "margin_total" if "margin_total" in frame else "monetary_total"
    return frame[money].fillna(0.0).astype("float64")


def outcome(
    wide: pd.DataFrame | Kept, customers: pd.Index, window: str = "holdout"
) -> pd.DataFrame:
    """Return what the given customers did in the holdout.

    ``net`` is the holdout margin where the data have it, else revenue, net of returns; ``value``
    the same, but not below 0; ``active`` says whether there was a purchase.
    """
    frame = ids.of(of_window(wide, window, ("order_days", *MONEY_TOTALS)), customers)
    net, active = brought(frame), frame["order_days"].fillna(0).gt(0)
    return pd.DataFrame({"value": net.clip(lower=0.0), "net": net, "active": active})


def habits(transactions: ibis.Table, window: Window) -> pd.DataFrame:
    """Return where customers buy most often: their main channel, region and category.

    The value with most purchase days, the first in the alphabet among equals.
    """
    rows = _knowing(transactions)
    bought = rows.filter(_within(rows, window) & (rows.amount >= 0) & _stands(rows, window[1]))
    commonest = {}
    for role in ("channel", "region", "category"):
        if role in transactions.columns:
            known = bought.filter(bought[role].notnull())
            counted = known.group_by("customer_id", role).agg(days=known.date.nunique())
            first = ibis.row_number().over(
                group_by="customer_id", order_by=[ibis.desc("days"), role]
            )
            top = counted.mutate(place=first).filter(ibis._.place == 0)
            commonest[f"main_{role}"] = top.to_pandas().set_index("customer_id")[role]
    frame = pd.DataFrame(commonest)
    return frame.set_axis(frame.index.astype(str)).rename_axis("customer_id").sort_index()
