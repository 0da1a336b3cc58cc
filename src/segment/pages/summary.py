"""The first screen of the report: what to do, what it is worth, what it takes, how sure."""

from __future__ import annotations

import pandas as pd

from segment.evidence.caution_words import in_words
from segment.language import N_, _, tier_name
from segment.pages import _plan, contact_reach, experiment, previous, service_plan
from segment.pages._present import LOSES, crosswalk, present, told, younger
from segment.pages._words import (
    example,
    in_points,
    number_of_points,
    sentences,
    span,
    the_list,
    too_few,
)
from segment.pages.data import personal, warned
from segment.pages.recommendation import refused
from segment.run import Run
from segment.run.scheme import Scheme
from segment.words import about, at_least, count, decimal, listed, more, more_between, percent

MOST_NAMED = 1  # cautions, besides the worst
# Where fewer than this share of all customers buy, whom to contact is the first question.
FEW_BUY = 0.10


def heading(study: Run, scheme: Scheme) -> str:
    """Return the answer in one sentence, as a heading."""
    if study.verdict.refused:
        return f"# {refused(study)}"
    plan = not _plan.why_no_plan(scheme)
    if few_buy(scheme):
        last, table = contact_reach.worth_contacting(scheme).iloc[-1], contact_reach.reach(scheme)
        everybody, buyers = table["customers"].sum(), table["buyers"].sum()
        return _(
            "# Contact {first} of the {all} customers: they hold {caught} of the {buyers} buyers; "
            "{each} contacts a sale instead of {before}",
            first=f"{last['customers_so_far']:,.0f}",
            all=f"{everybody:,}",
            caught=f"{last['buyers_so_far']:,.0f}",
            buyers=f"{buyers:,.0f}",
            each=contact_reach.per_buyer(last["customers_so_far"] / last["buyers_so_far"]),
            before=contact_reach.per_buyer(everybody / buyers),
        )
    if plan and _plan.changed(scheme):
        return _("# {serve}: {problem}", serve=_serve(scheme), problem=_does_not_fit(scheme))
    if study.verdict.beats_plain:
        found = scheme.figures["gain"] * scheme.outcome["value"].sum()
        return _(
            "# Serve customers by {label}: the {customers} it chose brought {more} more than as "
            "many big spenders",
            label=scheme.label,
            customers=f"{int(scheme.figures['served']):,}",
            more=about(found, study.study.currency),
        )
    best = scheme.held.iloc[0]
    size = count(int(_plan.tiers(scheme)["customers"][best["tier"]]), "customer")
    return _(
        "# Serve {customers} as tier {tier}: {rule}",
        customers=size,
        tier=tier_name(best["tier"]),
        rule=best.get("rule") or _("as the method says"),
    )


def few_buy(scheme: Scheme) -> bool:
    """Return whether whom to contact is the first question: few buy, more of the best tiers."""
    rare = scheme.outcome["active"].mean() < FEW_BUY
    return rare and len(contact_reach.worth_contacting(scheme)) > 0


def _serve(scheme: Scheme) -> str:
    """Say which tiers are served by people, and which serve themselves."""
    groups = _plan.groups(scheme).query("customers > 0 and tier != @_plan.LAPSED")
    by_people = _plan.contacts(scheme).query("mid > 0")["tier"].unique()
    served = [tier_name(tier) for tier in groups["tier"].unique() if tier in by_people]
    alone = [tier_name(tier) for tier in groups["tier"].unique() if tier not in by_people]
    if not served:
        return _("Visit and call nobody by plan")
    if not alone:
        return _("Serve {tiers}, each tier less than wished", tiers=listed(served))
    return _(
        "Serve {tiers}, leave {others} to themselves", tiers=listed(served), others=listed(alone)
    )


def _does_not_fit(scheme: Scheme) -> str:
    """Say why the wished plan cannot be done."""
    roles = _plan.loads(scheme).dropna(subset="available")
    if (roles["wished"] > roles["available"]).any():
        return _(
            "the wished plan needs {wished}, and there are {available}",
            wished=_plan.in_hours(roles["wished"].sum()),
            available=f"{roles['available'].sum():,.0f}",
        )
    return _("the wished plan does not pay everywhere")


