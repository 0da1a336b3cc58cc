"""Recent spend: past value in which a purchase counts half after so many days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.features.names import column_name
from segment.features.recent import (
    GRID,
    INNER_CUTS,
    TOTAL,
    column,
    half_life,
    past,
    sampled,
    then,
)
from segment.language import N_, _
from segment.tiering import base, rule, told
from segment.tiering.parameters import SHARES, letters, number, optional, parameter
from segment.tiering.rule import AllOf, AnyOf, Condition, Conditions, Figure, Rule

LEAST_CUTS, LEAST_BUYERS = 2, 50
FEW = N_("the history is too short, or too few customers came back, to learn from")
NO_DECAY = np.inf


class Recent(Figure):
    """Spend or margin in which a purchase counts half after so many days, in rules."""

    def words(self) -> str:
        """Return what is counted, and after how many days by half."""
        text = N_("{what} (half after {days} days)")
        return _(text, what=column_name(self.key), days=f"{half_life(self.key):g}")

    def limit(self, value: float) -> str:
        """Return a limit in words: what is below a cent parts nobody that a reader would."""
        shown = value if abs(value) < 1 else round(value, 2)
        return told.limit(self.key, value, rule.number(shown))


def orders(measure: str) -> dict[str, float]:
    """Return the columns that customers can be sorted by, with their half-lives."""
    return {column(measure, days): days for days in (*GRID, NO_DECAY)}


def concentrations(values: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return how well each half-life sorted customers at the inner cuts that can be used.

    C of each order and inner cut, indexed by ``half_life``; empty with fewer than two cuts.
    """
    found, values = {}, sampled(values)
    for k in INNER_CUTS:
        names = {past(k, name): days for name, days in orders(measure).items()}
        names = {name: days for name, days in names.items() if name in values}
        if not names or then(k) not in values:
            continue
        known = values[values[[*names]].notna().all(axis=1)]
        value = known[then(k)].clip(lower=0).to_numpy()
        if (value > 0).sum() >= LEAST_BUYERS:
            found[k] = {d: concentration(known[n].to_numpy(), value) for n, d in names.items()}
    table = pd.DataFrame(found).rename_axis("half_life")
    return table if len(found) >= LEAST_CUTS else pd.DataFrame()


def concentration(score: np.ndarray, value: np.ndarray) -> float:
    """Return C of an order: twice the area between its gains curve and the diagonal."""
    came = np.flatnonzero(value > 0)
    came = came[np.argsort(score[came])]  # looked up in order, which is faster
    percentile = base.midrank_percentile(score[came], score)
    return 2 * float(value[came] @ percentile) / value[came].sum() - 1


def best(table: pd.DataFrame) -> float:
    """Return the half-life with the largest sum of C, the longest of equals; inf for none."""
    if table.empty:
        return NO_DECAY
    total = table.sum(axis=1).round(10)
    return float(total[total == total.max()].index.max())


