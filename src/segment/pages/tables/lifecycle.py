"""Tables of the lifecycle page: what stands at each stage, and what came of it."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.language import _
from segment.pages import views
from segment.pages.tables.build import Write, build
from segment.pages.tables.cells import NONE, TENTHS, amount, names
from segment.run import Run
from segment.words import percent


def stages(a: Run, label: str) -> HTML:
    """Show what stands at each lifecycle stage, and what came of it; prospects on top."""
    frame = views.lifecycle.stages(a, label)
    last_year = "monetary_year" in a.customers
    past = _("Last year's amount") if last_year else _("Amount before the cut")
    return build(
        _("{label}: the stages, what stands with them, and who came back", label=label),
        (_("Stage"), names(frame["stage"])),
        (_("Customers"), frame["customers"], "{:,}"),
        (past, frame["past"], amount(a)),
        (_("Share of it"), frame["past_share"], TENTHS),
        *_came_of(a, frame),
    )


def contrasts(a: Run, label: str) -> HTML:
    """Show newcomers against long-standing customers, and one-off against repeat ones."""
    frame = views.lifecycle.contrasts(a, label)
    return build(
        _("Newcomers and long-standing customers, one-off and repeat customers"),
        (_("Group"), frame["group"]),
        (_("Meaning"), frame["meaning"]),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Share of past amount"), frame["past_share"], TENTHS),
        *_came_of(a, frame),
    )


def _came_of(a: Run, frame: pd.DataFrame) -> list[tuple[str, object, Write]]:
    again = [
        _("{value} ({low} to {high})", value=percent(r.share), low=percent(r.low),
          high=percent(r.high)) if r.customers else NONE
        for r in frame.itertuples()
    ]  # fmt: skip
    return [
        (_("Bought after the cut (95 %)"), again, None),
        (_("Holdout value each"), frame["value"], amount(a)),
    ]
