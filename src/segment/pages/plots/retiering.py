"""Where tiers went, who stayed away, and this report against the last."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from segment.language import N_, _, tier_name
from segment.pages.plots.theme import DARK, GREY, PALETTE, percent_axis
from segment.words import percent

WAYS = {"up": (PALETTE[2], N_("up")), "same": ("#d1d5db", N_("same tier")),
        "down": (PALETTE[4], N_("down")), "lost": (PALETTE[1], N_("no purchase"))}  # fmt: skip
LIMITS = {"frozen": N_("frozen limits"), "recomputed": N_("recomputed limits")}
LEAST_LABEL = 0.06  # of the width: narrower parts carry no number
MOST_TIERS = 12


def destinations(found: pd.DataFrame, title: str) -> Axes:
    """Plot where each tier's customers went, frozen limits above recomputed ones.

    Parameters
    ----------
    found : DataFrame
        ``tier``, ``limits``, ``customers``, ``up``, ``same``, ``down``, ``lost`` (shares);
        best tier first. Of more than twelve tiers the first twelve are drawn.
    title : str
    """
    tiers = list(dict.fromkeys(found["tier"]))[:MOST_TIERS]
    height = 1.7 + 0.66 * len(tiers)
    _figure, ax = plt.subplots(figsize=(7.6, height))
    places, names = [], []
    for i, tier in enumerate(tiers):
        for j, (limits, said) in enumerate(LIMITS.items()):
            row = found[(found["tier"] == tier) & (found["limits"] == limits)].iloc[0]
            y, left = -(i * 2.5 + j), 0.0
            for way, (colour, _name) in WAYS.items():
                share = row[way]
                ax.barh(y, share, left=left, height=0.86, color=colour, edgecolor="white",
                        linewidth=0.6)  # fmt: skip
                if share >= LEAST_LABEL:
                    ax.annotate(percent(share), (left + share / 2, y), ha="center", va="center",
                                fontsize=8, color=DARK)  # fmt: skip
                left += share
            places.append(y)
            names.append(f"{tier_name(tier)} · {_(said)}" if j == 0 else _(said))
    ax.set_yticks(places, names)
    ax.set_xlim(0, 1)
    percent_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    ax.legend(handles=[Patch(color=c, label=_(name)) for c, name in WAYS.values()], ncols=4,
              loc="upper center", bbox_to_anchor=(0.4, -0.55 / height), fontsize=8.5)  # fmt: skip
    ax.set_xlabel(_("Share of the tier's customers of the earlier period"))
    ax.set_title(title)
    return ax


def attrition(shares: pd.DataFrame, title: str) -> Axes:
    """Plot the share of each tier that did not buy in the following period.

    Parameters
    ----------
    shares : DataFrame
        ``tier`` (None: all), ``customers``, ``share``, ``low``, ``high``; tiers without
        customers are not drawn.
    title : str
    """
    held = shares[shares["customers"] > 0]
    held = pd.concat([held.iloc[:-1].head(MOST_TIERS), held.iloc[-1:]])
    _figure, ax = plt.subplots(figsize=(7.6, 1.3 + 0.36 * len(held)))
    place = np.arange(len(held))[::-1]
    colours = [GREY if tier is None else PALETTE[0] for tier in held["tier"]]
    ax.barh(place, held["share"], color=colours, height=0.65)
    ax.hlines(place, held["low"], held["high"], color=DARK, linewidth=1.4)
    for y, row in zip(place, held.itertuples(), strict=True):
        ax.annotate(percent(row.share, 1), (row.high, y), xytext=(4, 0), va="center", fontsize=8.5,
                    textcoords="offset points", color=DARK)  # fmt: skip
    ax.set_yticks(place, [_("all customers") if t is None else tier_name(t) for t in held["tier"]])
    ax.set_xlim(0, max(0.05, 1.15 * held["high"].max()))
    percent_axis(ax.xaxis)
    ax.grid(axis="y", visible=False)
    ax.set(
        title=title, xlabel=_("Share without a purchase in the following period (95 % interval)")
    )
    return ax


def then_and_now(figures: pd.DataFrame, title: str) -> Axes:
    """Plot each scheme's normalised Gini in the last report and in this one.

    Parameters
    ----------
    figures : DataFrame
        ``label``, ``old``, ``new``, ``noise``; the first on top, and no figure is missing.
        The grey bar spans what would be noise around the old figure.
    title : str
    """
    _figure, ax = plt.subplots(figsize=(7.6, 1.7 + 0.34 * len(figures)))
    place = np.arange(len(figures))[::-1]
    noise = figures["noise"].fillna(0)
    ax.hlines(place, figures["old"] - noise, figures["old"] + noise, color="#d1d5db", linewidth=6,
              label=_("noise around the last figure"))  # fmt: skip
    ax.scatter(figures["old"], place, color=GREY, s=30, zorder=3, label=_("last report"))
    ax.scatter(figures["new"], place, color=PALETTE[0], marker="D", s=30, zorder=4,
               label=_("this report"))  # fmt: skip
    ax.set_yticks(place, figures["label"])
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.62 / (1.7 + 0.34 * len(figures))),
              ncols=3, fontsize=8.5)  # fmt: skip
    ax.set(title=title, xlabel=_("Normalised Gini"))
    return ax
