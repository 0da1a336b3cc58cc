"""The same comparison at several cut dates, because one date can be a lucky one.

The study's own cut is the last of the dates. Every earlier one is followed by a
holdout of the same length, and schemes learn from the study's start up to it, so the
customers known at an earlier date are a part of those known at the main cut. One
weight per customer therefore resamples all dates at once.

What the mean over k dates says has two errors, and the draws hold both:

- which customers there are: the shared resamples of the mean;
- which dates were looked at: s^2 / k, with s^2 the variance between dates. It enters the
  draws as noise that all schemes share date by date, with one Student factor of k - 1
  degrees of freedom per draw (a multivariate t), because s^2 of few dates is itself rough.
  Each resample of customers meets many draws of it: they cost nothing, and a far quantile
  of few draws of so long a tail is left to chance.

Holdouts of neighbouring dates overlap, which makes s^2 / k a lower bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.evidence.backtest import Backtest, ends
from segment.evidence.bootstrap import resample
from segment.evidence.comparison import FIGURES, PLAIN_SORT, Comparison
from segment.evidence.origins import Origin
from segment.tiering import Tiering

# What is told of every date; the first two with the mean over the dates and its interval.
MEANS = ["gini", "gain"]
CHECKS = ["gain_without_largest", "gain_net"]
SHOWN = [*MEANS, "skill", "capture"]
DRAWS = 20_000  # of a mean over dates


@dataclass(frozen=True)
class Rolling:
    """How schemes fare at several cut dates.

    Attributes
    ----------
    origins : DataFrame
        ``cut``, ``end`` (dates), ``customers``, ``active_share``; the main cut last.
    figures : DataFrame
        ``label``, ``cut``, SHOWN and CHECKS: one row for every date at which a scheme,
        or the plain sort, stands.
    summary : DataFrame
        Indexed by label, the plain sort last: ``origins`` and ``gain_origins`` (dates at
        which it stands, and at which its gain is defined), the means over the dates of
        SHOWN and CHECKS, of MEANS also the 95 % interval ``_low`` to ``_high``,
        ``_lowest`` and ``_highest`` date and the standard ``_error``, and ``wins`` (dates
        at which no scheme had a higher normalised Gini). For a scheme that stands at
        fewer dates, ``gini`` is the plain sort's mean plus its mean distance from the
        plain sort where it stands.
    draws : dict of str to DataFrame of shape (draws, schemes and the plain sort)
        Of the means of ``gini`` and ``gain``, with both errors; as many as resamples at a
        single date, else about DRAWS.
    absent : DataFrame
        ``label``, ``cut``, ``reason``: where a scheme does not stand.
    skipped : dict of date to str
        Dates that no scheme can be judged at, with the reason.
    """

    origins: pd.DataFrame
    figures: pd.DataFrame
    summary: pd.DataFrame
    draws: dict[str, pd.DataFrame]
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
    labels, population = [*methods, PLAIN_SORT], last.customers.index
    dates, tables, facts, absent, skipped = [], [], [], [], {}
    for origin in before:
        tiers, lacking, reason = origin.tiers(methods, least_customers)
        if reason:
            skipped[origin.cut] = reason
            continue
        absent += [(label, origin.cut, why) for label, why in lacking.items()]
        value = origin.outcome.drop(columns="active")  # no AUC is told of dates
        date = Comparison(tiers, origin.customers, value, main.served_share)
        columns = [labels.index(label) for label in (*tiers, PLAIN_SORT)]
        dates.append((date, population.get_indexer(origin.customers.index), columns))
        tables.append(date.table.loc[[*tiers, PLAIN_SORT]].assign(cut=origin.cut))
        facts.append(_facts(origin))
    tables.append(main.figures.loc[labels].assign(cut=last.cut))
    figures = pd.concat([table[["cut", *SHOWN, *CHECKS]] for table in tables])
    figures = figures.rename_axis("label").reset_index()
    # Resamples, dates, MEANS, labels; missing where a scheme does not stand.
    drawn = np.stack([main.draws[figure][labels].to_numpy() for figure in MEANS], axis=1)[:, None]
    if dates:
        kept = [FIGURES.index(figure) for figure in MEANS]

        def statistic(w: np.ndarray) -> np.ndarray:
            measured = np.full((len(w), len(dates), len(MEANS), len(labels)), np.nan)
            for each, (date, place, columns) in zip(measured.swapaxes(0, 1), dates, strict=True):
                each[:, :, columns] = date.measure(w[:, place])[0][:, kept, :-1]
            return measured.reshape(len(w), -1)

        earlier = resample(statistic, len(population), len(drawn), seed, most_resampled)
        earlier = earlier.reshape(len(drawn), len(dates), len(MEANS), len(labels))
        drawn = np.concatenate([earlier, drawn], axis=1)
    summary, draws = _summary(figures, labels), {}
    for number, figure in enumerate(MEANS):
        values = figures.pivot(index="cut", columns="label", values=figure)[labels]
        customers = adjusted_mean(drawn[:, :, number])
        times = max(1, DRAWS // len(customers)) if dates else 1
        noise, error = between_dates(values, times * len(customers), seed)
        of_mean = np.tile(customers, (times, 1)) + noise
        mean = adjusted_mean(values.to_numpy())
        low_high = [
            ends(figure, *both, main.widening) for both in zip(mean, of_mean.T, strict=True)
        ]
        summary[figure] = mean
        summary[[f"{figure}_low", f"{figure}_high"]] = low_high
        summary[f"{figure}_lowest"], summary[f"{figure}_highest"] = values.min(), values.max()
        summary[f"{figure}_error"] = np.hypot(customers.std(axis=0, ddof=1), error)
        draws[figure] = pd.DataFrame(of_mean, columns=labels)
    return Rolling(
        origins=pd.DataFrame([*facts, _facts(last)]),
        figures=figures,
        summary=summary,
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


def _summary(figures: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Return how often each label stands and wins, and its plain means over the dates."""
    groups = figures.groupby("label")
    gini = figures.pivot(index="cut", columns="label", values="gini").drop(columns=PLAIN_SORT)
    # Equal schemes share a win: sums in another order differ in the last digits.
    wins = gini.ge(gini.max(axis=1) - 1e-12, axis=0).sum()
    counts = groups[MEANS].count().set_axis(["origins", "gain_origins"], axis=1)
    means = groups[["skill", "capture", *CHECKS]].mean()
    return counts.join(means).assign(wins=wins).loc[list(labels)]


