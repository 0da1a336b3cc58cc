"""From the transactions as they stand to typed rows, each with its fate.

The *fate* is null if a row is used, else the reason why it is not. No row
disappears, so rows in = rows used + rows explained.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis

from segment.language import N_
from segment.reading.cells import as_text, is_blank
from segment.reading.table import Table, named

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
BEFORE = N_("before the study's start")
AFTER = N_("on or after the study's end")
TEXT_ROLES = ("order_id", "product", "category", "channel", "region")
NUMBER_ROLES = ("margin", "quantity")


def typed(table: Table) -> ibis.Table:
    """Return every source row with its typed columns and its fate.

    ``customer_id``, ``date``, ``amount``, the optional roles that the study maps, ``fate``
    (null where the row is usable) and ``unreadable``, the text that is no date or amount.
    """
    study = table.study
    cells = {
        role: table.column(("columns", role), column)
        for role, column in study.columns.mapped().items()
    }
    keep = ibis.literal(True)
    if study.keep:
        keep = table.condition(study.keep)
    columns: dict[str, Any] = {
        "customer_id": as_text(cells["customer_id"]).nullif(""),
        "date": table.days(cells["date"], ("columns", "date")),
        "amount": table.number(cells["amount"]),
    }
    columns |= {role: as_text(cells[role]).nullif("") for role in TEXT_ROLES if role in cells}
    columns |= {role: table.number(cells[role]) for role in NUMBER_ROLES if role in cells}
    rows = named(
        table.rows.select(
            **columns,
            is_kept=keep.fill_null(False),
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
        (rows.no_amount, NO_AMOUNT),
        (number.isnull() | number.isnan() | number.isinf(), UNREADABLE_AMOUNT),
        else_=ibis.null("string"),
    )
    unreadable = ibis.cases(
        (fate == UNREADABLE_DATE, rows.written_date),
        (fate == UNREADABLE_AMOUNT, rows.written_amount),
        else_=ibis.null("string"),
    )
    return rows.select(*columns, fate=fate, unreadable=unreadable)
