"""One axis of two: a column, or an index of several, and where it begins to be high."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segment.features.names import axis_name, in_words
from segment.language import N_, _
from segment.tiering import base, told
from segment.tiering.parameters import is_number
from segment.tiering.rule import AllOf, AnyOf, Condition, Figure, Rule, Unwritable
from segment.words import listed

# A rule lists so many steps of a staircase; where there are more it says how many.
MOST_STEPS = 6


class Index(Figure):
    """The mean percentile of three columns or more, in rules."""

    def __init__(self, axis: Axis):
        super().__init__(axis.name, digits=4, made_of=axis.columns)
        self.axis = axis

    def words(self) -> str:
        """Return which columns it is the mean percentile of."""
        names = [(sign, in_words(column)) for sign, column in self.axis.signed]
        turned = [_("few {name}", name=name) if sign < 0 else name for sign, name in names]
        return _("mean percentile of {names}", names=_(", ").join(turned))

    def sql(self) -> str:
        """Refuse: a percentile has one step per different value."""
        count = len(self.axis.columns)
        raise Unwritable(f": '{self.axis.name}' is an index of {count} columns; name one or two")


class Staircase(AnyOf):
    """Who is at least as good as any one step; a long one is counted in words."""

    def __init__(self, axis: Axis):
        super().__init__(*(_step(axis, step) for step in axis.steps_.to_numpy()), joint=N_(", or "))
        self.columns = axis.columns

    def words(self) -> str:
        """Return the steps, or how many there are."""
        if len(self.parts) <= MOST_STEPS:
            return super().words()
        names = listed([in_words(column) for column in self.columns])
        steps = _("any of {number} steps of {names}", number=len(self.parts), names=names)
        return told.lately(steps, *self.columns)


def _step(axis: Axis, limits: Sequence[float]) -> AllOf:
    pairs = zip(axis.signed, limits, strict=True)
    learned = axis.learned
    return AllOf(
        *(
            Rule(name, "<=" if sign < 0 else ">=", limit, learned=learned)
            for (sign, name), limit in pairs
        )
    )


class Axis:
    """One column, or an index of several, and where it begins to be high.

    The index is the mid-rank percentile of the mean of its columns' mid-rank percentiles;
    ``place_`` is the percentile of the cut, ``limit_`` the cut as ``coordinate`` gives it (inf
    where nobody is high). Who is at least as good as any one row of ``steps_``, in all of its
    columns, is high: one row for one column, a staircase for two, exactly the percentile rule
    on the customers it was learned from; None for three columns or more.
    """

    def __init__(self, name: str, columns: tuple[str, ...], less_is_better: tuple[str, ...]):
        self.name = name
        self.columns = columns
        self.signs = [-1.0 if column in less_is_better else 1.0 for column in columns]
        self.signed = list(zip(self.signs, columns, strict=True))

    @property
    def is_index(self) -> bool:
        """Whether it is made of several columns, so that it has no unit of its own."""
        return len(self.columns) > 1

    def learn(self, values: pd.DataFrame, cut: object) -> Axis:
        """Find where high begins among some customers; return itself."""
        x = self._upwards(values)
        # Only three columns or more need their percentiles later.
        self._learned = [np.sort(column) for column in x] if len(x) > 2 else None
        mean = self._mean(x, x)
        edge = None if self.is_index else self._edge(x[0], cut)
        if edge is None:
            # Of an index the median and the mean are .5.
            self.place_ = float(cut) if is_number(cut) else 0.5
            high = np.round(base.midrank_percentile(mean), 12) >= self.place_
        else:
            self.place_ = float((x[0] < edge).mean())
            high = x[0] >= edge
        self._least_mean = mean[high].min() if high.any() else np.inf
        self.learned = not isinstance(cut, Mapping)
        best = [column[high] for column in x] if self.learned else [np.array([edge])]
        self.steps_ = self._staircase(*best) if len(x) < 3 else None
        if self.is_index:
            self.limit_ = self.place_
        else:
            self.limit_ = np.inf if self.steps_.empty else float(self.steps_.iloc[0, 0])
        return self

    def _edge(self, column: np.ndarray, cut: object) -> float | None:
        """Return the value that a fixed or mean cut names; None for a percentile."""
        if isinstance(cut, Mapping):
            return self.signs[0] * float(cut["fixed"])
        if cut == "mean":
            # Kept between smallest and largest: rounding must not carry it past them.
            return float(np.clip(math.fsum(column) / len(column), column.min(), column.max()))
        return None

    def _upwards(self, values: pd.DataFrame) -> list[np.ndarray]:
        """Return the columns with their signs: higher is always better."""
        return [sign * values[name].to_numpy() for sign, name in self.signed]

    @staticmethod
    def _mean(x: list[np.ndarray], among: list[np.ndarray]) -> np.ndarray:
        parts = [base.midrank_percentile(*pair) for pair in zip(x, among, strict=True)]
        return np.round(sum(parts) / len(parts), 12)

    def _staircase(self, first: np.ndarray, second: np.ndarray | None = None) -> pd.DataFrame:
        """Return the least good of the high customers, in the columns' own units."""
        if second is None:
            steps = [np.sort(first)[:1]]
        else:
            # More in the first column never makes a customer low: each step is a fall.
            lowest = pd.Series(second, dtype=float).groupby(first).min().cummin()
            lowest = lowest[~lowest.duplicated()]
            steps = [lowest.index.to_numpy(dtype=float), lowest.to_numpy()]
        return pd.DataFrame(
            {name: sign * step for (sign, name), step in zip(self.signed, steps, strict=True)}
        )

    def high(self) -> Condition:
        """Return the rule of who is high."""
        index = self.steps_ is None
        return Rule(Index(self), ">=", self._least_mean) if index else Staircase(self)

    def figures(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return what ``high`` looks at: the columns, or the mean percentile of three or more."""
        if self.steps_ is not None:
            return values
        return values.assign(**{self.name: self._mean(self._upwards(values), self._learned)})

    def reached(self, values: pd.DataFrame) -> np.ndarray:
        """Return who is high, by the limits learned."""
        return self.high().holds(self.figures(values))

    def coordinate(self, values: pd.DataFrame) -> np.ndarray:
        """Return the column, or the percentile of the index among the given customers."""
        if not self.is_index:
            return values[self.columns[0]].to_numpy()
        x = self._upwards(values)
        return np.round(base.midrank_percentile(self._mean(x, x)), 12)

    @property
    def nobody(self) -> bool:
        """Whether no customer, learned from or later, can be high."""
        return np.isinf(self._least_mean) if self.steps_ is None else self.steps_.empty

    def rule(self) -> str:
        """Return when a customer is high, in words."""
        rule = self.high().words()
        if not self.is_index:
            return rule
        high = _("high {axis}", axis=axis_name(self.name).lower())
        return _("{scheme}: {title}", scheme=high, title=rule)

    def opposite(self) -> str:
        """Return when a customer is low, in words."""
        axis = axis_name(self.name).lower()
        if self.nobody:
            return _("any {axis}", axis=axis)
        if self.is_index:
            return _("low {axis}", axis=axis)
        sign = ">" if self.signs[0] < 0 else "<"
        return Rule(self.columns[0], sign, self.limit_, learned=self.learned).words()
