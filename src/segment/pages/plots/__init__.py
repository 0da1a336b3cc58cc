"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from segment.pages.plots.bars import k_evidence
from segment.pages.plots.curves import abc_curve
from segment.pages.plots.customer_file import fields
from segment.pages.plots.gold_drag import next_ranks
from segment.pages.plots.grids import cluster_profile, heatmap
from segment.pages.plots.plan import hours_load, reach, tornado
from segment.pages.plots.retiering import attrition, destinations, then_and_now
from segment.pages.plots.scatter import quadrants
from segment.pages.plots.theme import set_theme
from segment.pages.plots.watchlists import stakes

__all__ = [
    "abc_curve", "attrition", "cluster_profile", "destinations", "fields",
    "heatmap", "hours_load", "k_evidence", "next_ranks", "quadrants",
    "reach", "set_theme", "stakes", "then_and_now",
    "tornado",
]  # fmt: skip
