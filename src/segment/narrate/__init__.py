"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.narrate import (
    abc,
    attrition,
    backtest,
    cautions,
    clusters,
    credit_brake,
    customer_file,
    data,
    experiment,
    five_kinds,
    gold_drag,
    learned,
    lifecycle,
    previous,
    profiles,
    quadrants,
    retiering,
    rfm,
    scorecard,
    stability,
    summary,
    thresholds,
    turnover_margin,
    verdict,
)
from segment.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "attrition", "backtest", "cautions", "clusters", "credit_brake", "customer_file", "data",
    "experiment", "five_kinds", "gold_drag", "inversions", "learned", "lifecycle", "previous",
    "profiles", "quadrants", "retiering", "rfm", "scorecard", "skill", "stability", "summary",
    "thresholds", "top_tier", "turnover_margin", "verdict",
]  # fmt: skip
