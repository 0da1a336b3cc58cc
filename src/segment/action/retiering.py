"""Who moves between tiers from one period to the next: customers, or only the limits?

Tiers of two adjacent, equally long windows can differ for two reasons. *Frozen limits*,
learned in the earlier window and applied to the later one, show how far customers moved.
*Recomputed limits*, learned afresh in the later window, move as well: whoever changes tier
under them but not under frozen limits has not moved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.evidence.intervals import NORMAL, wilson
from segment.evidence.refit import refitted
from segment.evidence.small_groups import FEWEST
from segment.evidence.stability import NO_PURCHASE, same_by
from segment.features import ids
from segment.tiering import Tiering, told

NEW, RETURNED = "new", "returned"
UP, DOWN, SAME = "up", "down", "same"
YEAR = 365
CANDIDATE = ["customer_id", "move", "from", "to", "value_before", "value_after", "sure", "keep"]


@dataclass(frozen=True)
class Retiering:
    """A scheme in two windows, with frozen and with recomputed limits.

    ``customers``, everyone who bought in either window: ``before`` (tier in the earlier one, or
    "new" or "returned"), ``frozen`` and ``recomputed`` (tier in the later one, or "no purchase"),
    ``move`` and ``move_recomputed`` ("up", "down", "same"; missing for those not in both),
    ``value_before``, ``value_after`` (``monetary_total``; 0 without a purchase). ``limits``, a row
    per tier: ``tier``, the rules ``then`` and ``now``, and the customers ``before`` and under
    ``frozen`` limits.
    """

    customers: pd.DataFrame
    tiers: list[str]
    limits: pd.DataFrame


def retiering(
    method: Tiering, earlier: pd.DataFrame, later: pd.DataFrame, known: pd.Index | None = None
) -> Retiering:
    """Tier two adjacent, equally long windows with frozen and with recomputed limits.

    Who is ``known`` from before the later window and did not buy in the earlier one has
    returned, and is not new.
    """
    then, now = refitted(method, earlier), refitted(method, later)
    before, frozen = then.predict(earlier), then.predict(later)
    recomputed = _named_alike(method, frozen, now.predict(later))
    tiers = list(dict.fromkeys([*before.cat.categories, *recomputed.cat.categories]))
    everyone = ids.union(earlier.index, later.index)
    is_old = np.zeros(len(everyone), bool) if known is None else ids.places(everyone, known) >= 0
    came = pd.Series(np.where(is_old, RETURNED, NEW), everyone, dtype=object)
    customers = pd.DataFrame({"before": ids.of(before, everyone).astype(object).fillna(came)})
    for name, tier in {"frozen": frozen, "recomputed": recomputed}.items():
        customers[name] = ids.of(tier, everyone).astype(object).fillna(NO_PURCHASE)
    places = customers.apply(lambda column: column.map({tier: i for i, tier in enumerate(tiers)}))
    for name, column in {"move": "frozen", "move_recomputed": "recomputed"}.items():
        step = np.sign(places[column] - places["before"])
        customers[name] = step.map({-1: UP, 0: SAME, 1: DOWN}).astype(object)
    for name, window in {"value_before": earlier, "value_after": later}.items():
        customers[name] = ids.of(window["monetary_total"], everyone).fillna(0.0)
    return Retiering(customers, tiers, _limits(then, now, customers, tiers))


def _named_alike(method: Tiering, first: pd.Series, again: pd.Series) -> pd.Series:
    """Name clusters, numbered anew by every fit, after those that hold most of their customers."""
    if same_by(method) == "name":
        return again
    counts = pd.crosstab(again.astype(object), first.astype(object))
    alike = again.astype(object).map(counts.idxmax(axis=1))
    return alike.astype(pd.CategoricalDtype(list(first.cat.categories), ordered=True))


def _limits(then: Tiering, now: Tiering, customers: pd.DataFrame, tiers: list[str]) -> pd.DataFrame:
    limits = pd.DataFrame({"tier": tiers})
    for name, method in {"then": then, "now": now}.items():
        rules = told.rules(method).set_index("tier")["rule"] if hasattr(method, "rules") else {}
        limits[name] = limits["tier"].map(rules).fillna("")
    for name in ("before", "frozen"):
        limits[name] = limits["tier"].map(customers[name].value_counts()).fillna(0).astype(int)
    return limits


@dataclass(frozen=True)
class Movement:
    """How many moved, of the customers in both windows; shares are of these.

    ``up`` and ``down`` are under frozen limits: they really moved. ``lost`` are without a purchase
    in the later window, ``arrived`` without one in the earlier: neither is among ``customers``.
    """

    customers: int
    up: int
    down: int
    lost: int
    arrived: int

    @property
    def share(self) -> float:
        """Share that moved under frozen limits."""
        return (self.up + self.down) / self.customers if self.customers else math.nan

    @property
    def net(self) -> tuple[float, float, float]:
        """Share of rises less share of falls, with its 95 % interval, of everyone in either window.

        Under frozen limits; leaving is a fall, arriving a rise. The variance is that of a
        difference of two shares of one multinomial.
        """
        everyone = self.customers + self.lost + self.arrived
        up, down = self.up + self.arrived, self.down + self.lost
        net, moved = (up - down) / everyone, (up + down) / everyone
        reach = NORMAL * math.sqrt(max(0.0, moved - net**2) / everyone)
        return net, net - reach, net + reach


def movement(moves: Retiering) -> Movement:
    """Count the moves of the customers who bought in both windows."""
    customers = moves.customers
    return Movement(
        customers=int(customers["move"].count()),
        up=int((customers["move"] == UP).sum()),
        down=int((customers["move"] == DOWN).sum()),
        lost=int((customers["frozen"] == NO_PURCHASE).sum()),
        arrived=int(customers["before"].isin([NEW, RETURNED]).sum()),
    )


def flows(moves: Retiering) -> pd.DataFrame:
    """Return customers by tier before and after, best first; those new or lost come last."""
    table = pd.crosstab(moves.customers["before"], moves.customers["frozen"])
    rows = [name for name in (*moves.tiers, RETURNED, NEW) if name in table.index]
    columns = [name for name in (*moves.tiers, NO_PURCHASE) if name in {*table.columns, *rows}]
    return table.reindex(index=rows, columns=columns, fill_value=0)


def candidates(moves: Retiering, keep: pd.Series | None = None) -> pd.DataFrame:
    """Return the customers to move up or down, with their ids: confidential.

    ``customer_id``, ``move`` ("up" or "down"), ``from``, ``to``, ``value_before``,
    ``value_after``, ``sure`` (recomputed limits move the customer the same way) and ``keep``
    (chance to keep the tier, where given: low near a border); upgrades first, most money first.
    """
    moved = moves.customers[moves.customers["move"].isin([UP, DOWN]).to_numpy()].reset_index()
    moved = moved.rename(columns={"before": "from", "frozen": "to"})
    moved["sure"] = moved["move"] == moved["move_recomputed"]
    who = pd.Index(moved["customer_id"])
    moved["keep"] = np.nan if keep is None else ids.of(keep, who).to_numpy()
    # They come by their ids.
    return moved[CANDIDATE].sort_values(["move", "value_after"], ascending=False, ignore_index=True)


def best_two(tiers: Sequence[str]) -> tuple[str, ...]:
    """Return the best two of a method's tiers; the best alone where there are but two."""
    return tuple(tiers[: 2 if len(tiers) > 2 else 1])


