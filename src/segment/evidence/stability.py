"""How far tiers last: from one period to the next, and when the customers are drawn anew.

Two questions that must not be mixed up. *Over time*: the customers of one window are
tiered afresh in the next, equally long one (kappa, moves). *Resampled*: the same
customers at the same time, with limits learned from a bootstrap sample of them
(Jaccard, each customer's chance to keep the tier). The first says how customers
change, the second only how far the limits hang on who happened to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.evidence.bootstrap import resample
from segment.evidence.intervals import interval
from segment.evidence.refit import each_of, read_by, refitted, resamples
from segment.language import N_
from segment.tiering import Clusters, CreditBrake, Tiering
from segment.tiering.base import readable

NO_PURCHASE = N_("no purchase")
# A customer who keeps the tier in fewer of the resamples stands near an unsure limit.
BORDERLINE = 0.8
# Refits of native rules, and of other methods: theirs take some ten times as long (all
# native rules on CDNOW .2 seconds, k-means, Ward and a mixture 1.4).
NATIVE_REFITS, OTHER_REFITS, LEAST_REFITS = 50, 10, 5
# With fewer replicates or more customers than these, fewer refits do: the spread of a
# limit shrinks with the root of the number of customers.
USUAL_REPLICATES, MANY_CUSTOMERS = 1000, 100_000


@dataclass(frozen=True)
class Stability:
    """How far the tiers of each method last.

    Attributes
    ----------
    figures : DataFrame
        One row per method. Over time: ``kappa`` (quadratic-weighted, customers who
        bought in both windows) with its 95 % interval, ``kept`` (share of them in the
        same tier), ``customers`` (in both windows). Resampled: ``refits``,
        ``weakest`` (lowest ``jaccard`` of its tiers), ``chance`` (mean chance of a
        customer to keep the tier), ``borderline`` (customers whose chance is under
        .8), ``borderline_value`` (their ``monetary_total``, currency).
    moves : DataFrame
        ``label``, ``earlier``, ``later``, ``customers``; a customer who did not
        buy in the later window has ``later`` = "no purchase".
    lost : float
        Share of the earlier window's customers without a purchase in the later.
    tiers : DataFrame
        One row per method and tier: ``label``, ``tier``, ``customers``, ``jaccard``
        (mean overlap with the same tier of each resample), ``chance`` (mean over its
        customers), both missing for a tier without customers, and ``borderline``.
    keep : DataFrame of shape (n_customers, n_methods)
        Each customer's chance to keep the tier: share of the resamples whose limits
        give the same tier. Indexed by customer, and so confidential.
    keep_now : DataFrame of shape (n_newest, n_methods)
        The same of the customers of the newest window, in their tiers of today.
    """

    figures: pd.DataFrame
    moves: pd.DataFrame
    lost: float
    tiers: pd.DataFrame
    keep: pd.DataFrame
    keep_now: pd.DataFrame = field(default_factory=pd.DataFrame)


def measure_stability(
    methods: Mapping[str, Tiering],
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    customers: pd.DataFrame,
    newest: pd.DataFrame,
    *,
    replicates: int = 1000,
    seed: int = 1,
    most_resampled: int = 100_000,
) -> Stability:
    """Compare tiers over time, and with tiers learned from resampled customers.

    Each method, fitted to ``customers``, is refitted in two adjacent, equally long windows,
    ``earlier`` and ``later``, and in every resample of ``customers``, whose limits are also held
    against the ``newest`` customers. The bootstrap is paired, as for the back-test; ``refits``
    says in how many of the resamples methods are refitted.
    """
    both = earlier.index.intersection(later.index)
    rows, moves, kept = {}, [], {}

    def tiered(method: Tiering) -> list[pd.Series]:
        return [refitted(method, window).predict(window) for window in (earlier, later)]

    tiers_of = each_of(methods, customers)(tiered, [*methods.values()])
    for label, (before, after) in zip(methods, tiers_of, strict=True):
        moves.append(_moves(before, after).assign(label=label))
        names = [tiers.astype(object).reindex(both) for tiers in (before, after)]
        codes = [tiers.cat.codes.reindex(both).to_numpy("float64") for tiers in (before, after)]
        kept[label] = codes
        rows[label] = {"kept": float((names[0] == names[1]).mean()), "customers": len(both)}
    over_time = pd.DataFrame.from_dict(rows, orient="index")

    def kappas(w: np.ndarray) -> np.ndarray:
        return np.column_stack([weighted_kappa(*codes, w) for codes in kept.values()])

    over_time[["kappa", "kappa_low", "kappa_high"]] = np.nan
    if len(both):
        drawn = resample(kappas, len(both), replicates, seed, most_resampled)
        over_time["kappa"] = kappas(np.ones((1, len(both))))[0]
        over_time[["kappa_low", "kappa_high"]] = [interval(column) for column in drawn.T]
    tiers, keep, keep_now = resampled(methods, customers, newest, replicates, seed)
    unsure = keep < BORDERLINE
    by_label = tiers.groupby("label", sort=False)
    figures = over_time.assign(
        refits=[refits(method, len(customers), replicates) for method in methods.values()],
        weakest=by_label["jaccard"].min(),
        chance=keep.mean(),
        borderline=unsure.sum(),
        borderline_value=unsure.mul(customers["monetary_total"], axis=0).sum(),
    )
    lost = 1 - len(both) / len(earlier) if len(earlier) else float("nan")
    return Stability(figures, pd.concat(moves, ignore_index=True), lost, tiers, keep, keep_now)


def _moves(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Return how many of each tier went where; who did not buy again has no tier."""
    moved = after.astype(object).reindex(before.index).fillna(NO_PURCHASE)
    pairs = pd.DataFrame({"earlier": before.astype(object), "later": moved})
    return pairs.value_counts(sort=False).rename("customers").reset_index()


