"""What is wrong with the data, and what was done about each finding.

A finding keeps texts of the catalogue and the figures that fill them, so that it can be
told in any language; ``in_words`` does so where findings are shown.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import ibis
import pandas as pd

from segment.language import N_, _
from segment.reading import cancellations, transactions
from segment.reading.readiness import first_unreadable
from segment.reading.table import Table
from segment.words import count, percent

DOMINATING_SHARE = 0.10
LONG_GAP_DAYS = 14
WEIGHTS = ("warning", "note", "fine")
LEFT_OUT = N_("left out")
LINE_OF_TABLE = N_("Line of the {table} table with the wrong number of fields")


class Finding(NamedTuple):
    """What was found, the rows and customers concerned (None: not counted), and what was done."""

    finding: str
    rows: int
    customers: int | None
    done: str
    weight: str
    figures: dict[str, Any]


def fine(text: str, /, **figures: Any) -> Finding:
    """Return a finding about which nothing is to be done."""
    return Finding(text, 0, 0, N_("nothing to do"), "fine", figures)


def finding(
    text: str, rows: int, done: str, weight: str, customers: int | None = None, /, **figures: Any
) -> Finding:
    """Return one finding; without a row it is fine."""
    if not rows:
        return fine(text, **figures)
    return Finding(text, int(rows), customers, done, weight, figures)


def ragged(table: Table, text: str = LINE_OF_TABLE) -> list[Finding]:
    """Return the finding on lines that do not split into the columns of a table; none if all do."""
    file, line = table.opened.first_rejected
    done, lines = N_("left out; the first is {file}, line {line}"), table.opened.rejected
    figures = {"file": file, "line": line, "table": table.title}
    return [finding(text, lines, done, "warning", **figures)] if lines else []


def unknown(unreadable: pd.Series) -> list[Finding]:
    """Return a finding for each column of the customers table with cells that cannot be read."""
    text, done = N_("Unreadable {column} in the customers table"), N_("counts as unknown")
    cells = unreadable[unreadable > 0].items()
    return [finding(text, number, done, "warning", column=name) for name, number in cells]


def as_frame(findings: list[Finding]) -> pd.DataFrame:
    """Return findings as a frame; its columns are the fields of ``Finding``."""
    return pd.DataFrame(findings, columns=Finding._fields)


def in_words(findings: pd.DataFrame) -> pd.DataFrame:
    """Tell findings in the language in use, warnings first, then notes, then what is fine."""
    told = {
        part: [
            _(text, **{name: _figure(name, value) for name, value in figures.items()})
            for text, figures in zip(findings[part], findings["figures"], strict=True)
        ]
        for part in ("finding", "done")
    }
    # A fate, which says why rows were left out, begins with a small letter.
    is_fate = findings["finding"].str[0].str.islower()
    told["finding"] = [
        words.capitalize() if small else words
        for words, small in zip(told["finding"], is_fate, strict=True)
    ]
    by_weight = findings["weight"].map(WEIGHTS.index).sort_values(kind="stable").index
    return findings.drop(columns="figures").assign(**told).loc[by_weight]


def _figure(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return _(", ").join(value)
    if name in ("table", "day"):
        return _(str(value))
    return count(value, "day") if name == "days" else value


def find_all(
    table: Table, typed: ibis.Table, settled: ibis.Table, used: ibis.Table, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Return all findings on the transactions, as ``as_frame`` does.

    ``typed`` are all rows with their ``fate``, ``settled`` those after cancellations, ``used``
    what is left; ``accounts`` has the columns ``fate`` and ``rows``.
    """
    rows = dict(zip(accounts["fate"], accounts["rows"], strict=True))
    return as_frame(
        [
            *_detected(table, sum(rows.values())),
            *_left_out(table, typed, rows),
            *_returns(settled, used, rows),
            _copies(table, used, rows),
            *_mended(typed),
            _dominating(used),
            _gap(used),
        ]
    )


