"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from segment.plots.bars import bars, forest, k_evidence, skill_and_granularity
from segment.plots.credit_brake import held_back
from segment.plots.curves import abc_curve, gains, timeline
from segment.plots.customer_file import fields
from segment.plots.experiment import detectable
from segment.plots.five_kinds import shares, value_by_growth
from segment.plots.gold_drag import next_ranks
from segment.plots.grids import cluster_profile, heatmap
from segment.plots.learned import importance, predicted_groups
from segment.plots.lifecycle import return_by_lateness
from segment.plots.plan import hours_load, reach, tornado
from segment.plots.profiles import strengths, tiers
from segment.plots.retiering import attrition, destinations, then_and_now
from segment.plots.rolling import origins
from segment.plots.scatter import quadrants
from segment.plots.scorecard import scores, sensitivity
from segment.plots.stability import tier_overlap
from segment.plots.theme import set_theme
from segment.plots.thresholds import limits
from segment.plots.watchlists import stakes

__all__ = [
    "abc_curve", "attrition", "bars", "cluster_profile", "destinations", "detectable", "fields",
    "forest", "gains", "heatmap", "held_back", "hours_load", "importance", "k_evidence", "limits",
    "next_ranks", "origins", "predicted_groups", "quadrants", "reach", "return_by_lateness",
    "scores", "sensitivity", "set_theme", "shares", "skill_and_granularity", "stakes", "strengths",
    "then_and_now", "tier_overlap", "tiers", "timeline", "tornado", "value_by_growth",
]  # fmt: skip
