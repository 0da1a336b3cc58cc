"""Clusters: order, choice of k, and what they say about themselves."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering

from segment.errors import StudyError
from segment.run import plain
from segment.tiering import Clusters
from segment.tiering.cluster_models import _best_jaccard, _ward
from segment.tiering.clusters import STABLE
from segment.tiering.contract import tiers_by_sql

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
    other = Clusters(model, k=3, seed=2).fit(customers)
    assert other.labels_.tolist() == fitted.labels_.tolist()
    medians = customers.groupby(group)["monetary_total"].median()
    assert fitted.profile_["customers"].tolist() == [30, 30, 30]
    assert fitted.profile_["monetary_total"].tolist() == pytest.approx(medians.tolist())


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


@MODELS
def test_fewer_different_customers_than_clusters(model):
    customers = groups()[0].iloc[[0, 40, 80]]
    fitted = Clusters(model, k=8).fit(pd.concat([customers] * 4, ignore_index=True))
    assert fitted.k_ == 3
    assert len(fitted.tiers_) == 3
    assert fitted.labels_.value_counts().tolist() == [4, 4, 4]


def test_rules_give_centres_in_the_units_of_the_features():
    one = pd.DataFrame({"days_since_last": [9], "order_days": [3], "growth": [-1500.0]})
    words = "nearest to days since last purchase 9, purchase days 3, growth -1,500"
    assert Clusters(k=1, features=list(one)).fit(one).rules()["rule"].tolist() == [words]


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


def mixed(n: int = 120, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Two groups told apart by their region alone, the second with larger amounts."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1], n // 2)
    region = np.array(["north", "south"], dtype=object)[group]
    paid = rng.lognormal(3, 0.1, n) * np.where(group == 1, 5, 1)
    return pd.DataFrame(
        {"satisfaction": rng.integers(1, 6, n), "region": region, "monetary_total": paid}
    ), group


def test_categories_alone_make_clusters_ordered_by_what_their_customers_paid():
    customers, group = mixed()
    fitted = Clusters(k=2, features=[], categories=["region"]).fit(customers)
    assert fitted.labels_.cat.codes.tolist() == (1 - group).tolist()
    assert fitted.profile_["region"].tolist() == ["south (100%)", "north (100%)"]
    assert fitted.rules()["rule"].tolist() == [
        "nearest to region mostly south",
        "nearest to region mostly north",
    ]
    assert fitted.complexity == (1, 2)


@MODELS
def test_clusters_of_every_model_are_saved_with_a_run(model, tmp_path):
    customers, _ = groups()
    fitted = Clusters(model, k=3).fit(customers)
    plain.dump(fitted, tmp_path / "state")
    again = plain.load(tmp_path / "state")
    assert again.predict(customers).tolist() == fitted.labels_.tolist()


def test_a_feature_named_as_category_is_one_and_codes_are_no_amounts():
    customers = mixed()[0].assign(region=[1] * 60 + [9] * 60)
    as_code = Clusters(k=2, features=["satisfaction", "region"], categories=["region"])
    assert as_code.numbers == ("satisfaction",)
    assert as_code.columns == ("satisfaction", "region")
    assert set(as_code.fit(customers).encoding_.levels["region"]) == {"1", "9"}


def test_worth_decides_the_order_where_a_feature_tells_it():
    customers = pd.DataFrame({"order_days": [1] * 5 + [9] * 5, "monetary_total": [9] * 5 + [1] * 5})
    by_days = Clusters(k=2, features=["order_days"]).fit(customers)
    assert by_days.labels_.tolist() == ["Cluster 2"] * 5 + ["Cluster 1"] * 5
    mixture = Clusters("mixture", k=2, features=["order_days"]).fit(customers)
    assert mixture.labels_.tolist() == ["Cluster 1"] * 5 + ["Cluster 2"] * 5
    other = customers.rename(columns={"order_days": "contact_hours"})
    by_amount = Clusters(k=2, features=["contact_hours"]).fit(other)
    assert by_amount.labels_.tolist() == ["Cluster 1"] * 5 + ["Cluster 2"] * 5
    unknown = Clusters(k=2, features=["contact_hours"]).fit(other[["contact_hours"]])
    assert unknown.labels_.tolist() == ["Cluster 2"] * 5 + ["Cluster 1"] * 5
    backwards = Clusters(k=2, features=["contact_hours"], less_is_better=["contact_hours"])
    assert backwards.fit(other[["contact_hours"]]).labels_.tolist()[0] == "Cluster 1"


@MODELS
def test_a_few_totals_below_0_do_not_move_the_clusters(model):
    customers, _ = groups()
    customers.loc[[85, 87, 89], "monetary_total"] = 0.0
    positive = Clusters(model, k=3).fit(customers)
    customers.loc[[85, 87, 89], "monetary_total"] = [-840.0, -5.0, -127_318.0]
    fitted = Clusters(model, k=3).fit(customers)
    assert fitted.labels_.tolist() == positive.labels_.tolist()
    if model != "mixture":
        assert tiers_by_sql(fitted, customers) == fitted.labels_.tolist()


def test_missing_numbers_are_refused_or_count_as_the_mean():
    customers = groups()[0]
    customers.loc[3, "order_days"] = np.nan
    with pytest.raises(StudyError, match="'order_days' is missing or infinite for 1 of 90"):
        Clusters(k=3).fit(customers)
    fitted = Clusters(k=3, missing="mean").fit(customers)
    assert fitted.labels_.cat.codes.tolist() == groups()[1].tolist()


def test_a_column_of_text_among_the_numbers_says_where_it_belongs():
    with pytest.raises(StudyError, match=r"'region' must hold numbers.*under 'categories'"):
        Clusters(features=["region"]).fit(mixed()[0])


@pytest.mark.parametrize("together", [True, False])
def test_hdbscan_finds_the_number_by_itself(together):
    customers, group = groups(150)
    if together:
        customers, group = customers.iloc[:50], group[:50]
    fitted = Clusters("hdbscan").fit(customers)
    assert fitted.k_ == (1 if together else 3)
    assert fitted.k_evidence_ is None
    assert fitted.labels_.cat.codes.tolist() == group.tolist()
    assert fitted.refit(customers).k_ == fitted.k_


def test_hdbscan_gives_noise_to_the_nearest_centre():
    customers, _ = groups(150)
    stray = pd.DataFrame({"days_since_last": [3.0], "order_days": [14.0], "monetary_total": [300]})
    fitted = Clusters("hdbscan").fit(pd.concat([customers, stray], ignore_index=True))
    assert fitted.k_ == 3
    assert fitted.labels_.iloc[-1] == "Cluster 1"


@pytest.mark.parametrize("model", ["kmeans", "ward"])
def test_pieces_of_one_cloud_are_not_found_again(model):
    even = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 3)), columns=groups()[0].columns)
    cut_up = Clusters(model, k_choices=(6,)).fit(even)
    assert cut_up.tiers_ == tuple(f"Cluster {i}" for i in range(1, 7))
    assert cut_up.k_evidence_.loc[6, "stability"] < STABLE


FIRST_FIT = """
import json, sys
from threadpoolctl import threadpool_info
from segment.tiering import Clusters
import pandas as pd

