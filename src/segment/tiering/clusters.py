"""Clusters: customers alike in several features at once, ordered by value."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from segment.errors import StudyError
from segment.tiering import base

MODELS = ("kmeans", "mixture", "ward")
# For these, less is better; for every other feature, more is.
LESS_IS_BETTER = ("days_since_last",)
# More is no better: two samples of 10 000 agree no more than two of 5 000 on CDNOW,
# and need four times the memory.
WARD_SAMPLE = 5_000
EVIDENCE_SAMPLE = {"kmeans": 2_000, "mixture": 2_000, "ward": 1_000}
EVIDENCE_RESAMPLES = 12
STABLE = 0.75
SMALLEST_SHARE = 0.02


class Clusters(base.Tiering):
    """k-means, Gaussian mixture or Ward clusters as tiers.

    Features enter as log(1 + x), mirrored for negative x, and standardised.

    Parameters
    ----------
    model : {"kmeans", "mixture", "ward"}
        Ward is fitted on at most 5 000 customers; everyone is then assigned to
        the nearest centroid.
    k : int or "auto"
        Number of clusters. ``"auto"`` takes the largest of ``k_choices`` whose
        clusters are all stable (bootstrap Jaccard of .75 or more) and hold at
        least 2 % of the customers; if none qualifies, the most stable.
    features : sequence of str
        Columns to cluster on.
    k_choices : sequence of int
        What ``"auto"`` chooses from.
    seed : int
        For starts and samples.

    Attributes
    ----------
    k_ : int
        Number of clusters found; fewer than asked if there are fewer different
        customers.
    k_evidence_ : DataFrame or None
        For ``k="auto"``: one row per k with ``silhouette``, ``stability`` (mean
        bootstrap Jaccard of the least stable cluster; Hennig 2007, Computational
        Statistics & Data Analysis 52), ``smallest_share``, and
        ``plain_rules`` (share of customers that a tree with k leaves puts in
        the right cluster), on a sample.
    profile_ : DataFrame
        Median of every feature by tier, and ``customers``.
    """

    native_rule = False

    def __init__(
        self,
        model="kmeans",
        k="auto",
        features=("days_since_last", "order_days", "monetary_total"),
        k_choices=(3, 4, 5, 6, 7, 8),
        seed=1,
    ):
        self.model = model
        self.k = k
        self.features = features
        self.k_choices = k_choices
        self.seed = seed

    @property
    def columns(self) -> tuple[str, ...]:
        """The features that are clustered on."""
        return tuple(self.features)

    def refit(self, customers: pd.DataFrame) -> Clusters:
        """Return the same scheme learned from other customers, with the same k."""
        return type(self)(**self.get_params() | {"k": self.k_}).fit(customers)

    def _learn(self, values: pd.DataFrame) -> None:
        logs = _signed_log(values.to_numpy())
        # Sorted, so that neither sums nor starts nor samples depend on row order.
        logs = logs[np.lexsort(logs.T)]
        self.mean_, spread = logs.mean(axis=0), logs.std(axis=0)
        self.scale_ = np.where(spread > 1e-12, spread, 1.0)
        points = (logs - self.mean_) / self.scale_
        different = len(np.unique(points, axis=0))
        with threadpool_limits(1):
            self.k_evidence_ = None
            k = self.k
            if k == "auto":
                choices = [int(k) for k in self.k_choices if k < different]
                k = 1
                if choices:
                    self.k_evidence_ = _evidence(self.model, points, choices, self.seed)
                    k = _choose(self.k_evidence_)
            self.k_ = min(int(k), different)
            assign, centres = _fits(self.model, points, [self.k_], self.seed)[self.k_]
        direction = np.array([-1.0 if f in LESS_IS_BETTER else 1.0 for f in self.features])
        order = np.argsort(-(centres @ direction), kind="stable")
        self.centres_ = centres[order]
        self._place = np.argsort(order)
        self._assign = assign
        self.tiers_ = tuple(f"Cluster {i}" for i in range(1, len(centres) + 1))
        codes = self._codes(values)
        profile = values.groupby(codes).median()
        profile.index = [self.tiers_[code] for code in profile.index]
        sizes = np.bincount(codes, minlength=len(self.tiers_))
        self.profile_ = profile.reindex(self.tiers_).assign(customers=sizes)

    def _codes(self, values: pd.DataFrame) -> np.ndarray:
        points = (_signed_log(values.to_numpy()) - self.mean_) / self.scale_
        with threadpool_limits(1):
            return self._place[self._assign(points)]

    def rules(self) -> pd.DataFrame:
        """One row per cluster: its centre in the units of the features."""
        centres = self.centres_ * self.scale_ + self.mean_
        centres = np.sign(centres) * np.expm1(np.abs(centres))
        texts = [
            "nearest to "
            + ", ".join(f"{f} {v:,.0f}" for f, v in zip(self.features, centre, strict=True))
            for centre in centres
        ]
        return pd.DataFrame({"tier": self.tiers_, "rule": texts})

    def _sql(self) -> str:
        if self.model == "mixture":
            raise StudyError(
                "Gaussian mixture clusters cannot be written as one SQL expression; "
                "use model: kmeans or ward for a scheme that must run in the warehouse."
            )
        # Nearest centroid = largest linear score: c.x - |c|^2 / 2.
        weights = self.centres_ / self.scale_
        offsets = -(self.centres_**2).sum(axis=1) / 2 - weights @ self.mean_
        names = [base.column(feature) for feature in self.features]
        logs = [f"SIGN({name}) * LN(1 + ABS({name}))" for name in names]
        scores = [
            "("
            + " + ".join(
                [f"CAST('{b!r}' AS DOUBLE)"]
                + [f"CAST('{w!r}' AS DOUBLE) * {x}" for w, x in zip(row, logs, strict=True)]
            )
            + ")"
            for b, row in zip(offsets.tolist(), weights.tolist(), strict=True)
        ]
        largest = f"GREATEST({', '.join(scores)})" if len(scores) > 1 else scores[0]
        return base.case([f"{score} >= {largest}" for score in scores[:-1]], list(self.tiers_))

    def check_parameters(self) -> None:
        """Raise a ``StudyError`` if a parameter is of the wrong kind or out of range."""
        base.check_choice("Clusters: 'model'", self.model, MODELS)
        base.check_names("Clusters: 'features'", self.features)
        base.check_whole("Clusters: 'seed'", self.seed, 0, 2**32 - 1)
        if isinstance(self.k, str):
            base.check_choice("Clusters: 'k'", self.k, ("auto", "a whole number"))
        else:
            base.check_whole("Clusters: 'k'", self.k, 1)
        choices = base.check_limits("Clusters: 'k_choices'", self.k_choices, 1, np.inf)
        if any(k != int(k) for k in choices):
            raise StudyError(
                f"Clusters: 'k_choices' must be whole numbers, found {self.k_choices!r}."
            )


class _Nearest:
    """Assigns points to the nearest centroid."""

    def __init__(self, centres: np.ndarray):
        self.centres = centres

    def __call__(self, points: np.ndarray) -> np.ndarray:
        # Not by BLAS: its last digit depends on the row's place, which would let
        # two equal customers halfway between two centres part.
        scores = np.einsum("nf,kf->nk", points, self.centres)
        return np.argmax(scores - (self.centres**2).sum(axis=1) / 2, axis=1)


def _signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values))


def _sample(points: np.ndarray, size: int, seed: int) -> np.ndarray:
    if len(points) <= size:
        return points
    chosen = np.random.default_rng(seed).choice(len(points), size, replace=False)
    return points[np.sort(chosen)]


def _fits(model: str, points: np.ndarray, choices: list[int], seed: int, starts: int = 10):
    """Return, for each k, a function that assigns points to clusters, and their centres."""
    if model == "ward":
        return _ward(_sample(points, WARD_SAMPLE, seed), choices)
    one = _mixture if model == "mixture" else _kmeans
    return {k: one(points, k, seed, starts) for k in choices}


def _kmeans(points: np.ndarray, k: int, seed: int, starts: int):
    # A resample can hold fewer different customers than k.
    k = min(k, len(np.unique(points, axis=0)))
    centres = KMeans(k, n_init=starts, random_state=seed).fit(points).cluster_centers_
    return _Nearest(centres), centres


def _mixture(points: np.ndarray, k: int, seed: int, starts: int):
    k = min(k, len(np.unique(points, axis=0)))
    if k == 1:
        centres = points.mean(axis=0, keepdims=True)
        return _Nearest(centres), centres
    mixture = GaussianMixture(k, random_state=seed, n_init=max(1, starts // 3), reg_covar=1e-4)
    mixture.fit(points)
    return mixture.predict, mixture.means_


def _ward(points: np.ndarray, choices: list[int]):
    """Cut one Ward tree at every k."""
    n = len(points)
    merges = linkage(pdist(points), "ward")[:, :2].astype(int) if n > 1 else np.empty((0, 2), int)
    found = {}
    for k in choices:
        kept = merges[: n - k]
        # Merge i makes node n + i; without the last k - 1 merges, k trees remain.
        node = np.repeat(np.arange(n, n + len(kept)), 2)
        size = 2 * n - 1
        graph = sparse.coo_array((np.ones(len(node)), (node, kept.ravel())), shape=(size, size))
        labels = sparse.csgraph.connected_components(graph, directed=False)[1][:n]
        centres = np.stack([points[labels == label].mean(axis=0) for label in np.unique(labels)])
        found[k] = _Nearest(centres), centres
    return found


def _evidence(model: str, points: np.ndarray, choices: list[int], seed: int) -> pd.DataFrame:
    points = _sample(points, EVIDENCE_SAMPLE[model], seed)
    rng = np.random.default_rng(seed)
    n = len(points)
    resamples = [np.sort(rng.integers(n, size=n)) for _ in range(EVIDENCE_RESAMPLES)]
    again = [_fits(model, points[rows], choices, seed, starts=1) for rows in resamples]
    fits = _fits(model, points, choices, seed, starts=3)
    distances = pairwise_distances(points)
    rows = []
    for k in choices:
        labels = fits[k][0](points)
        found = np.unique(labels)
        overlaps = [_best_jaccard(labels, fit[k][0](points)) for fit in again]
        tree = DecisionTreeClassifier(max_leaf_nodes=k, random_state=seed).fit(points, labels)
        apart = 1 < len(found) < n
        rows.append(
            {
                "k": k,
                "silhouette": silhouette_score(distances, labels, metric="precomputed")
                if apart else np.nan,
                "stability": np.mean(overlaps, axis=0).min(),
                "smallest_share": np.bincount(labels, minlength=k).min() / n,
                "plain_rules": tree.score(points, labels),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("k")


def _best_jaccard(labels: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return, for each cluster that has customers, its overlap with the most similar other."""
    both = np.zeros((labels.max() + 1, other.max() + 1))
    np.add.at(both, (labels, other), 1)
    both = both[both.any(axis=1)]
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / either).max(axis=1)


def _choose(evidence: pd.DataFrame) -> int:
    fit = evidence[
        (evidence["stability"] >= STABLE) & (evidence["smallest_share"] >= SMALLEST_SHARE)
    ]
    return int(fit.index.max() if len(fit) else evidence["stability"].idxmax())
