"""What the lifecycle page draws and tabulates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from segment.language import _, tier_name
from segment.run import Run
from segment.tiering.lifecycle import prospect_stages

# Points of the curves: at most so many a stage, each of at least so many customers.
MOST_POINTS, FEWEST_CUSTOMERS = {"repeat": 4, "one-off": 2, "new": 1}, 40
SHARE = ["share", "low", "high"]


def stages(a: Run, label: str) -> pd.DataFrame:
    """Return what is at stake at each stage and what came of it.

    Returns
    -------
    DataFrame
        One row per stage, the prospects first where the study has a customers
        table: ``stage``, ``customers``, ``past`` (amount before the cut, missing for
        prospects), ``past_share``, ``once`` (share with one purchase day), ``share``
        who bought after the cut with its interval ``low`` to ``high``, ``value``
        (mean holdout value).
    """
    method = a.methods[label]
    past = past_amount(a)
    found = _came_of(a.outcome, method.labels_).assign(
        past=past.groupby(method.labels_, observed=False).sum()
    )
    found["past_share"] = found["past"] / past.sum()
    once = a.customers["order_days"] == 1
    found["once"] = once.groupby(method.labels_, observed=False).mean()
    if a.prospects is not None:
        found = pd.concat([_came_of(a.prospects, prospects(a, label)), found])
    return found.rename_axis("stage").reset_index()


def prospects(a: Run, label: str) -> pd.Series:
    """Return the stage of everyone in the customers table who had not bought by the cut."""
    never = pd.Series(pd.NaT, index=a.prospects.index)
    met = a.prospects.get("first_contact", never)
    return prospect_stages(met, a.windows.cut, a.methods[label].prospect_names)


def past_amount(a: Run) -> pd.Series:
    """Return each customer's amount of the last year, or of the whole calibration.

    The whole where the year was not computed; a shorter calibration is the same.
    """
    return a.customers["monetary_year" if "monetary_year" in a.customers else "monetary_total"]


def return_by_lateness(a: Run, label: str) -> pd.DataFrame:
    """Return how many bought again, by how late they were at the cut.

    Customers with one purchase stand apart from those with more: a single purchase
    tells no rhythm. Each stage is divided into a few parts of about the same
    number of customers, so that the stages' limits stand between points.

    Returns
    -------
    DataFrame
        One row per point: ``group`` ("repeat", "one-off", "new"), ``stage``,
        ``lateness`` (median, in usual gaps), ``customers``, ``share`` who bought after
        the cut, ``low``, ``high``.
    """
    method, known = a.methods[label], a.customers
    late, new = method.lateness(known), method.tiers_[1]
    group = np.select([method.labels_ == new, known["order_days"] > 1], ["new", "repeat"],
                      "one-off")  # fmt: skip
    parts = []
    for (name, stage), inside in late.groupby([group, method.labels_], observed=True):
        points = int(np.clip(len(inside) // FEWEST_CUSTOMERS, 1, MOST_POINTS[name]))
        # Equal lateness is never divided: a point begins where its first value does.
        starts = np.unique(np.quantile(inside, np.arange(points) / points, method="lower"))
        part = np.searchsorted(starts, inside, side="right")
        again = a.outcome["active"].reindex(inside.index).groupby(part)
        shares = _shares(again.sum(), again.count())
        parts.append(shares.assign(lateness=inside.groupby(part).median(), group=name, stage=stage))
    return pd.concat(parts, ignore_index=True)


def axis(a: Run, label: str) -> dict[str, Any]:
    """Return limits, stages and groups in words that ``return_by_lateness`` is drawn with."""
    method = a.methods[label]
    first, new, *later = method.tiers_
    names = {"repeat": _("two purchases or more"), "one-off": _("one purchase"),
             "new": _("one purchase, {new}", new=tier_name(new))}  # fmt: skip
    stages = tuple(tier_name(stage) for stage in (first, *later))
    return {"limits": method.limits, "stages": stages, "groups": names}


def drops(a: Run, label: str) -> pd.DataFrame:
    """Return by how much the share who bought again falls at each limit.

    Neighbouring stages are compared; "new" is none, as it has no lateness.

    Returns
    -------
    DataFrame
        ``limit`` (in usual gaps), ``before`` and ``after`` (shares who bought again),
        ``drop`` with its interval ``low`` to ``high`` by Newcombe's (1998) hybrid
        score method; a limit next to a stage without customers is left out.
    """
    method = a.methods[label]
    found = _came_of(a.outcome, method.labels_).loc[[method.tiers_[0], *method.tiers_[2:]]]
    stages, rows = found.to_dict("records"), []
    for limit, p, q in zip(method.limits, stages[:-1], stages[1:], strict=True):
        drop = p["share"] - q["share"]
        low = drop - np.hypot(p["share"] - p["low"], q["high"] - q["share"])
        high = drop + np.hypot(p["high"] - p["share"], q["share"] - q["low"])
        rows.append((limit, p["share"], q["share"], drop, low, high))
    columns = ["limit", "before", "after", "drop", "low", "high"]
    return pd.DataFrame(rows, columns=columns).dropna(ignore_index=True)


def contrasts(a: Run, label: str) -> pd.DataFrame:
    """Return newcomers against long-standing customers, and one-off against repeat ones.

    Returns
    -------
    DataFrame
        ``group`` and ``meaning`` in words, ``customers``, ``past_share``, ``share`` who bought
        after the cut with its interval, ``value`` (mean holdout value).
    """
    days, known, past = a.methods[label].newcomer_days, a.customers, past_amount(a)
    new, once = known["days_since_first"] <= days, known["order_days"] == 1
    groups = {
        _("newcomers"): (_("first purchase at most {days} days before the cut", days=days), new),
        _("long-standing"): (
            _("first purchase more than {days} days before the cut", days=days),
            ~new,
        ),
        _("one-off"): (_("one purchase day so far"), once),
        _("repeat"): (_("two purchase days or more"), ~once),
    }
    rows = [
        _came_of(a.outcome[inside], pd.Series(name, index=known.index[inside])).assign(
            meaning=meaning, past_share=past[inside].sum() / past.sum()
        )
        for name, (meaning, inside) in groups.items()
        if inside.any()
    ]
    return pd.concat(rows).rename_axis("group").reset_index()


def _came_of(outcome: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    by = outcome.groupby(groups, observed=False)
    shares = _shares(by["active"].sum(), by["active"].count())
    return shares.assign(value=by["value"].mean())


def _shares(some: pd.Series, every: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Return shares with their interval by Wilson's (1927) score method."""
    z = norm.ppf((1 + level) / 2)
    n = every.astype(float).where(every > 0)
    share = some / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return pd.DataFrame(
        {"customers": every, "share": share, "low": middle - half, "high": middle + half}
    )
