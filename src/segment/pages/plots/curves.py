"""Figures over time and over cumulative shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.evidence.backtest import RANDOM, shown
from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE, money_axis, percent_axis, unit
from segment.words import percent


def timeline(months: pd.DataFrame, cut, currency: str, title: str) -> Axes:
    """Plot revenue per month, with the cut between calibration and holdout.

    Parameters
    ----------
    months : DataFrame
        ``month`` (date) and ``amount``.
    cut : date
    """
    ax = plt.subplots()[1]
    month = pd.to_datetime(months["month"])
    before = month < pd.Timestamp(cut)
    colours = np.where(before, PALETTE[0], PALETTE[4])
    ax.bar(month, months["amount"], width=25, color=list(colours), align="edge")
    ax.axvline(pd.Timestamp(cut), color=DARK, linestyle="--", linewidth=1)
    top = ax.get_ylim()[1]
    ax.set_ylim(0 if months["amount"].min() >= 0 else None, top * 1.12)
    for x, text, side in ((-6, _("schemes learn"), "right"), (6, _("schemes are judged"), "left")):
        ax.annotate(text, (pd.Timestamp(cut), top * 1.04), xytext=(x, 0), fontsize=9,
                    textcoords="offset points", ha=side, color=DARK)  # fmt: skip
    ax.grid(axis="x", visible=False)
    money_axis(ax.yaxis, currency)
    ylabel = _("Amount per month ({unit})", unit=unit(currency))
    ax.set(title=title, xlabel=_("Month"), ylabel=ylabel)
    return ax


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


def gains(curves: pd.DataFrame, labels: Sequence[str], yardsticks: Mapping[str, str],
          capture_share: float, title: str) -> Axes:  # fmt: skip
    """Plot gains curves: share of holdout value against share of customers.

    Parameters
    ----------
    curves : DataFrame
        ``label``, ``customers``, ``value``: cumulative shares.
    labels : sequence of str
        Methods, drawn in colour with a dot at every tier limit.
    yardsticks : mapping of str to str
        Label of a yardstick to what it is called in the plot.
    """
    ax = plt.subplots(figsize=(7.6, 5.2))[1]
    ax.plot([0, 1], [0, 1], ":", color=GREY, linewidth=1, label=shown(RANDOM))
    for (label, name), style in zip(yardsticks.items(), ("-", "--", "-."), strict=False):
        curve = curves[curves["label"] == label]
        ax.plot(curve["customers"], curve["value"], style, color=DARK, linewidth=1.1, label=name)
    for label, colour in zip(labels, PALETTE, strict=False):
        curve = curves[curves["label"] == label]
        dots = "o" if len(curve) <= 16 else None
        ax.plot(curve["customers"], curve["value"], marker=dots, markersize=4, linewidth=1.7,
                color=colour, label=label)  # fmt: skip
    ax.axvline(capture_share, color=GREY, linewidth=0.8, linestyle="--")
    ax.annotate(
        _("first {share}", share=f"{capture_share:.0%}"),
        (capture_share, 0.02),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8.5,
        color=DARK,
    )
    percent_axis(ax.xaxis), percent_axis(ax.yaxis)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=2, fontsize=8.5)
    ax.set(title=title, xlim=(0, 1), ylim=(0, 1.01), ylabel=_("Share of holdout value reached"),
           xlabel=_("Share of customers, best tier first"))  # fmt: skip
    return ax
