"""Two axes, each cut once: four classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.features.names import axis_name, in_words
from segment.language import N_, _
from segment.tiering import base, parameters
from segment.tiering.rule import (
    AllOf,
    AnyOf,
    Condition,
    Conditions,
    Figure,
    Rule,
    Unwritable,
    nobody,
)
from segment.words import listed

# A rule lists so many steps of a staircase; where there are more it says how many.
MOST_STEPS = 6

Cut = float | str | Mapping[str, float]


class Index(Figure):
    """The mean percentile of three columns or more, in rules."""

    def __init__(self, axis: Axis):
        super().__init__(axis.name, digits=4)
        self.axis = axis

    def words(self) -> str:
        """Return which columns it is the mean percentile of."""
        names = [(sign, in_words(column)) for sign, column in self.axis.signed]
        turned = [_("low {name}", name=name) if sign < 0 else name for sign, name in names]
        return _("mean percentile of {names}", names=_(", ").join(turned))

    def sql(self) -> str:
        """Refuse: a percentile has one step per different value."""
        count = len(self.axis.columns)
        raise Unwritable(f": '{self.axis.name}' is an index of {count} columns; name one or two")


class Staircase(AnyOf):
    """Who is at least as good as any one step; a long one is counted in words."""

    def __init__(self, axis: Axis):
        super().__init__(*(_step(axis, step) for step in axis.steps_.to_numpy()), joint=N_("; or "))
        self.columns = axis.columns

    def words(self) -> str:
        """Return the steps, or how many there are."""
        if len(self.parts) <= MOST_STEPS:
            return super().words()
        names = listed([in_words(column) for column in self.columns])
        return _("any of {number} steps of {names}", number=len(self.parts), names=names)


def _step(axis: Axis, limits: Sequence[float]) -> AllOf:
    pairs = zip(axis.signed, limits, strict=True)
    return AllOf(*(Rule(name, "<=" if sign < 0 else ">=", limit) for (sign, name), limit in pairs))


class Axis:
    """One column, or an index of several, and where it begins to be high.

    The index is the mid-rank percentile of the mean of its columns' mid-rank
    percentiles. One column is read in its own unit.

    Parameters
    ----------
    name : str
        What the axis measures, for example ``"loyalty"``.
    columns : sequence of str
    less_is_better : sequence of str
        Columns in which a low value counts as high.

    Attributes
    ----------
    steps_ : DataFrame or None
        The columns: who is at least as good as any one row, in all of its columns,
        is high. One row for one column, a staircase for two; exactly the percentile
        rule on the customers it was learned from. None for three columns or more.
    place_ : float
        Where the axis is cut, as a percentile of those customers.
    limit_ : float
        Where the axis is cut, as ``coordinate`` gives it; inf where nobody is high.
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
            self.place_ = float(cut) if parameters.is_number(cut) else 0.5
            high = np.round(base.midrank_percentile(mean), 12) >= self.place_
        else:
            self.place_ = float((x[0] < edge).mean())
            high = x[0] >= edge
        self._least_mean = mean[high].min() if high.any() else np.inf
        fixed = isinstance(cut, Mapping)
        best = [np.array([edge])] if fixed else [column[high] for column in x]
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
        return _("high {axis}: {rule}", axis=axis_name(self.name).lower(), rule=rule)

    def opposite(self) -> str:
        """Return when a customer is low, in words."""
        axis = axis_name(self.name).lower()
        if self.nobody:
            return _("any {axis}", axis=axis)
        if self.is_index:
            return _("low {axis}", axis=axis)
        return Rule(self.columns[0], ">" if self.signs[0] < 0 else "<", self.limit_).words()


