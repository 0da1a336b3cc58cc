"""Net cancellations against the orders that they cancel, from the day on which they came back.

A cancellation left in the data counts twice: the order as a purchase that never
happened, and its return as a customer with no value. One that is netted before it came
back tells the past what nobody knew then. So matches look back alone: rows of later days
change none of them.
"""

from __future__ import annotations

import datetime as dt

import ibis

from segment.language import N_

CANCELLED = N_("order cancelled in full")
RETURNED = N_("purchase and its exact cancellation")
SMALLEST_UNIT = 0.005


def net(transactions: ibis.Table, cut: dt.date) -> ibis.Table:
    """Settle negative amounts with the purchases they take back, as far as these came before.

    By order id where the study maps it; what is left by customer, product and opposite
    quantity where it maps those. A matched return gets the ``date`` of its purchase; where
    the two add up to nothing, both rows get a ``fate``, so that no money is lost. Besides:

    - ``known``: the row's own day;
    - ``gone``: the day on which the last of both sides came back; until then they counted;
    - ``since``: the day of the first purchase that the row is matched with, else its own;
    - ``settled``: a return whose purchase was found;
    - ``late``: a settled return from the cut on, of a purchase before it. It keeps its own day,
      and neither side has a fate;
    - ``odd``, where there are margins: what the margin of a cancellation was besides that of its
      purchase. It is taken off: an order that never was has none.
    """
    table = transactions.mutate(
        known=transactions.date,
        gone=ibis.null("date"),
        since=transactions.date,
        settled=ibis.literal(False),
    )
    if "margin" in table.columns:
        table = table.mutate(odd=ibis.literal(0.0))
    if "order_id" in table.columns:
        table = _by_order(table)
    if {"product", "quantity"} <= set(table.columns):
        table = _by_product(table)
    cut = ibis.literal(cut)
    crosses = (table.since < cut) & (table.gone >= cut)
    table = table.mutate(
        late=table.settled & (table.since < cut) & (table.known >= cut),
        fate=crosses.fill_null(False).ifelse(ibis.null("string"), table.fate),
    )
    return table.mutate(date=(table.settled & ~table.late).ifelse(table.since, table.known))


def _by_order(table: ibis.Table) -> ibis.Table:
    """Match the returns of an order with it; it is gone from the day on which nothing is left."""
    columns, order = table.columns, ["customer_id", "order_id"]
    first = table.date.min(where=table.amount > 0).over(group_by=order)
    table = table.mutate(first=first)
    table = table.mutate(
        of=(table.order_id.notnull() & (table.date >= table.first)).fill_null(False)
    )
    key = [*order, "of"]
    so_far = ibis.range_window(group_by=key, order_by="date", preceding=None, following=0)
    table = table.mutate(left=table.amount.sum().over(so_far))
    empty = table.of & (table.left.abs() < SMALLEST_UNIT)
    # Nothing paid is nothing returned: an order of zeros has no purchase, and so no first.
    table = table.mutate(empty_from=table.date.min(where=empty).over(group_by=key))
    table = table.mutate(over=(table.of & (table.date <= table.empty_from)).fill_null(False))
    if "margin" in columns:
        group, bought = ibis.window(group_by=[*key, "over"]), table.amount > 0
        rate = table.margin.sum(where=bought).over(group) / table.amount.sum(where=bought).over(
            group
        )
        table = _margins(table, table.over & (table.amount < 0), rate)
    gone = table.over
    return table.mutate(
        gone=gone.ifelse(table.empty_from, table.gone),
        fate=gone.ifelse(CANCELLED, table.fate),
        since=table.of.ifelse(table.first, table.since),
        settled=table.of & (table.amount < 0),
    ).select(*columns)


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
            & (table.gone.isnull() | (table.gone > table.known))
            & (table.amount != 0)
        ),
    )
    key = ["customer_id", "product", "size", "open"]
    told = [name for name in ("order_id",) if name in columns]
    by = ["date", "takes_back", "amount", *told]
    table = table.mutate(place=ibis.row_number().over(group_by=key, order_by=by))
    step = table.takes_back.ifelse(-1, 1)
    depth = step.sum().over(ibis.cumulative_window(group_by=key, order_by="place"))
    table = table.mutate(depth=depth + table.takes_back.ifelse(1, 0))
    level = ibis.window(group_by=[*key, "depth"], order_by="place")

    def partner(name: str) -> ibis.Value:
        column = table[name]
        return table.takes_back.ifelse(column.lag().over(level), column.lead().over(level))

    if "margin" in columns:
        table = table.mutate(rate=partner("margin") / partner("amount"))
    table = table.mutate(
        paired=table.open & (partner("takes_back") != table.takes_back).fill_null(False),
        partner_known=partner("known"),
        free=partner("fate").isnull() & table.fate.isnull(),
        rest=table.amount + partner("amount"),
    )
    back = table.paired & table.takes_back
    whole = table.paired & (table.rest.abs() < SMALLEST_UNIT)
    if "margin" in columns:
        table = _margins(table, whole & table.takes_back, table.rate)
    day = table.takes_back.ifelse(table.known, table.partner_known)
    return table.mutate(
        gone=whole.ifelse(ibis.least(day, table.gone.fill_null(day)), table.gone),
        fate=(whole & table.free).ifelse(RETURNED, table.fate),
        since=back.ifelse(table.partner_known, table.since),
        settled=table.settled | back,
    ).select(*columns)


def _margins(table: ibis.Table, back: ibis.Value, rate: ibis.Value) -> ibis.Table:
    """Give cancellations the margin of their purchases, by its share of the amount."""
    margin = table.amount * rate
    odd = back.ifelse((table.margin - margin).fill_null(0.0), table.odd)
    return table.mutate(margin=back.ifelse(margin, table.margin), odd=odd)
