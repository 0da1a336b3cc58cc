"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.pages.narrate import (
    abc,
    attrition,
    backtest,
    cautions,
    clusters,
    customer_file,
    data,
    division,
    experiment,
    gold_drag,
    hours,
    plan,
    previous,
    quadrants,
    reach,
    retiering,
    rfm,
    stability,
    summary,
    tornado,
    turnover_margin,
    verdict,
    watchlists,
)
from segment.pages.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "attrition", "backtest", "cautions", "clusters", "customer_file", "data", "division",
    "experiment", "gold_drag", "hours", "inversions", "plan", "previous", "quadrants", "reach",
    "retiering", "rfm", "skill", "stability", "summary", "top_tier", "tornado", "turnover_margin",
    "verdict", "watchlists",
]  # fmt: skip
