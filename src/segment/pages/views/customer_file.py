"""What the customer file page draws and tabulates: fields, repairs, doubles, dead records."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.action import customer_file, pairs
from segment.run import Run

# How features of records that are one customer add up; others are those of the largest record.
ADD_UP = {"monetary_total": "sum", "monetary_year": "sum", "margin_total": "sum",
          "order_days": "sum", "days_since_last": "min", "days_since_first": "max",
          "arrears": "sum", "complaints": "sum"}  # fmt: skip


@dataclass(frozen=True)
class Records:
    """Who stands behind the records of the file.

    Attributes
    ----------
    records, never, dormant : int
        Customers in the file; those without a purchase in the data, and without one for
        ``dormant_days``, as of the newest day.
    outside : int
        Buyers who are not in the file.
    long_enough : bool
        Whether the data reach back far enough to call a record dormant.
    """

    records: int
    never: int
    dormant: int
    outside: int
    long_enough: bool


def value(a: Run) -> pd.Series:
    """Return what every customer brought before the cut, by id."""
    return a.customers["monetary_total"]


def fields(a: Run) -> pd.DataFrame:
    """Return completeness and correctness of every field; the most money to repair first."""
    found = customer_file.by_field(a.file, value(a))
    return found.sort_values(["value", "missing"], ascending=False, ignore_index=True)


def faults(a: Run) -> pd.DataFrame:
    """Return what cannot be right, gaps left out: ``field``, ``problem``, ``records``."""
    told = a.file.problems[a.file.problems["problem"] != customer_file.MISSING]
    counts = told.groupby(["field", "problem"]).size()
    return counts.sort_values(ascending=False, kind="stable").reset_index(name="records")


def records(a: Run) -> Records:
    """Return how many records somebody buys under, and how many are dead."""
    days, last = a.study.watchlists.dormant_days, a.history["days_since_last"]
    dead = customer_file.dormant(last, a.file.ids, days)
    return Records(
        len(a.file.ids),
        len(dead["never"]),
        len(dead["dormant"]),
        len(last.index.difference(a.file.ids)),
        (a.windows.end - a.windows.start).days > days,
    )


def repairs(a: Run, label: str, problems: pd.DataFrame) -> pd.DataFrame:
    """Return the records to repair, with their ids: for confidential files only."""
    return customer_file.to_repair(problems, value(a), a.tiers[label])


def by_tier(a: Run, label: str) -> pd.DataFrame:
    """Return how many customers of each tier have a record, and one without a fault.

    Returns
    -------
    DataFrame
        ``tier``, ``customers``, ``recorded``, ``whole``; best tier first.
    """
    tier = a.tiers[label]
    recorded = pd.Series(tier.index.isin(a.file.ids), index=tier.index)
    whole = recorded & ~tier.index.isin(a.file.problems["customer_id"])
    frame = pd.DataFrame({"tier": tier, "recorded": recorded, "whole": whole})
    found = frame.groupby("tier", observed=False).agg(
        customers=("whole", "size"), recorded=("recorded", "sum"), whole=("whole", "sum")
    )
    return found.reset_index()


def doubles(a: Run) -> pd.DataFrame:
    """Return pairs of records by how sure they are: ``sure``, ``pairs``, ``value``.

    ``value`` is what the records of the pairs brought before the cut.
    """
    worth, rows = value(a), []
    for sure in pairs.SURENESS:
        of = a.file.pairs[a.file.pairs["sure"] == sure]
        ids = pd.Index(of["one"]).union(of["other"])
        rows.append((sure, len(of), float(worth.reindex(ids).sum())))
    return pd.DataFrame(rows, columns=["sure", "pairs", "value"])


def merged(a: Run, label: str) -> pd.DataFrame:
    """Return what records of one customer would be together; names customers.

    Only certain and likely pairs count, and only those of which somebody bought before the
    cut.

    Returns
    -------
    DataFrame
        ``records`` (ids, joined by ", "), ``buying`` (records with a purchase), ``value``
        (of all), ``largest`` (of the largest record), ``before`` (best tier of one of
        them), ``together`` (tier of their sum) and ``higher``; most money first.
    """
    number = pairs.groups(a.file.pairs)
    columns = ["records", "buying", "value", "largest", "before", "together", "higher"]
    bought = a.customers[a.customers.index.isin(number.index)].copy()
    if bought.empty:
        return pd.DataFrame(columns=columns)
    bought = bought.sort_values("monetary_total", ascending=False, kind="stable")
    group = number.reindex(bought.index)
    rules = {name: ADD_UP.get(name, _first) for name in bought}
    together = (
        bought.groupby(group.to_numpy())
        .agg(rules)
        .astype({name: bought[name].dtype for name in bought if name in ADD_UP})
    )
    if {"monetary_mean", "monetary_total", "order_days"} <= {*together}:
        together["monetary_mean"] = together["monetary_total"] / together["order_days"]
    tiers = a.methods[label].predict(together.rename_axis("customer_id"))
    place = a.tiers[label].cat.codes.reindex(bought.index)
    by_group = pd.DataFrame(
        {
            "group": group.to_numpy(),
            "place": place.to_numpy(),
            "value": bought["monetary_total"].to_numpy(),
        }
    ).groupby("group")
    ids = pd.Series(number.index, index=number.to_numpy()).groupby(level=0).agg(", ".join)
    best = by_group["place"].min()
    found = pd.DataFrame({
        "records": ids.reindex(best.index), "buying": by_group.size(),
        "value": by_group["value"].sum(), "largest": by_group["value"].max(),
        "before": a.tiers[label].cat.categories.to_numpy(dtype=object)[best.to_numpy()],
        "together": tiers.astype(object), "higher": tiers.cat.codes < best,
    })  # fmt: skip
    return found.sort_values("value", ascending=False).reset_index(drop=True)[columns]


def _first(column: pd.Series) -> object:
    return column.iloc[0]
