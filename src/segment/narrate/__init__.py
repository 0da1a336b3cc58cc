"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.narrate import (
    abc,
    backtest,
    cautions,
    clusters,
    credit_brake,
    data,
    experiment,
    five_kinds,
    gold_drag,
    learned,
    lifecycle,
    profiles,
    quadrants,
    rfm,
    scorecard,
    stability,
    thresholds,
    turnover_margin,
    verdict,
    watchlists,
)
from segment.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "backtest", "cautions", "clusters", "credit_brake", "data", "experiment", "five_kinds",
    "gold_drag", "inversions", "learned", "lifecycle", "profiles", "quadrants", "rfm", "scorecard",
    "skill", "stability", "thresholds", "top_tier", "turnover_margin", "verdict", "watchlists",
]  # fmt: skip
