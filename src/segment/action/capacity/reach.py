"""Whom it is worth contacting at all: contacts per buyer from the best tier down."""

from __future__ import annotations

import pandas as pd


def reach(sizes: pd.Series, buyers: pd.Series, contact: float) -> pd.DataFrame:
    """Return what one contact with everybody, tier after tier, the best first, would reach.

    ``contact`` is the hours of one.

    By tier, without those that hold nobody: ``customers``, ``buyers``, ``active`` (share that
    bought), ``per_buyer`` (contacts per buyer; infinite if nobody bought); ``hours_so_far``,
    ``customers_so_far`` and ``buyers_so_far`` run from the best tier down.
    """
    tiers = pd.DataFrame({"customers": sizes, "buyers": buyers})
    tiers = tiers[tiers["customers"] > 0].rename_axis("tier").astype("float64")
    tiers["active"] = tiers["buyers"] / tiers["customers"]
    tiers["per_buyer"] = tiers["customers"] / tiers["buyers"]
    so_far = tiers.assign(hours=contact * tiers["customers"])[["hours", "customers", "buyers"]]
    tiers = tiers.join(so_far.cumsum().add_suffix("_so_far"))
    return tiers.astype({"customers": "int64", "customers_so_far": "int64"})


def worth_contacting(tiers: pd.DataFrame) -> list[str]:
    """Return the best tiers that together hold most buyers beyond their share of all customers.

    None if no group of the best tiers buys more often than all customers do.
    """
    overall = tiers["buyers"].sum() / tiers["customers"].sum()
    beyond = (tiers["buyers"] - overall * tiers["customers"]).cumsum().round(6)
    return list(tiers.index[: int(beyond.argmax()) + 1]) if beyond.max() > 0 else []
