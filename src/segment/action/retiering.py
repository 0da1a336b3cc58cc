"""Who moves between tiers from one period to the next: customers, or only the limits?

Tiers of two adjacent, equally long windows can differ for two reasons. *Frozen limits*,
learned in the earlier window and applied to the later one, show how far customers moved.
*Recomputed limits*, learned afresh in the later window, move as well: whoever changes tier
under them but not under frozen limits has not moved.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.evidence.refit import refitted
from segment.evidence.stability import NO_PURCHASE, same_by
from segment.tiering import Tiering

NEW, RETURNED = "new", "returned"
UP, DOWN, SAME = "up", "down", "same"
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Retiering:
    """A scheme in two windows, with frozen and with recomputed limits.

    Attributes
    ----------
    customers : DataFrame
        Indexed by ``customer_id``, everyone who bought in either window: ``before`` (tier
        in the earlier window, or "new" or "returned"), ``frozen`` and ``recomputed`` (tier
        in the later window, or "no purchase"), ``move`` and ``move_recomputed`` ("up",
        "down", "same"; missing for those not in both windows), ``value_before``,
        ``value_after`` (``monetary_total``, currency; 0 without a purchase).
    tiers : list of str
        Best first.
    limits : DataFrame
        One row per tier: ``tier``, ``then``, ``now`` (rules; empty if the scheme prints
        none), ``moved``, and the number of customers under either: ``before``, ``frozen``,
        ``recomputed``.
    """

    customers: pd.DataFrame
    tiers: list[str]
    limits: pd.DataFrame


def retiering(
    method: Tiering, earlier: pd.DataFrame, later: pd.DataFrame, known: pd.Index | None = None
) -> Retiering:
    """Tier two windows with frozen and with recomputed limits.

    Parameters
    ----------
    method : Tiering
        Fitted; refitted in both windows.
    earlier, later : DataFrame
        Features of two adjacent, equally long windows.
    known : Index, optional
        Customers known before the later window: one of them who did not buy in the earlier
        window has returned, and is not new.

    Returns
    -------
    Retiering
    """
    then, now = refitted(method, earlier), refitted(method, later)
    before, frozen = then.predict(earlier), then.predict(later)
    recomputed = _named_alike(method, frozen, now.predict(later))
    tiers = list(before.cat.categories)
    tiers += [tier for tier in recomputed.cat.categories if tier not in tiers]
    everyone = earlier.index.union(later.index)
    found = pd.DataFrame(index=everyone.rename("customer_id"))
    unseen = everyone.difference(earlier.index)
    old = unseen.intersection(known) if known is not None else unseen[:0]
    found["before"] = before.astype(object).reindex(everyone).fillna(NEW)
    found.loc[old, "before"] = RETURNED
    for name, series in {"frozen": frozen, "recomputed": recomputed}.items():
        found[name] = series.astype(object).reindex(everyone).fillna(NO_PURCHASE)
    place = {tier: i for i, tier in enumerate(tiers)}
    start = found["before"].map(place)
    for name, column in {"move": "frozen", "move_recomputed": "recomputed"}.items():
        step = found[column].map(place) - start
        words = np.select([step < 0, step > 0, step == 0], [UP, DOWN, SAME], "")
        found[name] = pd.Series(words, found.index, dtype=object).where(step.notna(), None)
    for name, window in {"value_before": earlier, "value_after": later}.items():
        found[name] = window["monetary_total"].reindex(everyone).fillna(0.0)
    return Retiering(found, tiers, _limits(then, now, found, tiers))


def _named_alike(method: Tiering, first: pd.Series, again: pd.Series) -> pd.Series:
    """Name clusters, which every fit numbers anew, after those that hold most of their customers.

    Tiers of other schemes keep their names.
    """
    if same_by(method) == "name":
        return again
    counts = pd.crosstab(again.astype(object), first.astype(object))
    alike = again.astype(object).map(counts.idxmax(axis=1))
    return alike.astype(pd.CategoricalDtype(list(first.cat.categories), ordered=True))


def _limits(then: Tiering, now: Tiering, found: pd.DataFrame, tiers: list[str]) -> pd.DataFrame:
    rules = [m.rules().set_index("tier")["rule"] if hasattr(m, "rules") else pd.Series(dtype=object)
             for m in (then, now)]  # fmt: skip
    frame = pd.DataFrame({"tier": tiers})
    for name, rule in zip(("then", "now"), rules, strict=True):
        frame[name] = frame["tier"].map(rule).fillna("")
    frame["moved"] = frame["then"] != frame["now"]
    for name in ("before", "frozen", "recomputed"):
        frame[name] = frame["tier"].map(found[name].value_counts()).fillna(0).astype(int)
    return frame


def figure(then: str, now: str) -> tuple[float, float] | None:
    """Return the one number in which two rules differ, then and now; None if there is not one.

    ``("monetary_total at least 1,200", "monetary_total at least 1,350")`` is (1200, 1350).
    """
    if NUMBER.sub("#", then) != NUMBER.sub("#", now):
        return None
    pairs = zip(NUMBER.findall(then), NUMBER.findall(now), strict=True)
    differ = [(a, b) for a, b in pairs if a != b]
    if len(differ) != 1:
        return None
    first, second = (float(text.replace(",", "")) for text in differ[0])
    return first, second


@dataclass(frozen=True)
class Movement:
    """How many moved, of the customers in both windows; shares are of these.

    Attributes
    ----------
    customers : int
    up, down : int
        Under frozen limits: customers who really moved.
    up_recomputed, down_recomputed : int
    by_limits : int
        Moved under recomputed limits only: the limits moved, not they.
    hidden : int
        Moved under frozen limits, but not under recomputed ones.
    lost, arrived : int
        Customers without a purchase in the later window, and those without one in the
        earlier (new or returned); not among ``customers``.
    """

    customers: int
    up: int
    down: int
    up_recomputed: int
    down_recomputed: int
    by_limits: int
    hidden: int
    lost: int
    arrived: int

    @property
    def share(self) -> float:
        """Share that moved under frozen limits."""
        return _share(self.up + self.down, self.customers)

    @property
    def share_recomputed(self) -> float:
        """Share that moved under recomputed limits."""
        return _share(self.up_recomputed + self.down_recomputed, self.customers)

    @property
    def net(self) -> tuple[float, float, float]:
        """Share up less share down under frozen limits, with its 95 % interval.

        Customers who swap places in both directions cancel out, so that this is the part
        which the usual ups and downs of buying do not explain. The variance is that of a
        difference of two shares of one multinomial.
        """
        return _net(self.up, self.down, self.customers)

    @property
    def net_all(self) -> tuple[float, float, float]:
        """The same of everyone in either window; leaving is a fall, arriving a rise.

        Those who bought in both are survivors: who fell so far that nothing was left is
        not among them.
        """
        everyone = self.customers + self.lost + self.arrived
        return _net(self.up + self.arrived, self.down + self.lost, everyone)


def movement(found: Retiering) -> Movement:
    """Count the moves of the customers who bought in both windows."""
    both = found.customers.dropna(subset="move")
    real, again = both["move"], both["move_recomputed"]
    return Movement(
        len(both), int((real == UP).sum()), int((real == DOWN).sum()),
        int((again == UP).sum()), int((again == DOWN).sum()),
        int(((real == SAME) & (again != SAME)).sum()),
        int(((real != SAME) & (again == SAME)).sum()),
        int((found.customers["frozen"] == NO_PURCHASE).sum()),
        int(found.customers["before"].isin([NEW, RETURNED]).sum()),
    )  # fmt: skip


def _net(up: int, down: int, of: int) -> tuple[float, float, float]:
    if not of:
        return (math.nan,) * 3
    net, moved = (up - down) / of, (up + down) / of
    reach = 1.96 * math.sqrt(max(0.0, moved - net**2) / of)
    return net, net - reach, net + reach


def flows(found: Retiering, limits: str = "frozen") -> pd.DataFrame:
    """Return customers by tier before and after, best first; those new or lost come last.

    Parameters
    ----------
    found : Retiering
    limits : {"frozen", "recomputed"}
    """
    table = pd.crosstab(found.customers["before"], found.customers[limits])
    rows = [name for name in (*found.tiers, RETURNED, NEW) if name in table.index]
    columns = [name for name in (*found.tiers, NO_PURCHASE) if name in {*table.columns, *rows}]
    return table.reindex(index=rows, columns=columns, fill_value=0)


def candidates(found: Retiering, keep: pd.Series | None = None) -> pd.DataFrame:
    """Return the customers to move up or down, with their ids: confidential.

    Parameters
    ----------
    found : Retiering
    keep : Series, optional
        Each customer's chance to keep the tier when limits are learned from resampled
        customers; names those near a border.

    Returns
    -------
    DataFrame
        ``customer_id``, ``move`` ("up" or "down"), ``from``, ``to``, ``value_before``,
        ``value_after``, ``sure`` (recomputed limits move the customer the same way) and
        ``keep``; upgrades first, most money after the move first.
    """
    moved = found.customers[found.customers["move"].isin([UP, DOWN])]
    frame = moved.reset_index().rename(columns={"before": "from", "frozen": "to"})
    frame["sure"] = frame["move"] == frame["move_recomputed"]
    frame["keep"] = np.nan if keep is None else frame["customer_id"].map(keep)
    frame = frame.sort_values(
        ["move", "value_after", "customer_id"], ascending=[False, False, True], ignore_index=True
    )
    return frame[["customer_id", "move", "from", "to", "value_before", "value_after", "sure",
                  "keep"]]  # fmt: skip


def summary(moved: pd.DataFrame, tiers: list[str]) -> pd.DataFrame:
    """Return counts and money of candidates by move, from-tier and to-tier, ids left out.

    Returns
    -------
    DataFrame
        ``move``, ``from``, ``to``, ``customers``, ``sure``, ``value_before``,
        ``value_after``; upgrades first, best tiers first.
    """
    found = moved.groupby(["move", "from", "to"], as_index=False).agg(
        customers=("customer_id", "size"), sure=("sure", "sum"),
        value_before=("value_before", "sum"), value_after=("value_after", "sum"),
    )  # fmt: skip
    place = {tier: i for i, tier in enumerate(tiers)}
    order = pd.DataFrame({"down": found["move"] == DOWN, "to": found["to"].map(place),
                          "from": found["from"].map(place)})  # fmt: skip
    return found.loc[order.sort_values(["down", "to", "from"]).index].reset_index(drop=True)


def _share(number: int, of: int) -> float:
    return number / of if of else math.nan
