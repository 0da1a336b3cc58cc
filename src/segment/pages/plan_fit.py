"""What would make the service plan fit the hours, and the best division of them."""

from __future__ import annotations

import math

import pandas as pd

from segment.action import capacity, service
from segment.language import N_, _, tier_name
from segment.pages._words import sentences, span
from segment.pages.service_plan import in_hours, shortage, team, tiers
from segment.scheme import Scheme, once
from segment.words import count, listed, money, percent

# Ways to make a plan fit the hours, besides more people.
CONTACTS, SIZES, BEST = "contacts", "sizes", "best"
WAYS = {
    CONTACTS: N_("Fewer contacts above the floor"),
    SIZES: N_("Smaller tiers above the floor, the same contacts"),
    BEST: N_("The best division of the hours (below)"),
}
STEPS = {
    CONTACTS: N_("give everybody above {floor} service {cut} fewer contacts."),
    SIZES: N_(
        "keep the planned service for the first {factor} of each tier above {floor} service, in "
        "the order of what customers brought before; the others get {floor} service."
    ),
    BEST: N_("divide the hours as the best division below does."),
}


@once
def best_division(scheme: Scheme) -> pd.DataFrame:
    """Return how many customers of each tier get each level at best.

    Indexed by tier, columns: levels by position. Empty without a team, or where not even the
    floor fits its hours.
    """
    policy, table, people = scheme.study.service, tiers(scheme), team(scheme)
    if people.empty or table["customers"].sum() == 0:
        return pd.DataFrame()
    placed = capacity.best(
        table["customers"],
        table["mean"],
        service.effort(policy),
        people["available"],
        service.weights(policy),
        service.floor_of(policy),
    )
    return pd.DataFrame() if placed is None else placed


@once
def ways(scheme: Scheme) -> pd.DataFrame:
    """Return the ways to make a plan fit without more people, and whom each concerns.

    Indexed by way ("contacts", "sizes", "best"): ``factor`` (share of what is above the floor
    that is left; missing for "best"), ``customers`` who get less, ``next_total`` (what they
    brought in the holdout) with ``_low`` and ``_high``, ``value_share`` (of all). No row if the
    plan fits, or nothing makes it fit.
    """
    need = shortage(scheme)
    if need.empty or need["fits"].all() or not need["possible"].all():
        return pd.DataFrame()
    factor, settings = float(need["factor"].min()), scheme.study.backtest
    concerned = _get_less(scheme, factor)
    table = capacity.at_stake(
        scheme.net.to_numpy(),
        concerned.to_numpy(),
        settings.replicates,
        settings.seed,
        settings.most_resampled,
    ).set_axis(concerned.columns)
    table = table.rename(
        columns={"value": "next_total", "low": "next_total_low", "high": "next_total_high"}
    )
    total = scheme.net.sum()
    table["value_share"] = table["next_total"] / (total if total > 0 else math.nan)
    table.insert(0, "factor", [factor, factor, math.nan][: len(table)])
    return table


def _get_less(scheme: Scheme, factor: float) -> pd.DataFrame:
    """Return which customers get less than planned by each way."""
    need, policy, table = shortage(scheme), scheme.study.service, tiers(scheme)
    labels, floor = scheme.method.labels_.astype(object), service.floor_of(policy)
    level = labels.map(table["level"]).to_numpy()
    customers = scheme.features
    past = customers["margin_total" if "margin_total" in customers else "monetary_total"]
    effort = service.effort(policy)[need.index[~need["fits"]]]
    fewer = (effort > effort.loc[floor]).any(axis=1).to_numpy()
    concerned = {
        CONTACTS: fewer[level] & (level < floor),
        SIZES: capacity.demoted(scheme.method.labels_, table["level"], past, factor, floor),
    }
    placed = best_division(scheme)
    if len(placed):  # the first of a tier get its best level, the next the level below, ...
        ends = placed.cumsum(axis=1).iloc[:, :-1].reindex(labels).to_numpy()
        place = capacity.ranks(scheme.method.labels_, past)
        concerned[BEST] = (place[:, None] > ends).sum(axis=1) > level
    return pd.DataFrame(concerned)


@once
def remedies(scheme: Scheme) -> pd.DataFrame:
    """Return what would make the plan fit, more people last; no row if it fits.

    ``what``, ``how_far``, ``customers`` who get less, ``next_total`` (what they brought) with
    ``_low`` and ``_high``, ``value_share``, ``more_cost`` (a month).
    """
    table, need = ways(scheme), shortage(scheme)
    if table.empty:
        return table
    fewer = [
        _("{role}: to {factor}", role=_(role), factor=percent(_whole(factor)))
        for role, factor in need.loc[~need["fits"], "factor"].items()
    ]
    sizes = tiers(scheme).query("customers > 0")
    sizes = sizes[sizes["level"] < service.floor_of(scheme.study.service)]["customers"]
    kept = (need["factor"].min() * sizes + capacity.SLACK).astype("int64")
    smaller = [
        _("{tier}: {kept} of {size}", tier=tier_name(tier), kept=f"{kept[tier]:,}", size=f"{n:,}")
        for tier, n in sizes.items()
    ]
    how_far = {CONTACTS: listed(fewer), SIZES: listed(smaller)}
    table["what"] = [_(WAYS[way]) for way in table.index]
    table["how_far"] = [how_far.get(way) for way in table.index]
    missing = need.join(team(scheme)[["each", "cost"]]).query("people > 0")
    more = {
        "what": _("More people"),
        "how_far": missing_people(need),
        "customers": 0,
        "more_cost": missing[["people", "each", "cost"]]
        .prod(axis=1, skipna=False)
        .sum(skipna=False),
    }
    table = pd.concat([table.assign(more_cost=0.0), pd.DataFrame([more])], ignore_index=True)
    return table[["what", "how_far", *table.columns.drop(["factor", "what", "how_far"])]]


