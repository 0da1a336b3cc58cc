"""Figure of what an experiment shows, by the size of its held-out group."""

from __future__ import annotations

from itertools import cycle

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE

SIZES = (30, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000)
EFFECTS = (0.01, 0.02, 0.05, 0.10, 0.20, 0.50, 1.0, 2.0, 5.0)
# Effects beyond this are no plan.
MOST = 5.0


def detectable(curve: pd.DataFrame, plan: pd.DataFrame, effect: float, title: str) -> Axes:
    """Plot the smallest effect found against the size of the held-out group, by tier.

    Parameters
    ----------
    curve : DataFrame
        ``tier``, ``held_out``, ``effect``.
    plan : DataFrame
        Indexed by tier: ``held_out`` and ``value_effect`` of the planned group.
    effect : float
        The effect that would be worth knowing; drawn as a line.
    title : str
        What the figure says.
    """
    ax = plt.subplots()[1]
    curve = curve[curve["effect"] <= MOST]
    for (tier, line), colour in zip(curve.groupby("tier", sort=False), cycle(PALETTE)):
        ax.plot(line["held_out"], line["effect"], color=colour, lw=2)
        planned = plan.loc[tier]
        if planned["held_out"] and planned["value_effect"] <= MOST:
            ax.plot(planned["held_out"], planned["value_effect"], "o", color=colour, ms=7)
        last = line.iloc[-1]
        ax.annotate(
            tier_name(tier),
            (last["held_out"], last["effect"]),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
            fontsize=9.5,
            bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.8},
        )
    ax.axhline(effect, color=GREY, lw=1.2, ls="--")
    ax.annotate(
        _("{effect} more", effect=f"{effect:.0%}"),
        (0, effect),
        (4, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=DARK,
        fontsize=8.5,
    )
    ax.set(xscale="log", yscale="log", title=title, xlabel=_("Customers held out (log scale)"),
           ylabel=_("Smallest effect found (log scale)"))  # fmt: skip
    ax.margins(x=0.16)
    low, high = min(curve["effect"].min(), effect), max(curve["effect"].max(), effect)
    ax.set_ylim(0.8 * low, 1.2 * high)
    for axis, ticks, text in ((ax.xaxis, SIZES, "{:,.0f}"), (ax.yaxis, EFFECTS, "{:.0%}")):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FuncFormatter(lambda value, _place, text=text: text.format(value)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    return ax
