"""How well tiers sort customers by what they did next.

Every figure comes from three totals per tier: customers N, holdout value Y and
active customers A. They are computed for the data themselves and for each
bootstrap resample in the same way, as arrays of shape (resamples, tiers).

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

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from segment.bootstrap import interval, weights
from segment.errors import StudyError
from segment.tiering import Hiatus

REVENUE_SORT = "Revenue sort"
ORACLE = "Perfect foresight"
RANDOM = "Random order"
FIGURES = ("gini", "skill", "capture", "auc")
AUC_LEAST_SHARE, AUC_LEAST_CUSTOMERS = 0.05, 100


@dataclass(frozen=True)
class Totals:
    """Per-tier totals, best tier first, each of shape (resamples, tiers)."""

    customers: np.ndarray
    value: np.ndarray
    active: np.ndarray

    @property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """P and G with their start at 0; shape (resamples, tiers + 1)."""
        return _cumulative_share(self.customers), _cumulative_share(self.value)

    @property
    def concentration(self) -> np.ndarray:
        """C of each resample, from the totals themselves."""
        running = np.cumsum(self.value, axis=1)
        doubled = np.einsum("bk,bk->b", self.customers, 2 * running - self.value)
        with np.errstate(invalid="ignore", divide="ignore"):
            return doubled / (self.customers.sum(axis=1) * running[:, -1]) - 1


def _cumulative_share(counts: np.ndarray) -> np.ndarray:
    shares = np.zeros((len(counts), counts.shape[1] + 1))
    np.cumsum(counts, axis=1, out=shares[:, 1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares /= shares[:, -1:]
    return shares


def concentration(p: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return C of gains curves; arrays of shape (resamples, points), both from 0 to 1."""
    return (np.diff(p, axis=1) * (g[:, 1:] + g[:, :-1])).sum(axis=1) - 1


