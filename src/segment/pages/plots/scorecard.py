"""Figures of scores with their limits, and of grades under moved weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE


def scores(frame: pd.DataFrame, limits: Sequence[float], title: str) -> Axes:
    """Plot how many customers have which score, with the limits of the grades.

    Parameters
    ----------
    frame : DataFrame
        ``score`` and ``tier``, ordered, best first.
    limits : sequence of float
        Smallest score of each grade but the last, best first; infinite where nobody
        reaches it.
    """
    ax = plt.subplots()[1]
    ax.hist(frame["score"], bins=np.linspace(0, 1, 51), color=PALETTE[0], alpha=0.75, linewidth=0)
    tiers = list(frame["tier"].cat.categories)
    edges = [1.0, *(min(limit, 1.0) for limit in limits), 0.0]
    top = ax.get_ylim()[1]
    for limit in edges[1:-1]:
        ax.axvline(limit, color=DARK, linewidth=1)
        ax.annotate(f"{limit:.2f}", (limit, 0), xytext=(0, -12), ha="center", va="top", fontsize=8,
                    textcoords="offset points", color=DARK, annotation_clip=False)  # fmt: skip
    shares = frame["tier"].value_counts(normalize=True, sort=False)
    for tier, upper, lower in zip(tiers, edges[:-1], edges[1:], strict=True):
        if upper > lower:
            ax.text(
                (upper + lower) / 2,
                top * 1.09,
                f"{tier_name(tier)}\n{shares[tier]:.0%}",
                ha="center",
                va="center",
                fontsize=9,
                color=DARK,
                fontweight="bold",
            )
    ax.set_ylim(0, top * 1.18)
    ax.xaxis.labelpad = 14
    ax.grid(axis="x", visible=False)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set(title=title, xlim=(0, 1), ylabel=_("Customers"),
           xlabel=_("Score (0 lowest, 1 highest)"))  # fmt: skip
    return ax


def sensitivity(frame: pd.DataFrame, names: Mapping[str, str], title: str) -> Axes:
    """Plot the share of customers who change grade when a weight moves by 10 points.

    Parameters
    ----------
    frame : DataFrame
        Indexed by indicator: ``weight``, ``up``, ``down``.
    names : mapping of str to str
        What a reader calls an indicator.
    """
    ax = plt.subplots(figsize=(7.6, 1.5 + 0.5 * len(frame)))[1]
    place = np.arange(len(frame))[::-1]
    ways = (
        ("up", _("10 points more"), 0.18, PALETTE[0]),
        ("down", _("10 points less"), -0.18, GREY),
    )
    for way, words, shift, colour in ways:
        ax.barh(place + shift, frame[way], height=0.34, color=colour, label=words)
        for y, share in zip(place + shift, frame[way], strict=True):
            ax.annotate(f"{share:.1%}", (share, y), xytext=(4, 0), textcoords="offset points",
                        va="center", fontsize=8.5, color=DARK)  # fmt: skip
    labels = [f"{_(names.get(n, n))} ({w:.0%})" for n, w in frame["weight"].items()]
    ax.set_yticks(place, labels)
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    ax.legend(fontsize=8.5, title=_("Weight"), title_fontsize=8.5, loc="upper left",
              bbox_to_anchor=(1.01, 1))  # fmt: skip
    ax.set(title=title, xlabel=_("Share of customers who change grade"))
    return ax
