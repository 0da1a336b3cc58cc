"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.narrate import (
    abc,
    backtest,
    cautions,
    clusters,
    credit_brake,
    data,
    division,
    experiment,
    five_kinds,
    gold_drag,
    hours,
    learned,
    lifecycle,
    plan,
    profiles,
    quadrants,
    reach,
    rfm,
    scorecard,
    stability,
    thresholds,
    tornado,
    turnover_margin,
    verdict,
)
from segment.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "backtest", "cautions", "clusters", "credit_brake", "data", "division", "experiment",
    "five_kinds", "gold_drag", "hours", "inversions", "learned", "lifecycle", "plan", "profiles",
    "quadrants", "reach", "rfm", "scorecard", "skill", "stability", "thresholds", "top_tier",
    "tornado", "turnover_margin", "verdict",
]  # fmt: skip
