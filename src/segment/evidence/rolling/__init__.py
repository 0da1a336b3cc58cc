"""The same comparison at several cut dates, because one date can be a lucky one.

The study's own cut is the last of the dates. Every earlier one is followed by a
holdout of the same length, and schemes learn from the study's start up to it, so the
customers known at an earlier date are a part of those known at the main cut. One
weight per customer therefore resamples all dates at once.

What the mean over k dates says has two errors, and the draws hold both:

- which customers there are: the shared bootstrap of the mean (above
  ``backtest.most_resampled`` customers, its influence functions);
- which dates were looked at: s^2 / k, with s^2 the variance between dates, widened to
  Student's t with k - 1 degrees of freedom. It enters the draws as noise that all
  schemes share date by date.

Holdouts of neighbouring dates overlap, which makes s^2 / k a lower bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from segment.evidence.backtest import BOOTSTRAP, REVENUE_SORT, Backtest
from segment.evidence.bootstrap import interval
from segment.evidence.rolling.dates import HOLDOUT, ORIGIN, cut_dates, windows
from segment.evidence.rolling.draws import adjusted_mean, approximated, between_dates, resampled
from segment.evidence.rolling.origins import FIGURES, Origin, earlier, figures, rank, tiers
from segment.language import _
from segment.tiering import Tiering

__all__ = [
    "HOLDOUT", "ORIGIN", "Origin", "Rolling", "cut_dates", "earlier", "rolling", "windows",
]  # fmt: skip


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


def rolling(
    methods: Mapping[str, Tiering], main: Backtest, last: Origin, before: Iterable[Origin] = (),
    *, least_customers: int = 2, seed: int = 1,
) -> Rolling:  # fmt: skip
    """Judge every scheme at every cut date, learned afresh from what was known then.

    Parameters
    ----------
    methods : mapping of str to Tiering
        Fitted at the main cut.
    main : Backtest
        The comparison at the main cut.
    last : Origin
        The main cut.
    before : iterable of Origin
        The earlier dates. Their customers are some of the main cut's. A column that
        was not known by then is missing.
    least_customers : int
        A date with fewer customers is skipped.
    seed : int
        The seed of ``main``, so that its resamples are those of the other dates too.

    Returns
    -------
    Rolling
    """
    labels, population = [*methods, REVENUE_SORT], last.customers.index
    found = {last.cut: main.figures.loc[labels, list(FIGURES)].rename_axis("label").reset_index()}
    seen, absent, skipped, ranked = [last], [], {}, {}
    for origin in before:
        if reason := origin.impossible(least_customers):
            skipped[origin.cut] = reason
            continue
        given, lacking = tiers(methods, origin)
        if not given:
            skipped[origin.cut] = _(
                "no scheme could learn from what was known ({reason})", reason=lacking[0][2]
            )
            continue
        seen.append(origin)
        absent += lacking
        ranked[origin.cut] = rank(given, origin, population)
        found[origin.cut] = figures(ranked[origin.cut], main.capture_share)
    seen.sort(key=lambda origin: origin.cut)
    dates = [origin.cut for origin in seen]
    table = pd.concat([found[cut].assign(cut=cut) for cut in dates], ignore_index=True)
    gini = table.pivot(index="cut", columns="label", values="gini").loc[dates, labels]
    draws, replicates = main.draws["gini"][labels], len(main.draws["gini"])
    if ranked and main.inference == BOOTSTRAP:
        draws = resampled(draws, ranked, len(population), seed)
    elif ranked:
        at_main = {label: method.predict(last.customers) for label, method in methods.items()}
        ranked[last.cut] = rank(at_main, last, population)
        draws = approximated(gini, ranked, len(population), main.capture_share, replicates, seed)
    draws = draws + between_dates(gini, replicates, seed)
    return Rolling(
        origins=pd.DataFrame(
            {"cut": dates, "end": [origin.end for origin in seen],
             "customers": [len(origin.customers) for origin in seen],
             "active_share": [float(origin.outcome["active"].mean()) for origin in seen]}
        ),
        figures=table[["label", "cut", *FIGURES]],
        summary=_summary(table, gini, draws, main.widening),
        draws=draws,
        absent=pd.DataFrame(absent, columns=["label", "cut", "reason"]),
        skipped=skipped,
    )  # fmt: skip


def _summary(
    table: pd.DataFrame, gini: pd.DataFrame, draws: pd.DataFrame, wider: float
) -> pd.DataFrame:
    schemes = gini.drop(columns=REVENUE_SORT)
    bounds = {label: interval(draws[label].to_numpy(), wider=wider) for label in gini}
    others = table.groupby("label")[["skill", "capture"]].mean()
    return pd.DataFrame(
        {
            "origins": gini.notna().sum(),
            "mean": adjusted_mean(gini),
            "mean_low": {label: low for label, (low, _high) in bounds.items()},
            "mean_high": {label: high for label, (_low, high) in bounds.items()},
            "lowest": gini.min(),
            "highest": gini.max(),
            "skill": others["skill"],
            "capture": others["capture"],
            # Equal schemes share a win: sums in another order differ in the last digits.
            "wins": schemes.ge(schemes.max(axis=1) - 1e-12, axis=0).sum(),
        }
    ).reindex(gini.columns)
