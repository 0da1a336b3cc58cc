"""Figure of what customers held back brought against others of their tier."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segment.language import _, tier_name
from segment.pages.plots.theme import GREY, PALETTE, money_axis, unit


def held_back(frame: pd.DataFrame, currency: str, title: str) -> Axes:
    """Plot two means with intervals per tier: held back, and not.

    Parameters
    ----------
    frame : DataFrame
        ``tier``; ``held`` and ``others`` (customers); ``held_mean`` and
        ``others_mean`` with ``_low`` and ``_high``.
    """
    ax = plt.subplots(figsize=(7.6, 1.8 + 0.55 * len(frame)))[1]
    place = np.arange(len(frame))[::-1]
    groups = (
        ("others", _("not held back"), 0.13, GREY),
        ("held", _("held back"), -0.13, PALETTE[1]),
    )
    for name, words, shift, colour in groups:
        low, high = frame[f"{name}_mean_low"], frame[f"{name}_mean_high"]
        ax.hlines(place + shift, low, high, color=colour, linewidth=2)
        ax.scatter(frame[f"{name}_mean"], place + shift, color=colour, zorder=3, s=30, label=words)
    sizes = zip(frame["tier"], frame["held"], frame["others"], strict=True)
    ax.set_yticks(
        place,
        [_("{tier} ({held} of {all})", tier=tier_name(tier),
           held=f"{held:,}", all=f"{held + rest:,}") for tier, held, rest in sizes],
    )  # fmt: skip
    ax.set_ylim(-0.6, len(frame) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.set_xlim(left=min(0, frame[["held_mean_low", "others_mean_low"]].min(axis=None)))
    money_axis(ax.xaxis, currency)
    ax.legend(fontsize=8.5, loc="upper center", ncols=2,
              bbox_to_anchor=(0.5, -0.16 - 0.3 / len(frame)))  # fmt: skip
    ax.set(
        title=title,
        xlabel=_("Holdout value per customer ({unit}, 95 % interval)", unit=unit(currency)),
        ylabel=_("Tier without the brake\n(held back, of all)"),
    )
    return ax