def _detected(table: Table, rows: int) -> list[Finding]:
    done = N_("as detected; set it under 'source' if wrong")
    notes = [*table.opened.notes, *table.notes]
    return [
        finding(text, figures.get("rows", rows), done, figures.get("weight", "note"), **figures)
        for text, figures in notes
    ]


def _left_out(table: Table, typed: ibis.Table, rows: dict[str, int]) -> list[Finding]:
    fate = transactions.UNREADABLE_LINE
    findings = ragged(table, fate) or [fine(fate)]
    for fate in (
        transactions.NO_CUSTOMER,
        transactions.NO_DATE,
        transactions.UNREADABLE_DATE,
        transactions.NO_AMOUNT,
        transactions.UNREADABLE_AMOUNT,
        transactions.FUTURE,
    ):
        done, figures = LEFT_OUT, {}
        if fate in rows and fate in (transactions.UNREADABLE_DATE, transactions.UNREADABLE_AMOUNT):
            done = N_("left out, such as '{text}'")
            figures = {"text": first_unreadable(typed, fate)}
        if rows.get(fate) and fate == transactions.UNREADABLE_AMOUNT and (worth := _worth(typed)):
            done = N_(
                "left out, such as '{text}'; by their digits worth {worth}, {share} of what is "
                "read. Write them as the others are"
            )
            read = typed.amount.sum(where=typed.fate.isnull()).execute()
            figures |= {"worth": f"{worth:,.0f}", "share": percent(worth / read if read else 1.0)}
        findings.append(finding(fate, rows.get(fate, 0), done, "warning", **figures))
    if keep := table.study.keep:
        fate = transactions.FILTERED
        findings.append(finding(fate, rows.get(fate, 0), f"keep: {keep}", "note"))
    fates = transactions.EMPTY, transactions.SUPERSEDED, transactions.TOTAL
    fates += transactions.BEFORE, transactions.AFTER
    return findings + _where_any(rows, LEFT_OUT, *fates)


def _worth(typed: ibis.Table) -> float:
    """Return what the unreadable amounts add up to by their digits, without the cents."""
    texts = typed.filter(typed.fate == transactions.UNREADABLE_AMOUNT).unreadable
    whole = texts.re_replace(r"[.,]\d{1,2}\D*$", "").re_replace(r"\D", "")
    worth = whole.length().between(1, 12).ifelse(whole.try_cast("float64"), 0.0).sum().execute()
    return 0.0 if pd.isna(worth) else float(worth)


def _where_any(rows: dict[str, int], done: str, *fates: str) -> list[Finding]:
    return [finding(fate, rows[fate], done, "note") for fate in fates if fate in rows]


def _returns(settled: ibis.Table, used: ibis.Table, rows: dict[str, int]) -> list[Finding]:
    fates = cancellations.CANCELLED, cancellations.RETURNED
    back = settled.filter(settled.fate.isnull() & (settled.amount < 0))
    part, late, alone = back.settled & ~back.late, back.settled & back.late, ~back.settled
    tallies = _tally(back, part=part, late=late, alone=alone)
    zero = used.filter(used.amount == 0)
    tallies |= _tally(zero, zero=zero.amount == 0)
    sums = {"rows": used.count(), "amount": used.amount.sum(), "buys": (used.amount >= 0).any()}
    of_customers = used.group_by("customer_id").agg(**sums)
    only = of_customers.filter(~of_customers.buys)
    tallies |= _tally(only, only=~only.buys)
    if "odd" in settled.columns:
        odd = settled.filter(settled.gone.notnull()).mutate(amount=settled.odd)
        tallies |= _tally(odd, odd=odd.gone.notnull())

    def note(kind: str, text: str, done: str) -> list[Finding]:
        number, customers, amount = tallies[kind]
        figures = {"amount": f"{amount:,.0f}"} if "{amount}" in text else {}
        return [finding(text, number, done, "note", int(customers), **figures)] if number else []

    alone, nothing = N_("Negative amount without its purchase"), N_("Amount of zero")
    off, kept = N_("taken off the customer's total"), N_("kept: the visit counts as a purchase")
    later = N_("taken off on its own day, after the cut")
    nobody = N_("taken off the total amount; no scheme has these customers")
    margins = N_("Cancelled purchases and their cancellations differ in margin by {amount}")
    never_was = N_("not counted: an order that never was has no margin")
    is_odd = abs(tallies.get("odd", (0, 0, 0))[2]) >= 1
    return [
        *_where_any(rows, N_("both sides taken out"), *fates),
        *note("part", N_("Part of an order returned"), N_("taken off on the day of the order")),
        *note("late", N_("Returned after the cut: {amount}"), later),
        *(note("odd", margins, never_was) if is_odd else []),
        *(note("alone", alone, off) or [fine(alone)]),
        *(note("zero", nothing, kept) or [fine(nothing)]),
        *note("only", N_("Customers with returns only: {amount}"), nobody),
    ]


