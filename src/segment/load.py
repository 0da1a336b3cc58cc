"""From a source as it stands to one typed table of transactions.

Every row gets its typed columns and its *fate*: null if the row is used, else
the reason why it is not. No row disappears, so rows in = rows used + rows
explained.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis

from segment import expression
from segment.dates import detect_date_format, try_strptime
from segment.errors import StudyError, nearest
from segment.sources import Opened
from segment.study import Study

FILTERED = "left out by the row filter"
NO_CUSTOMER = "no customer id"
NO_DATE = "no date"
UNREADABLE_DATE = "unreadable date"
FUTURE = "dated in the future"
NO_AMOUNT = "no amount"
UNREADABLE_AMOUNT = "unreadable amount"
TEXT_ROLES = ("order_id", "product", "category", "channel", "region")
NUMBER_ROLES = ("margin", "quantity")


def connect(memory_limit: str, folder: Path) -> ibis.BaseBackend:
    """Open an embedded DuckDB that spills to ``folder`` beyond ``memory_limit``."""
    return ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=str(folder / "spill"))


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
        maps, and ``fate`` (string; null where the row is usable).

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
    blank = {role: _is_blank(column) for role, column in source.items()}
    columns: dict[str, Any] = {
        "customer_id": _text(source["customer_id"]).nullif(""),
        "date": _as_date(raw, source["date"], study),
        "amount": read_number(source["amount"]),
    }
    columns |= {r: _text(source[r]).nullif("") for r in TEXT_ROLES if r in source}
    columns |= {r: read_number(source[r]) for r in NUMBER_ROLES if r in source}
    keep = ibis.literal(True)
    if study.keep:
        keep = expression.condition(study.keep, raw, read_number, study.where("keep"))
    fate = ibis.cases(
        (~keep.fill_null(False), FILTERED),
        (blank["customer_id"], NO_CUSTOMER),
        (blank["date"], NO_DATE),
        (columns["date"].isnull(), UNREADABLE_DATE),
        (columns["date"] > ibis.literal(dt.date.today()), FUTURE),
        (blank["amount"], NO_AMOUNT),
        (columns["amount"].isnull() | columns["amount"].isnan() | columns["amount"].isinf(),
         UNREADABLE_AMOUNT),
        else_=ibis.null("string"),
    )  # fmt: skip
    return raw.select(**columns, fate=fate)


def _pick(raw: ibis.Table, role: str, column: str | int, study: Study, number: Callable) -> Any:
    where = study.where("columns", role)
    if isinstance(column, int):
        if column > len(raw.columns):
            raise StudyError(
                f"{where}: '{role}' is column {column}, the data has {len(raw.columns)} columns."
            )
        return raw[raw.columns[column - 1]]
    if column in raw.columns:
        return raw[column]
    if role in TEXT_ROLES or role in ("customer_id", "date") or not re.search(r"[-+*/(]", column):
        raise StudyError(
            f"{where}: the data has no column '{column}' for '{role}'{nearest(column, raw.columns)}"
        )
    return expression.compute(column, raw, number, where)


def number_reader(decimal: str) -> Callable[[Any], Any]:
    def read(column: Any) -> Any:
        """Read a number: currency signs, blanks and thousands separators are dropped."""
        if column.type().is_numeric():
            return column.cast("float64")
        text = column.cast("string").re_replace(r"[\s\x{A0}¥￥$€£元'’]|CNY|RMB|USD|EUR|GBP", "")
        text = text.re_replace(r"^\((.*)\)$", r"-\1").replace("−", "-")
        if decimal == ",":
            return text.replace(".", "").replace(",", ".").try_cast("float64")
        grouped = text.re_search(r"^[-+]?\d{1,3}([,，]\d{3})+(\.\d*)?$")
        return ibis.ifelse(grouped, text.re_replace("[,，]", ""), text).try_cast("float64")

    return read


def _text(column: Any) -> Any:
    return column.cast("string").strip()


def _is_blank(column: Any) -> Any:
    return column.isnull() | _text(column).lower().isin(["", "nan", "null", "none", "nat"])


def _as_date(raw: ibis.Table, column: Any, study: Study) -> Any:
    if column.type().is_date():
        return column
    if column.type().is_timestamp():
        return column.date()
    if not column.type().is_string():
        column = column.cast("string")
    chosen = study.date_format or detect_date_format(raw, column, study.where("columns", "date"))
    return try_strptime(column.strip(), chosen).date()


def write(table: ibis.Table, file: Path) -> None:
    """Write a table to Parquet, streaming: memory stays under DuckDB's limit."""
    table.to_parquet(file)
