"""From orders to tiers as SQL: the features of customers, every scheme on them, and a dbt model."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent, wrap
from typing import Any

from segment.errors import StudyError
from segment.features import warehouse
from segment.features.warehouse import DUCKDB, VIEW
from segment.language import N_, _
from segment.run import Run
from segment.tiering import query
from segment.tiering.rule import column

ORDERS = N_(
    "Tiers as SQL for {dialect}: a view of the features of customers up to {last}, and a query per "
    "scheme. The table orders holds the rows that the study uses, cancelled orders and their "
    "returns among them, under these names: customer_id, date, amount, and order_id, product, "
    "quantity, margin and category as far as the view reads them; the tables customers and "
    "balances what it reads there, also what dated tables tell, such as present_tier and "
    "credit_grade on that day. For newer orders write it again from a newer study."
)
TOTALS = N_(
    "Tiers as SQL for {dialect}: a query per scheme on the table customers, a row each, under the "
    "names of the study."
)
GROUPED = N_("In every table customer_id is the group of a customer who is in one, as '{group}'.")
PARSED = N_("Not run on this dialect: its text was checked, its tiers were not compared.")
ROW = "SELECT * FROM {{{{ ref('{table}') }}}}"


def write(run: Run, rules_file: Path, model_file: Path, dialect: str) -> None:
    """Write the rules and the dbt model; the features, which take seconds, are compiled once."""
    features = features_query(run, dialect)
    rules_file.write_text(rules(run, dialect, features), encoding="utf-8")
    model_file.write_text(model(run, dialect, features), encoding="utf-8")


def rules(run: Run, dialect: str = DUCKDB, features: str = "") -> str:
    """Return the features as a view and every scheme as a query on it, or why there is none."""
    writer = warehouse.compiler(dialect)
    view = query.name(VIEW, writer.dialect)
    features = f"CREATE VIEW {view} AS\n{features or features_query(run, dialect)};\n"
    queries = [written(label, method, writer.dialect) for label, method in run.methods.items()]
    return "\n".join([*map(_comment, _heading(run, dialect)), "", features, *queries])


def written(label: str, method: Any, dialect: Any = DUCKDB) -> str:
    """Return one scheme as a query on the view, or a comment that says why there is none."""
    try:
        text = f"{query.query(method, VIEW, dialect)};"
    except StudyError as error:
        none = _("{label} has no SQL form: {reason}", label=label, reason=_(str(error)))
        return f"{_comment(none)}\n"
    return f"{_comment(label)}\n{text}\n"


def model(run: Run, dialect: str = DUCKDB, features: str = "") -> str:
    """Return a dbt model: a row per customer, a column per scheme that can be written as SQL."""
    writes = warehouse.compiler(dialect).dialect
    called = {n: query.name(n, writes) for n in ("orders", "customers", "balances", "features")}
    features = features or features_query(run, dialect)
    tables = [
        n for n, name in called.items() if f"FROM {name}" in features or f"JOIN {name}" in features
    ]
    columns = [f"{case} AS {column(label)}" for label, case in _cases(run).items()]
    select = f'SELECT "customer_id", {", ".join(columns)} FROM "features"'
    parts = [f"{called[name]} AS ({ROW.format(table=name)})" for name in tables]
    return "\n".join(
        [
            *map("{{# {} #}}".format, _heading(run, dialect)),
            f"WITH {', '.join(parts)}, {called['features']} AS (",
            "{% raw %}",
            indent(features, "  "),
            ")",
            query.in_dialect(select, writes),
            "{% endraw %}",
            "",
        ]
    )


def _cases(run: Run) -> dict[str, str]:
    """Return the CASE expressions of the schemes that have one, by label."""
    cases = {}
    for label, method in run.methods.items():
        try:
            cases[label] = query.case(method)
        except StudyError:
            continue
    return cases


def features_query(run: Run, dialect: str = DUCKDB) -> str:
    """Return the query of what the schemes read that can be written as SQL."""
    methods = [run.methods[label] for label in _cases(run)]
    read = {name for method in methods for name in getattr(method, "read_", ())}
    return warehouse.query(run.study, run.windows, read, run.attributes, dialect)


def _heading(run: Run, dialect: str) -> list[str]:
    text = TOTALS if run.study.untested else ORDERS
    told = [_(text, dialect=dialect, last=run.windows.newest_day)]
    if run.groups is not None:
        told.append(_(GROUPED, group=run.groups["group"].iloc[0]))
    told += [] if dialect in warehouse.RUN_ON else [_(PARSED)]
    return [line for each in told for line in wrap(each, 95)]


def _comment(text: str) -> str:
    """Return a text as a comment whose line it cannot leave."""
    return f"-- {' '.join(str(text).split())}"
