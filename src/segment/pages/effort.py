"""Does our effort follow what customers bring?"""

from __future__ import annotations

import math

import pandas as pd

from segment.action import effort
from segment.features.customers import brought
from segment.language import N_, _, tier_name
from segment.pages._plan import served, why_no_plan
from segment.pages._words import by_sign, sentences
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import between, count, decimal, percent

FIRST, LAST = 0.2, 0.5


def known(run: Run) -> bool:
    """Return whether hours with customers are known: a contacts table, or a column of hours."""
    return run.contacts is not None or (
        run.attributes is not None
        and pd.api.types.is_numeric_dtype(run.attributes.get(effort.HOURS))
    )


@once
def customers(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return today's customers with their effort, by customer.

    ``tier``, ``value`` (what each brought in the newest window) and ``effort`` (hours of the last
    year's contacts; those of the customers table where there is no contacts table).
    """
    tiers = scheme.newest_tiers.dropna()
    table = pd.DataFrame({"tier": tiers, "value": brought(scheme.newest).reindex(tiers.index)})
    if run.contacts is None:
        return table.assign(effort=run.attributes[effort.HOURS].reindex(tiers.index).fillna(0.0))
    recent, _months = effort.lately(run.contacts, run.windows.end)
    spent = effort.hours(recent, run.study.service).groupby(recent["customer_id"]).sum()
    return table.assign(effort=spent.reindex(tiers.index).fillna(0.0))


@once
def by_tier(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return effort against value by tier.

    ``tier``, ``customers``, ``value_share``, ``effort`` (hours), ``effort_share``,
    ``value_effort`` (past value per hour), and where contacts are planned ``overdue`` (customers).
    """
    tiers = customers(run, scheme).groupby("tier", observed=True)
    table = tiers.agg(customers=("value", "size"), value=("value", "sum"), effort=("effort", "sum"))
    total = table[["value", "effort"]].sum()
    table["value_share"] = table["value"] / (total["value"] if total["value"] > 0 else math.nan)
    table["effort_share"] = table["effort"] / (total["effort"] or math.nan)
    table["value_effort"] = (table["value"] / table["effort"]).where(table["effort"] > 0)
    late = overdue(run, scheme).drop_duplicates(["tier", "customer_id"])["tier"].value_counts()
    if len(against_plan(run, scheme)):
        table["overdue"] = late.reindex(table.index.astype(str), fill_value=0).to_numpy()
    return table.drop(columns="value").reset_index()


@once
def against_plan(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return contacts as planned and as made; without rows where there is no plan or no table."""
    if run.contacts is None or why_no_plan(scheme):
        return pd.DataFrame()
    tiers, end = customers(run, scheme)["tier"], run.windows.end
    policy = run.study.service
    table = effort.against_plan(run.contacts, served(scheme), tiers, policy, end)
    return table.rename(columns={"kind": "kind_of_contact"})


@once
def overdue(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return whose contacts are overdue: ``segment.action.effort.overdue`` with ``tier``."""
    if run.contacts is None or why_no_plan(scheme):
        return pd.DataFrame(columns=["customer_id", "tier"])
    late = effort.overdue(run.contacts, served(scheme), run.study.service, run.windows.end)
    return late.assign(tier=late["customer_id"].map(customers(run, scheme)["tier"].astype(object)))


@once
def mismatches(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return today's customers by how far their place by hours is from that by value.

    ``customers`` with ``apart``: place by hours less place by value, from -1 (brings most, gets
    least) to 1; the farthest first. It names customers.
    """
    table = customers(run, scheme)
    places = table[["value", "effort"]].rank(pct=True)
    table["apart"] = places["effort"] - places["value"]
    return table.sort_values("apart", key=abs, ascending=False, kind="stable")


def answer(run: Run, scheme: Scheme) -> list[str]:
    """Say whether effort follows value, who gets what part of it, and what is overdue."""
    known = customers(run, scheme)
    if known["effort"].sum() <= 0:
        return [_("**No hours with today's customers are on record**, so nothing is compared.")]
    return [sentences(follows(known), parts(run, known)), contacts_made(run, scheme)]


def follows(known: pd.DataFrame) -> str:
    """Say whether who brings more gets more hours."""
    r, low, high = effort.rank_correlation(known["effort"], known["value"])
    if math.isnan(r):
        return _("**Everybody gets the same hours, whatever they bring.**")
    text = by_sign(
        low,
        high,
        N_("**Effort follows value:** rank correlation {r} ({interval}); 1 is in full."),
        N_(
            "**Effort is upside down:** who brings more gets less, rank correlation {r} "
            "({interval})."
        ),
        N_("**Effort does not follow value:** rank correlation {r} ({interval}); 0 is by chance."),
    )
    return _(text, r=decimal(r), interval=between(low, high))


def parts(run: Run, known: pd.DataFrame) -> str:
    """Say which part of the hours goes to those who bring most, and to those who bring least."""
    place = known["value"].rank(ascending=False, method="first")
    first, last = place <= FIRST * len(known), place > (1 - LAST) * len(known)
    total = known[["value", "effort"]].sum()
    share = {name: percent(known.loc[who, "effort"].sum() / total["effort"])
             for name, who in (("first", first), ("last", last))}  # fmt: skip
    value = known.loc[first, "value"].sum() / total["value"] if total["value"] > 0 else math.nan
    told = _(
        "The fifth who bring most ({value} of it) get {first} of the hours, the half who bring "
        "least {last}.",
        value=percent(value),
        **share,
    )
    file = _("Their names stand in {file}.", file="`confidential/effort.csv`")
    return sentences(told, file)


def contacts_made(run: Run, scheme: Scheme) -> str:
    """Say how many of the planned contacts took place, and how many are overdue."""
    table = against_plan(run, scheme)
    if table.empty:
        return ""
    planned, made = table[["contacts_planned", "contacts_made"]].sum()
    late = overdue(run, scheme)
    return sentences(
        _(
            "Of {planned} contacts a month that the plan asks for, {made} took place.",
            planned=f"{planned:,.0f}",
            made=f"{made:,.0f}",
        ),
        _(
            "Overdue are contacts with {customers}, named in `confidential/overdue-contacts.csv`.",
            customers=count(late["customer_id"].nunique(), "customer"),
        ),
    )


def title(run: Run, scheme: Scheme) -> str:
    """Head the figure by the tier whose part of the hours is farthest from its part of value."""
    table = by_tier(run, scheme).dropna(subset=["value_share", "effort_share"])
    if table.empty:
        return _("Hours and value by tier")
    row = table.loc[(table["effort_share"] - table["value_share"]).abs().idxmax()]
    return _(
        "{tier}: {effort} of the hours for {value} of what came in",
        tier=tier_name(row["tier"]),
        effort=percent(row["effort_share"]),
        value=percent(row["value_share"]),
    )
