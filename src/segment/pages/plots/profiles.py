"""Figures of profiles: which attributes differ between tiers, and how one runs over them."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.errors import StudyError, nearest
from segment.evidence.profiles import OTHER, WORDS
from segment.language import N_, _, _n, tier_name
from segment.pages.plots.labels import shortened
from segment.pages.plots.theme import DARK, GREY, PALETTE
from segment.words import count

# More than these would make the figure longer than a page.
MOST_ATTRIBUTES, MOST_TIERS = 30, 25
# Shares below this have no room for their label inside the bar.
LEAST_LABEL = 0.06
EVERYONE, HIDDEN = N_("all customers"), N_("not shown (few customers)")
PALE, NOT_SHOWN = "#e5e7eb", "#f8fafc"
# Behind a label, so that no line runs through it.
CLEAR = {"fc": "white", "ec": "none", "pad": 0.6}
# Colours too light for white letters.
LIGHT = {PALETTE[3], PALETTE[4], PALETTE[5], "#cbd5e1"}


def strengths(frame: pd.DataFrame, title: str) -> Axes:
    """Plot how strongly attributes differ between tiers: a dot and an interval each.

    Parameters
    ----------
    frame : DataFrame
        What ``segment.profiles.strengths`` returned. Attributes without an effect are
        not drawn; the note under the axis counts them.
    title : str
    """
    ranked = frame[frame["effect"].notna()]
    shown = ranked.head(MOST_ATTRIBUTES)
    ax = plt.subplots(figsize=(7.6, 1.5 + 0.29 * max(1, len(shown))))[1]
    place = np.arange(len(shown))[::-1]
    for i, (low, high) in enumerate(pairwise([*WORDS.values(), 1.0])):
        ax.axvspan(low, high, color=PALE, alpha=0.2 + 0.25 * i, linewidth=0, zorder=0)
        ax.annotate(_(list(WORDS)[i]), ((low + high) / 2, 1), xycoords=("data", "axes fraction"),
                    xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8.5,
                    color=GREY)  # fmt: skip
    clear = shown["low"].to_numpy() > 0
    colours = np.where(clear, PALETTE[0], GREY)
    ax.hlines(place, shown["low"], shown["high"], color=colours, linewidth=2)
    ax.scatter(shown["effect"], place, color=colours, s=34, zorder=3)
    for y, effect in zip(place, shown["effect"], strict=True):
        ax.annotate(f"{effect:.2f}", (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0),
                    textcoords="offset points", va="center", fontsize=8.5, color=DARK)  # fmt: skip
    if shown.empty:
        ax.annotate(_("no attribute can be compared"), (0.5, 0), ha="center", va="center",
                    fontsize=9, color=GREY)  # fmt: skip
    ax.set_yticks(place, shortened(list(shown["attribute"])))
    ax.set_ylim(-0.7, max(1, len(shown)) - 0.3)
    ax.grid(visible=False)
    label = _("Strength of the difference between tiers, with its interval (grey: may be chance)")
    ax.set(
        xlim=(0, 1), xlabel=label + _not_drawn(len(ranked) - len(shown), len(frame) - len(ranked))
    )
    ax.set_title(title, pad=19)
    return ax


def _not_drawn(weaker: int, unknown: int) -> str:
    """Say on a line of its own which attributes are not in the figure; empty if all are."""
    unseen = []
    if weaker:
        unseen.append(_n("{n} attribute weaker", "{n} attributes weaker", weaker))
    if unknown:
        unseen.append(_n("{n} attribute that cannot be compared",
                         "{n} attributes that cannot be compared", unknown))  # fmt: skip
    if not unseen:
        return ""
    return "\n" + _("Not drawn: {what}", what=_(", ").join(unseen))


def tiers(profile: pd.DataFrame, attribute: str, title: str) -> Axes:
    """Plot how one attribute runs over the tiers, best tier on top, all customers below.

    Categories are bars of shares; booleans and numbers are bars from 0, dates are dots.

    Parameters
    ----------
    profile : DataFrame
        What ``segment.profiles.profile`` returned.
    attribute : str
        One of its attributes.
    title : str

    Raises
    ------
    StudyError
        If the profile does not have the attribute.
    """
    rows = profile[profile["attribute"] == attribute]
    if rows.empty:
        raise StudyError(
            f"The profile has no attribute '{attribute}' (constant attributes and names are left "
            f"out){nearest(attribute, profile['attribute'].unique())}"
        )
    names = [tier for tier in profile["tier"].cat.categories if tier in set(rows["tier"])]
    drawn = names[:MOST_TIERS]
    ax = plt.subplots(figsize=(7.6, 1.6 + 0.36 * (len(drawn) + 1)))[1]
    table = rows.pivot_table("value", "level", "tier", sort=False, dropna=False, observed=False)
    table = table.reindex(index=rows["level"].drop_duplicates(), columns=drawn)
    table[EVERYONE] = rows.drop_duplicates("level").set_index("level")["overall"]
    place = np.arange(len(table.columns), 0, -1.0)
    place[-1] -= 0.25  # apart from the tiers
    kind = rows["kind"].iloc[0]
    (_stacked if kind == "category" else _single)(ax, table, place, kind)
    more = len(names) - len(drawn)
    label = shortened([attribute])[0]
    what = {"category": _("Share of customers with a known value"),
            "flag": _("Share of customers: {name}", name=label),
            "number": _("Median: {name}", name=label),
            "date": _("Median date: {name}", name=label)}[kind]  # fmt: skip
    ax.set_yticks(place, shortened([*(tier_name(tier) for tier in drawn), _(EVERYONE)]))
    ax.set_ylim(place[-1] - 0.6, place[0] + 0.6)
    ax.grid(axis="y", visible=False)
    if more:
        what += "\n" + _("Not drawn: {what}", what=count(more, "lower tier"))
    ax.set(title=title, xlabel=what)
    return ax


def _stacked(ax: Axes, table: pd.DataFrame, place: np.ndarray, _kind: str) -> None:
    """Draw shares side by side; the largest levels in colour, the rest in greys."""
    overall = table.iloc[:, -1]
    named = overall[overall.index != OTHER]
    # A sum with a hidden part would pass for the whole: it is not shown either.
    coloured = named.nlargest(len(PALETTE) - 1, keep="first").index
    rest = table.drop(index=coloured)
    table = table.loc[table.index.isin(coloured)]
    if len(rest):
        table = pd.concat([table, rest.sum(skipna=False).to_frame(OTHER).T])
    start = np.zeros(len(place))
    colours = [*PALETTE[: len(table)]]
    for level, colour in zip(table.index, colours, strict=False):
        values = table.loc[level].to_numpy(float)
        colour = "#cbd5e1" if level == OTHER else colour
        ax.barh(place, np.nan_to_num(values), left=start, height=0.72, edgecolor="white",
                color=colour, linewidth=0.8,
                label=shortened([_(level) if level == OTHER else level])[0])  # fmt: skip
        for y, x, value in zip(place, start, values, strict=True):
            if value >= LEAST_LABEL:
                ax.annotate(f"{value:.0%}", (x + value / 2, y), ha="center", va="center",
                            fontsize=8, color=DARK if colour in LIGHT else "white")  # fmt: skip
        start = start + np.nan_to_num(values)
    missing = 1 - start
    if (missing > 1e-9).any():
        ax.barh(place, missing, left=start, height=0.72, color=NOT_SHOWN, edgecolor=GREY,
                hatch="///", linewidth=0, label=_(HIDDEN))  # fmt: skip
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
    ax.legend(loc="upper center", ncols=3, fontsize=8.5,
              bbox_to_anchor=(0.45, -0.55 / (0.36 * len(place) + 0.4)))  # fmt: skip


def _single(ax: Axes, table: pd.DataFrame, place: np.ndarray, kind: str) -> None:
    """Draw one figure per tier; the line goes through that of all customers."""
    values = table.iloc[0].to_numpy(float)
    known = np.isfinite(values)
    colours = np.where(np.arange(len(values)) == len(values) - 1, GREY, PALETTE[0])
    if kind == "date":
        ax.scatter(values[known], place[known], color=colours[known], s=44, zorder=3)
        ax.margins(x=0.2)
        ax.xaxis.set_major_locator(plt.MaxNLocator(5))
    else:
        ax.barh(place[known], values[known], height=0.68, color=colours[known])
        ax.margins(x=0.16)
    if known[-1]:
        ax.axvline(values[-1], color=GREY, linewidth=1, linestyle="--", zorder=0)
    write = {
        "date": lambda v, _place=0: f"{pd.Timestamp(v, unit='D'):%Y-%m-%d}",
        "flag": lambda v, _place=0: f"{v:.0%}",
    }.get(kind, lambda v, _place=0: _short(v))
    ax.xaxis.set_major_formatter(write)
    for y, value in zip(place, values, strict=True):
        found = np.isfinite(value)
        left = found and value < 0 and kind != "date"
        ax.annotate(write(value) if found else _(HIDDEN),
                    (value if found else 0, y) if kind != "date" or found else (0.02, y),
                    xycoords="data" if found or kind != "date" else ("axes fraction", "data"),
                    xytext=(-5 if left else 7, 0), textcoords="offset points", va="center",
                    ha="right" if left else "left", fontsize=8.5, bbox=CLEAR,
                    color=DARK if found else GREY)  # fmt: skip


def _short(value: float) -> str:
    """Return a number with three figures that matter, large ones in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
