"""Figures with one line per scheme, or per number of clusters."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from segment.language import _
from segment.pages.plots.theme import DARK, GREY, PALETTE


def bars(values: pd.Series, low: pd.Series, high: pd.Series, *, title: str, xlabel: str) -> Axes:
    """Plot horizontal bars with intervals, one per label, the first on top."""
    ax = plt.subplots(figsize=(7.6, 1.3 + 0.36 * len(values)))[1]
    place = np.arange(len(values))[::-1]
    ax.barh(place, values, color=PALETTE[0], height=0.65)
    ax.hlines(place, low, high, color=DARK, linewidth=1.4)
    for y, value, end in zip(place, values, np.fmax(values, high), strict=True):
        if np.isfinite(value):
            ax.annotate(f"{value:.2f}", (end, y), xytext=(4, 0), textcoords="offset points",
                        va="center", fontsize=8.5, color=DARK)  # fmt: skip
    ax.set_yticks(place, [str(label) for label in values.index])
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    ax.set(title=title, xlabel=xlabel)
    return ax


def skill_and_granularity(figures: pd.DataFrame, revenue_gini: float, title: str) -> Axes:
    """Plot every normalised Gini as the revenue sort's, less what cutting loses, plus skill.

    Parameters
    ----------
    figures : DataFrame
        Indexed by label: ``gini``, ``granularity_loss``, ``skill``; the first on top.
    revenue_gini : float
        Normalised Gini of the revenue sort.
    """
    height = 1.9 + 0.38 * len(figures)
    ax = plt.subplots(figsize=(7.6, height))[1]
    place = np.arange(len(figures))[::-1]
    gini, loss = figures["gini"].to_numpy(), figures["granularity_loss"].to_numpy()
    kept = revenue_gini - loss  # by the revenue sort at the scheme's own tier sizes
    skill = np.nan_to_num(figures["skill"].to_numpy())
    ax.barh(place, kept, height=0.62, color="#9ecae9", label=_("sorting by revenue at these sizes"))
    ax.barh(place, loss, left=kept, height=0.62, color="white", edgecolor=GREY, hatch="////",
            linewidth=0.6, label=_("lost by cutting into tiers"))  # fmt: skip
    won_or_lost = {1: (PALETTE[2], _("skill: won by a better order than past revenue")),
                   -1: (PALETTE[1], _("lost by a worse order than past revenue"))}  # fmt: skip
    for sign, (colour, name) in won_or_lost.items():
        part = np.where(sign * skill > 0, skill, 0.0)
        ax.barh(place, part, left=kept, height=0.34, color=colour, label=name)
    ax.vlines(gini, place - 0.31, place + 0.31, color=DARK, linewidth=2)
    ax.axvline(revenue_gini, color=DARK, linewidth=1, linestyle="--")
    ax.annotate(
        _("revenue sort {gini}", gini=f"{revenue_gini:.3f}"),
        (revenue_gini, len(figures) - 0.5),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=DARK,
        bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"},
    )
    for y, end, value, won in zip(place, np.fmax(gini, revenue_gini), gini, skill, strict=True):
        text = f"{value:.3f}"
        if won != 0:
            text = _("{gini} (skill {skill})", gini=text, skill=f"{won:+.3f}")
        ax.annotate(text, (end, y), xytext=(6, 0), textcoords="offset points", va="center",
                    fontsize=8.5, color=DARK)  # fmt: skip
    ax.set_yticks(place, figures.index)
    ax.set_ylim(-0.6, len(figures) + 0.1)
    ax.set_xlim(0, 1.42 * max(revenue_gini, gini.max()))
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= 1])
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.75 / height), ncols=2,
              fontsize=8.5)  # fmt: skip
    ax.set(title=title, xlabel=_("Normalised Gini (black mark): revenue sort - loss + skill"))
    return ax


def forest(pairs: pd.DataFrame, margin: float, title: str) -> Axes:
    """Plot how far every scheme lies behind the best one, with the practical margin.

    Parameters
    ----------
    pairs : DataFrame
        ``worse``, ``difference``, ``low``, ``high``, ``separable``.
    margin : float
        Differences inside the band do not matter.
    """
    ax = plt.subplots(figsize=(7.6, 1.6 + 0.36 * len(pairs)))[1]
    place = np.arange(len(pairs))
    ax.axvspan(0, margin, color="#fde68a", alpha=0.6, linewidth=0)
    ax.annotate(
        _("up to {margin} does not matter", margin=f"{margin:g}"),
        (margin, len(pairs) - 0.45),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=8,
        ha="left",
    )
    ax.axvline(0, color=DARK, linewidth=1)
    colours = [PALETTE[1] if worse else PALETTE[0] for worse in pairs["separable"]]
    ax.hlines(place, pairs["low"], pairs["high"], color=colours, linewidth=2)
    ax.scatter(pairs["difference"], place, color=colours, zorder=3, s=26)
    ax.set_yticks(place, pairs["worse"])
    ax.set_ylim(-0.7, len(pairs))
    ax.grid(axis="y", visible=False)
    xlabel = _("Normalised Gini behind the best scheme (95 % simultaneous interval)")
    ax.set(title=title, xlabel=xlabel)
    return ax


def k_evidence(evidence: pd.DataFrame, chosen: int, stable: float, title: str) -> Axes:
    """Plot stability, silhouette and plain-rule agreement over the number of clusters.

    Parameters
    ----------
    evidence : DataFrame
        Indexed by k: ``stability``, ``silhouette``, ``plain_rules``.
    """
    ax = plt.subplots()[1]
    names = {"stability": _("stability of the weakest cluster"),
             "plain_rules": _("told by plain rules"), "silhouette": _("silhouette")}  # fmt: skip
    for (column, name), colour in zip(names.items(), PALETTE, strict=False):
        ax.plot(evidence.index, evidence[column], "o-", color=colour, label=name)
    ax.axhline(stable, color=GREY, linestyle="--", linewidth=0.9)
    ax.annotate(_("stable from here up"), (evidence.index.max(), stable), xytext=(0, 3), ha="right",
                textcoords="offset points", fontsize=8.5, color=GREY)  # fmt: skip
    ax.axvline(chosen, color=DARK, linewidth=0.9)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize=8.5, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    ax.set(title=title, xlabel=_("Number of clusters k"), ylabel=_("0 (none) to 1 (perfect)"),
           ylim=(0, 1.02))  # fmt: skip
    return ax
