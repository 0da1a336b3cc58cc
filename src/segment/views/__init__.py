"""What a page draws and tabulates: frames computed from the analysis."""

from segment.views import (
    abc,
    clusters,
    credit_brake,
    five_kinds,
    gold_drag,
    learned,
    lifecycle,
    profiles,
    quadrants,
    rfm,
    scorecard,
    thresholds,
)

__all__ = [
    "abc", "clusters", "credit_brake", "five_kinds", "gold_drag", "learned", "lifecycle",
    "profiles", "quadrants", "rfm", "scorecard", "thresholds",
]  # fmt: skip
