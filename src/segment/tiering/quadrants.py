"""Value by loyalty: four relations from two cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segment.language import N_tier
from segment.tiering import base
from segment.tiering.parameters import distinct, parameter
from segment.tiering.two_axes import Cut, TwoAxes

RELATIONS = (N_tier("partner"), N_tier("functional"), N_tier("emotional"), N_tier("detached"))
LOYALTY = ("order_days", "days_since_last")


@dataclass(eq=False, repr=False)
class Quadrants(TwoAxes):
    """Partner, functional, emotional and detached customers: value by loyalty.

    Parameters
    ----------
    value, loyalty : str or sequence of str
        A column, or several whose percentiles are averaged. By default what was
        spent, and an index of how often and how recently a customer bought.
    value_cut, loyalty_cut : float, "median", "mean" or mapping
        Where high begins; see ``TwoAxes``.
    names : sequence of four str
        Names for high/high, high value only, high loyalty only, and neither.
    less_is_better : sequence of str
        Columns in which a low value counts as high.

    Attributes
    ----------
    axes_ : tuple of two Axis
        Value and loyalty, with their limits.
    """

    axes = ("value", "loyalty")

    value: str | Sequence[str] = "monetary_total"
    loyalty: str | Sequence[str] = LOYALTY
    value_cut: Cut = 0.5
    loyalty_cut: Cut = 0.5
    names: Sequence[str] = parameter(RELATIONS, distinct(4))
    less_is_better: Sequence[str] = parameter(base.LESS_IS_BETTER, distinct(least=0))
