"""How good are the present tiers, and who moves where when they change?"""

from __future__ import annotations

import pandas as pd

from segment.language import N_, _, tier_name
from segment.pages import _plan
from segment.pages._groups import mean_values
from segment.pages._present import (
    GAINS,
    KEEPS,
    LOSES,
    MOVES,
    counts_as,
    crosswalk,
    moves,
    present,
    told,
    younger,
)
from segment.pages._words import example, gain, held_back, too_few
from segment.run import Run
from segment.run.scheme import Scheme
from segment.words import count

LARGE = N_("loses, and is large")
STEPS = {
    LARGE: N_("Tell in person, before the change"),
    LOSES: N_("Tell in writing: what stays, and what leads back"),
    GAINS: N_("Tell with the first service of the new tier"),
    KEEPS: N_("Nothing to tell but the new name"),
}


def tiers(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return the present tiers, what they brought after the cut, and as what each ``counts_as``."""
    today = present(run)
    columns = ["tier", "customers", "share", "value_share", "bought", "next_value"]
    table = today.held[[*columns, "next_value_low", "next_value_high"]]
    return table.assign(counts_as=table["tier"].astype(object).map(counts_as(today, scheme)))


def flows(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return customers by present tier (rows) and tier under a scheme (columns), best first."""
    people = crosswalk(run, scheme.label)
    table = pd.crosstab(people["from"], people["to"])
    rows = [tier for tier in present(run).method.tiers_ if tier in table.index]
    columns = [tier for tier in (*scheme.method.tiers_, _plan.LAPSED) if tier in table.columns]
    table = table.loc[rows, columns].rename(index=tier_name, columns=tier_name)
    return table.rename_axis(index="from", columns=None)


def steps(run: Run, people: pd.DataFrame) -> pd.Series:
    """Return how each customer of a crosswalk moves; large ones who lose stand apart."""
    large = (people["move"] == LOSES) & (people["year"] >= run.large_limit)
    return people["move"].mask(large, LARGE)


def to_tell(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return whom to tell how: ``move``, ``customers``, ``past`` amount, ``next_step``."""
    people = crosswalk(run, scheme.label)
    grouped = people.groupby(steps(run, people))["year"].agg(customers="size", past="sum")
    table = grouped.reindex([name for name in STEPS if name in grouped.index])
    table["past"] = table["past"].mask(held_back(run.study, table["customers"]))
    table["next_step"] = [_(STEPS[name]) for name in table.index]
    table.index = [_(name) for name in table.index]
    return table.rename_axis("move").reset_index()


def afterwards(run: Run, scheme: Scheme) -> pd.DataFrame:
    """Return what those brought who would have moved at the cut.

    ``move``, ``customers``, ``next_value`` with ``_low`` and ``_high`` (95 %), missing for few.
    """
    moved = pd.Series(
        moves(present(run).method.labels_, scheme.method.labels_, run, scheme.label),
        scheme.outcome.index,
    )
    means = mean_values(scheme, moved)
    means = means.reindex([name for name in MOVES if name in means.index])
    money = ["next_value", "next_value_low", "next_value_high"]
    means[money] = means[money].mask(too_few(run.study, means["customers"]))
    means.index = [_(name) for name in means.index]
    return means.rename_axis("move").reset_index()


def answer(run: Run, scheme: Scheme) -> list[str]:
    """Say how good the present tiers are, who would move, and who has none."""
    today = present(run)
    if today.label == scheme.label:
        stay = _("**{label} stay: no other scheme is recommended.**", label=today.label)
        return [stay, gain(today), younger(run), without(run)]
    return [
        example(scheme, run.verdict.refused),
        f"**{told(run, scheme.label)}**",
        gain(today),
        younger(run),
        without(run),
    ]


def without(run: Run) -> str:
    """Say how many customers have no present tier; empty if everybody has one."""
    today = present(run)
    people = crosswalk(run, today.label)
    number = int((people["from"] == today.method.rest).sum())
    if not number:
        return ""
    return _(
        "Without a present tier: {number} of {customers}, who count as *{none}*.",
        number=f"{number:,}",
        customers=count(len(people), "customer"),
        none=tier_name(today.method.rest),
    )
