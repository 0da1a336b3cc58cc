"""Whether the team's hours suffice for the service plan, what it costs and must bring.

Hours and money are a month's, unless a name says otherwise. A role that the team does
not list has no hours to compare with, and no cost.
"""

from segment.action.capacity.best import best, reached
from segment.action.capacity.load import available, costs, hours, load, tornado
from segment.action.capacity.reach import reach, worth_contacting
from segment.action.capacity.remedies import SLACK, at_stake, demoted, ranks, remedies

__all__ = [
    "SLACK",
    "at_stake",
    "available",
    "best",
    "costs",
    "demoted",
    "hours",
    "load",
    "ranks",
    "reach",
    "reached",
    "remedies",
    "tornado",
    "worth_contacting",
]
