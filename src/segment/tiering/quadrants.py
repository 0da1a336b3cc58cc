"""Value by loyalty: four relations from two cuts."""

from __future__ import annotations

from segment.language import N_tier
from segment.tiering import base
from segment.tiering.two_axes import TwoAxes

RELATIONS = (N_tier("partner"), N_tier("functional"), N_tier("emotional"), N_tier("detached"))
LOYALTY = ("order_days", "days_since_last")


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

    def __init__(
        self,
        value="monetary_total",
        loyalty=LOYALTY,
        value_cut=0.5,
        loyalty_cut=0.5,
        names=RELATIONS,
        less_is_better=base.LESS_IS_BETTER,
    ):
        self.value = value
        self.loyalty = loyalty
        self.value_cut = value_cut
        self.loyalty_cut = loyalty_cut
        self.names = names
        self.less_is_better = less_is_better
