"""What a page draws and tabulates: frames computed from the analysis."""

from segment.features import names
from segment.pages.views import (
    abc,
    clusters,
    credit_brake,
    customer_file,
    experiment,
    five_kinds,
    gold_drag,
    learned,
    lifecycle,
    plan,
    profiles,
    quadrants,
    retiering,
    rfm,
    rolling,
    scorecard,
    stability,
    thresholds,
    watchlists,
)

__all__ = [
    "abc", "clusters", "credit_brake", "customer_file", "experiment", "five_kinds", "gold_drag",
    "learned", "lifecycle", "names", "plan", "profiles", "quadrants", "retiering", "rfm", "rolling",
    "scorecard", "stability", "thresholds", "watchlists",
]  # fmt: skip