def interpolate(at: np.ndarray, p: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return each row's gains curve at that row's shares ``at``."""
    return np.stack([np.interp(x, xp, fp) for x, xp, fp in zip(at, p, g, strict=True)])


def area_under_roc(totals: Totals) -> np.ndarray:
    """Return the AUC of tier order against activity; NaN where one class is too small.

    Left out where either class is under 5 % or under 100 customers.
    """
    active, passive = totals.active, totals.customers - totals.active
    n_active, n_passive = active.sum(axis=1), passive.sum(axis=1)
    smaller = np.minimum(n_active, n_passive)
    better = np.cumsum(active, axis=1) - active / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = np.einsum("bk,bk->b", passive, better) / (n_active * n_passive)
    enough = (smaller >= AUC_LEAST_CUSTOMERS) & (
        smaller >= AUC_LEAST_SHARE * (n_active + n_passive)
    )
    return np.where(enough, auc, np.nan)


class Ranking:
    """An order of customers in tie blocks, ready to be totalled under any weights.

    Parameters
    ----------
    codes : int array of shape (n,)
        Position of each customer's block, 0 best.
    """

    def __init__(self, codes: np.ndarray, n_blocks: int, value: np.ndarray, active: np.ndarray):
        self.n_customers, self.n_blocks = len(codes), n_blocks
        parts = []
        for amount in (np.ones(len(codes)), value, active):
            # Most customers bring nothing in the holdout: their zeros are not stored.
            some = np.flatnonzero(amount)
            parts.append(
                sparse.csr_array(
                    (amount[some], (codes[some], some)), shape=(n_blocks, self.n_customers)
                )
            )
        self._sums = sparse.vstack(parts, format="csr")

    @classmethod
    def by(cls, score: np.ndarray, value: np.ndarray, active: np.ndarray) -> Ranking:
        """Rank by a score, highest first; equal scores share a block."""
        distinct, codes = np.unique(-score, return_inverse=True)
        return cls(codes, len(distinct), value, active)

    def totals(self, w: np.ndarray) -> Totals:
        """Return the totals under weights of shape (resamples, n)."""
        sums = np.ascontiguousarray((self._sums @ w.T).T)
        return Totals(*np.split(sums, 3, axis=1))

    def plain_totals(self) -> Totals:
        """Return the totals of the data themselves."""
        return self.totals(np.ones((1, self.n_customers)))


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
        Bootstrap draws of each figure; shape (replicates, methods).
    tiers : DataFrame
        One row per method and tier: ``customers``, ``share``, ``value``,
        ``value_share``, ``mean_value`` with its interval, ``active_share``.
    curves : DataFrame
        Gains curves: ``label``, ``customers``, ``value``, cumulative shares.
    capture_share : float
        The q of capture.
    """

    figures: pd.DataFrame
    draws: dict[str, pd.DataFrame]
    tiers: pd.DataFrame
    curves: pd.DataFrame
    capture_share: float


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
        Bootstrap.

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
    hiatus = f"Bought within {hiatus_days} days"
    taken = [label for label in labels if label in (REVENUE_SORT, ORACLE, RANDOM, hiatus)]
    if taken:
        raise StudyError(f"'{taken[0]}' is the name of a yardstick; call the method otherwise.")
    labels = {**labels, hiatus: Hiatus(hiatus_days).fit(customers).labels_}
    rankings = {
        label: Ranking(*_codes(label, tiers, customers.index), value, active)
        for label, tiers in labels.items()
    }
    rankings[REVENUE_SORT] = Ranking.by(customers["monetary_total"].to_numpy(), value, active)
    rankings[ORACLE] = Ranking.by(value, value, active)
    n = len(customers)
    exact, _ = _figures(rankings, np.ones((1, n)), capture_share)
    largest = np.ones((1, n))
    largest[0, value.argmax()] = 0
    without, _ = _figures(rankings, largest, capture_share)
    blocks, means = [], []
    for w in weights(n, replicates, seed):
        found, totals = _figures(rankings, w, capture_share)
        blocks.append(found)
        means.append({label: _mean_values(totals[label]) for label in labels})
    draws = {
        figure: pd.DataFrame(
            {
                label: np.concatenate([block[label][figure] for block in blocks])
                for label in rankings
            }
        )
        for figure in FIGURES
    }
    tiers = pd.concat(
        [_tier_table(label, labels[label], rankings[label],
                     np.concatenate([block[label] for block in means])) for label in labels],
        ignore_index=True,
    )  # fmt: skip
    yardsticks = (REVENUE_SORT, hiatus, ORACLE)
    figures = _figure_table(exact, without, draws, by_construction, yardsticks, capture_share)
    sizes = tiers.groupby("label", sort=False)["share"]
    figures["tiers"] = sizes.count().reindex(figures.index)
    figures["balance"] = sizes.agg(_balance).reindex(figures.index)
    curves = pd.concat(
        [_curve_table(label, ranking) for label, ranking in rankings.items()], ignore_index=True
    )
    return Backtest(figures, draws, tiers, curves, capture_share)


def _codes(label: str, tiers: pd.Series, population: pd.Index) -> tuple[np.ndarray, int]:
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
    return tiers.cat.codes.to_numpy(), len(tiers.cat.categories)


def _figures(
    rankings: Mapping[str, Ranking], w: np.ndarray, q: float
) -> tuple[dict[str, dict], dict[str, Totals]]:
    """Return the figures of every ranking under weights, and the totals behind them."""
    totals = {label: ranking.totals(w) for label, ranking in rankings.items()}
    perfect = totals[ORACLE].concentration
    at = np.full((len(w), 1), q)
    curves = {label: total.curve for label, total in totals.items()}
    # The revenue sort's curve at the sizes of all methods, in one pass; the two
    # yardsticks that sort every customer have no skill to compute.
    tiered = [label for label in rankings if label not in (REVENUE_SORT, ORACLE)]
    sizes = np.concatenate([curves[label][0] for label in tiered], axis=1)
    ends = np.cumsum([curves[label][0].shape[1] for label in tiered])[:-1]
    revenue = interpolate(sizes, *curves[REVENUE_SORT])
    same_sizes = dict(zip(tiered, np.split(revenue, ends, axis=1), strict=True))
    found = {}
    for label, total in totals.items():
        p, g = curves[label]
        c = total.concentration
        by_revenue = concentration(p, same_sizes[label]) if label in same_sizes else c
        with np.errstate(invalid="ignore", divide="ignore"):
            found[label] = {
                "gini": c / perfect,
                # Rounded: an order that is the revenue sort has a skill of exactly 0.
                "skill": np.round((c - by_revenue) / perfect, 12),
                "capture": interpolate(at, p, g)[:, 0],
                "auc": area_under_roc(total),
            }
    return found, totals


def _mean_values(totals: Totals) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals.value / totals.customers


def _figure_table(
    exact: dict, without: dict, draws: dict, by_construction: Mapping[str, bool],
    yardsticks: tuple[str, ...], q: float,
) -> pd.DataFrame:  # fmt: skip
    rows = {}
    for label, figures in exact.items():
        row = {"kind": "yardstick" if label in yardsticks else "method"}
        for figure in FIGURES:
            row[figure] = float(figures[figure][0])
            row[f"{figure}_low"], row[f"{figure}_high"] = interval(draws[figure][label].to_numpy())
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


def _tier_table(label: str, tiers: pd.Series, ranking: Ranking, means: np.ndarray) -> pd.DataFrame:
    totals = ranking.plain_totals()
    n, y, a = totals.customers[0], totals.value[0], totals.active[0]
    bounds = np.array([interval(draws) for draws in means.T])
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "label": label, "tier": tiers.cat.categories, "customers": n.astype(int),
                "share": n / n.sum(), "value": y, "value_share": y / y.sum(), "mean_value": y / n,
                "mean_value_low": bounds[:, 0], "mean_value_high": bounds[:, 1],
                "active_share": a / n,
            }
        )  # fmt: skip


def _curve_table(label: str, ranking: Ranking, most_points: int = 400) -> pd.DataFrame:
    (p,), (g,) = ranking.plain_totals().curve
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
