"""The models behind clusters, and how well resampling finds their clusters again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import pairwise_distances, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.tree import DecisionTreeClassifier

from segment.tiering.centres import Nearest
from segment.tiering.clusters import SMALLEST_SHARE

# Customers that a model is fitted to. Centres of 100,000 put 99 % of 427,000 where those of all do.
# A tree of all distances grows with the square of the customers, and more are no better: two
# samples of 10,000 agree no more than two of 5,000 on CDNOW, and two mixtures of all 23,570 no more
# than two of 10,000. HDBSCAN finds neighbours in a tree of points, which grows little faster than
# the customers.
SAMPLE = {"kmeans": 100_000, "ward": 5_000, "mixture": 10_000, "hdbscan": 20_000}
EVIDENCE_SAMPLE = {"kmeans": 2_000, "mixture": 2_000, "ward": 1_000, "hdbscan": 2_000}
EVIDENCE_RESAMPLES = 12
# HDBSCAN looks for groups of no fewer customers than this, however few there are. In
# one round cloud of 500 it never found two in 20 trials, with 10 in 14 of them, with 5
# in all.
SMALLEST_GROUP = 20


class Likeliest:
    """Assigns points to the bell curve of a mixture that most likely made them."""

    def __init__(self, mixture: GaussianMixture):
        self.weights, self.means = mixture.weights_, mixture.means_
        self.precisions = mixture.precisions_cholesky_

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the place of each point's curve."""
        mixture = GaussianMixture(len(self.means))
        mixture.weights_, mixture.means_ = self.weights, self.means
        mixture.precisions_cholesky_ = self.precisions
        return mixture.predict(points)


def fits(model: str, points: np.ndarray, choices: list[int], seed: int, starts: int = 10):
    """Return, for each k, a function that assigns points to clusters, and their centres.

    Equal ``points`` stand together. HDBSCAN finds its own number of clusters, whatever k.
    """
    points = _sample(points, SAMPLE[model], seed)
    if model == "ward":
        return _ward(points, choices)
    if model == "hdbscan":
        return dict.fromkeys(choices, _hdbscan(points))
    fit = _mixture if model == "mixture" else _kmeans
    # A resample can hold fewer different customers than k.
    most = different(points)
    return {k: fit(points, min(k, most), seed, starts) for k in choices}


def different(points: np.ndarray) -> int:
    """Return how many different points there are, of which equal ones stand together."""
    return 1 + int((points[1:] != points[:-1]).any(axis=1).sum())


def evidence(model: str, points: np.ndarray, choices: list[int], seed: int) -> pd.DataFrame:
    """Return what speaks for each number of clusters, indexed by ``k``: see ``Clusters``."""
    points = _sample(points, EVIDENCE_SAMPLE[model], seed)
    n = len(points)
    again = [fits(model, rows, choices, seed, starts=1) for rows in _resamples(points, seed)]
    fitted = fits(model, points, choices, seed, starts=3)
    distances = pairwise_distances(points)
    rows = []
    for k in choices:
        labels = fitted[k][0](points)
        overlaps = [_best_jaccard(labels, fit[k][0](points)) for fit in again]
        tree = DecisionTreeClassifier(max_leaf_nodes=k, random_state=seed).fit(points, labels)
        silhouette = np.nan
        if 1 < len(np.unique(labels)) < n:
            silhouette = silhouette_score(distances, labels, metric="precomputed")
        rows.append(
            {
                "k": k,
                "silhouette": silhouette,
                "stability": np.mean(overlaps, axis=0).min(),
                "smallest_share": np.bincount(labels, minlength=k).min() / n,
                "plain_rules": tree.score(points, labels),
            }
        )
    return pd.DataFrame(rows).set_index("k")


def _sample(points: np.ndarray, size: int, seed: int) -> np.ndarray:
    if len(points) <= size:
        return points
    chosen = np.random.default_rng(seed).choice(len(points), size, replace=False)
    return points[np.sort(chosen)]


def _resamples(points: np.ndarray, seed: int) -> list[np.ndarray]:
    rng, n = np.random.default_rng(seed), len(points)
    return [points[np.sort(rng.integers(n, size=n))] for _ in range(EVIDENCE_RESAMPLES)]


def _kmeans(points: np.ndarray, k: int, seed: int, starts: int):
    centres = KMeans(k, n_init=starts, random_state=seed).fit(points).cluster_centers_
    return Nearest(centres), centres


def _mixture(points: np.ndarray, k: int, seed: int, starts: int):
    if k == 1:
        return _one(points)
    # Amounts and days are often the same: a bell curve may not become a spike on one of them.
    mixture = GaussianMixture(k, random_state=seed, n_init=max(1, starts // 3), reg_covar=1e-3)
    mixture.fit(points)
    return Likeliest(mixture), mixture.means_


def _ward(points: np.ndarray, choices: list[int]):
    """Cut one Ward tree at every k."""
    n = len(points)
    merges = linkage(pdist(points), "ward")[:, :2].astype(int) if n > 1 else np.empty((0, 2), int)
    fitted = {}
    for k in choices:
        kept = merges[: n - k]
        # Merge i makes node n + i; without the last k - 1 merges, k trees remain.
        node = np.repeat(np.arange(n, n + len(kept)), 2)
        size = 2 * n - 1
        graph = sparse.coo_array((np.ones(len(node)), (node, kept.ravel())), shape=(size, size))
        labels = sparse.csgraph.connected_components(graph, directed=False)[1][:n]
        centres = np.stack([points[labels == label].mean(axis=0) for label in np.unique(labels)])
        fitted[k] = Nearest(centres), centres
    return fitted


def _hdbscan(points: np.ndarray):
    """Find groups that are denser than what lies between them; none found is one cluster."""
    smallest = max(SMALLEST_GROUP, int(np.ceil(SMALLEST_SHARE * len(points))))
    if len(points) < 2 * smallest:
        return _one(points)
    # As many neighbours make a place dense as make a group: with only five of them it
    # finds twelve groups on CDNOW, one to a price, of which resampling loses eight.
    labels = HDBSCAN(smallest, copy=True).fit_predict(points)
    dense = range(labels.max() + 1)
    if len(dense) < 2:
        return _one(points)
    centres = np.unique([points[labels == label].mean(axis=0) for label in dense], axis=0)
    return Nearest(centres), centres


def _one(points: np.ndarray):
    centres = points.mean(axis=0, keepdims=True)
    return Nearest(centres), centres


def _best_jaccard(labels: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return, for each cluster that has customers, its overlap with the most similar other."""
    both = np.zeros((labels.max() + 1, other.max() + 1))
    np.add.at(both, (labels, other), 1)
    both = both[both.any(axis=1)]
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / either).max(axis=1)
