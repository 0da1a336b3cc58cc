"""Table of the page of the five kinds: what each brought before and after the cut."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import _
from segment.pages import views
from segment.pages.tables.build import build
from segment.pages.tables.cells import TENTHS, names
from segment.run import Run


def kinds(a: Run, label: str) -> HTML:
    """Show what each of the five kinds brought before and after the cut."""
    frame = views.five_kinds.kinds(a, label)
    return build(
        _("{label}: the kinds and what they brought", label=label),
        (_("Kind"), names(frame["tier"])),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Share of customers"), frame["share"], TENTHS),
        (_("Share of past amount"), frame["past_share"], TENTHS),
        (_("Share of holdout value"), frame["value_share"], TENTHS),
        (_("Unhappy"), frame["unhappy"], "{:,.0f}"),
    )
