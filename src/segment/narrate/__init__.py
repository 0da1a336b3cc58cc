"""The sentences of the report, one module per page: every figure in them comes from the run."""

from segment.narrate import abc, backtest, clusters, data, quadrants, rfm, stability, verdict
from segment.narrate.common import inversions, skill, top_tier

__all__ = [
    "abc", "backtest", "clusters", "data", "inversions", "quadrants", "rfm", "skill", "stability",
    "top_tier", "verdict",
]  # fmt: skip
