"""Tables of any scheme: its tiers, what to do with them, and who is in them."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import N_, _
from segment.pages.narrate.common import mean_value
from segment.pages.tables.build import Write, build
from segment.pages.tables.cells import NONE, TENTHS, names
from segment.run import Run
from segment.words import percent

# The column of ``Run.notes`` that holds the study's own words.
SERVICE = N_("Service")


def tiers(a: Run, label: str) -> HTML:
    """Show each tier's rule, size and holdout figures."""
    frame = a.tier_table(label)
    currency = a.study.currency
    mean = [mean_value(row, currency) if row["customers"] else NONE for __, row in frame.iterrows()]
    columns: dict[str, tuple[str, Write]] = {
        "customers": (_("Customers"), "{:,}"), "share": (_("Share"), TENTHS),
        "value_share": (_("Share of holdout value"), TENTHS),
        "active_share": (_("Bought again"), percent),
    }  # fmt: skip
    rules = [(_("Rule"), frame["rule"])] if "rule" in frame else []
    return build(
        _("{label}: the tiers, and what they brought after the cut", label=label),
        (_("Tier"), names(frame["tier"])),
        *rules,
        *((head, frame[name], write) for name, (head, write) in columns.items() if name in frame),
        (_("Holdout value per customer (95 %)"), mean),
    )


def notes(a: Run, label: str) -> HTML:
    """Show what is to be done for each tier; nothing if neither method nor study says."""
    notes = a.notes(label)
    if notes.columns.empty:
        return HTML("")
    return build(
        _("{label}: what to do with each tier", label=label),
        (_("Tier"), names(notes.index)),
        *((_(kind), notes[kind]) for kind in notes),
    )
