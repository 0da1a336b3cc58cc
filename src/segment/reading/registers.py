"""The tables that can stand beside the transactions: the customers, and their dated records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.language import N_
from segment.reading.cells import as_id, as_text, filled, is_blank
from segment.reading.findings import LEFT_OUT, Finding, finding, ragged, unknown
from segment.reading.table import (
    BALANCES,
    CONTACTS,
    CUSTOMERS,
    INVOICES,
    MOST_UNREADABLE,
    PRESENT_TIERS,
    Table,
    stored,
)
from segment.study.schema import Contact, Periods, Study

# Most values must read as numbers for an attribute to be one.
MOST_NUMBERS = 0.95
WITHOUT = N_("Row of the {table} table without all that it needs")
AGAIN = N_("customer who stands in the table again; the last row counts")
# What the tables of dated records are called in findings.
NAMES = (N_("balances"), N_("present tiers"), N_("invoices"), N_("contacts"))
NO = ("0", "no", "n", "false", "f", "nein", "non", "否", "无", "無", "没有")
CENTURY, GROUP = 36_525, "number of the group"  # days; no name of a field holds a blank
# Attributes that are added up over a group; of other numbers the mean counts.
SUMMED = ("arrears", "complaints", "contact_hours", "contacts_on_file", "referrals", "wallet")
# Attributes that are days, and ages in years, under whatever heading.
DAYS, AGES = ("first_contact", "next_contact", "birthday"), ("age", "年龄")


@dataclass(frozen=True)
class Written:
    """The customers table as it was written, for the check of the customer file."""

    # ``customer_id`` (None where missing) and every field: timestamps, floats, else trimmed text.
    rows: pd.DataFrame
    unreadable: pd.DataFrame  # by field of days and numbers: filled, but neither
    # By field: a field of ``Contact``, "date", "age", "number" or "category".
    kinds: dict[str, str]
    # The group of each customer who is in one, where the study asks for groups.
    groups: pd.Series | None = None


@dataclass(frozen=True)
class Register:
    """A table beside the transactions."""

    # Customers: a frame indexed by ``customer_id``, numbers as floats, categories as text, days
    # as timestamps. Dated records: an ibis table of ``customer_id``, ``date`` and what they hold.
    rows: Any
    files: tuple[Path, ...]
    findings: list[Finding]
    written: Written | None = None  # customers only


def open_customers(
    study: Study, con: ibis.BaseBackend, folder: Path
) -> tuple[Table, Written] | None:
    """Open the customers table of a study; None if it names none."""
    if study.customers is None:
        return None
    table = Table.open(study, CUSTOMERS, con, folder)
    return table, as_written(table)


def customers(periods: Periods, used: ibis.Table, table: Table, written: Written) -> Register:
    """Read the customers table of a study, a row each, or a row for each group."""
    study, section = table.study, table.study.customers
    named = written.rows.dropna(subset="customer_id")
    named = named.astype({"customer_id": str})[["customer_id", *section.columns]]
    rows = named.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    findings = [
        *ragged(table),
        finding(WITHOUT, len(written.rows) - len(named), LEFT_OUT, "note", table=CUSTOMERS),
        finding(AGAIN, len(named) - len(rows), LEFT_OUT, "warning"),
        *unknown(written.unreadable.sum()),
        *_unmatched(study, used, rows.index),
        *_knows_too_much(study, periods, len(rows)),
    ]
    if written.groups is not None:
        text = N_("Customer of one of {groups} groups")
        done, groups = N_("counts as part of its group"), written.groups.nunique()
        findings.append(finding(text, len(written.groups), done, "note", groups=f"{groups:,}"))
        rows = _of_groups(rows, written.groups)
    return Register(rows, table.opened.files, findings, written)


def _groups(table: Table, rows: pd.DataFrame, numbers: pd.Series) -> pd.Series | None:
    """Return the group of each customer, called by the heading and its number; None if unasked.

    The last row of a customer counts.
    """
    section = table.study.customers
    if section.group is None:
        return None
    heading = table.column(("group",), section.group).get_name()
    groups = (f"{heading} " + numbers.astype(str)).where(numbers.notna())
    groups = groups.set_axis(rows["customer_id"].astype(object)).astype(object)
    groups = groups[groups.index.notna() & ~groups.index.duplicated(keep="last")].dropna()
    if groups.empty:
        raise StudyError(
            f"{table.where('group')}: no customer has a '{heading}'; name a column that is filled, "
            "or leave 'group' out."
        )
    if (same := groups[groups.isin(rows["customer_id"])]).any():
        raise StudyError(
            f"{table.where('group')}: the group '{same.iloc[0]}' has the id of a customer; write "
            "one of the two otherwise."
        )
    return groups.rename_axis("customer_id").rename("group")


def _of_groups(rows: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return what is known of groups: ``SUMMED``, else the mean, first day, commonest text."""
    who = groups.reindex(rows.index).fillna(pd.Series(rows.index, rows.index)).rename("customer_id")
    parts = {}
    for name, column in rows.items():
        by = column.groupby(who)
        if pd.api.types.is_datetime64_any_dtype(column):
            parts[name] = by.min()
        elif pd.api.types.is_numeric_dtype(column):
            parts[name] = by.sum(min_count=1) if name in SUMMED else by.mean()
        else:
            counts = column.groupby([who, column]).size().rename("rows").reset_index()
            counts = counts.sort_values(["rows", name], ascending=[False, True])
            parts[name] = counts.drop_duplicates("customer_id").set_index("customer_id")[name]
    index = pd.Index(who.unique(), name="customer_id").sort_values()
    return pd.DataFrame(parts, index=index)[[*rows]]


