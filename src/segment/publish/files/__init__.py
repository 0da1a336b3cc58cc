"""Files for the CRM and for Monday: every customer's tier, the watch-lists, the rules as SQL.

All but the rules name customers, and go into the ``confidential/`` folder of a report.
A text that a spreadsheet would run as a formula is never written as one.
"""

from __future__ import annotations

from pathlib import Path

from segment.action import watchlists
from segment.language import _
from segment.pages.narrate.watchlist_words import NAMES
from segment.publish.files.files import write_csv, write_xlsx
from segment.publish.files.frames import headed, plain, standing, watch_list
from segment.publish.files.records import doubles, moves, repairs
from segment.publish.files.sql import rules
from segment.run import Run

TIERS, LISTS, RULES = "tiers", "watch-lists", "rules.sql"
MOVES = "upgrades-downgrades.csv"
REPAIRS, DOUBLES = "records-to-repair.csv", "records-of-one-customer.csv"
# What an Excel sheet holds.
MOST_ROWS = 1_048_576
# A workbook takes some ten seconds for a million cells; beyond so many, less goes in.
MOST_CELLS = 3_000_000


def write(a: Run, folder: Path, label: str | None = None) -> list[str]:
    """Write all files into a folder.

    Parameters
    ----------
    a : Run
    folder : Path
    label : str, optional
        The scheme that counts. Default: the recommended one.

    Returns
    -------
    list of str
        What was left out, a sentence each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists = a.watchlists if label is None else watchlists.make(a, a.known(label))
    label = a.known(label)
    found = standing(a, label, lists)
    plain(found).to_parquet(folder / f"{TIERS}.parquet")
    shown = headed(label, found)
    write_csv(shown, folder / f"{TIERS}.csv")
    said = []
    if len(shown) < MOST_ROWS:
        if shown.size > MOST_CELLS:
            shown = shown.iloc[:, : -len(a.methods)]
            said.append(
                f"{TIERS}.xlsx holds the tiers of {label} alone; those of all schemes are more "
                f"than {MOST_CELLS:,} cells and stand in {TIERS}.csv."
            )
        write_xlsx({_("All customers"): shown}, folder / f"{TIERS}.xlsx")
    else:
        (folder / f"{TIERS}.xlsx").unlink(missing_ok=True)
        said.append(
            f"{TIERS}.xlsx is left out: {len(shown):,} customers are more than the "
            f"{MOST_ROWS - 1:,} that an Excel sheet holds; {TIERS}.csv has them all."
        )
    sheets = {}
    for number, (name, one) in enumerate(lists.items(), start=1):
        people = watch_list(a, label, one, found)
        write_csv(people, folder / f"watch-list-{number}-{name}.csv")
        sheets[_(NAMES[name])] = people
    write_xlsx(sheets, folder / f"{LISTS}.xlsx")
    write_csv(moves(a, label), folder / MOVES)
    if a.file is not None:
        write_csv(repairs(a, label), folder / REPAIRS)
        write_csv(doubles(a, label), folder / DOUBLES)
    (folder / RULES).write_text(rules(a), encoding="utf-8")
    return said
