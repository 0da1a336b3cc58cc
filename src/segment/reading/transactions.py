"""From the transactions as they stand to typed rows, each with its fate.

The *fate* is null if a row is used, else the reason why it is not. No row
disappears, so rows in = rows used + rows explained.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis

from segment.language import N_
from segment.reading.beside import NOTHING, Beside
from segment.reading.cells import as_id, as_text, is_blank, stripped
from segment.reading.table import Table, named
from segment.study.schema import Study

USED = N_("used")
FILTERED = N_("left out by the row filter")
EMPTY = N_("neither customer nor date nor amount")
NO_CUSTOMER = N_("no customer id")
NO_DATE = N_("no date")
UNREADABLE_DATE = N_("unreadable date")
FUTURE = N_("dated in the future")
NO_AMOUNT = N_("no amount")
UNREADABLE_AMOUNT = N_("unreadable amount")
UNREADABLE_LINE = N_("line with the wrong number of fields")
DUPLICATE = N_("exact copy of another row")
SUPERSEDED = N_("older state of an order")
TOTAL = N_("total of the other rows")
BEFORE = N_("before the study's start")
AFTER = N_("on or after the study's end")
TEXT_ROLES = ("order_id", "product", "category", "channel", "region")
NUMBER_ROLES = ("margin", "quantity")
# From here on a double holds no cents; nobody was paid so much.
BEYOND = 1e15


# What ``typed`` adds for the check alone: which rows are marked in a column beside, what went
# back, the currency, the place in the source.
MARKED, REFUNDED, CURRENCY, PLACE, MENDED = "marked ", "refunded ", "currency", "place", "mended"


def typed(table: Table, beside: Beside = NOTHING) -> ibis.Table:
    """Return every source row with its typed columns and its fate.

    ``customer_id``, ``date``, ``amount``, the optional roles that the study maps, ``fate``
    (null where the row is usable), ``unreadable``, the text that is no date or amount, and
    what the check alone reads (``without_aids`` drops it).
    """
    study = table.study
    cells = {
        role: table.column(("columns", role), column)
        for role, column in study.columns.mapped().items()
    }
    keep, back = ibis.literal(True), ibis.literal(False)
    if study.keep:
        keep = table.condition(study.keep)
    if study.returns:
        back = table.condition(study.returns, "returns")
    columns: dict[str, Any] = {
        "customer_id": as_id(cells["customer_id"], study.same_customer).nullif(""),
        "date": table.days(cells["date"], ("columns", "date")),
        "amount": table.number(cells["amount"]),
    }
    columns |= {role: as_text(cells[role]).nullif("") for role in TEXT_ROLES if role in cells}
    if "order_id" in cells:
        columns["order_id"] = as_id(cells["order_id"]).nullif("")
    columns |= {role: table.number(cells[role]) for role in NUMBER_ROLES if role in cells}
    marks = beside.conditions(table.rows)
    aids = {f"{MARKED}{name}": mark for name, mark in marks.items()}
    aids |= {f"{REFUNDED}{name}": table.number(table.rows[name]) for name in beside.refunded}
    currency = _currency(table, beside)
    aids |= {} if currency is None else {CURRENCY: currency}
    if "order_id" in cells and (len(table.opened.sizes) > 1 or study.same_order != "lines"):
        aids[PLACE] = table.place
    ids = cells["customer_id"]
    is_text = ids.type().is_string()
    aids[MENDED] = as_id(ids) != stripped(ids) if is_text else ibis.literal(False)
    rows = named(
        table.rows.select(
            **columns,
            **aids,
            is_kept=keep.fill_null(False),
            is_back=back.fill_null(False),
            **{f"no_{role}": is_blank(cells[role]) for role in ("customer_id", "date", "amount")},
            **{f"written_{role}": as_text(cells[role]) for role in ("date", "amount")},
        )
    )
    number = rows.amount
    fate = ibis.cases(
        (~rows.is_kept, FILTERED),
        (rows.no_customer_id & rows.no_date & rows.no_amount, EMPTY),
        (rows.no_customer_id, NO_CUSTOMER),
        (rows.no_date, NO_DATE),
        (rows.date.isnull(), UNREADABLE_DATE),
        (rows.date > ibis.literal(dt.date.today()), FUTURE),
        (rows.no_amount & number.isnull(), NO_AMOUNT),
        (number.isnull() | ~is_amount(number), UNREADABLE_AMOUNT),
        else_=ibis.null("string"),
    )
    unreadable = ibis.cases(
        (fate == UNREADABLE_DATE, rows.written_date),
        (fate == UNREADABLE_AMOUNT, rows.written_amount),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(fate=fate, unreadable=unreadable, **_in_money(rows, study))
    return rows.select(*columns, *aids, "fate", "unreadable")


def is_amount(number: Any) -> Any:
    """Return whether a number can be an amount: neither infinite nor beyond any company's."""
    return number.abs() < BEYOND  # NaN is more than any number


def _currency(table: Table, beside: Beside) -> Any:
    """Return the currency of each row, None where nothing names one."""
    if (column := table.study.columns.currency or beside.currency) is not None:
        cells = as_text(table.column(("columns", "currency"), column)).upper()
        return cells.nullif("").re_replace(r"\.$", "")
    for name, writing in table.writings.items():
        if len(set(writing.codes) - {""}) > 1:
            return writing.currency(table.rows[name])
    return None


def _in_money(rows: ibis.Table, study: Study) -> dict[str, Any]:
    """Return amount, margin and quantity: returns below 0, other currencies at their rates."""
    turned, factor = rows.is_back & (rows.amount > 0), ibis.literal(1.0)
    if CURRENCY in rows.columns and study.rates:
        rates = [(rows[CURRENCY] == code.upper(), rate) for code, rate in study.rates.items()]
        factor = ibis.cases(*rates, else_=1.0)
    money = {role: rows[role] * factor for role in ("amount", "margin") if role in rows.columns}
    money = {role: turned.ifelse(-value, value) for role, value in money.items()}
    if "quantity" in rows.columns:
        money["quantity"] = rows.is_back.ifelse(-rows.quantity.abs(), rows.quantity)
    return money


def without_aids(rows: ibis.Table) -> ibis.Table:
    """Return the rows with their roles and their fate only."""
    aids = ("unreadable", CURRENCY, PLACE, MENDED, MARKED, REFUNDED)
    return rows.drop(*(name for name in rows.columns if name.startswith(aids)))
