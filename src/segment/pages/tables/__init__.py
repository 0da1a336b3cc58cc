"""The tables of the report: headings in words, numbers in the study's units."""

from segment.pages.tables import customer_file, retiering, watchlists
from segment.pages.tables.backtest import origins, scoreboard, weighted_score
from segment.pages.tables.cells import in_words, number_in_short
from segment.pages.tables.clusters import cluster_profile
from segment.pages.tables.data import accounts, customers, findings
from segment.pages.tables.experiments import experiment, experiment_sizes
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
from segment.pages.tables.schemes import notes, tiers
from segment.pages.tables.stability import lasting, steadiness

__all__ = [
    "accounts", "at_a_glance", "cluster_profile", "customer_file", "customers", "experiment",
    "experiment_sizes", "findings", "in_words", "lasting", "loyalty_steps", "moved_cuts", "notes",
    "number_in_short", "origins", "plan_best", "plan_costs", "plan_load", "plan_reach", "plan_ways",
    "retiering", "rfm_scores", "scoreboard", "service_plan", "steadiness", "tiers", "watchlists",
    "weighted_score",
]  # fmt: skip
