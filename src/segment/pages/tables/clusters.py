"""Table of the cluster page: the median customer of every cluster."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.language import _
from segment.pages import views
from segment.pages.narrate.clusters import trust
from segment.pages.tables.build import build
from segment.pages.tables.cells import TENTHS, heading, names
from segment.run import Run
from segment.tiering.encoding import MISSING


def cluster_profile(a: Run, label: str) -> HTML:
    """Show the median customer of every cluster, its size, and how sure it is."""
    frame = views.clusters.profile(a, label)
    return build(
        _("{label}: the median customer of each cluster, and how far it is found again",
          label=label),
        (_("Cluster"), names(frame.index)),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Share"), frame["share"], TENTHS),
        (_("Found again"), frame["stability"], "{:.2f}"),
        (_("Which means"), [_(trust(stability)) for stability in frame["stability"]]),
        *(
            (heading(name), frame[name],
             _short if pd.api.types.is_numeric_dtype(frame[name]) else _commonest)
            for name in frame.columns[3:]
        ),
    )  # fmt: skip


def _commonest(text: str) -> str:
    """Return a category with its share, such as "small (68%)"; no category has a name too."""
    none = f"{MISSING} ("
    return f"{_(MISSING)} ({text.removeprefix(none)}" if text.startswith(none) else text


def _short(value: float) -> str:
    """Return a figure of any size: decimals only where they count."""
    whole = abs(value) >= 10 or value == int(value)
    return f"{value:,.0f}" if whole else f"{value:,.2f}"