assert "sklearn" not in sys.modules

def looked_at(self, *given, fit=Clusters._fitted):
    print(json.dumps({each["user_api"]: each["num_threads"] for each in threadpool_info()}))
    return fit(self, *given)

Clusters._fitted = looked_at
Clusters(k=2, features=["order_days"]).fit(pd.DataFrame({"order_days": [1, 1, 8, 9]}))
"""


def test_what_the_first_fit_loads_has_one_thread_too():
    """Forks that fit at once would fight for the processors."""
    env = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    command = [sys.executable, "-c", FIRST_FIT]
    told = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    assert json.loads(told) == {"blas": 1, "openmp": 1}


CELL = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["n", "o'x", "1", "1.0", "True", "true", None]),
    st.sampled_from([1.0, 2.0, 3.0, None]),
    st.one_of(st.none(), st.integers(-3, 9)),
)


def cells(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["order_days", "the region", "grade", "monetary_total"])
    return frame.astype({"the region": object, "grade": "float64", "monetary_total": "float64"})


@pytest.mark.parametrize("model", ["kmeans", "ward", "hdbscan"])
@settings(max_examples=10, deadline=None)
@given(*[st.lists(CELL, min_size=1, max_size=15).map(cells)] * 2)
def test_sql_gives_the_same_clusters_of_mixed_features(model, customers, later):
    method = Clusters(
        model,
        k="auto" if model == "hdbscan" else 3,
        missing="mean",
        features=["order_days", "monetary_total", "the region"],
        categories=["the region", "grade"],
    )
    fitted = method.fit(customers)
    backwards = method.refit(customers[::-1])
    assert backwards.labels_[::-1].tolist() == fitted.labels_.tolist()
    for frame in (customers, later):
        assert tiers_by_sql(fitted, frame) == fitted.predict(frame).tolist()
