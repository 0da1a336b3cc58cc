"""Who gets what service today, and do our hours suffice?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.action import capacity, service
from segment.evidence.small_groups import FEWEST
from segment.language import N_, _, current, tier_name
from segment.pages import _plan
from segment.pages._plan import why_no_plan
from segment.pages._words import bold, example, sentences
from segment.run.scheme import Scheme, once
from segment.study.service import Rate
from segment.words import between, count, listed, percent


@once
def service_by_tier(scheme: Scheme) -> pd.DataFrame:
    """Return who is in touch with each tier how often, by which channel, with what care.

    ``tier``, ``customers``, ``service`` (name of the level), ``by_plan`` (of the wished one, where
    another), a column for each role, ``hours`` (a month), ``channel``, ``feedback``,
    ``marketing``, and ``offers`` where the study names benefits. Without a plan no roles, hours,
    channel and feedback.
    """
    policy, table = scheme.study.service, _plan.groups(scheme)
    levels = [policy.every[place] for place in table["level"]]
    wish = table["tier"].map(_plan.tiers(scheme)["level"])
    shown = pd.DataFrame({"tier": [tier_name(tier) for tier in table["tier"]]})
    shown["customers"], shown["service"] = table["customers"], [_(level.name) for level in levels]
    words: tuple[str, ...] = ("marketing",)
    if not why_no_plan(scheme):
        if _plan.changed(scheme):
            shown["by_plan"] = [_(policy.every[place].name) for place in wish]
        for role in policy.roles:
            shown[_(role)] = [_kinds(level.contacts.get(role, {})) for level in levels]
        hours = service.effort(policy).sum(axis=1).loc[table["level"]].to_numpy()
        shown["hours"] = table["customers"] * hours
        words = ("channel", "feedback", "marketing")
    if any(level.benefits for level in levels):
        shown["offers"] = [
            listed([f"{_(name)} {cost.text}" for name, cost in level.benefits.items()])
            if level.benefits
            else None
            for level in levels
        ]
    for column in words:
        texts = [getattr(level, column) for level in levels]
        if any(texts):
            shown[column] = [_(text) if text else None for text in texts]
    return shown


def _kinds(rates: Mapping[str, Rate]) -> str | None:
    parts = [
        f"{_(kind)} {often(rate) if rate.high else _(rate.text)}" for kind, rate in rates.items()
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


def load(scheme: Scheme) -> pd.DataFrame:
    """Return ``loads`` as the page shows them: ``role`` in words, no load without hours."""
    table = _plan.loads(scheme).rename(index=_).reset_index()
    return table.assign(load=table["load"].replace(np.inf, np.nan))


def answer(scheme: Scheme, refused: str = "") -> list[str]:
    """Say what plan can be done, and whether it is the wished one.

    ``refused`` says why the study recommends no scheme; the tiers are then an example.
    """
    why = why_no_plan(scheme)
    if why:
        return [why, example(scheme, refused)]
    return [
        sentences(verdict(scheme), split(scheme)),
        more_people(scheme),
        fewer(scheme),
        example(scheme, refused),
    ]


def verdict(scheme: Scheme) -> str:
    """Say whether the wished plan can be done, and what the recommended one takes."""
    roles = load(scheme)
    there = roles.dropna(subset="available")
    if roles["wished"].sum() == 0:
        return _(
            "**The plan gives the tiers of {label} no contact in person, so it takes no hours.**",
            label=scheme.label,
        )
    if there.empty:
        columns = ("needed", "needed_low", "needed_high")
        total, *ends = (_plan.in_hours(roles[column].sum()) for column in columns)
        return sentences(
            bold(_("The plan takes {total} a month", total=f"{total} ({between(*ends)})")),
            _("The study names no team, so whether that fits, and its cost, cannot be said."),
        )
    takes = {
        "needed": _plan.in_hours(there["needed"].sum()),
        "has": _plan.in_hours(there["available"].sum()),
        "wished": _plan.in_hours(there["wished"].sum()),
    }
    if there["short"].any():
        return _(
            "**Not even the least that the study asks for fits:** {roles}. Plan fewer contacts at "
            "the floor, or add people.",
            roles=_short(there[there["short"]], "needed"),
        )
    if not _plan.changed(scheme):
        return _("**The plan takes {needed} a month of the {has} that the team has.**", **takes)
    over = there[there["wished"] > there["available"] * (1 + capacity.SLACK)]
    return sentences(
        _("**The wished plan does not fit:** {roles}.", roles=_short(over, "wished"))
        if len(over)
        else bold(_("the wished plan does not pay everywhere")),
        _(
            "The plan here takes {needed} a month of the {has} there are; the wished one {wished}.",
            **takes,
        ),
    )


def _short(roles: pd.DataFrame, column: str) -> str:
    parts = [
        _(
            "{role} (needs {needed}, has {has})",
            role=row["role"],
            needed=_plan.in_hours(row[column]),
            has=_plan.in_hours(row["available"]),
        )
        for row in roles.to_dict("records")
    ]
    return listed(parts)


def split(scheme: Scheme) -> str:
    """Say who of a tier gets the better service, where it does not reach all; else nothing."""
    table, every = _plan.groups(scheme), scheme.study.service.every
    parts = []
    for tier, rows in table.groupby("tier", sort=False):
        if len(rows) < 2:
            continue
        first, *others = (
            f"{_(every[row.level].name)} {row.customers:,}" for row in rows.itertuples()
        )
        text = N_(
            "The first of *{tier}* by past spend get the better service: {first}, then {others}."
        )
        parts.append(_(text, tier=tier_name(tier), first=first, others=listed(others)))
    return sentences(*parts)


def more_people(scheme: Scheme) -> str:
    """Say why the plan is not the wished one, and what would make that fit."""
    if why_no_plan(scheme) or not _plan.changed(scheme):
        return ""
    missing = load(scheme).query("missing_people > 0")
    people = [f"{row.missing_people:,.0f} ({row.role})" for row in missing.itertuples()]
    return sentences(
        _(
            "It gives each tier the wished service as far as hours reach and as long as the "
            "service costs no more than the tier brings; what a customer's value counts for at "
            "each level is a convention (`weight`)."
        ),
        _("For the wished plan add people: {who}.", who=listed(people)) if people else "",
    )


def fewer(scheme: Scheme) -> str:
    """Say how many customers want fewer contacts than planned, and what hours that spares."""
    known = _plan.served(scheme)
    if (less := int((known["part"] < 1).sum())) < FEWEST:
        return ""
    hours = known["level"].map(service.effort(scheme.study.service).sum(axis=1))
    return _(
        "{customers} like fewer contacts than planned: the lists ask for no more than they like, "
        "which spares {hours} a month.",
        customers=count(less, "customer"),
        hours=_plan.in_hours(((1 - known["part"]) * hours).sum()),
    )


def assumed(scheme: Scheme) -> str:
    """Say which parts of the plan are not the study's own."""
    study = scheme.study
    if study.costs.assumed:
        return _(
            "Hours, team, costs and margin rate are assumptions that the study makes: put your own "
            "in their place."
        )
    if why_no_plan(scheme) or study.says("service"):
        return ""
    return _("The plan is a usual one: write your own under 'service' in the study.")


