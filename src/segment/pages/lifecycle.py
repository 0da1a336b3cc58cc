"""Does the silence of a customer, measured in their own rhythm, tell who comes back?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.action.prospects import INTENTS, intents
from segment.evidence.small_groups import FEWEST
from segment.language import _, tier_name
from segment.pages._groups import share_bought
from segment.pages._words import best, gain, sentences
from segment.run.scheme import Scheme, once
from segment.tiering.lifecycle import prospect_stages
from segment.words import count, listed, money, percent

# Points of the curves: at most so many a stage, each of at least so many customers.
MOST_POINTS, FEWEST_CUSTOMERS = {"repeat": 4, "one-off": 2, "new": 1}, 40
# Who bought on the last day is not late at all; a log axis has no place for that.
SOONEST = 1 / 16


@once
def stages(scheme: Scheme) -> pd.DataFrame:
    """Return what stands at each stage and what came of it, the prospects first.

    ``stage``, ``customers``, ``past`` (amount of the last year), ``past_share``, ``bought``
    (share who bought after the cut, with ``_low`` and ``_high``), ``next_value``.
    """
    table = _came_of(scheme.customers, scheme.customers["tier"])
    if scheme.prospects is not None:
        table = pd.concat([_came_of(scheme.prospects, prospect_stage(scheme)), table])
    return table.rename_axis("stage").reset_index()


def prospect_stage(scheme: Scheme) -> pd.Series:
    """Return the stage of everyone in the customers table who had not bought by the cut."""
    never = pd.Series(pd.NaT, index=scheme.prospects.index)
    met = scheme.prospects.get("first_contact", never)
    intent = scheme.prospects.get("intent", pd.Series(dtype=object))
    hot = intents(intent.dropna()).isin([*INTENTS][:2]).astype(object).reindex(met.index)
    return prospect_stages(met, scheme.windows.cut, scheme.method.prospect_names, hot)


@once
def return_by_lateness(scheme: Scheme) -> pd.DataFrame:
    """Return how many bought again, by how late they were at the cut.

    A single purchase tells no rhythm, so customers with one stand apart. Each stage is divided
    into a few parts of about the same size, so that its limits stand between points.

    ``group``, ``stage``, ``lateness`` (median, in usual gaps), ``customers``, ``bought`` (share
    who bought after the cut, with ``_low`` and ``_high``).
    """
    customers, new = scheme.customers, scheme.method.tiers_[1]
    group = np.where(customers["order_days"] > 1, "repeat", "one-off")
    group = np.where(customers["tier"] == new, "new", group)
    words = {"repeat": _("two purchases or more"), "one-off": _("one purchase")}
    words["new"] = tier_name(new)
    parts = []
    for (name, stage), inside in customers.groupby([group, "tier"], observed=True):
        points = int(np.clip(len(inside) // FEWEST_CUSTOMERS, 1, MOST_POINTS[name]))
        # Equal lateness is never divided: a point begins where its first value does.
        late = inside["lateness"]
        starts = np.unique(np.quantile(late, np.arange(points) / points, method="lower"))
        part = np.searchsorted(starts, late, side="right")
        table = share_bought(inside.groupby(part)["bought"])
        table["lateness"] = late.groupby(part).median().clip(lower=SOONEST)
        parts.append(table.assign(group=words[name], stage=stage))
    return pd.concat(parts, ignore_index=True)


def _came_of(customers: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    by = customers.groupby(groups, observed=False)
    table = share_bought(by["bought"]).assign(next_value=by["next_value"].mean())
    if "monetary_year" in customers:
        table.insert(1, "past", by["monetary_year"].sum())
        table.insert(2, "past_share", table["past"] / table["past"].sum())
    return table


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    scheme = best(schemes)
    first = sentences(slipping(scheme), comes_back(scheme))
    return [first, became_customers(scheme), gain(scheme)]


def slipping(scheme: Scheme) -> str:
    """Say how many customers are at risk, dormant or lost, and how much stands with them."""
    late = stages(scheme).set_index("stage").loc[list(scheme.method.tiers_[2:])]
    parts = [f"{tier_name(stage)} {int(n):,}" for stage, n in late["customers"].items()]
    return _(
        "**Of {customers}, slipping away: {stages}. They had spent {amount}, {share} of all.**",
        customers=count(len(scheme.customers), "customer"),
        stages=listed(parts),
        share=percent(late["past_share"].sum()),
        amount=money(late["past"].sum(), scheme.study.currency),
    )


def comes_back(scheme: Scheme) -> str:
    """Say how many of each stage bought again; stages of fewer than five are left out."""
    held = stages(scheme)
    held = held[(held["customers"] >= FEWEST) & held["stage"].isin(scheme.method.tiers_)]
    if held.empty:
        return ""
    return _("Bought again: {shares}.", shares=_shares(held.set_index("stage")["bought"]))


def became_customers(scheme: Scheme) -> str:
    """Say how many prospects there are and what became of them; empty without any."""
    if scheme.prospects is None or scheme.prospects.empty:
        return ""
    names = list(scheme.method.prospect_names)[::-1]
    table = stages(scheme).set_index("stage").loc[names].query("customers > 0")
    return _(
        "{entries} of the customers table had not bought by the cut; they are in no tier. Bought "
        "afterwards: {parts}.",
        entries=count(len(scheme.prospects), "entry", "entries"),
        parts=_shares(table["bought"]),
    )


def _shares(shares: pd.Series) -> str:
    return listed([f"{tier_name(stage)} {percent(share)}" for stage, share in shares.items()])
