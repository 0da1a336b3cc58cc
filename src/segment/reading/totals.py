"""From a table of one row per customer to the totals that schemes read, every row accounted for.

There are no dated purchases: nothing here can be tested against what customers did next.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.language import N_
from segment.reading.check import Checked
from segment.reading.files import fingerprint
from segment.reading.findings import LEFT_OUT, as_frame, finding, ragged, unknown
from segment.reading.readiness import refuse_few
from segment.reading.registers import AGAIN, Written, as_written
from segment.reading.table import CUSTOMERS, MOST_UNREADABLE, Table
from segment.reading.transactions import NO_CUSTOMER, UNREADABLE_LINE, USED
from segment.study.schema import Periods, Study
from segment.study.totals import COUNTS, RATIO_OF

NO_PURCHASE = N_("no purchase yet")
NO_TOTAL = N_("a total is missing or cannot be read")
IMPOSSIBLE = N_("a count or a number of days is below 0")


def check_totals(study: Study, con: ibis.BaseBackend, folder: Path) -> Checked:
    """Read and check a customers table that stands alone; ``Checked.totals`` holds its totals."""
    table = Table.open(study, CUSTOMERS, con, folder)
    written = as_written(table)
    rows, day = _in_days(table, written)
    mapped, columns = list(study.totals), list(study.customers.columns)
    fate = _fates(rows, mapped, written.unreadable)
    _refuse_unfit(table, rows, fate, mapped)
    used = rows[fate == USED].set_index("customer_id").sort_index()
    refuse_few(study, len(used))
    amount = rows.get("monetary_total", rows.get("margin_total", pd.Series(np.nan, rows.index)))
    accounts = amount.groupby(fate).agg(rows="size", amount="sum").rename_axis("fate")
    if table.opened.rejected:
        accounts.loc[UNREADABLE_LINE] = [table.opened.rejected, 0.0]
    accounts = accounts.sort_values("rows", ascending=False).reset_index()
    accounts = accounts.iloc[(accounts["fate"] != USED).argsort(kind="stable")]
    unreadable = written.unreadable[fate == USED].drop(columns=mapped).sum()
    findings = [
        *ragged(table),
        *(
            finding(name, number, LEFT_OUT, "warning")
            for name, number in accounts.set_index("fate")["rows"].items()
            if name != USED
        ),
        finding(
            N_("Customer with a total below 0"),
            int((used[_money(mapped)] < 0).any(axis=1).sum()),
            N_("counted as it is"),
            "warning",
        ),
        *unknown(unreadable),
    ]
    money = accounts.set_index("fate")["amount"]
    facts = {"rows": len(used), "rows_read": len(rows) + table.opened.rejected}
    facts |= {"customers": len(used), "amount": float(money[USED]), "first": day, "last": day}
    facts["dated"] = study.customers.known_on is not None or "date" in written.kinds.values()
    return Checked(
        transactions=folder,
        accounts=accounts.reset_index(drop=True),
        findings=as_frame(findings),
        periods=Periods(start=day, cut=day + dt.timedelta(1), end=day + dt.timedelta(2)),
        facts=facts,
        fingerprint=fingerprint((*table.opened.files, *table.opened.files)),  # see ``read_by``
        customers=used[columns],
        written=written,
        totals=_with_means(used[mapped]),
    )


def _in_days(table: Table, written: Written) -> tuple[pd.DataFrame, dt.date]:
    """Return the rows with dates of purchases as days ago, and the day that these count to.

    That is the day the table was written, or else the newest date in it.
    """
    study, rows = table.study, written.rows.copy()
    dated = [name for name in study.totals if written.kinds[name] == "date"]
    days = {name: pd.to_datetime(rows[name]) for name in dated}
    newest = max((column.max() for column in days.values() if column.notna().any()), default=None)
    day = study.customers.known_on or (newest.date() if newest is not None else dt.date.today())
    for name, column in days.items():
        if study.customers.known_on is None and column.max().date() > dt.date.today():
            raise StudyError(
                f"{table.where('totals', name)}: the newest day, {column.max().date()}, lies in "
                "the future; say under 'customers' the day the table was written, as 'known_on', "
                "or mend the date."
            )
        rows[name] = (pd.Timestamp(day) - column).dt.days.astype("float64")
    return rows, day


def _fates(rows: pd.DataFrame, mapped: list[str], unreadable: pd.DataFrame) -> pd.Series:
    """Return what becomes of each row."""
    totals, ids = rows[mapped], rows["customer_id"]
    blank = totals.isna() & ~unreadable[mapped]
    idle = blank.all(axis=1) & bool(mapped)
    idle |= totals.get("order_days", pd.Series(1.0, rows.index)) == 0
    negative = (totals[[name for name in COUNTS if name in totals]] < 0).any(axis=1)
    wrong = totals.isna() | np.isinf(totals.astype("float64"))
    fates = {
        NO_CUSTOMER: ids.isna(),
        AGAIN: ids.duplicated(keep="last"),
        NO_PURCHASE: idle,
        IMPOSSIBLE: negative,
        NO_TOTAL: wrong.any(axis=1),
    }
    return pd.Series(np.select([*fates.values()], [*fates], USED), rows.index, name="fate")


def _refuse_unfit(table: Table, rows: pd.DataFrame, fate: pd.Series, mapped: list[str]) -> None:
    """Refuse a table that is none of one row per customer, or whose totals are not there."""
    if (again := int((fate == AGAIN).sum())) > MOST_UNREADABLE * len(rows):
        raise StudyError(
            f"{table.where('customer_id')}: {again:,} of {len(rows):,} rows are of a customer who "
            "stands in the table again, so these are no totals of customers; if every row is a "
            "purchase, give 'source' and 'columns' with its date."
        )
    bad = fate.isin([NO_TOTAL, IMPOSSIBLE])
    asked = len(rows) - int((fate == NO_PURCHASE).sum())
    if bad.sum() > MOST_UNREADABLE * asked:
        totals = rows.loc[bad, mapped]
        counts = [name for name in COUNTS if name in mapped]
        worst = (
            totals.isna().sum() + (totals[counts] < 0).sum().reindex(mapped).fillna(0)
        ).idxmax()
        day = ", or 'known_on' is before it" if worst.startswith("days_since") else ""
        raise StudyError(
            f"{table.where('totals', worst)}: {int(bad.sum()):,} of {asked:,} rows have no usable "
            f"'{worst}' (blank, no number, or below 0{day}); map another column, or leave it out."
        )


def _money(mapped: list[str]) -> list[str]:
    return [name for name in mapped if name.startswith(("monetary", "margin"))]


def _with_means(totals: pd.DataFrame) -> pd.DataFrame:
    """Add what follows from two totals: the mean from sum and count, the sum from their product."""
    for name, (one, other) in RATIO_OF.items():
        if name not in totals and {one, other} <= {*totals}:
            known = totals[other].where(totals[other] > 0)
            made = totals[one] * known if name == "monetary_total" else totals[one] / known
            totals = totals.assign(**{name: made.fillna(0.0)})
    return totals
