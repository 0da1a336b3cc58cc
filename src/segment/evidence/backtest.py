"""How well tiers sort customers by what they did next.

Every figure comes from three totals per tier: customers N, holdout value Y and
active customers A. They are computed for the data themselves and for each
bootstrap resample in the same way (``segment.bootstrap``); for very many
customers, influence functions stand for the resamples (``segment.influence``).

Definitions
-----------
P, G : cumulative shares of customers and of holdout value, best tier first.
C : sum over tiers of (P_k - P_{k-1}) (G_k + G_{k-1}) - 1, twice the area between
    the gains curve and the diagonal.
gini : C / C of perfect foresight (normalised Gini; 0 random, 1 perfect).
skill : (C - C_M) / C of perfect foresight, where C_M gives the past-revenue
    sort the same tier sizes. gini = gini of the revenue sort - granularity
    loss + skill, exactly.
capture : G at a chosen share of customers.
auc : probability that an active customer stands in a better tier than an
    inactive one, ties counted half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import StudyError
from segment.evidence import influence
from segment.evidence.bootstrap import (
    Order,
    Tiers,
    Totals,
    concentration,
    interval,
    weights,
    widening,
)
from segment.language import N_, _
from segment.tiering import Hiatus

REVENUE_SORT = N_("Revenue sort")
ORACLE = N_("Perfect foresight")
RANDOM = N_("Random order")
HIATUS = N_("Bought within {days} days")
FIGURES = ("gini", "skill", "capture", "auc")
BOOTSTRAP, INFLUENCE = "bootstrap", "influence functions"


@dataclass(frozen=True)
class Backtest:
    """What the holdout says about a set of methods.

    Attributes
    ----------
    figures : DataFrame
        One row per method and yardstick. ``kind`` ("method" or "yardstick"),
        ``tiers``, ``gini``, ``granularity_loss``, ``skill``, ``capture``,
        ``auc``, each of the four with ``_low`` and ``_high`` (95 % interval),
        ``gini_without_largest``, ``capture_without_largest``, ``balance``,
        ``by_construction`` (skill is 0 because the tiers are the revenue sort).
    draws : dict of str to DataFrame
        Draws of each figure, paired over methods; shape (replicates, methods).
    tiers : DataFrame
        One row per method and tier: ``customers``, ``share``, ``value``,
        ``value_share``, ``mean_value`` with its interval, ``active_share``.
    curves : DataFrame
        Gains curves: ``label``, ``customers``, ``value``, cumulative shares.
    capture_share : float
        The q of capture.
    widening : float
        How much wider than the draws alone say all intervals are made, because few
        customers carry the value: see ``segment.bootstrap.widening``.
    inference : str
        Where the draws come from: "bootstrap" or "influence functions".
    """

    figures: pd.DataFrame
    draws: dict[str, pd.DataFrame]
    tiers: pd.DataFrame
    curves: pd.DataFrame
    capture_share: float
    inference: str = BOOTSTRAP
    widening: float = 1.0


def backtest(
    labels: Mapping[str, pd.Series],
    customers: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    by_construction: Mapping[str, bool],
    capture_share: float = 0.10,
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
        Calibration features; ``monetary_total`` and ``days_since_last`` are used
        for the yardsticks.
    outcome : DataFrame
        ``value`` and ``active`` in the holdout, indexed like ``customers``.
    by_construction : mapping of str to bool
        Methods whose order is the revenue sort, so that their skill must be 0.
    capture_share : float
        Share of customers for ``capture``.
    hiatus_days : int
        Limit of the recency yardstick.
    replicates, seed : int
        Number of draws, and where they start.
    most_resampled : int
        Up to so many customers the draws are bootstrap resamples; above, they are
        normal draws with the covariance of the influence functions, which is an
        approximation: see ``segment.influence``.

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
    active = outcome["active"].to_numpy(dtype="float64")
    if value.sum() <= 0:
        raise StudyError(
            "None of the customers known before the cut brought anything after it, so no scheme "
            "can be judged; if customers do come back, choose another 'cut'."
        )
    if np.ptp(value) == 0:
        raise StudyError("Every customer brought the same after the cut; there is nothing to rank.")
    hiatus = HIATUS.format(days=hiatus_days)
    taken = [label for label in labels if label in (REVENUE_SORT, ORACLE, RANDOM, hiatus)]
    if taken:
        raise StudyError(f"'{taken[0]}' is the name of a yardstick; call the method otherwise.")
    labels = {**labels, hiatus: Hiatus(hiatus_days).fit(customers).labels_}
    codes = {label: _codes(label, given, customers.index) for label, given in labels.items()}
    sizes = {label: len(given.cat.categories) for label, given in labels.items()}
    tiers = Tiers(codes, sizes, value, active)
    revenue = Order(customers["monetary_total"].to_numpy(dtype="float64"), value, active)
    perfect = Order(value, value, active)
    orders = (revenue.plain(), perfect.plain())
    exact = _figures(tiers.plain(), *([order] for order in orders), capture_share)
    others = np.ones((1, len(customers)), dtype="uint8")
    others[0, value.argmax()] = 0
    without = _figures(
        tiers.without(value.argmax()), revenue.rows(others), perfect.rows(others), capture_share
    )
    wider = widening(value)
    if len(customers) <= most_resampled:
        resamples = weights(len(customers), replicates, seed)
        draws, bounds = _resampled(tiers, revenue, perfect, capture_share, resamples, wider)
    else:
        draws, bounds = _approximated(
            exact, tiers, revenue, perfect, capture_share, replicates, seed
        )
    table = pd.concat(
        [_tier_table(label, labels[label], tiers.sums[label], bounds[label]) for label in labels],
        ignore_index=True,
    )
    yardsticks = (REVENUE_SORT, hiatus, ORACLE)
    figures = _figure_table(
        exact, without, draws, wider, by_construction, yardsticks, capture_share
    )
    shares = table.groupby("label", sort=False)["share"]
    figures["tiers"] = shares.count().reindex(figures.index)
    figures["balance"] = shares.agg(_balance).reindex(figures.index)
    totals = {**tiers.plain(), REVENUE_SORT: orders[0], ORACLE: orders[1]}
    curves = pd.concat(
        [_curve_table(label, total) for label, total in totals.items()], ignore_index=True
    )
    inference = BOOTSTRAP if len(customers) <= most_resampled else INFLUENCE
    return Backtest(figures, draws, table, curves, capture_share, inference, wider)


def shown(label: str) -> str:
    """Return what a reader calls a yardstick; a scheme keeps the label that the study gives."""
    within = re.fullmatch(HIATUS.format(days=r"(\d+)"), label)
    if within:
        return _(HIATUS, days=within[1])
    return _(label) if label in (REVENUE_SORT, ORACLE, RANDOM) else label


def _codes(label: str, tiers: pd.Series, population: pd.Index) -> np.ndarray:
    if not isinstance(tiers.dtype, pd.CategoricalDtype) or not tiers.cat.ordered:
        raise StudyError(
            f"'{label}' must give an ordered categorical, best tier first, found {tiers.dtype}."
        )
    if tiers.index.has_duplicates:
        raise StudyError(f"'{label}' gives some customers two tiers.")
    tiers = tiers.reindex(population)
    if tiers.isna().any():
        raise StudyError(
            f"'{label}' leaves {int(tiers.isna().sum()):,} customers without a tier; "
            "every customer of the calibration needs one."
        )
    return tiers.cat.codes.to_numpy()


def _figures(
    tiers: Mapping[str, Totals], revenue: Iterable[Totals], perfect: Iterable[Totals], q: float
) -> dict[str, dict[str, np.ndarray]]:
    """Return the figures of methods and of the two orders; the orders come row by row."""
    sizes = np.concatenate([total.customers for total in tiers.values()], axis=1)
    # The revenue sort's curve at the tier sizes of all methods.
    captured = np.empty_like(sizes)
    rows = {REVENUE_SORT: [], ORACLE: []}
    for b, (by_revenue, by_value) in enumerate(zip(revenue, perfect, strict=True)):
        captured[b] = by_revenue.captured(sizes[b : b + 1])
        for label, total in ((REVENUE_SORT, by_revenue), (ORACLE, by_value)):
            rows[label].append([total.concentration, total.capture(q), total.area_under_roc])
    orders = {label: np.array(row)[:, :, 0].T for label, row in rows.items()}
    ends = np.cumsum([total.customers.shape[1] for total in tiers.values()])[:-1]
    best, found = orders[ORACLE][0], {}
    same_sizes = np.split(captured, ends, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        for (label, total), by_revenue in zip(tiers.items(), same_sizes, strict=True):
            c = total.concentration
            skill = (c - concentration(total.customers, by_revenue)) / best
            # Rounded: an order that is the revenue sort has a skill of exactly 0.
            found[label] = {"gini": c / best, "skill": np.round(skill, 12),
                            "capture": total.capture(q), "auc": total.area_under_roc}  # fmt: skip
        for label, (c, capture, auc) in orders.items():
            found[label] = {"gini": c / best, "skill": np.where(np.isfinite(c / best), 0.0, np.nan),
                            "capture": capture, "auc": auc}  # fmt: skip
    return found


def _resampled(
    tiers: Tiers, revenue: Order, perfect: Order, q: float, blocks: Iterable[np.ndarray],
    wider: float,
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:  # fmt: skip
    """Return bootstrap draws of the figures, and intervals of the tiers' mean values."""
    found, means = [], {label: [] for label in tiers.codes}
    for w in blocks:
        totals = tiers.totals(w)
        found.append(_figures(totals, revenue.rows(w), perfect.rows(w), q))
        for label, total in totals.items():
            customers, value, _active = total.per_tier
            with np.errstate(invalid="ignore", divide="ignore"):
                means[label].append(value / customers)
    draws = {
        figure: pd.DataFrame(
            {label: np.concatenate([block[label][figure] for block in found]) for label in found[0]}
        )
        for figure in FIGURES
    }
    bounds = {
        label: np.array([interval(column, wider=wider) for column in np.concatenate(drawn).T])
        for label, drawn in means.items()
    }
    return draws, bounds


