"""The two tables that can stand beside the transactions: customers and balances."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.language import N_
from segment.reading.cells import as_id, filled, is_blank
from segment.reading.findings import LEFT_OUT, Finding, finding, ragged
from segment.reading.table import BALANCES, CUSTOMERS, MOST_UNREADABLE, Table, stored
from segment.study.schema import Contact, Periods, Study

# Most values must read as numbers for an attribute to be one.
MOST_NUMBERS = 0.95
CENTURY = 36_525  # days
# Attributes that are days, and ages in years, under whatever heading.
DAYS, AGES = ("first_contact",), ("age", "年龄")


@dataclass(frozen=True)
class Written:
    """The customers table as it was written, for the check of the customer file."""

    # ``customer_id`` (None where missing) and every field: timestamps, floats, else trimmed text.
    rows: pd.DataFrame
    unreadable: pd.DataFrame  # by field of days and numbers: filled, but neither
    # By field: a field of ``Contact``, "date", "age", "number" or "category".
    kinds: dict[str, str]


@dataclass(frozen=True)
class Register:
    """A table beside the transactions."""

    # Customers: a frame indexed by ``customer_id``, numbers as floats, categories as text, days
    # as timestamps. Balances: an ibis table of ``customer_id``, ``date``, ``balance``.
    rows: Any
    files: tuple[Path, ...]
    findings: list[Finding]
    written: Written | None = None  # customers only


def customers(
    study: Study, periods: Periods, used: ibis.Table, con: ibis.BaseBackend, folder: Path
) -> Register | None:
    """Read the customers table of a study; None if it names none."""
    section = study.customers
    if section is None:
        return None
    table = Table.open(study, CUSTOMERS, con, folder)
    written = as_written(table)
    named = written.rows.dropna(subset="customer_id")
    named = named.astype({"customer_id": str})[["customer_id", *section.columns]]
    rows = named.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    unreadable = written.unreadable.sum()
    without = N_("Row of the customers table without a customer id")
    again = N_("Customer who stands in the customers table again")
    text, done = N_("Unreadable {column} in the customers table"), N_("counts as unknown")
    findings = [
        *ragged(table, N_("Line of the customers table with the wrong number of fields")),
        finding(without, len(written.rows) - len(named), LEFT_OUT, "note"),
        finding(again, len(named) - len(rows), N_("the last row counts"), "warning"),
        *(
            finding(text, number, done, "warning", column=name)
            for name, number in unreadable[unreadable > 0].items()
        ),
        *_unmatched(study, used, rows.index),
        *_knows_too_much(study, periods, len(rows)),
    ]
    return Register(rows, table.opened.files, findings, written)


def as_written(table: Table) -> Written:
    """Read every field of the customers table, each as what it is."""
    section = table.study.customers
    ids = table.column(("customer_id",), section.customer_id)
    fields, kinds, broken = (
        {"customer_id": as_id(ids, table.study.same_customer).nullif("")},
        {},
        {},
    )
    for kind, column in section.contact.mapped().items():
        fields[kind], kinds[kind] = filled(table.column(("contact", kind), column)), kind
    totals = {("totals", name): column for name, column in table.study.totals.items()}
    for keys, column in (totals | {("columns", n): c for n, c in section.columns.items()}).items():
        name, cells = keys[-1], table.column(keys, column)
        if name in DAYS or cells.type().is_temporal() or (keys in totals and _is_day(table, keys)):
            fields[name], kinds[name] = table.days(cells, keys), "date"
        elif keys in totals:
            fields[name], kinds[name] = table.number(cells), "number"
        elif name not in section.categories and _is_number(table, cells):
            is_age = name in AGES or str(column) in AGES
            fields[name], kinds[name] = table.number(cells), "age" if is_age else "number"
        else:
            kinds[name] = name if name in Contact.model_fields else "category"
            fields[name] = filled(cells)
            continue
        # No name of a field holds a blank.
        broken[f"unreadable {name}"] = fields[name].isnull() & ~is_blank(cells)
    frame = table.rows.select(**fields, **broken).to_pandas()
    unreadable = frame[list(broken)].rename(columns=lambda name: name.removeprefix("unreadable "))
    return Written(frame[list(fields)], unreadable, kinds)


def _is_day(table: Table, keys: tuple[str, str]) -> bool:
    """Return whether a column that may hold days ago holds dates instead."""
    column = table.study.totals[keys[1]]
    if not keys[1].startswith("days_since_") or table.heading(column) not in table.names:
        return False
    cells = table.column(keys, column)
    if not _is_number(table, cells):
        return True
    # Numbers beyond a century are dates such as 20241231, or serial numbers of a spreadsheet.
    most = table.rows.aggregate(most=table.number(cells).median()).to_pandas()["most"].iloc[0]
    return most > CENTURY


def _is_number(table: Table, cells: Any) -> bool:
    if cells.type().is_numeric():
        return True
    rows = table.rows.filter(~is_blank(cells))
    share = rows.aggregate(share=table.number(cells).notnull().mean()).to_pandas()["share"].iloc[0]
    # A column without any value may hold numbers one day.
    return pd.isna(share) or share >= MOST_NUMBERS


def _unmatched(study: Study, used: ibis.Table, known: pd.Index) -> list[Finding]:
    """Count buyers whom the customers table does not have; refuse a table that has none."""
    buyers = used.select("customer_id").distinct().to_pandas()["customer_id"].astype(str)
    missing = buyers[~buyers.isin(known)]
    if len(missing) == len(buyers):
        raise StudyError(
            f"{study.where(CUSTOMERS, 'customer_id')}: no customer of the customers table stands "
            f"in the transactions (there, for example, '{buyers.min()}'; in the table "
            f"'{min(known, default='')}'); are the ids written the same?"
        )
    case = int(missing.str.lower().isin(known.str.lower()).sum())
    weight = "warning" if len(missing) > MOST_UNREADABLE * len(buyers) else "note"
    without, number = N_("Buyer without a row in the customers table"), len(missing)
    alike = N_("Buyer whose id differs there only in case")
    return [
        finding(without, number, N_("their attributes count as unknown"), weight, number),
        finding(alike, case, N_("counts as unknown; write the ids the same"), "warning", case),
    ]


def _knows_too_much(study: Study, periods: Periods, rows: int) -> list[Finding]:
    """Warn where the table may know what happened after the cut."""
    known_on = study.customers.known_on
    if known_on is not None and known_on < periods.cut:
        return []
    text = N_("The customers table does not say its day")
    if known_on:
        text = N_("The customers table is of {day}, not before the cut")
    done = N_(
        "used; schemes that read it may know the future. Add 'known_on', a day before the cut"
    )
    return [finding(text, rows, done, "warning", rows, day=known_on)]


def balances(
    study: Study, used: ibis.Table, con: ibis.BaseBackend, folder: Path
) -> Register | None:
    """Read the balances table of a study; None if it names none."""
    section = study.balances
    if section is None:
        return None
    table = Table.open(study, BALANCES, con, folder)
    roles = ("customer_id", "date", "balance")
    ids, days, amounts = (table.column((role,), getattr(section, role)) for role in roles)
    typed = table.rows.select(
        customer_id=as_id(ids, study.same_customer).nullif(""),
        date=table.days(days, ("date",)),
        balance=table.number(amounts),
    )
    typed = stored(typed, folder / "balances.parquet")
    whole = typed.drop_null(how="any")
    count, usable = int(typed.count().execute()), int(whole.count().execute())
    if usable < (1 - MOST_UNREADABLE) * count or not usable:
        gaps = typed.aggregate(**{name: typed[name].isnull().sum() for name in typed.columns})
        worst = gaps.to_pandas().iloc[0].idxmax()
        raise StudyError(
            f"{table.where(worst)}: {count - usable:,} of {count:,} rows of the balances "
            f"table cannot be used, most for their '{worst}'; check the column"
            f"{' and date_format' if worst == 'date' else ''}."
        )
    matched = int(whole.semi_join(used, "customer_id").count().execute())
    if not matched:
        raise StudyError(
            f"{table.where('customer_id')}: no customer of the balances table stands in the "
            "transactions; are the ids written the same?"
        )
    days = whole.group_by("customer_id", "date").agg(records=whole.count())
    several = int(days.filter(days.records > 1).count().execute())
    without = N_("Row of the balances table without customer, day or balance")
    twice, idle = N_("Day with several balances of one customer"), usable - matched
    findings = [
        *ragged(table, N_("Line of the balances table with the wrong number of fields")),
        finding(without, count - usable, LEFT_OUT, "warning"),
        finding(twice, several, N_("their mean counts"), "note"),
        finding(N_("Balance of somebody without a transaction"), idle, N_("not used"), "note"),
    ]
    return Register(whole, table.opened.files, findings)
