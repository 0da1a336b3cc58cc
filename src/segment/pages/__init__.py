"""The pages of the report, one module each: its statistics, its tables and its words."""

from segment.pages._words import inversions

__all__ = ["inversions"]
