"""Net cancellations against the orders that they cancel, before anything is counted.

A cancellation left in the data counts twice: the order as a purchase that never
happened, and its return as a customer with no value.
"""

from __future__ import annotations

import ibis

from segment.language import N_

CANCELLED = N_("order cancelled in full")
RETURNED = N_("purchase and its exact cancellation")
SMALLEST_UNIT = 0.005


def net(transactions: ibis.Table) -> ibis.Table:
    """Settle negative amounts with the purchases they take back.

    By order id where the study maps it; what is left by customer, product and opposite
    quantity where it maps those. A matched return gets the date of its purchase; where the
    two amounts add up to nothing, both rows get a ``fate``, so that no money is lost.
    ``settled`` tells which rows were matched; the others keep their own day.
    """
    table = transactions.mutate(settled=ibis.literal(False))
    if "order_id" in table.columns:
        table = _by_order(table)
    if {"product", "quantity"} <= set(table.columns):
        table = _by_product(table)
    return table


def _by_order(table: ibis.Table) -> ibis.Table:
    order = ibis.window(group_by=["customer_id", "order_id"])
    sold = table.amount > 0
    table = table.mutate(
        left=table.amount.sum().over(order),
        bought=table.date.min(where=sold).over(order),
        both=(sold.any() & (table.amount < 0).any()).over(order) & table.order_id.notnull(),
    )
    return table.mutate(
        fate=(table.both & (table.left.abs() < SMALLEST_UNIT)).ifelse(CANCELLED, table.fate),
        date=(table.both & (table.amount < 0)).ifelse(table.bought, table.date),
        settled=table.both,
    ).drop("left", "bought", "both")


def _by_product(table: ibis.Table) -> ibis.Table:
    """Match as brackets match: a return closes the latest purchase still open.

    Within customer, product and size of quantity, the running count of open
    purchases gives each row its depth; on one depth, purchases and returns
    alternate, so a return's partner is the row before it.
    """
    columns, takes_back = table.columns, table.amount < 0
    table = table.mutate(
        takes_back=takes_back,
        size=table.quantity.abs(),
        open=(
            table.product.notnull()
            & table.quantity.notnull()
            & ~table.settled
            & table.fate.isnull()
            & (table.amount != 0)
        ),
    )
    key = ["customer_id", "product", "size", "open"]
    table = table.mutate(
        place=ibis.row_number().over(group_by=key, order_by=["date", "takes_back", "amount"])
    )
    step = table.takes_back.ifelse(-1, 1)
    depth = step.sum().over(ibis.cumulative_window(group_by=key, order_by="place"))
    table = table.mutate(depth=depth + table.takes_back.cast("int64"))
    level = ibis.window(group_by=[*key, "depth"], order_by="place")
    table = table.mutate(
        is_match=table.open
        & table.takes_back
        & ~table.takes_back.lag().over(level).fill_null(True),
        is_matched=table.open
        & ~table.takes_back
        & table.takes_back.lead().over(level).fill_null(False),
        partner_date=table.date.lag().over(level),
        partner_amount=table.takes_back.ifelse(
            table.amount.lag().over(level), table.amount.lead().over(level)
        ),
    )
    paired = table.is_match | table.is_matched
    gone = paired & ((table.amount + table.partner_amount).abs() < SMALLEST_UNIT)
    return table.mutate(
        fate=gone.ifelse(RETURNED, table.fate),
        date=table.is_match.ifelse(table.partner_date, table.date),
        settled=table.settled | paired,
    ).select(*columns)
