"""Figures with one axis per property of a customer."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, money_axis, percent_axis

# A column with a tail so many times its cut is drawn on a log scale.
LONG_TAIL = 10
# A linear scale shows at least this part of the customers; the rest stands at its edge.
SHOWN = 0.99


def quadrants(points: pd.DataFrame, axes: pd.DataFrame, shares: Mapping[str, float],
              currency: str, title: str) -> Axes:  # fmt: skip
    """Plot two axes and their cuts as a density that stays readable with many customers.

    Parameters
    ----------
    points : DataFrame of shape (n_customers, 2)
        The vertical and the horizontal coordinate.
    axes : DataFrame
        One row per column of ``points``: ``label``, ``unit``, ``limit``, ``falling``
        (low values stand at the good end) and ``high`` (where high begins, in words).
    shares : mapping of str to float
        Share of customers in the four classes: high/high, high on the vertical axis
        only, on the horizontal axis only, neither.
    """
    ax = plt.subplots(figsize=(7.6, 4.8))[1]
    (y, up, tall), (x, right, wide) = (_scaled(points[name], axes.loc[name]) for name in points)
    cells = ax.hexbin(x, y, gridsize=32, bins="log", cmap="Blues", mincnt=1, linewidths=0.2,
                      xscale=wide, yscale=tall)  # fmt: skip
    # Room for the names of the classes above and below the customers.
    ax.margins(y=0.12)
    ax.figure.colorbar(cells, ax=ax, label=_("Customers per cell (log scale)"),
                       format=FuncFormatter(lambda count, _place: f"{count:,.0f}"))  # fmt: skip
    vertical, horizontal = (axes.loc[name] for name in points)
    if np.isfinite(vertical["limit"]):
        ax.axhline(vertical["limit"], color=DARK, linewidth=1)
    if np.isfinite(horizontal["limit"]):
        ax.axvline(horizontal["limit"], color=DARK, linewidth=1)
    corners = ((0.98, 0.97), (0.02, 0.97), (0.98, 0.03), (0.02, 0.03))
    for (name, share), (left, low) in zip(shares.items(), corners, strict=True):
        ax.text(
            left,
            low,
            f"{tier_name(name)} {share:.0%}",
            transform=ax.transAxes,
            fontweight="bold",
            ha="right" if left > 0.5 else "left",
            va="top" if low > 0.5 else "bottom",
            fontsize=9,
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"},
        )
    for axis, row in ((ax.yaxis, vertical), (ax.xaxis, horizontal)):
        if row["unit"] == "share":
            percent_axis(axis)
        elif row["unit"] and row["unit"] == currency:
            money_axis(axis, currency)
        else:
            axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.10g}"))
        axis.set_inverted(bool(row["falling"]))
    ax.grid(visible=False)
    ax.set(title=title, xlabel=right, ylabel=up.replace(" (", "\n(").replace("（", "\n（"))
    return ax


def _scaled(values: pd.Series, axis: pd.Series) -> tuple[pd.Series, str, str]:
    """Return coordinates inside their scale, the label that says so, and the scale."""
    known = axis["unit"] == "share" or axis["unit"] in axis["label"]
    limit, notes = axis["limit"], [] if known else [_(axis["unit"])]
    tail = values.quantile(0.999)
    if limit > 0 and tail > LONG_TAIL * limit:
        scale, low, high = "log", limit / 100, np.inf
        notes.append(_("log scale"))
    else:
        ends = values.quantile([(1 - SHOWN) / 2, (1 + SHOWN) / 2])
        reach = ends.iloc[1] - ends.iloc[0]
        # Only a tail that would press the others together is cut off.
        cut_off = values.max() - values.min() > 3 * reach > 0
        scale, low, high = "linear", *((*ends,) if cut_off else (-np.inf, np.inf))
        low, high = np.fmin(low, limit), np.fmax(high, limit)
        notes += [_("extremes at the edge")] if cut_off else []
    nobody = axis["high"] == "nobody"
    notes.append(_("nobody is high") if nobody else _("high {where}", where=axis["high"]))
    label = _("{axis} ({notes})", axis=axis["label"], notes=_("; ").join(notes))
    return values.clip(low, high), label, scale
