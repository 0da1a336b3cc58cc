"""Hours needed against hours there are; cost, break-even and what they hang on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.action.service import SIZES
from segment.study.schema import Member

# How far the tornado moves a figure for which the plan gives no range.
STEP = 0.25
# More than this part over the hours there are does not fit.
SLACK = 1e-9


def available(team: Mapping[str, Member]) -> pd.DataFrame:
    """Return the team by role.

    ``people``, ``each`` (hours a month of one person with customers), ``available`` (of all
    of them) and ``cost`` (of an hour; missing if not given).
    """
    rows = [(m.people, m.hours, m.people * m.hours, m.cost) for m in team.values()]
    columns = ["people", "each", "available", "cost"]
    return pd.DataFrame(rows, pd.Index([*team], name="role"), columns, dtype="float64")


def hours(plan: pd.DataFrame, size: str = "mid") -> pd.Series:
    """Return the hours a month of each row of a service plan."""
    return plan["customers"] * plan[size] * plan["each"]


def load(plan: pd.DataFrame, team: pd.DataFrame) -> pd.DataFrame:
    """Return the hours that each role of a plan needs and has.

    ``low``, ``mid``, ``high`` (hours needed, for the ends of ranges and halfway), ``people``,
    ``available`` (missing for a role that the team does not list), ``load`` (mid over
    available; infinite without any hours), ``missing`` (whole persons, 0 where the hours do).
    """
    needed = pd.DataFrame({size: hours(plan, size) for size in SIZES}, dtype="float64")
    table = needed.groupby(plan["role"], sort=False).sum()
    table = table.join(team[["people", "each", "available"]])
    idle = (table["mid"] == 0) & table["available"].notna()
    lacks = (table["mid"] - table["available"] * (1 + SLACK)).clip(lower=0)
    return table.assign(
        load=(table["mid"] / table["available"]).mask(idle, 0.0),
        missing=np.ceil(lacks / table["each"] - SLACK) + 0.0,
    )


def costs(
    plan: pd.DataFrame,
    team: pd.DataFrame,
    sizes: pd.Series,
    margin: pd.Series,
    buyers: pd.Series,
    months: float,
    benefits: pd.Series | None = None,
) -> pd.DataFrame:
    """Return what the service of each tier costs, and what it must bring, by tier.

    ``margin`` (what the tier's customers brought in the holdout; missing if not known),
    ``buyers`` (how many of them bought in it), ``months`` (its length) and ``benefits`` (points and
    gifts of the tier's customers, a month) are given.

    Returns ``customers``, ``hours`` and ``cost`` (a month; the cost is missing where no role of
    the plan has one, and there are no benefits), ``cost_period`` (over the holdout),
    ``cost_year``, ``margin``;
    ``uplift``: how much more margin, as a share of the tier's, pays for the service;
    ``response``: the share of the tier's customers that must buy because of it, each bringing
    what a buyer of the tier brought. Both are infinite where the tier brought nothing or less, 0
    where nothing is spent.
    """
    rate = plan["role"].map(team["cost"]).astype("float64")
    by_tier = pd.DataFrame({"hours": hours(plan), "cost": hours(plan) * rate})
    table = by_tier.groupby(plan["tier"]).sum().reindex(sizes.index).fillna(0.0)
    if rate.isna().all():
        table["cost"] = np.nan
    if benefits is not None and benefits.sum() > 0:
        table["cost"] = table["cost"].fillna(0.0) + benefits
    table["cost_period"], table["cost_year"] = months * table["cost"], 12 * table["cost"]
    table["uplift"] = _over(table["cost_period"], margin)
    table["response"] = _over(table["cost_period"] * buyers, margin * sizes)
    return table.assign(customers=sizes, margin=margin).rename_axis("tier")


def _over(cost: pd.Series, margin: pd.Series) -> pd.Series:
    """Return cost over margin: 0 where nothing is spent, infinite where nothing comes in."""
    share = (cost / margin).mask((margin <= 0) & (cost > 0), np.inf)
    return share.mask((cost == 0) & margin.notna(), 0.0)


def tornado(
    plan: pd.DataFrame,
    team: pd.DataFrame,
    sizes: pd.Series,
    margin: float | None,
    months: float,
    benefits: pd.Series | None = None,
) -> pd.DataFrame:
    """Return how far what the plan must bring, else its hours, moves with each assumption.

    Hours per contact, cost per hour and margin rate move by a quarter, up and down.
    Contacts move over the plan's own range where it has one, else by a quarter. A tier's
    size moves by a quarter, with customers from and to the last tier. With ``margin``, what
    all customers brought in the holdout, and with costs, the outcome is the break-even uplift
    (cost over margin), else the hours a month. ``benefits`` (points and gifts of a customer, a
    month, by tier) are part of the cost.

    Returns ``assumption`` ("hours", "cost", "margin", "contacts" or "size"), ``tier`` (empty
    for the first three), ``low``, ``high`` (outcome with the figure lower and higher),
    ``base``; the widest first. What moves nothing is left out.
    """
    rate = plan["role"].map(team["cost"]).astype("float64")
    each = 0.0 * sizes if benefits is None else benefits
    priced = bool(rate.notna().any()) or bool((sizes * each).sum() > 0)
    money = bool(margin) and priced

    def outcome(
        changed: pd.DataFrame, cost: float = 1.0, earned: float = 1.0, held: pd.Series = sizes
    ) -> float:
        worked = hours(changed)
        if not money:
            return float(worked.sum())
        spent = (worked * rate).sum() * cost + (held * each).sum()
        return float(spent * months / (margin * earned))

    def scaled(column: str, rows: pd.Series, by: float) -> pd.DataFrame:
        return plan.assign(**{column: plan[column].where(~rows, plan[column] * by)})

    down, up = 1 - STEP, 1 + STEP
    everywhere = pd.Series(True, plan.index)
    rows = [("hours", "", *(outcome(scaled("each", everywhere, by)) for by in (down, up)))]
    if money:
        rows.append(("cost", "", outcome(plan, cost=down), outcome(plan, cost=up)))
        rows.append(("margin", "", outcome(plan, earned=down), outcome(plan, earned=up)))
    filled = list(sizes.index[sizes > 0])
    for tier in filled:
        here = plan["tier"] == tier
        if (plan["low"] < plan["high"])[here].any():
            ends = [plan.assign(mid=plan["mid"].where(~here, plan[end])) for end in ("low", "high")]
        else:
            ends = [scaled("mid", here, by) for by in (down, up)]
        rows.append(("contacts", tier, *(outcome(changed) for changed in ends)))
        if tier != filled[-1]:
            ends = [_moved(plan, sizes, tier, filled[-1], by) for by in (down, up)]
            rows.append(
                ("size", tier, *(outcome(plan_then, held=held) for plan_then, held in ends))
            )
    table = pd.DataFrame(rows, columns=["assumption", "tier", "low", "high"])
    table["base"] = base = outcome(plan)
    table["swing"] = (table["high"] - table["low"]).abs()
    table = table[table["swing"] > 1e-12 * max(1.0, abs(base))]
    table = table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    return table.drop(columns="swing")


def _moved(
    plan: pd.DataFrame, sizes: pd.Series, tier: str, last: str, by: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Return plan and sizes with a tier larger or smaller by customers of the last one."""
    moved = min(sizes[tier] * (by - 1), sizes[last])
    factor = plan["tier"].map({tier: 1 + moved / sizes[tier], last: 1 - moved / sizes[last]})
    changed = plan.assign(customers=plan["customers"] * factor.astype("float64").fillna(1.0))
    return changed, sizes + pd.Series({tier: moved, last: -moved}).reindex(sizes.index).fillna(0.0)
