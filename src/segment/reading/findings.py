"""What is wrong with the data, and what was done about each finding."""

from __future__ import annotations

import ibis
import pandas as pd

from segment.language import _
from segment.reading import cancellations, load
from segment.reading.readiness import first_found
from segment.reading.sources import Opened
from segment.study.schema import Study
from segment.words import count

DOMINATING_SHARE = 0.10
LONG_GAP_DAYS = 14
COLUMNS = ["finding", "rows", "customers", "done", "weight"]
Finding = tuple[str, int, int | None, str, str]


def worst_first(found: pd.DataFrame) -> pd.DataFrame:
    """Return findings in order of weight: warnings, notes, then what is fine."""
    order = {"warning": 0, "note": 1, "fine": 2}
    return found.sort_values("weight", key=lambda weight: weight.map(order), kind="stable")


def findings(
    study: Study,
    opened: Opened,
    typed: ibis.Table,
    settled: ibis.Table,
    transactions: ibis.Table,
    accounts: pd.DataFrame,
) -> pd.DataFrame:
    """Return the table of findings.

    Parameters
    ----------
    study : Study
    opened : Opened
        The source as it stands.
    typed : ibis.Table
        Every row, with ``fate`` and ``found``.
    settled : ibis.Table
        The rows after cancellations, with ``fate`` and ``settled``.
    transactions : ibis.Table
        The used rows.
    accounts : DataFrame
        Columns ``fate`` and ``rows``: every source row, once.

    Returns
    -------
    DataFrame
        Columns ``finding``, ``rows`` and ``customers`` concerned, ``done`` about
        it, and ``weight``: "warning", "note" or "fine".
    """
    rows = accounts.set_index("fate")["rows"]
    found = [
        *_detected(opened, int(rows.sum())),
        *_left_out(study, opened, typed, rows),
        *_netted(settled, rows),
        *_signs(transactions, settled),
        _copies(study, transactions, rows),
        _variants(transactions),
        _dominating(transactions),
        _gap(transactions),
    ]
    return pd.DataFrame(found, columns=COLUMNS)


def finding(
    text: str, number: int, done: str, weight: str, customers: int | None = None
) -> Finding:
    """Return one finding; with a count of 0 it is fine, and nothing is to be done."""
    if not number:
        return text, 0, 0, _("nothing to do"), "fine"
    return text, int(number), customers, done, weight


def _detected(opened: Opened, total: int) -> list[Finding]:
    done = _("as detected; set it under 'source' if wrong")
    return [(note, total, None, done, "note") for note in opened.notes]


def _left_out(study: Study, opened: Opened, typed: ibis.Table, rows: pd.Series) -> list[Finding]:
    found = [
        finding(
            _(load.UNREADABLE_LINE).capitalize(),
            rows.get(load.UNREADABLE_LINE, 0),
            _("left out; the first is {line}", line=opened.first_rejected),
            "warning",
        )
    ]
    for fate in (
        load.NO_CUSTOMER,
        load.NO_DATE,
        load.UNREADABLE_DATE,
        load.NO_AMOUNT,
        load.UNREADABLE_AMOUNT,
        load.FUTURE,
    ):
        number = rows.get(fate, 0)
        unreadable = number and fate in (load.UNREADABLE_DATE, load.UNREADABLE_AMOUNT)
        text = first_found(typed, fate) if unreadable else None
        done = _("left out") if text is None else _("left out, such as '{text}'", text=text)
        found.append(finding(_(fate).capitalize(), number, done, "warning"))
    if study.keep:
        number = rows.get(load.FILTERED, 0)
        found.append(finding(_(load.FILTERED).capitalize(), number, f"keep: {study.keep}", "note"))
    for fate in (load.BEFORE, load.AFTER):
        if rows.get(fate, 0):
            found.append(finding(_(fate).capitalize(), rows[fate], _("left out"), "note"))
    return found


