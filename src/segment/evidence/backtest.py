"""How well tiers sort customers by what they did next: figures with paired intervals.

``segment.evidence.comparison`` defines the figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence.bootstrap import resample
from segment.evidence.comparison import FIGURES, ORACLE, PLAIN_SORT, Comparison, net_value
from segment.evidence.gains import Totals
from segment.evidence.intervals import interval, symmetric, widening
from segment.language import N_, _
from segment.tiering import Hiatus

RANDOM = N_("Random order")
HIATUS = N_("Bought within {days} days")
MOST_POINTS = 400  # of a curve that is drawn


@dataclass(frozen=True)
class Backtest:
    """What the holdout says about a set of methods.

    Attributes
    ----------
    figures : DataFrame
        One row per method and yardstick. ``kind`` ("method" or "yardstick"),
        ``tiers``, ``granularity_loss``, ``balance``, those of ``Comparison.table``, of
        which each of FIGURES has its ends ``_low`` and ``_high`` (95 % interval),
        ``by_construction`` (skill and gain are 0 because the tiers are the plain sort)
        and ``same_as`` (the first scheme with exactly these tiers).
    draws : dict of str to DataFrame
        Draws of each figure, paired over methods; shape (replicates, methods). See
        ``segment.evidence.bootstrap.resample``.
    tiers : DataFrame
        One row per method and tier: ``customers``, ``share``, ``value`` (losses count as
        losses), ``value_share`` of all that came in, also from customers first seen after the
        cut (missing where that is 0 or less), ``mean_value`` with its interval,
        ``active_share``.
    curves : DataFrame
        Gains curves: ``label``, ``customers``, ``value``, cumulative shares.
    served_share : float
        Share of the customers that can be served.
    widening : float
        How much wider than the draws alone say intervals are made, because few customers
        carry the value: see ``segment.evidence.intervals.widening``. Not those of the gain:
        see ``ends``.
    """

    figures: pd.DataFrame
    draws: dict[str, pd.DataFrame]
    tiers: pd.DataFrame
    curves: pd.DataFrame
    served_share: float
    widening: float = 1.0


def judge(
    labels: Mapping[str, pd.Series],
    customers: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    came_in: float | None = None,
    served_share: float = 0.20,
    hiatus_days: int = 182,
    replicates: int = 1000,
    seed: int = 1,
    most_resampled: int = 100_000,
) -> Backtest:
    """Judge tiers by the holdout, beside yardsticks, with paired intervals.

    Parameters
    ----------
    labels : mapping of str to Series of ordered Categorical
        Tiers of every customer, by method, learned from calibration alone.
    customers : DataFrame
        Calibration features; the plain sort reads ``margin_total`` where it is there, else
        ``monetary_total``, and the recency yardstick ``days_since_last``.
    outcome : DataFrame
        ``value``, ``active`` and, if losses occur, ``net`` in the holdout, indexed alike.
    came_in : float, optional
        What everybody brought in the holdout. Default: what these customers did.
    served_share : float
        Share of the customers that can be served: for gain and capture.
    hiatus_days : int
        Limit of the recency yardstick.
    replicates, seed : int
        Number of draws, and where they start.
    most_resampled : int
        Up to so many customers the draws are resamples; above, they are normal, with the
        covariance of fewer resamples.

    Returns
    -------
    Backtest

    Raises
    ------
    StudyError
        If the holdout holds no value, or the same for everyone; if a method leaves
        customers without a tier, or its tiers are no ordered categorical.
    """
    value = outcome["value"].to_numpy(dtype="float64")
    if value.sum() <= 0:
        raise StudyError(
            "None of the customers known before the cut brought anything after it, so no scheme "
            "can be judged; if customers do come back, choose another 'cut'."
        )
    if np.ptp(value) == 0:
        raise StudyError("Every customer brought the same after the cut; there is nothing to rank.")
    hiatus = HIATUS.format(days=hiatus_days)
    taken = [label for label in labels if label in (PLAIN_SORT, ORACLE, RANDOM, hiatus)]
    if taken:
        raise StudyError(f"'{taken[0]}' is the name of a yardstick; call the method otherwise.")
    labels = {**labels, hiatus: Hiatus(hiatus_days).fit(customers).labels_}
    comparison = Comparison(labels, customers, outcome, served_share)

    def statistic(w: np.ndarray) -> np.ndarray:
        figures, means = comparison.measure(w)
        return np.hstack([figures.reshape(len(w), -1), means])

    drawn = resample(statistic, len(value), replicates, seed, most_resampled)
    split = len(FIGURES) * len(comparison.labels)
    by_figure = drawn[:, :split].reshape(replicates, len(FIGURES), -1).swapaxes(0, 1)
    draws = {
        figure: pd.DataFrame(each, columns=comparison.labels)
        for figure, each in zip(FIGURES, by_figure, strict=True)
    }
    wider = widening(value)
    table = _tier_table(labels, outcome)
    came_in = net_value(outcome).sum() if came_in is None else came_in
    table["value_share"] = table["value"] / (came_in if came_in > 0 else np.nan)
    low_high = [interval(column, wider=wider) for column in drawn[:, split:].T]
    table[["mean_value_low", "mean_value_high"]] = low_high
    figures = _figure_table(comparison, draws, wider)
    figures["kind"] = np.where(figures.index.isin([*labels][:-1]), "method", "yardstick")
    cuts, alike = comparison.by_construction, comparison.same_as
    figures["by_construction"] = [cuts.get(label, False) for label in figures.index]
    figures["same_as"] = [alike.get(label, label) for label in figures.index]
    shares = table.groupby("label", sort=False)["share"]
    figures["tiers"] = shares.agg(lambda held: (held > 0).sum()).reindex(figures.index)
    figures["balance"] = shares.agg(_balance).reindex(figures.index)
    curves = [_curve_table(label, total) for label, total in comparison.gains().items()]
    curves = pd.concat(curves, ignore_index=True)
    return Backtest(figures, draws, table, curves, served_share, wider)


def ends(figure: str, estimate: float, draws: np.ndarray, wider: float) -> tuple[float, float]:
    """Return the 95 % interval of a figure.

    The gain's is symmetric and not widened: who carries most is served by either order and drops
    out of the difference, and of what is left percentiles have the skewness on the wrong side.
    """
    return symmetric(estimate, draws) if figure == "gain" else interval(draws, wider=wider)


def shown(label: str) -> str:
    """Return what a reader calls a yardstick; a scheme keeps the label that the study gives."""
    within = re.fullmatch(HIATUS.format(days=r"(\d+)"), label)
    if within:
        return _(HIATUS, days=within[1])
    return _(label) if label in (PLAIN_SORT, ORACLE, RANDOM) else label


def _figure_table(
    comparison: Comparison, draws: Mapping[str, pd.DataFrame], wider: float
) -> pd.DataFrame:
    """Return the figures of all labels and of random order, with intervals."""
    table, low_high = comparison.table, {}
    for figure in FIGURES:
        each = zip(table[figure], draws[figure][table.index].to_numpy().T, strict=True)
        low, high = zip(*(ends(figure, *both, wider) for both in each), strict=True)
        low_high |= {f"{figure}_low": low, f"{figure}_high": high}
    table = table.join(pd.DataFrame(low_high, index=table.index))
    q, plain = comparison.served_share, table.loc[PLAIN_SORT]
    chance = {"gini": 0.0, "gain": q - plain["capture"], "capture": q, "auc": 0.5}
    table.loc[RANDOM] = pd.Series(chance, dtype="float64")
    table["granularity_loss"] = plain["gini"] - table["gini"] + table["skill"]
    table.loc[ORACLE, ["skill", "skill_low", "skill_high", "granularity_loss"]] = np.nan
    return table


def _tier_table(labels: Mapping[str, pd.Series], outcome: pd.DataFrame) -> pd.DataFrame:
    """Return size, value and activity of each scheme's tiers."""
    net, active, tables = net_value(outcome), outcome["active"], []
    for label, tiers in labels.items():
        codes, names = tiers.reindex(outcome.index).cat.codes, tiers.cat.categories
        customers, value, again = (
            np.bincount(codes, weights, len(names)) for weights in (None, net, active)
        )
        with np.errstate(invalid="ignore"):
            figures = {
                "label": label,
                "tier": names,
                "customers": customers,
                "share": customers / customers.sum(),
                "value": value,
                "mean_value": value / customers,
                "active_share": again / customers,
            }
        tables.append(pd.DataFrame(figures))
    return pd.concat(tables, ignore_index=True)


def _curve_table(label: str, totals: Totals) -> pd.DataFrame:
    """Return the points of a gains curve, thinned out."""
    (p,), (g,) = totals.curve
    keep = np.unique(np.linspace(0, len(p) - 1, min(len(p), MOST_POINTS)).astype(int))
    return pd.DataFrame({"label": label, "customers": p[keep], "value": g[keep]})


def _balance(shares: pd.Series) -> float:
    """Return the entropy of the tier sizes against equal sizes, 0 to 1."""
    positive = shares[shares > 0]
    if len(shares) < 2:
        return 0.0
    return float(-(positive * np.log(positive)).sum() / np.log(len(shares)))
