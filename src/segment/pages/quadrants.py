"""Two cut axes, four classes: does loyalty say more than value, or turnover than margin?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from segment.evidence.small_groups import FEWEST
from segment.features.names import axis_name, column_name, in_words
from segment.language import _, tier_name
from segment.pages._words import best, gain, sentences, top_tier
from segment.run.scheme import Scheme, once
from segment.theme import SHADES
from segment.tiering import told
from segment.words import capital, listed, money, percent

# A scale shows this part of the customers; the others stand at its ends.
SHOWN = 0.98
# A column with a tail so many times its cut is drawn on a log scale.
LONG_TAIL = 10


@once
def axes(scheme: Scheme) -> pd.DataFrame:
    """Return what a figure must know of each axis, the vertical one first.

    Indexed by axis: ``column`` (its own, or words for an index), ``index`` (whether it is
    one, in percentiles), ``limit`` (where it is cut), ``falling`` (low values are the good
    ones), ``scale`` ("linear" or "log"), and ``low`` and ``high``, the ends of the scale.
    """
    points = scheme.method.coordinates(scheme.features)
    rows = {}
    for axis in scheme.method.axes_:
        low, high = points[axis.name].quantile([(1 - SHOWN) / 2, (1 + SHOWN) / 2])
        limit = axis.limit_ if np.isfinite(axis.limit_) else np.nan
        scale = "log" if 0 < LONG_TAIL * limit < high else "linear"
        rows[axis.name] = {
            "column": _measures(axis) if axis.is_index else axis.columns[0],
            "index": axis.is_index,
            "limit": limit,
            "falling": not axis.is_index and axis.signs[0] < 0,
            "scale": scale,
            "low": np.fmin(max(low, limit / 100) if scale == "log" else low, limit),
            "high": np.fmax(high, limit),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _measures(axis) -> str:
    """Say what an index is made of."""
    names = [
        _("few {name}", name=column_name(name)) if sign < 0 else column_name(name)
        for sign, name in zip(axis.signs, axis.columns, strict=True)
    ]
    made = _("mean percentile of {names}", names=listed(names))
    return _("{scheme}: {title}", scheme=axis_name(axis.name), title=made)


@once
def points(scheme: Scheme) -> pd.DataFrame:
    """Return where the customers stand on the two axes, those beyond a scale at its end."""
    known = scheme.method.coordinates(scheme.features)
    ends = axes(scheme)
    return known.clip(ends["low"], ends["high"], axis="columns")


def loyalty_steps(scheme: Scheme) -> pd.DataFrame:
    """Return when a customer counts as loyal: each row is enough; an index of many is a rule."""
    loyalty = scheme.method.axes_[1]
    if loyalty.steps_ is None:
        with scheme.telling():
            return pd.DataFrame({"rule": [told.once(loyalty.rule())]})
    names = {
        column: f"{capital(column_name(column))} {'≤' if sign < 0 else '≥'}"
        for sign, column in zip(loyalty.signs, loyalty.columns, strict=True)
    }
    return loyalty.steps_.rename(columns=names)


def draw(
    points: pd.DataFrame, axes: pd.DataFrame, shares: Mapping[str, float], ax: Axes | None = None
) -> Axes:
    """Draw two axes and their cuts as a density that stays readable with many customers.

    ``points`` are the vertical and the horizontal coordinate, ``axes`` what the function of that
    name gives, ``shares`` those of the classes: high in both, high on the vertical axis only, on
    the horizontal one only, in neither.
    """
    ax = ax or plt.subplots(figsize=(6, 4.2))[1]
    upright, level = (axes.loc[name] for name in points)
    ax.hexbin(
        points.iloc[:, 1],
        points.iloc[:, 0],
        gridsize=20,
        bins="log",
        cmap=SHADES,
        mincnt=FEWEST,
        linewidths=0.2,
        xscale=level["scale"],
        yscale=upright["scale"],
    )
    ax.margins(y=0.12)  # room for the names of the classes
    ax.grid(visible=False)
    for axis, line, row in ((ax.yaxis, ax.axhline, upright), (ax.xaxis, ax.axvline, level)):
        if np.isfinite(row["limit"]):
            line(row["limit"], color="black", linewidth=1)
        axis.set_inverted(bool(row["falling"]))
        axis.set_label_text(row["column"])
        if row["index"]:
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
    corners = ((0.98, 0.97), (0.02, 0.97), (0.98, 0.03), (0.02, 0.03))
    for (tier, share), (x, y) in zip(shares.items(), corners, strict=True):
        ax.text(
            x,
            y,
            f"{tier_name(tier)} {share:.0%}",
            transform=ax.transAxes,
            fontweight="bold",
            ha="right" if x > 0.5 else "left",
            va="top" if y > 0.5 else "bottom",
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"},
        )
    return ax


def _called(scheme: Scheme) -> list[str]:
    """Return what a sentence calls the two axes: a column of the study's own by its name."""
    kind = type(scheme.method)
    given = [(axis, getattr(scheme.method, axis)) for axis in kind.axes]
    return [
        in_words(column)
        if isinstance(column, str) and column != getattr(kind, axis)
        else axis_name(axis).lower()
        for axis, column in given
    ]


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [one_side(scheme), gain(scheme), top_tier(scheme)]


def one_side(scheme: Scheme) -> str:
    """Compare those high on the first axis only with those on the second; empty if too few."""
    sides = scheme.tiers.iloc[1:3]
    if (sides["customers"] < FEWEST).any():
        return ""
    first, second = _called(scheme)
    above = sides["next_value_low"].to_numpy() > sides["next_value_high"].to_numpy()[::-1]
    verdict = _("That may be chance.")
    if above.any():
        verdict = _("So {axis} tells more.", axis=first if above[0] else second)
    currency = scheme.study.currency
    found = _(
        "**Customers with high {first} but low {second} ({tier}) later brought {value} each, those "
        "with high {second} but low {first} ({other_tier}) {other_value}.**",
        first=first,
        second=second,
        tier=tier_name(sides["tier"].iloc[0]),
        other_tier=tier_name(sides["tier"].iloc[1]),
        value=money(sides["next_value"].iloc[0], currency),
        other_value=money(sides["next_value"].iloc[1], currency),
    )
    return sentences(found, verdict)


def relation(scheme: Scheme) -> str:
    """Say whether the two axes go together, against what chance alone would give; a title."""
    both, upright, level, neither = scheme.tiers["share"]
    chance = (both + upright) * (both + level) + (level + neither) * (upright + neither)
    first, second = _called(scheme)
    related = _(
        "{first} and {second}: {together} of the customers are high or low in both ({chance} by "
        "chance)",
        first=first,
        second=second,
        together=percent(both + neither),
        chance=percent(chance),
    )
    return capital(related)
