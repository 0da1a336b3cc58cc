"""The company's present tiers beside another scheme: who would move where, and who must be told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.action.service import spread
from segment.features import customers as features
from segment.features.records import PRESENT_TIER
from segment.features.windows import NOW
from segment.language import N_, _
from segment.pages import _plan
from segment.pages._words import in_parts
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import count

FAMILY = "given"
LOSES, GAINS, KEEPS = N_("loses"), N_("gains"), N_("keeps")
MOVES = (LOSES, GAINS, KEEPS)


def present(run: Run) -> Scheme | None:
    """Return the scheme of the present tiers, the first if there are several; None without one."""
    given = [label for label in run.methods if run.study.methods[label].method == FAMILY]
    return run.scheme(given[0]) if given else None


def counts_as(today: Scheme, scheme: Scheme) -> dict[str, str]:
    """Return which tier of a scheme each present tier is set against: best to best, last to last.

    Those between are spread evenly; "none" is no tier of its own where everybody has one.
    """
    rest = today.method.rest
    names = [
        tier for tier in today.method.tiers_ if tier != rest or (today.method.labels_ == rest).any()
    ]
    tiers = scheme.method.tiers_
    places = spread(len(names), len(tiers))
    return {rest: tiers[-1]} | {name: tiers[k] for name, k in zip(names, places, strict=True)}


@once
def crosswalk(run: Run, label: str) -> pd.DataFrame:
    """Return where everybody who ever bought stands today, and would stand under a scheme.

    By customer: ``from`` (present tier), ``to`` (tier on the newest day, or ``_plan.LAPSED``),
    ``move`` (one of ``MOVES``) and ``year`` (amount of the last 365 days). Who has no purchase
    lately counts as in the last tier.
    """
    today, scheme = present(run), run.scheme(label)
    column, everybody = today.method.column, run.history.index
    known = features.of_window(run.wide, NOW)
    held = (known if column in known else run.attributes)[column].reindex(everybody)
    table = pd.DataFrame({"from": today.method.predict(held.to_frame(column)).astype(object)})
    to = scheme.newest_tiers.astype(object).reindex(everybody)
    table["to"], table["year"] = to.fillna(_plan.LAPSED), run.history["year"]
    return table.assign(move=moves(table["from"], to.fillna(scheme.method.tiers_[-1]), run, label))


def moves(held: pd.Series, to: pd.Series, run: Run, label: str) -> np.ndarray:
    """Return who loses, gains or keeps a place between present tiers and those of a scheme."""
    scheme = run.scheme(label)
    places = {tier: place for place, tier in enumerate(scheme.method.tiers_)}
    was = held.astype(object).map(counts_as(present(run), scheme)).map(places)
    now = to.astype(object).map(places)
    return np.select([now > was, now < was], [LOSES, GAINS], KEEPS)


def told(run: Run, label: str) -> str:
    """Say how many customers would change place; empty where the study has no present tiers."""
    today = present(run)
    if today is None or today.label == label:
        return ""
    moved = crosswalk(run, label)["move"].value_counts().reindex(MOVES, fill_value=0)
    number = in_parts(run, moved)
    return _(
        "Against {today}, {gain} of {customers} would gain a place and {lose} lose one.",
        today=today.label,
        gain=number[GAINS],
        customers=count(int(moved.sum()), "customer"),
        lose=number[LOSES],
    )


def younger(run: Run) -> str:
    """Warn where the present tiers are not known to be older than the cut; empty if they are."""
    today = present(run)
    if today is None:
        return ""
    if run.study.present_tiers is not None and today.method.column == PRESENT_TIER:
        without = int((today.method.labels_ == today.method.rest).sum())
        if without < len(today.method.labels_):
            return ""
        return _(
            "No present tier is known from before the cut, so {label} cannot be judged.",
            label=today.label,
        )
    day, cut = run.study.customers.known_on, run.windows.cut
    if day is not None and day < cut:
        return ""
    return _(
        "**{label} may be younger than the cut ({cut}):** their day (`known_on`) is {day}. Tiers "
        "given later know what came, and look better than they are.",
        label=today.label,
        day=day or _("not said"),
        cut=cut,
    )
