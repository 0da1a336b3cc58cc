"""Table of the scorecard page: what each indicator counts for."""

from __future__ import annotations

from IPython.display import HTML

from segment.features.names import column_name
from segment.language import N_, _
from segment.pages import views
from segment.pages.tables.build import build
from segment.pages.tables.cells import TENTHS
from segment.run import Run
from segment.words import percent

BETTER = {"high": N_("high"), "low": N_("low")}


def indicators(a: Run, label: str) -> HTML:
    """Show what each indicator of a scorecard counts for, and what its weight decides."""
    frame = views.scorecard.indicators(a, label)
    return build(
        _("{label}: the indicators, and the customers their weights move", label=label),
        (_("Indicator"), [column_name(name) for name in frame.index]),
        (_("Better"), [_(BETTER[better]) for better in frame["better"]]),
        (_("Weight"), frame["weight"], percent),
        (_("Missing"), frame["missing"], percent),
        (_("Another grade, weight 10 points up"), frame["up"], TENTHS),
        (_("10 points down"), frame["down"], TENTHS),
    )
