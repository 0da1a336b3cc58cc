"""What a reader must bear in mind about the figures, only where it applies.

The limits are conventions, not tests: they decide whether a sentence is printed and
change no figure. ``segment.evidence.caution_words`` puts a caution into words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from segment.features.windows import Windows
from segment.tiering.rhythm import mean_gap

# One customer with a tenth of all value is a tenth of every gains curve.
DOMINATING_SHARE = 0.10
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
# The holdout's months lie so far from the average of the year.
SWING = 0.15
MANY, FEW = 0.90, 0.10


class Caution(NamedTuple):
    """One thing to bear in mind: ``key`` is what it is about, and a function of ``caution_words``.

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
    margin: float = 0.02,
) -> list[Caution]:
    """Return the cautions that apply to a study and one scheme, warnings first.

    ``features`` and ``outcome`` are of the customers known at the cut, ``tiers`` theirs under the
    scheme, ``figures`` its ``gini`` and ``gini_without_largest``, ``timeline`` ``month`` and
    ``amount`` of the whole data, ``margin`` the change of the Gini that would matter.
    """
    applying = [
        dominating(features["monetary_total"], outcome["value"], figures, margin),
        acquisition(features["days_since_first"], windows.start, windows.cut),
        short_holdout(features, windows.holdout_days),
        seasonality(timeline, windows),
        activity(outcome["active"]),
        newcomers(tiers, features["days_since_first"], outcome["value"]),
    ]
    return sorted(filter(None, applying), key=lambda caution: caution.weight != "warning")


def dominating(
    before: pd.Series, after: pd.Series, figures: Mapping[str, float], margin: float
) -> Caution | None:
    """Find one customer who decides the figures, by what all brought before and after the cut."""
    shares = [part.max() / part.sum() if part.sum() > 0 else 0.0 for part in (before, after)]
    gini, without = figures["gini"], figures["gini_without_largest"]
    change = abs(gini - without) if np.isfinite(without) else 0.0
    by_share = max(shares) >= DOMINATING_SHARE
    if not by_share and change <= margin:
        return None
    value, limit = (max(shares), DOMINATING_SHARE) if by_share else (change, margin)
    facts = {"before": shares[0], "after": shares[1], "gini": gini, "without": without}
    return Caution("one_customer", float(value), limit, "warning", facts)


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
    facts = {"days": shortest, "day": day, "length": length}
    return Caution("one_cohort", shortest / length, COHORT_SHARE, "note", facts)


def short_holdout(customers: pd.DataFrame, holdout_days: int) -> Caution | None:
    """Find that the holdout is shorter than the purchase cycle."""
    cycle = float(mean_gap(customers).median())
    if not holdout_days < cycle:  # nor where nobody bought twice
        return None
    facts = {"cycle": round(cycle), "holdout": holdout_days}
    return Caution("short_holdout", cycle, float(holdout_days), "warning", facts)


def seasonality(timeline: pd.DataFrame, windows: Windows) -> Caution | None:
    """Find that the holdout is another part of the year than the calibration."""
    start, cut, end = windows.start, windows.cut, windows.end
    before = set(pd.date_range(start, cut, inclusive="left").month)
    after = set(pd.date_range(cut, end, inclusive="left").month)
    if len(after) == 12 and len(before) == 12:
        return None
    unseen = sorted(after - before)
    index = seasonal_index(timeline, start, end)
    swing = index[sorted(after)].mean() - 1 if len(index) else 0.0
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
    than 24 of them.
    """
    months = pd.to_datetime(timeline["month"])
    whole = months.ge(pd.Timestamp(first))
    whole &= months + pd.offsets.MonthBegin() <= pd.Timestamp(end)
    months, amount = months[whole], timeline.loc[whole, "amount"].to_numpy(dtype="float64")
    if len(months) < 24 or (amount <= 0).any():
        return pd.Series(dtype="float64")
    time = (months.dt.year * 12 + months.dt.month).to_numpy(dtype="float64")
    dummies = (months.dt.month.to_numpy()[:, None] == np.arange(1, 13)).astype("float64")
    design = np.column_stack([time - time.mean(), dummies])
    levels = np.linalg.lstsq(design, np.log(amount), rcond=None)[0][1:]
    level = np.exp(levels - levels.mean())
    return pd.Series(level / level.mean(), index=range(1, 13))


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
    facts = {"share": share, "tier": lowest, "theirs": theirs, "others": others}
    return Caution("merely_new", share, NEWCOMER_SHARE, "note", facts)