def resampled(
    methods: Mapping[str, Tiering],
    customers: pd.DataFrame,
    newest: pd.DataFrame,
    replicates: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return ``tiers``, ``keep`` and ``keep_now`` of ``Stability``.

    In every resample as many customers are drawn with replacement; each method, fitted to
    ``customers``, is refitted to those drawn, and its limits are applied to *all* customers. Hennig
    (2007, Computational Statistics & Data Analysis 52, 258-271) compares only those drawn, because
    a clustering need not say where others belong; a tiering does.

    A tier is the same in a resample if it has the same name. Clusters are numbered anew by every
    fit, so theirs are matched as Hennig does: the Jaccard of a cluster is that with the most
    similar cluster of the resample. Its customers keep their tier if they are in that one, and it
    is most similar to no other cluster, so that two clusters that become one are not both kept.
    """
    # Those that take longest come last, which are begun first, so that both processes end together.
    labels = sorted(methods, key=lambda label: -refits(methods[label], len(customers), replicates))
    done = each_of(methods, customers)(
        lambda label: _refits(methods[label], customers, newest, replicates, seed), labels
    )
    again = dict(zip(labels, done, strict=True))
    tables, keep, now = [], {}, {}
    for label in methods:
        first, overlap, kept, now[label] = again[label]
        keep[label] = pd.Series(kept, index=customers.index)
        by_tier = keep[label].groupby(first.array, observed=False).agg(["size", "mean"])
        below = (keep[label] < BORDERLINE).groupby(first.array, observed=False).sum()
        figures = {
            "label": label,
            "tier": first.cat.categories,
            "customers": by_tier["size"],
            "jaccard": np.where(by_tier["size"], overlap, np.nan),
            "chance": by_tier["mean"],
            "borderline": below,
        }
        tables.append(pd.DataFrame(figures))
    return pd.concat(tables, ignore_index=True), pd.DataFrame(keep), pd.DataFrame(now, newest.index)


def _refits(
    method: Tiering, customers: pd.DataFrame, newest: pd.DataFrame, replicates: int, seed: int
) -> tuple[pd.Series, np.ndarray, np.ndarray, pd.Series]:
    """Return a method's tiers, each tier's mean overlap and each customer's chance to keep it.

    Of the newest customers only those who have what the method reads have a chance.
    """
    newest = readable(method, newest)
    first, now = method.predict(customers), _places(method, newest)
    times = refits(method, len(customers), replicates)
    overlap, same = np.zeros(len(first.cat.categories)), np.zeros(len(customers))
    same_now = np.zeros(len(newest))
    for _, sample in resamples(read_by({"": method}, customers), times, seed):
        limits = refitted(method, sample)
        again = limits.predict(customers)
        jaccard, partner = partners(first, again, same_by(method))
        overlap += jaccard
        same += stays(partner, first, again)
        same_now += partner[now] == _places(limits, newest)
    return first, overlap / times, same / times, pd.Series(same_now / times, newest.index)


def _places(method: Tiering, customers: pd.DataFrame) -> np.ndarray:
    return method.predict(customers).cat.codes.to_numpy(dtype=int)


def stays(partner: np.ndarray, first: pd.Series, again: pd.Series) -> np.ndarray:
    """Return who is in the same tier of another fit, by the places that ``partners`` gives."""
    return partner[first.cat.codes.to_numpy(dtype=int)] == again.cat.codes.to_numpy(dtype=int)


def refits(method: Tiering, customers: int, replicates: int) -> int:
    """Return in how many resamples a method is refitted; never by the clock.

    Fewer in proportion with fewer replicates or more customers than usual. A customer's
    chance has a standard error of at most .07 or .16 (of 50 or 10 refits), so that of 10
    two failures are no finding and three are one; a tier's mean Jaccard is far surer.
    """
    most = NATIVE_REFITS if getattr(method, "native_rule", False) else OTHER_REFITS
    fewer = min(1, replicates / USUAL_REPLICATES, MANY_CUSTOMERS / customers)
    return max(LEAST_REFITS, round(most * fewer))


def partners(
    first: pd.Series, again: pd.Series, alike_by: str = "name"
) -> tuple[np.ndarray, np.ndarray]:
    """Return each tier's Jaccard with the same tier of another fit, and its place, -1 for none.

    Tiers are the same if they have one name, or ``alike_by`` their "members". A tier
    without customers has a Jaccard of 0.
    """
    a, b = first.cat.codes.to_numpy(dtype=int), again.cat.codes.to_numpy(dtype=int)
    shape = len(first.cat.categories), len(again.cat.categories)
    both = np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).reshape(shape)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    jaccard = both / np.maximum(either, 1)
    own = np.arange(shape[0])
    if alike_by == "members":
        best = jaccard.argmax(axis=1)
        overlap = jaccard[own, best]
        partner = np.where(jaccard.argmax(axis=0)[best] == own, best, -1)
    else:
        partner = again.cat.categories.get_indexer(first.cat.categories)
        overlap = np.where(partner >= 0, jaccard[own, partner], 0)
    return overlap, partner


def same_by(method: Tiering) -> str:
    """Return whether a method's tiers of two fits are the same by "name" or by "members"."""
    while isinstance(method, CreditBrake):
        method = method.of
    return "members" if isinstance(method, Clusters) else "name"


def weighted_kappa(a: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return quadratic-weighted kappa under weights of shape (resamples, n).

    One minus the mean squared difference over the one expected if both ratings
    kept their distribution but were independent (Cohen 1968).
    """
    parts = np.column_stack([a, b, a**2 + b**2, (a - b) ** 2])
    mean_a, mean_b, squares, observed = (w @ parts / w.sum(axis=1, keepdims=True)).T
    with np.errstate(invalid="ignore", divide="ignore"):
        # Expected: var(a) + var(b) + (mean_a - mean_b)^2, which simplifies to this.
        return 1 - observed / (squares - 2 * mean_a * mean_b)
