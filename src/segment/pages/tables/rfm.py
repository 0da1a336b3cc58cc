"""Table of the RFM page: what each score means."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import _
from segment.pages.tables.build import build
from segment.pages.tables.cells import TENTHS, in_words
from segment.run import Run
from segment.tiering import RFM


def rfm_scores(a: Run, label: str) -> HTML:
    """Show limits and realised size of every RFM score."""
    method: RFM = a.methods[label]
    frame = method.score_table(a.customers)
    return build(
        _("{label}: what each score means and who has it", label=label),
        (_("Variable"), frame["variable"].map(in_words)),
        (_("Score"), frame["score"]),
        (_("Rule"), frame["rule"]),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Share"), frame["share"], TENTHS),
    )
