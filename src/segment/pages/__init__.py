"""The pages of the report, one module each: its statistics, its tables and its words."""

from segment.pages._words import few_number, inversions

__all__ = ["few_number", "inversions"]
