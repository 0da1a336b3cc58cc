"""Tables of the back-test and the recommendation: all schemes side by side."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.evidence.backtest import shown
from segment.language import N_, _
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, with_interval
from segment.run import Run
from segment.words import between, decimal, percent, signed

PARTS = {
    "gini": N_("Normalised Gini"), "capture": N_("Capture"), "auc": N_("2 AUC - 1"),
    "stability": N_("Stability"), "simplicity": N_("Simplicity"), "balance": N_("Balance"),
    "score": N_("Score"),
}  # fmt: skip


def scoreboard(a: Run) -> HTML:
    """Show all figures of all schemes and yardsticks, best first."""
    figures = a.backtest.figures.join(a.stability.figures["kappa"])
    figures = figures.sort_values("gini", ascending=False, kind="stable")
    rows = [row for __, row in figures.iterrows()]
    return build(
        _("All schemes and yardsticks on the same customers"),
        (_("Scheme"), [_scheme(row.name, row["kind"] != "method") for row in rows]),
        (_("Tiers"), figures["tiers"], "{:.0f}"),
        (_("Normalised Gini"), [with_interval(row, "gini", 3) for row in rows]),
        (_("Without the largest"), [_known(x, 3) for x in figures["gini_without_largest"]]),
        (_("Skill"), [_skill(row) for row in rows]),
        (_("Capture, first {share}", share=percent(a.backtest.capture_share)),
         [with_interval(row, "capture", 3) for row in rows]),
        (_("AUC"), [with_interval(row, "auc", 3) for row in rows]),
        (_("Stability"), [_known(x, 2) for x in figures["kappa"]]),
    )  # fmt: skip


def _scheme(label: str, yardstick: bool) -> str:
    """Return the name of a scheme as the study gives it, or of a yardstick."""
    return _("{name} (yardstick)", name=shown(label)) if yardstick else label


def _known(value: float, digits: int) -> str:
    return NONE if pd.isna(value) else decimal(value, digits)


def _skill(row: pd.Series) -> str:
    if row["by_construction"]:
        return _("by construction 0")
    return with_interval(row, "skill", 3, signed)


def origins(a: Run) -> HTML:
    """Show how every scheme fares over the cut dates, highest mean first."""
    frame = a.rolling.summary.sort_values("mean", ascending=False, kind="stable")
    rows = [row for __, row in frame.iterrows()]
    return build(
        _("The same schemes at {n} cut dates", n=len(a.rolling.origins)),
        (_("Scheme"), [_scheme(row.name, pd.isna(row["wins"])) for row in rows]),
        (_("Cut dates"), frame["origins"], "{:.0f}"),
        (_("Mean normalised Gini"), [with_interval(row, "mean", 3) for row in rows]),
        (_("Lowest to highest"), [_range(row) for row in rows]),
        (_("Mean skill"), [signed(skill) for skill in frame["skill"]]),
        (_("Mean capture"), [decimal(capture, 3) for capture in frame["capture"]]),
        (_("Best scheme at"), [_known(wins, 0) for wins in frame["wins"]]),
    )


def weighted_score(a: Run) -> HTML:
    """Show the parts of the secondary score."""
    frame = a.verdict.score
    caption = _(
        "Weighted score at the cut of {cut}; 'leads' is the share of random weightings "
        "a scheme wins",
        cut=a.windows.cut,
    )
    parts = [name for name in frame if name != "leads"]
    return build(
        caption,
        (_("Scheme"), list(frame.index)),
        *((_(PARTS[name]), frame[name], "{:.2f}") for name in parts),
        (_("Leads"), frame["leads"], percent),
    )


def _range(row: pd.Series) -> str:
    """Return the range over the dates; none where a single one stands behind the mean."""
    if row["origins"] < 2:
        return NONE
    return between(row["lowest"], row["highest"], 3)
