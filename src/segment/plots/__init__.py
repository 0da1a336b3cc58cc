"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from segment.plots.bars import bars, forest, k_evidence, skill_and_granularity
from segment.plots.curves import abc_curve, gains, timeline
from segment.plots.grids import cluster_profile, heatmap
from segment.plots.scatter import quadrants
from segment.plots.theme import set_theme

__all__ = [
    "abc_curve", "bars", "cluster_profile", "forest", "gains", "heatmap", "k_evidence", "quadrants",
    "set_theme", "skill_and_granularity", "timeline",
]  # fmt: skip
