"""How concentrated is the business, and do ABC classes find tomorrow's customers?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.features.names import column_name
from segment.language import N_, _, tier_name
from segment.pages._figure import thinned
from segment.pages._words import best, bold, few_number, gain
from segment.run.scheme import Scheme, once
from segment.words import count, percent

MEASURES = {"monetary_total": N_("amount"), "margin_total": N_("margin")}


@once
def curve(scheme: Scheme) -> pd.DataFrame:
    """Return the ABC curve before the cut, and after it with the customers in the same order.

    ``period`` (what is summed, in words), ``customer_share`` and ``contribution``: shares from
    0 to 1, counted from the customer with the largest past figure. Customers with the same
    past figure are one step, and a point stands for at least five customers.
    """
    past, later = _cumulative(scheme)
    shown = thinned(past["customers"])
    periods = {
        _("{measure} before the cut", measure=measure(scheme)): past,
        _("{measure} after the cut", measure=later_measure(scheme)): later,
    }
    parts = [part.iloc[shown].assign(period=period) for period, part in periods.items()]
    return pd.concat(parts, ignore_index=True)[["period", "customer_share", "contribution"]]


@once
def classes(scheme: Scheme) -> pd.DataFrame:
    """Return the classes that hold customers, and where each ends on the drawn curve.

    ``scheme``, ``tier``, ``customers``, ``share``, ``sorted_share`` (of what was sorted by),
    ``value_share`` (of all that came in), ``customer_share`` and ``contribution`` (shares of
    this class and those above it).
    """
    held = scheme.held[["tier", "customers", "share", "value_share"]]
    past = scheme.customers[scheme.method.by].clip(lower=0)
    by_tier = past.groupby(scheme.customers["tier"], observed=True).sum()
    before = curve(scheme).query("period == period.iloc[0]")
    ends = held["share"].cumsum()
    return held.assign(
        scheme=scheme.label,
        sorted_share=_shares(by_tier.reindex(held["tier"]).to_numpy()),
        customer_share=ends,
        contribution=np.interp(ends, before["customer_share"], before["contribution"]),
    )


def measure(scheme: Scheme) -> str:
    """Return what a scheme sorts by, in a word or few: amount, margin, purchase days."""
    by = scheme.method.by
    return _(MEASURES[by]) if by in MEASURES else column_name(by)


def later_measure(scheme: Scheme) -> str:
    """Return what customers are judged by after the cut: margin where the data have it."""
    return _(MEASURES["margin_total" if scheme.by_margin else "monetary_total"])


def _cumulative(scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the whole curves before and after the cut; who is below 0 adds nothing."""
    past = scheme.customers[scheme.method.by]
    both = []
    for value in (past.clip(lower=0), scheme.customers["next_value"]):
        steps = value.groupby(past).agg(["size", "sum"]).iloc[::-1]
        reached = np.r_[0, steps["size"].cumsum()]
        part = pd.DataFrame({"customers": reached, "customer_share": reached / len(past)})
        both.append(part.assign(contribution=np.r_[0, _shares(steps["sum"]).cumsum()]))
    return both[0], both[1]


def _shares(amounts: pd.Series | np.ndarray) -> np.ndarray:
    total = np.sum(amounts)
    return np.asarray(amounts) / (total if total > 0 else np.nan)


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    return [bold(concentration(schemes[0])), gain(scheme), loss_makers(scheme)]


def concentration(scheme: Scheme) -> str:
    """Say what the largest fifth brought before the cut and after it, as a title."""
    before, after = (
        np.interp(0.2, part["customer_share"], part["contribution"]) for part in _cumulative(scheme)
    )
    return _(
        "The largest fifth of the customers brought {before} of the past {past} and {after} of "
        "the later {later}",
        before=percent(before),
        past=measure(scheme),
        after=percent(after),
        later=later_measure(scheme),
    )


def loss_makers(scheme: Scheme) -> str:
    """Say how many customers of the best class lose money; empty if none, or not known."""
    known, tier = scheme.customers, scheme.method.tiers_[0]
    if "margin_total" not in known or scheme.method.by == "margin_total":
        return ""
    members = known[known["tier"] == tier]
    losing = int((members["margin_total"] < 0).sum())
    if not losing:
        return ""
    return _(
        "**Look before you reward them:** {losing} of the {customers} in class {tier} of {label} "
        "cost more than they paid.",
        losing=few_number(scheme)(losing),
        customers=count(len(members), "customer"),
        tier=tier_name(tier),
        label=scheme.label,
    )
