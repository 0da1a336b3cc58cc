"""How the tiers of any method differ in every attribute, strongest first."""

from segment.evidence.profiles.effects import WORDS
from segment.evidence.profiles.ranking import strengths
from segment.evidence.profiles.tables import MEDIAN, OTHER, SHARE, Difference, profile, telling
from segment.evidence.small_groups import FEWEST

__all__ = [
    "FEWEST",
    "MEDIAN",
    "OTHER",
    "SHARE",
    "WORDS",
    "Difference",
    "profile",
    "strengths",
    "telling",
]
