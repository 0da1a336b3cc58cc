"""What a page draws and tabulates: frames computed from the analysis."""

from segment.features import names
from segment.pages.views import (
    abc,
    clusters,
    customer_file,
    gold_drag,
    plan,
    quadrants,
    retiering,
    rfm,
    watchlists,
)

__all__ = [
    "abc", "clusters", "customer_file", "gold_drag", "names", "plan", "quadrants",
    "retiering", "rfm", "watchlists",
]  # fmt: skip
