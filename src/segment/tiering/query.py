"""A scheme as one SQL query: every customer's tier, from the orders of a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from segment.errors import StudyError
from segment.features.balances import DECIMALS
from segment.features.names import column_name
from segment.features.recent import RECENT
from segment.features.windows import Window
from segment.language import _, tier_name
from segment.tiering.rule import column as quoted
from segment.tiering.rule import quoted as literal

BOUGHT = "FILTER (WHERE amount >= 0)"
TOTAL, MARGIN = (f"round(sum({money}), {DECIMALS})" for money in ("amount", "margin"))
PURCHASE_DAYS = f"count(DISTINCT date) {BOUGHT}"
# Features as sums over the orders of a window whose last day is {last}.
FROM_ORDERS = {
    "monetary_total": TOTAL,
    "margin_total": MARGIN,
    "order_days": PURCHASE_DAYS,
    "days_since_last": f"date_diff('day', max(date) {BOUGHT}, DATE '{{last}}')",
    "days_since_first": f"date_diff('day', min(date) {BOUGHT}, DATE '{{last}}')",
    "monetary_mean": f"round({TOTAL} / {PURCHASE_DAYS}, {DECIMALS})",
    "margin_rate": (f"CASE WHEN {TOTAL} > 0 THEN round({MARGIN} / {TOTAL}, {DECIMALS}) ELSE 0 END"),
    "products": f"count(DISTINCT product) {BOUGHT}",
    "categories": f"count(DISTINCT category) {BOUGHT}",
}


def query(method: Any, window: Window) -> str:
    """Return a query for DuckDB that gives each customer of a window its tier, as pages call it.

    It reads ``orders`` (``customer_id``, ``date``, ``amount``, ``margin``, ``product``,
    ``category``, as far as it needs them; what was cancelled is taken out), and ``customers``, one
    row per customer, for what orders do not tell.

    Raises
    ------
    StudyError
        If the scheme cannot be written as an expression.
    """
    try:
        case = method.sql("duckdb")
    except AttributeError:
        raise StudyError(_("This method writes no SQL.")) from None
    named = {tier: tier_name(tier) for tier in getattr(method, "tiers_", ())}
    if any(tier != name for tier, name in named.items()):
        whens = [f"WHEN {literal(tier)} THEN {literal(name)}" for tier, name in named.items()]
        case = f"CASE {case} {' '.join(whens)} END"
    read = getattr(method, "read_", ())
    known = [name for name in read if _sum(name, window)]
    others = ", ".join(quoted(name) for name in read if name not in known)
    start, end = window
    sums = [f"{_sum(name, window)} AS {quoted(name)}" for name in known]
    listed = ",\n    ".join(["customer_id", *sums])
    join = f"\nLEFT JOIN (SELECT customer_id, {others} FROM customers) USING (customer_id)"
    return (
        f"WITH bought AS (\n  SELECT\n    {listed}\n  FROM orders\n"
        f"  WHERE date >= DATE '{start}' AND date < DATE '{end}'\n"
        "  GROUP BY customer_id HAVING max(amount) >= 0\n)\n"
        f"SELECT customer_id, {case} AS tier\nFROM bought{join if others else ''}"
    )


def _sum(name: str, window: Window) -> str:
    """Return a feature as a sum over the orders of a window; empty if it is none."""
    last = window[1] - dt.timedelta(1)
    form = RECENT.fullmatch(name)
    if form is None:
        return FROM_ORDERS.get(name, "").format(last=last)
    money = "margin" if form["measure"] == "margin" else "amount"
    age = f"date_diff('day', date, DATE '{last}')"
    return f"round(sum({money} * power(0.5, {age} / {float(form['days'])})), {DECIMALS})"


def meanings(read: Sequence[str]) -> list[str]:
    """Return what the columns are that a query reads from the table of customers."""
    others = [name for name in read if name not in FROM_ORDERS and not RECENT.fullmatch(name)]
    return [f"{name}: {column_name(name)}" for name in others]
