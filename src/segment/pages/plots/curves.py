"""Figures over cumulative shares."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE, percent_axis
from segment.words import percent


def abc_curve(curves: Mapping[str, pd.DataFrame], points: Mapping[str, tuple], measure: str,
              title: str) -> Axes:  # fmt: skip
    """Plot cumulative contribution over customers, with the class limits.

    Parameters
    ----------
    curves : mapping of str to DataFrame
        ``customers`` and ``contribution``, cumulative shares, by what is measured when.
    points : mapping of str to (float, float)
        Where each class ends on the first curve, best class first.
    measure : str
        What customers are sorted by.
    """
    ax = plt.subplots(figsize=(7.6, 4.6))[1]
    for (name, curve), colour in zip(curves.items(), PALETTE, strict=False):
        ax.plot(curve["customers"], curve["contribution"], color=colour, linewidth=2, label=name)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    # From the top down, each label at least a line below the last: classes can end close by.
    step, free = min(0.07, 0.9 / max(1, len(points))), np.inf
    for tier, (x, y) in reversed(points.items()):
        ax.plot([x, x], [0, y], color=GREY, linewidth=0.8)
        ax.plot(x, y, "o", color=PALETTE[0])
        free = min(free - step, y - 1.3 * step)
        ax.annotate(
            _("{tier} ends: {customers} of customers, {value}", tier=tier_name(tier),
              customers=percent(x), value=percent(y)), (x, y),
            (min(x + 0.025, 0.64), free), va="center",
            fontsize=8.5, color=DARK, arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.6},
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85},
        )  # fmt: skip
    ax.legend(loc="lower right", fontsize=8.5)
    percent_axis(ax.xaxis), percent_axis(ax.yaxis)
    ax.set(title=title, xlim=(0, 1), ylim=(0, 1.02), ylabel=_("Share of the total, cumulative"),
           xlabel=_("Share of customers, largest past {measure} first",
                    measure=measure))  # fmt: skip
    return ax
