"""What the cluster page shows, on two kinds of customers that can be told apart by hand."""

import pandas as pd
import pytest
import small

from segment.pages import clusters as page
from segment.pages._words import trust
from segment.run.scheme import Scheme
from segment.tiering import Clusters


def mixed(times: int = 5) -> Scheme:
    """Twenty who spent 100, twenty who spent 10: all in the north, or some in the south."""
    customers = {
        "monetary_total": [100.0] * 4 * times + [10.0] * 4 * times,
        "days_since_last": [5] * 4 * times + [50] * 4 * times,
        "region": ["n"] * 4 * times + ["s"] * 3 * times + [None] * times,
    }
    customers = pd.DataFrame(customers).astype({"region": object})
    method = Clusters(k=2, features=["monetary_total", "days_since_last"], categories=["region"])
    return small.scheme(method, customers)


def test_centres_are_better_the_higher_and_name_what_is_turned_round():
    centres = page.centres(mixed())
    assert centres.index.tolist() == ["total spent", "few days since last purchase"]
    assert centres["Cluster 1"].tolist() == pytest.approx([1, 1])
    assert centres["Cluster 2"].tolist() == pytest.approx([-1, -1])
    assert page.apart(mixed()) == "Cluster 1 differs most from the average customer in total spent"


def test_a_cluster_of_the_study_is_as_sure_as_on_the_page_of_stability(shop_run):
    scheme = shop_run.scheme("Clusters")
    profile = page.profile(shop_run, scheme)
    sure = shop_run.stability.tiers.query("label == 'Clusters'")["jaccard"]
    assert profile["found_again"].tolist() == sure.tolist()
    assert f"an overlap of {sure.min():.2f}" in page.groups(shop_run, scheme)


def test_the_same_scheme_with_another_number_is_drawn_anew(shop_run):
    scheme = shop_run.scheme("Clusters", k=2)
    profile = page.profile(shop_run, scheme)
    assert profile["tier"].tolist() == ["Cluster 1", "Cluster 2"]
    assert profile["share"].sum() == pytest.approx(1)
    assert profile["found_again"].between(0.5, 1).all()
    assert "finds two clusters" in page.groups(shop_run, scheme)


def test_a_category_of_a_few_customers_is_held_back_and_a_missing_one_has_a_name(shop_run):
    profile = page.profile(shop_run, mixed()).set_index("tier")
    assert profile["region"].tolist() == ["n (100%)", "s (75%)"]
    customers = pd.DataFrame(
        {"monetary_total": [100.0] * 3 + [10.0] * 9, "region": ["n"] * 3 + [None] * 9}
    ).astype({"region": object})
    method = Clusters(k=2, features=["monetary_total"], categories=["region"])
    few = page.profile(shop_run, small.scheme(method, customers))
    assert few["region"].isna().tolist() == [True, False]
    assert few["region"].iloc[1] == "missing (100%)"
    assert page.centres(small.scheme(method, customers)).columns.tolist() == ["Cluster 2"]


def test_one_cluster_is_no_group():
    scheme = small.scheme(Clusters(k=1), mixed().features.assign(order_days=1))
    assert page.groups(None, scheme) == "**M finds no groups: all customers are one cluster.**"


@pytest.mark.parametrize(
    ("overlap", "words"),
    [(1.0, "highly stable"), (0.85, "highly stable"), (0.84, "stable"), (0.755, "stable"),
     (0.745, "a pattern, its edges unsure"), (0.59, "do not trust it"), (0.0, "do not trust it")],
)  # fmt: skip
def test_an_overlap_has_the_word_of_the_digits_shown(overlap, words):
    assert trust(overlap) == words