class TwoAxes(base.Tiering):
    """Base of the schemes that cut two axes: both high, the first, the second, neither.

    A subclass names its ``axes``; each is a parameter of that name (a column or a
    list of columns) with another, ``<axis>_cut``. It also stores ``names`` and
    ``less_is_better``.

    A cut is a percentile in (0, 1), ``"median"`` (percentile .5), ``"mean"``, or
    ``{"fixed": 1000}`` in the unit of the column; high is from there on. Customers
    with equal values share a mid-rank percentile, so they are never parted. An index
    of several columns is a percentile itself: its median and its mean are .5, and it
    has no unit for a fixed cut. An index of three columns or more has no plain steps:
    later customers get their percentiles among those learned from, and SQL is refused.

    Attributes
    ----------
    axes_ : tuple of two Axis
    """

    axes: ClassVar[tuple[str, str]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of both axes."""
        return tuple(dict.fromkeys(c for axis in self.axes for c in self._columns_of(axis)))

    def _columns_of(self, axis: str) -> tuple[str, ...]:
        given = getattr(self, axis)
        return (given,) if isinstance(given, str) else tuple(given)

    @property
    def native_rule(self) -> bool:
        """Whether both axes are plain limits: of one column or of two."""
        return all(len(self._columns_of(axis)) < 3 for axis in self.axes)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        super().check_parameters()
        kind = type(self).__name__
        for axis in self.axes:
            given = getattr(self, axis)
            if not isinstance(given, str):
                parameters.distinct()(f"{kind}: '{axis}', if it is no single column,", given)
            if not isinstance(given, str) and len(given) == 1:
                raise StudyError(f"{kind}: '{axis}' lists one column; write '{axis}: {given[0]}'.")
            self._check_cut(axis)
        first, second = (self._columns_of(axis) for axis in self.axes)
        if first == second:
            raise StudyError(
                f"{kind}: '{self.axes[0]}' and '{self.axes[1]}' are the same, {list(first)}; "
                "the two axes must differ."
            )

    def _check_cut(self, axis: str) -> None:
        cut, where = getattr(self, f"{axis}_cut"), f"{type(self).__name__}: '{axis}_cut'"
        if isinstance(cut, str) and cut in ("median", "mean"):
            return
        if parameters.is_number(cut) and 0 < cut < 1:
            return
        fixed = cut.get("fixed") if isinstance(cut, Mapping) and len(cut) == 1 else None
        if not parameters.is_number(fixed) or not abs(fixed) < 1e300:
            raise StudyError(
                f"{where} must be a number between 0 and 1, 'median', 'mean' or "
                f"{{fixed: 1000}}, found {cut!r}."
            )
        if len(self._columns_of(axis)) > 1:
            raise StudyError(
                f"{where} cannot be fixed: '{axis}' is an index of several columns and has no "
                "unit; give a percentile between 0 and 1."
            )

    def _learn(self, values: pd.DataFrame) -> None:
        self.tiers_ = self._best_first()
        self.axes_ = tuple(
            self._axis(axis).learn(values, getattr(self, f"{axis}_cut")) for axis in self.axes
        )

    def _best_first(self) -> tuple[str, ...]:
        """Return the names for both high, the first only, the second only, neither."""
        return tuple(self.names)

    def _axis(self, axis: str) -> Axis:
        return Axis(axis, self._columns_of(axis), tuple(self.less_is_better))

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        for axis in self.axes_:
            values = axis.figures(values)
        return values

    def conditions(self) -> Conditions:
        """Return the rules of both high, the first only and the second only."""
        first, second = (axis.high() for axis in self.axes_)
        return tuple(zip(self.tiers_, (AllOf(first, second), first, second), strict=False))

    def coordinates(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return where customers stand on the axes, as columns named like them.

        An axis of one column is that column; an index is its percentile, in (0, 1),
        among the given customers.
        """
        values = self._checked(customers)
        found = {axis.name: axis.coordinate(values) for axis in self.axes_}
        return pd.DataFrame(found, index=customers.index)

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the ``coordinates`` on both axes."""
        return self.coordinates(customers)

    def sensitivity(self, customers: pd.DataFrame, points: float = 0.10) -> pd.DataFrame:
        """Return how many customers change class when one cut moves.

        Parameters
        ----------
        customers : DataFrame
            The customers that were fitted.
        points : float
            How far the percentile of each cut moves up and down, the other staying;
            it never leaves 0 to 1. A mean or fixed cut moves from its percentile.

        Returns
        -------
        DataFrame
            Indexed by axis: ``cut``, its percentile now, and the shares of customers
            who change class, ``up`` and ``down``.
        """
        values = self._checked(customers)
        rows = {}
        for axis in self.axes_:
            now = axis.reached(values)
            rows[axis.name] = {"cut": axis.place_}
            for way, move in (("up", points), ("down", -points)):
                cut = float(np.clip(round(axis.place_ + move, 12), 0, 1))
                high = self._axis(axis.name).learn(values, cut).reached(values)
                rows[axis.name][way] = float((high != now).mean())
        return pd.DataFrame.from_dict(rows, orient="index")

    def rules(self) -> pd.DataFrame:
        """Return one row per class; the ``steps_`` of an axis spell out a long staircase."""
        first, second = self.axes_
        nobodys = [first.nobody or second.nobody, first.nobody, second.nobody, False]
        # What makes an index high is said once, in the first row that somebody can have.
        again = [
            _("high {axis}", axis=axis_name(axis.name).lower())
            if axis.is_index and not nobodys[0]
            else axis.rule()
            for axis in self.axes_
        ]
        pairs = [
            (first.rule(), second.rule()),
            (again[0], second.opposite()),
            (first.opposite(), again[1]),
            (first.opposite(), second.opposite()),
        ]
        rules = [
            nobody() if none else _("{first}, and {second}", first=one, second=two)
            for none, (one, two) in zip(nobodys, pairs, strict=True)
        ]
        return pd.DataFrame({"tier": self.tiers_, "rule": rules})
