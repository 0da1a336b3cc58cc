"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from segment.pages.plots.customer_file import fields
from segment.pages.plots.plan import hours_load, reach, tornado
from segment.pages.plots.retiering import attrition, destinations, then_and_now
from segment.pages.plots.theme import set_theme
from segment.pages.plots.watchlists import stakes

__all__ = [
    "attrition", "destinations", "fields",
    "hours_load",
    "reach", "set_theme", "stakes", "then_and_now",
    "tornado",
]  # fmt: skip
