"""Every scheme as SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segment.errors import StudyError
from segment.features.balances import DECIMALS
from segment.features.customers import FEATURES
from segment.features.recent import RECENT
from segment.features.windows import NOW, Window
from segment.run import Run
from segment.tiering import Tiering

HEADING = """\
-- Tiers as SQL, one query per scheme, for DuckDB. The table customers has one row per
-- customer and the columns that each query names, over a window that is as long as the
-- one the limits were learned in: {days:,} days. A query that begins with WITH makes it from
-- the table orders (customer_id, date, {money}; what was cancelled is taken out) up to
-- {last}: put the two dates of your window in their place.
"""
# Sums of these differ in the last digit with the order of the rows.
INEXACT = {name for name, (_meaning, unit) in FEATURES.items() if unit in ("currency", "share")}


def rules(run: Run) -> str:
    """Return every scheme as SQL: a SELECT over a table of customers, or why there is none."""
    window = run.windows.named[NOW]
    queries = [query(label, method, window) for label, method in run.methods.items()]
    heading = HEADING.format(
        days=run.windows.calibration_days,
        last=run.windows.newest_day,
        money="amount" if run.study.columns.margin is None else "amount, margin",
    )
    return "\n".join([heading, *queries])


def query(label: str, method: Tiering, window: Window) -> str:
    """Return one scheme as SQL, with what its columns mean."""
    lines = [_comment(label)]
    try:
        case = method.sql("duckdb")
    except (StudyError, AttributeError) as error:
        reason = error if isinstance(error, StudyError) else "This method writes no SQL."
        return "\n".join([*lines, _comment(f"No query: {reason}"), ""])
    read = getattr(method, "read_", ())
    for name in read:
        known = "from orders, below" if RECENT.fullmatch(name) else "from the customers table"
        meaning = FEATURES.get(name, (known, ""))[0]
        lines.append(_comment(f"{name}: {meaning}").replace("-- ", "--   ", 1))
    sums, source = [name for name in read if name in INEXACT], "customers"
    if any(RECENT.fullmatch(name) for name in read):
        lines.append(from_orders(read, window))
    elif sums:
        exact = ", ".join(f'round("{name}", {DECIMALS}) AS "{name}"' for name in sums)
        source = f"(SELECT * REPLACE ({exact}) FROM customers)"
    return "\n".join([*lines, f"SELECT customer_id, {case} AS tier FROM {source};", ""])


def from_orders(columns: Sequence[str], window: Window) -> str:
    """Return the customers of a window with their money, recent or in all, from their orders."""
    start, end = window
    sums = []
    for name in columns:
        form = RECENT.fullmatch(name)
        money = "margin" if "margin" in name else "amount"
        age = f"date_diff('day', date, DATE '{end - dt.timedelta(1)}')"
        weighted = f"{money} * power(0.5, {age} / {float(form['days'])})" if form else money
        sums.append(f'round(sum({weighted}), {DECIMALS}) AS "{name}"')
    listed = ",\n    ".join(["customer_id", *sums])
    return (
        f"WITH customers AS (\n  SELECT\n    {listed}\n  FROM orders\n"
        f"  WHERE date >= DATE '{start}' AND date < DATE '{end}'\n"
        "  GROUP BY customer_id HAVING max(amount) >= 0\n)"
    )


def _comment(text: str) -> str:
    """Return a text as a comment whose line it cannot leave."""
    return f"-- {' '.join(str(text).split())}"
