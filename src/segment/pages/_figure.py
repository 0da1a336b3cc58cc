"""Figures that several pages share: curves and bars from which no single customer can be read."""

from __future__ import annotations

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.evidence.small_groups import FEWEST
from segment.theme import ACCENT, OTHERS, tier_colours

MOST_POINTS = 100
LEAST_WRITTEN = 0.06  # of a bar: less has no room for a number


def thinned(customers: pd.Series) -> np.ndarray:
    """Return the places of a curve's points to draw, among them the first and the last.

    At most 100, with at least five customers between any two. ``customers``: how many customers
    stand before each point, from 0 to all of them.
    """
    reached = np.rint(customers.to_numpy())
    few = len(reached) <= MOST_POINTS
    step = FEWEST if few else max(FEWEST, reached[-1] / (MOST_POINTS - 2))
    places = [0]
    while (place := int(np.searchsorted(reached, reached[places[-1]] + step))) < len(reached):
        places.append(place)
    # What is left over at the end joins the last part.
    return np.array([*places[: max(1, len(places) - 1)], len(reached) - 1])


def highlighted(schemes: Iterable[str], label: str) -> np.ndarray:
    """Return a colour for each scheme: one for the scheme that is meant, grey for the others.

    Schemes that hold the same customers bear their names in one, with commas between.
    """
    return np.array([ACCENT if label in name.split(", ") else OTHERS for name in schemes])


def write_shares(ax: Axes) -> None:
    """Write the shares on stacked bars, the first row on top."""
    for bars in ax.containers:
        written = [f"{share:.0%}" if share >= LEAST_WRITTEN else "" for share in bars.datavalues]
        ax.bar_label(bars, written, label_type="center")
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def draw_counts(customers: pd.DataFrame, by: str, ends: np.ndarray, limits: np.ndarray) -> Axes:
    """Draw how many customers of each ``tier`` stand between any two ``ends`` of a column.

    Where fewer than five do, nothing is drawn. ``limits`` are those of the tiers.
    """
    places = pd.cut(customers[by], ends, right=False, labels=ends[:-1])
    counts = pd.crosstab(places.astype(float), customers["tier"])
    counts = counts[counts.sum(axis="columns") >= FEWEST]
    widths = pd.Series(np.diff(ends), ends[:-1])[counts.index]
    ax, below = plt.subplots(figsize=(6.8, 3.2))[1], 0
    for tier, colour in zip(counts, tier_colours(len(counts.columns)), strict=True):
        style = {"align": "edge", "color": colour, "label": tier}
        ax.bar(counts.index, counts[tier], 0.9 * widths, below, **style)
        below = below + counts[tier]
    for limit in limits:
        ax.axvline(limit, color="grey", linestyle="--", linewidth=1)
    ax.grid(axis="x", visible=False)
    ax.set(xlabel=by, ylabel="Customers")
    ax.legend()
    return ax
