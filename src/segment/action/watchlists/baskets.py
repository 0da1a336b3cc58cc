"""What customers buy besides: products, or else categories, bought by the same customers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from segment.features.windows import Window
from segment.reading.sources import stays

# Pairs grow with the square: beyond the most bought items only customers' own are kept.
MOST_ITEMS = 300
# One or two items: with more, a customer is no longer waiting for the second offer.
NARROW = 2
# An offer must go with what a customer has: below a tenth more than chance, nothing ties the two.
LEAST_LIFT = 1.1


@dataclass(frozen=True)
class Baskets:
    """What is bought by the same customers, and who buys one or two of the ``items`` only.

    ``role`` is "category" or "product". ``pairs``: ``item``, ``other``, ``customers`` and
    ``others`` (who bought the one, the other), ``both``, ``lift``: how many times as many customers
    bought both as would if the one said nothing of the other. ``narrow``, by customer: ``items`` (1
    or 2), ``first``, ``second`` (the same where there is one).
    """

    role: str
    items: int
    pairs: pd.DataFrame
    narrow: pd.DataFrame


def bought_together(transactions: ibis.Table, window: Window, folder: Path) -> Baskets | None:
    """Count what is bought by the same customers in a window; None if the data have no items.

    Items are products, else categories; returns do not count. ``folder`` is a working folder.
    """
    role = next((r for r in ("product", "category") if r in transactions.columns), None)
    if role is None:
        return None
    start, end = (ibis.literal(day) for day in window)
    inside = (transactions.date >= start) & (transactions.date < end)
    used = transactions.filter(inside & (transactions.amount >= 0) & transactions[role].notnull())
    # Read several times below, from one pass over the rows.
    file = folder / "bought.parquet"
    used.select("customer_id", item=used[role]).distinct().to_parquet(file)
    bought = transactions.get_backend().read_parquet(file)
    sizes = bought.group_by("item").agg(customers=bought.count()).to_pandas()
    sizes = sizes.sort_values(["customers", "item"], ascending=[False, True], ignore_index=True)
    own = bought.group_by("customer_id").agg(
        items=bought.count(), first=bought.item.min(), second=bought.item.max()
    )
    several = bought.semi_join(own.filter(own["items"] > 1), "customer_id")
    top = sizes["item"].head(MOST_ITEMS)
    kept = several.filter(several.item.isin(top.tolist()))
    counted = sizes.set_index("item")["customers"]
    narrow = own.filter(own["items"] <= NARROW).to_pandas()
    narrow["customer_id"] = narrow["customer_id"].astype(str)
    narrow = narrow.astype({"first": "category", "second": "category"})
    buyers = int(own.count().to_pandas())
    both = _joined(kept) if stays(kept.get_backend()) else both_bought(kept.to_pandas())
    pairs = lifts(both, counted, buyers)
    return Baskets(role, len(counted), pairs, narrow.set_index("customer_id").sort_index())


def both_bought(bought: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers bought both of two items: ``item``, ``other``, ``both``.

    A product of sparse matrices: joining the rows with themselves takes four times as long.
    """
    rows, customers = pd.factorize(bought["customer_id"])
    columns, items = pd.factorize(bought["item"])
    shape = len(customers), len(items)
    had = csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
    pairs = (had.T @ had).tocoo()
    apart = pairs.row != pairs.col
    item, other = items[pairs.row[apart]], items[pairs.col[apart]]
    return pd.DataFrame({"item": item, "other": other, "both": pairs.data[apart]})


def _joined(bought: ibis.Table) -> pd.DataFrame:
    """Return what ``both_bought`` does of rows that stay where they are."""
    rows = bought.join(bought.view(), "customer_id", rname="other_{name}")
    rows = rows.rename(other="other_item").filter(lambda pair: pair.item != pair.other)
    counted = rows.group_by("item", "other").agg(both=rows.count().cast("int32"))
    return counted.to_pandas()


def lifts(pairs: pd.DataFrame, customers: pd.Series, buyers: int) -> pd.DataFrame:
    """Return pairs with ``customers`` (of the item), ``others`` (of the other) and ``lift``."""
    lifts = pairs.assign(
        customers=pairs["item"].map(customers), others=pairs["other"].map(customers)
    )
    lifts["lift"] = lifts["both"] * buyers / (lifts["customers"] * lifts["others"])
    return lifts.sort_values(["item", "other"], ignore_index=True)


def likeliest(lifts: Baskets, least: int) -> pd.DataFrame:
    """Return the item each narrow customer is likeliest to want next, where there is one.

    The one of highest lift with one of its own; only lifts from ``LEAST_LIFT`` on that at least
    ``least`` customers stand behind. By customer: ``items``, ``own``, ``next``, ``lift``, ``both``,
    and ``share`` (of the buyers of ``own``, who also buy ``next``).
    """
    pairs = lifts.pairs[(lifts.pairs["both"] >= least) & (lifts.pairs["lift"] >= LEAST_LIFT)]
    order = ["lift", "both", "other"]
    pairs = pairs.sort_values(order, ascending=[False, False, True])
    # A customer has at most one of the others already, so two candidates are enough.
    pairs = pairs.groupby("item", sort=False).head(NARROW)
    people = lifts.narrow.astype({"first": object, "second": object})
    kinds = people[["first", "second"]].drop_duplicates()
    ways = pd.concat([kinds.assign(item=kinds[side]) for side in ("first", "second")])
    ways = ways.drop_duplicates().merge(pairs, on="item")
    ways = ways[(ways["other"] != ways["first"]) & (ways["other"] != ways["second"])]
    best = ways.sort_values(order, ascending=[False, False, True])
    best = best.drop_duplicates(["first", "second"])
    joined = people.reset_index().merge(best, on=["first", "second"]).set_index("customer_id")
    joined["share"] = joined["both"] / joined["customers"]
    columns = ["items", "own", "next", "lift", "both", "share"]
    return joined.rename(columns={"item": "own", "other": "next"})[columns].sort_index()
