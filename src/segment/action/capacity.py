"""Whether the team's hours suffice for the service plan, what it costs and must bring.

Hours and money are a month's, unless a name says otherwise. A role that the team does not list
has no hours to compare with, and no cost.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from segment.action.service import SIZES
from segment.study.schema import Member

# How far the tornado moves a figure for which the plan gives no range.
STEP = 0.25
# More than this part over the hours there are does not fit.
SLACK = 1e-9
# The optimum is proven up to a thousandth, which takes half a second at most for 11 tiers;
# the last digits would take ten.
GAP, SECONDS = 1e-3, 20.0


def available(team: Mapping[str, Member]) -> pd.DataFrame:
    """Return by role ``people``, ``each`` (hours of one), ``available`` (of all) and ``cost``."""
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
    benefits: pd.Series | float = 0.0,
) -> pd.DataFrame:
    """Return what the service of each tier costs, and what it must bring, by tier.

    ``margin`` (what the tier's customers brought in the holdout; missing if not known),
    ``buyers`` (how many bought in it), ``months`` (its length) and ``benefits`` (points and
    gifts of the tier's customers, a month) are given. Returns ``customers``, ``hours``, ``cost``
    (missing where no role has one and nobody gets benefits), ``cost_period`` (over the holdout),
    ``cost_year``, ``margin``; ``uplift``: how much more margin, as a share of the tier's, pays for
    the service; ``response``: the share of its customers that must buy because of it, each bringing
    what a buyer brought. Both are infinite where the tier brought nothing, 0 where nothing is
    spent.
    """
    rate = plan["role"].map(team["cost"]).astype("float64")
    by_tier = pd.DataFrame({"hours": hours(plan), "cost": hours(plan) * rate})
    table = by_tier.groupby(plan["tier"]).sum().reindex(sizes.index).fillna(0.0)
    if rate.isna().all() and not np.sum(benefits) > 0:
        table["cost"] = np.nan
    table["cost"] += benefits
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
    benefits: pd.Series | float = 0.0,
) -> pd.DataFrame:
    """Return how far what the plan must bring, else its hours, moves with each assumption.

    Hours per contact, cost per hour and margin rate move by a quarter, up and down. Contacts move
    over the plan's own range where it has one, else by a quarter. A tier's size moves by a quarter,
    with customers from and to the last tier. With ``margin``, what all customers brought in the
    holdout, and with costs, of which ``benefits`` (of a customer, a month, by tier) are part, the
    outcome is the break-even uplift (cost over margin), else the hours a month.

    Returns ``assumption`` ("hours", "cost", "margin", "contacts" or "size"), ``tier`` (empty
    for the first three), ``low``, ``high`` (outcome with the figure lower and higher),
    ``base``; the widest first. What moves nothing is left out.
    """
    rate = plan["role"].map(team["cost"]).astype("float64")
    each = 0.0 * sizes + benefits
    money = bool(margin) and (bool(rate.notna().any()) or bool((sizes * each).sum() > 0))

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

    ends = (1 - STEP, 1 + STEP)
    everywhere = pd.Series(True, plan.index)
    rows = [("hours", "", *(outcome(scaled("each", everywhere, by)) for by in ends))]
    if money:
        rows.append(("cost", "", *(outcome(plan, cost=by) for by in ends)))
        rows.append(("margin", "", *(outcome(plan, earned=by) for by in ends)))
    filled = list(sizes.index[sizes > 0])
    for tier in filled:
        here = plan["tier"] == tier
        if (plan["low"] < plan["high"])[here].any():
            changed = [plan.assign(mid=plan["mid"].where(~here, plan[n])) for n in ("low", "high")]
        else:
            changed = [scaled("mid", here, by) for by in ends]
        rows.append(("contacts", tier, *map(outcome, changed)))
        if tier != filled[-1]:
            moved = [_moved(plan, sizes, tier, filled[-1], by) for by in ends]
            rows.append(("size", tier, *(outcome(then, held=held) for then, held in moved)))
    table = pd.DataFrame(rows, columns=["assumption", "tier", "low", "high"])
    table["base"] = base = outcome(plan)
    swing = (table["high"] - table["low"]).abs().sort_values(ascending=False, kind="stable")
    return table.loc[swing.index[swing > 1e-12 * max(1.0, abs(base))]].reset_index(drop=True)


def _moved(
    plan: pd.DataFrame, sizes: pd.Series, tier: str, last: str, by: float
) -> tuple[pd.DataFrame, pd.Series]:
    """Return plan and sizes with a tier larger or smaller by customers of the last one."""
    moved = min(sizes[tier] * (by - 1), sizes[last])
    factor = plan["tier"].map({tier: 1 + moved / sizes[tier], last: 1 - moved / sizes[last]})
    changed = plan.assign(customers=plan["customers"] * factor.astype("float64").fillna(1.0))
    return changed, sizes + pd.Series({tier: moved, last: -moved}).reindex(sizes.index).fillna(0.0)


def feasible(
    wished: pd.DataFrame,
    value: pd.Series,
    pays: np.ndarray,
    effort: pd.DataFrame,
    available: pd.Series,
    weights: np.ndarray,
) -> pd.DataFrame | None:
    """Return the plan next to a wished one that fits the hours and costs no tier its margin.

    Maximises ``sum x[t, l] value[t] weights[l]``, where x[t, l] customers of tier t get level l.
    Everybody gets one level, none a better one than wished, and only such as pay; no role works
    more hours than it has (roles that ``available`` does not list do not count); and a better
    tier's mean weight is at least that of the next tier, unless a level does not pay there.

    Parameters
    ----------
    wished : DataFrame
        ``tier``, ``level`` (position) and ``customers``, one row a tier, best first.
    value : Series
        What a customer of each row may bring, in the order of ``wished``.
    pays : ndarray of bool, shape (tiers, levels)
        Whether a level may be given to a tier; of the last level it must be true.
    effort : DataFrame
        Hours a month that one customer takes, by level (rows) and role.
    available : Series
        Hours a month by role.
    weights : ndarray, shape (levels,)
        What a customer's value counts for at a level.

    Returns
    -------
    DataFrame or None
        As ``wished``, with a row for each level that customers of a tier get, so that the first
        of a tier get the better one; None if not even the last level for everybody fits.
    """
    counts, number = wished["customers"].to_numpy("float64"), pays.shape[1]
    roles = [role for role in effort if role in available.index]
    hours, there = effort[roles].to_numpy()[:number], available[roles].to_numpy("float64")
    places = wished["level"].to_numpy()
    filled = np.flatnonzero(counts)
    as_wished = pays[filled, places[filled]].all()
    if as_wished and (counts @ hours[places] <= there * (1 + SLACK)).all():
        return wished
    allowed = pays & (np.arange(number) >= places[:, None])
    # One variable per tier and level, the levels of a tier side by side.
    mean = np.kron(np.diag(1 / np.maximum(counts, 1)), weights[:number])[filled]
    ordered = np.diff(mean, axis=0)[allowed[filled[:-1], places[filled[:-1]]]]
    solved = linprog(
        # A tier that brings nothing still gets what the hours allow.
        -np.kron(np.maximum(value.to_numpy("float64"), 1e-6), weights[:number]),
        A_ub=np.vstack([np.tile(hours.T, len(counts)), ordered]),
        b_ub=np.concatenate([there, np.zeros(len(ordered))]),
        A_eq=np.kron(np.eye(len(counts)), np.ones(number)),
        b_eq=counts,
        bounds=[(0, most) for most in (counts[:, None] * allowed).ravel()],
        integrality=1,
        method="highs",
        options={"mip_rel_gap": GAP, "time_limit": SECONDS},
    )
    if solved.x is None:
        return None
    placed = np.rint(solved.x).astype("int64").reshape(len(counts), number)
    placed[counts == 0] = 0
    shown = (placed > 0) | ((counts == 0)[:, None] & (np.arange(number) == places[:, None]))
    tiers, levels = np.nonzero(shown)
    found = {"tier": wished["tier"].to_numpy()[tiers], "level": levels}
    return pd.DataFrame(found | {"customers": placed[shown]})


def reach(sizes: pd.Series, buyers: pd.Series, contact: float) -> pd.DataFrame:
    """Return what one contact (of so many hours) with everybody, the best tier first, would reach.

    By tier, without those that hold nobody: ``customers``, ``buyers``, ``active`` (share that
    bought), ``per_buyer`` (contacts per buyer; infinite if nobody bought); ``hours_so_far``,
    ``customers_so_far`` and ``buyers_so_far`` run from the best tier down.
    """
    tiers = pd.DataFrame({"customers": sizes, "buyers": buyers})
    tiers = tiers[tiers["customers"] > 0].rename_axis("tier").astype("float64")
    tiers["active"] = tiers["buyers"] / tiers["customers"]
    tiers["per_buyer"] = tiers["customers"] / tiers["buyers"]
    so_far = tiers.assign(hours=contact * tiers["customers"])[["hours", "customers", "buyers"]]
    tiers = tiers.join(so_far.cumsum().add_suffix("_so_far"))
    return tiers.astype({"customers": "int64", "customers_so_far": "int64"})


def worth_contacting(tiers: pd.DataFrame) -> list[str]:
    """Return the best tiers that together hold most buyers beyond their share of all customers.

    None if no group of the best tiers buys more often than all customers do.
    """
    overall = tiers["buyers"].sum() / tiers["customers"].sum()
    beyond = (tiers["buyers"] - overall * tiers["customers"]).cumsum().round(6)
    return list(tiers.index[: int(beyond.argmax()) + 1]) if beyond.max() > 0 else []
