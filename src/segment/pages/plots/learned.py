"""Figures of learned tiers: predicted against past order, and what drives the prediction."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _
from segment.pages.plots.theme import DARK, PALETTE, money_axis, unit


def predicted_groups(groups: pd.DataFrame, currency: str, title: str) -> Axes:
    """Plot what tenths of the customers brought, by two orders side by side.

    Parameters
    ----------
    groups : DataFrame
        ``order``, ``group`` (1 the best tenth), ``value``, ``low``, ``high``.
    currency : str
    title : str
    """
    ax = plt.subplots()[1]
    for i, (order, rows) in enumerate(groups[groups["low"] > 0].groupby("order", sort=False)):
        place = rows["group"] + (i - 0.5) * 0.24
        ax.vlines(place, rows["low"], rows["high"], color=PALETTE[i], linewidth=1.6)
        ax.plot(place, rows["value"], "os"[i], color=PALETTE[i], label=order)
    ax.set_yscale("log")
    ax.set_xticks(np.arange(1, groups["group"].max() + 1))
    ax.grid(axis="x", visible=False)
    money_axis(ax.yaxis, currency)
    ax.legend(title=_("Customers in the order of their"), fontsize=8.5, title_fontsize=8.5)
    ylabel = _("Holdout value per customer ({unit}, 95 %, log scale)", unit=unit(currency))
    ax.set(title=title, xlabel=_("Tenth of the customers, the best first"), ylabel=ylabel)
    return ax


def importance(drivers: pd.DataFrame, title: str) -> Axes:
    """Plot how much worse the prediction gets when one figure is shuffled.

    Parameters
    ----------
    drivers : DataFrame
        ``feature``, ``importance`` and ``spread``, most important first.
    title : str
    """
    ax = plt.subplots(figsize=(7.6, 1.5 + 0.42 * len(drivers)))[1]
    place = np.arange(len(drivers))[::-1]
    ax.barh(place, drivers["importance"], color=PALETTE[0], height=0.6)
    ax.hlines(place, drivers["importance"] - drivers["spread"],
              drivers["importance"] + drivers["spread"], color=DARK, linewidth=1.3)  # fmt: skip
    ax.axvline(0, color=DARK, linewidth=0.8)
    ax.set_yticks(place, drivers["feature"])
    ax.grid(axis="y", visible=False)
    ax.set(title=title, xlabel=_("Loss of normalised Gini when the figure is shuffled (± 1 sd)"))
    return ax
