"""What fixed limits do to the customers: who is near, who would move, who is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import weights
from segment.evidence.intervals import interval
from segment.features.customers import FEATURES
from segment.run import Run

# How far the limits are moved, and what counts as near to one.
REACH = 0.10


def is_money(by: str) -> bool:
    """Return whether a column is an amount of money, as far as its definition is known."""
    return by not in FEATURES or FEATURES[by][1] == "currency"


def spread(a: Run, label: str) -> dict[str, Any]:
    """Return what ``segment.plots.limits`` draws of one scheme."""
    method = a.methods[label]
    return {
        "values": a.customers[method.by].astype("float64"),
        "tiers": dict(zip(method.tiers_, method.limits_, strict=False)),
        "by": method.by,
        "currency": a.study.currency if is_money(method.by) else None,
    }


def moves(a: Run, label: str, reach: float = REACH) -> pd.DataFrame:
    """Return every customer's tier now and if all limits were higher or lower.

    Parameters
    ----------
    reach : float
        How far each limit moves, as a share of its size.

    Returns
    -------
    DataFrame
        Indexed by customer; ``now``, ``higher``, ``lower``: ordered categoricals.
    """
    method = a.methods[label]
    tiers = {"now": method.labels_}
    for name, way in (("higher", reach), ("lower", -reach)):
        limits = {tier: limit + way * abs(limit) for tier, limit in method.tiers.items()}
        moved = type(method)(**method.get_params() | {"tiers": limits})
        tiers[name] = moved.fit(a.customers).labels_
    return pd.DataFrame(tiers)


def near(a: Run, label: str, reach: float = REACH) -> pd.DataFrame:
    """Return who stands just below and just above each limit, and what they brought.

    Parameters
    ----------
    reach : float
        How near, as a share of the limit.

    Returns
    -------
    DataFrame
        Indexed by tier, best first: ``limit``; ``below``, customers whose present figure
        is below the limit by no more than that and who hold a lower tier; ``above``,
        customers at the limit or above it by less than that; of both the mean holdout
        value, ``_value``, and its 95 % interval, ``_low`` and ``_high``.
    """
    method = a.methods[label]
    value = a.customers[method.by].to_numpy(dtype="float64", na_value=np.nan)
    place = method.labels_.cat.codes.to_numpy()
    rows, groups = {}, {}
    for i, (tier, limit) in enumerate(zip(method.tiers_, method.limits_, strict=False)):
        width = reach * abs(limit)
        groups[tier, "below"] = (limit - width <= value) & (value < limit) & (place > i)
        groups[tier, "above"] = (limit <= value) & (value < limit + width)
        rows[tier] = {"limit": limit}
    figures, _ = _mean_values(a, groups)
    for tier, side in groups:
        rows[tier] |= _named(side, figures.loc[(tier, side)])
    return pd.DataFrame.from_dict(rows, orient="index").astype({"below": int, "above": int})


def grace(a: Run, label: str) -> pd.DataFrame:
    """Return who earned each tier and who keeps it by grace, and what they brought.

    Returns
    -------
    DataFrame
        Indexed by the tiers that somebody keeps, best first: ``earned`` and ``kept``,
        customers; of both the mean holdout value, ``_value``, with its 95 % interval,
        ``_low`` and ``_high``; ``difference_low`` and ``difference_high``, the interval
        of kept less earned.
    """
    method = a.methods[label]
    kept = method.labels_.index.isin(method.kept_.index)
    holds = {tier: (method.labels_ == tier).to_numpy() for tier in method.tiers_}
    held = [tier for tier in method.tiers_ if (holds[tier] & kept).any()]
    groups = {(tier, how): holds[tier] & (kept if how == "kept" else ~kept)
              for tier in held for how in ("earned", "kept")}  # fmt: skip
    columns = [f"{how}{part}" for how in ("earned", "kept")
               for part in ("", "_value", "_low", "_high")]  # fmt: skip
    if not groups:
        return pd.DataFrame(columns=[*columns, "difference_low", "difference_high"])
    figures, draws = _mean_values(a, groups)
    rows = {}
    for tier in held:
        parts = (_named(how, figures.loc[(tier, how)]) for how in ("earned", "kept"))
        low, high = interval(draws[tier, "kept"] - draws[tier, "earned"])
        rows[tier] = {k: v for part in parts for k, v in part.items()}
        rows[tier] |= {"difference_low": low, "difference_high": high}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"earned": int, "kept": int})


def _named(group: str, figures: pd.Series) -> dict[str, float]:
    return {group: figures["customers"]} | {
        f"{group}_{name}": figures[name] for name in ("value", "low", "high")
    }


def _mean_values(
    a: Run, groups: dict[tuple[str, str], np.ndarray]
) -> tuple[pd.DataFrame, dict[tuple[str, str], np.ndarray]]:
    """Return size and mean holdout value of groups of customers, and the resampled means.

    The resamples are those of the back-test: all customers, not each group by itself.
    """
    value = a.outcome["value"].to_numpy(dtype="float64")
    settings = a.study.backtest
    member = np.array(list(groups.values()), dtype=float)
    sizes = member.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (member @ value) / sizes
        draws = np.concatenate(
            [(w @ (member * value).T) / (w @ member.T)
             for w in weights(len(value), settings.replicates, settings.seed)]
        )  # fmt: skip
    bounds = np.array([interval(column) for column in draws.T])
    figures = pd.DataFrame(
        {"customers": sizes, "value": means, "low": bounds[:, 0], "high": bounds[:, 1]},
        index=pd.MultiIndex.from_tuples(groups),
    )
    return figures, dict(zip(groups, draws.T, strict=True))
