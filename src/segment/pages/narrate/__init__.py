"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.pages.narrate import (
    abc,
    attrition,
    backtest,
    cautions,
    clusters,
    credit_brake,
    customer_file,
    data,
    division,
    experiment,
    five_kinds,
    gold_drag,
    hours,
    learned,
    lifecycle,
    plan,
    previous,
    profiles,
    quadrants,
    reach,
    retiering,
    rfm,
    scorecard,
    stability,
    summary,
    thresholds,
    tornado,
    turnover_margin,
    verdict,
    watchlists,
)
from segment.pages.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "attrition", "backtest", "cautions", "clusters", "credit_brake", "customer_file", "data",
    "division", "experiment", "five_kinds", "gold_drag", "hours", "inversions", "learned",
    "lifecycle", "plan", "previous", "profiles", "quadrants", "reach", "retiering", "rfm",
    "scorecard", "skill", "stability", "summary", "thresholds", "top_tier", "tornado",
    "turnover_margin", "verdict", "watchlists",
]  # fmt: skip
