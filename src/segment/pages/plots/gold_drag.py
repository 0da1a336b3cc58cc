"""Figure of how the tiers spread over the next period's ranks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, PALETTE, percent_axis

# From the best ranks to none: dark to pale, readable in grey print as well.
SHADES = (PALETTE[0], PALETTE[5], "#cfe6f5", "#e5e7eb")
# A narrower part of a bar has no room for its figure.
ROOM = 0.045


def next_ranks(counts: pd.DataFrame, title: str) -> Axes:
    """Plot one bar per tier, divided by the ranks of the next period.

    Parameters
    ----------
    counts : DataFrame
        Customers; rows are tiers, best first, columns ranks, best first.
    """
    ax = plt.subplots(figsize=(7.6, 1.7 + 0.55 * len(counts)))[1]
    place = np.arange(len(counts))[::-1]
    shares = counts.div(counts.sum(axis=1), axis=0)
    left = np.zeros(len(counts))
    for (rank, share), colour in zip(shares.items(), SHADES, strict=True):
        ax.barh(place, share, left=left, color=colour, height=0.62, label=rank,
                edgecolor="white", linewidth=0.8)  # fmt: skip
        for y, x, width in zip(place, left, share, strict=True):
            if width >= ROOM:
                ink = "white" if colour == SHADES[0] else DARK
                ax.text(x + width / 2, y, f"{width:.0%}", ha="center", va="center", fontsize=8.5,
                        color=ink)  # fmt: skip
        left += share.to_numpy()
    ax.set_yticks(
        place, [f"{tier_name(tier)} ({size:,})" for tier, size in counts.sum(axis=1).items()]
    )
    ax.grid(visible=False)
    percent_axis(ax.xaxis)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.12 - 0.36 / len(counts)), ncols=4,
        fontsize=8.5, title=_("What they brought in the next period"), title_fontsize=8.5,
    )  # fmt: skip
    ax.set(title=title, xlim=(0, 1), xlabel=_("Share of the tier's customers"))
    return ax
