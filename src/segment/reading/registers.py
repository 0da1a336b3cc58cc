"""The two tables that can stand beside the transactions: customers and balances."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from segment.errors import StudyError, nearest
from segment.language import _
from segment.reading import sources
from segment.reading.cells import as_text, is_blank, number_reader
from segment.reading.findings import COLUMNS, finding
from segment.reading.load import as_date
from segment.reading.readiness import MOST_UNREADABLE, refuse_unsplit
from segment.study.schema import Contact, Periods, Source, Study

# Most values must read as numbers for an attribute to be one.
MOST_NUMBERS = 0.95
# Attributes that are days, under whatever heading.
DAYS = ("first_contact",)
# Attributes that are ages in years, under whatever heading.
AGES = ("age", "年龄")
NUMBERS = ("date", "age", "number")
# In front of a contact's kind, so that it is no attribute.
CONTACT = "contact."


@dataclass(frozen=True)
class Written:
    """The customers table as it was written, for the check of the customer file.

    Attributes
    ----------
    rows : DataFrame
        ``customer_id`` (None where missing) and every field, repeated ids too: timestamps,
        floats, else trimmed text.
    unreadable : DataFrame of bool
        By field of days and numbers: filled, but neither.
    kinds : dict of str to str
        By field: "name", "person", "phone", "email", "address", "date", "age", "number" or
        "category".
    """

    rows: pd.DataFrame
    unreadable: pd.DataFrame
    kinds: dict[str, str]


@dataclass(frozen=True)
class Register:
    """A table beside the transactions.

    Attributes
    ----------
    rows : DataFrame or ibis.Table
        Customers: a frame indexed by ``customer_id``, numbers as floats, categories
        as text, days as timestamps. Balances: ``customer_id``, ``date``, ``balance``.
    files : tuple of Path
    findings : DataFrame
        As in ``segment.findings``.
    written : Written or None
        Customers only.
    """

    rows: Any
    files: tuple[Path, ...]
    findings: pd.DataFrame
    written: Written | None = None


def customers(
    study: Study, periods: Periods, transactions: ibis.Table, con: ibis.BaseBackend, folder: Path
) -> Register | None:
    """Read the customers table of a study.

    Parameters
    ----------
    study : Study
    periods : Periods
        A table written after the cut can know what schemes must not know.
    transactions : ibis.Table
        The used rows; the table must know some of their customers.
    con : ibis backend
    folder : Path
        Working folder.

    Returns
    -------
    Register or None
        None if the study names no customers table.

    Raises
    ------
    StudyError
        If the table or one of its columns cannot be read, or no customer is in both.
    """
    asked = study.customers
    if asked is None:
        return None
    opened = _open(asked.source, study, con, folder, "customers")
    raw, number = opened.table, number_reader(asked.source.decimal)
    id_column = _pick(raw, study, ("customers", "customer_id"), asked.customer_id)
    columns, filled, kinds = {"customer_id": as_text(id_column).nullif("")}, {}, {}
    for name, column in asked.columns.items():
        key = ("customers", "columns", name)
        found = _pick(raw, study, key, column)
        if name in DAYS or found.type().is_temporal():
            columns[name] = as_date(raw, found, asked.date_format, study.where(*key))
            kinds[name] = "date"
        elif name not in asked.categories and _is_number(raw, found, number):
            columns[name] = number(found)
            kinds[name] = "age" if name in AGES or str(column) in AGES else "number"
        else:
            columns[name] = is_blank(found).ifelse(ibis.null("string"), as_text(found))
            kinds[name] = name if name in Contact.model_fields else "category"
        filled[f"filled_{name}"] = ~is_blank(found)
    contacts = {}
    for kind, column in asked.contact.mapped().items():
        found = _pick(raw, study, ("customers", "contact", kind), column)
        contacts[CONTACT + kind] = is_blank(found).ifelse(ibis.null("string"), as_text(found))
    frame = raw.select(**columns, **filled, **contacts).to_pandas()
    broken = {name: frame.pop(f"filled_{name}") & frame[name].isna() for name in asked.columns}
    unreadable = {name: int(mask.sum()) for name, mask in broken.items()}
    written = Written(
        frame.rename(columns=lambda name: name.removeprefix(CONTACT)),
        pd.DataFrame(
            {name: broken[name] for name in kinds if kinds[name] in NUMBERS}, index=frame.index
        ),
        {kind: kind for kind in asked.contact.mapped()} | kinds,
    )
    frame = frame.drop(columns=list(contacts))
    nobody = int(frame["customer_id"].isna().sum())
    frame = frame[frame["customer_id"].notna()]
    frame["customer_id"] = frame["customer_id"].astype(str)
    twice = int(frame["customer_id"].duplicated().sum())
    frame = frame.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    found = [
        *_broken(opened, _("Line of the customers table with the wrong number of fields")),
        finding(
            _("Row of the customers table without a customer id"), nobody, _("left out"), "note"
        ),
        finding(
            _("Customer who stands in the customers table again"),
            twice,
            _("the last row counts"),
            "warning",
        ),
        *(
            finding(
                _("Unreadable {column} in the customers table", column=name),
                count,
                _("counts as unknown"),
                "warning",
            )
            for name, count in unreadable.items()
            if count
        ),
        *_unmatched(study, transactions, frame.index),
        *_knows_too_much(study, periods, len(frame)),
    ]
    return Register(frame, opened.files, pd.DataFrame(found, columns=COLUMNS), written)


def balances(
    study: Study, transactions: ibis.Table, con: ibis.BaseBackend, folder: Path
) -> Register | None:
    """Read the balances table of a study; None if it names none.

    Parameters
    ----------
    study, transactions, con, folder
        As in ``customers``.

    Raises
    ------
    StudyError
        If the table or one of its columns cannot be read, more than a fifth of its
        rows is unusable, or no customer is in both.
    """
    asked = study.balances
    if asked is None:
        return None
    opened = _open(asked.source, study, con, folder, "balances")
    raw, number = opened.table, number_reader(asked.source.decimal)
    column = {
        name: _pick(raw, study, ("balances", name), getattr(asked, name))
        for name in ("customer_id", "date", "balance")
    }
    typed = raw.select(
        customer_id=as_text(column["customer_id"]).nullif(""),
        date=as_date(raw, column["date"], asked.date_format, study.where("balances", "date")),
        balance=number(column["balance"]),
    )
    typed.to_parquet(folder / "balances.parquet")
    typed = con.read_parquet(folder / "balances.parquet")
    whole = typed.drop_null(how="any")
    count, used = int(typed.count().execute()), int(whole.count().execute())
    if used < (1 - MOST_UNREADABLE) * count or not used:
        gaps = typed.aggregate(**{name: typed[name].isnull().sum() for name in typed.columns})
        worst = gaps.to_pandas().iloc[0].idxmax()
        raise StudyError(
            f"{study.where('balances', worst)}: {count - used:,} of {count:,} rows of the balances "
            f"table cannot be used, most for their '{worst}'; check the column"
            f"{' and date_format' if worst == 'date' else ''}."
        )
    buyers = transactions.select("customer_id").distinct()
    matched = whole.semi_join(buyers, "customer_id")
    if not int(matched.count().execute()):
        raise StudyError(
            f"{study.where('balances', 'customer_id')}: no customer of the balances table stands "
            "in the transactions; are the ids written the same?"
        )
    several = int(same_day(whole).count().execute())
    found = [
        *_broken(opened, _("Line of the balances table with the wrong number of fields")),
        finding(
            _("Row of the balances table without customer, day or balance"),
            count - used,
            _("left out"),
            "warning",
        ),
        finding(
            _("Day with several balances of one customer"), several, _("their mean counts"), "note"
        ),
        finding(
            _("Balance of somebody without a transaction"),
            used - int(matched.count().execute()),
            _("not used"),
            "note",
        ),
    ]
    return Register(whole, opened.files, pd.DataFrame(found, columns=COLUMNS))


def _broken(opened: sources.Opened, text: str) -> list[tuple]:
    if not opened.rejected:
        return []
    done = _("left out; the first is {line}", line=opened.first_rejected)
    return [(text, opened.rejected, None, done, "warning")]


def _unmatched(study: Study, transactions: ibis.Table, known: pd.Index) -> list[tuple]:
    """Count buyers whom the customers table does not have; refuse a table that has none."""
    buyers = transactions.select("customer_id").distinct().to_pandas()["customer_id"].astype(str)
    missing = buyers[~buyers.isin(known)]
    if len(missing) == len(buyers):
        raise StudyError(
            f"{study.where('customers', 'customer_id')}: no customer of the customers table stands "
            f"in the transactions (there, for example, '{buyers.min()}'; in the table "
            f"'{min(known, default='')}'); are the ids written the same?"
        )
    folded = set(known.str.lower())
    case = int(missing.str.lower().isin(folded).sum())
    weight = "warning" if len(missing) > MOST_UNREADABLE * len(buyers) else "note"
    return [
        finding(
            _("Buyer without a row in the customers table"),
            len(missing),
            _("their attributes count as unknown"),
            weight,
            len(missing),
        ),
        finding(
            _("Buyer whose id differs there only in case"),
            case,
            _("counts as unknown; write the ids the same"),
            "warning",
            case,
        ),
    ]


def _open(source: Source, study: Study, con: Any, folder: Path, name: str) -> sources.Opened:
    (folder / name).mkdir(exist_ok=True)
    try:
        opened = sources.open_source(source, study.file.parent, con, folder / name)
        refuse_unsplit(opened)
        return opened
    except StudyError as error:
        raise StudyError(f"{study.where(name, 'source')}: {error}") from None


def _pick(raw: ibis.Table, study: Study, key: tuple[str, ...], column: str | int) -> Any:
    if isinstance(column, int) and column <= len(raw.columns):
        return raw[raw.columns[column - 1]]
    if column in raw.columns:
        return raw[column]
    raise StudyError(
        f"{study.where(*key)}: the {key[0]} table has no column '{column}' for '{key[-1]}'"
        f"{nearest(str(column), raw.columns)}"
    )


def _is_number(raw: ibis.Table, column: Any, number: Any) -> bool:
    if column.type().is_numeric():
        return True
    filled = raw.filter(~is_blank(column))
    share = filled.aggregate(share=number(column).notnull().mean()).to_pandas()["share"].iloc[0]
    # A column without any value may hold numbers one day.
    return pd.isna(share) or share >= MOST_NUMBERS


def _knows_too_much(study: Study, periods: Periods, rows: int) -> list[tuple]:
    """Warn where the table may know what happened after the cut."""
    known_on = study.customers.known_on
    if known_on is not None and known_on < periods.cut:
        return []
    text = (
        _("The customers table is of {day}, not before the cut", day=known_on)
        if known_on
        else _("The customers table does not say its day")
    )
    done = _("used; schemes that read it may know the future. Add 'known_on', a day before the cut")
    return [(text, rows, rows, done, "warning")]


def same_day(balances: ibis.Table) -> ibis.Table:
    """Return the days on which a customer has several records, which count by their mean.

    Returns
    -------
    ibis.Table
        ``customer_id``, ``date``, ``records`` (more than one), ``lowest`` and
        ``highest`` of their balances.
    """
    known = balances.filter(balances.balance.notnull())
    days = known.group_by("customer_id", "date").agg(
        records=known.count(), lowest=known.balance.min(), highest=known.balance.max()
    )
    return days.filter(days.records > 1)
