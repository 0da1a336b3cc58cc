"""Where every customer stands on the newest day of the data, from the windows of a study."""

from __future__ import annotations

import pandas as pd

from segment.features import customers as features
from segment.features import ids
from segment.features.kept import Kept
from segment.features.recent import RECENT
from segment.features.windows import CALIBRATION, HOLDOUT, NOW
from segment.tiering import Tiering
from segment.tiering.base import readable

# Raised together to see who is close below a limit.
MONEY = [
    *("monetary_total", "monetary_mean", "monetary_repeat_mean", "monetary_year"),
    *("margin_total", "balance_month_mean"),
]
MOOD = ["complaints", "satisfaction"]
# What else lists tell of a customer: why it complained, what it spends a year here and elsewhere.
TOLD = ["complaint_cause", "wallet"]


def newest_tiers(method: Tiering, customers: pd.DataFrame) -> pd.Series:
    """Return tiers by the fitted limits; missing where a customer lacks what the method reads.

    At the cut everybody has it, or the method would not have been fitted; a customer
    who came later may not.
    """
    return ids.of(method.predict(readable(method, customers)), customers.index)


def history(wide: pd.DataFrame | Kept, holdout_days: int) -> pd.DataFrame:
    """Return what everybody who ever bought did, from the start of the study to the newest day.

    Calibration and holdout are the whole of it and share no day, so that no window of its own
    is needed. By customer: ``year`` (amount of the last 365 days), ``total``, ``order_days``,
    ``days_since_last``, ``days_since_first``.
    """
    figures = "monetary_total", "order_days", "days_since_last", "days_since_first"
    early, late = (features.of_window(wide, name, figures) for name in (CALIBRATION, HOLDOUT))
    last = late["days_since_last"].fillna(early["days_since_last"] + holdout_days)
    first = (early["days_since_first"] + holdout_days).fillna(late["days_since_first"])
    whole = pd.DataFrame(
        {
            "year": features.of_window(wide, NOW, ["monetary_year"])["monetary_year"],
            "total": early["monetary_total"].add(late["monetary_total"], fill_value=0.0),
            "order_days": early["order_days"].add(late["order_days"], fill_value=0),
            "days_since_last": last,
            "days_since_first": first,
        }
    )
    days = ["order_days", "days_since_last", "days_since_first"]
    return whole[whole["order_days"].to_numpy() > 0].astype(dict.fromkeys(days, "int64"))


def standing(
    history: pd.DataFrame,
    customers: pd.DataFrame,
    now: pd.DataFrame,
    method: Tiering,
    keep: pd.Series,
    near: float,
    attributes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per customer of the data, as of the newest day, by the tiers of one method.

    ``history`` with ``before``, ``now``: amounts of the calibration and of the newest window,
    which are equally long; missing without a purchase there. ``tier_before``, ``tier``,
    ``raised`` (with all money raised by the share ``near``): places among the method's tiers, 0
    best, -1 for none. ``keep``: how sure today's tier is, of resamples. ``complaints``,
    ``satisfaction`` and ``TOLD`` where the customers table has them.
    """
    money = [name for name in now if name in MONEY or RECENT.fullmatch(name)]
    raised = now.assign(**{name: now[name] * (1 + near) for name in money})
    places = {
        "tier_before": method.predict(customers),
        "tier": newest_tiers(method, now),
        "raised": newest_tiers(method, raised),
    }
    today = history.assign(
        before=ids.of(customers["monetary_total"], history.index),
        now=ids.of(now["monetary_total"], history.index),
        keep=ids.of(keep, history.index),
        **{
            name: ids.of(tiers, history.index).cat.codes.astype(int)
            for name, tiers in places.items()
        },
    )
    if attributes is None:
        return today
    known = attributes.filter(MOOD).select_dtypes(["number", "bool"])
    return today.join(known).join(attributes.filter(TOLD))
