"""Whether the team's hours suffice for the service plan, what it costs and must bring.

Hours and money are a month's, unless a name says otherwise. A role that the team does
not list has no hours to compare with, and no cost.
"""

from segment.action.capacity.best import feasible
from segment.action.capacity.load import SLACK, available, costs, hours, load, tornado
from segment.action.capacity.reach import reach, worth_contacting

__all__ = [
    "SLACK",
    "available",
    "costs",
    "feasible",
    "hours",
    "load",
    "reach",
    "tornado",
    "worth_contacting",
]
