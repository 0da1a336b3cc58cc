"""How the tiers of any method differ in every attribute, strongest first."""

from segment.evidence.profiles.attributes import FEWEST
from segment.evidence.profiles.effects import WORDS
from segment.evidence.profiles.ranking import strengths
from segment.evidence.profiles.tables import MEDIAN, OTHER, SHARE, Difference, profile, telling

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
