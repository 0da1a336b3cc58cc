"""The contract that every tiering method keeps.

A method is an estimator as scikit-learn has them, on named columns. ``fit`` learns limits from
one snapshot of customers, ``predict`` applies the same limits to any later one.
Tiers come as an ordered categorical, best tier first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import sqlglot

from segment.errors import StudyError, nearest
from segment.language import _
from segment.tiering import rule
from segment.tiering.estimator import Estimator

# Columns of which a low value is the better one; of every other, a high value is.
LESS_IS_BETTER = ("days_since_last", "complaints", "arrears")
AT_ONCE = 250_000  # customers whose figures are computed at a time
SQL = "duckdb"  # the dialect that expressions are written in


class Tiering(Estimator):
    """Base class: checks the parameters and the customers, builds the categorical.

    A subclass is a dataclass of its parameters, or stores them in ``__init__``. It names the
    ``columns`` it reads, and implements ``_learn`` (sets ``tiers_`` and its limits) and
    ``conditions``, from which tiers, ``rules`` and ``sql`` follow; or, where its tiers are
    no list of conditions, ``_codes`` (place of each customer's tier in ``tiers_``).

    Attributes
    ----------
    columns : tuple of str
        Names of the feature columns that the method reads.
    orders_by : str
        The column, of the customers or of ``details``, that orders them within the tiers as
        well, the highest best; empty where only the tiers do.
    extras : tuple of str
        Columns that it reads as well, where the customers have them.
    gaps : tuple of str
        Those columns in which a value may be missing.
    texts : tuple of str
        Those columns that hold categories rather than numbers.
    tiers_ : tuple of str
        All tiers, best first; some may hold no customer.
    read_ : tuple of str
        The columns it was fitted on: ``columns``, and those of ``extras`` that the
        customers had.
    labels_ : Series of ordered Categorical
        Tiers of the customers it was fitted on.
    """

    native_rule: ClassVar[bool] = True
    orders_by: str = ""
    extras: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the feature columns that the method reads."""
        raise NotImplementedError

    @property
    def complexity(self) -> tuple[int, int]:
        """Number of variables and of cells in the rule; fewer is simpler."""
        self.check_fitted()
        return len(self.read_), len(self.tiers_)

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
        self.learn(customers)
        self.labels_ = self.predict(customers)
        return self

    def learn(self, customers: pd.DataFrame) -> Tiering:
        """Learn as ``fit`` does, without the customers' own tiers, ``labels_``."""
        self.check_parameters()
        self.read_ = (*self.columns, *(name for name in self.extras if name in customers))
        values = self._checked(customers)
        if values.empty:
            raise StudyError(f"{type(self).__name__}: there is no customer to learn tiers from.")
        self._learn(_unnamed(values))
        return self

    def refit(self, customers: pd.DataFrame) -> Tiering:
        """Return a new estimator of the same scheme with limits from other customers."""
        return self.anew().fit(customers)

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
        self.check_fitted()
        try:
            codes = in_parts(self._places, customers)
        except StudyError:
            self._checked(customers)  # counts all of them
            raise
        tiers = pd.Categorical.from_codes(codes, categories=list(self.tiers_), ordered=True)
        return pd.Series(tiers, index=customers.index, name="tier")

    def _places(self, customers: pd.DataFrame) -> np.ndarray:
        values = self._checked(customers)
        return self._codes(_unnamed(values)) if len(values) else np.array([], dtype=int)

    def conditions(self) -> rule.Conditions:
        """Return pairs of a tier and its rule; the first that holds gives the tier.

        A tier that no rule names holds everyone else. Empty where the tiers are no list
        of conditions.
        """
        return ()

    def rules(self) -> pd.DataFrame:
        """Return the fitted scheme in the language in use: ``tier`` and ``rule``, best first."""
        self.check_fitted()
        words = {tier: condition.words() for tier, condition in self.conditions()}
        others = self._everyone_else() if words else _("as the method says")
        rules = [words.get(tier, others) for tier in self.tiers_]
        return pd.DataFrame({"tier": self.tiers_, "rule": rules})

    def sql(self, dialect: str = SQL) -> str:
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
        self.check_fitted()
        if dialect == SQL:
            return self._sql()
        try:
            return sqlglot.transpile(self._sql(), read=SQL, write=dialect)[0]
        except ValueError as error:
            raise StudyError(f"'{dialect}' is no SQL dialect that sqlglot knows: {error}") from None

    def notes(self) -> pd.DataFrame:
        """Return what is to be done by tier, as the source says it; no column by default."""
        self.check_fitted()
        return pd.DataFrame(index=pd.Index(self.tiers_, name="tier"))

    def details(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the figures by which it judges each customer, besides the columns they have."""
        self.check_fitted()
        figures = self._figures(self._checked(customers))
        return figures.drop(columns=[name for name in figures if name in customers])

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        for field in fields(self) if is_dataclass(self) else ():
            if check := field.metadata.get("check"):
                check(f"{type(self).__name__}: '{field.name}'", getattr(self, field.name))

    def _figures(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return what the conditions look at: the columns, and figures made of them."""
        return values

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        return rule.places(self.conditions(), self.tiers_, self._figures(values))

    def _everyone_else(self) -> str:
        """Return the rule of the tier that no condition names."""
        return rule.everyone_else()

    def _sql(self) -> str:
        conditions, why = self.conditions(), ""
        try:
            if conditions:
                return rule.case(conditions, self.tiers_)
        except rule.Unwritable as error:
            why = str(error)
        raise StudyError(f"{type(self).__name__} cannot be written as one SQL expression{why}.")

    def _checked(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that are read: numbers as floats, categories as text.

        Only ``gaps`` may hold missing values; they are NaN, or None in ``texts``.
        """
        kind, gaps, values = type(self).__name__, set(self.gaps), {}
        for name in getattr(self, "read_", self.columns):
            if name not in customers:
                raise StudyError(
                    f"{kind} needs the column '{name}', which the customers do not have"
                    f"{nearest(name, customers.columns)}"
                )
            column = customers[name]
            if isinstance(column.dtype, pd.SparseDtype):  # learned from, of a sample of customers
                values[name] = column.array
                continue
            if name in self.texts:
                bad = column.isna().to_numpy()
                known = column.astype(object).where(~bad, None)
                values[name] = known.map(str, na_action="ignore")
                bad = bad & (name not in gaps)
            elif pd.api.types.is_numeric_dtype(column) or column.empty:
                values[name] = column.to_numpy(dtype="float64", na_value=np.nan)
                bad = np.isinf(values[name]) if name in gaps else ~np.isfinite(values[name])
            else:
                raise StudyError(
                    f"{kind}: '{name}' must hold numbers, found {column.dtype} values."
                )
            if bad.any():
                raise StudyError(
                    f"{kind}: '{name}' is missing or infinite for {int(bad.sum()):,} of "
                    f"{len(column):,} customers; fill it or leave those customers out."
                )
        return pd.DataFrame(values, index=customers.index)


def _unnamed(values: pd.DataFrame) -> pd.DataFrame:
    """Return values without their ids, of which pandas makes objects wherever it looks at them."""
    return values.reset_index(drop=True)


def in_parts(work: Callable[[pd.DataFrame], np.ndarray], customers: pd.DataFrame) -> np.ndarray:
    """Return what is made of customers, some after others: on the way it takes memory of some."""
    if len(customers) <= AT_ONCE:
        return work(customers)
    starts = range(0, len(customers), AT_ONCE)
    return np.concatenate([work(customers.iloc[start : start + AT_ONCE]) for start in starts])


def readable(method: Tiering, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers who have all that a fitted method reads."""
    gaps = getattr(method, "gaps", ())
    read = [c for c in getattr(method, "read_", ()) if c in customers and c not in gaps]
    known = customers[read].notna().all(axis=1)
    return customers if known.all() else customers[known]


def midrank_percentile(values: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Return ``(average rank - 0.5) / n``: tied customers share one percentile, in (0, 1).

    Ranked among the values themselves, or among a ``reference``; then from 0 to 1.
    """
    distinct, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    if reference is None:
        upto, n = np.cumsum(counts), len(values)
        below = upto - counts
    else:
        order, n = np.sort(reference), len(reference)
        # Few and in order, which is found faster.
        below, upto = (np.searchsorted(order, distinct, side=side) for side in ("left", "right"))
    return ((below + upto) / (2 * n))[place]


def places_by_share(score: np.ndarray, limits: Sequence[float]) -> np.ndarray:
    """Return the class of each score, 0 best, cut at ascending shares of head count.

    A higher score is better; ties share a class.
    """
    return np.searchsorted(limits, np.round(1 - midrank_percentile(score), 12), side="right")


def limits_of(values: np.ndarray, places: np.ndarray, classes: int) -> np.ndarray:
    """Return the smallest value of each class but the last, best class (place 0) first.

    A class that nobody is in gets the limit of the one above it; inf where nobody is above.
    """
    values = np.asarray(values, dtype=float)
    return np.array([values[places <= k].min(initial=np.inf) for k in range(classes - 1)])