def adjusted_mean(values: np.ndarray) -> np.ndarray:
    """Return every scheme's mean over the dates: the plain sort's plus the mean distance from it.

    Where a scheme stands at every date, that is its own mean. ``values``, of shape (..., dates,
    schemes), the plain sort last, are missing where a scheme does not stand.
    """
    plain = values[..., -1:]
    distance = values - plain
    times = np.isfinite(distance).sum(axis=-2)
    total = np.where(times > 0, np.nansum(distance, axis=-2), np.nan)
    return plain.mean(axis=-2) + total / np.maximum(times, 1)


def between_dates(values: pd.DataFrame, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return noise of the spread between dates, (draws, schemes), and its standard error.

    One normal number per draw and date, times each scheme's deviation from its
    mean at that date: the difference of two schemes has exactly the s^2 / k of that
    difference, s^2 / k before the Student factor, one per draw for all. A scheme that
    stands at one date only has no variance of its own; it borrows the median of the
    others', of the distance to the plain sort.
    """
    if len(values) == 1:
        return np.zeros((draws, values.shape[1])), np.zeros(values.shape[1])
    # A stream of its own: the seed itself draws the customers.
    rng = np.random.default_rng([seed, len(values)])
    dates = rng.standard_normal((draws, len(values)))
    freedom = len(values) - 1
    student = np.sqrt(freedom / rng.chisquare(freedom, (draws, 1)))
    own = rng.standard_normal((draws, values.shape[1]))  # last, so that others stay
    distance = values.sub(values[PLAIN_SORT], axis=0)
    times = distance.notna().sum()
    typical = distance.drop(columns=PLAIN_SORT).loc[:, times > 1].var().median()
    # What is 0 by construction is so at any date.
    alone = (times == 1) & (distance.abs().max() > 0)
    borrowed = np.where(alone, np.sqrt(np.nan_to_num(typical)), 0.0)
    deviations = _deviations(values[[PLAIN_SORT]]) + _deviations(distance)
    noise = student * (dates @ deviations + own * borrowed)
    return noise, np.hypot(np.sqrt((deviations**2).sum(axis=0)), borrowed)


def _deviations(values: pd.DataFrame) -> np.ndarray:
    """Return deviations from the mean over dates, scaled so that squares add up to s^2 / k."""
    times = values.notna().sum()
    scale = np.sqrt((times * (times - 1)).clip(lower=1))
    return (values - values.mean()).fillna(0.0).to_numpy() / scale.to_numpy()
