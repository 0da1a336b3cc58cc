"""The same comparison at several cut dates, because one date can be a lucky one.

The study's own cut is the last of the dates. Every earlier one is followed by a
holdout of the same length, and schemes learn from the study's start up to it, so the
customers known at an earlier date are a part of those known at the main cut. One
weight per customer therefore resamples all dates at once.

What the mean over k dates says has two errors, and the draws hold both:

- which customers there are: the shared resamples of the mean;
- which dates were looked at: s^2 / k, with s^2 the variance between dates, widened to
  Student's t with k - 1 degrees of freedom. It enters the draws as noise that all
  schemes share date by date.

Holdouts of neighbouring dates overlap, which makes s^2 / k a lower bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from segment.evidence.backtest import Backtest
from segment.evidence.bootstrap import resample
from segment.evidence.comparison import FIGURES, REVENUE_SORT, Comparison
from segment.evidence.intervals import interval
from segment.evidence.origins import Origin
from segment.tiering import Tiering

SHOWN = list(FIGURES[:3])
# On either side of a 95 % interval.
TAIL = 0.025


@dataclass(frozen=True)
class Rolling:
    """How schemes fare at several cut dates.

    Attributes
    ----------
    origins : DataFrame
        ``cut``, ``end`` (dates), ``customers``, ``active_share``; the main cut last.
    figures : DataFrame
        ``label``, ``cut``, ``gini``, ``skill``, ``capture``: one row for every date at
        which a scheme, or the revenue sort, stands.
    summary : DataFrame
        Indexed by label, the revenue sort last: ``origins`` (dates at which it stands),
        ``mean`` of the normalised Gini with its 95 % interval ``mean_low`` to
        ``mean_high``, ``lowest`` and ``highest``, mean ``skill`` and ``capture``, and
        ``wins`` (dates at which no scheme was better). For a scheme that stands at
        fewer dates, ``mean`` is the revenue sort's mean plus its mean distance from
        the revenue sort where it stands.
    draws : DataFrame of shape (replicates, schemes and the revenue sort)
        Of ``mean``, with both errors.
    absent : DataFrame
        ``label``, ``cut``, ``reason``: where a scheme does not stand.
    skipped : dict of date to str
        Dates that no scheme can be judged at, with the reason.
    """

    origins: pd.DataFrame
    figures: pd.DataFrame
    summary: pd.DataFrame
    draws: pd.DataFrame
    absent: pd.DataFrame
    skipped: dict[dt.date, str]


def judge_at_dates(
    methods: Mapping[str, Tiering],
    main: Backtest,
    last: Origin,
    before: Iterable[Origin] = (),
    *,
    least_customers: int = 2,
    seed: int = 1,
    most_resampled: int = 100_000,
) -> Rolling:
    """Judge every scheme at every cut date, learned afresh from what was known then.

    ``methods`` are fitted at the main cut, ``last``; ``main`` is the comparison there, and ``seed``
    and ``most_resampled`` are its own, so that its resamples are those of the other dates too.
    ``before`` are the earlier dates, oldest first, whose customers are some of the main cut's; one
    with fewer than ``least_customers`` is skipped.
    """
    labels, population = [*methods, REVENUE_SORT], last.customers.index
    dates, places, tables, facts, absent, skipped = [], [], [], [], [], {}
    for origin in before:
        tiers, lacking, reason = origin.tiers(methods, least_customers)
        if reason:
            skipped[origin.cut] = reason
            continue
        absent += [(label, origin.cut, why) for label, why in lacking.items()]
        date = Comparison(tiers, origin.customers, origin.outcome, main.capture_share)
        dates.append(date)
        places.append(population.get_indexer(origin.customers.index))
        everyone = np.ones((1, len(origin.customers)), dtype="uint8")
        table = pd.DataFrame(date.measure(everyone)[0][0].T, date.labels, list(FIGURES))
        tables.append(table.loc[[*tiers, REVENUE_SORT], SHOWN].assign(cut=origin.cut))
        facts.append(_facts(origin))
    tables.append(main.figures.loc[labels, SHOWN].assign(cut=last.cut))
    figures = pd.concat(tables).rename_axis("label").reset_index()
    gini = figures.pivot(index="cut", columns="label", values="gini")[labels]
    draws, replicates = main.draws["gini"][labels], len(main.draws["gini"])
    if dates:

        def statistic(w: np.ndarray) -> np.ndarray:
            known = zip(dates, places, strict=True)
            return np.hstack([date.measure(w[:, place])[0][:, 0] for date, place in known])

        drawn = resample(statistic, len(population), replicates, seed, most_resampled)
        ends = np.cumsum([len(date.labels) for date in dates])[:-1]
        parts = zip(np.split(drawn, ends, axis=1), dates, strict=True)
        earlier = [pd.DataFrame(part, columns=date.labels) for part, date in parts]
        draws = mean_draws([*earlier, draws])
    draws = draws + between_dates(gini, replicates, seed)
    return Rolling(
        origins=pd.DataFrame([*facts, _facts(last)]),
        figures=figures[["label", "cut", *SHOWN]],
        summary=_summary(figures, gini, draws, main.widening),
        draws=draws,
        absent=pd.DataFrame(absent, columns=["label", "cut", "reason"]),
        skipped=skipped,
    )


def _facts(origin: Origin) -> dict[str, object]:
    return {
        "cut": origin.cut,
        "end": origin.end,
        "customers": len(origin.customers),
        "active_share": float(origin.outcome["active"].mean()),
    }


def adjusted_mean(gini: pd.DataFrame) -> pd.Series:
    """Return every scheme's mean over the dates: the plain sort's plus the mean distance from it.

    Where a scheme stands at every date, that is its own mean; where not, ``gini`` (dates x
    schemes) is missing.
    """
    revenue = gini[REVENUE_SORT]
    return revenue.mean() + gini.sub(revenue, axis=0).mean()


def mean_draws(dates: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return draws of the adjusted mean from those of each date, paired row by row.

    The last date holds all schemes; of the others' columns its own are taken.
    """
    labels = dates[-1].columns
    revenue = sum(date[REVENUE_SORT] for date in dates) / len(dates)
    apart = [date.sub(date[REVENUE_SORT], axis=0) for date in dates]
    total = sum(date.reindex(columns=labels, fill_value=0.0) for date in apart)
    return (total / sum(labels.isin(date.columns) for date in dates)).add(revenue, axis=0)


