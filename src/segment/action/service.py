"""The service plan: which level each tier gets, and the contacts and hours that this takes.

The levels come from the study, best first. A scheme may have any number of tiers: its
best tier gets the first level and its last tier the last one, the tiers between are
spread evenly; a study can say otherwise for a tier. No tier falls below the floor.
Customers without a purchase in the newest window have a level of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segment.errors import StudyError, nearest
from segment.study.schema import Service, Study
from segment.tiering import Tiering

# What a customer's value counts for at a level: in full with the best service, half
# with the middle one, a tenth with the last. Nobody has measured it; the study can
# say otherwise (``weight`` of a level).
WEIGHTS = (1.0, 0.5, 0.1)
SIZES = ("low", "mid", "high")


def spread(tiers: int, levels: int) -> list[int]:
    """Return the level of each tier by position: the first, evenly on (halfway down), the last."""
    return [int(place * (levels - 1) / max(1, tiers - 1) + 0.5) for place in range(tiers)]


def floor_of(service: Service) -> int:
    """Return the position of the level below which nobody may fall."""
    names = service.names
    return len(names) - 1 if service.floor is None else names.index(service.floor)


def levels_of(
    service: Service, tiers: Sequence[str], own: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return the position of every tier's level, 0 best, never below the floor.

    ``own`` are the levels that the study gives to some of the ``tiers``, by name.
    """
    names, lowest = service.names, floor_of(service)
    levels = dict(zip(tiers, spread(len(tiers), len(names)), strict=True))
    levels |= {tier: names.index(name) for tier, name in (own or {}).items() if tier in levels}
    return {tier: min(level, lowest) for tier, level in levels.items()}


def contacts(service: Service) -> pd.DataFrame:
    """Return the contacts of ``service.every`` level.

    ``level`` (position), ``role``, ``kind``, ``text`` (how often, in the study's words), ``low``,
    ``mid``, ``high`` (contacts a month with one customer), ``each`` (hours a contact takes).
    """
    rows = [
        (place, role, kind, rate.text, rate.low, rate.mid, rate.high, service.hours_of(role, kind))
        for place, level in enumerate(service.every)
        for role, kinds in level.contacts.items()
        for kind, rate in kinds.items()
    ]
    table = pd.DataFrame(rows, columns=["level", "role", "kind", "text", *SIZES, "each"])
    return table.astype({"level": "int64"} | dict.fromkeys((*SIZES, "each"), "float64"))


def effort(service: Service) -> pd.DataFrame:
    """Return the hours a month that one customer takes, by ``service.every`` level and role."""
    table = contacts(service)
    table["hours"] = table["mid"] * table["each"]
    wide = table.pivot_table("hours", "level", "role", "sum")
    return wide.reindex(index=range(len(service.every)), columns=service.roles).fillna(0.0)


def benefits(service: Service, spent: pd.Series) -> pd.DataFrame:
    """Return what the benefits of ``service.every`` level (columns) cost a customer and year.

    ``spent``: what a customer of each tier spends a year.
    """
    given = [level.benefits.values() for level in service.every]
    fixed = np.array([sum(cost.amount for cost in costs) for costs in given])
    share = [sum(cost.share for cost in costs) for costs in given]
    return pd.DataFrame(fixed + np.outer(spent.clip(lower=0), share), index=spent.index)


def plan(service: Service, groups: pd.DataFrame) -> pd.DataFrame:
    """Return who is in touch with each group how often: ``contacts`` by ``tier`` and ``customers``.

    ``groups`` holds ``tier``, ``level`` and ``customers``: a row or more for each tier.
    """
    return groups.merge(contacts(service), on="level", how="inner", sort=False)


def level_of(groups: pd.DataFrame, tiers: pd.Series, past: pd.Series) -> pd.Series:
    """Return the position of each customer's level.

    ``groups`` is a plan as ``plan`` takes it; ``tiers`` and ``past`` (what they spent) are of the
    same customers. Where a tier gets more than one level, the first by past spend get the best.
    """
    place = past.fillna(0.0).groupby(tiers).rank(method="first", ascending=False)
    levels = pd.Series(0, tiers.index)
    for tier, rows in groups.groupby("tier", sort=False):
        inside = tiers == tier
        places = place[inside].to_numpy()
        row = np.searchsorted(rows["customers"].cumsum(), places).clip(max=len(rows) - 1)
        levels[inside] = rows["level"].to_numpy()[row]
    return levels


def weights(service: Service) -> np.ndarray:
    """Return what a customer's value counts for at each level, best first; 0 without service.

    Levels without a weight of their own are spread over ``WEIGHTS`` by position, and
    none counts for more than the level above it. Shape: levels and self-service.
    """
    places = np.linspace(0, 1, len(service.levels))
    usual = np.interp(places, np.linspace(0, 1, len(WEIGHTS)), WEIGHTS)
    own = [level.weight for level in service.levels]
    given = [u if w is None else w for u, w in zip(usual, own, strict=True)]
    return np.append(np.minimum.accumulate(np.array(given, dtype="float64")), 0.0)


def refuse_unknown_tiers(study: Study, label: str, method: Tiering) -> None:
    """Refuse the study's own words for a tier that a fitted method cannot have.

    Those of a preset may name tiers that the study has changed.
    """
    known = list(dict.fromkeys([*method.tiers_, *getattr(method, "names", ())]))
    keys = [("methods", label, "service", tier) for tier in study.methods[label].service]
    keys += [("service", "tiers", label, tier) for tier in study.service.tiers.get(label, {})]
    for key in keys:
        if key[-1] not in known and study.says(*key):
            raise StudyError(
                f"{study.where(*key)}: {label} has no tier '{key[-1]}'{nearest(key[-1], known)}"
            )