@dataclass(eq=False, repr=False)
class RecentSpend(base.Tiering):
    """Sort by recent spend, cut at shares of head count; past value decides between equals.

    Recent spend is the sum of a customer's amounts, each times 0.5 to the power of its age over
    the half-life: exponential smoothing (Brown 1959, *Statistical Forecasting for Inventory
    Control*). Where the customers have margins, these are summed.

    The half-life is given, or learned on earlier time alone: the one whose order concentrates
    most of what came in after three inner cuts of the window, the sum of C over them (as in
    ``segment.evidence.comparison``). Among the candidates is no decay at all, which is the order
    of past value; where two do equally well, the longer is taken.

    Parameters
    ----------
    half_life : float, optional
        Days after which a purchase counts half, 7 to 36 500. Default: learned.
    shares : sequence of float
        Ascending shares of customers at which the order is cut. Ties are never split.

    Attributes
    ----------
    half_life_ : float
        In days; inf where old purchases count fully.
    concentrations_ : DataFrame
        How well each candidate sorted customers at the inner cuts: C (0 random), indexed by
        ``half_life``, one column per inner cut. Empty where the half-life was not learned.
    limits_, past_limits_ : array
        Smallest recent spend of each tier but the last, best first; and, where customers of that
        recent spend stand in two tiers, the past value which the better one takes.

    Notes
    -----
    Learning reads ``past_<k>_<feature>``, features as of the inner cuts (missing for customers
    who had bought nothing by then), and ``next_value_<k>``; ``predict`` reads neither. An inner
    cut counts where at least 50 customers brought something after it; with fewer than two
    such cuts there is no decay.
    Of very many customers a run gives them for a sample; limits are always those of all.
    """

    half_life: float | None = parameter(None, optional(number(above=6.999, most=36_500)))
    shares: Sequence[float] = parameter((0.05, 0.20, 0.50), SHARES)

    @property
    def columns(self) -> tuple[str, ...]:
        """Past value, and recent spend where its half-life is given."""
        given = () if self.half_life is None else (column("spend", self.half_life),)
        return (TOTAL["spend"], *given)

    @property
    def extras(self) -> tuple[str, ...]:
        """Margins, where the data have them, and what a half-life is learned from."""
        if self.half_life is not None:
            return (TOTAL["margin"], column("margin", self.half_life))
        figures = [column(measure, days) for measure in TOTAL for days in GRID]
        return (TOTAL["margin"], *figures, *self.gaps, *map(then, INNER_CUTS))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What customers had done by the inner cuts; not all had bought by then."""
        if self.half_life is not None:
            return ()
        return tuple(past(k, name) for k in INNER_CUTS for m in TOTAL for name in orders(m))

    @property
    def orders_by(self) -> str:
        """Recent spend, or past value where old purchases count fully."""
        return getattr(self, "by_", "")

    @property
    def fallback_(self) -> str:
        """Why no half-life could be learned, in words; empty if one was, or was given."""
        few = self.half_life is None and self.concentrations_.empty
        return _(FEW) if few else ""

    def _learn(self, values: pd.DataFrame) -> None:
        measure = "margin" if TOTAL["margin"] in values else "spend"
        self.concentrations_ = pd.DataFrame()
        if self.half_life is None:
            self.concentrations_ = concentrations(values, measure)
        given = self.half_life or best(self.concentrations_)
        self.half_life_, self.by_, total = float(given), column(measure, given), TOTAL[measure]
        if self.by_ not in values:
            raise StudyError(f"RecentSpend needs '{self.by_}' beside '{total}'.")
        pairs = values[[self.by_, total]].to_numpy()
        rank = _dense(pairs[:, 0]) * len(pairs) + _dense(pairs[:, 1])
        self.tiers_ = letters(self.shares)
        places = base.places_by_share(rank, self.shares)
        self.limits_ = base.limits_of(pairs[:, 0], places, len(self.tiers_))
        # Past value is read only where a limit parts customers of equal recent spend.
        self.past_limits_ = np.full(len(self.limits_), -np.inf)
        for place, limit in enumerate(self.limits_):
            equal, above = pairs[:, 0] == limit, places <= place
            if (equal & ~above).any():
                self.past_limits_[place] = pairs[equal & above, 1].min()
        parted = np.isfinite(self.past_limits_).any()
        self.read_ = (self.by_, total) if parted else (self.by_,)

    def conditions(self) -> Conditions:
        """Return the recent spend that reaches each tier but the last."""
        figure = Recent(self.by_) if np.isfinite(self.half_life_) else Figure(self.by_)
        conditions, before = [], (np.inf, -np.inf)
        for tier, *limits in zip(self.tiers_, self.limits_, self.past_limits_, strict=False):
            nobody = tuple(limits) >= before
            conditions.append((tier, rule.NOBODY if nobody else self._reached(figure, *limits)))
            before = tuple(limits)
        return conditions

    def _reached(self, figure: Figure, limit: float, past_limit: float) -> Condition:
        if not np.isfinite(past_limit):
            return Rule(figure, ">=", limit, learned=True)
        past = Rule(self.read_[1], ">=", past_limit, learned=True)
        equal = AllOf(Rule(figure, ">=", limit, learned=True), past)
        return AnyOf(Rule(figure, ">", limit, learned=True), equal)


def _dense(column: np.ndarray) -> np.ndarray:
    """Return the place of each value among the different ones, the lowest first."""
    return np.unique(column, return_inverse=True)[1]
