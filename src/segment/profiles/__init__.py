"""How the tiers of any method differ in every attribute, strongest first."""

from segment.profiles.attributes import FEWEST
from segment.profiles.effects import WORDS
from segment.profiles.ranking import strengths
from segment.profiles.tables import MEDIAN, OTHER, SHARE, Difference, profile, telling

__all__ = [
    "FEWEST", "MEDIAN", "OTHER", "SHARE", "WORDS", "Difference", "profile", "strengths", "telling",
]  # fmt: skip