@once
def division(scheme: Scheme) -> pd.DataFrame:
    """Return customers of each tier at each level, by plan and at best; no row without a best.

    ``tier``, ``customers``, ``by_plan`` (name of the level), a column for each level.
    """
    placed, names = best_division(scheme), scheme.study.service.names
    if placed.empty:
        return placed
    by_plan = [_(names[level]) for level in tiers(scheme)["level"]]
    heads = {level: _("At best: {level}", level=_(names[level])) for level in placed}
    table = tiers(scheme)[["customers"]].assign(by_plan=by_plan)
    return table.join(placed.rename(columns=heads)).reset_index()


def remedy(scheme: Scheme) -> str:
    """Say what would make the plan fit; empty if it does."""
    need, policy = shortage(scheme), scheme.study.service
    if need.empty or need["fits"].all():
        return ""
    floor = _(policy.names[service.floor_of(policy)])
    people = _("add people: {who}", who=missing_people(need))
    impossible = need[~need["possible"]]
    if len(impossible):
        role = (impossible["least"] - impossible["available"]).idxmax()
        return _(
            "**What to do:** not even the floor, {level} service for everybody, fits: for {role} "
            "it takes {least} a month, and there are {has}. Plan fewer contacts at the floor, or "
            "{people}.",
            level=floor,
            role=_(role),
            least=in_hours(need["least"][role]),
            has=in_hours(need["available"][role]),
            people=people,
        )
    least = ways(scheme).sort_values("next_total").iloc[0]
    return sentences(
        _("**What to do:** {way}", way=_way(scheme, least, floor)),
        _("Or {people}.", people=people),
        _(
            "All ways stand below, each with what is at stake; the floor is {level} service, the "
            "least that anybody gets.",
            level=floor,
        ),
    )


def _way(scheme: Scheme, way: pd.Series, floor: str) -> str:
    """Say what a way to make the plan fit is, and whom it concerns."""
    left = 1.0 if pd.isna(way["factor"]) else _whole(way["factor"])
    ends = {"value": "next_total", "low": "next_total_low", "high": "next_total_high"}
    return sentences(
        _(STEPS[way.name], floor=floor, factor=percent(left), cut=percent(1 - left)),
        _(
            "The {customers} who get less than planned brought {value} ({low} to {high}) in the "
            "next {span}, {share} of what known customers did.",
            customers=count(int(way["customers"]), "customer"),
            share=percent(way["value_share"]),
            span=span(scheme.windows.holdout_days),
            **{name: money(round(way[end]), scheme.study.currency) for name, end in ends.items()},
        ),
    )


def missing_people(need: pd.DataFrame) -> str:
    """Return ``"2 (sales) and 1 (manager)"``."""
    missing = need["people"][need["people"] > 0]
    return listed([_("{n} ({role})", n=f"{n:,.0f}", role=_(role)) for role, n in missing.items()])


def _whole(factor: float) -> float:
    """Round the share that is left down to whole percents: a larger one does not fit."""
    return math.floor(100 * factor + 1e-9) / 100


def division_answer(scheme: Scheme) -> str:
    """Say what the best use of the hours is, by how much it beats the plan, and its limits."""
    placed, policy = best_division(scheme), scheme.study.service
    if team(scheme).empty:
        return _("The study names no team, so there are no hours to divide.")
    if placed.empty:
        return _("Not even the floor for everybody fits the hours, so there is nothing to divide.")
    table, weights = tiers(scheme), service.weights(policy)
    total = table["value"].sum()
    if total <= 0:
        return _(
            "Customers brought nothing after the cut, so no use of the hours is better than "
            "another."
        )
    held = placed.sum()[lambda customers: customers > 0]
    parts = [
        _("{customers} at {level}", level=_(policy.names[level]), customers=count(n, "customer"))
        for level, n in held.items()
    ]
    counted = [
        _("{level} {weight}", level=_(name), weight=percent(weight))
        for name, weight in zip(policy.names, weights, strict=True)
    ]
    plan = percent((table["value"] * weights[table["level"]]).sum() / total)
    length = span(scheme.windows.holdout_days)
    return sentences(
        _(
            "With the hours there are, the best division is {parts}. It reaches {best} of the "
            "value that customers brought in the next {span}.",
            parts=listed(parts),
            best=percent(capacity.reached(placed, table["mean"], weights) / total),
            span=length,
        ),
        _("The plan itself reaches {plan}.", plan=plan)
        if shortage(scheme)["fits"].all()
        else _("The plan would reach {plan}, with hours that are not there.", plan=plan),
        _(
            "A customer's value counts by level: {counted}. These weights are a convention, not "
            "a measurement; the study can set others. Everybody gets at least the floor, and no "
            "tier gets less service on average than a worse one.",
            counted=listed(counted),
        ),
        _(
            "The division was found knowing what each tier brought in these {span}; the next "
            "ones will differ.",
            span=length,
        ),
    )