def contact_hours(scheme: Scheme) -> str:
    """Say how long each kind of contact takes; empty if there is none."""
    kinds = _plan.contacts(scheme).drop_duplicates(["role", "kind"])
    if kinds.empty or why_no_plan(scheme):
        return ""
    same = kinds.groupby("kind")["each"].transform("nunique") == 1
    parts = [
        f"{_(row.kind)} {row.each:g}" for row in kinds[same].drop_duplicates("kind").itertuples()
    ]
    parts += [f"{_(row.kind)} {row.each:g} ({_(row.role)})" for row in kinds[~same].itertuples()]
    return _("Hours for one contact: {parts}.", parts=listed(parts))


def load_title(scheme: Scheme) -> str:
    """Say how full the hours of the busiest role are, or whose do not suffice."""
    roles = load(scheme)
    if roles["available"].isna().all():
        return _("The plan takes {total} a month", total=_plan.in_hours(roles["needed"].sum()))
    if roles["short"].any():
        return _(
            "The hours do not suffice: {roles}", roles=listed([*roles["role"][roles["short"]]])
        )
    busiest = roles.loc[roles["load"].idxmax()]
    return _(
        "Busiest: {role}, with {load} of its hours",
        role=busiest["role"],
        load=percent(busiest["load"]),
    )


def absent_roles(scheme: Scheme) -> str:
    """Say which roles of the plan the team lacks."""
    roles = load(scheme)
    absent = roles["role"][roles["available"].isna() & (roles["needed"] > 0)]
    if _plan.team(scheme).empty or absent.empty:
        return ""
    return _(
        "The team in the study has no hours for {roles}; nothing is compared there.",
        roles=listed([*absent]),
    )
