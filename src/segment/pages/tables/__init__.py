"""The tables of the report: headings in words, numbers in the study's units."""

from segment.pages.tables import customer_file, retiering, watchlists
from segment.pages.tables.cells import in_words, number_in_short
from segment.pages.tables.plan import (
    at_a_glance,
    plan_best,
    plan_costs,
    plan_load,
    plan_reach,
    plan_ways,
    service_plan,
)

__all__ = [
    "at_a_glance", "customer_file",
    "in_words",
    "number_in_short", "plan_best", "plan_costs", "plan_load", "plan_reach", "plan_ways",
    "retiering", "service_plan", "watchlists",
]  # fmt: skip
