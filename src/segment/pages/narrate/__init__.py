"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.pages.narrate import (
    abc,
    attrition,
    clusters,
    customer_file,
    division,
    gold_drag,
    hours,
    plan,
    previous,
    quadrants,
    reach,
    retiering,
    rfm,
    tornado,
    turnover_margin,
    watchlists,
)
from segment.pages.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "attrition", "clusters", "customer_file", "division",
    "gold_drag", "hours", "inversions", "plan", "previous", "quadrants", "reach",
    "retiering", "rfm", "skill", "top_tier", "tornado", "turnover_margin",
    "watchlists",
]  # fmt: skip
