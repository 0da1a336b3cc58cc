"""The tables of the report: headings in words, numbers in the study's units."""

from segment.pages.tables import customer_file, retiering, watchlists
from segment.pages.tables.backtest import origins, scoreboard, weighted_score
from segment.pages.tables.cells import in_words, number_in_short
from segment.pages.tables.clusters import cluster_profile
from segment.pages.tables.credit_brake import brake_moves, brake_parts
from segment.pages.tables.data import accounts, customers, findings
from segment.pages.tables.experiments import experiment, experiment_sizes
from segment.pages.tables.five_kinds import kinds
from segment.pages.tables.lifecycle import contrasts, stages
from segment.pages.tables.plan import (
    at_a_glance,
    plan_best,
    plan_costs,
    plan_load,
    plan_reach,
    plan_ways,
    service_plan,
)
from segment.pages.tables.quadrants import loyalty_steps, moved_cuts
from segment.pages.tables.rfm import rfm_scores
from segment.pages.tables.schemes import notes, profile, tiers
from segment.pages.tables.scorecard import indicators
from segment.pages.tables.stability import lasting, steadiness
from segment.pages.tables.thresholds import kept_by_grace, moved_limits, near_limits

__all__ = [
    "accounts", "at_a_glance", "brake_moves", "brake_parts", "cluster_profile", "contrasts",
    "customer_file", "customers", "experiment", "experiment_sizes", "findings", "in_words",
    "indicators", "kept_by_grace", "kinds", "lasting", "loyalty_steps", "moved_cuts",
    "moved_limits", "near_limits", "notes", "number_in_short", "origins", "plan_best", "plan_costs",
    "plan_load", "plan_reach", "plan_ways", "profile", "retiering", "rfm_scores", "scoreboard",
    "service_plan", "stages", "steadiness", "tiers", "watchlists", "weighted_score",
]  # fmt: skip
