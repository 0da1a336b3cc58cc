"""One cut date: what was known, how every scheme orders it, and what came after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.bootstrap import Order, Tiers, concentration
from segment.evidence.refit import refitted
from segment.evidence.rolling.dates import HOLDOUT
from segment.features import customers as features
from segment.features.windows import Window
from segment.language import _
from segment.tiering import Tiering

FIGURES = ("gini", "skill", "capture")


@dataclass(frozen=True)
class Origin:
    """What was known on a cut date, and what came after it.

    Attributes
    ----------
    cut, end : date
        The holdout is ``[cut, end)``.
    customers, outcome : DataFrame
        As ``segment.backtest.backtest`` takes them.
    """

    cut: dt.date
    end: dt.date
    customers: pd.DataFrame
    outcome: pd.DataFrame

    def impossible(self, least_customers: int) -> str:
        """Say why no figure can be had at this date; empty if it can."""
        value = self.outcome["value"]
        if len(value) < least_customers:
            return _("only {number} customers were known", number=f"{len(value):,}")
        if value.sum() <= 0:
            return _("nobody known by then brought anything after it")
        if np.ptp(value) == 0:
            return _("everybody brought the same after it")
        return ""


@dataclass(frozen=True)
class Ranked:
    """The orders of one date's customers, ready to be totalled under weights.

    ``positions`` says where they stand among the customers of the main cut.
    """

    positions: np.ndarray
    tiers: Tiers
    revenue: Order
    perfect: Order


def earlier(
    wide: pd.DataFrame, spans: Mapping[str, Window], attributes: pd.DataFrame | None,
    known_on: dt.date | None,
) -> Iterator[Origin]:  # fmt: skip
    """Yield what was known on each earlier cut date, and what came after it.

    Parameters
    ----------
    wide : DataFrame
        Features of all windows, with those of ``spans``.
    spans : mapping of str to (date, date)
        What ``windows`` gives.
    attributes : DataFrame or None
        The customers table. It is a picture of one day, so it is there at later dates
        only.
    known_on : date or None
        That day; where the study does not say it, the table is at no earlier date.
    """
    for name, (_start, cut) in spans.items():
        if name.endswith(HOLDOUT):
            continue
        customers = features.at(wide, name)
        if attributes is not None and known_on is not None and known_on < cut:
            customers = customers.join(attributes)
        outcome = features.outcome(wide, customers.index, name + HOLDOUT)
        yield Origin(cut, spans[name + HOLDOUT][1], customers, outcome)


def tiers(
    methods: Mapping[str, Tiering], origin: Origin
) -> tuple[dict[str, pd.Series], list[tuple[str, dt.date, str]]]:
    """Return the tiers that every scheme gives at a date, and who gives none and why.

    Every scheme is learned afresh from what was known by then; the number of clusters
    stays that of the main cut, for it is part of the scheme.
    """
    found, lacking = {}, []
    for label, method in methods.items():
        read = getattr(method, "read_", getattr(method, "columns", ()))
        unknown = [name for name in read if name not in origin.customers]
        if unknown:
            reason = _("it reads '{column}', not known by then", column=unknown[0])
            lacking.append((label, origin.cut, reason))
            continue
        try:
            found[label] = refitted(method, origin.customers).predict(origin.customers)
        except StudyError as error:
            lacking.append((label, origin.cut, _(str(error))))
    return found, lacking


def rank(labels: Mapping[str, pd.Series], origin: Origin, population: pd.Index) -> Ranked:
    """Return the orders of a date's customers.

    Parameters
    ----------
    labels : mapping of str to Series of ordered Categorical
        Their tiers, by scheme.
    population : Index
        The customers of the main cut, in the order of the weights.
    """
    customers, value = origin.customers, origin.outcome["value"].to_numpy(dtype="float64")
    nothing = np.zeros(len(value))  # activity: no figure here asks for it
    codes = {
        label: given.reindex(customers.index).cat.codes.to_numpy()
        for label, given in labels.items()
    }
    sizes = {label: len(given.cat.categories) for label, given in labels.items()}
    past = customers["monetary_total"].to_numpy(dtype="float64")
    return Ranked(
        population.get_indexer(customers.index),
        Tiers(codes, sizes, value, nothing),
        Order(past, value, nothing),
        Order(value, value, nothing),
    )


def figures(ranked: Ranked, q: float) -> pd.DataFrame:
    """Return ``label`` and ``FIGURES`` of every order, as ``segment.backtest`` defines them."""
    revenue, best = ranked.revenue.plain(), ranked.perfect.plain().concentration
    rows = []
    for label, total in {**ranked.tiers.plain(), REVENUE_SORT: revenue}.items():
        c = total.concentration
        same_sizes = concentration(total.customers, revenue.captured(total.customers))
        skill = np.round((c - same_sizes) / best, 12)
        rows.append((label, *(float(figure[0]) for figure in (c / best, skill, total.capture(q)))))
    return pd.DataFrame(rows, columns=["label", *FIGURES])
