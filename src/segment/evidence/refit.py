"""Methods refitted to resampled customers: what hangs on who happened to be there.

The back-test's intervals take each scheme's limits as given. Other customers would also
have given other limits; here the method is refitted in every resample, and judged by the
tiers that those limits give the resampled customers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from segment import forks
from segment.evidence.backtest import Backtest, ends
from segment.evidence.bootstrap import weights
from segment.evidence.comparison import FIGURES, Comparison
from segment.tiering import Tiering, columns_asked
from segment.tiering.estimator import unfitted

WORTH_A_PROCESS, MANY_CUSTOMERS = 5_000, 1_000_000


def refitted(method: Tiering, customers: pd.DataFrame) -> Tiering:
    """Return the same scheme with limits learned from other customers; it may lack ``labels_``."""
    kind = type(method)
    if isinstance(method, Tiering) and (kind.fit, kind.refit) == (Tiering.fit, Tiering.refit):
        return method.anew().learn(customers)
    return getattr(method, "refit", unfitted(method).fit)(customers)


def are_ours(methods: Mapping[str, Tiering]) -> bool:
    """Return whether all methods are the package's own, whose threads a fork does not miss."""
    nested = [p for m in methods.values() for p in m.get_params().values() if hasattr(p, "predict")]
    kinds = [type(m) for m in (*methods.values(), *nested)]
    return all(kind.__module__.startswith("segment.") for kind in kinds)


def each_of(methods: Mapping[str, Tiering], customers: pd.DataFrame) -> Callable[..., list]:
    """Return what does work for each of some items.

    Two processes where they pay, and where there is room for what each makes of the customers.
    """
    if are_ours(methods) and WORTH_A_PROCESS <= len(customers) <= MANY_CUSTOMERS:
        return forks.each
    return lambda work, items: [work(item) for item in items]


def read_by(methods: Mapping[str, Tiering], customers: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that some method may read; all if one does not say which."""
    if not all(hasattr(method, "columns") for method in methods.values()):
        return customers
    asked = columns_asked(methods) | {"monetary_total", "margin_total"}  # the plain sort's
    return customers[[column for column in customers if column in asked]]


def resamples(
    customers: pd.DataFrame, replicates: int, seed: int
) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
    """Yield rows drawn with replacement, and the customers in them.

    The resamples are those of ``weights``, so that they pair with other draws of the same
    seed. A customer drawn twice becomes two: the index counts from 0.
    """
    place, customers = np.arange(len(customers)), customers.reset_index(drop=True)
    for block in weights(len(customers), replicates, seed):
        for w in block:
            rows = np.repeat(place, w.astype(int))
            yield rows, customers.iloc[rows].reset_index(drop=True)


def refitted_draws(
    methods: Mapping[str, Tiering],
    customers: pd.DataFrame,
    outcome: pd.DataFrame,
    replicates: int = 200,
    seed: int = 1,
    *,
    served_share: float = 0.20,
) -> dict[str, pd.DataFrame]:
    """Return bootstrap draws of every figure, each with limits learned in its resample.

    Like ``Backtest.draws``, and with its seed draw i is of the same resample as its draw i; missing
    where all customers of a resample brought the same. Methods keep their parameters. A resample
    holds about 63 % of the customers, some of them several times: a method that checks itself on
    customers it did not see meets twins of them in its fit, and may trust itself too much.
    """
    drawn = np.full((replicates, len(FIGURES), len(methods)), np.nan)
    again = resamples(read_by(methods, customers), replicates, seed)
    for figures, (rows, sample) in zip(drawn, again, strict=True):
        later = outcome.iloc[rows].reset_index(drop=True)
        if np.ptp(later["value"]) > 0:
            labels = {name: refitted(m, sample).predict(sample) for name, m in methods.items()}
            comparison = Comparison(labels, sample, later, served_share)
            everyone = np.ones((1, len(sample)), dtype="uint8")
            figures[:] = comparison.measure(everyone)[0][0, :, : len(methods)]
    return {
        figure: pd.DataFrame(drawn[:, j], columns=list(methods)) for j, figure in enumerate(FIGURES)
    }


def with_refits(evidence: Backtest, draws: Mapping[str, pd.DataFrame]) -> Backtest:
    """Return a back-test whose intervals and draws of methods include their refits.

    Estimates stay; so do the yardsticks, which learn nothing. Of their draws as many are
    kept as there are refits, so that all draws stay paired. ``evidence`` has the same seed,
    at least as many replicates, and so few customers that its own draws are resamples.
    """
    figures, paired = evidence.figures.copy(), {}
    for figure, fixed in evidence.draws.items():
        again = draws[figure]
        paired[figure] = fixed.iloc[: len(again)].reset_index(drop=True).assign(**again)
        for label in again:
            both = figures.loc[label, figure], again[label].to_numpy()
            low_high = ends(figure, *both, evidence.widening)
            figures.loc[label, [f"{figure}_low", f"{figure}_high"]] = low_high
    return replace(evidence, figures=figures, draws=paired)
