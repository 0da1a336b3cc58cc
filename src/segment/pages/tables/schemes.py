"""Tables of any scheme: its tiers, what to do with them, and who is in them."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.evidence import profiles
from segment.language import N_, _, tier_name
from segment.pages import narrate, views
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


def profile(a: Run, label: str) -> HTML:
    """Show what sets the customers of each tier apart from all customers."""
    strengths, profile = views.profiles.strengths(a, label), views.profiles.profile(a, label)
    sizes = a.methods[label].labels_.value_counts(sort=False)
    apart = [_apart(strengths, profile, tier) if size else "" for tier, size in sizes.items()]
    return build(
        _("{label}: the customers of each tier", label=label),
        (_("Tier"), [tier_name(tier) for tier in sizes.index]),
        (_("Customers"), sizes, "{:,}"),
        (_("What sets them apart"), [text or _("nothing beyond chance") for text in apart]),
    )


def _apart(strengths: pd.DataFrame, profile: pd.DataFrame, tier: str) -> str:
    if not len(profile):
        return ""
    found = profiles.telling(strengths, profile, tier, 4)
    return _("; ").join(narrate.profiles.apart(difference) for difference in found)
