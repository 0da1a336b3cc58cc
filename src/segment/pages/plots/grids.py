"""Figures of a matrix with its values in the cells."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from segment.features.names import NAMES
from segment.language import _, current, tier_name
from segment.pages.plots.labels import broken

# A heading of a column of the cluster profile, in Chinese.
HEADING = 14


def heatmap(values: pd.DataFrame, title: str, xlabel: str, ylabel: str, label: str,
            fmt: str = ",.0f") -> Axes:  # fmt: skip
    """Plot a matrix with its values written in the cells; the scale is written as they are."""
    height = 1.6 + 0.38 * len(values)
    ax = plt.subplots(figsize=(1.8 + 0.85 * max(5, values.shape[1]), height))[1]
    sns.heatmap(
        values,
        annot=values.shape[1] <= 14,
        fmt=fmt,
        cmap="Blues",
        ax=ax,
        linewidths=0.5,
        annot_kws={"fontsize": 8.5},
        cbar_kws={"label": label, "format": lambda value, _at: format(value, fmt)},
    )
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.tick_params(axis="y", rotation=0)
    return ax


def cluster_profile(centres: pd.DataFrame, title: str) -> Axes:
    """Plot how the clusters' centres differ from the average customer.

    Parameters
    ----------
    centres : DataFrame of shape (clusters, features)
        In standard deviations from the mean.
    """
    height = 1.4 + 0.42 * len(centres)
    ax = plt.subplots(figsize=(2.6 + 1.5 * max(2, centres.shape[1]), height))[1]
    edge = max(1.0, float(centres.abs().max().max()))
    # Rounded first, and 0 added: no "-0.0".
    shown = centres.rename(index=tier_name, columns=_heading).round(1) + 0.0
    sns.heatmap(shown, annot=True, fmt="+.1f", cmap="RdBu", center=0,
                vmin=-edge, vmax=edge, ax=ax, linewidths=0.5,
                cbar_kws={"label": _("Standard deviations\nfrom the mean")})  # fmt: skip
    ax.set(title=title)
    ax.tick_params(axis="y", rotation=0)
    return ax


def _heading(name: str) -> str:
    if current() != "en":
        return broken(_(NAMES.get(name, name)).replace("_", " "), HEADING)
    return NAMES.get(name, name).replace(" purchase", "\npurchase").replace("_", " ")
