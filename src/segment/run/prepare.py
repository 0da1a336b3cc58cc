"""From a study's file to its features: read, check, roll up."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from segment import language, tiering
from segment.action import customer_file, watchlists
from segment.evidence import origins
from segment.features import balances, recent
from segment.features import customers as features
from segment.features.windows import Windows
from segment.reading.check import Checked, check_data
from segment.reading.sources import connect
from segment.run.study_run import Run
from segment.study import Study

# Features that pages show whether or not a method asks for them.
SHOWN = {"monetary_year"}


def prepare(study: Study) -> Run:
    """Read, check and roll up the data of a study.

    Raises
    ------
    StudyError
        If the study or its data cannot be used; the message says what to do.
    """
    methods = tiering.build(study)
    tiering.left_out(study)
    with (
        language.using(study.language),
        tempfile.TemporaryDirectory(prefix="segment-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        con = connect(study.memory_limit, folder)
        try:
            checked = check_data(study, con, folder)
            transactions = con.read_parquet(checked.transactions)
            spans = Windows.of(checked.periods, checked.facts["first"], checked.facts["last"])
            wide = _wide(study, transactions, spans, checked.balances, methods)
            used = transactions.filter(transactions.used)
            timeline = features.timeline(used).to_pandas()
            habits = features.habits(transactions, spans.named["calibration"])
            whole = (spans.start, spans.end)
            baskets = watchlists.bought_together(used, whole, folder)
        finally:
            con.disconnect()
    return Run(
        study=study,
        windows=spans,
        facts=checked.facts,
        accounts=checked.accounts,
        findings=checked.findings,
        timeline=timeline,
        fingerprint=checked.fingerprint,
        wide=wide.sort_values("customer_id", ignore_index=True),
        attributes=checked.customers,
        habits=habits,
        file=checked.written and customer_file.examine(checked.written, _day(study, checked)),
        baskets=baskets,
        contacts=checked.contacts,
    )


def _wide(
    study: Study,
    transactions: ibis.Table,
    windows: Windows,
    records: ibis.Table | None,
    methods: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the features of every window that the methods ask for."""
    asked = tiering.columns_asked(methods) | SHOWN
    earlier = origins.earlier_windows(study, windows)
    spans = windows.named | earlier | windows.inner
    learning = [name for name in spans if not name.endswith(features.JUDGING)]
    wide = features.compute(transactions, spans, asked)
    wide["customer_id"] = wide["customer_id"].astype(str)
    if any(recent.RECENT.fullmatch(name) for name in asked):
        needed = {c for method in methods.values() for c in getattr(method, "columns", ())}
        days = features.customer_days(transactions)
        lately = recent.compute(days, {name: spans[name] for name in learning}, asked, needed)
        wide = wide.merge(lately, on="customer_id", how="left")
    ago = features.months_ago(asked, balances.FEATURE).values()
    if records is not None and ago:
        ends = {name: spans[name][1] for name in learning}
        means = balances.means(records, ends, ago, study.balances.before_first)
        wide = wide.merge(means.to_pandas(), on="customer_id", how="left")
    return wide


def _day(study: Study, checked: Checked) -> dt.date:
    """Return the day on which the customers table was written, or the last one of the data."""
    return study.customers.known_on or checked.facts["last"]