def _tally(rows: ibis.Table, **kinds: Any) -> dict[str, tuple[float, float, float]]:
    """Return the rows, customers and amount of each kind of rows, in one look at the table.

    There are few of them: different customers are counted in memory.
    """
    number = rows.rows.sum if "rows" in rows.columns else rows.count
    told = rows.aggregate(
        **{f"{kind} 0": number(where=is_one) for kind, is_one in kinds.items()},
        **{f"{kind} 1": rows.customer_id.nunique(where=kinds[kind]) for kind in kinds},
        **{f"{kind} 2": rows.amount.sum(where=kinds[kind]) for kind in kinds},
    )
    told = told.to_pandas().fillna(0).iloc[0]
    return {kind: tuple(float(told[f"{kind} {figure}"]) for figure in range(3)) for kind in kinds}


def _copies(table: Table, used: ibis.Table, rows: dict[str, int]) -> Finding:
    text = transactions.DUPLICATE
    if table.study.duplicates == "drop":
        return finding(text, rows.get(transactions.DUPLICATE, 0), LEFT_OUT, "note")
    copies = rows[transactions.USED] - used.distinct().count().execute()
    return finding(text, copies, N_("kept; 'duplicates: drop' leaves them out"), "note")


def _mended(typed: ibis.Table) -> list[Finding]:
    mended = typed[transactions.MENDED].sum().execute()
    text = N_("Customer ids with invisible signs, double blanks, wide letters or .0 behind")
    return [finding(text, mended, N_("read without them"), "note")] if mended else []


def _dominating(used: ibis.Table) -> Finding:
    totals = used.group_by("customer_id").agg(total=used.amount.sum(), rows=used.count())
    top = totals.order_by(ibis.desc("total"), "customer_id").limit(1).to_pandas().iloc[0]
    amount = float(used.amount.sum().execute())
    share = top["total"] / amount if amount > 0 else 0.0
    text = N_("One customer brings {share} of the total amount")
    if share < DOMINATING_SHARE:
        return fine(text, share=f"{share:.1%}")
    done = N_("kept; figures are also shown without it")
    return finding(text, top["rows"], done, "note", 1, share=f"{share:.0%}")


def _gap(used: ibis.Table) -> Finding:
    days = pd.to_datetime(used.select("date").distinct().order_by("date").to_pandas()["date"])
    gaps = days.diff().dt.days
    longest = int(gaps.max()) - 1 if len(days) > 1 else 0
    at = gaps.idxmax() if len(days) > 1 else days.index[-1]
    last = (days[at] - pd.Timedelta(days=1)).date()
    text, figures = N_("No transaction for {days} up to {last}"), {"days": longest, "last": last}
    if longest <= max(LONG_GAP_DAYS, 5 * gaps.median()):
        return fine(text, **figures)
    return Finding(text, 0, 0, N_("kept; check that the export is complete"), "warning", figures)
