"""One line per scheme, a dot per cut date."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.evidence.backtest import shown
from segment.language import _
from segment.pages.plots.theme import DARK, GREY, PALETTE


def origins(dots: pd.DataFrame, title: str) -> Axes:
    """Plot the normalised Gini of every scheme at every cut date.

    Parameters
    ----------
    dots : DataFrame
        ``label``, ``gini``, ``mean``, ``main`` (the study's own cut date), ``kind``
        ("method" or "yardstick"); the first label stands on top.
    """
    labels = list(dict.fromkeys(dots["label"]))
    place = dots["label"].map({label: -i for i, label in enumerate(labels)}).to_numpy()
    yardstick, main = (dots["kind"] == "yardstick").to_numpy(), dots["main"].to_numpy()
    height = 1.7 + 0.34 * len(labels)
    ax = plt.subplots(figsize=(7.6, height))[1]
    reach = dots.assign(place=place).groupby("place")["gini"].agg(["min", "max"])
    ax.hlines(reach.index, reach["min"], reach["max"], color="#cbd5e1", linewidth=4)
    colours = np.where(yardstick, GREY, PALETTE[0])
    ax.scatter(dots["gini"][~main], place[~main], s=26, facecolors="white",
               edgecolors=list(colours[~main]), linewidths=1.2, zorder=3)  # fmt: skip
    ax.scatter(dots["gini"][main], place[main], s=34, color=list(colours[main]), zorder=4)
    first = dots.drop_duplicates("label")
    ax.scatter(first["mean"], place[first.index], marker="|", s=190, color=DARK, zorder=5)
    # The legend's marks, without a point of their own.
    ax.scatter(
        [], [], s=26, facecolors="white", edgecolors=PALETTE[0], label=_("earlier cut dates")
    )
    ax.scatter(
        [], [], s=34, color=PALETTE[0], label=_("the study's own, {cut}", cut=dots["cut"].max())
    )
    ax.scatter([], [], marker="|", s=130, color=DARK, label=_("mean over all cut dates"))
    ax.set_yticks(
        [-i for i in range(len(labels))],
        [
            _("{name} (yardstick)", name=shown(label))
            if label in set(dots["label"][yardstick])
            else label
            for label in labels
        ],
    )
    ax.set_ylim(0.6 - len(labels), 0.6)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.75 / height), ncols=3,
              fontsize=8.5)  # fmt: skip
    ax.set(title=title, xlabel=_("Normalised Gini: 0 random order, 1 perfect foresight"))
    return ax
