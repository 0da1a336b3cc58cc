"""What a drafted study has to ask about its rows, each with what the answers would mean."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from segment.errors import StudyError
from segment.reading import transactions
from segment.reading.beside import look
from segment.reading.cells import is_blank
from segment.reading.expression import named
from segment.reading.guess import words_of
from segment.reading.suspects import (
    REPEATED,
    keep_line,
    refuse_currencies,
    refuse_damaged,
    suspects,
    without_totals,
)
from segment.reading.table import MOST_UNREADABLE, TRANSACTIONS, Table, stored
from segment.study.methods import DEFAULT_METHODS
from segment.study.schema import Study
from segment.study.source import Source

if TYPE_CHECKING:
    from segment.reading.guess import Draft

# Headings of what kind of row it is; not of what kind of customer or product.
KIND = re.compile(
    r"status|stage|state$|\btype|kind$|typ$|belegart|buchungsart|vorgangsart|^[cd]/[cd]$|soll"
    r"|[cd]r/[cd]r|debit/credit|credit/debit|状态|狀態|ステータス|类型|類型|收/支|收支|借贷|statut|estado"
    r"|situa|tipo|stato|статус",
    re.I,
)
OF_OTHERS = re.compile(
    r"(customer|client|kund|product|item|pay|ship|card)\w* ?(type|kind|typ)|fulfil", re.I
)
MOST_KINDS = 20


def ask(drafted: Draft, source: Source, base: Path, con: ibis.BaseBackend, folder: Path) -> None:
    """Read the rows as the draft has them, and ask what they leave open.

    Questions are added to the draft, and the lines of a study that answer them.
    """
    content = {"title": "draft", "source": source, "columns": drafted.columns}
    if drafted.date_format:
        content["date_format"] = drafted.date_format
    study = Study.model_validate(content | {"methods": DEFAULT_METHODS})
    study._file = base / "draft"
    try:
        table = Table.open(study, TRANSACTIONS, con, folder, also=drafted.preview.columns)
        _amounts(drafted, table)
        columns = type(study.columns).model_validate(drafted.columns)
        table = replace(table, study=study.model_copy(update={"columns": columns}))
        aside = look(table)
        every = stored(transactions.typed(table, aside), folder / "questions.parquet")
        refuse_damaged(table, every)
        _orphans(drafted, table)
        if kept := _blank_customers(drafted, table, every):
            table = replace(table, study=table.study.model_copy(update={"keep": kept}))
        found = suspects(table, without_totals(every), aside, folder)
    except StudyError as error:
        _refused(drafted, error)
        return
    try:
        refuse_currencies(table, every)
    except StudyError as error:
        _refused(drafted, error)
    asked = {suspect.figures.get("column") for suspect in found}
    for suspect in found:
        text = suspect.text.format(**suspect.figures)
        done = suspect.done.format(**suspect.figures)
        drafted.ask(f"{text} ({suspect.rows:,} rows). For now {done}", *suspect.choices)
    for name in table.names:
        is_kind = KIND.search(words_of(name)) and not OF_OTHERS.search(name)
        if is_kind and name not in asked and name not in drafted.columns.values():
            _kinds(drafted, table, name)


def _refused(drafted: Draft, error: StudyError) -> None:
    """Ask what the check would refuse, unless it is asked already."""
    told = re.sub(r"^(draft: )+", "", str(error))
    if told not in drafted.open_questions:
        drafted.ask(told, *re.findall(r"rates: \{[^}]*\}", told))


def _amounts(drafted: Draft, table: Table) -> None:
    """Say what each column that could be the amount adds up to; take a line's, not the order's."""
    choices = drafted.choices.get("amount", [])
    if not choices:
        return
    is_dated = ~is_blank(table.column(("columns", "date"), table.study.columns.date))
    numbers = [table.number(table.column(("columns", "amount"), name)) for name in choices]
    sums = {f"sum{i}": number.sum(where=is_dated) for i, number in enumerate(numbers)}
    totals = table.rows.aggregate(**sums).to_pandas().astype("float64").fillna(0.0).iloc[0]
    told = {name: f"adds up to {total:,.2f}" for name, total in zip(choices, totals, strict=True)}
    taken, order, reason = drafted.columns["amount"], drafted.columns.get("order_id"), ""
    if order and _repeats(table, order, taken):
        lines = [name for name in choices if name != taken and not _repeats(table, order, name)]
        if lines:
            reason = f"; {taken} is the same on every line of an order, so {lines[0]} is taken"
            taken = drafted.columns["amount"] = lines[0]
    others = [f"{name} {words}" for name, words in told.items() if name != taken]
    drafted.comments["amount"] = "; ".join([told[taken], *others])
    if others:
        listed = ", ".join([f"{taken} {told[taken]}", *others])
        drafted.ask(f"which column is 'amount': {listed}{reason}")


def _repeats(table: Table, order: str, column: str) -> bool:
    """Return whether almost every order with several lines has one amount on all of them."""
    amount = table.number(table.column(("columns", "amount"), column))
    rows = table.rows.select(order=table.rows[order], amount=amount)
    rows = rows.filter(rows.amount.notnull() & (rows.amount != 0))
    orders = rows.group_by("order").agg(lines=rows.count(), kinds=rows.amount.nunique())
    is_one = (orders.kinds == 1).mean(where=orders.lines > 1)
    return bool(orders.aggregate(share=is_one).to_pandas()["share"].iloc[0] >= REPEATED)


def _orphans(drafted: Draft, table: Table) -> None:
    """Ask about rows that name another row's order and no customer, as exports tell returns."""
    order, customer = (drafted.columns.get(role) for role in ("order_id", "customer_id"))
    if not order:
        return
    amount = table.number(table.column(("columns", "amount"), drafted.columns["amount"]))
    texts = {name: table.rows[name].cast("string").strip() for name in table.names}
    orders = table.rows.select(known=texts[order]).distinct()
    blank = texts[customer].fill_null("") == ""
    for name in {*table.names} - {*drafted.columns.values()}:
        rows = table.rows.select(parent=texts[name], own=texts[order], amount=amount, blank=blank)
        rows = rows.filter(rows.blank & (rows.parent != rows.own))
        named_rows = rows.semi_join(orders, rows.parent == orders.known)
        told = named_rows.aggregate(rows=named_rows.count(), amount=named_rows.amount.sum())
        count, total = told.to_pandas().iloc[0]
        if count:
            drafted.ask(
                f"whether {count:,.0f} rows without {customer} are returns of the orders that "
                f"{name} names ({total:,.2f}). For now they are left out; to count them, fill in "
                f"{customer} of that order"
            )


