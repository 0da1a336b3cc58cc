"""Where every customer stands at the end of the data, from the windows of a study."""

from __future__ import annotations

from typing import Any

import pandas as pd

from segment import tiering
from segment.action.watchlists import baskets, lists
from segment.evidence import stability
from segment.features import customers as features
from segment.features.windows import NOW

# Raised together to see who is close below a limit.
MONEY = ("monetary_total", "monetary_mean", "monetary_repeat_mean", "monetary_year",
         "margin_total", "balance_month_mean")  # fmt: skip


def newest_tiers(method: tiering.Tiering, customers: pd.DataFrame) -> pd.Series:
    """Return tiers by the fitted limits; missing where a customer lacks what the method reads.

    At the cut everybody has it, or the method would not have been fitted; a customer
    who came later may not.
    """
    gaps = getattr(method, "gaps", ())
    read = [c for c in getattr(method, "read_", ()) if c in customers and c not in gaps]
    whole = customers[read].notna().all(axis=1)
    return method.predict(customers[whole]).reindex(customers.index)


def standing(a: Any, label: str) -> pd.DataFrame:
    """Return one row per customer of the data, as of the newest day.

    Parameters
    ----------
    a : Run
    label : str
        The method whose tiers count.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``. ``year`` (amount of the last 365 days), ``total``,
        ``order_days``, ``days_since_first``, ``days_since_last``: from the start of the
        study to its newest day. ``before``, ``now``: amounts of the calibration and of the
        newest window, which are equally long; missing without a purchase there.
        ``tier_before``, ``tier``, ``raised``: places among the method's tiers, 0 best, -1
        for none; by the limits learned before the cut. ``keep``: chance to keep the tier
        of the cut. ``complaints``, ``satisfaction`` where the customers table has them.
    """
    found = _history(a)
    now, method = a.snapshot(NOW), a.methods[label]
    raised = now.assign(**{c: now[c] * (1 + a.study.watchlists.near) for c in MONEY if c in now})
    found["before"] = a.customers["monetary_total"]
    found["now"] = now["monetary_total"]
    places = {
        "tier_before": a.tiers[label],
        "tier": newest_tiers(method, now),
        "raised": newest_tiers(method, raised),
    }
    for name, tiers in places.items():
        found[name] = tiers.cat.codes.reindex(found.index, fill_value=-1).astype(int)
    found["keep"] = chance(a, label)
    if a.attributes is not None:
        known = [n for n in ("complaints", "satisfaction") if n in a.attributes]
        numbers = [n for n in known if pd.api.types.is_numeric_dtype(a.attributes[n])]
        found = found.join(a.attributes[numbers])
    return found


def chance(a: Any, label: str) -> pd.Series:
    """Return each customer's chance to keep the tier of the cut under one method."""
    if "stability" in vars(a):
        return a.stability.keep[label]
    _, keep = stability.resampled(
        {label: a.methods[label]}, a.customers,
        replicates=a.study.backtest.replicates, seed=a.study.backtest.seed,
    )  # fmt: skip
    return keep[label]


def _history(a: Any) -> pd.DataFrame:
    """Return what customers did from the start of the study to the newest day.

    Calibration and holdout are the whole of it and share no day, so that no window of
    its own is needed.
    """
    wide = a.wide.set_index("customer_id")
    parts = {name: features.of_window(wide, name) for name in ("calibration", "holdout")}
    early, late = parts["calibration"], parts["holdout"]
    newest = a.windows.named[NOW][1]
    to_newest, beyond = (newest - a.windows.cut).days, (a.windows.end - newest).days
    found = pd.DataFrame(
        {
            "year": features.of_window(wide, NOW)["monetary_year"],
            "total": sum(part["monetary_total"].fillna(0.0) for part in parts.values()),
            "order_days": sum(part["order_days"].fillna(0) for part in parts.values()),
            "days_since_last": (late["days_since_last"] - beyond).fillna(
                early["days_since_last"] + to_newest
            ),
            "days_since_first": (early["days_since_first"] + to_newest).fillna(
                late["days_since_first"] - beyond
            ),
        }
    )
    bought = found[found["order_days"] > 0].sort_index()
    whole = ["order_days", "days_since_last", "days_since_first"]
    return bought.astype(dict.fromkeys(whole, "int64"))


def make(a: Any, label: str) -> dict[str, lists.WatchList]:
    """Return all watch-lists by name, as of the newest day of the data.

    Parameters
    ----------
    a : Run
    label : str
        The method whose tiers count.
    """
    ask, found = a.study.watchlists, standing(a, label)
    days = (a.windows.named[NOW][1] - a.windows.named[NOW][0]).days
    history = (a.windows.end - a.windows.start).days
    bought = a.baskets
    next_items = None if bought is None else baskets.likeliest(bought, ask.both_least)
    made = (
        lists.silent(found, ask, a.study.backtest.hiatus_days),
        lists.complaints(found, ask),
        lists.falling(found, ask, days),
        lists.rising(found, ask, days),
        lists.narrow(found, ask, next_items, bought.items if bought else 0),
        lists.dormant(found, ask, history),
        lists.borderline(found, ask),
    )
    return {one.name: one for one in made}
