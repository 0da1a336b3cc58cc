"""Who gets what service, and do our hours suffice?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.action import capacity, service
from segment.language import _, current, tier_name
from segment.pages._words import example, sentences
from segment.scheme import Scheme, once
from segment.study.service import Rate
from segment.words import count, decimal, listed, percent

DAYS_A_MONTH = 365.25 / 12


def months(scheme: Scheme) -> float:
    """Return the length of the holdout in months."""
    return scheme.windows.holdout_days / DAYS_A_MONTH


def margin_rate(scheme: Scheme) -> float:
    """Return what turns holdout value into margin: 1 where it is one; NaN if not known."""
    rate = 1.0 if scheme.by_margin else scheme.study.costs.margin_rate
    return math.nan if rate is None else rate


@once
def tiers(scheme: Scheme) -> pd.DataFrame:
    """Return the tiers with their level of service and their holdout.

    Indexed by tier, best first, also those that hold nobody: ``customers``, ``level``
    (position), ``buyers``, ``value`` (sum), ``mean`` (value of a customer; 0 in an empty tier),
    ``margin`` (sum; missing if not known).
    """
    names, plan = list(scheme.method.tiers_), scheme.study.service
    known = pd.DataFrame({"value": scheme.net, "active": scheme.outcome["active"]})
    brought = known.groupby(scheme.method.labels_.astype(object))
    table = brought.agg(
        customers=("value", "size"), buyers=("active", "sum"), value=("value", "sum")
    )
    table = table.reindex(pd.Index(names, name="tier"), fill_value=0)
    table["level"] = pd.Series(service.levels_of(plan, names, plan.tiers.get(scheme.label)))
    table["mean"] = (table["value"] / table["customers"]).fillna(0.0)
    table["margin"] = table["value"] * margin_rate(scheme)
    return table


@once
def contacts(scheme: Scheme) -> pd.DataFrame:
    """Return who is in touch with each tier how often: ``segment.action.service.plan``."""
    return service.plan(scheme.study.service, tiers(scheme)["customers"], tiers(scheme)["level"])


def hours(scheme: Scheme) -> pd.Series:
    """Return the hours a month that each tier takes."""
    steps = contacts(scheme)
    by_tier = capacity.hours(steps).groupby(steps["tier"]).sum()
    return by_tier.reindex(tiers(scheme).index, fill_value=0.0)


def team(scheme: Scheme) -> pd.DataFrame:
    """Return people, hours and costs by role; no row if the study lists no team."""
    return capacity.available(scheme.study.team)


@once
def service_by_tier(scheme: Scheme) -> pd.DataFrame:
    """Return who is in touch with each tier how often, by which channel, with what care.

    ``tier``, ``customers``, ``service`` (name of the level), a column for each role, ``hours``
    (a month), ``channel``, ``feedback``, ``marketing``.
    """
    policy = scheme.study.service
    levels = [policy.levels[place] for place in tiers(scheme)["level"]]
    table = tiers(scheme)[["customers"]].assign(service=[_(level.name) for level in levels])
    for role in policy.roles:
        table[_(role)] = [_kinds(level.contacts.get(role, {})) for level in levels]
    table["hours"] = hours(scheme)
    for column in ("channel", "feedback", "marketing"):
        words = [getattr(level, column) for level in levels]
        table[column] = [_(text) if text else None for text in words]
    return table.reset_index()


def _kinds(rates: Mapping[str, Rate]) -> str | None:
    parts = [
        _("{kind} {often}", kind=_(kind), often=often(rate))
        if rate.high
        else _("{kind} only {often}", kind=_(kind), often=_(rate.text))
        for kind, rate in rates.items()
    ]
    return listed(parts) if parts else None


def often(rate: Rate) -> str:
    """Return how often a contact takes place; a study's own English is put into Chinese."""
    words = _(rate.text)
    if current() == "en" or words != rate.text or not words.isascii():
        return words
    if rate.high < 1:
        return _("every {n} months", n=_range(1 / rate.high, 1 / rate.low))
    return _("{n} a month", n=_range(rate.low, rate.high))


def _range(low: float, high: float) -> str:
    return f"{low:.3g}" if low == high else f"{low:.3g}-{high:.3g}"


@once
def load(scheme: Scheme) -> pd.DataFrame:
    """Return the hours a month that each role needs and has.

    ``role``, ``needed`` with ``_low`` and ``_high`` (for ranges such as 2-3 a month),
    ``people``, ``available`` (hours; missing for a role that the team lacks), ``load`` (share
    of them that is needed; missing where there are none), ``short`` (they do not suffice),
    ``missing_people``.
    """
    names = {"low": "needed_low", "mid": "needed", "high": "needed_high"}
    table = capacity.load(contacts(scheme), team(scheme)).rename(columns=names)
    table["short"] = table["load"] > 1 + capacity.SLACK
    table["load"] = table["load"].replace(np.inf, np.nan)
    table["missing_people"] = shortage(scheme)["people"]
    return table.rename(index=_).reset_index()


