"""From a study to one clean file of transactions, with an account of every row.

Nothing is dropped silently: rows in = rows used + rows explained, or the check
itself fails.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from segment.errors import StudyError, sentence
from segment.language import N_
from segment.reading import cancellations, filters, readiness, registers
from segment.reading.beside import look
from segment.reading.files import fingerprint
from segment.reading.findings import Finding, as_frame, find_all, finding
from segment.reading.sources import connect, stays
from segment.reading.suspects import (
    file_number,
    refuse_currencies,
    refuse_damaged,
    suspects,
    without_totals,
)
from segment.reading.table import MOST_UNREADABLE, TRANSACTIONS, Table, stored
from segment.reading.transactions import (
    AFTER,
    BEFORE,
    DUPLICATE,
    PLACE,
    SUPERSEDED,
    UNREADABLE_LINE,
    USED,
    is_amount,
    typed,
    without_aids,
)
from segment.study.schema import Periods, Study
from segment.words import percent, total


@dataclass(frozen=True)
class Checked:
    """The outcome of a check."""

    transactions: Path  # Parquet of the rows of ``kept``, with the roles that the study maps
    accounts: pd.DataFrame  # ``fate``, ``rows``, ``amount``: every source row, once
    findings: pd.DataFrame  # as in ``findings.as_frame``
    periods: Periods  # start, cut and end, all set
    facts: dict  # rows, customers, first and last day, amount
    fingerprint: str  # SHA-256 over the source files
    customers: pd.DataFrame | None = None  # indexed by ``customer_id``
    # Dated records by table, such as the balances; they live as long as the connection.
    records: dict[str, ibis.Table] = field(default_factory=dict)
    written: registers.Written | None = None  # contacts included: nothing keeps it
    totals: pd.DataFrame | None = None  # by ``customer_id``, where there are no transactions


def check_data(study: Study, con: ibis.BaseBackend, folder: Path) -> Checked:
    """Read, type, net and check the transactions of a study; working files go to a folder."""
    try:
        return _checked(study, con, folder)
    except duckdb.Error as error:
        raise StudyError(sentence(error)) from None


def _checked(study: Study, con: ibis.BaseBackend, folder: Path) -> Checked:
    table = Table.open(study, TRANSACTIONS, con, folder)
    filters.refuse_gaps(table)
    aside = look(table)
    every = stored(typed(table, aside), folder / "typed.parquet")
    refuse_damaged(table, every)
    refuse_currencies(table, every)
    every = without_totals(every)
    accounts = _accounts(every, table.opened.rejected)
    rows_read = int(accounts["rows"].sum())
    readiness.refuse_unreadable(table, accounts, every)
    usable = without_aids(_once(table, every.filter(every.fate.isnull())))
    span = _span(usable)
    readiness.refuse_unusable(table, accounts, span)
    usable, lacking = _with_margins(table, usable)
    periods = settle_periods(study, span["first"], span["last"])
    settled = stored(_settle(usable, study, periods), folder / "settled.parquet")
    file = folder / "transactions.parquet"
    here = con if con.name == "duckdb" else connect(study.memory_limit, folder)
    opened = registers.open_customers(study, here, folder)
    groups = opened and opened[1].groups
    if groups is not None and con is not here:
        raise StudyError(
            f"{study.where('customers', 'group')}: groups are made on this machine only; leave out "
            "'engine', or 'group'."
        )
    own = kept(settled, periods)
    rows = stored(registers.as_groups(own, groups), file)
    used = rows.filter(rows.used).drop("known", "gone", "used")
    buyers = used if groups is None else own.filter(own.used)
    accounts = _merge_accounts(accounts, _accounts(settled, 0))
    if accounts["rows"].sum() != rows_read:
        raise RuntimeError(f"{accounts['rows'].sum()} rows explained, {rows_read} rows read")
    facts = _facts(rows, periods) | {"rows_read": rows_read}
    readiness.refuse_too_little(study, periods, facts)
    if stays(con):
        # Only the orders stay there: the tables beside are read here, from wherever they are.
        ids = buyers.select("customer_id").distinct().to_pyarrow()
        con, buyers = here, here.create_table("buyers", ids, temp=True)
    customers = opened and registers.customers(periods, buyers, *opened)
    records = registers.records(study, periods, buyers, con, folder)
    beside = [register for register in (customers, *records.values()) if register]
    findings = [find_all(table, every, settled, used, accounts), as_frame(lacking)]
    asked = [
        finding(s.text, s.rows, s.done, "warning", **s.figures)
        for s in suspects(table, every, aside, folder)
    ]
    findings.append(as_frame([*filters.findings(table), *asked]))
    findings += [as_frame(register.findings) for register in beside]
    return Checked(
        transactions=file,
        accounts=accounts,
        findings=pd.concat(findings, ignore_index=True),
        periods=periods,
        facts=facts,
        fingerprint=_fingerprint(table, accounts, facts, beside),
        customers=customers and customers.rows,
        records={n: registers.as_groups(each.rows, groups) for n, each in records.items()},
        written=customers and customers.written,
    )


def _fingerprint(
    table: Table, accounts: pd.DataFrame, facts: dict, beside: list[registers.Register]
) -> str:
    """Return a hash of the files, or of what was counted and summed of rows that stay elsewhere."""
    if not table.study.engine:
        return fingerprint((*table.opened.files, *(f for r in beside for f in r.files)))
    told = f"{accounts.to_csv(float_format='%.9g')} {facts | {'amount': 0}}"
    return hashlib.sha256(told.encode()).hexdigest()


def _with_margins(table: Table, usable: ibis.Table) -> tuple[ibis.Table, list[Finding]]:
    """Fill the margins that few rows lack by the others' share of the amount; say so.

    Raises
    ------
    StudyError
        If more than a fifth of the rows have none: what stands for them would decide the outcome.
    """
    if "margin" not in usable.columns:
        return usable, []
    known = usable.margin.notnull() & is_amount(usable.margin)
    rows, lacking, margin, amount = (
        usable.aggregate(
            rows=usable.count(),
            lacking=(~known).sum(),
            margin=usable.margin.sum(where=known),
            amount=usable.amount.sum(where=known),
        )
        .to_pandas()
        .iloc[0]
    )
    if lacking > MOST_UNREADABLE * rows:
        raise StudyError(
            f"{table.where('columns', 'margin')}: {lacking:,.0f} of {rows:,.0f} rows have no "
            "readable margin; map a column that is filled, or leave 'margin' out and give "
            "'costs: {margin_rate: 0.3}', your own rate."
        )
    if not lacking:
        return usable, []
    rate = margin / amount if amount else 0.0
    filled = known.ifelse(usable.margin, usable.amount * rate)
    done = N_("counted at {rate} of the amount, as in all other rows")
    found = finding(N_("No margin"), int(lacking), done, "warning", rate=percent(rate, 1))
    return usable.mutate(margin=filled), [found]


def settle_periods(study: Study, first: dt.date, last: dt.date) -> Periods:
    """Fill the periods that the study leaves open, and refuse those outside the data.

    ``first`` and ``last`` are the usable days of the data. Without a cut, the last third of
    the history becomes the holdout, from the first of a month where the history is six
    months or longer.
    """
    asked, day = study.periods, dt.timedelta(days=1)
    start, end = asked.start or first, asked.end or last + day
    from_, to = max(start, first), min(end, last + day)
    bounds = {"start": (start, dt.date.min, last), "end": (end, first + day, dt.date.max)}
    if asked.cut is not None:
        bounds["cut"] = (asked.cut, from_ + day, to - day)
    for name, (given, low, high) in bounds.items():
        if not low <= given <= high:
            raise StudyError(
                f"{study.where('periods', name)}: {name} {given} lies outside the data, which "
                f"reach from {first} to {last}; choose a day between them."
            )
    cut = asked.cut
    if cut is None:
        cut = from_ + (to - from_) * 2 / 3
        if (to - from_).days >= 183:
            cut = cut.replace(day=1)
        cut = max(cut, start + day)
    return Periods(start=start, cut=cut, end=max(end, cut + day))


def _once(table: Table, usable: ibis.Table) -> ibis.Table:
    """Set aside the older rows of orders that stand in the source again, where asked to."""
    if table.study.same_order == "lines" or "order_id" not in usable.columns:
        return usable
    age = usable[PLACE]
    if table.study.same_order == "newest":
        usable = usable.mutate(file=file_number(usable[PLACE], table.opened.sizes))
        last = usable.date.max().over(group_by="file").epoch_seconds()
        age = last * len(table.opened.sizes) + usable.file
    usable = usable.mutate(age=age)
    is_old = usable.age < usable.age.max().over(group_by="order_id")
    fate = (usable.order_id.notnull() & is_old).ifelse(SUPERSEDED, usable.fate)
    return usable.mutate(fate=fate).drop("age", *({"file"} & set(usable.columns)))


def _settle(usable: ibis.Table, study: Study, periods: Periods) -> ibis.Table:
    """Set aside copies and what came after the end, then net cancellations.

    In this order: a cancellation exported twice must not cancel two orders, and what came
    after the end was not known at it.
    """
    is_copy = ibis.literal(False)
    if study.duplicates == "drop":
        copies = ibis.window(group_by=[c for c in usable.columns if c != "fate"])
        is_copy = ibis.row_number().over(copies) > 0
    rows = usable.mutate(
        fate=ibis.cases(
            (usable.fate.notnull(), usable.fate),
            (is_copy, DUPLICATE),
            (usable.date >= periods.end, AFTER),
            else_=ibis.null("string"),
        )
    )
    settled = netted(rows.filter(rows.fate.isnull()), periods)
    aside = rows.filter(rows.fate.notnull())
    aside = aside.mutate(
        known=aside.date,
        gone=ibis.null("date"),
        since=aside.date,
        settled=ibis.literal(False),
        late=ibis.literal(False),
    )
    if "margin" in aside.columns:
        aside = aside.mutate(odd=ibis.literal(0.0))
    return ibis.union(settled, aside.select(settled.columns))


def netted(rows: ibis.Table, periods: Periods) -> ibis.Table:
    """Net cancellations, and set aside what came before the start of the periods."""
    rows = cancellations.net(rows, periods.cut)
    is_early = rows.fate.isnull() & (rows.since < periods.start)
    return rows.mutate(fate=is_early.ifelse(BEFORE, rows.fate))


def kept(settled: ibis.Table, periods: Periods) -> ibis.Table:
    """Return the rows that some window has to know, with the roles that the study maps.

    ``used``, and what was taken out since then: a window that ends between a purchase and
    its cancellation knows the purchase. ``known`` and ``gone`` are those of ``cancellations.net``.
    """
    used = settled.fate.isnull()
    undone = settled.gone.notnull() & (settled.since >= periods.start)
    rows = settled.mutate(used=used).filter(used | undone)
    inner = {"fate", "since", "settled", "late", "odd"}
    return rows.drop(*(inner & set(rows.columns)))


def _accounts(rows: ibis.Table, rejected: int) -> pd.DataFrame:
    counted = rows.group_by("fate").agg(rows=rows.count(), amount=rows.amount.sum())
    frame = counted.to_pandas()
    frame["fate"] = frame["fate"].astype(object).where(frame["fate"].notna(), USED)
    if rejected:
        lines = {"fate": [UNREADABLE_LINE], "rows": [rejected]}
        frame = pd.concat([frame, pd.DataFrame(lines)], ignore_index=True)
    return frame.assign(amount=frame["amount"].fillna(0.0).round(6).map(total) + 0.0)  # no -0.00


def _merge_accounts(typed: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    accounts = pd.concat([settled, typed[typed["fate"] != USED]], ignore_index=True)
    accounts["first"] = accounts["fate"].eq(USED)
    accounts = accounts.sort_values(["first", "rows", "fate"], ascending=[False, False, True])
    return accounts.drop(columns="first").reset_index(drop=True)


def _span(usable: ibis.Table) -> dict:
    span = usable.aggregate(
        first=usable.date.min(),
        last=usable.date.max(),
        positive=(usable.amount > 0).sum(),
        negative=(usable.amount < 0).sum(),
    )
    row = span.to_pandas().iloc[0]
    if pd.isna(row["first"]):
        return {"first": None, "last": None}
    days = {name: pd.Timestamp(row[name]).date() for name in ("first", "last")}
    return days | {name: int(row[name]) for name in ("positive", "negative")}


def _facts(kept: ibis.Table, periods: Periods) -> dict:
    bought = kept.used & (kept.amount >= 0)
    # By customer first: different values of a whole table are counted in memory.
    by = kept.group_by("customer_id").agg(
        rows=kept.used.sum(),
        bought=bought.any(),
        early=(bought & (kept.date < periods.cut)).any(),
        first=kept.date.min(where=kept.used),
        last=kept.known.max(),
        amount=kept.amount.sum(where=kept.used),
    )
    row = by.aggregate(
        rows=by.rows.sum(),
        customers=by.bought.sum(),
        customers_calibration=by.early.sum(),
        first=by.first.min(),
        last=by.last.max(),
        amount=by.amount.sum(),
    ).to_pandas()
    facts = row.iloc[0].to_dict() | {"amount": total(row["amount"].iloc[0])}
    facts["days"] = int(kept.date.nunique(where=kept.used).execute())
    for day in ("first", "last"):
        facts[day] = pd.Timestamp(facts[day]).date()
    return {
        name: int(fact) if isinstance(fact, float) and name != "amount" else fact
        for name, fact in facts.items()
    }
