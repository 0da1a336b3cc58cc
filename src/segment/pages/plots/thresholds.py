"""How one figure is spread over the customers, with the limits that cut it."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from segment.features.names import NAMES
from segment.language import _, current, tier_name
from segment.pages.plots.theme import DARK, PALETTE, money_axis, unit
from segment.words import count, money, percent

BINS = 48
# Of the axis; room for the name, limit and size of a tier.
TEXT_WIDTH = {"en": 0.46, "zh": 0.54}


def limits(values: pd.Series, tiers: Mapping[str, float], by: str, currency: str | None,
           title: str) -> Axes:  # fmt: skip
    """Plot how many customers have how much, on a log axis, with the limits of the tiers.

    Parameters
    ----------
    values : Series
        One figure per customer. Those without a positive one are counted below the
        axis: a log axis has no place for them, and a bar of them would hide the others.
    tiers : mapping of str to float
        Tiers, best first, and the least value of each. A limit that is not positive is
        not drawn.
    by : str
        Name of the figure.
    currency : str or None
        None if the figure is no amount of money.
    """
    ax = plt.subplots(figsize=(7.6, 4.4))[1]
    drawn = [limit for limit in tiers.values() if limit > 0]
    positive = values[values > 0].to_numpy()
    ends = np.log10([*positive, *drawn] or [1.0])
    low, high = ends.min(), max(ends.max(), ends.min() + 0.5)
    edges = np.logspace(low, high + (high - low) / BINS, BINS + 2)
    heights, *_edges = ax.hist(positive, bins=edges, color=PALETTE[0], linewidth=0.3)
    tallest = max(heights.max(), 1)
    ax.set_xscale("log")
    # A line of text each above the bars, on one side of the limits. Their lines end in
    # falling order towards that side, so that no text is crossed.
    room = TEXT_WIDTH[current()]
    first, last = np.log10([min(drawn, default=1), max(drawn, default=1)])
    left = min(low, (first - room * high) / (1 - room))
    right = max(high, low + (last - low) / (1 - room))
    if low - left < right - high:
        side, rank, low = -1, drawn, left
    else:
        side, rank, high = 1, drawn[::-1], right
    line = 0.075 * tallest
    ax.set_xlim(10**low, 10 ** (high + (high - low) / BINS))
    ax.set_ylim(0, tallest * 1.1 + line * (len(drawn) + 0.5))
    for tier, limit in tiers.items():
        if limit not in drawn:
            continue
        better = min((x for x in drawn if x > limit), default=np.inf)
        here = int(((values >= limit) & (values < better)).sum())
        start = money(limit, currency) if currency is not None else f"{limit:,.6g}"
        text = _(
            "{tier} from {start}: {customers} ({share})",
            tier=tier_name(tier),
            start=start,
            customers=count(here, "customer"),
            share=percent(here / len(values), 1),
        )
        y = tallest * 1.1 + line * (len(drawn) - rank.index(limit) - 0.5)
        ax.vlines(limit, 0, y, color=DARK, linewidth=1)
        ax.annotate(text, (limit, y), xytext=(4 * side, 0), va="center", fontsize=8.5, color=DARK,
                    ha="left" if side > 0 else "right", textcoords="offset points")  # fmt: skip
    if currency is None:
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.6g}"))
    else:
        money_axis(ax.xaxis, currency)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high - low < 2.5 else (1,)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda number, _place: f"{number:,.0f}"))
    ax.grid(axis="x", visible=False)
    xlabel = _("{name} (log scale)", name=_(NAMES.get(by, by)).capitalize())
    if currency is not None:
        xlabel = _("{name} ({unit}, log scale)", name=_(NAMES.get(by, by)).capitalize(),
                   unit=unit(currency))  # fmt: skip
    others = len(values) - len(positive)
    if others:
        xlabel += "\n" + _("Not drawn: {customers} with none", customers=count(others, "customer"))
    ax.set(title=title, ylabel=_("Customers per bar"), xlabel=xlabel)
    return ax