@once
def shortage(scheme: Scheme) -> pd.DataFrame:
    """Return by role of the team whether the plan fits: ``segment.action.capacity.remedies``."""
    policy, table = scheme.study.service, tiers(scheme)
    return capacity.remedies(
        table["customers"],
        table["level"],
        service.effort(policy),
        team(scheme),
        service.floor_of(policy),
    )


def answer(scheme: Scheme, refused: str = "") -> list[str]:
    """Say whether the hours suffice, and who gets what.

    ``refused`` says why the study recommends no scheme; the tiers are then an example.
    """
    return [sentences(verdict(scheme), who_gets(scheme)), example(scheme, refused)]


def verdict(scheme: Scheme) -> str:
    """Say whether the hours suffice."""
    roles = load(scheme)
    there = roles.dropna(subset="available")
    if roles["needed"].sum() == 0:
        return _(
            "**The plan gives the tiers of {label} no contact in person, so it takes no hours.**",
            label=scheme.label,
        )
    if there.empty:
        return _(
            "**Serving the tiers of {label} by this plan takes {total} a month** ({low} to "
            "{high}). The study names no team, so nothing can be said on whether that fits or "
            "what it costs.",
            label=scheme.label,
            total=in_hours(roles["needed"].sum()),
            low=in_hours(roles["needed_low"].sum()),
            high=in_hours(roles["needed_high"].sum()),
        )
    if not there["short"].any():
        busiest = there.loc[there["load"].idxmax()]
        return _(
            "**Yes: the plan takes {needed} a month of the {has} that the team has for "
            "customers.** The busiest role, {role}, needs {load} of its hours.",
            needed=in_hours(there["needed"].sum()),
            has=in_hours(there["available"].sum()),
            role=busiest["role"],
            load=percent(busiest["load"]),
        )
    parts = [
        _(
            "{role} (needs {needed}, has {has})",
            role=row.role,
            needed=in_hours(row.needed),
            has=in_hours(row.available),
        )
        for row in there[there["short"]].itertuples()
    ]
    return _(
        "**No: the hours do not suffice for the service plan.** Short every month: {parts}.",
        parts=listed(parts),
    )


def who_gets(scheme: Scheme) -> str:
    """Say which tiers get which level."""
    names = scheme.study.service.names
    parts = [
        _(
            "{level} service for {tiers}",
            level=_(names[level]),
            tiers=_(
                "{tiers} ({customers})",
                customers=count(int(group["customers"].sum()), "customer"),
                tiers=named(group.index),
            ),
        )
        for level, group in tiers(scheme).query("customers > 0").groupby("level")
    ]
    return _("By the plan: {who}.", who=_("; ").join(parts))


def named(labels: pd.Index) -> str:
    """Return the names of tiers in italics: ``"*B* and *C*"``."""
    return listed([f"*{tier_name(tier)}*" for tier in labels])


def assumed(scheme: Scheme) -> str:
    """Say which parts of the plan are not the study's own."""
    study = scheme.study
    if study.says("service"):
        return ""
    if study.preset is not None:
        return _(
            "The plan comes with the preset '{preset}'; write your own under 'service' in the "
            "study.",
            preset=study.preset,
        )
    return _(
        "The plan is the usual one of a sales organisation (a visit counts 2 hours with its "
        "travel, a call a quarter of an hour); write your own under 'service' in the study."
    )


def contact_hours(scheme: Scheme) -> str:
    """Say how long each kind of contact takes; empty if there is none."""
    kinds = contacts(scheme).drop_duplicates(["role", "kind"])
    if kinds.empty:
        return ""
    same = kinds.groupby("kind")["each"].transform("nunique") == 1
    parts = [
        _("{kind} {hours}", kind=_(row.kind), hours=f"{row.each:g}")
        for row in kinds[same].drop_duplicates("kind").itertuples()
    ]
    parts += [
        _("{kind} by {role} {hours}", kind=_(row.kind), role=_(row.role), hours=f"{row.each:g}")
        for row in kinds[~same].itertuples()
    ]
    return _("Hours for one contact: {parts}.", parts=listed(parts))


def load_title(scheme: Scheme) -> str:
    """Say whose hours do not suffice."""
    roles = load(scheme)
    if roles["available"].isna().all():
        return _("The plan takes {total} a month", total=in_hours(roles["needed"].sum()))
    if roles["short"].any():
        return _(
            "The hours do not suffice: {roles}", roles=listed([*roles["role"][roles["short"]]])
        )
    return _("The hours suffice in every role of the team")


def absent_roles(scheme: Scheme) -> str:
    """Say which roles of the plan the team lacks."""
    roles = load(scheme)
    absent = roles["role"][roles["available"].isna() & (roles["needed"] > 0)]
    if team(scheme).empty or absent.empty:
        return ""
    return _(
        "The team in the study has no hours for {roles}; nothing is compared there.",
        roles=listed([*absent]),
    )


def in_hours(number: float) -> str:
    """Return hours in words; decimals only below ten."""
    if number >= 9.95 or number == round(number):
        return count(round(number), "hour")
    return _("{n} hours", n=decimal(number, 1))
