"""Whether the data carry a study; if not, the one sentence that says why and what to do."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.reading import load
from segment.reading.sources import Opened
from segment.study.schema import Periods, Study

MOST_UNREADABLE = 0.20


def refuse_unsplit(opened: Opened) -> None:
    """Refuse a file of which more than a fifth of the lines do not split into columns.

    Parameters
    ----------
    opened : Opened
        The source as it stands.

    Raises
    ------
    StudyError
        If there are too many such lines.
    """
    lines = opened.rejected + (int(opened.table.count().execute()) if opened.rejected else 0)
    if opened.rejected > MOST_UNREADABLE * lines:
        raise StudyError(
            f"{opened.first_rejected}: this and {opened.rejected - 1:,} more of {lines:,} lines do "
            "not split into the columns of the heading; set 'delimiter' or 'encoding' under "
            "'source'."
        )


def refuse_unreadable(
    study: Study, opened: Opened, accounts: pd.DataFrame, rows: ibis.Table
) -> None:
    """Refuse data of which more than a fifth of the rows cannot be read.

    Parameters
    ----------
    study : Study
    opened : Opened
        The source as it stands.
    accounts : DataFrame
        Columns ``fate`` and ``rows`` after typing.
    rows : ibis.Table
        The typed rows, for an example.

    Raises
    ------
    StudyError
        If too many dates or amounts are unreadable, or the filter leaves no row.
    """
    counts = accounts.set_index("fate")["rows"].to_dict()
    asked = sum(counts.values()) - counts.get(load.FILTERED, 0)
    if study.keep and asked - opened.rejected == 0:
        raise StudyError(
            f"{study.where('keep')}: 'keep: {study.keep}' leaves none of the "
            f"{counts[load.FILTERED]:,} rows; check how the value is written in the data."
        )
    for fate, role, read_as, advice in (
        (
            load.UNREADABLE_DATE,
            "date",
            study.date_format,
            "use one format throughout, or set date_format (for example '%d/%m/%Y')",
        ),
        (
            load.UNREADABLE_AMOUNT,
            "amount",
            None,
            f"map 'amount' to a column of numbers, or set decimal: '{_other(study)}' under 'source'",
        ),
    ):
        if (count := counts.get(fate, 0)) > MOST_UNREADABLE * asked:
            example = found_example(rows, fate)
            format_ = f" (date_format is {read_as})" if read_as else ""
            raise StudyError(
                f"{study.where('columns', role)}: {count:,} of {asked:,} rows have no readable "
                f"{role}{example}{format_}; {advice}."
            )


def found_example(rows: ibis.Table, fate: str) -> str:
    """Return ``", such as 'abc'"``: the first unreadable text in order of the alphabet."""
    text = first_found(rows, fate)
    return f", such as '{text}'" if text is not None else ""


def first_found(rows: ibis.Table, fate: str) -> str | None:
    """Return the first unreadable text in order of the alphabet; None if there is none."""
    text = rows.filter(rows.fate == fate).found.min().execute()
    return text if isinstance(text, str) else None


def _other(study: Study) -> str:
    return "," if study.source.decimal == "." else "."


def refuse_unusable(study: Study, opened: Opened, accounts: pd.DataFrame, span: dict) -> None:
    """Refuse data without a usable row, a purchase, or a second day.

    Parameters
    ----------
    study : Study
    opened : Opened
    accounts : DataFrame
        Columns ``fate`` and ``rows`` after typing.
    span : dict
        ``first`` and ``last`` usable day (None without one) and ``positive``,
        the number of amounts above 0.

    Raises
    ------
    StudyError
        If there is none.
    """
    name = opened.files[0].name
    if span["first"] is None:
        reasons = ", ".join(f"{r.rows:,} {r.fate}" for r in accounts.itertuples())
        raise StudyError(f"{name}: no row can be used ({reasons}); check 'columns' in the study.")
    if not span["positive"]:
        raise StudyError(
            f"{study.where('columns', 'amount')}: no amount is above 0, so there is no purchase; "
            "if the sign is turned round, write amount: -1 * your_column."
        )
    if span["first"] == span["last"]:
        raise StudyError(
            f"{name}: every transaction is of one day ({span['first']}); a back-test needs "
            "purchases before and after a cut date."
        )


def refuse_too_little(study: Study, periods: Periods, facts: dict) -> None:
    """Refuse what no method can answer: too few customers, too short periods.

    Parameters
    ----------
    study : Study
    periods : Periods
        Start, cut and end, all set.
    facts : dict
        ``first``, ``last``, ``customers`` and ``customers_calibration``.

    Raises
    ------
    StudyError
        If there is too little.
    """
    need, name = study.readiness, study.file.name
    history = (periods.cut - max(periods.start, facts["first"])).days
    holdout = (min(periods.end, facts["last"] + dt.timedelta(days=1)) - periods.cut).days
    if history < need.history_days:
        raise StudyError(
            f"{name}: the history before the cut ({periods.cut}) is {_counted(history, 'day')} "
            f"long; at least {need.history_days} are needed. Bring older transactions, or move "
            "'cut' later."
        )
    if holdout < need.holdout_days:
        raise StudyError(
            f"{name}: only {_counted(holdout, 'day')} of data follow the cut ({periods.cut}); at "
            f"least {need.holdout_days} are needed to see who came back. Bring newer "
            "transactions, or move 'cut' earlier."
        )
    count = facts["customers_calibration"]
    if count < need.customers:
        raise StudyError(
            f"{name}: {_counted(count, 'customer')} bought before the cut ({periods.cut}); "
            f"tiers need at least {need.customers}."
        )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
