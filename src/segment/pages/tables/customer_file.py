"""The tables of the customer file page; they hold counts and no record."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.language import _
from segment.pages import views
from segment.pages.narrate.common import too_few
from segment.pages.narrate.customer_file import EVIDENCE, PROBLEMS, SURENESS, name
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, TENTHS, amount, names, number
from segment.run import Run
from segment.words import percent

MOST_ROWS = 30


def fields(a: Run, found: pd.DataFrame) -> HTML:
    """Show completeness and correctness of every field, most money to repair first."""
    few = too_few(a, found["customers"])
    return build(
        _("Fields of the customer file; most money to repair first"),
        (_("Field"), found["field"].map(name)),
        (_("Filled"), found["complete"].map(TENTHS)),
        (_("No fault found"), found["correct"].map(TENTHS)),
        (_("Records to repair"), _numbers(a, found["missing"] + found["wrong"])),
        (_("Customers with purchases"), _numbers(a, found["customers"])),
        (_("What they brought"), found["value"].map(amount(a)).where(~few, NONE)),
        (_("Share of all"), found["value_share"].map(percent).where(~few, NONE)),
    )


def faults(a: Run, found: pd.DataFrame) -> HTML:
    """Show what cannot be right in which field, most frequent first."""
    rows = found.head(MOST_ROWS)
    return build(
        _("What cannot be right"),
        (_("Field"), rows["field"].map(name)),
        (_("What is wrong"), [_(PROBLEMS[problem]) for problem in rows["problem"]]),
        (_("Records"), _numbers(a, rows["records"])),
    )


def by_tier(a: Run, label: str) -> HTML:
    """Show how many customers of each tier have a record, and one without a fault."""
    found = views.customer_file.by_tier(a, label)
    return build(
        _("Records by tier of {label}", label=label),
        (_("Tier"), names(found["tier"])),
        (_("Customers"), _numbers(a, found["customers"])),
        (_("In the file"), _shares(a, found["recorded"], found["customers"])),
        (_("Without gap or fault"), _shares(a, found["whole"], found["customers"])),
    )


def doubles(a: Run) -> HTML:
    """Show how many pairs of records may be one customer, and how sure that is."""
    found = views.customer_file.doubles(a)
    few = too_few(a, found["pairs"])
    return build(
        _("Records that may be one customer"),
        (_("How sure"), [_(SURENESS[sure]) for sure in found["sure"]]),
        (_("Because of"), [_(EVIDENCE[sure]) for sure in found["sure"]]),
        (_("Pairs"), _numbers(a, found["pairs"])),
        (_("What they brought"), found["value"].map(amount(a)).where(~few, NONE)),
    )


def _numbers(a: Run, counts: pd.Series) -> list[str]:
    return [number(a, int(count)) for count in counts]


def _shares(a: Run, parts: pd.Series, wholes: pd.Series) -> list[str]:
    return [
        percent(part / whole) if whole and not too_few(a, whole) else NONE
        for part, whole in zip(parts, wholes, strict=True)
    ]
