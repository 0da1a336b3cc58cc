"""The service plan of a scheme: contacts, hours, costs, and what would make it fit."""

from __future__ import annotations

import pandas as pd

from segment.action import capacity, service
from segment.run import Run

DAYS_A_MONTH = 365.25 / 12
CONTACTS, SIZES, BEST = "contacts", "sizes", "best"


def months(a: Run) -> float:
    """Return the length of the holdout in months."""
    return (a.windows.end - a.windows.cut).days / DAYS_A_MONTH


def margin_rate(a: Run) -> float:
    """Return what turns holdout value into margin: 1 where it is one; NaN if not known."""
    if a.study.columns.margin is not None:
        return 1.0
    rate = a.study.costs.margin_rate
    return float("nan") if rate is None else rate


def tiers(a: Run, label: str) -> pd.DataFrame:
    """Return the tiers of a scheme with their level of service and their holdout.

    Returns
    -------
    DataFrame
        Indexed by tier, best first, also those that hold nobody: ``customers``,
        ``level`` (position), ``buyers``, ``value`` (sum), ``mean`` (value of a customer;
        0 in an empty tier), ``margin`` (sum; missing if not known).
    """
    method, plan = a.methods[label], a.study.service
    levels = service.levels_of(plan, method.tiers_, plan.tiers.get(label))
    by_tier = a.outcome.groupby(method.labels_, observed=False)
    found = by_tier.agg(customers=("value", "size"), buyers=("active", "sum"),
                        value=("value", "sum")).reindex(list(method.tiers_))  # fmt: skip
    found["level"] = pd.Series(levels)
    found["mean"] = (found["value"] / found["customers"]).fillna(0.0)
    found["margin"] = found["value"] * margin_rate(a)
    found.index = pd.Index(list(method.tiers_), name="tier")
    return found


def plan(a: Run, label: str) -> pd.DataFrame:
    """Return who is in touch with each tier how often: ``segment.service.plan``."""
    found = tiers(a, label)
    return service.plan(a.study.service, found["customers"], found["level"])


def team(a: Run) -> pd.DataFrame:
    """Return people, hours and costs by role; no row if the study lists no team."""
    return capacity.available(a.study.team)


def load(a: Run, label: str) -> pd.DataFrame:
    """Return the hours a month that each role needs and has."""
    return capacity.load(plan(a, label), team(a))


def costs(a: Run, label: str) -> pd.DataFrame:
    """Return what the service of each tier costs, and what it must bring."""
    found = tiers(a, label)
    return capacity.costs(plan(a, label), team(a), found["customers"], found["margin"],
                          found["buyers"], months(a))  # fmt: skip


def tornado(a: Run, label: str) -> pd.DataFrame:
    """Return what the break-even, else the hours, hangs on."""
    found = tiers(a, label)
    margin = found["margin"].sum(skipna=False)
    return capacity.tornado(plan(a, label), team(a), found["customers"],
                            None if pd.isna(margin) else float(margin), months(a))  # fmt: skip


def remedies(a: Run, label: str) -> pd.DataFrame:
    """Return by role of the team whether the plan fits, and by how much it does not."""
    found, policy = tiers(a, label), a.study.service
    return capacity.remedies(found["customers"], found["level"], service.effort(policy), team(a),
                             service.floor_of(policy))  # fmt: skip


def best(a: Run, label: str) -> pd.DataFrame | None:
    """Return how many customers of each tier get each level at best.

    Returns
    -------
    DataFrame or None
        Indexed by tier, columns: levels by position. None without a team, or where not
        even the floor fits its hours.
    """
    found, policy, people = tiers(a, label), a.study.service, team(a)
    if people.empty or found["customers"].sum() == 0:
        return None
    return capacity.best(found["customers"], found["mean"], service.effort(policy),
                         people["available"], service.weights(policy),
                         service.floor_of(policy))  # fmt: skip


def ways(a: Run, label: str) -> pd.DataFrame:
    """Return the ways to make a plan fit without more people, and whom each concerns.

    Returns
    -------
    DataFrame
        Indexed by way ("contacts", "sizes", "best"; only those that make it fit):
        ``factor`` (share of what is above the floor that is left; missing for "best"),
        ``customers`` who get less, and what they brought in the holdout: ``value``,
        ``low``, ``high``. No row if the plan fits.
    """
    need = remedies(a, label)
    if need.empty or need["fits"].all() or not need["possible"].all():
        return pd.DataFrame(columns=["factor", "customers", "value", "low", "high"])
    found, policy, labels = tiers(a, label), a.study.service, a.methods[label].labels_
    floor, factor = service.floor_of(policy), float(need["factor"].min())
    short = need.index[~need["fits"]]
    effort = service.effort(policy)[short].to_numpy()
    less = (effort > effort[floor]).any(axis=1)
    level = labels.astype(object).map(found["level"]).to_numpy()
    past = a.customers["margin_total" if "margin_total" in a.customers else "monetary_total"]
    concerned = {CONTACTS: less[level] & (level < floor),
                 SIZES: capacity.demoted(labels, found["level"], past, factor, floor)}  # fmt: skip
    placed = best(a, label)
    if placed is not None:
        ends = placed.cumsum(axis=1)
        place = capacity.ranks(labels, past)
        given = sum((place > labels.astype(object).map(ends[step]).to_numpy()).astype(int)
                    for step in ends.columns[:-1])  # fmt: skip
        concerned[BEST] = given > level
    settings = a.study.backtest
    stakes = capacity.at_stake(
        a.outcome["value"].to_numpy(dtype="float64"), pd.DataFrame(concerned).to_numpy(),
        settings.replicates, settings.seed, settings.most_resampled,
    )  # fmt: skip
    stakes.index = list(concerned)
    stakes.insert(0, "factor", [factor, factor, float("nan")][: len(stakes)])
    return stakes


def smaller(a: Run, label: str) -> pd.DataFrame:
    """Return how many customers of each tier above the floor would keep their service.

    Returns
    -------
    DataFrame
        Indexed by tier: ``kept`` and ``customers``, where the tiers above the floor are
        made smaller until the plan fits.
    """
    found, factor = tiers(a, label), remedies(a, label)["factor"].min()
    above = found[(found["level"] < service.floor_of(a.study.service)) & (found["customers"] > 0)]
    kept = (factor * above["customers"] + capacity.SLACK).astype("int64")
    return pd.DataFrame({"kept": kept, "customers": above["customers"]})


def contact(a: Run, label: str) -> tuple[str, str, float]:
    """Return role, kind and hours of the plan's quickest contact; empty if it has none."""
    found = plan(a, label).query("mid > 0 and each > 0")
    if found.empty:
        return "", "", 0.0
    first = found.loc[found["each"].idxmin()]
    return first["role"], first["kind"], float(first["each"])


def reach(a: Run, label: str) -> pd.DataFrame:
    """Return what one contact each, tier after tier, would have reached in the holdout."""
    found, steps = tiers(a, label), plan(a, label)
    planned = capacity.hours(steps).groupby(steps["tier"]).sum() * months(a)
    return capacity.reach(found["customers"], found["buyers"], found["value"],
                          contact(a, label)[2] or 1.0,
                          planned.reindex(found.index).fillna(0.0))  # fmt: skip
