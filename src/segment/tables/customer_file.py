"""The tables of the customer file page; they hold counts and no record."""

from __future__ import annotations

from functools import partial

import pandas as pd
from IPython.display import HTML

from segment import views
from segment.analysis import Analysis
from segment.display import table
from segment.language import _, tier_name
from segment.narrate.common import FEWEST
from segment.narrate.customer_file import EVIDENCE, PROBLEMS, SURENESS, name
from segment.tables.retiering import number
from segment.words import money, percent

MOST_ROWS = 30


def fields(a: Analysis, found: pd.DataFrame) -> HTML:
    """Show completeness and correctness of every field, most money to repair first."""
    few = found["customers"].between(1, FEWEST - 1) & (a.study.identifiers == "hide")
    worth = partial(money, currency=a.study.currency)
    shown = pd.DataFrame({
        _("Field"): found["field"].map(name),
        _("Filled"): found["complete"].map(partial(percent, digits=1)),
        _("No fault found"): found["correct"].map(partial(percent, digits=1)),
        _("Records to repair"): [number(a, int(n)) for n in found["missing"] + found["wrong"]],
        _("Customers with purchases"): [number(a, int(n)) for n in found["customers"]],
        _("What they brought"): found["value"].map(worth).where(~few, "–"),
        _("Share of all"): found["value_share"].map(percent).where(~few, "–"),
    })  # fmt: skip
    return table(shown, _("Fields of the customer file; most money to repair first"))


def faults(a: Analysis, found: pd.DataFrame) -> HTML:
    """Show what cannot be right in which field, most frequent first."""
    rows = found.head(MOST_ROWS)
    shown = pd.DataFrame({
        _("Field"): rows["field"].map(name),
        _("What is wrong"): [_(PROBLEMS[problem]) for problem in rows["problem"]],
        _("Records"): [number(a, int(n)) for n in rows["records"]],
    })  # fmt: skip
    return table(shown, _("What cannot be right"))


def by_tier(a: Analysis, label: str) -> HTML:
    """Show how many customers of each tier have a record, and one without a fault."""
    found = views.customer_file.by_tier(a, label)
    shown = pd.DataFrame({
        _("Tier"): found["tier"].astype(object).map(tier_name),
        _("Customers"): [number(a, int(n)) for n in found["customers"]],
        _("In the file"): [_share(a, row.recorded, row.customers) for row in found.itertuples()],
        _("Without gap or fault"): [_share(a, row.whole, row.customers)
                                    for row in found.itertuples()],
    })  # fmt: skip
    return table(shown, _("Records by tier of {label}", label=label))


def doubles(a: Analysis) -> HTML:
    """Show how many pairs of records may be one customer, and how sure that is."""
    found = views.customer_file.doubles(a)
    few = found["pairs"].between(1, FEWEST - 1) & (a.study.identifiers == "hide")
    worth = partial(money, currency=a.study.currency)
    shown = pd.DataFrame({
        _("How sure"): [_(SURENESS[sure]) for sure in found["sure"]],
        _("Because of"): [_(EVIDENCE[sure]) for sure in found["sure"]],
        _("Pairs"): [number(a, int(n)) for n in found["pairs"]],
        _("What they brought"): found["value"].map(worth).where(~few, "–"),
    })  # fmt: skip
    return table(shown, _("Records that may be one customer"))


def _share(a: Analysis, part: int, whole: int) -> str:
    if not whole or (whole < FEWEST and a.study.identifiers == "hide"):
        return "–"
    return percent(part / whole)
