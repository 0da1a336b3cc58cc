"""From a study to one clean file of transactions, with an account of every row.

Nothing is dropped silently: rows in = rows used + rows explained, or the check
itself fails.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.reading import cancellations, load, readiness, registers, sources
from segment.reading.findings import findings
from segment.study.schema import Periods, Study


@dataclass(frozen=True)
class Checked:
    """The outcome of a check.

    Attributes
    ----------
    transactions : Path
        Parquet file of the used rows: ``customer_id``, ``date``, ``amount`` and
        the optional roles that the study maps.
    accounts : DataFrame
        Columns ``fate``, ``rows``, ``amount``: every source row, once.
    findings : DataFrame
        Columns ``finding``, ``rows``, ``customers``, ``done``, ``weight``
        ("warning", "note" or "fine").
    periods : Periods
        Start, cut and end, all set.
    facts : dict
        Rows, customers, first and last day, amount.
    fingerprint : str
        SHA-256 over the source files.
    customers : DataFrame or None
        The customers table, indexed by ``customer_id``.
    balances : ibis.Table or None
        The balances table; lives as long as the connection.
    written : Written or None
        The customers table as it was written, contacts included: nothing keeps it.
    """

    transactions: Path
    accounts: pd.DataFrame
    findings: pd.DataFrame
    periods: Periods
    facts: dict
    fingerprint: str
    customers: pd.DataFrame | None = None
    balances: ibis.Table | None = None
    written: registers.Written | None = None


def check(study: Study, con: ibis.BaseBackend, folder: Path) -> Checked:
    """Read, type, net and check the transactions of a study.

    Parameters
    ----------
    study : Study
    con : ibis backend
        DuckDB connection.
    folder : Path
        Where the working files go.

    Returns
    -------
    Checked

    Raises
    ------
    StudyError
        If the source cannot be read or cannot carry a study.
    """
    opened = sources.open_source(study.source, study.file.parent, con, folder)
    readiness.refuse_unsplit(opened)
    typed = _kept(load.typed(opened, study), folder / "typed.parquet", con)
    accounts = _accounts(typed, opened.rejected)
    total = int(accounts["rows"].sum())
    readiness.refuse_unreadable(study, opened, accounts, typed)
    usable = typed.filter(typed.fate.isnull()).drop("found")
    span = _span(usable)
    readiness.refuse_unusable(study, opened, accounts, span)
    periods = settle_periods(study, span["first"], span["last"])
    settled = _kept(_settle(usable, study, periods), folder / "settled.parquet", con)
    used = folder / "transactions.parquet"
    transactions = _kept(settled.filter(settled.fate.isnull()).drop("fate", "settled"), used, con)
    accounts = _merge_accounts(accounts, _accounts(settled, 0))
    if accounts["rows"].sum() != total:
        raise RuntimeError(f"{accounts['rows'].sum()} rows explained, {total} rows read")
    facts = _facts(transactions, periods) | {"rows_read": total}
    readiness.refuse_too_little(study, periods, facts)
    found = findings(study, opened, typed, settled, transactions, accounts)
    beside = [
        registers.customers(study, periods, transactions, con, folder),
        registers.balances(study, transactions, con, folder),
    ]
    there = [register for register in beside if register]
    customers, balances = (register and register.rows for register in beside)
    return Checked(
        used,
        accounts,
        pd.concat([found, *(r.findings for r in there)], ignore_index=True),
        periods,
        facts,
        fingerprint((*opened.files, *(f for r in there for f in r.files))),
        customers,
        balances,
        beside[0] and beside[0].written,
    )


def settle_periods(study: Study, first: dt.date, last: dt.date) -> Periods:
    """Fill the periods that the study leaves open, and refuse those outside the data.

    Without a cut, the last third of the history becomes the holdout, from the
    first of a month where the history is six months or longer.

    Parameters
    ----------
    study : Study
    first, last : date
        The first and the last usable day of the data.

    Returns
    -------
    Periods
        Start, cut and end, all set.

    Raises
    ------
    StudyError
        If a given day lies outside the data.
    """
    asked, day = study.periods, dt.timedelta(days=1)
    start, end = asked.start or first, asked.end or last + day
    _refuse_outside(study, "start", start, None, last, (first, last))
    _refuse_outside(study, "end", end, first + day, None, (first, last))
    from_, to = max(start, first), min(end, last + day)
    cut = asked.cut
    if cut is None:
        cut = from_ + (to - from_) * 2 / 3
        if (to - from_).days >= 183:
            cut = cut.replace(day=1)
        cut = max(cut, start + day)
    else:
        _refuse_outside(study, "cut", cut, from_ + day, to - day, (first, last))
    return Periods(start=start, cut=cut, end=max(end, cut + day))


def _refuse_outside(
    study: Study,
    name: str,
    day: dt.date,
    low: dt.date | None,
    high: dt.date | None,
    data: tuple[dt.date, dt.date],
) -> None:
    if (low and day < low) or (high and day > high):
        raise StudyError(
            f"{study.where('periods', name)}: {name} {day} lies outside the data, which "
            f"reach from {data[0]} to {data[1]}; choose a day between them."
        )


def fingerprint(files: tuple[Path, ...]) -> str:
    """Return the SHA-256 of the source files, in order of their names."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _kept(table: ibis.Table, file: Path, con: ibis.BaseBackend) -> ibis.Table:
    """Write a step to Parquet, streaming, and go on from there: it is computed once."""
    table.to_parquet(file)
    return con.read_parquet(file)


