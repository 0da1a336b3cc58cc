"""How far the fields of the customer file are filled and can be right."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _
from segment.pages.plots.theme import DARK, PALETTE, percent_axis
from segment.words import percent


def fields(found: pd.DataFrame, name: Callable[[str], str], title: str) -> Axes:
    """Plot one bar per field: what is right, wrong and missing.

    Parameters
    ----------
    found : DataFrame
        ``field``, ``records``, ``missing``, ``wrong``; the first on top.
    name : callable
        Returns what a field is called.
    title : str
    """
    height = 1.7 + 0.34 * len(found)
    _figure, ax = plt.subplots(figsize=(7.6, height))
    place = np.arange(len(found))[::-1]
    records = found["records"].replace(0, np.nan)
    missing, wrong = (found[part] / records for part in ("missing", "wrong"))
    right = 1 - missing - wrong
    ax.barh(place, right, color="#9ecae9", height=0.66, label=_("filled, no fault found"))
    ax.barh(place, wrong, left=right, color=PALETTE[1], height=0.66, label=_("cannot be right"))
    ax.barh(place, missing, left=right + wrong, color="white", edgecolor="#9ca3af", hatch="////",
            linewidth=0.6, height=0.66, label=_("missing"))  # fmt: skip
    for y, share in zip(place, right, strict=True):
        if np.isfinite(share):
            ax.annotate(percent(share), (1, y), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=8.5, color=DARK)  # fmt: skip
    ax.set_yticks(place, [name(field) for field in found["field"]])
    ax.set_xlim(0, 1)
    percent_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.6 / height), ncols=3, fontsize=8.5)
    ax.set_title(title)
    ax.set_xlabel(_("Share of the records"))
    return ax
