"""What the pages of two cut axes draw and tabulate: value by loyalty, turnover by margin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.features.customers import FEATURES
from segment.features.names import NAMES, axis_name, column_name
from segment.language import _
from segment.run import Run
from segment.tiering.axis import Axis
from segment.tiering.rule import number
from segment.words import listed, money, percent

# How far a cut is moved to see who changes class, in percentiles.
POINTS = 0.10


def points(a: Run, label: str) -> pd.DataFrame:
    """Return where the customers stand on the two axes.

    Returns
    -------
    DataFrame
        Indexed by customer, one column per axis: the column it is made of, or the
        percentile of an index.
    """
    return a.methods[label].coordinates(a.customers)


def axes(a: Run, label: str) -> pd.DataFrame:
    """Return what a reader must know of each axis.

    Returns
    -------
    DataFrame
        Indexed by axis: ``label`` (what it measures, in words), ``unit`` (the
        currency, ``"share"``, days ...), ``limit`` (where it is cut; missing where
        nobody is high), ``falling`` (whether low values are high) and ``high`` (where
        high begins, in words).
    """
    rows = {}
    for axis in a.methods[label].axes_:
        unit = "share" if axis.is_index else _unit(a, axis.columns[0])
        falling = not axis.is_index and axis.signs[0] < 0
        limit = axis.limit_ if np.isfinite(axis.limit_) else np.nan
        edge = _figure(a, limit, unit)
        high = _("up to {edge}", edge=edge) if falling else _("from {edge}", edge=edge)
        rows[axis.name] = {"label": _words(axis), "unit": unit, "limit": limit, "falling": falling,
                           "high": "nobody" if axis.nobody else high}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def shares(a: Run, label: str) -> pd.Series:
    """Return the share of customers in each class, best first."""
    return a.methods[label].labels_.value_counts(normalize=True, sort=False)


def moved_cuts(a: Run, label: str) -> pd.DataFrame:
    """Return how many customers change class if one cut moves by ten percentile points.

    Returns
    -------
    DataFrame
        Indexed by axis: ``high`` (where high begins now, in words), ``cut`` (its
        percentile), ``up`` and ``down`` (customers who change class), ``up_share``
        and ``down_share``.
    """
    found = a.methods[label].sensitivity(a.customers, POINTS)
    found = found.rename(columns={"up": "up_share", "down": "down_share"})
    for way in ("up", "down"):
        found[way] = (found[f"{way}_share"] * len(a.customers)).round().astype("int64")
    return found.join(axes(a, label)["high"].replace("nobody", _("nobody")))


def _words(axis: Axis) -> str:
    """Say what an axis measures: ``Value: total spent``."""
    names = [column_name(name).replace("_", " ") for name in axis.columns]
    title = axis_name(axis.name)
    if axis.is_index:
        # "few" tells the reader that the direction of that column is turned.
        turned = [_("few {name}", name=name) if sign < 0 else name
                  for sign, name in zip(axis.signs, names, strict=True)]  # fmt: skip
        return _("{axis}: percentile of {names}", axis=title, names=listed(turned))
    # "Total margin" needs no "Margin" before it.
    if axis.name in NAMES.get(axis.columns[0], axis.columns[0].replace("_", " ")).split():
        return names[0].capitalize()
    return _("{axis}: {name}", axis=title, name=names[0])


def _unit(a: Run, column: str) -> str:
    unit = FEATURES[column][1] if column in FEATURES else ""
    return a.study.currency if unit == "currency" else unit


def _figure(a: Run, value: float, unit: str) -> str:
    if unit == "share":
        return percent(value, 0 if round(value, 2) == value else 1)
    if unit and unit == a.study.currency:
        return money(value, unit)
    return number(round(value, 2))
