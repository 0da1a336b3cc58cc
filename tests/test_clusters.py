"""Clusters: order, choice of k, and what they say about themselves."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from segment.tiering import Clusters
from segment.tiering.clusters import SMALLEST_SHARE, STABLE, _best_jaccard, _ward

MODELS = pytest.mark.parametrize("model", ["kmeans", "mixture", "ward"])


def groups(n: int = 90, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three far-apart groups, best first, and who belongs to which."""
    rng = np.random.default_rng(seed)
    centre = np.array([[2, 20, 1000], [30, 5, 100], [200, 1, 10]])
    group = np.repeat([0, 1, 2], n // 3)
    values = centre[group] * rng.lognormal(0, 0.05, (len(group), 3))
    return pd.DataFrame(values, columns=["days_since_last", "order_days", "monetary_total"]), group


@MODELS
def test_far_apart_groups_are_found_and_ordered_by_value(model):
    customers, group = groups()
    fitted = Clusters(model, k=3).fit(customers)
    assert fitted.tiers_ == ("Cluster 1", "Cluster 2", "Cluster 3")
    assert fitted.labels_.cat.codes.tolist() == group.tolist()


@MODELS
def test_auto_finds_three_groups_with_evidence(model):
    customers, group = groups(150)
    fitted = Clusters(model, k_choices=[2, 3, 4]).fit(customers)
    assert fitted.k_ == 3
    assert fitted.labels_.cat.codes.tolist() == group.tolist()
    at = fitted.k_evidence_.loc[3]
    assert at["stability"] > 0.99
    assert at["plain_rules"] == 1
    assert at["smallest_share"] == pytest.approx(1 / 3)
    assert at["silhouette"] > 0.8


def test_auto_takes_the_largest_k_that_qualifies():
    customers, _ = groups(300, seed=2)
    fitted = Clusters(k_choices=[2, 3, 4, 5, 6]).fit(customers)
    table = fitted.k_evidence_
    fit = table[(table["stability"] >= STABLE) & (table["smallest_share"] >= SMALLEST_SHARE)]
    assert fitted.k_ == fit.index.max()


def test_recency_counts_against_a_cluster():
    customers = pd.DataFrame({"days_since_last": [1] * 5 + [300] * 5})
    fitted = Clusters(k=2, features=["days_since_last"]).fit(customers)
    assert fitted.labels_.tolist() == ["Cluster 1"] * 5 + ["Cluster 2"] * 5


@MODELS
def test_fewer_different_customers_than_clusters(model):
    customers = groups()[0].iloc[[0, 40, 80]]
    fitted = Clusters(model, k=8).fit(pd.concat([customers] * 4, ignore_index=True))
    assert fitted.k_ == 3
    assert len(fitted.tiers_) == 3
    assert fitted.labels_.value_counts().tolist() == [4, 4, 4]


def test_refit_keeps_the_number_of_clusters():
    customers, _ = groups()
    fitted = Clusters(k_choices=[3]).fit(customers)
    again = fitted.refit(customers.sample(50, random_state=0))
    assert (again.k_, again.k_evidence_) == (3, None)


def test_profile_gives_medians_and_sizes():
    customers, group = groups()
    profile = Clusters(k=3).fit(customers).profile_
    assert profile["customers"].tolist() == [30, 30, 30]
    medians = customers.groupby(group)["monetary_total"].median()
    assert profile["monetary_total"].tolist() == pytest.approx(medians.tolist())


def test_rules_give_centres_in_the_units_of_the_features():
    rule = Clusters(k=1).fit(pd.DataFrame({"days_since_last": [9], "order_days": [3],
                                           "monetary_total": [-1500.0]})).rules()  # fmt: skip
    assert rule["rule"].tolist() == [
        "nearest to days_since_last 9, order_days 3, monetary_total -1,500"
    ]


@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_one_ward_tree_cut_at_k_equals_a_fit_at_k(k):
    points = np.random.default_rng(3).normal(size=(120, 3))
    _, centres = _ward(points, [k])[k]
    labels = AgglomerativeClustering(k, linkage="ward").fit_predict(points)
    expected = np.stack([points[labels == label].mean(axis=0) for label in range(k)])
    assert np.allclose(centres[np.lexsort(centres.T)], expected[np.lexsort(expected.T)])


def test_best_jaccard_by_hand():
    # {0,1,2} against {0,1}: 2/3; {3,4} against {2,3,4}: 2/3; names do not matter.
    overlap = _best_jaccard(np.array([0, 0, 0, 1, 1]), np.array([5, 5, 2, 2, 2]))
    assert overlap.tolist() == pytest.approx([2 / 3, 2 / 3])


@MODELS
def test_seeds_agree_on_clear_groups(model):
    customers, _ = groups()
    one, two = (Clusters(model, k=3, seed=seed).fit(customers).labels_ for seed in (1, 2))
    assert adjusted_rand_score(one, two) == 1
