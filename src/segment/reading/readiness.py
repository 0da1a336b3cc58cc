"""Whether the data carry a study; if not, the one sentence that says why and what to do."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.reading import transactions
from segment.reading.expression import named
from segment.reading.suspects import keep_line, line
from segment.reading.table import MOST_UNREADABLE, Table
from segment.study.schema import Periods, Study


def refuse_unreadable(table: Table, accounts: pd.DataFrame, typed: ibis.Table) -> None:
    """Refuse data of which over a fifth of the rows cannot be read, or the filter keeps none."""
    study, counts = table.study, accounts.set_index("fate")["rows"].to_dict()
    asked = sum(counts.values()) - counts.get(transactions.FILTERED, 0)
    if study.keep and asked == table.opened.rejected:
        raise StudyError(
            f"{study.where('keep')}: 'keep: {study.keep}' leaves none of the "
            f"{counts[transactions.FILTERED]:,} rows; check how the value is written in the data."
        )
    read_as = f" (date_format is {study.date_format})" if study.date_format else ""
    dates = f"{read_as}; use one format throughout, or set date_format (for example '%d/%m/%Y')"
    customer = f"{named(table.heading(study.columns.customer_id))} is not null"
    nobody = f"; to leave them out, write {keep_line(table, customer)}"
    blank = (
        "; map 'order_id' if it stands on an order's first line only; where blank means 0, write "
    )
    blank += line("amount", f"0 + {_amount(table)}")
    for fate, role, advice in (
        (transactions.UNREADABLE_DATE, "date", dates),
        (transactions.UNREADABLE_AMOUNT, "amount", "; map 'amount' to a column of numbers"),
        (transactions.NO_CUSTOMER, "customer_id", nobody),
        (transactions.NO_AMOUNT, "amount", blank),
    ):
        count = counts.get(fate, 0)
        if count > MOST_UNREADABLE * asked and fate == transactions.NO_AMOUNT:
            count -= _other_lines(typed)
        if count > MOST_UNREADABLE * asked:
            text = first_unreadable(typed, fate)
            what = f"readable {role}, such as '{text}'" if text else role
            raise StudyError(
                f"{study.where('columns', role)}: {count:,} of {asked:,} rows have no {what}"
                f"{advice}."
            )


def _amount(table: Table) -> str:
    """Return the amount of a study as an expression holds it."""
    amount = table.heading(table.study.columns.amount)
    return named(amount) if amount in table.names else f"({amount})"


def _other_lines(typed: ibis.Table) -> int:
    """Count the rows without an amount of orders that have one on another row."""
    if "order_id" not in typed.columns:
        return 0
    paid = typed.filter(typed.fate.isnull()).select("order_id").distinct()
    blank = typed.filter((typed.fate == transactions.NO_AMOUNT) & typed.order_id.notnull())
    return int(blank.semi_join(paid, "order_id").count().execute())


def first_unreadable(typed: ibis.Table, fate: str) -> str:
    """Return the first text of an unreadable date or amount, in order of the alphabet."""
    text = typed.filter(typed.fate == fate).unreadable.min().execute()
    return text if isinstance(text, str) else ""


def refuse_unusable(table: Table, accounts: pd.DataFrame, span: dict) -> None:
    """Refuse data without a usable row, a purchase, or a second day; ``span`` says which."""
    name = table.opened.files[0].name
    if span["first"] is None:
        reasons = ", ".join(f"{row.rows:,} {row.fate}" for row in accounts.itertuples())
        raise StudyError(f"{name}: no row can be used ({reasons}); check 'columns' in the study.")
    if span["positive"] < span["negative"] or not span["positive"]:
        raise StudyError(
            f"{table.where('columns', 'amount')}: {span['negative']:,} amounts are below 0 and "
            f"{span['positive']:,} above, so most rows are no purchases; if the sign is turned "
            f"round, write {line('amount', '-1 * ' + _amount(table))}."
        )
    if span["first"] == span["last"]:
        raise StudyError(
            f"{name}: every transaction is of one day ({span['first']}); a back-test needs "
            "purchases before and after a cut date."
        )


def refuse_too_little(study: Study, periods: Periods, facts: dict) -> None:
    """Refuse what no method can answer: too few customers, too short periods."""
    need, name = study.readiness, study.file.name
    history = (periods.cut - max(periods.start, facts["first"])).days
    holdout = (min(periods.end, facts["last"] + dt.timedelta(days=1)) - periods.cut).days
    if history < need.history_days:
        raise StudyError(
            f"{name}: the history before the cut ({periods.cut}) is {_counted(history, 'day')} "
            f"long; at least {need.history_days} are needed. Bring older transactions, or move "
            "'cut' later."
        )
    if holdout < need.holdout_days:
        raise StudyError(
            f"{name}: only {_counted(holdout, 'day')} of data follow the cut ({periods.cut}); at "
            f"least {need.holdout_days} are needed to see who came back. Bring newer "
            "transactions, or move 'cut' earlier."
        )
    refuse_few(study, facts["customers_calibration"], f"bought before the cut ({periods.cut})")


def refuse_few(study: Study, customers: int, why: str = "can be used") -> None:
    """Refuse fewer customers than make tiers."""
    if customers < study.readiness.customers:
        raise StudyError(
            f"{study.file.name}: {_counted(customers, 'customer')} {why}; tiers need at least "
            f"{study.readiness.customers}."
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