def chances(at_cut: pd.Series, now: pd.Series, tiers: Sequence[str]) -> pd.Series:
    """Return by tier which share of those in it at the cut is in one of the best two today.

    ``now`` misses who bought nothing lately: they count as in none. Missing for tiers that held
    fewer than five customers.
    """
    best = ids.of(now, at_cut.index).astype(object).isin(best_two(tiers))
    held = best.groupby(at_cut.to_numpy(dtype=object)).agg(["size", "mean"])
    return held["mean"].where(held["size"] >= FEWEST)


def summary(moved: pd.DataFrame, tiers: list[str]) -> pd.DataFrame:
    """Return candidates by ``move``, ``from`` and ``to`` without ids, best tiers first."""
    counts = moved.groupby(["move", "from", "to"], as_index=False).agg(
        customers=("customer_id", "size"),
        value_before=("value_before", "sum"),
        value_after=("value_after", "sum"),
    )
    places = {tier: i for i, tier in enumerate([UP, DOWN, *tiers])}
    return counts.sort_values(
        ["move", "to", "from"], key=lambda column: column.map(places), ignore_index=True
    )


def attrition(tiers: pd.Series, came_back: pd.Index, days: int) -> pd.DataFrame:
    """Return which share of each tier's customers did not buy in the following, as long period.

    ``tier`` (None: all customers, the last row), ``customers``, ``lost``, ``share`` with its
    Wilson 95 % interval ``low`` to ``high``; ``year``, ``year_low``, ``year_high``: the same a
    year, 1 - (1 - share)^(365 / days). That supposes that every period loses the same share of
    those who are left, and that nobody comes back; where customers pause, it is too high.
    """
    lost = pd.Series(~tiers.index.isin(came_back), tiers.index)
    counts = lost.groupby(tiers, observed=False).agg(["size", "sum"])
    names = pd.Series([*counts.index, None], dtype=object)
    total = pd.DataFrame({"size": [len(lost)], "sum": [lost.sum()]})
    counts = pd.concat([counts, total], ignore_index=True)
    table = wilson(counts["sum"], counts["size"])
    table.insert(0, "tier", names)
    table.insert(2, "lost", counts["sum"])
    shares = table[["share", "low", "high"]]
    if abs(days - YEAR) > 1:
        shares = 1 - (1 - shares) ** (YEAR / days)
    table[["year", "year_low", "year_high"]] = shares
    return table
