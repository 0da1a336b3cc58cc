"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.pages.narrate import (
    attrition,
    customer_file,
    division,
    hours,
    plan,
    previous,
    reach,
    retiering,
    tornado,
    watchlists,
)
from segment.pages.narrate.common import inversions, skill, top_tier

__all__ = [
    "attrition", "customer_file", "division",
    "hours", "inversions", "plan", "previous", "reach",
    "retiering", "skill", "top_tier", "tornado",
    "watchlists",
]  # fmt: skip
