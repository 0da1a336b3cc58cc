"""Tables of the data page: every source row, findings, and the columns methods can read."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.features.customers import FEATURES, NEXT, PAST
from segment.language import N_, _
from segment.pages.tables.build import build
from segment.pages.tables.cells import amount, number_in_short
from segment.reading.findings import in_words
from segment.run import Run
from segment.words import count, percent

SPREAD = (N_("10 %"), N_("Median"), N_("90 %"), N_("Largest"))
QUANTILES = [0.1, 0.5, 0.9, 1.0]
WEIGHT = {"fine": N_("ok"), "note": N_("note"), "warning": N_("look")}


def accounts(a: Run) -> HTML:
    """Show what happened to every source row."""
    read, accounted = a.facts["rows_read"], a.accounts["rows"].sum()
    return build(
        _("{read} rows read, {accounted} accounted for",
          read=f"{read:,}", accounted=f"{accounted:,}"),
        (_("What happened"), a.accounts["fate"].map(_)),
        (_("Rows"), a.accounts["rows"], "{:,}"),
        (_("Amount"), a.accounts["amount"], amount(a)),
    )  # fmt: skip


def findings(a: Run) -> HTML:
    """Show what was looked for in the data and what was done, worst first."""
    frame = in_words(a.findings)
    return build(
        _("Findings on the data"),
        (_("Severity"), [_(WEIGHT[weight]) for weight in frame["weight"]]),
        (_("Finding"), frame["finding"]),
        (_("Rows"), frame["rows"], "{:,}"),
        (_("Customers"), frame["customers"], "{:,.0f}"),
        (_("What was done"), frame["done"]),
    )


def customers(a: Run) -> HTML:
    """Show every column that a method can read, with its spread at the cut."""
    listed = [
        name for name in a.customers if not name.startswith((PAST, NEXT)) and "_ago_" not in name
    ]
    units = [_unit(a, name) for name in listed]
    spread = pd.DataFrame([_spread(a, name) for name in listed], columns=SPREAD)
    caption = _("{customers} on the day before {cut}",
                customers=count(len(a.customers), "customer"), cut=a.windows.cut)  # fmt: skip
    return build(
        caption,
        (_("Column"), listed),
        (_("Meaning"), [_meaning(name) for name in listed]),
        (_("Unit"), units),
        (_("Known"), [a.customers[name].notna().mean() for name in listed], percent),
        *((_(part), spread[part]) for part in SPREAD),
    )


def _meaning(name: str) -> str:
    return _(FEATURES[name][0]) if name in FEATURES else _("From the customers table")


def _unit(a: Run, name: str) -> str:
    column = a.customers[name]
    unit = FEATURES[name][1] if name in FEATURES else ""
    if not pd.api.types.is_numeric_dtype(column) and name in _attributes(a):
        return count(column.nunique(), "value")
    return a.study.currency if unit == "currency" else _(unit)


def _spread(a: Run, name: str) -> list[str | float]:
    column = a.customers[name]
    if pd.api.types.is_numeric_dtype(column):
        return [number_in_short(value) for value in column.quantile(QUANTILES)]
    return [""] * len(QUANTILES) if name in _attributes(a) else [float("nan")] * len(QUANTILES)


def _attributes(a: Run) -> dict:
    return a.study.customers.columns if a.study.customers else {}
