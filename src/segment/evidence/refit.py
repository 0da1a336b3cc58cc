"""Methods refitted to resampled customers: what hangs on who happened to be there.

The back-test's intervals take each scheme's limits as given. Other customers would also
have given other limits; here the method is refitted in every resample, and judged by the
tiers that those limits give the resampled customers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.base import clone

from segment.evidence.backtest import FIGURES, Backtest, backtest
from segment.evidence.bootstrap import weights
from segment.evidence.intervals import interval
from segment.tiering import Tiering, columns_asked

# What the back-test's yardsticks read.
YARDSTICKS = {"monetary_total", "days_since_last"}


def refitted(method: Tiering, customers: pd.DataFrame) -> Tiering:
    """Return the same scheme with limits learned from other customers."""
    again = getattr(method, "refit", clone(method).fit)
    return again(customers)


def read_by(methods: Mapping[str, Tiering], customers: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that some method may read; all if one does not say which."""
    if not all(hasattr(method, "columns") for method in methods.values()):
        return customers
    asked = columns_asked(methods) | YARDSTICKS
    return customers[[column for column in customers if column in asked]]


def resamples(
    customers: pd.DataFrame, replicates: int, seed: int
) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
    """Yield rows drawn with replacement, and the customers in them.

    The resamples are those of ``segment.bootstrap.weights``, in its order, so that they
    pair with other draws of the same seed. A customer drawn twice becomes two: the index
    counts from 0.
    """
    place = np.arange(len(customers))
    for block in weights(len(customers), replicates, seed):
        for w in block:
            rows = np.repeat(place, w.astype(int))
            yield rows, customers.iloc[rows].reset_index(drop=True)


def refitted_draws(
    methods: Mapping[str, Tiering], customers: pd.DataFrame, outcome: pd.DataFrame,
    replicates: int = 200, seed: int = 1, *, capture_share: float = 0.10, hiatus_days: int = 182,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return bootstrap draws of every figure, each with limits learned in its resample.

    Parameters
    ----------
    methods : mapping of str to Tiering
        Fitted methods; their parameters are kept (clusters: also the number of them).
    customers, outcome : DataFrame
        Calibration features and holdout, as for ``segment.backtest.backtest``.
    replicates, seed : int
        With the seed of the back-test, draw i is of the same resample as its draw i.
    capture_share, hiatus_days
        As for the back-test.

    Returns
    -------
    dict of str to DataFrame of shape (replicates, methods)
        Like ``Backtest.draws``; missing where all customers of a resample brought the same.

    Notes
    -----
    A resample holds about 63 % of the customers, some of them several times. A method
    that learns from outcomes and checks itself on customers it did not see meets twins
    of them in its fit, and may trust itself too much.
    """
    rows = []
    for drawn, sample in resamples(read_by(methods, customers), replicates, seed):
        later = outcome.iloc[drawn].reset_index(drop=True)
        if np.ptp(later["value"]) == 0:
            rows.append(pd.DataFrame(np.nan, index=list(methods), columns=list(FIGURES)))
            continue
        labels = {
            label: refitted(method, sample).predict(sample) for label, method in methods.items()
        }
        found = backtest(
            labels, sample, later, by_construction={}, capture_share=capture_share,
            hiatus_days=hiatus_days, replicates=1, seed=seed,
        )  # fmt: skip
        rows.append(found.figures.loc[list(methods), list(FIGURES)])
    return {
        figure: pd.DataFrame([row[figure].to_numpy() for row in rows], columns=list(methods))
        for figure in FIGURES
    }


def with_refits(evidence: Backtest, draws: Mapping[str, pd.DataFrame]) -> Backtest:
    """Return a back-test whose intervals and draws of methods include their refits.

    Estimates stay; so do the yardsticks, which learn nothing. Of their draws as many are
    kept as there are refits, so that all draws stay paired.

    Parameters
    ----------
    evidence : Backtest
        With the same seed, at least as many replicates as ``draws``, and few enough
        customers that its own draws are resamples.
    draws : mapping of str to DataFrame
        Of ``refitted_draws``.
    """
    figures, paired = evidence.figures.copy(), {}
    for figure, fixed in evidence.draws.items():
        again = draws[figure]
        paired[figure] = fixed.iloc[: len(again)].reset_index(drop=True).assign(**again)
        for label in again:
            ends = interval(again[label].to_numpy(), wider=evidence.widening)
            figures.loc[label, [f"{figure}_low", f"{figure}_high"]] = ends
    return replace(evidence, figures=figures, draws=paired)


def effect(
    evidence: Backtest, draws: Mapping[str, pd.DataFrame], figure: str = "gini"
) -> pd.DataFrame:
    """Return each method's interval with limits taken as given, and with refits.

    Parameters
    ----------
    evidence : Backtest
        As for ``with_refits``: its first draws are then of the same resamples.
    draws : mapping of str to DataFrame
        Of ``refitted_draws``.

    Returns
    -------
    DataFrame
        Indexed by method: ``estimate``, ``fixed_low``, ``fixed_high``, ``refitted_low``,
        ``refitted_high``, ``ratio`` (standard deviation of the draws, refitted to fixed;
        missing where the fixed draws do not vary) and ``shift`` (mean of refitted less
        fixed draws).
    """
    rows = {}
    for label, again in draws[figure].items():
        fixed = evidence.draws[figure][label].iloc[: len(again)]
        ends = [end for each in (fixed, again)
                for end in interval(each.to_numpy(), wider=evidence.widening)]  # fmt: skip
        spread = fixed.std()
        rows[label] = [
            evidence.figures.loc[label, figure], *ends,
            again.std() / spread if spread > 0 else np.nan, again.mean() - fixed.mean(),
        ]  # fmt: skip
    columns = ["estimate", "fixed_low", "fixed_high", "refitted_low", "refitted_high", "ratio",
               "shift"]  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
