"""Does effort follow value? Contacts as planned and as made, and hours against what came in."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
from scipy.stats import rankdata

from segment.action.service import contacts as planned_contacts
from segment.evidence.intervals import NORMAL
from segment.evidence.small_groups import FEWEST
from segment.features.windows import DAYS_OF_MONTH, YEAR
from segment.study.service import Service

# The attribute of the customers table that says how long the team spends on each.
HOURS = "contact_hours"


def lately(contacts: pd.DataFrame, end: dt.date) -> tuple[pd.DataFrame, float]:
    """Return the contacts of the last year before a day, and over how many months they reach."""
    start = max(contacts["date"].min(), pd.Timestamp(end - YEAR))
    months = (pd.Timestamp(end) - start).days / DAYS_OF_MONTH
    return contacts[contacts["date"] >= start], max(months, 1 / DAYS_OF_MONTH)


def hours(contacts: pd.DataFrame, service: Service) -> pd.Series:
    """Return the hours of each contact: its own, else the plan's, else their mean, else 1."""
    pairs = [*zip(contacts["role"], contacts["kind"], strict=True)]
    each = {pair: service.hours_of(*pair) for pair in set(pairs)}
    usual = pd.Series([each[pair] for pair in pairs], contacts.index, dtype="float64")
    known = contacts["hours"].fillna(usual)
    mean = known.mean()
    return known.fillna(1.0 if math.isnan(mean) else mean)


def keys(contacts: pd.DataFrame) -> list[str]:
    """Return what the table says of a contact: who, of which kind, both or neither."""
    return [name for name in ("role", "kind") if contacts[name].notna().any()]


def wanted(levels: pd.DataFrame, service: Service, by: list[str]) -> pd.DataFrame:
    """Return what the plan asks for each customer: ``customer_id``, ``by``, ``low``, ``mid``.

    ``levels``, by customer: ``level`` (position) and ``part`` (of its contacts that the customer
    wants); contacts are a month's.
    """
    plan = planned_contacts(service).query("mid > 0")
    plan = plan.groupby(["level", *by], as_index=False)[["low", "mid"]].sum()
    asked = levels.rename_axis("customer_id").reset_index().merge(plan, on="level")
    asked[["low", "mid"]] = asked[["low", "mid"]].mul(asked["part"], axis=0)
    return asked[asked["mid"] > 0].drop(columns=["level", "part"])


def against_plan(
    contacts: pd.DataFrame, levels: pd.DataFrame, tiers: pd.Series, service: Service, end: dt.date
) -> pd.DataFrame:
    """Return contacts a month as planned and as made, by tier and what the table says.

    ``tier`` (best first), ``role`` and ``kind`` (where known), ``contacts_planned``,
    ``contacts_made``, ``contacts_done`` (made over planned; missing where none is planned).
    """
    by = keys(contacts)
    recent, months = lately(contacts, end)
    plan, made = (
        rows.assign(tier=rows["customer_id"].map(tiers.astype(object))).groupby(["tier", *by])
        for rows in (wanted(levels, service, by), recent)
    )
    table = pd.DataFrame(
        {"contacts_planned": plan["mid"].sum(), "contacts_made": made.size() / months}
    )
    table = table.fillna(0.0).reset_index()
    table["tier"] = pd.Categorical(table["tier"], tiers.cat.categories, ordered=True)
    return table.sort_values(["tier", *by], ignore_index=True)


def overdue(
    contacts: pd.DataFrame, levels: pd.DataFrame, service: Service, end: dt.date
) -> pd.DataFrame:
    """Return whose contacts are overdue: longer ago than the plan's longest gap.

    ``customer_id``, ``role`` and ``kind`` (where the table says them), ``last`` (day; missing where
    it never took place), ``days`` since, or since the table begins, and ``due`` (days of the gap).
    """
    by = keys(contacts)
    asked = wanted(levels, service, by)
    last = contacts.groupby(["customer_id", *by])["date"].max().rename("last")
    asked = asked.join(last, on=["customer_id", *by])
    since = asked["last"].fillna(contacts["date"].min())
    asked["days"] = (pd.Timestamp(end) - since).dt.days
    asked["due"] = DAYS_OF_MONTH / asked["low"].where(asked["low"] > 0, asked["mid"])
    late = asked[asked["days"] > asked["due"]].drop(columns=["low", "mid"])
    return late.sort_values("days", ascending=False, kind="stable", ignore_index=True)


def rank_correlation(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Return Spearman's rank correlation and its 95 % interval (Bonett and Wright 2000).

    Missing where one of the two is the same for everybody, or of fewer than five customers.
    """
    n = len(one)
    if n < FEWEST or one.nunique() < 2 or other.nunique() < 2:
        return (math.nan,) * 3
    r = float(pd.Series(rankdata(one)).corr(pd.Series(rankdata(other))))
    reach = NORMAL * math.sqrt((1 + r**2 / 2) / (n - 3))
    middle = math.atanh(max(-0.999999, min(0.999999, r)))
    return r, math.tanh(middle - reach), math.tanh(middle + reach)
