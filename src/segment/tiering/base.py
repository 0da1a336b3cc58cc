"""The contract that every tiering method keeps.

A method is a scikit-learn estimator on named columns. ``fit`` learns limits from
one snapshot of customers, ``predict`` applies the same limits to any later one.
Tiers come as an ordered categorical, best tier first.
"""

from __future__ import annotations

from itertools import pairwise
from string import ascii_uppercase
from typing import ClassVar

import numpy as np
import pandas as pd
import sqlglot
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segment.errors import StudyError, nearest
from segment.language import _

# Columns of which a low value is the better one; of every other, a high value is.
LESS_IS_BETTER = ("days_since_last", "complaints", "arrears")


class Tiering(BaseEstimator):
    """Base class: checks the customers, builds the categorical.

    A subclass stores its parameters in ``__init__``, names the ``columns`` it
    reads, and implements ``_learn`` (sets ``tiers_`` and its limits) and
    ``_codes`` (position of each customer's tier in ``tiers_``). It may also name
    ``extras``, ``gaps`` and ``texts``.

    Attributes
    ----------
    tiers_ : tuple of str
        All tiers, best first; some may hold no customer.
    read_ : tuple of str
        The columns it was fitted on: ``columns``, and those of ``extras`` that the
        customers had.
    labels_ : Series of ordered Categorical
        Tiers of the customers it was fitted on.
    """

    native_rule: ClassVar[bool] = True
    sorts_by_one_column: ClassVar[bool] = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the feature columns that the method reads."""
        raise NotImplementedError

    @property
    def extras(self) -> tuple[str, ...]:
        """Names of columns that the method reads as well, where the customers have them."""
        return ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Names of those columns in which a value may be missing."""
        return ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of those columns that hold categories rather than numbers."""
        return ()

    @property
    def complexity(self) -> tuple[int, int]:
        """Number of variables and of cells in the rule; fewer is simpler."""
        check_is_fitted(self, "tiers_")
        return len(self.read_), len(self.tiers_)

    @property
    def orders_by_revenue(self) -> bool:
        """Whether the tiers are the past-revenue sort, cut somewhere."""
        return self.sorts_by_one_column and self.columns == ("monetary_total",)

    def fit(self, customers: pd.DataFrame, y: object = None) -> Tiering:
        """Learn limits from one snapshot.

        Parameters
        ----------
        customers : DataFrame of shape (n_customers, n_features)
            Indexed by customer, the columns of ``segment.features``.
        y : ignored
            For the scikit-learn convention.

        Returns
        -------
        Tiering
            Itself.

        Raises
        ------
        StudyError
            If a column is missing, holds missing or infinite values, or there
            is no customer.
        """
        self.check_parameters()
        self.read_ = (*self.columns, *(name for name in self.extras if name in customers))
        values = self._checked(customers)
        if values.empty:
            raise StudyError(f"{type(self).__name__}: there is no customer to learn tiers from.")
        self._learn(values)
        self.labels_ = self.predict(customers)
        return self

    def refit(self, customers: pd.DataFrame) -> Tiering:
        """Return a new estimator of the same scheme with limits from other customers."""
        return type(self)(**self.get_params()).fit(customers)

    def predict(self, customers: pd.DataFrame) -> pd.Series:
        """Return the tier of every customer by the limits learned in ``fit``.

        Parameters
        ----------
        customers : DataFrame of shape (n_customers, n_features)

        Returns
        -------
        Series of ordered Categorical
            Named ``tier``, indexed like ``customers``, categories best first.
        """
        check_is_fitted(self, "tiers_")
        values = self._checked(customers)
        codes = self._codes(values) if len(values) else np.array([], dtype=int)
        tiers = pd.Categorical.from_codes(codes, categories=list(self.tiers_), ordered=True)
        return pd.Series(tiers, index=customers.index, name="tier")

    def rules(self) -> pd.DataFrame:
        """Return the fitted scheme as text: columns ``tier`` and ``rule``, best first."""
        check_is_fitted(self, "tiers_")
        return pd.DataFrame({"tier": self.tiers_, "rule": _("as the method says")})

    def sql(self, dialect: str = "duckdb") -> str:
        """Return the CASE expression over the features table that gives the tier.

        Parameters
        ----------
        dialect : str
            Any dialect of sqlglot, for example ``"postgres"`` or ``"spark"``.

        Raises
        ------
        StudyError
            If the scheme cannot be written as an expression, or the dialect is unknown.
        """
        check_is_fitted(self, "tiers_")
        try:
            return sqlglot.transpile(self._sql(), read="duckdb", write=dialect)[0]
        except ValueError as error:
            raise StudyError(f"'{dialect}' is no SQL dialect that sqlglot knows: {error}") from None

    def notes(self) -> pd.DataFrame:
        """Return what is to be done for each tier, as the method's source says it.

        Returns
        -------
        DataFrame
            Indexed by tier; one column per kind of note, none by default.
        """
        check_is_fitted(self, "tiers_")
        return pd.DataFrame(index=pd.Index(self.tiers_, name="tier"))

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the figures by which the fitted method judges each customer.

        Parameters
        ----------
        customers : DataFrame of shape (n_customers, n_features)

        Returns
        -------
        DataFrame
            Indexed like ``customers``; columns that the customers do not have already,
            none by default.
        """
        check_is_fitted(self, "tiers_")
        return pd.DataFrame(index=customers.index)

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""

    def _learn(self, values: pd.DataFrame) -> None:
        raise NotImplementedError

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        raise NotImplementedError

    def _sql(self) -> str:
        raise StudyError(f"{type(self).__name__} cannot be written as one SQL expression.")

    def _checked(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that are read: numbers as floats, categories as text.

        Only ``gaps`` may hold missing values; they are NaN, or None in ``texts``.
        """
        name, read = type(self).__name__, getattr(self, "read_", self.columns)
        for column in read:
            if column not in customers:
                raise StudyError(
                    f"{name} needs the column '{column}', which the customers do not have"
                    f"{nearest(column, customers.columns)}"
                )
        values = pd.DataFrame(
            {
                column: _texts(customers[column]) if column in self.texts
                else _numbers(f"{name}: '{column}'", customers[column])
                for column in read
            },
            index=customers.index,
        )  # fmt: skip
        for column in read:
            known = values[column]
            bad = known.isna() & (column not in self.gaps)
            if column not in self.texts:
                bad |= np.isinf(known)
            if bad.any():
                raise StudyError(
                    f"{name}: '{column}' is missing or infinite for {int(bad.sum()):,} of "
                    f"{len(values):,} customers; fill it or leave those customers out."
                )
        return values


def _numbers(name: str, column: pd.Series) -> np.ndarray:
    if not (pd.api.types.is_numeric_dtype(column) or column.empty):
        raise StudyError(f"{name} must hold numbers, found {column.dtype} values.")
    return column.to_numpy(dtype="float64", na_value=np.nan)


def _texts(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), None).map(str, na_action="ignore")


def check_limits(name: str, limits: object, low: float, high: float) -> tuple[float, ...]:
    """Return limits as a tuple of ascending numbers inside ``(low, high)``.

    Raises
    ------
    StudyError
        If they are no numbers, out of range or out of order.
    """
    if not _is_list(limits) or not all(is_number(limit) for limit in limits):
        raise StudyError(f"{name} must be a list of numbers, found {limits!r}.")
    values = tuple(float(limit) for limit in limits)
    if not values or not all(low < value < high for value in values):
        raise StudyError(f"{name} must lie between {low:g} and {high:g}, found {list(values)}.")
    if any(a >= b for a, b in pairwise(values)):
        raise StudyError(f"{name} must go up without repeats, found {list(values)}.")
    return values


def check_classes(name: str, limits: tuple[float, ...]) -> tuple[str, ...]:
    """Return the letters of the classes that ``limits`` make, best first.

    Raises
    ------
    StudyError
        If the alphabet is too short.
    """
    if len(limits) >= len(ascii_uppercase):
        raise StudyError(
            f"{name} make {len(limits) + 1} classes; the letters A to Z name at most "
            f"{len(ascii_uppercase)}."
        )
    return tuple(ascii_uppercase[: len(limits) + 1])


def check_whole(name: str, value: object, low: int, high: float = np.inf) -> None:
    """Raise a ``StudyError`` unless ``value`` is a whole number from ``low`` to ``high``."""
    if not is_whole(value) or not low <= value <= high:
        upto = f" to {high:g}" if np.isfinite(high) else ""
        raise StudyError(f"{name} must be a whole number from {low}{upto}, found {value!r}.")


def check_names(name: str, values: object, count: int | None = None) -> None:
    """Raise a ``StudyError`` unless ``values`` is a list of different texts."""
    if (
        not _is_list(values)
        or not len(values)
        or not all(isinstance(value, str) for value in values)
        or len(set(values)) != len(values)
        or (count is not None and len(values) != count)
    ):
        many = f"{count} different names" if count else "different names, at least one"
        raise StudyError(f"{name} must be a list of {many}, found {values!r}.")


def check_column(name: str, value: object) -> None:
    """Raise a ``StudyError`` unless ``value`` is the name of a column."""
    if not isinstance(value, str) or not value:
        raise StudyError(f"{name} must be the name of a column, found {value!r}.")


def is_whole(value: object) -> bool:
    """Return whether ``value`` is a whole number; YAML's true and false are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Return whether ``value`` is a number; YAML's true, false and "5" are none."""
    return is_whole(value) or isinstance(value, (float, np.floating))


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise a ``StudyError`` if ``value`` is none of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise StudyError(f"{name} cannot be {value!r}{nearest(value, choices)}")


def midrank_percentile(values: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Return ``(average rank - 0.5) / n``: tied customers share one percentile.

    Parameters
    ----------
    values : array of shape (n,)
        Higher values get higher percentiles, in (0, 1).
    reference : array, optional
        Values that they are ranked among, at least one; then from 0 to 1. Default:
        ``values`` themselves.
    """
    order = np.sort(values if reference is None else reference)
    below = np.searchsorted(order, values, side="left")
    upto = np.searchsorted(order, values, side="right")
    return (below + upto) / (2 * len(order))


def places_by_share(score: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return the class of each score, 0 best, cut at shares of head count from the top.

    Parameters
    ----------
    score : array of shape (n,)
        Higher is better; ties share a class.
    limits : array
        Ascending shares of customers.
    """
    return np.searchsorted(limits, np.round(1 - midrank_percentile(score), 12), side="right")


def lower_limits(values: np.ndarray, levels: np.ndarray, n_levels: int) -> np.ndarray:
    """Return the smallest value that reaches each level above the lowest.

    Parameters
    ----------
    values : array of shape (n,)
        What the levels were cut from; levels never fall as values rise.
    levels : int array of shape (n,)
        Level of each value, from 0 (lowest) to ``n_levels - 1``.

    Returns
    -------
    array of shape (n_levels - 1,)
        Ascending limits ``t`` so that a value's level is the number of limits
        that it reaches. A level nobody has gets the limit of the next one;
        ``inf`` where nobody is above.
    """
    limits = np.full(n_levels - 1, np.inf)
    for level in range(n_levels - 1, 0, -1):
        reached = values[levels >= level]
        limits[level - 1] = reached.min() if len(reached) else np.inf
    return limits


def count_reached(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return how many of the ascending ``limits`` each value reaches (is at or above)."""
    return np.searchsorted(limits, values, side="right")


def limits_of(values: np.ndarray, places: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the smallest value of each class but the last, best class first.

    Parameters
    ----------
    values : array of shape (n,)
        Higher is better.
    places : int array of shape (n,)
        Class of each value, 0 best.
    """
    return lower_limits(values, n_classes - 1 - places, n_classes)[::-1]


def places(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return the class of each value, 0 best, by the limits of ``limits_of``."""
    return len(limits) - count_reached(values, limits[::-1])


def number(value: float) -> str:
    """Return a limit as text that reads well and loses no customer's place."""
    text = f"{value:,.2f}" if value != int(value) else f"{int(value):,}"
    return text if float(text.replace(",", "")) == value else repr(float(value))


def nobody() -> str:
    """Return the rule of a tier that no customer can have."""
    return _("nobody")


def everyone_else() -> str:
    """Return the rule of the last tier."""
    return _("everyone else")


def at_least(name: str, limits: np.ndarray) -> list[str]:
    """Return the rule of each class but the last; descending lower limits, best class first.

    A class that has the limit of the class above it, or none, holds nobody.
    """
    above = np.r_[np.inf, limits[:-1]]
    return [
        _("{name} at least {limit}", name=name, limit=number(limit)) if limit < before else nobody()
        for limit, before in zip(limits, above, strict=True)
    ]


def sql_at_least(expression: str, limits: np.ndarray, tiers: tuple[str, ...]) -> str:
    """Return the CASE expression of ``at_least``; classes that hold nobody are left out."""
    above = np.r_[np.inf, limits[:-1]]
    held = [i for i in range(len(limits)) if limits[i] < above[i]]
    conditions = [f"{expression} >= {sql_number(limits[i])}" for i in held]
    return case(conditions, [*(tiers[i] for i in held), tiers[-1]])


def column(name: str) -> str:
    """Return a column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Return an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_number(value: float) -> str:
    """Return an SQL literal that reads back as the same double."""
    whole = value == int(value) and abs(value) < 2**53
    return str(int(value)) if whole else f"CAST('{float(value)!r}' AS DOUBLE)"


def case(conditions: list[str], tiers: list[str]) -> str:
    """Return a CASE expression: the first condition that holds gives the tier, else the last."""
    whens = " ".join(
        f"WHEN {condition} THEN {quoted(tier)}"
        for condition, tier in zip(conditions, tiers, strict=False)
    )
    return f"CASE {whens} ELSE {quoted(tiers[-1])} END" if whens else quoted(tiers[-1])
