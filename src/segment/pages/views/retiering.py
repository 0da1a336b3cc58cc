"""What the re-tiering page draws and tabulates: moves, candidates, who stayed away."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.action import attrition as leaving
from segment.action import previous, retiering
from segment.action.retiering import DOWN, SAME, UP, Retiering
from segment.evidence.refit import refitted
from segment.evidence.stability import NO_PURCHASE
from segment.features.windows import LAST_YEAR, NEXT_YEAR
from segment.pages._results import results_of
from segment.run import Run

FROZEN, RECOMPUTED = "frozen", "recomputed"


@dataclass(frozen=True)
class Attrition:
    """Who did not buy in the following period.

    Attributes
    ----------
    shares : DataFrame
        As ``segment.attrition.attrition`` gives it; the last row is of all customers.
    days : int
        Length of the period, and of the following one.
    direct : bool
        Whether it is a year, so that nothing is extrapolated.
    """

    shares: pd.DataFrame
    days: int
    direct: bool


def found(a: Run, label: str) -> Retiering:
    """Return a scheme in the two windows, with frozen and with recomputed limits."""
    return retiering.retiering(
        a.methods[label], a.snapshot("earlier"), a.snapshot("later"), a.customers.index
    )


def days(a: Run) -> int:
    """Return the length of each of the two windows."""
    start, end = a.windows.named["earlier"]
    return (end - start).days


def noise(a: Run, label: str) -> float:
    """Return the share of customers who change tier when the customers are drawn anew."""
    return 1 - float(a.stability.keep[label].mean())


def candidates(a: Run, label: str, moved: Retiering) -> pd.DataFrame:
    """Return the customers to move up or down, with their ids: for confidential files only."""
    return retiering.candidates(moved, a.stability.keep[label])


def attrition(a: Run, label: str) -> Attrition:
    """Return which share of each tier stayed away in the year after, or in the later window."""
    before, after = (LAST_YEAR, NEXT_YEAR) if "year" in a.windows.named else ("earlier", "later")
    length = leaving.YEAR if "year" in a.windows.named else days(a)
    customers = a.snapshot(before)
    tiers = refitted(a.methods[label], customers).predict(customers)
    shares = leaving.attrition(tiers, a.snapshot(after).index, length)
    return Attrition(shares, length, abs(length - leaving.YEAR) <= 1)


def destinations(moved: Retiering) -> pd.DataFrame:
    """Return where each tier's customers went, under either kind of limits.

    Returns
    -------
    DataFrame
        ``tier``, ``limits`` ("frozen", "recomputed"), ``customers`` (of the tier), and the
        shares ``up``, ``same``, ``down`` and ``lost``; best tier first.
    """
    rows = []
    for tier in moved.tiers:
        of = moved.customers[moved.customers["before"] == tier]
        for limits, move in {FROZEN: "move", RECOMPUTED: "move_recomputed"}.items():
            if len(of):
                share = of[move].value_counts() / len(of)
                lost = (of[limits] == NO_PURCHASE).mean()
                rows.append((tier, limits, len(of), *(share.get(w, 0.0) for w in (UP, SAME, DOWN)),
                             lost))  # fmt: skip
    columns = ["tier", "limits", "customers", UP, SAME, DOWN, "lost"]
    return pd.DataFrame(rows, columns=columns)


def sorting(c: previous.Comparison) -> pd.DataFrame:
    """Return the normalised Gini of the schemes that both reports hold."""
    return c.figures[c.figures["figure"] == "gini"].dropna(subset="difference")


def compared(a: Run) -> previous.Comparison | None:
    """Return this run against the last saved one; None without a usable one."""
    if a.previous is None or a.previous.problem:
        return None
    return previous.compare(a.previous.results, results_of(a))
