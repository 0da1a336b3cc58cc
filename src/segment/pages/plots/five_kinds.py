"""What kinds of customers bring, by their number, value and growth."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from segment.language import _, tier_name
from segment.pages.plots.labels import cut
from segment.pages.plots.theme import DARK, GREY, PALETTE, money_axis, percent_axis
from segment.words import count, money, percent

LONGEST_NAME = 18


def shares(tiers: pd.DataFrame, title: str) -> Axes:
    """Plot what part of the customers, of the past amount and of the holdout value tiers hold.

    Parameters
    ----------
    tiers : DataFrame
        ``tier``, ``share``, ``past_share``, ``value_share``, best tier first.
    """
    ax = plt.subplots(figsize=(7.6, 1.3 + 0.62 * len(tiers)))[1]
    place = np.arange(len(tiers))[::-1]
    kinds = {
        "share": (_("of the customers"), GREY),
        "past_share": (_("of the past amount"), PALETTE[5]),
        "value_share": (_("of the holdout value"), PALETTE[0]),
    }
    for shift, (column, (words, colour)) in zip((0.26, 0, -0.26), kinds.items(), strict=True):
        bars = ax.barh(place + shift, tiers[column], height=0.24, color=colour, label=words)
        ax.bar_label(bars, [percent(share) for share in tiers[column]], padding=3, fontsize=8,
                     color=DARK)  # fmt: skip
    ax.axvline(0, color=DARK, linewidth=0.8)
    ax.set_yticks(place, [cut(tier_name(tier), LONGEST_NAME) for tier in tiers["tier"]])
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.1)
    ax.legend(
        fontsize=8.5, loc="upper center", bbox_to_anchor=(0.5, -0.1 - 0.3 / len(tiers)), ncols=3
    )
    percent_axis(ax.xaxis)
    ax.set(title=title, xlabel=_("Share"))
    return ax


def value_by_growth(cells: pd.DataFrame, currency: str, title: str) -> Axes:
    """Plot holdout value and number of customers by past value and growth.

    Parameters
    ----------
    cells : DataFrame
        ``value`` and ``growth`` (ordered), ``customers``, ``mean`` (missing where
        there are too few).
    """
    mean = cells.pivot(index="value", columns="growth", values="mean")
    number = cells.pivot(index="value", columns="growth", values="customers")
    texts = [
        ["" if np.isnan(m) else f"{money(m, currency)}\n{count(int(n), 'customer')}"
         for m, n in zip(*pair, strict=True)]
        for pair in zip(mean.to_numpy(), number.to_numpy(), strict=True)
    ]  # fmt: skip
    ax = plt.subplots(figsize=(7.6, 1.5 + 0.75 * len(mean)))[1]
    label = {"label": _("Holdout value\nper customer")}
    most = max(mean.max().max(), 1.0) if mean.notna().any(axis=None) else 1.0
    sns.heatmap(mean, annot=np.array(texts), fmt="", cmap="Blues", ax=ax, linewidths=0.8, vmin=0,
                vmax=most, annot_kws={"fontsize": 8.5}, cbar_kws=label)  # fmt: skip
    money_axis(ax.collections[0].colorbar.ax.yaxis, currency)
    # Names in Chinese have wide brackets.
    names = [str(name).replace(" (", "\n(").replace("（", "\n（") for name in mean.columns]
    ax.set_xticks(np.arange(len(names)) + 0.5, names, rotation=0)
    # Cells with too few customers stay empty.
    ax.grid(visible=False)
    ax.set_facecolor("#f3f4f6")
    ax.set(
        title=title,
        xlabel=_("Growth from the first to the second half of the time before the cut"),
        ylabel=_("Past amount"),
    )
    ax.tick_params(axis="y", rotation=0)
    return ax
