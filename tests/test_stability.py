"""Tiers over time and with resampled customers: by hand, by theory, against scikit-learn."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import cohen_kappa_score
from test_backtest import market

from segment.evidence import stability
from segment.evidence.stability import (
    NO_PURCHASE,
    partners,
    refits,
    stays,
    weighted_kappa,
)
from segment.tiering import ABC, Clusters, CreditBrake, Thresholds


def measure_stability(methods, earlier, later, customers=None, newest=None, **settings):
    customers = earlier if customers is None else customers
    newest = customers[:0] if newest is None else newest
    methods = {label: method.fit(customers) for label, method in methods.items()}
    return stability.measure_stability(methods, earlier, later, customers, newest, **settings)


def resampled(methods, customers, replicates=1000, seed=1):
    methods = {label: method.fit(customers) for label, method in methods.items()}
    return stability.resampled(methods, customers, customers[:0], replicates, seed)[:2]


@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_equals_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 5, 80).astype(float)
    b = np.clip(a + rng.integers(-1, 2, 80), 0, 4)
    w = rng.integers(0, 4, 80).astype(float)
    found = weighted_kappa(a, b, np.stack([np.ones(80), w]))
    assert found[0] == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))
    assert found[1] == pytest.approx(cohen_kappa_score(a, b, weights="quadratic", sample_weight=w))


def test_stability_by_hand():
    """Four customers, two of them in both windows; one stays on top, one falls."""
    earlier = pd.DataFrame({"monetary_total": [50.0, 45, 3, 2]}, index=list("abcd"))
    later = pd.DataFrame({"monetary_total": [90.0, 1]}, index=list("ab"))
    found = measure_stability({"ABC": ABC(limits=[0.8])}, earlier, later, replicates=20)
    assert found.lost == 0.5
    row = found.figures.loc["ABC"]
    assert (row["kept"], row["customers"]) == (0.5, 2)
    assert row["kappa"] == pytest.approx(0)
    moves = found.moves.set_index(["earlier", "later"])["customers"].to_dict()
    assert moves == {("A", "A"): 1, ("A", "B"): 1, ("B", NO_PURCHASE): 2}


def test_stability_without_anyone_in_both_windows():
    earlier = pd.DataFrame({"monetary_total": [5.0, 1]}, index=["a", "b"])
    later = pd.DataFrame({"monetary_total": [5.0, 1]}, index=["c", "d"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure_stability({"ABC": ABC()}, earlier, later, replicates=20)
    assert found.lost == 1
    assert found.figures.loc["ABC", ["kappa", "kappa_low", "kappa_high"]].isna().all()


def letters(text: str, names: str = "ABC") -> pd.Series:
    """Return one tier per letter."""
    return pd.Series(pd.Categorical(list(text), list(names), ordered=True))


def agreement(first, again, alike_by="name"):
    jaccard, partner = partners(first, again, alike_by)
    return jaccard, stays(partner, first, again)


@pytest.mark.parametrize(
    ("first", "again", "match", "jaccard", "kept"),
    [
        # A: 2 of 4 in both; B: 3 of 4; C holds nobody the second time.
        (letters("AAABBBC"), letters("AABBBBA"), "name", [2 / 4, 3 / 4, 0], "1101110"),
        # A tier is the same by name wherever it stands.
        (letters("AABC"), letters("AABB", "BA"), "name", [1, 1 / 2, 0], "1110"),
        # Numbered tiers that swap are the same.
        (letters("AABBBC"), letters("BBCCCA"), "members", [1, 1, 1], "111111"),
        (letters("AABBBC"), letters("BBCCCA"), "name", [0, 0, 0], "000000"),
        # Hennig's Jaccard is that with the most similar; only the larger is still itself.
        (letters("AAABC"), letters("AAAAB"), "members", [3 / 4, 1 / 4, 1], "11101"),
    ],
)
def test_agreement_by_hand(first, again, match, jaccard, kept):
    overlap, same = agreement(first, again, match)
    assert overlap.tolist() == jaccard
    assert "".join(map(str, same.astype(int))) == kept


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1),
    st.permutations("ABC"),
)
def test_agreement_is_what_sets_of_customers_say(pairs, order):
    first, again = (letters("".join(letter)) for letter in zip(*pairs, strict=True))
    jaccard, kept = agreement(first, again)
    for tier, found in zip("ABC", jaccard, strict=True):
        a, b = (set(np.flatnonzero(x == tier)) for x in (first, again))
        assert found == pytest.approx(len(a & b) / max(1, len(a | b)))
    assert kept.tolist() == [a == b for a, b in pairs]
    # Clusters: whatever their numbers, and never worse than by name.
    renamed = letters("".join(order["ABC".index(b)] for _, b in pairs))
    best, _ = agreement(first, again, "members")
    assert (best >= jaccard - 1e-12).all()
    np.testing.assert_allclose(agreement(first, renamed, "members")[0], best)
    assert agreement(first, first, "members")[1].all()


def test_limits_that_are_given_hang_on_nobody():
    customers, _ = market(120)
    fixed = Thresholds(by="monetary_total", tiers={"gold": 100, "silver": 30})
    found = measure_stability({"fixed": fixed}, customers, customers, customers, replicates=40)
    assert found.tiers["jaccard"].tolist() == [1, 1, 1]
    assert found.keep["fixed"].eq(1).all()
    row = found.figures.loc["fixed"]
    assert row[["kappa", "kappa_low", "kappa_high", "kept"]].tolist() == pytest.approx([1] * 4)
    empty = Thresholds(by="monetary_total", tiers={"gold": 1e9, "silver": 0})
    tiers, _ = resampled({"fixed": empty}, customers)
    assert tiers["customers"].tolist() == [0, 120, 0]
    assert tiers["jaccard"].isna().tolist() == [True, False, True]
    assert row[["weakest", "chance", "borderline", "borderline_value"]].tolist() == [1, 1, 0, 0]


def test_the_chance_to_keep_a_tier_is_the_binomial_one():
    """Cut at half the customers: a customer stays above if under half the draws are better."""
    n = 400
    customers = pd.DataFrame({"monetary_total": np.arange(n, 0, -1.0)})
    halves = {"halves": ABC(cut="customers", limits=[0.5])}
    found = measure_stability(halves, customers, customers, seed=2, replicates=40)
    _, keep = resampled(halves, customers, seed=2)
    above = binom.cdf(n / 2 - 1, n, np.arange(n) / n)
    theory = np.where(np.arange(n) < n / 2, above, 1 - above)
    error = np.sqrt(theory * (1 - theory) / 50)
    assert abs(keep["halves"].mean() - theory.mean()) < 0.008
    assert (np.abs(keep["halves"] - theory) < 4 * error + 0.05).all()
    assert keep["halves"].iloc[[0, -1]].tolist() == [1, 1]
    assert keep["halves"].iloc[199:201].max() < 0.8
    assert found.keep["halves"].mul(5).round(9).isin(range(6)).all()  # five refits


def test_clear_clusters_are_found_again_and_arbitrary_ones_are_not():
    rng = np.random.default_rng(4)
    customers = pd.DataFrame(
        {
            "monetary_total": np.repeat([1.0, 40, 900], 60) * rng.lognormal(0, 0.1, 180),
            "order_days": rng.uniform(1, 100, 180),
            "days_since_last": rng.uniform(0, 300, 180),
        }
    )
    clear = Clusters(k=3, features=["monetary_total"]).fit(customers)
    noise = Clusters(k=5, features=["order_days", "days_since_last"]).fit(customers)
    tiers, keep = resampled({"clear": clear, "noise": noise}, customers)
    assert tiers.query("label == 'clear'")["jaccard"].tolist() == [1, 1, 1]
    assert keep["clear"].eq(1).all()
    assert tiers.query("label == 'noise'")["jaccard"].min() < 0.75
    assert keep["noise"].min() < 0.8


def test_clusters_under_a_brake_are_matched_like_clusters():
    """One far customer, often not drawn: then a cluster splits, and numbers shift."""
    customers = pd.DataFrame(
        {"monetary_total": [1e9, *[100.0, 101] * 10, *[1.0, 1.01] * 10], "arrears": 0.0}
    )
    clusters = Clusters(k=3, features=["monetary_total"])
    brake = CreditBrake(of=clusters, by="arrears", limits=[5], caps=["Cluster 2"])
    methods = {"clusters": clusters.fit(customers), "braked": brake.fit(customers)}
    tiers, keep = resampled(methods, customers)
    assert keep["braked"].tolist() == keep["clusters"].tolist()
    by_label = tiers.set_index(["label", "tier"])["jaccard"]
    assert by_label["braked"].tolist() == by_label["clusters"].tolist()
    assert 0 < by_label["clusters", "Cluster 1"] < 1


def test_figures_add_up_and_are_the_same_in_every_run():
    customers, _ = market(200)
    methods = {"ABC": ABC().fit(customers), "k": Clusters(k=3).fit(customers)}
    found = measure_stability(methods, customers, customers, customers, replicates=200)
    for label, unsure in (found.keep < 0.8).items():
        row = found.figures.loc[label]
        assert row["borderline"] == unsure.sum() > 0
        assert row["borderline_value"] == customers.loc[unsure, "monetary_total"].sum()
        tiers = found.tiers[found.tiers["label"] == label]
        assert tiers["customers"].sum() == 200
        assert tiers["borderline"].sum() == row["borderline"]
        mean = (tiers["chance"] * tiers["customers"]).sum() / 200
        assert row["chance"] == pytest.approx(mean)
    again = measure_stability(methods, customers, customers, customers, replicates=200)
    pd.testing.assert_frame_equal(again.keep, found.keep)
    alone = resampled({"ABC": methods["ABC"]}, customers, replicates=200)[1]
    pd.testing.assert_series_equal(alone["ABC"], found.keep["ABC"])


def test_the_number_of_refits_hangs_on_no_clock():
    assert refits(ABC(), 2_000, 1000) == 50
    assert refits(Clusters(), 2_000, 1000) == 10
    assert refits(ABC(), 2_000, 5000) == 50
    assert refits(ABC(), 200_000, 1000) == 25
    assert refits(ABC(), 2_000, 200) == 10
    assert refits(Clusters(), 10_000_000, 1000) == refits(object(), 2_000, 1) == 5
