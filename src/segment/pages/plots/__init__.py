"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from segment.pages.plots.bars import bars, forest, k_evidence, skill_and_granularity
from segment.pages.plots.curves import abc_curve, gains, timeline
from segment.pages.plots.customer_file import fields
from segment.pages.plots.experiment import detectable
from segment.pages.plots.gold_drag import next_ranks
from segment.pages.plots.grids import cluster_profile, heatmap
from segment.pages.plots.plan import hours_load, reach, tornado
from segment.pages.plots.retiering import attrition, destinations, then_and_now
from segment.pages.plots.rolling import origins
from segment.pages.plots.scatter import quadrants
from segment.pages.plots.stability import tier_overlap
from segment.pages.plots.theme import set_theme
from segment.pages.plots.watchlists import stakes

__all__ = [
    "abc_curve", "attrition", "bars", "cluster_profile", "destinations", "detectable", "fields",
    "forest", "gains", "heatmap", "hours_load", "k_evidence", "next_ranks", "origins", "quadrants",
    "reach", "set_theme", "skill_and_granularity", "stakes", "then_and_now", "tier_overlap",
    "timeline", "tornado",
]  # fmt: skip