def as_groups(rows: ibis.Table, groups: pd.Series | None) -> ibis.Table:
    """Return records of customers as those of their groups; accounts stay apart."""
    if groups is None:
        return rows
    if "balance" in rows.columns:
        own = rows.account if "account" in rows.columns else ibis.literal("")
        rows = rows.mutate(account=rows.customer_id + " " + own)
    joined = rows.left_join(ibis.memtable(groups.reset_index()), "customer_id")
    mapped = joined.mutate(customer_id=ibis.coalesce(joined.group, joined.customer_id))
    return mapped.select(*rows.columns)


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
    number = ibis.null("string")
    if section.group is not None:
        number = as_id(table.column(("group",), section.group)).nullif("")
    frame = table.rows.select(**fields, **broken, **{GROUP: number}).to_pandas()
    unreadable = frame[list(broken)].rename(columns=lambda name: name.removeprefix("unreadable "))
    groups = _groups(table, frame, frame[GROUP])
    return Written(frame[list(fields)], unreadable, kinds, groups)


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
        finding(without, number, N_("counts as unknown"), weight, number),
        finding(alike, case, N_("counts as unknown; write the ids the same"), "warning", case),
    ]


def _knows_too_much(study: Study, periods: Periods, rows: int) -> list[Finding]:
    """Warn where the table may know what happened after the cut."""
    known_on = study.customers.known_on
    if known_on is not None and known_on < periods.cut:
        return []
    text = N_("Day of the customers table: {day}, not surely before the cut")
    done = N_(
        "used; schemes that read it may know the future. Add 'known_on', a day before the cut"
    )
    return [finding(text, rows, done, "warning", rows, day=known_on or N_("not said"))]


def records(
    study: Study, periods: Periods, used: ibis.Table, con: ibis.BaseBackend, folder: Path
) -> dict[str, Register]:
    """Read the tables of dated records that a study names."""
    read = {BALANCES: _balances, PRESENT_TIERS: _present_tiers, INVOICES: _invoices}
    read |= {CONTACTS: _contacts}
    named = {name: Table.open(study, name, con, folder) for name in read if getattr(study, name)}
    return {name: read[name](table, periods, used, folder) for name, table in named.items()}


def _balances(table: Table, _periods: Periods, used: ibis.Table, folder: Path) -> Register:
    """Return ``customer_id``, ``date``, ``balance``, and ``account`` if named."""
    section = table.study.balances
    fields = {"balance": table.number(table.column(("balance",), section.balance))}
    if section.account is not None:
        fields["account"] = as_text(table.column(("account",), section.account))
    found = _dated(table, fields, used, folder, ("balance", "account"))
    by = [name for name in ("customer_id", "account", "date") if name in found.rows.columns]
    days = found.rows.group_by(by).agg(records=found.rows.count())
    several = int(days.filter(days.records > 1).count().execute())
    text = N_("Day with several balances of one customer or account")
    found.findings.append(finding(text, several, N_("their mean counts"), "note"))
    return found


