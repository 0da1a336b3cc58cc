"""What is at stake on each watch-list."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _
from segment.pages.plots.theme import DARK, PALETTE, money_axis
from segment.words import count, money


def stakes(lists: pd.DataFrame, names: list[str], currency: str, title: str) -> Axes:
    """Plot the money at stake of the customers on each list, and of those beyond its end.

    Parameters
    ----------
    lists : DataFrame
        ``found``, ``stake``, ``listed``, ``listed_stake``, one row per list.
    names : list of str
        What the lists are called, in the same order.
    currency : str
    title : str
    """
    height = 1.6 + 0.42 * len(lists)
    _figure, ax = plt.subplots(figsize=(7.6, height))
    place = np.arange(len(lists))[::-1]
    rest = (lists["stake"] - lists["listed_stake"]).clip(lower=0)
    ax.barh(place, lists["listed_stake"], height=0.62, color=PALETTE[0], label=_("on the list"))
    ax.barh(place, rest, left=lists["listed_stake"], height=0.62, color="#cfe3f5",
            label=_("meet the rule as well"))  # fmt: skip
    for y, (_i, row) in zip(place, lists.iterrows(), strict=True):
        text = _(", ").join([count(int(row["listed"]), "customer"),
                             money(row["listed_stake"], currency)])  # fmt: skip
        ax.annotate(text, (row["stake"], y), xytext=(5, 0), textcoords="offset points",
                    va="center", fontsize=8.5, color=DARK)  # fmt: skip
    ax.set_yticks(place, names)
    ax.set_xlim(0, 1.45 * max(lists["stake"].max(), 1.0))
    ax.grid(axis="y", visible=False)
    if rest.any():
        ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.62 / height), ncols=2, fontsize=8.5)
    money_axis(ax.xaxis, currency)
    ax.set(title=title, xlabel=_("Money at stake"))
    return ax
