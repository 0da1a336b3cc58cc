"""The pages of the report, one module each: its statistics, its tables and its words."""

from segment.pages._figure import draw_counts, highlighted, write_shares
from segment.pages._words import few_number, hide_few, inversions

__all__ = ["draw_counts", "few_number", "hide_few", "highlighted", "inversions", "write_shares"]
