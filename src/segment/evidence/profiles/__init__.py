"""How the tiers of any method differ in every attribute, strongest first."""

from segment.evidence.profiles.effects import WORDS
from segment.evidence.profiles.ranking import strengths
from segment.evidence.profiles.tables import MEDIAN, OTHER, SHARE, profile, telling

__all__ = ["MEDIAN", "OTHER", "SHARE", "WORDS", "profile", "strengths", "telling"]
