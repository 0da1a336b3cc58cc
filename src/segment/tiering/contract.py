"""What every tiering method must keep, as checks that run on any method.

``check`` runs them all; ``segment check-method`` does so for a class of your own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import rule
from segment.tiering.base import Tiering

NO_SQL = "cannot be written as one SQL expression"


class Broken(Exception):
    """A method does not keep its contract; the message says how."""


class Outcome(NamedTuple):
    """What a check found: its name in words, and what is broken, if anything."""

    name: str
    broken: str = ""


def sample(method: Tiering, seed: int = 0, n: int = 240) -> pd.DataFrame:
    """Return invented customers with every column that a method can read.

    Few different counts, some negative amounts, gaps where the method allows them, and a
    sixth of the customers twice, so that there are ties in every column at once.
    """
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.4, n)
    money = np.round(orders * rng.lognormal(3, 1, n), 2)
    money[::40] *= -0.1
    last = rng.integers(0, 270, n)
    known = {"days_since_last": last, "order_days": orders, "monetary_total": money}
    known |= {"days_since_first": last + 9 * (orders - 1), "monetary_mean": money / orders}
    gaps = {}
    for name in (*method.columns, *method.extras):
        if name not in known:
            known[name] = _invented(name, name in method.texts, money, rng)
        if name in method.gaps:  # who is unknown at an inner cut has no figure of it
            gap = gaps.setdefault(name[:7] if name.startswith("past_") else name, rng.random(n))
            known[name] = pd.Series(known[name]).mask(gap < 0.2)
    frame = pd.DataFrame(known)
    frame = pd.concat([frame, frame.head(n // 6)], ignore_index=True)
    return frame.set_axis(pd.Index([f"c{i:04}" for i in range(len(frame))], name="customer_id"))


def _invented(name: str, text: bool, money: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(money)
    if text:
        return rng.choice(np.array(["A", "B", "C", "D"], dtype=object), n, p=[0.4, 0.3, 0.2, 0.1])
    if name.endswith(("rate", "growth")):
        return np.round(rng.uniform(-1, 1, n), 2)
    if re.match(r"(past_(\d_)?)?(recent_)?(monetary|margin|spend|balance)", name):
        return np.round(money * rng.lognormal(0, 0.5, n), 2)
    if name.startswith("next_value") or name == "arrears":
        none = 0.6 if name == "arrears" else 0.1  # enough come back to learn from
        return np.where(rng.random(n) < none, 0.0, np.round(np.abs(money), 2))
    return rng.integers(1, 6, n)


def one_tier_each(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Every customer gets one of ``tiers_``, as an ordered categorical."""
    tiers = fitted.labels_
    ordered = isinstance(tiers.dtype, pd.CategoricalDtype) and tiers.cat.ordered
    _must(ordered, "the tiers are no ordered categorical")
    _must(tiers.name == "tier", f"the series is named {tiers.name!r} instead of 'tier'")
    _must(list(tiers.cat.categories) == list(fitted.tiers_), "the categories are not 'tiers_'")
    _must(len(set(fitted.tiers_)) == len(fitted.tiers_), "two tiers have the same name")
    _must(tiers.index.equals(customers.index), "the tiers are not indexed like the customers")
    _must(tiers.notna().all(), f"{tiers.isna().sum()} customers have no tier")


