"""Files for the CRM and for Monday: every customer's tier, the watch-lists, the rules as SQL.

All but the rules name customers, and go into the ``confidential/`` folder of a report.
A text that a spreadsheet would run as a formula is never written as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from segment.action.watchlists import LISTS, WatchList
from segment.action.watchlists.lists import NAMES
from segment.features import warehouse
from segment.language import _
from segment.pages import effort as effort_page
from segment.pages import watch_lists
from segment.pages._present import present
from segment.publish.files import lists_book, owners, sql
from segment.publish.files.files import write_csv, write_xlsx
from segment.publish.files.frames import (
    Standing,
    call_list,
    headed,
    most_first,
    plain,
    schemes,
    standing,
    untested,
    watch_list,
)
from segment.publish.files.records import (
    birthdays,
    crosswalk,
    doubles,
    effort,
    members,
    moved,
    moves,
    overdue,
    prospects,
    repairs,
)
from segment.run import Run

TIERS, BOOK, RULES, MODEL = "tiers", "watch-lists.xlsx", "rules.sql", "customer_tiers.sql"
MOVES, MOVED = "upgrades-downgrades.csv", "moved.csv"
REPAIRS, DOUBLES = "records-to-repair.csv", "records-of-one-customer.csv"
PRESENT, PROSPECTS, BIRTHDAYS = "present-tiers.csv", "prospects.csv", "birthdays.csv"
EFFORT, OVERDUE, GROUPS = "effort.csv", "overdue-contacts.csv", "groups.csv"
MAIN = f"{TIERS}.parquet"  # is there whatever was left out
FILES = {name: f"watch-list-{number}-{name}.csv" for number, name in enumerate(LISTS, start=1)}
ALL = [*(f"{TIERS}.{kind}" for kind in ("csv", "xlsx", "parquet")), BOOK, *FILES.values()]
ALL += [MOVES, REPAIRS, DOUBLES, PRESENT, PROSPECTS, BIRTHDAYS, EFFORT, OVERDUE, GROUPS]
ALL += [RULES, MODEL]
# What an Excel sheet holds.
MOST_ROWS = 1_048_576
# A workbook takes some ten seconds for a million cells; beyond so many there is none.
MOST_CELLS = 3_000_000


def write(
    run: Run, folder: Path, label: str | None = None, dialect: str = warehouse.DUCKDB
) -> list[str]:
    """Write all files into a folder; return what was left out, a sentence each.

    ``label`` is the scheme that counts, else the recommended one; ``dialect`` that of the SQL.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sql.write(run, folder / RULES, folder / MODEL, dialect)
    if run.study.untested:
        return _write_tiers(run, run.known(label), untested(run, run.known(label)), folder)
    lists = run.watchlists if label is None else run.lists(run.known(label))
    label = run.known(label)
    customers = standing(run, label, lists)
    left_out = _write_tiers(run, label, customers, folder)
    left_out += _write_lists(run, label, lists, customers, folder)
    known = set() if run.attributes is None else {*run.attributes}
    about = {
        MOVES: (True, lambda: moves(run, label, customers.about)),
        PRESENT: (present(run) is not None, lambda: crosswalk(run, label)),
        PROSPECTS: (known & {"intent", "wanted"}, lambda: prospects(run)),
        BIRTHDAYS: ("birthday" in known, lambda: birthdays(run, label)),
        GROUPS: (run.groups is not None, lambda: members(run, label)),
        REPAIRS: (run.file is not None, lambda: repairs(run, label)),
        DOUBLES: (run.file is not None, lambda: doubles(run, label)),
        EFFORT: (effort_page.known(run), lambda: effort(run, label)),
        OVERDUE: (run.contacts is not None, lambda: overdue(run, label)),
    }
    for name, (can_be, frame) in about.items():
        if can_be and (rows := frame()) is not None:
            write_csv(rows, folder / name)
    return left_out


def _write_lists(
    run: Run, label: str, lists: Mapping[str, WatchList], customers: Standing, folder: Path
) -> list[str]:
    """Write the watch-lists, and whom to call first; return what was left out."""
    sheets = {name: watch_list(run, label, each, customers) for name, each in lists.items()}
    for name, people in sheets.items():
        write_csv(people, folder / FILES[name])
    due = watch_lists.call_list(run, lists)
    calls = call_list(run, label, due, lists, customers)
    calls[_("Owner")] = owners.owners(run, pd.Index(calls[_("Customer")])).to_numpy()
    filled = {_(NAMES[name]): people for name, people in sheets.items() if len(people)}
    if run.attributes is not None and owners.OWNER in run.attributes:
        table = owners.load(run, label, customers, calls)
        parts = customers.parts(most_first(run, customers))
        shown = pd.concat([headed(run, label, part) for part in parts], ignore_index=True)
        owners.write(run, folder, table, {_("Call list"): calls, **filled}, shown)
        filled |= {_("Owner"): table}
    lists_book.write_lists(
        watch_lists.said(run, due, label),
        calls,
        filled,
        run.study.currency,
        folder / BOOK,
    )
    if any(len(people) > lists_book.MOST_ROWS for people in filled.values()):
        return [
            f"{BOOK} holds the first {lists_book.MOST_ROWS:,} customers of each list; the CSV "
            "files have them all."
        ]
    return []


def _write_tiers(run: Run, label: str, customers: Standing, folder: Path) -> list[str]:
    """Write every customer's tier; return what was left out."""
    with ExitStack() as stack:
        writer = None
        for table in (pa.Table.from_pandas(plain(part)) for part in customers.parts()):
            writer = writer or stack.enter_context(ParquetWriter(folder / MAIN, table.schema))
            writer.write_table(table.cast(writer.schema))
    number = len(customers.about)
    kept: list[pd.DataFrame] = []  # as far as a workbook holds them

    def lines() -> Iterator[pd.DataFrame]:
        for part in customers.parts(most_first(run, customers)):
            shown = headed(run, label, part)
            if number * len(shown.columns) <= MOST_CELLS:
                kept.append(shown)
            yield shown.join(schemes(part).iloc[:, 1:])

    book, csv = f"{TIERS}.xlsx", f"{TIERS}.csv"
    write_csv(lines(), folder / csv)
    if number >= MOST_ROWS:
        return [
            f"{book} is left out: {number:,} customers are more than the {MOST_ROWS - 1:,} that an "
            f"Excel sheet holds; {csv} has them all."
        ]
    if not kept:
        return [
            f"{book} is left out: it would have more than {MOST_CELLS:,} cells; {csv} has them all."
        ]
    shown = pd.concat(kept, ignore_index=True)
    write_xlsx({_("All customers"): shown}, run.study.currency, folder / book)
    return []


def write_moved(run: Run, before: Path, folder: Path) -> None:
    """Write who stands in another tier than in the last report, whose files are in ``before``."""
    records = moved(run, before / MAIN)
    if records is not None:
        write_csv(records, folder / MOVED)
