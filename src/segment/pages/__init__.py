"""The pages of the report, one module each: its statistics, its tables and its words."""

from segment.pages._figure import draw_counts, highlighted, write_shares
from segment.pages._words import few_number, inversions

__all__ = ["draw_counts", "few_number", "highlighted", "inversions", "write_shares"]