def between_dates(gini: pd.DataFrame, replicates: int, seed: int) -> np.ndarray:
    """Return noise of the spread between dates, (replicates, schemes), shared date by date.

    One normal number per replicate and date, times each scheme's deviation from its
    mean at that date: the difference of two schemes has exactly the s^2 / k of that
    difference. Since s^2 of few dates is itself rough, the noise is wider by what
    Student's t with k - 1 degrees of freedom is wider than the normal. A scheme that
    stands at one date only has no variance of its own; it borrows the median of the
    others', of the distance to the revenue sort.
    """
    if len(gini) == 1:
        return np.zeros((replicates, gini.shape[1]))
    # A stream of its own: the seed itself draws the customers.
    rng = np.random.default_rng([seed, len(gini)])
    dates = rng.standard_normal((replicates, len(gini)))
    own = rng.standard_normal((replicates, gini.shape[1]))
    revenue = gini[[REVENUE_SORT]]
    distance = gini.sub(gini[REVENUE_SORT], axis=0)
    times = distance.notna().sum()
    typical = distance.drop(columns=REVENUE_SORT).loc[:, times > 1].var().median()
    borrowed = np.where(times == 1, np.sqrt(np.nan_to_num(typical)), 0.0)
    wider = stats.t.isf(TAIL, len(gini) - 1) / stats.norm.isf(TAIL)
    return wider * (dates @ (_deviations(revenue) + _deviations(distance)) + own * borrowed)


def _deviations(values: pd.DataFrame) -> np.ndarray:
    """Return deviations from the mean over dates, scaled so that squares add up to s^2 / k."""
    times = values.notna().sum()
    scale = np.sqrt((times * (times - 1)).clip(lower=1))
    return (values - values.mean()).fillna(0.0).to_numpy() / scale.to_numpy()


def _summary(
    figures: pd.DataFrame, gini: pd.DataFrame, draws: pd.DataFrame, wider: float
) -> pd.DataFrame:
    schemes = gini.drop(columns=REVENUE_SORT)
    ends = np.array([interval(draws[label].to_numpy(), wider=wider) for label in gini])
    summary = pd.DataFrame(
        {
            "origins": gini.notna().sum(),
            "mean": adjusted_mean(gini),
            "mean_low": ends[:, 0],
            "mean_high": ends[:, 1],
            "lowest": gini.min(),
            "highest": gini.max(),
        }
    )
    summary = summary.join(figures.groupby("label")[["skill", "capture"]].mean())
    # Equal schemes share a win: sums in another order differ in the last digits.
    wins = schemes.ge(schemes.max(axis=1) - 1e-12, axis=0).sum()
    return summary.assign(wins=wins)