def _netted(settled: ibis.Table, rows: pd.Series) -> list[Finding]:
    found = [
        finding(_(fate).capitalize(), rows[fate], _("both sides taken out"), "note")
        for fate in (cancellations.CANCELLED, cancellations.RETURNED)
        if rows.get(fate, 0)
    ]
    parts = settled.filter(settled.fate.isnull() & (settled.amount < 0) & settled.settled)
    if number := int(parts.count().execute()):
        text, done = _("Part of an order returned"), _("taken off on the day of the order")
        found.append(finding(text, number, done, "note", _customers(parts)))
    if "margin" in settled.columns:
        gone = settled.filter(settled.fate.isin([cancellations.CANCELLED, cancellations.RETURNED]))
        left = gone.margin.sum().execute()
        if pd.notna(left) and abs(left) >= 1:
            text = _(
                "Cancelled purchases and their cancellations differ in margin by {amount}",
                amount=f"{left:,.0f}",
            )
            done = _("not counted: an order that never was has no margin")
            found.append((text, int(gone.count().execute()), _customers(gone), done, "note"))
    return found


def _signs(transactions: ibis.Table, settled: ibis.Table) -> list[Finding]:
    alone = settled.filter(settled.fate.isnull() & (settled.amount < 0) & ~settled.settled)
    zero = transactions.filter(transactions.amount == 0)
    return [
        finding(
            _("Negative amount without its purchase"),
            int(alone.count().execute()),
            _("taken off the customer's total"),
            "note",
            _customers(alone),
        ),
        finding(
            _("Amount of zero"),
            int(zero.count().execute()),
            _("kept: the visit counts as a purchase"),
            "note",
            _customers(zero),
        ),
    ]


def _copies(study: Study, transactions: ibis.Table, rows: pd.Series) -> Finding:
    text = _("Exact copy of another row, in all mapped columns")
    if study.duplicates == "drop":
        return finding(text, rows.get(load.DUPLICATE, 0), _("left out"), "note")
    copies = int(transactions.count().execute() - transactions.distinct().count().execute())
    return finding(text, copies, _("kept; 'duplicates: drop' leaves them out"), "note")


def _variants(transactions: ibis.Table) -> Finding:
    ids = transactions.select(id=transactions.customer_id).distinct()
    folded = ids.id.lower().re_replace(r"\s", "").nunique()
    number = int(ids.count().execute() - folded.execute())
    text, done = (
        _("Customer ids that differ only in case or blanks"),
        _("kept apart; unite them in the source"),
    )
    return finding(text, number, done, "warning", number)


def _dominating(transactions: ibis.Table) -> Finding:
    totals = transactions.group_by("customer_id").agg(
        total=transactions.amount.sum(), rows=transactions.count()
    )
    top = totals.order_by(ibis.desc("total"), "customer_id").limit(1).to_pandas().iloc[0]
    amount = float(transactions.amount.sum().execute())
    share = top["total"] / amount if amount > 0 else 0.0
    if share < DOMINATING_SHARE:
        text = _("No customer brings more than {share} of the total amount", share=f"{share:.1%}")
        return finding(text, 0, "", "")
    text = _("One customer brings {share} of the total amount", share=f"{share:.0%}")
    return finding(text, top["rows"], _("kept; figures are also shown without it"), "note", 1)


def _gap(transactions: ibis.Table) -> Finding:
    days = transactions.select("date").distinct().order_by("date").to_pandas()["date"]
    days = pd.to_datetime(days)
    gaps = days.diff().dt.days
    longest = int(gaps.max()) - 1 if len(days) > 1 else 0
    if longest <= max(LONG_GAP_DAYS, 5 * gaps.median()):
        text = _("Longest time without a transaction: {days}", days=count(longest, "day"))
        return finding(text, 0, "", "")
    end = days[gaps.idxmax()] - pd.Timedelta(days=1)
    text = _("No transaction for {days} days up to {last}", days=longest, last=end.date())
    return (text, 0, 0, _("kept; check that the export is complete"), "warning")


def _customers(rows: ibis.Table) -> int:
    return int(rows.customer_id.nunique().execute())
