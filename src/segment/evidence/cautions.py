"""What a reader must bear in mind about the figures, only where it applies.

The limits are conventions, not tests: they decide whether a sentence is printed and
change no figure. ``segment.evidence.caution_words`` puts a caution into words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from segment.evidence.comparison import net_value
from segment.features.windows import Windows
from segment.reading.transactions import FILTERED, NO_CUSTOMER
from segment.tiering.rhythm import mean_gap

# One customer with a tenth of all value is a tenth of every gains curve.
DOMINATING_SHARE = 0.10
# So much of the normalised Gini that it hangs on one customer is worth a word.
DOMINATING_CHANGE = 0.02
# First purchases: the window that holds so many of them, ...
MOST = 0.90
# ... a cohort if it takes at most this share of the calibration, ...
COHORT_SHARE = 0.50
# ... and unknown history if its first quarter has so many times the daily rate of
# the rest. A fifth of customers from before the data makes it about 2.
EARLY_RATE = 2.0
SHORTEST_SPAN = 28
# Customers this new could not yet bring more; the same as in gold and drag.
NEWCOMER_DAYS = 90
NEWCOMER_SHARE = 0.20
# Months from which on the season can be told from growth.
WHOLE_YEARS = 24
# The holdout's months lie so far from the average of the year.
SWING = 0.15
MANY, FEW = 0.90, 0.10
# Rows without a customer, of the rows or of the money.
NAMELESS_SHARE = 0.05
# Bought on one day only: from here on these are most customers.
ONCE_SHARE = 0.50
# Fewer in the best tier, and a few of them decide what it brings.
SMALL_TIER = 30
# A step of the monthly amount by a third up or a quarter down, four standard errors from none,
# at most two months from the cut; of a short history half a year on either side is read.
STEP, STEP_ERRORS, STEP_REACH, STEP_MONTHS, STEP_LEAST = 4 / 3, 4.0, 2, 6, 3


class Caution(NamedTuple):
    """One thing to bear in mind: ``key`` is what it is about, in ``caution_words.TEXTS``.

    ``value`` is the figure that triggered it and ``limit`` from where on it does; ``weight`` is
    "warning" where the comparison itself is weakened, "note" where only its reading is; ``facts``
    is what its sentences name.
    """

    key: str
    value: float
    limit: float
    weight: str
    facts: Mapping[str, Any]


def find_cautions(
    features: pd.DataFrame,
    outcome: pd.DataFrame,
    tiers: pd.Series,
    figures: Mapping[str, float],
    windows: Windows,
    timeline: pd.DataFrame,
    cuts: Iterable[dt.date],
    accounts: pd.DataFrame,
) -> list[Caution]:
    """Return the cautions that apply to a study and one scheme, warnings first.

    ``features`` and ``outcome`` are of the customers known at the cut, ``tiers`` theirs under the
    scheme, ``figures`` its ``gini`` and ``gini_without_largest``, ``timeline`` ``month`` and
    ``amount`` of the whole data, ``cuts`` the dates at which schemes were judged, ``accounts`` what
    became of every row (``fate``, ``rows``, ``amount``).
    """
    applying = [
        without_customer(accounts),
        dominating(features["monetary_total"], outcome["value"], figures),
        level_shift(timeline, windows),
        acquisition(features["days_since_first"], windows.start, windows.cut),
        bought_once(features["order_days"]),
        short_holdout(features, windows.holdout_days),
        seasonality(timeline, windows, cuts),
        activity(outcome["active"]),
        newcomers(tiers, features["days_since_first"], net_value(outcome)),
        small_tier(tiers),
    ]
    return sorted(filter(None, applying), key=lambda caution: caution.weight != "warning")


def without_customer(accounts: pd.DataFrame) -> Caution | None:
    """Find that many rows, or much money, belong to nobody; rows filtered out do not count."""
    asked = accounts[accounts["fate"] != FILTERED]
    total = asked[["rows", "amount"]].sum()
    none = asked.loc[asked["fate"] == NO_CUSTOMER, ["rows", "amount"]].sum()
    rows = none["rows"] / total["rows"]
    # Missing where returns outweigh purchases, so that no share can be told.
    amount = none["amount"] / total["amount"] if 0 <= none["amount"] < total["amount"] else np.nan
    value = float(np.fmax(rows, amount))
    if value < NAMELESS_SHARE:
        return None
    facts = {"rows": rows, "amount": amount, "number": none["rows"], "money": none["amount"]}
    return Caution("without_customer", value, NAMELESS_SHARE, "warning", facts)


def dominating(before: pd.Series, after: pd.Series, figures: Mapping[str, float]) -> Caution | None:
    """Find one customer who decides the figures, by what all brought before and after the cut."""
    shares = [part.max() / part.sum() if part.sum() > 0 else 0.0 for part in (before, after)]
    gini, without = figures["gini"], figures["gini_without_largest"]
    change = abs(gini - without) if np.isfinite(without) else 0.0
    by_share = max(shares) >= DOMINATING_SHARE
    if not by_share and change <= DOMINATING_CHANGE:
        return None
    value, limit = (max(shares), DOMINATING_SHARE) if by_share else (change, DOMINATING_CHANGE)
    facts = {"before": shares[0], "after": shares[1], "gini": gini, "without": without}
    return Caution("one_customer", float(value), limit, "warning", facts)


def level_shift(timeline: pd.DataFrame, windows: Windows) -> Caution | None:
    """Find that the business stands on another level from a month at or near the cut on.

    By least squares in the log of the monthly amounts: a line, a step and, from two years on, one
    level per month of the year; before that within half a year of the cut, so that the season of
    a longer time does not bend the line. Growth is no shift, and neither is a single month.
    """
    months, amount = _whole_months(timeline, windows.start, windows.end)
    cut = pd.Timestamp(windows.cut) + pd.Timedelta(days=15)  # to the nearer first of a month
    after = ((months.dt.year - cut.year) * 12 + months.dt.month - cut.month).to_numpy()
    seasonal = len(months) < WHOLE_YEARS
    near = (abs(after + 0.5) < STEP_MONTHS) | (not seasonal)
    months, after, amount = months[near], after[near], amount[near]
    line = [np.ones(len(after))] if seasonal else _month_dummies(months).T
    best, step, month = 0.0, 0.0, None
    for first in range(-STEP_REACH, STEP_REACH + 1):
        behind = after >= first
        design = np.column_stack([*line, after, behind])
        spare = len(after) - design.shape[1]
        if min(behind.sum(), (~behind).sum(), spare) < STEP_LEAST or (amount <= 0).any():
            continue
        fitted = np.linalg.lstsq(design, np.log(amount), rcond=None)[0]
        spread = np.log(amount) - design @ fitted
        error = np.sqrt(np.linalg.inv(design.T @ design)[-1, -1] * (spread @ spread) / spare)
        times = abs(fitted[-1]) / max(error, 1e-9)
        if times > best:
            best, step, month = times, fitted[-1], months[behind].iloc[0].date()
    if best < STEP_ERRORS or abs(step) < np.log(STEP):
        return None
    facts = {"change": float(np.expm1(step)), "month": month, "seasonal": seasonal}
    return Caution("level_shift", float(np.exp(abs(step))), STEP, "warning", facts)


def acquisition(days_since_first: pd.Series, start: dt.date, cut: dt.date) -> Caution | None:
    """Find that all customers are of one cohort, or that their beginnings are unknown.

    First purchases crowd together in both cases. If new customers came at an even
    rate while they came, they are one cohort; if the rate is highest at the very
    start and falls off, the data begin in the midst of running relations.
    """
    length = (cut - start).days
    first = np.sort(length - 1 - days_since_first.to_numpy())
    n = len(first)
    most = int(np.ceil(MOST * n))
    reach = max(SHORTEST_SPAN, first[most - 1] + 1)
    early = reach / 4
    at_start = (first < early).sum()
    later = ((first >= early) & (first < reach)).sum() / (reach - early)
    if at_start / early >= EARLY_RATE * later:
        # Missing where nobody came later.
        rate = float(at_start / early / later) if later > 0 else np.nan
        older = (at_start - later * early) / n
        facts = {"share": at_start / n, "days": round(early), "older": older, "times": rate}
        return Caution("unknown_first", rate, EARLY_RATE, "note", facts)
    spans = first[most - 1 :] - first[: n - most + 1] + 1
    shortest = int(spans.min())
    if shortest > COHORT_SHARE * length:
        return None
    day = start + dt.timedelta(days=int(first[spans.argmin()]))
    facts = {"share": MOST, "days": shortest, "day": day, "length": length}
    return Caution("one_cohort", shortest / length, COHORT_SHARE, "note", facts)


def bought_once(order_days: pd.Series) -> Caution | None:
    """Find that most customers bought on one day only before the cut."""
    share = float((order_days == 1).mean())
    if share <= ONCE_SHARE:
        return None
    weight = "warning" if share > MANY else "note"
    return Caution("bought_once", share, ONCE_SHARE, weight, {"share": share})


def short_holdout(customers: pd.DataFrame, holdout_days: int) -> Caution | None:
    """Find that the holdout is shorter than the purchase cycle."""
    cycle = float(mean_gap(customers).median())
    if not holdout_days < cycle:  # nor where nobody bought twice
        return None
    facts = {"cycle": round(cycle), "holdout": holdout_days}
    return Caution("short_holdout", cycle, float(holdout_days), "warning", facts)


def seasonality(
    timeline: pd.DataFrame, windows: Windows, cuts: Iterable[dt.date]
) -> Caution | None:
    """Find that no cut date was followed by the season that comes next, and that it may matter.

    It does not where the year hardly swings; it may where the holdout has months that the time
    before has not, where these bring more or less than others, or where nobody can tell.
    """
    start, cut, end = windows.start, windows.cut, windows.end
    if any(windows.sees_next_season(date) for date in cuts):
        return None
    before = set(pd.date_range(start, cut, inclusive="left").month)
    after = set(pd.date_range(cut, end, inclusive="left").month)
    unseen = sorted(after - before)
    index = seasonal_index(timeline, start, end)
    swing = index[sorted(after)].mean() - 1 if len(index) else np.nan
    facts = {"unseen": unseen, "months": sorted(after), "swing": swing, "index": index.to_dict()}
    if unseen:
        return Caution("season", float(len(unseen)), 1.0, "warning", facts)
    if abs(swing) < SWING:
        return None
    return Caution("season", float(abs(swing)), SWING, "note", facts)


def seasonal_index(timeline: pd.DataFrame, first: dt.date, end: dt.date) -> pd.Series:
    """Return each month of the year against the average one, the trend taken out.

    From a straight line and one level per month of the year, fitted to the log of
    the monthly amounts: growth is no season. Only whole months count; empty with fewer
    than two years of them.
    """
    months, amount = _whole_months(timeline, first, end)
    if len(months) < WHOLE_YEARS or (amount <= 0).any():
        return pd.Series(dtype="float64")
    time = (months.dt.year * 12 + months.dt.month).to_numpy(dtype="float64")
    design = np.column_stack([time - time.mean(), _month_dummies(months)])
    levels = np.linalg.lstsq(design, np.log(amount), rcond=None)[0][1:]
    level = np.exp(levels - levels.mean())
    return pd.Series(level / level.mean(), index=range(1, 13))


def _month_dummies(months: pd.Series) -> np.ndarray:
    return (months.dt.month.to_numpy()[:, None] == np.arange(1, 13)).astype("float64")


def _whole_months(
    timeline: pd.DataFrame, first: dt.date, end: dt.date
) -> tuple[pd.Series, np.ndarray]:
    """Return the first days of the months that lie within ``[first, end)``, and their amounts."""
    months = pd.to_datetime(timeline["month"])
    whole = months.ge(pd.Timestamp(first))
    whole &= months + pd.offsets.MonthBegin() <= pd.Timestamp(end)
    return months[whole], timeline.loc[whole, "amount"].to_numpy(dtype="float64")


def activity(active: pd.Series) -> Caution | None:
    """Find that almost everyone, or almost nobody, bought again."""
    share = float(active.mean())
    if FEW <= share <= MANY:
        return None
    key, limit = ("almost_everyone", MANY) if share > MANY else ("almost_nobody", FEW)
    return Caution(key, share, limit, "warning", {"share": share})


def newcomers(tiers: pd.Series, days_since_first: pd.Series, value: pd.Series) -> Caution | None:
    """Find that the lowest tier holds customers who are merely new."""
    lowest = tiers.dropna().max()
    inside = (tiers == lowest).to_numpy()
    new = inside & (days_since_first < NEWCOMER_DAYS).to_numpy()
    share = float(new.sum() / inside.sum())
    # Where everyone is new, newness sets nobody apart.
    if share < NEWCOMER_SHARE or new.sum() == inside.sum():
        return None
    theirs, others = float(value[new].mean()), float(value[inside & ~new].mean())
    facts = {"share": share, "tier": lowest, "days": NEWCOMER_DAYS}
    facts |= {"theirs": theirs, "others": others}
    return Caution("merely_new", share, NEWCOMER_SHARE, "note", facts)


def small_tier(tiers: pd.Series) -> Caution | None:
    """Find that the best tier holds so few customers that a few of them decide its figures."""
    best = tiers.dropna().min()
    number = int((tiers == best).sum())
    if number >= SMALL_TIER:
        return None
    facts = {"tier": best, "n": SMALL_TIER}
    return Caution("small_tier", float(number), float(SMALL_TIER), "note", facts)
