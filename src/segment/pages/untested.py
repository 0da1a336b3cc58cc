"""Which tiers do the totals of customers give, where nothing can be tested?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.language import _, tier_name
from segment.pages import _plan, service_plan
from segment.pages._words import held_back, sentences, too_few
from segment.run import Run
from segment.run.scheme import Scheme, Untested
from segment.words import count, listed, percent


def heading(scheme: Untested) -> str:
    """Say in one sentence how small the best tier is, and how much it has brought."""
    first = shown(scheme).iloc[0]
    figures = {"tier": tier_name(first["tier"]), "share": percent(first["share"])}
    if pd.isna(first.get("brought_share")):
        return _("# Which customer tiers do these totals give?")
    return _(
        "# {tier} is {share} of the customers and has brought {part} of the amount",
        part=percent(first["brought_share"]),
        **figures,
    )


def answer(study: Run, scheme: Untested) -> list[str]:
    """Say that nothing was tested and why, what is shown instead, and what would allow a test."""
    alike = ""
    if len(scheme.held) == 1 and len(scheme.method.tiers_) > 1:
        alike = _("**All customers stand in one tier:** they do not differ in what it goes by.")
    return [
        sentences(
            _(
                "**Nothing was tested:** the table holds totals of {customers} and no dated "
                "purchases.",
                customers=count(len(study.customers), "customer"),
            ),
            _(
                "A scheme is tested by what customers did after a day up to which it knew them. So "
                "nothing here says which scheme is better, how sure a tier is, or what a customer "
                "will bring; with the purchases behind the totals a report says all three."
            ),
        ),
        alike,
        _("Shown is *{label}*, as the simplest.", label=scheme.label),
        left_out(study),
    ]


def left_out(study: Run) -> str:
    """Say which schemes there are not, each with its reason."""
    labels = pd.Series(study.left_out, dtype=object)
    reasons = [
        _("Left out: {labels} ({reason}).", labels=listed([*alike.index]), reason=reason)
        for reason, alike in labels.groupby(labels, sort=False)
    ]
    return sentences(*reasons)


def shown(scheme: Untested) -> pd.DataFrame:
    """Return the tiers that hold somebody; no amount of a small one."""
    table = scheme.held
    small = held_back(scheme.study, table["customers"])
    money = ["brought", "brought_share"]
    table[money] = table[money].mask(small)
    return table if table[money].notna().any(axis=None) else table.drop(columns=money)


def today(scheme: Untested) -> pd.DataFrame:
    """Return ``shown`` with the service of each tier, where one is planned."""
    table = shown(scheme).assign(tier=lambda t: [tier_name(tier) for tier in t["tier"]])
    if _plan.why_no_plan(scheme):
        return table
    plan = service_plan.service_by_tier(scheme)[["tier", "service"]]
    return table.merge(plan.groupby("tier", as_index=False).agg(listed), on="tier", how="left")


def shares(scheme: Untested) -> pd.DataFrame:
    """Return each tier's share of customers and of what they brought: ``tier``, ``measure``."""
    table = today(scheme)
    words = {"share": _("Customers"), "brought_share": _("What they brought")}
    table = table[["tier", *(name for name in words if name in table)]].rename(columns=words)
    return table.melt("tier", var_name="measure", value_name="share")


def without_plan(scheme: Untested) -> bool:
    """Return whether contacts are not planned."""
    return bool(_plan.why_no_plan(scheme))


def plan(scheme: Untested) -> list[str]:
    """Say whether the hours of the team suffice for the service of these tiers."""
    if why := _plan.why_no_plan(scheme):
        return [why]
    goes_first = _("Where hours do not reach, the tier with more past value each goes first.")
    changed = goes_first if _plan.changed(scheme) else ""
    said = service_plan.verdict(scheme), service_plan.split(scheme), changed
    return [sentences(*said), service_plan.assumed(scheme)]


def compared(study: Run, scheme: Scheme) -> pd.DataFrame:
    """Return the best tier of every scheme beside that of one: they are not ranked.

    ``scheme``, ``tiers`` (that hold somebody), ``tier`` (the best), ``customers``,
    ``brought_share``, ``overlap`` (of the smaller one of the two tiers, the share that stands in
    the other as well; missing where they are few).
    """
    best, rows = scheme.method.labels_ == scheme.held["tier"].iloc[0], []
    for label, other in study.schemes.items():
        table = shown(other)
        first = table.iloc[0]
        inside = other.method.labels_ == first["tier"]
        both, smaller = int((best & inside).sum()), min(int(best.sum()), int(inside.sum()))
        overlap = np.nan if too_few(study.study, smaller) else both / smaller
        known = tier_name(first["tier"]), first["customers"], first.get("brought_share")
        rows.append((label, len(table), *known, overlap))
    columns = ["scheme", "tiers", "tier", "customers", "brought_share", "overlap"]
    return pd.DataFrame(rows, columns=columns).dropna(axis="columns", how="all")


def compared_answer(scheme: Untested) -> str:
    """Say what the table of all schemes is for."""
    return _(
        "**The schemes are listed, not ranked.** Overlap is the share of the smaller best tier "
        "that stands in the other one too, here that of *{label}*: near 1 the two differ only in "
        "how far down they cut, near 0 they name other customers.",
        label=scheme.label,
    )
