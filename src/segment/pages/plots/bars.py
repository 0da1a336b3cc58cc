"""What speaks for each number of clusters."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from segment.language import _
from segment.pages.plots.theme import DARK, GREY, PALETTE


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
