"""Whom it is worth contacting at all: contacts per buyer from the best tier down."""

from __future__ import annotations

import numpy as np
import pandas as pd


def reach(
    sizes: pd.Series, buyers: pd.Series, value: pd.Series, contact: float, planned: pd.Series
) -> pd.DataFrame:
    """Return what contacting tier after tier reaches, the best first.

    Parameters
    ----------
    sizes, buyers, value : Series
        By tier: customers, how many of them bought in the holdout, what they brought.
    contact : float
        Hours of one contact with one customer.
    planned : Series
        By tier: hours that the service plan spends over the holdout.

    Returns
    -------
    DataFrame
        Indexed by tier, without those that hold nobody: ``customers``, ``buyers``,
        ``active`` (share that bought), ``per_buyer`` (contacts per buyer; infinite if
        nobody bought), ``hours`` (of one contact each), ``value_hour`` (value per hour
        of one contact each), ``planned_hour`` (value per planned hour; missing if none
        is planned); ``hours_so_far``, ``customers_so_far`` and ``buyers_so_far`` run
        from the best tier down.
    """
    found = pd.DataFrame({"customers": sizes, "buyers": buyers, "value": value})
    found["planned"] = planned
    found = found[found["customers"] > 0].rename_axis("tier")
    found["hours"] = contact * found["customers"]
    with np.errstate(divide="ignore", invalid="ignore"):
        found["active"] = found["buyers"] / found["customers"]
        found["per_buyer"] = found["customers"].to_numpy() / found["buyers"].to_numpy()
        found["value_hour"] = found["value"].to_numpy() / found["hours"].to_numpy()
        by_plan = found["value"].to_numpy() / found["planned"].to_numpy()
    found["planned_hour"] = np.where(found["planned"] > 0, by_plan, np.nan)
    for name in ("hours", "customers", "buyers"):
        found[f"{name}_so_far"] = found[name].cumsum()
    return found


def worth_contacting(found: pd.DataFrame) -> list[str]:
    """Return the tiers, from the best down, that buy more often than all customers do.

    Ends at the first tier that does not: a tier further down cannot be reached in order.
    """
    if found["buyers"].sum() == 0:
        return []
    overall = found["buyers"].sum() / found["customers"].sum()
    above = (found["active"] > overall).to_numpy()
    return list(found.index[: int(np.argmin(above)) if not above.all() else len(above)])
