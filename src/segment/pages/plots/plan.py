"""Figures of the service plan: load by role, tornado, contacts and buyers."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from segment.action.capacity import SLACK
from segment.language import _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE, percent_axis

THOUSANDS = FuncFormatter(lambda value, _place: f"{value:,.0f}")
# Loads beyond this are cut off, and say so beside the bar.
MOST_LOAD = 10.0
MOST_BARS = 10
# Names of tiers nearer than this, in shares of the axes, would cover each other.
APART = (0.25, 0.06)


def hours_load(frame: pd.DataFrame, title: str) -> Axes:
    """Plot the hours that each role needs, low to high, against those there are.

    Parameters
    ----------
    frame : DataFrame
        Indexed by role: ``low``, ``mid``, ``high``, ``available`` (may be missing).
        Roles with hours are drawn in percent of them; without any, all in hours.
    title : str
        What the figure says.
    """
    compared = bool((frame["available"] > 0).any())
    shown = frame[frame["available"] > 0] if compared else frame
    beside = frame.drop(index=shown.index)
    beside = beside[beside["mid"] > 0]
    _figure, ax = plt.subplots(figsize=(7.6, 1.5 + 0.5 * (len(shown) + len(beside))))
    unit = shown["available"] if compared else pd.Series(1.0, shown.index)
    most = MOST_LOAD if compared else np.inf
    low, mid, high = (np.minimum(shown[end] / unit, most) for end in ("low", "mid", "high"))
    place = np.arange(len(frame))[::-1][: len(shown)]
    colours = [PALETTE[1] if compared and load > 1 + SLACK else PALETTE[0] for load in mid]
    ax.barh(place, mid, color=colours, height=0.6)
    ax.hlines(place, low, high, color=DARK, linewidth=1.6)
    for y, role, end in zip(place, shown.index, np.fmax(mid, high), strict=True):
        cut = "→ " if end >= most else ""
        if compared and end < 1:
            end = 1.0  # clear of the line of the hours there are
        ax.annotate(cut + _hours(shown.loc[role]), (end, y), (6, 0), textcoords="offset points",
                    va="center", fontsize=8.5, color=DARK)  # fmt: skip
    names = [_(role) for role in shown.index]
    rest = np.arange(len(frame))[::-1][len(shown) : len(shown) + len(beside)]
    for y, role in zip(rest, beside.index, strict=True):
        ax.annotate(_hours(beside.loc[role]), (0, y), (6, 0), textcoords="offset points",
                    va="center", fontsize=8.5, color=PALETTE[1])  # fmt: skip
        names.append(_(role))
    ax.set_yticks([*place, *rest], names)
    ax.set_ylim(-0.8, len(frame) - 0.2)
    if compared:
        ax.axvline(1, color=GREY, linestyle="--", linewidth=1.2)
        percent_axis(ax.xaxis)
    else:
        ax.xaxis.set_major_formatter(THOUSANDS)
    ax.grid(axis="y", visible=False)
    ax.set_xlim(0, 1.5 * max([1.0 if compared else 0.0, *high]) or 1.0)
    ax.set(title=title, xlabel=_("Hours needed, in percent of those there are (line: low to high)")
           if compared else _("Hours needed a month (line: low to high)"))  # fmt: skip
    return ax


def _hours(row: pd.Series) -> str:
    needed = f"{row['mid']:,.0f}" if row["mid"] >= 9.95 else f"{row['mid']:.1f}"
    if pd.isna(row["available"]):
        return _("{needed} hours", needed=needed)
    return _("{needed} of {there} hours", needed=needed, there=f"{row['available']:,.0f}")


def tornado(frame: pd.DataFrame, names: Sequence[str], title: str, is_money: bool) -> Axes:
    """Plot how far the outcome moves with each assumption, the widest on top.

    Parameters
    ----------
    frame : DataFrame
        ``low``, ``high`` (outcome with the figure lower and higher), ``base``.
    names : sequence of str
        What each bar changes.
    title : str
    is_money : bool
        Whether the outcome is a share of the margin; else hours.
    """
    frame, names = frame.head(MOST_BARS), list(names)[:MOST_BARS]
    _figure, ax = plt.subplots(figsize=(7.6, 1.6 + 0.38 * len(frame)))
    place, base = np.arange(len(frame))[::-1], frame["base"].iloc[0]
    for column, colour, name in (("low", PALETTE[5], _("with a lower figure")),
                                 ("high", PALETTE[0], _("with a higher figure"))):  # fmt: skip
        ax.barh(place, frame[column] - base, left=base, color=colour, height=0.6, label=name)
    ax.axvline(base, color=DARK, linewidth=1.2)
    ax.set_yticks(place, names)
    ax.grid(axis="y", visible=False)
    if is_money:
        percent_axis(ax.xaxis)
    else:
        ax.xaxis.set_major_formatter(THOUSANDS)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.75 / (1.6 + 0.38 * len(frame))), ncols=2,
              fontsize=8.5)  # fmt: skip
    ax.set(title=title, xlabel=_("Cost of the plan in percent of the margin that came in")
           if is_money else _("Hours a month"))  # fmt: skip
    return ax


def reach(frame: pd.DataFrame, title: str, xlabel: str) -> Axes:
    """Plot buyers reached over contacts made, the best tier first, against calling anybody.

    Parameters
    ----------
    frame : DataFrame
        Indexed by tier: ``hours_so_far``, ``buyers_so_far``.
    title, xlabel : str
    """
    _figure, ax = plt.subplots()
    x = np.concatenate([[0.0], frame["hours_so_far"]])
    y = np.concatenate([[0.0], frame["buyers_so_far"]])
    ax.plot([0, x[-1]], [0, y[-1]], color=GREY, linestyle="--", linewidth=1.2)
    ax.annotate(_("in any order"), (x[-1] / 2, y[-1] / 2), (6, -10), textcoords="offset points",
                fontsize=8.5, color=DARK)  # fmt: skip
    ax.plot(x, y, "o-", color=PALETTE[0], linewidth=2, markersize=5)
    last = (-1.0, -1.0)
    for tier, at, buyers in zip(frame.index, x[1:], y[1:], strict=True):
        here = (at / max(x[-1], 1e-9), buyers / max(y[-1], 1e-9))
        if here[0] - last[0] < APART[0] and here[1] - last[1] < APART[1]:
            continue  # its name would cover the one before it
        last = here
        ax.annotate(tier_name(tier), (at, buyers), (-4, 6), textcoords="offset points", ha="right",
                    fontsize=9, fontweight="bold", color=PALETTE[0])  # fmt: skip
    ax.xaxis.set_major_formatter(THOUSANDS)
    ax.yaxis.set_major_formatter(THOUSANDS)
    ax.set_xlim(0, None)
    ax.set_ylim(0, 1.1 * max(y[-1], 1))
    ax.set(title=title, xlabel=xlabel, ylabel=_("Buyers among them"))
    return ax
