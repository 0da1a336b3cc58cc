"""Figures with one axis per property of a customer."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from segment.plots.theme import DARK, money_axis, percent_axis


def quadrants(customers: pd.DataFrame, value_limit: float, loyalty: pd.Series, loyalty_cut: float,
              shares: Mapping[str, float], currency: str, title: str) -> Axes:  # fmt: skip
    """Plot value by loyalty as a density that stays readable with many customers.

    Parameters
    ----------
    customers : DataFrame
        ``monetary_total``.
    loyalty : Series
        Loyalty percentile of the same customers.
    shares : mapping of str to float
        Share of customers in the four relations: high/high, high value only,
        high loyalty only, neither.
    """
    _, ax = plt.subplots(figsize=(7.6, 4.8))
    total = customers["monetary_total"].clip(lower=max(value_limit, 1e-9) / 100)
    cells = ax.hexbin(loyalty, total, gridsize=32, bins="log", yscale="log", cmap="Blues",
                      mincnt=1, linewidths=0.2)  # fmt: skip
    ax.figure.colorbar(cells, ax=ax, label="Customers per cell (log scale)",
                       format=FuncFormatter(lambda count, _: f"{count:,.0f}"))  # fmt: skip
    ax.axhline(value_limit, color=DARK, linewidth=1)
    ax.axvline(loyalty_cut, color=DARK, linewidth=1)
    corners = ((0.98, 0.97), (0.02, 0.97), (0.98, 0.03), (0.02, 0.03))
    for (name, share), (x, y) in zip(shares.items(), corners, strict=True):
        ax.text(x, y, f"{name} {share:.0%}", transform=ax.transAxes, fontweight="bold", fontsize=9,
                ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"})  # fmt: skip
    money_axis(ax.yaxis, currency)
    percent_axis(ax.xaxis)
    ax.grid(visible=False)
    ax.set(title=title, xlabel="Loyalty: percentile of how often and how recently they bought",
           ylabel=f"Past amount ({currency or 'currency'}, log scale)")  # fmt: skip
    return ax