def _blank_customers(drafted: Draft, table: Table, every: ibis.Table) -> str | None:
    """Leave rows without a customer out by name where they are many; return the condition."""
    told = every.aggregate(rows=every.count(), blank=(every.fate == transactions.NO_CUSTOMER).sum())
    rows, blank = told.to_pandas().fillna(0).iloc[0]
    if blank <= MOST_UNREADABLE * rows:
        return None
    column = drafted.columns["customer_id"]
    condition = f"{named(column)} is not null"
    drafted.keep = f"{keep_line(table, condition)}   # {blank:,.0f} of {rows:,.0f} rows have none\n"
    drafted.ask(
        f"{blank:,.0f} of {rows:,.0f} rows have no {column}; 'keep' leaves them out as sales "
        "to nobody known. If the cells are blank for another reason, remove that line"
    )
    return condition


def _kinds(drafted: Draft, table: Table, name: str) -> None:
    """Ask about the kinds of rows that a column tells apart, with their rows and their money."""
    amount = table.number(table.column(("columns", "amount"), drafted.columns["amount"]))
    rows = table.rows.select(kind=table.rows[name].cast("string"), amount=amount)
    amount = rows.amount.sum().fill_null(0.0)
    kinds = rows.group_by("kind").agg(rows=rows.count(), amount=amount)
    kinds = kinds.order_by(ibis.desc("rows"), "kind").limit(MOST_KINDS + 1).to_pandas()
    kinds = kinds.dropna(subset="kind")
    if not 1 < len(kinds) <= MOST_KINDS:
        return
    told = [f"{k.kind.strip()} ({k.rows:,} rows, {k.amount:,.2f})" for k in kinds.itertuples()]
    rarest = kinds["kind"].iloc[-1].strip()
    drafted.ask(
        f"whether all rows count; {name} holds {', '.join(told)}",
        keep_line(table, f"{named(name)} != '{rarest}'") if "'" not in rarest else "",
    )
