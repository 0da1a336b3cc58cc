"""Attributes as they come, read by their type: numbers, dates, flags and categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.language import N_

# Values of a category beyond the most frequent, or of fewer customers, become OTHER.
MOST_LEVELS, RARE = 12, 10
OTHER = N_("other")


@dataclass(frozen=True)
class Attribute:
    """One column: numbers as they are, categories as places in ``levels``; NaN is missing."""

    kind: str
    values: np.ndarray
    levels: tuple[str, ...] = ()
    note: str = ""


def read(column: pd.Series) -> Attribute:
    """Tell the kind of a column by its type; the note says why it cannot be used."""
    types, inferred = pd.api.types, ""
    if types.is_object_dtype(column.dtype):
        inferred = pd.api.types.infer_dtype(column, skipna=True)
    if types.is_bool_dtype(column.dtype) or inferred == "boolean":
        return _category(column.map({True: N_("yes"), False: N_("no")}), ("yes", "no"), "flag")
    if types.is_datetime64_any_dtype(column.dtype) or inferred in ("date", "datetime"):
        dates = pd.to_datetime(column, errors="coerce", utc=True)
        epoch = pd.Timestamp(0, tz="UTC")
        return _number((dates - epoch) / pd.Timedelta(days=1), "date")
    if types.is_timedelta64_dtype(column.dtype):
        return _number(column / pd.Timedelta(days=1), "number")
    numbers = ("integer", "floating", "decimal", "mixed-integer-float", "empty")
    if types.is_numeric_dtype(column.dtype) or inferred in numbers:
        return _number(pd.to_numeric(column, errors="coerce"), "number")
    if inferred.startswith("mixed"):
        column = column.map(str, na_action="ignore")
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered
    order = tuple(str(value).strip() for value in column.cat.categories) if ordered else ()
    return _category(column, order, "category")


def _number(column: pd.Series, kind: str) -> Attribute:
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    known = values[~np.isnan(values)]
    note = "no known value" if not len(known) else ""
    if len(known) and known.min() == known.max():
        note = "constant"
    return Attribute(kind, values, note=note)


def _category(column: pd.Series, order: tuple[str, ...], kind: str) -> Attribute:
    """Read texts and merge rare ones, so that every level stands for at least RARE customers."""
    codes, raw = pd.factorize(column)
    texts = [str(value).strip() or None for value in raw]
    alike, names = pd.factorize(np.array(texts, dtype=object))
    codes = np.append(alike, -1)[codes]
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    frequent = sorted(range(len(names)), key=lambda i: (-sizes[i], names[i]))
    kept = [i for i in frequent if sizes[i] >= RARE and names[i] != OTHER][:MOST_LEVELS]
    while kept and 0 < sizes.sum() - sizes[kept].sum() < RARE:
        kept.pop()
    rest = [OTHER] if sizes.sum() > sizes[kept].sum() else []
    if order:
        kept.sort(key=lambda i: order.index(names[i]))
    place = np.full(len(names) + 1, float(len(kept)))
    place[kept], place[-1] = np.arange(len(kept)), np.nan
    if len(names) < 2:
        note = "constant" if len(names) else "no known value"
    elif len(names) > max(2, sizes.sum() / 2):
        note = "one value per customer, or nearly"
    elif len(kept) + len(rest) < 2:
        most = 2 * sizes.max() > sizes.sum()
        note = "nearly constant" if most else "no common value"
    else:
        note = ""
    return Attribute(kind, place[codes], (*(names[i] for i in kept), *rest), note)