def _approximated(
    exact: dict, tiers: Tiers, revenue: Order, perfect: Order, q: float, replicates: int, seed: int
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:
    """Return normal draws of the figures, and intervals of the tiers' mean values."""
    labels = {**dict.fromkeys(tiers.codes), REVENUE_SORT: None, ORACLE: None}
    estimate = np.array([[exact[label][figure][0] for figure in FIGURES] for label in labels])
    covariance = influence.covariance(tiers, revenue, perfect, q)
    drawn = influence.draws(estimate.ravel(), covariance, replicates, seed)
    drawn = drawn.reshape(replicates, *estimate.shape)
    draws = {
        figure: pd.DataFrame(drawn[:, :, j], columns=list(labels))
        for j, figure in enumerate(FIGURES)
    }
    return draws, influence.mean_intervals(tiers)


def _figure_table(
    exact: dict, without: dict, draws: dict, wider: float, by_construction: Mapping[str, bool],
    yardsticks: tuple[str, ...], q: float,
) -> pd.DataFrame:  # fmt: skip
    rows = {}
    for label, figures in exact.items():
        row = {"kind": "yardstick" if label in yardsticks else "method"}
        for figure in FIGURES:
            row[figure] = float(figures[figure][0])
            ends = interval(draws[figure][label].to_numpy(), wider=wider)
            row[f"{figure}_low"], row[f"{figure}_high"] = ends
        row["gini_without_largest"] = float(without[label]["gini"][0])
        row["capture_without_largest"] = float(without[label]["capture"][0])
        row["by_construction"] = bool(by_construction.get(label, label == REVENUE_SORT))
        rows[label] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc[RANDOM] = {"kind": "yardstick", "gini": 0.0, "capture": q, "auc": 0.5,
                         "by_construction": False}  # fmt: skip
    table["by_construction"] = table["by_construction"].astype(bool)
    table["granularity_loss"] = table.loc[REVENUE_SORT, "gini"] - table["gini"] + table["skill"]
    table.loc[list(yardsticks[2:]), ["skill", "skill_low", "skill_high", "granularity_loss"]] = (
        np.nan
    )
    return table


def _tier_table(label: str, tiers: pd.Series, sums: np.ndarray, bounds: np.ndarray) -> pd.DataFrame:
    n, y, a = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "label": label, "tier": tiers.cat.categories, "customers": n.astype(int),
                "share": n / n.sum(), "value": y, "value_share": y / y.sum(), "mean_value": y / n,
                "mean_value_low": bounds[:, 0], "mean_value_high": bounds[:, 1],
                "active_share": a / n,
            }
        )  # fmt: skip


def _curve_table(label: str, totals: Totals, most_points: int = 400) -> pd.DataFrame:
    (p,), (g,) = totals.curve
    if len(p) > most_points:
        keep = np.unique(np.linspace(0, len(p) - 1, most_points).astype(int))
        p, g = p[keep], g[keep]
    return pd.DataFrame({"label": label, "customers": p, "value": g})


def _balance(shares: pd.Series) -> float:
    """Return the entropy of the tier sizes against equal sizes, 0 to 1."""
    positive = shares[shares > 0]
    if len(shares) < 2:
        return 0.0
    return float(-(positive * np.log(positive)).sum() / np.log(len(shares)))
