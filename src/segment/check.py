"""What is wrong with the data, what was done about it, and whether they carry a study.

``check`` reads a study's source into one clean Parquet file of transactions and
a table of findings. Nothing is dropped silently: rows in = rows used + rows
explained, or the check itself fails.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import ibis
import pandas as pd

from segment import cancellations, load, sources
from segment.errors import StudyError
from segment.study import Periods, Study

BEFORE = "before the study's start"
AFTER = "on or after the study's end"
DUPLICATE = "exact copy of another row"
UNREADABLE_LINE = "line with the wrong number of fields"
UNREADABLE = (load.UNREADABLE_AMOUNT, load.UNREADABLE_DATE, UNREADABLE_LINE)
MOST_UNREADABLE = 0.20
DOMINATING_SHARE = 0.10
LONG_GAP_DAYS = 14


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
    """

    transactions: Path
    accounts: pd.DataFrame
    findings: pd.DataFrame
    periods: Periods
    facts: dict
    fingerprint: str


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
    file = folder / "typed.parquet"
    load.typed(opened, study).to_parquet(file)
    lines, first_line = sources.rejected(con)
    rows = con.read_parquet(file)
    total = int(rows.count().execute()) + lines
    accounts = _accounts(rows)
    _refuse_unreadable(study, opened, accounts, lines, total)
    usable = rows.filter(rows.fate.isnull())
    span = _span(usable)
    _refuse_unusable(study, opened, accounts, span)
    periods = settle_periods(study, span["first"], span["last"])
    settled = folder / "settled.parquet"
    _settle(usable, study, periods).to_parquet(settled)
    final = con.read_parquet(settled)
    used = folder / "transactions.parquet"
    final.filter(final.fate.isnull()).drop("fate", "settled").to_parquet(used)
    transactions = con.read_parquet(used)
    accounts = _merge_accounts(accounts, _accounts(final), lines)
    if accounts["rows"].sum() != total:
        raise RuntimeError(f"{accounts['rows'].sum()} rows explained, {total} rows read")
    facts = _facts(transactions, study, periods) | {"rows_read": total}
    _refuse_too_little(study, periods, facts)
    findings = _findings(transactions, final, accounts, study, periods, facts, opened, first_line)
    return Checked(used, accounts, findings, periods, facts, fingerprint(opened.files))


def settle_periods(study: Study, first: dt.date, last: dt.date) -> Periods:
    """Fill the periods that the study leaves open, and refuse those outside the data.

    Without a cut, the last third of the history becomes the holdout, from the
    first of a month where the history is six months or longer.
    """
    asked = study.periods
    start, end = asked.start or first, asked.end or last + dt.timedelta(days=1)
    cut = asked.cut
    if cut is None:
        cut = start + (end - start) * 2 / 3
        if (end - start).days >= 183:
            cut = cut.replace(day=1)
    for name, day, low, high in (
        ("start", start, None, last),
        ("cut", cut, max(start, first) + dt.timedelta(days=1), min(last, end)),
        ("end", end, first, None),
    ):
        if (low and day < low) or (high and day > high):
            raise StudyError(
                f"{study.where('periods', name)}: {name} {day} lies outside the data, which "
                f"reach from {first} to {last}; choose a day between them."
            )
    return Periods(start=start, cut=cut, end=end)