def cards(study: Run, scheme: Scheme) -> dict[str, str]:
    """Return three figures and what each of them is: worth, effort, what must come of it."""
    if study.verdict.refused:
        facts, best = study.facts, study.backtest.figures.loc[study.verdict.best]
        ends = {end: decimal(best[f"gini_{end}"]) for end in ("low", "high")}
        sorts = _("{value} ({low} to {high})", value=_("Normalised Gini"), **ends)
        return {
            f"{facts['rows']:,}": _("Rows"),
            f"{facts['customers']:,}": _("Customers"),
            decimal(best["gini"]): sorts,
        }
    best, length = scheme.held.iloc[0], span(scheme.windows.holdout_days)
    tier, today = tier_name(best["tier"]), _plan.tiers(scheme)["customers"][best["tier"]]
    text = N_("of the {span} of the test came from {tier}, {share} of customers")
    figures = {"span": length, "tier": tier, "share": percent(best["share"])}
    worth = {percent(best["value_share"]): _(text, **figures)}
    if too_few(scheme.study, best["customers"]) or pd.isna(best["value_share"]):
        worth = {}
    holds = {f"{today:,}": _("customers are in {tier} today", tier=tier)}
    if _plan.why_no_plan(scheme):
        bought = _("of {tier} bought again in {span}", tier=tier, span=length)
        return worth | holds | {percent(best["bought"]): bought}
    costs, roles = _plan.costs(scheme), _plan.loads(scheme)
    takes = [_plan.in_hours(roles["needed"].sum())]
    if costs["cost"].notna().all():
        takes.append(about(costs["cost"].sum(), study.study.currency))
    assumed, there = _plan.guess(scheme), roles["available"].sum(min_count=1)
    effort = _("a month for the plan{assumed}", assumed=assumed)
    if there > 0:
        text = N_("a month, of {available} hours{assumed}")
        effort = _(text, available=f"{there:,.0f}", assumed=assumed)
    pays = costs.query("0 < uplift <= 1")["uplift"]
    needed = [f"{tier_name(tier)} {at_least(uplift)}" for tier, uplift in pays.items()]
    must = {listed(needed): _("more margin pays for it")} if needed else holds
    return worth | {listed(takes): effort} | must


def shares(scheme: Scheme) -> pd.DataFrame:
    """Return each tier's share of customers, of the next period's value and of service hours.

    ``tier``, ``measure`` in words, ``share``. Customers and hours are those of today, the value
    what as many of each tier at the cut brought; missing where nobody stood in it.
    """
    table = _plan.tiers(scheme)[["customers", "value"]].clip(lower=0)
    length = span(scheme.windows.holdout_days)
    words = {"customers": _("Customers"), "value": _("Value of {span}", span=length)}
    if not _plan.why_no_plan(scheme):
        table["hours"] = _plan.costs(scheme)["hours"]
        words["hours"] = _("Service hours")
    table = table.loc[:, table.sum() > 0]
    table /= table.sum()
    if "value" in table:
        unknown = _plan.few(scheme) | (_plan.tiers(scheme)["at_cut"] == 0)
        table["value"] = table["value"].mask(unknown)
    table = table.rename(columns=words).rename_axis("tier").reset_index()
    names = [tier_name(tier) for tier in table["tier"]]
    return table.assign(tier=names).melt("tier", var_name="measure", value_name="share")


def shares_title(scheme: Scheme) -> str:
    """Say how small the best tier is and how much it brings."""
    table = _plan.tiers(scheme)
    best = table.iloc[0]
    if _plan.few(scheme).iloc[0]:
        return _("The tiers of today, and what they brought in the test")
    return _(
        "{tier} is {share} of all customers and may bring {part} of what those with a tier do",
        tier=tier_name(table.index[0]),
        share=percent(best["customers"] / table["customers"].sum()),
        part=percent(best["value"] / table["value"].sum()),
    )


def today(study: Run, scheme: Scheme) -> pd.DataFrame:
    """Return the tiers of today: ``tier``, ``customers``, ``service``, ``rule``, ``value_share``.

    The service only where one is planned for a scheme that is recommended; the share is that of
    the tier at the cut, of all that came in.
    """
    plan = service_plan.service_by_tier(scheme)[["tier", "customers", "service"]]
    if study.verdict.refused or _plan.why_no_plan(scheme):
        plan = plan.drop(columns="service")
    brought = scheme.tiers.filter(["tier", "rule", "value_share"])
    names = [tier_name(tier) for tier in brought["tier"]]
    table = plan.merge(brought.assign(tier=names), on="tier", how="left")
    # A tier with two levels of service has one share.
    table["value_share"] = table["value_share"].mask(table["tier"].duplicated())
    return table


