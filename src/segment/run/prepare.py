"""From a study's file to its features: read, check, roll up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from segment import forks, language, tiering
from segment.action import customer_file, watchlists
from segment.evidence import origins
from segment.features import balances, cohorts, recent, records
from segment.features import customers as features
from segment.features.given import months_ago
from segment.features.kept import Kept
from segment.features.parts import parts
from segment.features.windows import Windows
from segment.reading import working
from segment.reading.check import Checked, check_data
from segment.reading.sources import engine
from segment.reading.table import stored
from segment.reading.totals import check_totals
from segment.run.study_run import Run
from segment.run.totals import TotalsRun
from segment.study import Study
from segment.words import total

# Features that pages show whether or not a method asks for them.
SHOWN = {"monetary_year"}


def prepare(study: Study, apart: bool = False) -> Run:
    """Read, check and roll up the data of a study.

    ``apart`` does it in a fork, unless the study names another engine: DuckDB and what it fills
    keep the memory that they once had.

    Raises
    ------
    StudyError
        If the study or its data cannot be used; the message says what to do.
    """
    methods, wide = tiering.build(study), Kept()
    tiering.left_out(study)  # refuses what the data cannot carry, in English
    with language.using(study.language), working.temporary() as folder:
        if apart and not study.engine:
            run = forks.apart(lambda: _prepared(study, methods, folder, wide))
        else:
            run = _prepared(study, methods, folder, wide)
    if not study.untested:
        run.wide = wide  # a fork gives back another, and its folder goes with this one
    return run


def _prepared(study: Study, methods: Mapping[str, Any], folder: Path, wide: Kept) -> Run:
    con = engine(study, folder)
    try:
        if study.untested:
            return _of_totals(study, check_totals(study, con, folder))
        checked = check_data(study, con, folder)
        transactions = con.read_parquet(checked.transactions)
        known = _checked(study, checked)
        spans = known["windows"]
        wide.write(_features(study, transactions, spans, checked.records, methods, folder))
        used = transactions.filter(transactions.used)
        timeline = cohorts.timeline(used).to_pandas()
        timeline["amount"] = timeline["amount"].map(total)
        habits = features.habits(transactions, spans.named["calibration"])
        returned = cohorts.returns(used)
        whole = (spans.start, spans.end)
        baskets = watchlists.bought_together(used, whole, folder)
        contacts = _contacts(checked.records.get("contacts"), used)
    finally:
        con.disconnect()
    return Run(
        **known,
        timeline=timeline,
        wide=wide,
        habits=habits,
        baskets=baskets,
        contacts=contacts,
        cohorts=returned,
        groups=checked.written and _members(checked.written.groups),
    )


def _of_totals(study: Study, checked: Checked) -> TotalsRun:
    """Return the run of a table that holds the totals of customers, and no purchases."""
    return TotalsRun(
        **_checked(study, checked),
        timeline=pd.DataFrame(columns=["month", "amount", "customers", "purchases"]),
        wide=checked.totals.reset_index(),
        habits=pd.DataFrame(index=checked.totals.index),
    )


def _checked(study: Study, checked: Checked) -> dict[str, Any]:
    """Return the fields of a run that the check of its data knows."""
    return {
        "study": study,
        "windows": Windows.of(checked.periods, checked.facts["first"], checked.facts["last"]),
        "attributes": checked.customers,
        "file": _file(study, checked),
    } | {name: getattr(checked, name) for name in ("facts", "accounts", "findings", "fingerprint")}


def _contacts(records: ibis.Table | None, used: ibis.Table) -> pd.DataFrame | None:
    """Return the contacts of buyers in an order that no engine changes; None without a table."""
    if records is None:
        return None
    rows = records.semi_join(used, "customer_id").to_pandas()
    rows["date"] = pd.to_datetime(rows["date"])
    return rows.sort_values([*rows.columns], ignore_index=True)


def _features(
    study: Study,
    transactions: ibis.Table,
    windows: Windows,
    beside: Mapping[str, ibis.Table],
    methods: Mapping[str, Any],
    folder: Path,
) -> Iterator[list[pa.Table]]:
    """Yield the features of every window that the methods ask for, some customers at a time."""
    asked = tiering.columns_asked(methods) | SHOWN
    earlier = origins.earlier_windows(study, windows)
    spans = windows.named | earlier | windows.inner
    learning = [name for name in spans if not name.endswith(features.JUDGING)]
    days = features.customer_days(transactions)
    if days.get_backend().name == "duckdb":
        days = days.order_by("customer_id")  # so that those of some customers are read alone
    days = stored(days, folder / "days.parquet")
    decays = any(recent.RECENT.fullmatch(name) for name in asked)
    needed = {c for method in methods.values() for c in getattr(method, "columns", ())}
    ago = months_ago(asked, balances.FEATURE).values()
    ends = {name: spans[name][1] for name in learning}
    frames = []
    if "balances" in beside and ago:
        before = study.balances.before_first
        frames.append(balances.means(beside["balances"], ends, ago, before).to_pandas())
    if "present_tiers" in beside:
        frames.append(records.present_tiers(beside["present_tiers"], ends))
    if "invoices" in beside:
        frames.append(records.credit(beside["invoices"], ends, study.invoices.grades))
    frames = [pa.Table.from_pandas(frame, preserve_index=False) for frame in frames]
    decaying = ({name: spans[name] for name in learning}, asked, needed) if decays else None
    every = recent.every(days) if decays else 1
    for customers in parts(days):
        rows, some = customers(transactions), customers(days)
        yield [*features.tables(rows, spans, asked, some, decaying, every), *frames]


def _file(study: Study, checked: Checked) -> customer_file.File | None:
    """Return what is wrong with the customers table; its records are no groups."""
    if checked.written is None or checked.written.groups is not None:
        return None
    return customer_file.examine(checked.written, study.customers.known_on or checked.facts["last"])


def _members(groups: pd.Series | None) -> pd.DataFrame | None:
    return None if groups is None else groups.sort_index().to_frame()
