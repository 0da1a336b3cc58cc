"""How far the tiers of every scheme are found again among resampled customers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE


def tier_overlap(
    tiers: pd.DataFrame, order: list[str], words: Mapping[float, str], title: str
) -> Axes:
    """Plot one line per scheme, a dot per tier at its overlap with the resampled tiers.

    Parameters
    ----------
    tiers : DataFrame
        ``label``, ``tier``, ``customers``, ``jaccard``; tiers without customers have no
        ``jaccard`` and are not drawn.
    order : list of str
        The schemes, the first on top.
    words : mapping of float to str
        What an overlap from each of these values up means.
    title : str
    """
    held = tiers.dropna(subset="jaccard")
    ax = plt.subplots(figsize=(7.6, 1.7 + 0.34 * len(order)))[1]
    left = min(0.5, np.floor(10 * held["jaccard"].min()) / 10)
    ends = [max(least, left) for least in sorted(words)] + [1.0]
    names = [words[least] for least in sorted(words)]
    for i, ((low, high), name) in enumerate(zip(pairwise(ends), names, strict=True)):
        ax.axvspan(low, high, color="#e5e7eb", alpha=0.15 + 0.22 * i, linewidth=0, zorder=0)
        if high > low:
            ax.annotate(
                _(name).replace(", ", ",\n").replace("，", "，\n"),
                ((low + high) / 2, 1),
                xytext=(0, 4),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=GREY,
            )
    for y, label in zip(range(len(order))[::-1], order, strict=True):
        rows = held[held["label"] == label]
        size = 14 + 90 * rows["customers"] / rows["customers"].sum()
        ax.hlines(y, rows["jaccard"].min(), 1, color="#cbd5e1", linewidth=1, zorder=1)
        ax.scatter(rows["jaccard"], np.full(len(rows), y), s=size, color=PALETTE[0], alpha=0.65,
                   zorder=3, clip_on=False)  # fmt: skip
        worst = rows.loc[rows["jaccard"].idxmin()]
        if worst["jaccard"] < max(words):
            ax.annotate(tier_name(worst["tier"]), (worst["jaccard"], y), xytext=(-7, 0), fontsize=8,
                        textcoords="offset points", ha="right", va="center",
                        color=DARK)  # fmt: skip
    ax.set_yticks(range(len(order))[::-1], order)
    ax.set(xlim=(left, 1), ylim=(-0.7, len(order) - 0.3),
           xlabel=_("Overlap of each tier with the same tier of resampled customers "
                    "(mean Jaccard; dot size: customers)"))  # fmt: skip
    ax.grid(axis="y", visible=False)
    ax.set_title(title, pad=32)
    return ax
