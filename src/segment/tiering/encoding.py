"""Numbers and categories as coordinates, so that distances between customers count each alike."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from segment.features.names import in_words
from segment.language import N_, _
from segment.tiering import told
from segment.tiering.rule import column as sql_name
from segment.tiering.rule import quoted
from segment.words import percent

# Categories that fewer customers have are joined: they would make clusters of their own.
RARE = 0.02
AMOUNT = "monetary_"  # how the names of amounts begin
MISSING, REST = N_("missing"), N_("other")


class Encoding:
    """Coordinates of customers, learned from some and good for any.

    A number x enters as log(1 + x), mirrored for negative x, less its mean and
    divided by its standard deviation. An amount below 0, of more returns than purchases, counts as
    0: mirrored, the few such customers would lie apart from all others. A category enters as one
    column per level, 1 for those who have it and 0 for others, less the level's share p and divided
    by the root of the sum of p (1 - p) over the levels. So every feature, number or
    category, has a variance of 1 in all: on average it adds the same to the squared
    distance between two customers. A constant feature adds nothing.

    Levels with less than 2 % of the customers are ``joined`` to "other"; no category at
    all is a level too, None. A category that nobody had counts as "other" later. A missing
    number counts as the mean.
    """

    def __init__(self, values: pd.DataFrame, numbers, categories):
        self.numbers, self.categories = tuple(numbers), tuple(categories)
        self.levels, self.joined = {}, {}
        for name in self.categories:
            shares = plain(values[name]).value_counts(normalize=True, dropna=False)
            often = shares.index[shares >= RARE]
            kept = sorted(level for level in often if isinstance(level, str))
            none = [None] if len(kept) < len(often) else []
            self.levels[name] = (*kept, *none)
            self.joined[name] = len(often) < len(shares)
        raw = self._raw(values)
        # Sorted, so that no sum depends on the order of rows.
        raw = raw[np.lexsort(raw.T)]
        known = np.maximum((~np.isnan(raw)).sum(axis=0), 1)
        self.mean = np.nansum(raw, axis=0) / known
        variance = np.nansum((raw - self.mean) ** 2, axis=0) / known
        for part in self._parts().values():
            variance[part] = variance[part].sum()
        spread = np.sqrt(variance)
        self.scale = np.where(spread > 1e-12, spread, 1.0)

    def points(self, values: pd.DataFrame) -> np.ndarray:
        """Return the coordinates of customers, shape (n_customers, n_columns)."""
        return np.nan_to_num((self._raw(values) - self.mean) / self.scale)

    def in_words(self, centre: np.ndarray) -> list[str]:
        """Return one text per feature: its value at a centre, or its commonest level."""
        back = centre * self.scale + self.mean
        size = np.sign(back) * np.expm1(np.abs(back))
        digits = np.where(np.abs(size) < 1, 2, 0)
        size = [round(x, d) + 0.0 for x, d in zip(size, digits, strict=True)]
        shown = [f"{x:,.{d}f}" for x, d in zip(size, digits, strict=True)]
        shown = [told.limit(*each) for each in zip(self.numbers, size, shown, strict=False)]
        texts = [f"{in_words(name)} {shown[i]}" for i, name in enumerate(self.numbers)]
        for name, part in self._parts().items():
            names = [level or _(MISSING) for level in self.levels[name]]
            names += [_(REST)] * self.joined[name]
            level = names[int(np.argmax(back[part]))]
            texts.append(_("{name} mostly {level}", name=in_words(name), level=level))
        return texts

    def sql(self, weights: np.ndarray, constant: float) -> str:
        """Return the SQL of ``constant`` plus the weighted sum of the columns before scaling."""
        terms = [_double(constant)]
        for i, name in enumerate(self.numbers):
            column = sql_name(name)
            log = f"SIGN({column}) * LN(1 + ABS({column}))"
            if name.startswith(AMOUNT):
                log = f"CASE WHEN {column} < 0 THEN 0.0 ELSE LN(1 + {column}) END"
            terms.append(f"{_double(weights[i])} * COALESCE({log}, {_double(self.mean[i])})")
        for name, part in self._parts().items():
            terms.append(self._case(name, weights[part]))
        return f"({' + '.join(terms)})"

    def _case(self, name: str, weights: np.ndarray) -> str:
        column = sql_name(name)
        whens = []
        for level, weight in zip(self.levels[name], weights, strict=False):
            spelled = ", ".join(quoted(text) for text in _spellings(level))
            test = f"CAST({column} AS VARCHAR) IN ({spelled})" if level else f"{column} IS NULL"
            whens.append(f"WHEN {test} THEN {_double(weight)}")
        rest = _double(weights[-1] if self.joined[name] else 0.0)
        return f"CASE {' '.join(whens)} ELSE {rest} END" if whens else rest

    def _raw(self, values: pd.DataFrame) -> np.ndarray:
        numbers = values[list(self.numbers)].to_numpy(dtype="float64", copy=True)
        amounts = [name.startswith(AMOUNT) for name in self.numbers]
        numbers[:, amounts] = numbers[:, amounts].clip(min=0)
        columns = [np.sign(numbers) * np.log1p(np.abs(numbers))]
        for name in self.categories:
            levels = self.levels[name]
            place = {level: i for i, level in enumerate(levels)}
            codes = [place.get(level, len(levels)) for level in plain(values[name])]
            columns.append(np.eye(len(levels) + 1)[codes, : len(levels) + self.joined[name]])
        return np.column_stack(columns)

    def _parts(self) -> dict[str, slice]:
        """Return the columns of each category."""
        parts, start = {}, len(self.numbers)
        for name in self.categories:
            end = start + len(self.levels[name]) + self.joined[name]
            parts[name], start = slice(start, end), end
        return parts


def commonest(column: pd.Series) -> str:
    """Return the category that most of some customers have, with their share."""
    counts = plain(column).fillna(MISSING).value_counts().sort_index()
    return f"{counts.idxmax()} ({percent(counts.max() / counts.sum())})"


def plain(column: pd.Series) -> pd.Series:
    """Return categories as text; a code reads 3, also where pandas made it 3.0 for a gap."""
    return column.map(_spelled, na_action="ignore").astype(object).where(column.notna(), None)


def _spelled(text: str) -> str:
    if text in ("True", "False"):
        return text.lower()
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", text) else text


def _spellings(level: str | None) -> list[str]:
    """Return every text that is read as a level."""
    if level is None:
        return []
    if level in ("true", "false"):
        return [level, level.capitalize()]
    return [level, f"{level}.0"] if re.fullmatch(r"-?\d+", level) else [level]


def _double(value: float) -> str:
    return f"CAST('{float(value)!r}' AS DOUBLE)"