def fingerprint(files: tuple[Path, ...]) -> str:
    """Return the SHA-256 of the source files, in order of their names."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _settle(usable: ibis.Table, study: Study, periods: Periods) -> ibis.Table:
    settled = usable.mutate(fate=usable.fate.cast("string"))
    if study.duplicates == "drop":
        copies = ibis.window(group_by=[c for c in usable.columns if c != "fate"])
        settled = settled.mutate(
            fate=(ibis.row_number().over(copies) > 0).ifelse(DUPLICATE, settled.fate)
        )
    kept = settled.filter(settled.fate.isnull())
    netted = cancellations.net(kept)
    out = settled.filter(settled.fate.notnull()).mutate(settled=ibis.literal(False))
    table = netted if study.duplicates == "keep" else ibis.union(netted, out)
    return table.mutate(
        fate=ibis.coalesce(
            table.fate,
            ibis.cases(
                (table.date < periods.start, BEFORE),
                (table.date >= periods.end, AFTER),
                else_=ibis.null("string"),
            ),
        )
    )


def _accounts(rows: ibis.Table) -> pd.DataFrame:
    counted = rows.group_by("fate").agg(rows=rows.count(), amount=rows.amount.sum())
    frame = counted.to_pandas()
    frame["fate"] = frame["fate"].astype(object).where(frame["fate"].notna(), "used")
    return frame


def _merge_accounts(typed: pd.DataFrame, settled: pd.DataFrame, lines: int) -> pd.DataFrame:
    parts = [settled, typed[typed["fate"] != "used"]]
    if lines:
        parts.append(pd.DataFrame({"fate": [UNREADABLE_LINE], "rows": [lines]}))
    accounts = pd.concat(parts, ignore_index=True).fillna({"amount": 0.0})
    accounts["first"] = accounts["fate"].eq("used")
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


def _refuse_unreadable(
    study: Study, opened, accounts: pd.DataFrame, lines: int, total: int
) -> None:
    counts = accounts.set_index("fate")["rows"].to_dict() | {UNREADABLE_LINE: lines}
    for reason, role in zip(UNREADABLE, ("amount", "date", None), strict=True):
        count = counts.get(reason, 0)
        if count <= MOST_UNREADABLE * total:
            continue
        if role is None:
            raise StudyError(
                f"{opened.files[0].name}: {count:,} of {total:,} lines do not split into the "
                "columns of the heading; set 'delimiter' or 'encoding' under 'source'."
            )
        example = _example(opened, study, role)
        advice = {
            "amount": "map 'amount' to a column of numbers, or set 'decimal: \",\"' under 'source'",
            "date": "check the column, or set date_format (for example '%d/%m/%Y')",
        }[role]
        raise StudyError(
            f"{study.where('columns', role)}: {count:,} of {total:,} rows have an {reason}"
            f"{example}; {advice}."
        )


def _example(opened, study: Study, role: str) -> str:
    column = getattr(study.columns, role)
    if column not in opened.table.columns:
        return ""
    texts = opened.table.select(text=opened.table[column].cast("string"))
    number = load.number_reader(study.source.decimal)
    if role == "amount":
        texts = texts.filter(number(texts.text).isnull() & texts.text.notnull())
    found = texts.limit(1).to_pandas()["text"].tolist()
    return f", such as '{found[0]}'" if found else ""


def _refuse_unusable(study: Study, opened, accounts: pd.DataFrame, span: dict) -> None:
    name = opened.files[0].name
    if span["first"] is None:
        reasons = ", ".join(f"{r.rows:,} {r.fate}" for r in accounts.itertuples())
        raise StudyError(f"{name}: no row can be used ({reasons}); check 'columns' and 'keep'.")
    if not span["positive"]:
        raise StudyError(
            f"{study.where('columns', 'amount')}: no amount is above 0, so there is no purchase; "
            "if the sign is turned round, write amount: -1 * your_column."
        )


def _facts(transactions: ibis.Table, study: Study, periods: Periods) -> dict:
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


def _refuse_too_little(study: Study, periods: Periods, facts: dict) -> None:
    """Refuse, in plain words, what no method can answer."""
    need, name = study.readiness, study.file.name
    if facts["days"] == 1:
        raise StudyError(
            f"{name}: every transaction is of one day ({facts['first']}); a back-test needs "
            "purchases before and after a cut date."
        )
    history = (periods.cut - max(periods.start, facts["first"])).days
    holdout = (min(periods.end, facts["last"] + dt.timedelta(days=1)) - periods.cut).days
    if facts["customers"] < need.customers or facts["customers_calibration"] < need.customers:
        count = min(facts["customers"], facts["customers_calibration"])
        raise StudyError(
            f"{name}: {count:,} {'customer' if count == 1 else 'customers'} bought before the cut "
            f"({periods.cut}); tiers need at least {need.customers}."
        )
    if history < need.history_days:
        raise StudyError(
            f"{name}: the history before the cut is {history} days; at least {need.history_days} "
            "are needed. Bring older transactions, or move 'cut' later."
        )
    if holdout < need.holdout_days:
        raise StudyError(
            f"{name}: only {holdout} days of data follow the cut; at least {need.holdout_days} are "
            "needed to see who came back. Move 'cut' earlier."
        )


def _findings(
    transactions: ibis.Table, final: ibis.Table, accounts: pd.DataFrame, study: Study,
    periods: Periods, facts: dict, opened, first_line: int | None,
) -> pd.DataFrame:  # fmt: skip
    found: list[tuple] = []
    rows = accounts.set_index("fate")["rows"]

    def add(finding: str, count: int, customers: int | None, done: str, weight: str) -> None:
        found.append((finding, int(count), customers, done, weight if count else "fine"))

    for note in opened.notes:
        found.append(
            (note, facts["rows_read"], None, "as detected; set it under 'source' if wrong", "note")
        )
    add("Line with the wrong number of fields", rows.get(UNREADABLE_LINE, 0), None,
        f"left out; the first is near line {first_line}" if first_line else "nothing to do", "warning")  # fmt: skip
    for fate in (load.NO_CUSTOMER, load.NO_DATE, load.UNREADABLE_DATE, load.NO_AMOUNT,
                 load.UNREADABLE_AMOUNT, load.FUTURE):  # fmt: skip
        count = rows.get(fate, 0)
        add(fate.capitalize(), count, None, "left out" if count else "nothing to do", "warning")
    if study.keep:
        add(
            "Left out by the row filter",
            rows.get(load.FILTERED, 0),
            None,
            f"keep: {study.keep}",
            "note",
        )
    for fate in (BEFORE, AFTER):
        if rows.get(fate, 0):
            add(fate.capitalize(), rows[fate], None, "left out", "note")
    if rows.get(cancellations.CANCELLED, 0) + rows.get(cancellations.RETURNED, 0):
        for fate in (cancellations.CANCELLED, cancellations.RETURNED):
            if rows.get(fate, 0):
                add(fate.capitalize(), rows[fate], None, "both sides taken out", "note")
    returns = final.filter(final.fate.isnull() & (final.amount < 0))
    matched, unmatched = (
        int(returns.filter(returns.settled == flag).count().execute()) for flag in (True, False)
    )
    if matched:
        add("Part of an order returned", matched, None, "taken off on the day of the order", "note")
    add("Negative amount without its purchase", unmatched,
        _customers(transactions, transactions.amount < 0) if unmatched else 0,
        "taken off the customer's total" if unmatched else "nothing to do", "note")  # fmt: skip
    add("Amount of zero", facts["zero"], _customers(transactions, transactions.amount == 0),
        "kept: the visit counts as a purchase" if facts["zero"] else "nothing to do", "note")  # fmt: skip
    copies = rows.get(DUPLICATE, 0) if study.duplicates == "drop" else _copies(transactions)
    done = {"drop": "left out", "keep": "kept; 'duplicates: drop' leaves them out"}[
        study.duplicates
    ]
    add("Exact copy of another row", copies, None, done if copies else "nothing to do", "note")
    variants = _id_variants(transactions)
    add("Customer ids that differ only in case or blanks", variants, variants,
        "kept apart; unite them in the source" if variants else "nothing to do", "warning")  # fmt: skip
    found += _dominating(transactions, facts)
    found += _gap(transactions)
    return pd.DataFrame(found, columns=["finding", "rows", "customers", "done", "weight"])


def _customers(transactions: ibis.Table, where) -> int:
    return int(transactions.customer_id.nunique(where=where).execute())


def _copies(transactions: ibis.Table) -> int:
    return int(transactions.count().execute() - transactions.distinct().count().execute())


def _id_variants(transactions: ibis.Table) -> int:
    ids = transactions.select(id=transactions.customer_id).distinct()
    folded = ids.id.lower().re_replace(r"\s", "").nunique()
    return int(ids.count().execute() - folded.execute())


def _dominating(transactions: ibis.Table, facts: dict) -> list[tuple]:
    totals = transactions.group_by("customer_id").agg(
        total=transactions.amount.sum(), rows=transactions.count()
    )
    top = totals.order_by(ibis.desc("total")).limit(1).to_pandas().iloc[0]
    share = top["total"] / facts["amount"] if facts["amount"] > 0 else 0.0
    if share < DOMINATING_SHARE:
        text = f"No customer brings more than {share:.1%} of the total amount"
        return [(text, 0, 0, "nothing to do", "fine")]
    text = f"One customer brings {share:.0%} of the total amount"
    return [(text, int(top["rows"]), 1, "kept; figures are also shown without it", "warning")]


def _gap(transactions: ibis.Table) -> list[tuple]:
    days = transactions.select("date").distinct().order_by("date").to_pandas()["date"]
    days = pd.to_datetime(days)
    gaps = days.diff().dt.days.fillna(1)
    longest = int(gaps.max())
    if longest <= max(LONG_GAP_DAYS, 5 * gaps.median()):
        return [
            (f"Longest time without a transaction: {longest} days", 0, 0, "nothing to do", "fine")
        ]
    end = days[gaps.idxmax()]
    text = f"No transaction for {longest} days up to {end.date()}"
    return [(text, 0, 0, "kept; check that the export is complete", "warning")]
