"""What the page of the watch-lists draws and tabulates."""

from __future__ import annotations

import pandas as pd

from segment.action import pseudonyms, watchlists
from segment.action.watchlists import WatchList
from segment.evidence.profiles import FEWEST
from segment.run import Run

# Customers of each list that a page names, where the study allows it.
NAMED = 10


def summary(a: Run) -> pd.DataFrame:
    """Return one row per list that the data can carry.

    Returns
    -------
    DataFrame
        ``list``, ``found`` (customers whom its rule meets), ``stake`` (of them), ``listed``
        (of them on the list), ``listed_stake``.
    """
    return pd.DataFrame(
        [
            {"list": one.name, "found": one.found, "stake": one.stake,
             "listed": len(one.rows), "listed_stake": one.listed}
            for one in a.watchlists.values() if not one.lacks
        ]
    )  # fmt: skip


def people(a: Run) -> pd.Series:
    """Return on how many lists every customer who stands on any of them stands."""
    return watchlists.membership(list(a.watchlists.values())).map(len)


def stake_of_people(a: Run) -> float:
    """Return the money at stake, each customer counted once, with the largest of its amounts.

    Amounts of several lists mean different things and do not add up.
    """
    stakes = [one.rows["stake"] for one in a.watchlists.values() if len(one.rows)]
    return float(pd.concat(stakes).groupby(level=0).max().sum()) if stakes else 0.0


def by_tier(a: Run, one: WatchList) -> pd.DataFrame:
    """Return customers and money of a list by their newest tier, best first.

    Returns
    -------
    DataFrame
        ``tier`` (missing: no purchase in the newest window), ``customers``, ``stake``
        (missing below five customers, and for a second tier where the list's total would
        otherwise give a single one away).
    """
    tiers = a.newest_tiers.reindex(one.rows.index)
    order = [*tiers.cat.categories, None]
    place = tiers.cat.codes.replace(-1, len(order) - 1)
    found = one.rows["stake"].groupby(place).agg(["size", "sum"])
    few = found["size"] < FEWEST
    if few.sum() == 1 and len(few) > 1:
        few[found["size"].where(~few).idxmin()] = True
    stake = found["sum"].mask(few)
    return pd.DataFrame(
        {"tier": [order[at] for at in found.index], "customers": found["size"].to_numpy(),
         "stake": stake.to_numpy()}
    )  # fmt: skip


def names(a: Run) -> pd.Series | None:
    """Return what pages call each customer; None where they call nobody anything."""
    if a.study.identifiers == "hide":
        return None
    customers = a.history.index
    if a.study.identifiers == "show":
        return pd.Series(customers.astype(object), index=customers)
    return pseudonyms.pseudonyms(customers, pseudonyms.key(a.study.file))


def named(a: Run, one: WatchList, shown: pd.Series | None) -> pd.DataFrame | None:
    """Return the first customers of a list under the names that pages may show.

    Parameters
    ----------
    a : Run
    one : WatchList
    shown : Series or None
        What ``names`` gives.

    Returns
    -------
    DataFrame or None
        ``name``, ``tier`` and the columns of the list's rows.
    """
    rows = one.rows.head(NAMED)
    if shown is None or rows.empty:
        return None
    tiers = a.newest_tiers.reindex(rows.index)
    return rows.assign(name=shown.reindex(rows.index), tier=tiers).reset_index(drop=True)


def offers(a: Run) -> pd.DataFrame:
    """Return what is offered to whom on the list of narrow customers.

    Returns
    -------
    DataFrame
        ``own``, ``next``, ``customers`` (on the list), ``lift``, ``share`` of the buyers of
        ``own`` who also buy ``next``; the most customers first.
    """
    rows = a.watchlists["narrow"].rows
    if rows.empty:
        return pd.DataFrame(columns=["own", "next", "customers", "lift", "share"])
    by = rows.groupby(["own", "next"]).agg(
        customers=("stake", "size"), lift=("lift", "first"), share=("share", "first")
    )
    order = ["customers", "lift", "own"]
    return by.reset_index().sort_values(order, ascending=[False, False, True], ignore_index=True)
