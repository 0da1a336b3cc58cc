"""The pages of the report, one module each: its statistics, its tables and its words."""

from segment.pages._figure import draw_counts, draw_shares, highlighted
from segment.pages._words import few_number, inversions

__all__ = ["draw_counts", "draw_shares", "few_number", "highlighted", "inversions"]
