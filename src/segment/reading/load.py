"""From a source as it stands to one typed table of transactions.

Every row gets its typed columns and its *fate*: null if the row is used, else
the reason why it is not. No row disappears, so rows in = rows used + rows
explained.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import ibis

from segment.errors import StudyError, nearest
from segment.language import N_
from segment.reading import expression
from segment.reading.cells import as_text, is_blank, number_reader
from segment.reading.dates import as_days, check_format, detect_date_format, plausible
from segment.reading.sources import Opened
from segment.study.schema import Study

USED = N_("used")
FILTERED = N_("left out by the row filter")
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


def connect(memory_limit: str, folder: Path) -> ibis.BaseBackend:
    """Open an embedded DuckDB that spills to ``folder`` beyond ``memory_limit``.

    Its clock is UTC, so that a run gives the same days on every machine.
    """
    con = ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=str(folder / "spill"))
    con.raw_sql("SET TimeZone = 'UTC'")
    return con


def typed(opened: Opened, study: Study) -> ibis.Table:
    """Give every source row its typed columns and its fate.

    Parameters
    ----------
    opened : Opened
        The source as it stands.
    study : Study
        Column mapping, date format and row filter.

    Returns
    -------
    ibis.Table
        One row per source row: ``customer_id`` (string), ``date`` (date),
        ``amount`` (float, study currency), the optional roles that the study
        maps, ``fate`` (string; null where the row is usable) and ``found`` (the
        text that could not be read as a date or an amount; null elsewhere).

    Raises
    ------
    StudyError
        If a mapped column does not exist or the dates fit no one format.
    """
    raw, read_number = opened.table, number_reader(study.source.decimal)
    source = {
        role: _pick(raw, role, column, study, read_number)
        for role, column in study.columns.mapped().items()
    }
    blank = {role: is_blank(source[role]) for role in ("customer_id", "date", "amount")}
    columns: dict[str, Any] = {
        "customer_id": as_text(source["customer_id"]).nullif(""),
        "date": as_date(
            raw,
            source["date"],
            study.date_format,
            study.where("columns", "date"),
            study.where("date_format"),
        ),
        "amount": read_number(source["amount"]),
    }
    columns |= {r: as_text(source[r]).nullif("") for r in TEXT_ROLES if r in source}
    columns |= {r: read_number(source[r]) for r in NUMBER_ROLES if r in source}
    keep = ibis.literal(True)
    if study.keep:
        keep = expression.condition(study.keep, raw, read_number, study.where("keep"))
    amount = columns["amount"]
    fate = ibis.cases(
        (~keep.fill_null(False), FILTERED),
        (blank["customer_id"], NO_CUSTOMER),
        (blank["date"], NO_DATE),
        (columns["date"].isnull(), UNREADABLE_DATE),
        (columns["date"] > ibis.literal(dt.date.today()), FUTURE),
        (blank["amount"], NO_AMOUNT),
        (amount.isnull() | amount.isnan() | amount.isinf(), UNREADABLE_AMOUNT),
        else_=ibis.null("string"),
    )
    found = ibis.cases(
        (fate == UNREADABLE_DATE, as_text(source["date"])),
        (fate == UNREADABLE_AMOUNT, as_text(source["amount"])),
        else_=ibis.null("string"),
    )
    return raw.select(**columns, fate=fate, found=found)


def _pick(raw: ibis.Table, role: str, column: str | int, study: Study, number: Callable) -> Any:
    where = study.where("columns", role)
    if isinstance(column, int):
        if column > len(raw.columns):
            raise StudyError(
                f"{where}: '{role}' is column {column}, but the data have only "
                f"{len(raw.columns)}: {', '.join(raw.columns)}."
            )
        return raw[raw.columns[column - 1]]
    if column in raw.columns:
        return raw[column]
    computed = role in ("amount", *NUMBER_ROLES) and re.search(r"[-+*/(]", column)
    misspelled = get_close_matches(column, raw.columns, n=1, cutoff=0.8)
    try:
        if computed:
            return expression.compute(column, raw, number, where)
    except StudyError:
        # "Amout (USD)" is a heading with a typo rather than a wrong expression.
        if not misspelled:
            raise
    raise StudyError(
        f"{where}: the data have no column '{column}' for '{role}'{nearest(column, raw.columns)}"
    )


def as_date(
    raw: ibis.Table, column: Any, chosen: str | None, where: str, where_chosen: str = ""
) -> Any:
    """Return a column as dates; null where a cell is empty or no date.

    Parameters
    ----------
    raw : ibis.Table
        The source.
    column : ibis column
        Dates, timestamps or texts.
    chosen : str, optional
        Format of the texts; else the one that reads them.
    where, where_chosen : str
        Places of the column and of the format in the study, for errors.

    Raises
    ------
    StudyError
        If the format is none, or no one format reads the texts.
    """
    if column.type().is_date() or column.type().is_timestamp():
        return plausible(column.cast("date"))
    text = as_text(column)
    if chosen:
        check_format(chosen, raw.get_backend(), where_chosen or where)
    else:
        named = is_blank(column).ifelse(ibis.null("string"), text)
        chosen = detect_date_format(raw, named, where)
    return as_days(text, chosen)