def _settle(usable: ibis.Table, study: Study, periods: Periods) -> ibis.Table:
    """Set copies aside, net cancellations, then cut to the study's periods.

    In this order: a cancellation exported twice must not cancel two orders, and
    a return after the end belongs to its order before it.
    """
    rows = usable.mutate(fate=usable.fate.cast("string"))
    if study.duplicates == "keep":
        rows = cancellations.net(rows)
    else:
        copies = ibis.window(group_by=[c for c in usable.columns if c != "fate"])
        rows = rows.mutate(copy=ibis.row_number().over(copies) > 0)
        aside = rows.filter(rows.copy).mutate(
            fate=ibis.literal(load.DUPLICATE), settled=ibis.literal(False)
        )
        netted = cancellations.net(rows.filter(~rows.copy))
        rows = ibis.union(netted, aside.select(netted.columns)).drop("copy")
    return rows.mutate(
        fate=ibis.coalesce(
            rows.fate,
            ibis.cases(
                (rows.date < periods.start, load.BEFORE),
                (rows.date >= periods.end, load.AFTER),
                else_=ibis.null("string"),
            ),
        )
    )


def _accounts(rows: ibis.Table, rejected: int) -> pd.DataFrame:
    counted = rows.group_by("fate").agg(rows=rows.count(), amount=rows.amount.sum())
    frame = counted.to_pandas()
    frame["fate"] = frame["fate"].astype(object).where(frame["fate"].notna(), load.USED)
    if rejected:
        lines = {"fate": [load.UNREADABLE_LINE], "rows": [rejected]}
        frame = pd.concat([frame, pd.DataFrame(lines)], ignore_index=True)
    return frame.fillna({"amount": 0.0})


def _merge_accounts(typed: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    accounts = pd.concat([settled, typed[typed["fate"] != load.USED]], ignore_index=True)
    accounts["first"] = accounts["fate"].eq(load.USED)
    accounts = accounts.sort_values(["first", "rows", "fate"], ascending=[False, False, True])
    return accounts.drop(columns="first").reset_index(drop=True)


def _span(usable: ibis.Table) -> dict:
    span = usable.aggregate(
        first=usable.date.min(), last=usable.date.max(), positive=(usable.amount > 0).sum()
    )
    row = span.to_pandas().iloc[0]
    if pd.isna(row["first"]):
        return {"first": None, "last": None, "positive": 0}
    first, last = pd.Timestamp(row["first"]).date(), pd.Timestamp(row["last"]).date()
    return {"first": first, "last": last, "positive": int(row["positive"])}


def _facts(transactions: ibis.Table, periods: Periods) -> dict:
    bought = transactions.amount >= 0
    calibration = bought & (transactions.date < periods.cut)
    row = transactions.aggregate(
        rows=transactions.count(),
        customers=transactions.customer_id.nunique(where=bought),
        customers_calibration=transactions.customer_id.nunique(where=calibration),
        days=transactions.date.nunique(),
        days_calibration=transactions.date.nunique(where=calibration),
        first=transactions.date.min(),
        last=transactions.date.max(),
        amount=transactions.amount.sum(),
        negative=(transactions.amount < 0).sum(),
        zero=(transactions.amount == 0).sum(),
    ).to_pandas()
    facts = row.iloc[0].to_dict()
    for day in ("first", "last"):
        facts[day] = pd.Timestamp(facts[day]).date()
    return {k: int(v) if isinstance(v, float) and k != "amount" else v for k, v in facts.items()}