def do_now(study: Run, scheme: Scheme) -> list[str]:
    """Say in three steps what to do now, with the files."""
    if study.verdict.refused:
        return [example(scheme, study.verdict.refused)]
    serve = N_("Give each tier its service: `confidential/tiers.xlsx`.")
    if few_buy(scheme) or _plan.why_no_plan(scheme):
        serve = N_("Contact {tiers} first: `confidential/tiers.xlsx`.")
    steps = [
        _(serve, tiers=_plan.named(_first(scheme))),
        tell(study, scheme),
        calls(study),
        lot(scheme),
    ]
    numbered = [f"{n}. {step}" for n, step in enumerate(filter(None, steps), 1)]
    return [_("**Do now**"), "\n".join(numbered)]


def tell(study: Run, scheme: Scheme) -> str:
    """Say how many customers must hear that they lose a place; empty if nobody does."""
    today = present(study)
    if today is None or today.label == scheme.label:
        return ""
    number = int((crosswalk(study, scheme.label)["move"] == LOSES).sum())
    text = N_("Tell {customers} that they lose a place: `confidential/present-tiers.csv`.")
    return _(text, customers=count(number, "customer")) if number else ""


def _first(scheme: Scheme) -> pd.Index:
    """Return the tiers to contact first: those that hold most buyers, else the best."""
    good = contact_reach.worth_contacting(scheme)["tier"]
    return pd.Index(good) if len(good) else pd.Index(scheme.held["tier"].iloc[:1])


def calls(study: Run) -> str:
    """Say which watch-list to begin with; empty where nobody is on one."""
    filled = [each for each in study.watchlists.values() if len(each.rows)]
    if not filled:
        return ""
    return _("Work through the call list: `confidential/watch-lists.xlsx`.")


def lot(scheme: Scheme) -> str:
    """Say whom to leave without service, so that it is known whether it pays; empty if nobody.

    The best tier in which the test can show what service must add, else a large effect.
    """
    groups, needed = experiment.plan(scheme), experiment.to_pay(scheme)
    if groups.empty:
        return ""
    pays = [] if needed.empty else list(needed["tier"][needed["testable"]])
    moves = list(groups.index[(groups["held_out"] > 0) & (groups["value_effect"] <= 1)])
    if not pays and not moves:
        return ""
    tier = (pays or moves)[0]
    return _(
        "Leave {n} of *{tier}*, by lot, without it: in {span} you see what it adds.",
        n=f"{groups['held_out'][tier]:,}",
        tier=tier_name(tier),
        span=span(scheme.windows.holdout_days),
    )


def how_sure(study: Run, scheme: Scheme) -> list[str]:
    """Say in three lines how sure the answer is, what to mind, and what changed."""
    if study.verdict.refused:
        return [mind(study, scheme), changed(study)]
    first, last = scheme.held.iloc[0], scheme.held.iloc[-1]
    lines = [
        _(
            "{first} is worth more: {share} bought again, of {last} {other}.",
            first=tier_name(first["tier"]),
            last=tier_name(last["tier"]),
            share=percent(first["bought"]),
            other=percent(last["bought"]),
        ),
        order(study, scheme),
        sentences(told(study, scheme.label), younger(study)),
        _("Whether service pays: only a test tells."),
    ]
    sure = "\n".join(f"- {line}" for line in lines if line)
    return [_("**How sure**"), sure, mind(study, scheme), changed(study)]


def order(study: Run, scheme: Scheme) -> str:
    """Say in one line how surely this is the right order."""
    found, number = study.verdict.schemes.loc[scheme.label], len(study.rolling.origins)
    if not study.verdict.beats_plain:
        return _("The order: none beat {list}, so it stays.", list=the_list(scheme))
    return _(
        "The order: {points} than {list} ({range}), {dates}.",
        list=the_list(scheme),
        dates=count(number, "cut date"),
        points=more(found["gain"], in_points),
        range=more_between(found["gain_low"], found["gain_high"], number_of_points),
    )


def mind(study: Run, scheme: Scheme) -> str:
    """Say what weakens the answer, the worst first; empty if nothing does."""
    told = in_words(study.cautions, scheme.label, scheme.study.currency)
    first, *others = told["caution"] if len(told) else [""]
    names = [f"{name[0].lower()}{name[1:]}" for name in others[:MOST_NAMED]]
    said = sentences(
        _("{caution}: {figure}.", caution=first, figure=told["figure"].iloc[0]) if first else "",
        _("Also: {cautions}.", cautions=_("; ").join(names)) if names else "",
        "" if first else warned(study),
        personal(study, [scheme.label]),
    )
    return _("**Mind.** {said}", said=said) if said else ""


def changed(study: Run) -> str:
    """Say in one sentence what changed since the last report; empty where there is none."""
    change = previous.compared(study)
    if change is None:
        return ""
    return previous.verdict(change)
