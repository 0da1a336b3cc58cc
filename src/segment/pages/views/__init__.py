"""What a page draws and tabulates: frames computed from the analysis."""

from segment.features import names
from segment.pages.views import (
    abc,
    clusters,
    customer_file,
    experiment,
    gold_drag,
    plan,
    quadrants,
    retiering,
    rfm,
    rolling,
    stability,
    watchlists,
)

__all__ = [
    "abc", "clusters", "customer_file", "experiment", "gold_drag", "names", "plan", "quadrants",
    "retiering", "rfm", "rolling", "stability", "watchlists",
]  # fmt: skip
