"""How axes write shares and money."""

from __future__ import annotations

from matplotlib.axis import Axis
from matplotlib.ticker import PercentFormatter

from segment.language import _
from segment.notebook import DARK, GREY, PALETTE, money_axis, set_theme

__all__ = ["DARK", "GREY", "PALETTE", "money_axis", "percent_axis", "set_theme", "unit"]


def unit(currency: str) -> str:
    """Return what amounts are in: the currency of the study, or the word for it."""
    return currency or _("currency")


def percent_axis(axis: Axis) -> None:
    """Write the numbers of an axis as percentages."""
    axis.set_major_formatter(PercentFormatter(1, decimals=0))
