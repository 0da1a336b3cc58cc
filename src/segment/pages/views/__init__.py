"""What a page draws and tabulates: frames computed from the analysis."""

from segment.features import names
from segment.pages.views import (
    customer_file,
    plan,
    retiering,
    watchlists,
)

__all__ = [
    "customer_file", "names", "plan",
    "retiering", "watchlists",
]  # fmt: skip
