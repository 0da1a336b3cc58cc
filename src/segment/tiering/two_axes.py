"""Two axes, each cut once: four classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pandas as pd

from segment.errors import StudyError
from segment.features.names import axis_name
from segment.language import _
from segment.tiering import base, parameters
from segment.tiering.axis import Axis
from segment.tiering.rule import AllOf, Conditions, nobody

Cut = float | str | Mapping[str, float]


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
        """Return by axis the customers' column, or the percentile of the index among them."""
        values = self._checked(customers)
        coordinates = {axis.name: axis.coordinate(values) for axis in self.axes_}
        return pd.DataFrame(coordinates, index=customers.index)

    details = coordinates

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
