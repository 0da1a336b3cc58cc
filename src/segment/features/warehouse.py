"""The features of the newest window as one SQL query over the tables of a data warehouse.

They are the expressions that the features of every report are computed with, compiled for a
dialect, cancellations included: nothing is said a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import ibis
import pandas as pd

from segment.errors import StudyError, nearest
from segment.features import balances, customers, recent
from segment.features.records import GRADE, PRESENT_TIER
from segment.features.windows import NOW, SEPARATOR, Windows
from segment.reading.check import kept, netted
from segment.study import Study
from segment.study.schema import MADE_OF, Periods

DUCKDB = "duckdb"
VIEW = "customer_features"
NAMES = (
    *("athena", "bigquery", "clickhouse", "databricks", DUCKDB, "mssql", "mysql", "oracle"),
    *("postgres", "redshift", "risingwave", "snowflake", "spark", "sqlite", "trino"),
)
ALIKE = {"spark": "databricks", "redshift": "postgres"}
# On these every customer's tier was compared with Python's; of the others the text is parsed only.
RUN_ON = (DUCKDB, "postgres")
NEEDED_BY = {"products": "product", "categories": "category"}


def compiler(dialect: str) -> Any:
    """Return what writes a dialect.

    Raises
    ------
    StudyError
        If there is none of this name.
    """
    from ibis.backends.sql import compilers  # takes a while to load

    if dialect not in NAMES:
        raise StudyError(f"There is no SQL dialect '{dialect}' here{nearest(dialect, NAMES)}")
    return getattr(compilers, ALIKE.get(dialect, dialect)).compiler


def query(
    study: Study,
    windows: Windows,
    read: Collection[str],
    attributes: pd.DataFrame | None,
    dialect: str = DUCKDB,
) -> str:
    """Return a query that gives every customer of the newest window what schemes read.

    Parameters
    ----------
    study, windows
        As in a run; ``windows`` hold the cut and the newest window.
    read : collection of str
        Features and attributes.
    attributes : DataFrame or None
        The customers table, for the types of its columns.
    dialect : str
        One of ``NAMES``.

    Returns
    -------
    str
        It reads ``orders`` (``customer_id``, ``date``, ``amount``, and of ``order_id``,
        ``product``, ``quantity``, ``margin`` and ``category`` those that the study maps and it
        needs; the rows that the study uses, cancelled ones and their returns among them), and
        ``customers`` and ``balances`` where a scheme reads what stands there.
    """
    writer, read = compiler(dialect), sorted(read)
    if study.untested:
        kinds = {name: "float64" for name in read} | _kinds(attributes, read)
        table = ibis.table({"customer_id": "string"} | kinds, name="customers")
        found = table.select("customer_id", *read)
    else:
        found = _of_orders(study, windows, read, attributes)
    return writer.to_sqlglot(found).sql(dialect=writer.dialect, pretty=True)


def _of_orders(
    study: Study, windows: Windows, read: list[str], attributes: pd.DataFrame | None
) -> ibis.Table:
    window = windows.named[NOW]
    days, features = _features(study, windows, read)
    lately = [name for name in read if recent.RECENT.fullmatch(name)]
    if lately:
        sums = recent.sums(days, window, lately)
        features = features.left_join(sums, "customer_id").drop("customer_id_right")
    if ago := customers.months_ago(read, balances.FEATURE).values():
        kinds = {"customer_id": "string", "date": "date", "balance": "float64"}
        records = ibis.table(kinds, name="balances")
        means = balances.means(records, {NOW: window[1]}, ago, study.balances.before_first)
        features = features.left_join(means, "customer_id").drop("customer_id_right")
    features = features.rename(lambda name: name.removeprefix(NOW + SEPARATOR))
    # What dated records tell stands in the customers table, too.
    told = {name for made in MADE_OF.values() for name in made} & {*read}
    kinds = _kinds(attributes, read)
    kinds |= {n: "string" if n in (PRESENT_TIER, GRADE) else "float64" for n in sorted(told)}
    if kinds:
        table = ibis.table({"customer_id": "string"} | kinds, name="customers")
        features = features.left_join(table, "customer_id").drop("customer_id_right")
    return features.filter(features.order_days > 0).select(
        "customer_id",
        **{n: features[n].fill_null(0) if n in NEEDED_BY else features[n] for n in read},
    )


def _features(study: Study, windows: Windows, read: list[str]) -> tuple[ibis.Table, ibis.Table]:
    """Return the customer-days of the orders that some window has to know, and their features."""
    mapped = study.columns.mapped()
    kinds = {"customer_id": "string", "date": "date", "amount": "float64"}
    if any("margin" in name for name in read):
        kinds["margin"] = "float64"
    kinds |= {n: "string" for n in ("order_id",) if n in mapped}
    if {"product", "quantity"} <= {*mapped}:
        kinds |= {"product": "string", "quantity": "float64"}
    kinds |= {role: "string" for name, role in NEEDED_BY.items() if name in read}
    orders = ibis.table(kinds, name="orders")
    rows = orders.filter(orders.date < windows.end).mutate(fate=ibis.null("string"))
    periods = Periods(start=windows.start, cut=windows.cut, end=windows.end)
    known = kept(netted(rows, periods), periods)
    spans = {NOW: windows.named[NOW]}
    return customers.customer_days(known), customers.expression(known, spans, read)


def _kinds(attributes: pd.DataFrame | None, read: Collection[str]) -> Mapping[str, str]:
    """Return the types of the columns that are read of the customers table."""
    known = [] if attributes is None else [name for name in attributes if name in read]
    numbers = {n for n in known if pd.api.types.is_numeric_dtype(attributes[n])}
    return {name: "float64" if name in numbers else "string" for name in known}
