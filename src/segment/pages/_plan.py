"""The service plan of today's customers as frames: what several pages and the workbook show."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segment.action import capacity, service
from segment.features.windows import DAYS_OF_MONTH, DAYS_OF_YEAR, NOW
from segment.language import N_tier, _, tier_name
from segment.pages._words import held_back
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import count, listed

# The row of customers who bought once and have no tier on the newest day.
LAPSED = N_tier("no purchase lately")
# The attribute of the customers table that says how many contacts a year each likes.
WISHED = "contacts_wished"


def months(scheme: Scheme) -> float:
    """Return the length of the holdout in months."""
    return scheme.windows.holdout_days / DAYS_OF_MONTH


def margin_rate(scheme: Scheme) -> float:
    """Return what turns holdout value into margin: 1 where it is one; NaN if not known."""
    if scheme.study.untested:  # of the past, and nobody knows of how long a time
        return math.nan
    rate = 1.0 if scheme.by_margin else scheme.study.costs.margin_rate
    return math.nan if rate is None else rate


@once
def tiers(scheme: Scheme) -> pd.DataFrame:
    """Return today's customers by tier, and what as many of the tier at the cut brought.

    Indexed by tier, best first, also those that hold nobody, last the customers without a
    purchase lately: ``customers``, ``level`` (wished, a position in ``Service.every``),
    ``at_cut`` (customers then), ``bought`` (share of them who bought in the holdout), ``mean``
    (value of one of them there); ``buyers``, ``value`` and ``margin`` (missing if not known) of as
    many customers as there are today. Where nobody stood in a tier at the cut, nothing is counted.
    """
    names, policy = list(scheme.method.tiers_), scheme.study.service
    at_cut = pd.DataFrame({"bought": scheme.outcome["active"], "mean": scheme.net, "at_cut": 1})
    table = at_cut.groupby(scheme.method.labels_.astype(object)).agg(
        {"at_cut": "size", "bought": "mean", "mean": "mean"}
    )
    table = table.reindex(pd.Index([*names, LAPSED], name="tier")).fillna(0.0)
    today = scheme.newest_tiers.astype(object).value_counts()
    today[LAPSED] = scheme.lapsed
    levels = service.levels_of(policy, names, policy.tiers.get(scheme.label))
    levels[LAPSED] = len(policy.every) - 1
    table.insert(0, "customers", today.reindex(table.index, fill_value=0).astype("int64"))
    table.insert(1, "level", pd.Series(levels))
    table["buyers"] = table["bought"] * table["customers"]
    table["value"] = table["mean"] * table["customers"]
    table["margin"] = table["value"] * margin_rate(scheme)
    return table if scheme.lapsed else table.drop(index=LAPSED)


@once
def benefits(scheme: Scheme) -> pd.DataFrame:
    """Return what points, gifts and discounts cost a customer and year: ``service.benefits``.

    By tier of today's customers, from what each spent in the newest window; nothing of what few
    customers spend.
    """
    spent = scheme.newest["monetary_total"].groupby(scheme.newest_tiers.astype(object)).mean()
    year = DAYS_OF_YEAR / scheme.windows.calibration_days
    spent = (year * spent).reindex(tiers(scheme).index).fillna(0.0).mask(few(scheme), 0.0)
    return service.benefits(scheme.study.service, spent)


@once
def given(scheme: Scheme) -> pd.Series:
    """Return what the benefits of each row of ``groups`` cost a customer and year, to the cent."""
    each, rows = benefits(scheme), groups(scheme)
    return pd.Series(
        [each.loc[t, n] for t, n in zip(rows["tier"], rows["level"], strict=True)]
    ).round(2)


def few(scheme: Scheme) -> pd.Series:
    """Return of which tiers no money is told: of few customers, today or at the cut."""
    known = tiers(scheme)
    return held_back(scheme.study, known["customers"]) | held_back(scheme.study, known["at_cut"])


def team(scheme: Scheme) -> pd.DataFrame:
    """Return people, hours and costs by role; no row if the study lists no team."""
    return capacity.available(scheme.study.team)


def why_no_plan(scheme: Scheme) -> str:
    """Say why contacts are not planned; empty if they are."""
    people, windows = team(scheme), scheme.windows
    if scheme.newest_tiers.notna().sum() == 0:
        return _(
            "**Nobody has a tier today:** no customer bought between {first} and {last}, so there "
            "is nobody to plan for.",
            first=windows.named[NOW][0],
            last=windows.newest_day,
        )
    if not scheme.study.has_plan:
        return _(
            "Contacts, hours and costs are not planned: the study names neither `service` nor "
            "`team`."
        )
    if len(people) and people["available"].sum() == 0:
        return _("Contacts are not planned: the team has no hours for customers.")
    return ""


@once
def wished(scheme: Scheme) -> pd.DataFrame:
    """Return the plan as the study wishes it: ``tier``, ``level``, ``customers``."""
    return tiers(scheme).reset_index()[["tier", "level", "customers"]]


@once
def groups(scheme: Scheme) -> pd.DataFrame:
    """Return the plan that can be done: as wished, as far as hours and margins allow.

    ``tier``, ``level``, ``customers``: more than one row where only the first of a tier get a
    level. As wished where not even the floor that the study sets fits.
    """
    policy, wish, people = scheme.study.service, wished(scheme), team(scheme)
    own = wish["tier"] != LAPSED
    effort, rates = service.effort(policy), people["cost"].reindex(policy.roles)
    lapsed = np.bincount(wish["level"][~own], wish["customers"][~own], len(effort)) @ effort
    hours = people["available"] - lapsed.reindex(people.index, fill_value=0.0)
    lowest = len(policy.levels) if policy.floor is None else service.floor_of(policy)
    cost = (effort * rates).sum(axis=1).to_numpy() + benefits(scheme).loc[wish["tier"][own]] / 12
    cost = months(scheme) * cost.to_numpy()[:, : lowest + 1]
    margin = tiers(scheme)["mean"] * margin_rate(scheme)
    pays = ~(cost > margin[wish["tier"][own]].to_numpy()[:, None])
    pays[cost == 0] = pays[:, lowest] = True
    found = capacity.feasible(
        wish[own],
        tiers(scheme)["mean"][wish["tier"][own]],
        pays,
        effort,
        hours,
        service.weights(policy),
    )
    return wish if found is None else pd.concat([found, wish[~own]], ignore_index=True)


def levels(run: Run, scheme: Scheme, tiers: pd.Series) -> pd.Series:
    """Return the position of each customer's level in the plan that can be done.

    ``tiers`` are those of today, by customer, as names; ``LAPSED`` without one.
    """
    past = run.outcome["net"] if run.study.untested else run.today["monetary_total"]
    return service.level_of(groups(scheme), tiers, past.reindex(tiers.index))


@once
def served(scheme: Scheme) -> pd.DataFrame:
    """Return by customer of today the ``level`` of the plan that can be done, and the ``part``.

    That is which part of its contacts the customer wants, 1 at most, by ``contacts_wished`` (a
    year) of the customers table.
    """
    tiers, wished = scheme.newest_tiers.dropna().astype(object), scheme.newest.get(WISHED)
    level = service.level_of(groups(scheme), tiers, scheme.newest["monetary_total"][tiers.index])
    table = pd.DataFrame({"level": level, "part": 1.0})
    if pd.api.types.is_numeric_dtype(wished):
        often = service.contacts(scheme.study.service).groupby("level")["mid"].sum() * 12
        part = wished.clip(lower=0) / level.map(often)
        table["part"] = part.reindex(table.index).clip(upper=1).fillna(1.0)
    return table


def changed(scheme: Scheme) -> bool:
    """Return whether the plan that can be done is another than the wished one."""
    return not groups(scheme).equals(wished(scheme))


@once
def contacts(scheme: Scheme) -> pd.DataFrame:
    """Return who is in touch with each group how often: ``segment.action.service.plan``."""
    return service.plan(scheme.study.service, groups(scheme))


@once
def loads(scheme: Scheme) -> pd.DataFrame:
    """Return the hours a month that each role of the plan, or of the wished one, needs and has.

    Indexed by role: ``needed`` with ``_low`` and ``_high`` (for ranges such as 2-3 a month),
    ``wished`` (hours of the wished plan), ``available`` (hours; missing for a role that the team
    lacks), ``load`` (share of them that is needed; infinite where there are none), ``short`` (they
    do not suffice), ``missing_people`` (for the wished plan).
    """
    wish = capacity.load(service.plan(scheme.study.service, wished(scheme)), team(scheme))
    names = {"low": "needed_low", "mid": "needed", "high": "needed_high"}
    table = capacity.load(contacts(scheme), team(scheme)).reindex(wish.index)[[*names, "load"]]
    table = table.fillna(0.0).rename(columns=names)
    table["load"] = table["load"].mask(wish["available"].isna())
    table = table.assign(
        wished=wish["mid"],
        available=wish["available"],
        short=table["needed"] > wish["available"] * (1 + capacity.SLACK),
        missing_people=wish["missing"],
    )
    columns = ["needed", "needed_low", "needed_high", "wished", "available", "load", "short"]
    return table[[*columns, "missing_people"]]


def guess(scheme: Scheme) -> str:
    """Return what follows a figure that rests on assumed hours and costs; else nothing."""
    return _(" (assumed)") if scheme.study.costs.assumed else ""


@once
def costs(scheme: Scheme) -> pd.DataFrame:
    """Return what the service of each tier costs and must bring: ``capacity.costs``.

    ``response`` is infinite where more than all customers of a tier would have to buy.
    ``benefits``: of points and gifts alone, a month; ``must_keep``: how many customers a year, in
    whose place nobody is won, the service must keep to pay (missing without ``acquisition``).
    """
    table, rows = tiers(scheme), groups(scheme)
    benefits = (rows["customers"] * given(scheme) / 12).groupby(rows["tier"]).sum()
    benefits = benefits.reindex(table.index).fillna(0.0)
    table = capacity.costs(
        contacts(scheme),
        team(scheme),
        table["customers"],
        table["margin"],
        table["buyers"],
        months(scheme),
        benefits,
    )
    table["benefits"] = benefits
    table["must_keep"] = table["cost_year"] / (scheme.study.costs.acquisition or math.nan)
    table["response"] = table["response"].mask(table["response"] > 1, np.inf)
    return table


def named(labels: pd.Index) -> str:
    """Return the names of tiers in italics: ``"*B* and *C*"``."""
    return listed([f"*{tier_name(tier)}*" for tier in labels])


def in_hours(number: float, digits: int = 1) -> str:
    """Return hours in words; decimals only below ten."""
    whole = number >= 9.95 or number == round(number)
    return count(round(number) if whole else round(float(number), digits), "hour")
