"""The tables of the report: headings in words, numbers in the study's units."""

from segment.pages.tables import customer_file, retiering, watchlists
from segment.pages.tables.cells import in_words, number_in_short
from segment.pages.tables.clusters import cluster_profile
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

__all__ = [
    "at_a_glance", "cluster_profile", "customer_file",
    "in_words", "loyalty_steps", "moved_cuts", "notes",
    "number_in_short", "plan_best", "plan_costs", "plan_load", "plan_reach", "plan_ways",
    "retiering", "rfm_scores", "service_plan", "tiers", "watchlists",
]  # fmt: skip
