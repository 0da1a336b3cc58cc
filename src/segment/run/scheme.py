"""One scheme of a study: a fitted method, its customers, and what they did next."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any

import numpy as np
import pandas as pd

from segment.action.watchlists import newest_tiers
from segment.evidence.backtest import Backtest
from segment.evidence.comparison import net_value
from segment.features.windows import Windows
from segment.study import Study
from segment.tiering import Tiering, told
from segment.tiering.base import readable

# How a scheme and its pages call what the back-test says of tiers.
TIER_COLUMNS = {
    "active_share": "bought",
    "mean_value": "next_value",
    "mean_value_low": "next_value_low",
    "mean_value_high": "next_value_high",
}


def once(function: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Compute a page's frame once for each scheme (or run) and further arguments; give copies."""

    @wraps(function)
    def remembered(owner: Any, *arguments: Any) -> pd.DataFrame:
        key = (function.__module__, function.__name__, *arguments)
        if key not in owner.computed:
            owner.computed[key] = function(owner, *arguments)
        return owner.computed[key].copy()

    return remembered


@dataclass(eq=False)
class Scheme:
    """A tiering scheme at the cut, as notebooks and pages look at it.

    Attributes
    ----------
    label : str
        The name that the study gives it.
    method : Tiering
        Fitted on the customers at the cut.
    study : Study
    windows : Windows
    features : DataFrame
        Features and attributes of everyone who had bought by the cut, indexed by customer.
    outcome : DataFrame
        Of the same customers: ``value`` (margin or revenue of the holdout, not below 0), ``net``
        (the same with losses as losses) and ``active`` (bought in the holdout).
    judge : callable
        Returns ``backtest``: figures of this scheme (and of others) against the holdout.
    prospects : DataFrame or None
        Rows of the customers table without a purchase by the cut, and what became of them.
    newest : DataFrame or None
        As ``features``, of everyone who bought in the newest window, up to the newest day.
    everybody : int
        Customers who ever bought, since the start of the study.
    """

    label: str
    method: Tiering
    study: Study
    windows: Windows
    features: pd.DataFrame = field(repr=False)
    outcome: pd.DataFrame = field(repr=False)
    judge: Callable[[], Backtest] = field(repr=False)
    prospects: pd.DataFrame | None = field(default=None, repr=False)
    newest: pd.DataFrame | None = field(default=None, repr=False)
    everybody: int = 0
    computed: dict[tuple, pd.DataFrame] = field(default_factory=dict, repr=False)

    @cached_property
    def backtest(self) -> Backtest:
        """Figures of this scheme (and of others) against the holdout."""
        return self.judge()

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer, all that is known of it.

        Features, attributes, what the method judges by (such as the scores ``r``, ``f``, ``m``),
        and ``tier``, ``next_value`` (what it brought in the holdout, losses as losses), ``bought``.
        """
        known = self.features
        if hasattr(self.method, "details"):  # a class of one's own may be no ``Tiering``
            details = self.method.details(known)
            known = known.join(details[details.columns.difference(known.columns)])
        return known.assign(
            tier=self.method.labels_, next_value=self.net, bought=self.outcome["active"]
        )

    @cached_property
    def newest_tiers(self) -> pd.Series:
        """The tier on the newest day of everyone who bought in the newest window."""
        return newest_tiers(self.method, self.newest)

    @property
    def lapsed(self) -> int:
        """Customers who bought once and have no tier on the newest day."""
        return self.everybody - int(self.newest_tiers.notna().sum())

    @property
    def net(self) -> pd.Series:
        """What each customer brought in the holdout, losses as losses: what pages tell."""
        return net_value(self.outcome)

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """One row per tier, best first.

        ``tier``, ``rule``, ``customers``, ``share`` of all of them, ``value_share`` (of all that
        came in, as ``Backtest.tiers`` says), ``bought`` (share who bought in the holdout),
        ``next_value`` (holdout value per customer) with ``next_value_low`` and
        ``next_value_high`` (95 %).
        """
        figures = self.backtest.tiers.query("label == @self.label").rename(columns=TIER_COLUMNS)
        shown = ["tier", "customers", "share", "value_share", *TIER_COLUMNS.values()]
        figures = figures[[name for name in shown if name in figures]]
        if hasattr(self.method, "rules"):
            with self.telling():
                figures = told.rules(self.method).merge(figures, on="tier")
        return figures.reset_index(drop=True)

    def telling(self) -> AbstractContextManager[None]:
        """Tell rules of this scheme's customers, at the cut and on the newest day."""
        known = [self.customers]
        if self.newest is not None:
            known.append(self.newest)
            whole = readable(self.method, self.newest)
            if len(whole) and getattr(self.method, "orders_by", "") not in ("", *whole):
                known.append(self.method.details(whole))
        return told.of(self.study.currency, self.windows.calibration_days, *known)

    @property
    def held(self) -> pd.DataFrame:
        """The rows of ``tiers`` that hold a customer."""
        return self.tiers[self.tiers["customers"] > 0].reset_index(drop=True)

    @property
    def figures(self) -> pd.Series:
        """The scheme's figures against the holdout, by name: ``gini``, ``skill``, ..."""
        return self.backtest.figures.loc[self.label]

    @property
    def by_margin(self) -> bool:
        """Whether ``next_value`` is margin; else it is revenue."""
        return self.study.columns.margin is not None

    @cached_property
    def notes(self) -> pd.DataFrame:
        """What is to be done for each tier, by the method and by the study; indexed by tier."""
        method = self.method
        notes = method.notes() if hasattr(method, "notes") else pd.DataFrame(index=method.tiers_)
        service = self.study.methods[self.label].service if self.label in self.study.methods else {}
        if service:
            notes["Service"] = [service.get(tier, "") for tier in notes.index]
        return notes

    def _repr_html_(self) -> str:
        sizes = self.held[["tier", "customers", "share", "value_share", "next_value"]]
        return f"<p><b>{self.label}</b></p>{sizes.to_html(index=False)}"


class Untested(Scheme):
    """A scheme on the totals of customers: who is in which tier, and nothing of what came next."""

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer: totals, attributes, what the method judges by, and ``tier``."""
        return super().customers.drop(columns=["next_value", "bought"])

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """One row per tier, best first: ``tier``, ``rule``, ``customers``, ``share``.

        ``brought`` (what they brought in all) and ``brought_share`` (of what all brought; missing
        where that is not above 0).
        """
        by_tier = self.net.groupby(self.method.labels_, observed=False)
        table = pd.DataFrame({"customers": by_tier.size(), "brought": by_tier.sum(min_count=1)})
        total = self.net.sum()
        table["share"] = table["customers"] / len(self.net)
        table["brought_share"] = table["brought"] / (total if total > 0 else np.nan)
        with self.telling():
            table = told.rules(self.method).merge(
                table.rename_axis("tier").reset_index(), on="tier"
            )
        columns = ["tier", "rule", "customers", "share", "brought", "brought_share"]
        return table[columns]

    def telling(self) -> AbstractContextManager[None]:
        """Tell rules of this scheme's customers; nobody knows of what time their totals are."""
        return told.of(self.study.currency, 0, self.customers)