def _present_tiers(table: Table, periods: Periods, used: ibis.Table, folder: Path) -> Register:
    """Return ``customer_id``, ``date``, ``tier``."""
    tier = filled(table.column(("tier",), table.study.present_tiers.tier))
    found = _dated(table, {"tier": tier}, used, folder, ("tier",))
    known = found.rows.date < periods.cut
    younger = int((~known).sum().execute())
    done = N_("not known at the cut, so it counts from its day on")
    weight = "note" if known.any().execute() else "warning"
    text = N_("Present tier that began on or after the cut")
    found.findings.append(finding(text, younger, done, weight))
    return found


def _invoices(table: Table, _periods: Periods, used: ibis.Table, folder: Path) -> Register:
    """Return ``customer_id``, ``date`` (due), ``paid``, ``amount``, ``disputed``."""
    section = table.study.invoices
    fields = {
        "amount": table.number(table.column(("amount",), section.amount)),
        "paid": table.days(table.column(("paid",), section.paid), ("paid",)),
        "disputed": ibis.literal(False),
    }
    if section.disputed is not None:
        cells = filled(table.column(("disputed",), section.disputed)).lower()
        fields["disputed"] = cells.notnull() & ~cells.isin(NO)
    return _dated(table, fields, used, folder, ("amount",))


def _contacts(table: Table, periods: Periods, used: ibis.Table, folder: Path) -> Register:
    """Return ``customer_id``, ``date``, ``role``, ``kind``, ``hours`` of a contact."""
    section, fields = table.study.contacts, {}
    for name in ("role", "kind"):
        column, fields[name] = getattr(section, name), ibis.null("string")
        if column is not None:
            fields[name] = filled(table.column((name,), column)).fill_null(N_("not said"))
    fields["hours"] = ibis.null("float64")
    if section.hours is not None:
        hours = table.number(table.column(("hours",), section.hours))
        fields["hours"] = (hours >= 0).ifelse(hours, None)
    found = _dated(table, fields, used, folder, ())
    is_early = found.rows.date < periods.end
    ahead = int((~is_early).sum().execute())
    later = finding(N_("Contact after the last day"), ahead, LEFT_OUT, "note")
    until = found.rows.filter(is_early)
    return Register(until, found.files, [*found.findings, later])


def _dated(
    table: Table, fields: dict[str, Any], used: ibis.Table, folder: Path, needed: tuple[str, ...]
) -> Register:
    """Read the records of a table beside the transactions; refuse one that can hardly be used."""
    study, section, name = table.study, getattr(table.study, table.name), table.title
    ids = as_id(table.column(("customer_id",), section.customer_id), study.same_customer)
    days = table.days(table.column(("date",), section.date), ("date",))
    typed = table.rows.select(customer_id=ids.nullif(""), date=days, **fields)
    sound = typed = stored(typed, folder / f"{table.name}.parquet")
    needed = ("customer_id", "date", *(role for role in needed if role in fields))
    findings = ragged(table)
    if "account" in fields:  # those of nobody are counted by themselves
        sound = typed.filter(typed.customer_id.notnull())
        orphans = typed.filter(typed.customer_id.isnull()).account.nunique().execute()
        findings.append(finding(N_("Account without a customer"), orphans, LEFT_OUT, "warning"))
    whole = sound.drop_null(needed, how="any")
    count, usable = int(sound.count().execute()), int(whole.count().execute())
    if usable < (1 - MOST_UNREADABLE) * count or not usable:
        gaps = sound.aggregate(**{role: sound[role].isnull().sum() for role in needed})
        worst = gaps.to_pandas().iloc[0].idxmax()
        raise StudyError(
            f"{table.where(worst)}: {count - usable:,} of {count:,} rows of the {name} "
            f"table cannot be used, most for their '{worst}'; check the column"
            f"{' and date_format' if worst == 'date' else ''}."
        )
    matched = int(whole.semi_join(used, "customer_id").count().execute())
    if not matched:
        raise StudyError(
            f"{table.where('customer_id')}: no customer of the {name} table stands in the "
            "transactions; are the ids written the same?"
        )
    idle = N_("Row of the {table} table of somebody without a transaction")
    findings += [
        finding(WITHOUT, count - usable, LEFT_OUT, "warning", table=name),
        finding(idle, usable - matched, LEFT_OUT, "note", table=name),
    ]
    return Register(whole, table.opened.files, findings)
