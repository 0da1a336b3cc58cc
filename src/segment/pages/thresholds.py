"""Which customers reach which level, and how much depends on where the limits lie?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.language import _, tier_name
from segment.pages._groups import contrasts
from segment.pages._words import best, figure, gain, part_of_value, sentences
from segment.run.scheme import Scheme, once
from segment.words import count, percent

REACH = 0.10  # how far the limits are moved, and what counts as near to one


@once
def moves(scheme: Scheme, reach: float = REACH) -> pd.DataFrame:
    """Return every customer's tier ``now``, and with all limits ``lower`` or ``higher``."""
    method = scheme.method
    tiers = {}
    for name, way in (("lower", -reach), ("now", 0), ("higher", reach)):
        limits = {
            tier: (np.array(limit) + way * np.abs(limit)).tolist()
            for tier, limit in method.tiers.items()
        }
        moved = type(method)(**method.get_params() | {"tiers": limits})
        tiers[name] = moved.fit(scheme.features).labels_
    return pd.DataFrame(tiers)


@once
def near(scheme: Scheme, reach: float = REACH) -> pd.DataFrame:
    """Return who stands just below and just above each limit, and what they brought.

    ``below``: the present figure is below the limit by no more than ``reach`` of it, and the
    customer holds a lower tier; ``above``: at the limit, or above it by less than that. Columns
    as ``contrasts`` gives them.
    """
    method = scheme.method
    if len(method.figures) > 1:
        return _near_several(scheme, reach)
    present, place = scheme.customers[method.by], method.labels_.cat.codes
    pairs = {}
    for i, (tier, limit) in enumerate(zip(method.tiers_, method.limits_, strict=False)):
        width = reach * abs(limit)
        pairs[tier] = {
            "below": present.between(limit - width, limit, inclusive="left") & (place > i),
            "above": present.between(limit, limit + width, inclusive="left"),
        }
    return contrasts(scheme, pairs)


def _near_several(scheme: Scheme, reach: float) -> pd.DataFrame:
    """Return the same of limits on several figures: whose tier hangs on a move of all of them."""
    tiers = moves(scheme, reach).apply(lambda column: column.cat.codes)
    pairs = {
        tier: {
            "below": (tiers["now"] > i) & (tiers["lower"] <= i),
            "above": (tiers["now"] <= i) & (tiers["higher"] > i),
        }
        for i, tier in enumerate(scheme.method.tiers_[:-1])
    }
    return contrasts(scheme, pairs)


def answer(schemes: Sequence[Scheme]) -> list[str]:
    """Answer the page's question."""
    told = [sentences(gain(scheme), moved(scheme)) for scheme in schemes]
    return [f"**{reached(best(schemes))}**", *told]


def reached(scheme: Scheme) -> str:
    """Say how many customers reach a level, and what they brought."""
    above = scheme.tiers[scheme.tiers["tier"] != scheme.method.rest]
    customers = int(above["customers"].sum())
    if not customers:
        return _("By {label}, no customer reaches a limit.", label=scheme.label)
    return _(
        "{label}: {customers} ({share}) above {rest}, who brought {part}.",
        label=scheme.label,
        customers=count(customers, "customer"),
        rest=tier_name(scheme.method.rest),
        share=percent(above["share"].sum()),
        part=part_of_value(scheme, above),
    )


def moved(scheme: Scheme) -> str:
    """Say how many customers change tier when every limit moves."""
    tiers = moves(scheme)
    fall, rise = (percent((tiers[way] != tiers["now"]).mean(), 1) for way in ("higher", "lower"))
    return _(
        "If every limit were {reach} higher, {fall} of the customers would lose a tier; if every "
        "limit were {reach} lower, {rise} would gain one.",
        reach=percent(REACH),
        fall=fall,
        rise=rise,
    )


def title(scheme: Scheme) -> str:
    """Say how many customers reach the lowest limit by their present figure."""
    by, lowest = scheme.method.by, scheme.method.limits_[-1]
    return _(
        "{share} of the customers reach the lowest limit, {limit}",
        share=percent((scheme.customers[by] >= lowest).mean()),
        limit=figure(scheme, by, lowest),
    )


def kept(scheme: Scheme) -> str:
    """Say how many customers keep a tier by grace; empty without such a rule."""
    if not scheme.method.grace:
        return ""
    number = len(scheme.method.kept_)
    return _(
        "{label} lets customers keep a tier for {months}; of those who hold one, {customers} "
        "({share} of all) would not reach it today.",
        label=scheme.label,
        months=count(scheme.method.grace, "month"),
        customers=count(number, "customer"),
        share=percent(number / len(scheme.customers), 1),
    )
