"""How many buy again, by how late they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from segment.language import _
from segment.pages.plots.labels import cut
from segment.pages.plots.theme import DARK, GREY, PALETTE, percent_axis

# Who bought on the last day is not late at all; a log axis has no place for that.
SOONEST = 1 / 16
LONGEST_NAME = 14


def return_by_lateness(
    points: pd.DataFrame, limits: Sequence[float], stages: Sequence[str],
    groups: Mapping[str, str], title: str,
) -> Axes:  # fmt: skip
    """Plot the share who bought again by lateness, with intervals and the stages' limits.

    Parameters
    ----------
    points : DataFrame
        ``group``, ``lateness`` (in usual gaps), ``share``, ``low``, ``high``.
    limits : sequence of float
        Lateness at which one stage ends and the next begins, ascending.
    stages : sequence of str
        Their names, one more than ``limits``.
    groups : mapping of str to str
        The groups in words; each has its own line.
    """
    ax = plt.subplots(figsize=(7.6, 4.4))[1]
    place = points["lateness"].clip(lower=SOONEST)
    for (group, words), colour, marker in zip(groups.items(), PALETTE, "oDs", strict=False):
        part = points[points["group"] == group].sort_values("lateness")
        if part.empty:
            continue
        x = place[part.index]
        ax.vlines(x, part["low"], part["high"], color=colour, linewidth=1.6, alpha=0.7)
        ax.plot(x, part["share"], color=colour, marker=marker, markersize=5.5, linewidth=1,
                label=words)  # fmt: skip
    low = min(place.min(), limits[0] / 4) / 1.3
    high = max(place.max(), limits[-1] * 2.5) * 1.3
    ax.set_xscale("log", base=2)
    ax.set(xlim=(low, high), ylim=(0, 1.1))
    for limit in limits:
        ax.axvline(limit, color=GREY, linestyle="--", linewidth=1)
    edges = [low, *limits, high]
    for name, left, right in zip(stages, edges, edges[1:], strict=False):
        ax.annotate(
            cut(name, LONGEST_NAME),
            (np.sqrt(left * right), 1.05),
            ha="center",
            va="center",
            fontweight="bold",
            fontsize=9,
            color=DARK,
        )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda gaps, _place: f"{gaps:g}"))
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    percent_axis(ax.yaxis)
    ax.grid(axis="x", visible=False)
    ax.legend(fontsize=8.5, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3)
    xlabel = _("Time since the last purchase, in the customer's own usual gaps (log scale)")
    ax.set(title=title, ylabel=_("Bought again after the cut"), xlabel=xlabel)
    return ax