def row_order_is_irrelevant(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Shuffled customers get the same tiers."""
    shuffled = _fit(method, customers.sample(frac=1, random_state=3)).labels_
    _same(shuffled.reindex(customers.index), fitted.labels_, "when the rows are shuffled")


def repeats_itself(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """The same customers get the same tiers by ``fit``, ``predict`` and ``refit``."""
    _same(_fit(method, customers).labels_, fitted.labels_, "when it is fitted again")
    _same(fitted.predict(customers), fitted.labels_, "by 'predict' than by 'fit'")
    _same(fitted.refit(customers).labels_, fitted.labels_, "by 'refit'")


def others_are_irrelevant(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """A customer gets the same tier by ``predict`` whoever else is asked for."""
    few = fitted.predict(customers.head(7))
    _same(few, fitted.labels_.head(7), "when fewer customers are tiered by the same limits")


def ties_stay_together(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Customers who are the same in every column that is read share a tier."""
    read = customers[list(fitted.read_)].astype(object).where(customers.notna(), "missing")
    parted = fitted.labels_.groupby([read[name] for name in read]).nunique()
    _must((parted <= 1).all(), f"{(parted > 1).sum()} groups of equal customers are split")


def leaves_its_input_alone(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``fit`` and ``predict`` do not change the customers."""
    before = customers.copy(deep=True)
    _fit(method, customers).predict(customers)
    _must(customers.equals(before), "the customers are changed by 'fit' or 'predict'")


def only_stores_parameters(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``__init__`` stores its parameters as they are and learns nothing."""
    copy = clone(method)
    learned = [name for name in vars(copy) if name.endswith("_")]
    _must(not learned, f"'__init__' sets {learned}")
    kept = repr(copy.get_params()) == repr(fitted.get_params())
    _must(kept, "'fit' changes a parameter")


def names_a_missing_column(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """A missing column is a ``StudyError`` that names it."""
    for column in method.columns:
        without = customers.drop(columns=column)
        _refused(lambda: _fit(method, without), column, f"'{column}' is missing")  # noqa: B023
        if column in fitted.read_:  # some read a column to learn, and not to predict
            _refused(lambda: fitted.predict(without), column, f"'{column}' is missing")  # noqa: B023


def refuses_missing_values(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Missing or infinite values are refused, but for the method's ``gaps``."""
    for column in method.columns:
        text = column in method.texts
        bad = [] if column in method.gaps else [None if text else np.nan]
        for value in bad if text else [*bad, np.inf, -np.inf]:
            spoiled = customers.astype({column: object if text else "float64"})
            spoiled.iloc[[5, 9], spoiled.columns.get_loc(column)] = value
            what = f"'{column}' is {value} for two customers"
            _refused(lambda: _fit(method, spoiled), column, what)  # noqa: B023


def refuses_text(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Text in a column of numbers is refused."""
    for column in set(method.columns) - set(method.texts):
        spoiled = customers.assign(**{column: "much"})
        _refused(lambda: _fit(method, spoiled), column, f"'{column}' holds text")  # noqa: B023


def nullable_numbers_work(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """Numbers of pandas' nullable types count as numbers."""
    numbers = customers.select_dtypes("number").columns
    nullable = customers.astype({name: customers[name].convert_dtypes().dtype for name in numbers})
    _same(_fit(method, nullable).labels_, fitted.labels_, "with nullable numbers")


def constant_columns_make_one_tier(
    method: Tiering, customers: pd.DataFrame, fitted: Tiering
) -> None:
    """Customers who are all the same share one tier."""
    same = customers.iloc[[-1] * len(customers)].set_axis(customers.index)
    different = _fit(method, same).labels_.nunique()
    _must(different == 1, f"equal customers get {different} tiers")


def few_customers_work(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """One customer, two customers, and none in ``predict``."""
    for n in (1, 2):
        few = _fit(method, customers.head(n))
        _must(few.labels_.notna().all(), f"with {n} customers some have no tier")
        _must(few.predict(customers).notna().all(), f"learned from {n}, it places not everyone")
    none = customers.head(0)
    _must(len(fitted.predict(none)) == 0, "'predict' of no customers gives tiers")
    _refused(lambda: _fit(method, none), "no customer", "there is no customer")


def rules_have_a_row_per_tier(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``rules`` says something of every tier, and "nobody" only where nobody is."""
    rules = fitted.rules()
    _must(list(rules["tier"]) == list(fitted.tiers_), "'rules' has not one row per tier, in order")
    _must(rules["rule"].str.len().gt(0).all(), "a rule is empty")
    nobody = rules.loc[rules["rule"].isin(["nobody", rule.nobody()]), "tier"]
    _must(not fitted.labels_.isin(nobody).any(), "a tier whose rule says 'nobody' holds customers")
    _must(list(fitted.notes().index) == list(fitted.tiers_), "'notes' has not one row per tier")


def details_are_of_the_customers(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``details`` has one row per customer, and no column that the customers have."""
    details = fitted.details(customers)
    _must(details.index.equals(customers.index), "'details' is not indexed like the customers")
    twice = sorted(set(details) & set(customers))
    _must(not twice, f"'details' repeats columns of the customers: {twice}")


def complexity_counts(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``complexity`` gives the number of variables and of cells, each at least 1."""
    variables, cells = fitted.complexity
    _must(variables >= 1 and cells >= 1, f"complexity is {variables} variables, {cells} cells")


def sql_agrees(method: Tiering, customers: pd.DataFrame, fitted: Tiering) -> None:
    """``sql`` gives the same tier for every customer, or says that there is none."""
    try:
        fitted.sql()
    except StudyError as error:
        _must(NO_SQL in str(error), f"'sql' fails: {error}")
        return
    for each in (customers, sample(method, seed=1)):
        expected = fitted.predict(each).astype(str)
        different = int((np.array(tiers_by_sql(fitted, each)) != expected).sum())
        _must(not different, f"'sql' gives {different} of {len(each)} customers another tier")


def tiers_by_sql(fitted: Tiering, customers: pd.DataFrame) -> list[str]:
    """Return the tiers that the method's expression gives on DuckDB, in row order."""
    frame = customers.reset_index(drop=True).reset_index(names="place")
    engine = _engine()
    engine.register("features", frame)
    rows = engine.execute(f"SELECT {fitted.sql()} AS tier FROM features ORDER BY place").fetchall()
    return [tier for (tier,) in rows]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()  # takes longer than what is asked of it


CHECKS: tuple[Callable[[Tiering, pd.DataFrame, Tiering], None], ...] = (
    one_tier_each,
    row_order_is_irrelevant,
    others_are_irrelevant,
    repeats_itself,
    ties_stay_together,
    leaves_its_input_alone,
    only_stores_parameters,
    names_a_missing_column,
    refuses_missing_values,
    refuses_text,
    nullable_numbers_work,
    constant_columns_make_one_tier,
    few_customers_work,
    rules_have_a_row_per_tier,
    details_are_of_the_customers,
    complexity_counts,
    sql_agrees,
)


def check(method: Tiering) -> list[Outcome]:
    """Run every check on an unfitted method; an exception other than ``Broken`` breaks it, too."""
    different, fitted = [], None
    for kept in CHECKS:
        broken = ""
        try:
            customers = sample(method)
            fitted = fitted or _fit(method, customers.copy())
            kept(method, customers, fitted)
        except Broken as error:
            broken = str(error)
        except Exception as error:
            broken = f"{type(error).__name__}: {error}"
        different.append(Outcome(kept.__name__.replace("_", " "), broken))
    return different


def _fit(method: Tiering, customers: pd.DataFrame) -> Tiering:
    return clone(method).fit(customers)


def _must(kept: bool, otherwise: str) -> None:
    if not kept:
        raise Broken(otherwise)


def _same(found: pd.Series, expected: pd.Series, when: str) -> None:
    different = int((found.astype(object) != expected.astype(object)).sum())
    _must(not different, f"{different} of {len(expected)} customers get another tier {when}")


def _refused(attempt: Callable[[], object], word: str, what: str) -> None:
    try:
        attempt()
    except StudyError as error:
        _must(word in str(error), f"the error does not name '{word}' when {what}: {error}")
        return
    raise Broken(f"nothing is said when {what}")
