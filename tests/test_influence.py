"""Influence functions: by numerical derivatives, and against the bootstrap."""

import numpy as np
import pandas as pd
import pytest

from segment.evidence import bootstrap, influence
from segment.evidence.backtest import FIGURES, ORACLE, REVENUE_SORT, _figures, backtest
from segment.evidence.bootstrap import Order, Tiers
from segment.evidence.recommend import simultaneous_pairs
from segment.tiering import ABC, RFM, Quadrants


def prepared(codes: dict, spend, value, active) -> tuple[Tiers, Order, Order]:
    spend, value, active = (np.asarray(x, dtype="float64") for x in (spend, value, active))
    codes = {label: np.asarray(x) for label, x in codes.items()}
    sizes = {label: int(x.max()) + 1 for label, x in codes.items()}
    return (
        Tiers(codes, sizes, value, active),
        Order(spend, value, active),
        Order(value, value, active),
    )


def derivatives(tiers, revenue, perfect, q, step=1e-6) -> np.ndarray:
    """Return the figures' derivatives towards each customer, by a little weight more and less."""
    n, found = len(tiers.value), []
    for i in range(n):
        ends = []
        for e in (step, -step):
            w = np.full((1, n), 1 - e)
            w[0, i] += e * n
            got = _figures(tiers.totals(w), revenue.rows(w), perfect.rows(w), q)
            ends.append([got[label][figure][0] for label in got for figure in FIGURES])
        found.append((np.array(ends[0]) - ends[1]) / (2 * step))
    return np.array(found).T


SPEND = [10, 8, 8, 8, 4, 4, 2, 1, 1, 1]
VALUE = [60, 20, 0, 5, 10, 0, 0, 7, 0, 0]
ACTIVE = [1, 1, 1, 1, 1, 0, 0, 1, 0, 0]
TEN = {
    "two tiers": [0, 0, 1, 0, 1, 1, 1, 1, 0, 1],
    "upside down": [3, 3, 2, 2, 1, 1, 1, 0, 0, 0],
    "an empty tier": [0, 1, 0, 1, 3, 3, 1, 3, 0, 3],
    "first tier empty": [1, 1, 1, 1, 2, 2, 2, 2, 3, 2],
    "by revenue": [0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    "everyone": [0] * 10,
}


def test_influence_of_ten_customers_is_the_numerical_derivative(monkeypatch):
    monkeypatch.setattr(bootstrap, "AUC_LEAST_CUSTOMERS", 1)
    parts = prepared(TEN, SPEND, VALUE, ACTIVE)
    found = influence.values(*parts, 0.37, width=1e-7)
    expected = derivatives(*parts, 0.37)
    assert found.shape == (4 * (len(TEN) + 2), 10)
    assert np.isfinite(found).all()
    assert np.abs(expected).max() > 1
    assert found == pytest.approx(expected, abs=2e-5)
    assert found.mean(axis=1) == pytest.approx(np.zeros(len(found)), abs=1e-12)


def test_gini_of_two_tiers_by_hand():
    """Ten customers, six of them in the lower tier: 85 of 102 above.

    mu = 10.2; P = .4; U = 8.5. theta = 8.5 x .8 + 1.7 x .3 = 7.31. C = 2 theta / mu - 1.
    The first customer has y = 60, F = .8 and H = 4.25.
    """
    tiers, revenue, perfect = prepared({"a": TEN["two tiers"]}, SPEND, VALUE, ACTIVE)
    c = 2 * 7.31 / 10.2 - 1
    by_hand = 2 / 10.2 * (60 * 0.8 + 4.25 - 2 * 7.31) - 2 * 7.31 / 10.2**2 * (60 - 10.2)
    best = perfect.plain().concentration[0]
    assert tiers.plain()["a"].concentration[0] == pytest.approx(c)
    # Perfect foresight: the first has F = .95 and H = 3; theta = 60 x .95 + 20 x .85 + ...
    theta = (60 * 0.95 + 20 * 0.85 + 10 * 0.75 + 7 * 0.65 + 5 * 0.55) / 10
    on_best = 2 / 10.2 * (60 * 0.95 + 3 - 2 * theta) - 2 * theta / 10.2**2 * (60 - 10.2)
    found = influence.values(tiers, revenue, perfect, 0.37)[0, 0]
    assert found == pytest.approx((by_hand - c / best * on_best) / best)


def shop(n: int, seed: int, heavy: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers whose holdout is mostly zero; amounts lognormal, or Pareto with rare giants."""
    rng = np.random.default_rng(seed)
    worth = rng.pareto(2.5, n) + 0.1 if heavy else rng.gamma(0.8, 1, n)
    orders = 1 + rng.poisson(3 * worth)
    active = rng.random(n) < (0.15 if heavy else 1 - np.exp(-0.5 * worth))
    value = np.where(active, np.round(20 * worth * rng.lognormal(0, 0.8, n), 2), 0)
    # Rounded, so that the revenue sort has ties.
    spend = np.round(orders * rng.lognormal(3, 0.5, n), 0 if heavy else -1)
    customers = pd.DataFrame({"monetary_total": spend, "order_days": orders,
                              "days_since_last": rng.integers(0, 365, n)})  # fmt: skip
    return customers, pd.DataFrame({"value": value, "active": active})


@pytest.mark.parametrize(("n", "heavy"), [(5_000, False), (20_000, True)])
def test_standard_errors_are_those_of_the_bootstrap(n, heavy):
    """Within 8 %: 1,000 resamples know a standard error to 2.2 %, and there are 36."""
    customers, outcome = shop(n, seed=3, heavy=heavy)
    kinds = {"RFM": RFM(), "cells": RFM(form="concatenated"), "Quadrants": Quadrants(),
             "ABC": ABC(limits=[0.8, 0.95]),
             "ends at q": ABC(cut="customers", limits=[0.1, 0.3])}  # fmt: skip
    labels = {label: method.fit(customers).labels_ for label, method in kinds.items()}
    codes = 2 * labels["RFM"].cat.codes.to_numpy()
    names = [f"T{i:02}" for i in range(codes.max() + 2)]
    labels["gaps"] = pd.Series(pd.Categorical.from_codes(codes, names, ordered=True))
    slow, fast = (
        backtest(labels, customers, outcome, by_construction={}, replicates=replicates,
                 most_resampled=most)
        for replicates, most in ((1000, n), (8000, 0))
    )  # fmt: skip
    checked = 0
    for figure in FIGURES:
        expected, found = slow.draws[figure].std(), fast.draws[figure].std()
        moves = expected > 1e-9
        assert (found[~moves] < 1e-9).all()
        assert (found / expected)[moves].between(0.92, 1.08).all(), (figure, found / expected)
        checked += moves.sum()
    assert checked >= 28
    # Pairs of methods as well: the draws are joint.
    for figure, a, b in (("gini", "RFM", "cells"), ("gini", "ABC", REVENUE_SORT),
                         ("capture", "RFM", ORACLE), ("skill", "RFM", "Quadrants")):  # fmt: skip
        apart = [(x.draws[figure][a] - x.draws[figure][b]).std() for x in (slow, fast)]
        assert apart[1] / apart[0] == pytest.approx(1, abs=0.08)
    large = slow.tiers["customers"] > 300
    width = [(x.tiers["mean_value_high"] - x.tiers["mean_value_low"])[large] for x in (slow, fast)]
    assert (width[1] / width[0]).between(0.8, 1.2).all()
    assert (width[1] / width[0]).median() == pytest.approx(1, abs=0.05)


def test_covariance_is_that_of_the_values():
    customers, outcome = shop(3000, 1, heavy=False)
    codes = {"a": RFM().fit(customers).labels_.cat.codes}
    parts = prepared(codes, customers["monetary_total"], outcome["value"], outcome["active"])
    one_by_one = influence.values(*parts, 0.1)
    expected = one_by_one @ one_by_one.T / 3000**2
    assert influence.covariance(*parts, 0.1) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_a_revenue_ordering_has_no_skill_and_no_uncertainty_of_it():
    customers, outcome = shop(2000, 2, heavy=True)
    labels = {"ABC": ABC(limits=[0.5, 0.8, 0.95]).fit(customers).labels_}
    found = backtest(labels, customers, outcome, by_construction={}, most_resampled=0)
    assert found.figures.loc["ABC", "skill"] == 0
    assert (found.draws["skill"]["ABC"] == 0).all()
    assert (found.draws["gini"][ORACLE] == 1).all()


def test_methods_with_the_same_tiers_agree_in_every_draw():
    customers, outcome = shop(2000, 4, heavy=False)
    rfm = RFM().fit(customers).labels_
    labels = {"a": rfm, "b": Quadrants().fit(customers).labels_, "again": rfm}
    found = backtest(labels, customers, outcome, by_construction={}, most_resampled=0)
    for draws in found.draws.values():
        assert np.abs(draws["a"] - draws["again"]).max() < 1e-12
    gini = found.figures.loc[list(labels), "gini"]
    pairs = simultaneous_pairs(gini, found.draws["gini"][list(labels)], margin=0.0)
    same = pairs.query("better == 'a' and worse == 'again'").iloc[0]
    assert [same["low"], same["high"]] == pytest.approx([0, 0], abs=1e-12)
    assert not same["separable"]


def test_auc_is_left_out_where_the_estimate_is():
    customers, outcome = shop(500, 5, heavy=False)
    labels = {"RFM": RFM().fit(customers).labels_}
    outcome["active"] = True
    found = backtest(labels, customers, outcome, by_construction={}, most_resampled=0)
    assert found.draws["auc"].isna().all(axis=None)
    assert found.draws["gini"].notna().all(axis=None)


def test_draws_have_the_covariance_even_if_it_is_singular():
    root = np.array([[2.0, 0], [1, 1], [3, 1], [0, 0]])
    found = influence.draws(np.arange(4.0), root @ root.T, 60_000, seed=1)
    assert found.mean(axis=0) == pytest.approx(np.arange(4.0), abs=0.05)
    assert np.cov(found.T) == pytest.approx(root @ root.T, abs=0.15)
    # The third is the sum of the first two, less their estimates.
    assert np.abs(found[:, 2] - 2 - (found[:, 0] + found[:, 1] - 1)).max() < 1e-9
    assert (found[:, 3] == 3).all()


def test_mean_intervals_by_hand():
    """Values 1, 3 have mean 2 and spread 1; one customer alone has no spread."""
    tiers, _, _ = prepared({"a": [0, 0, 1, 3]}, [4, 3, 2, 1], [1, 3, 5, 0], [1, 1, 1, 0])
    found = influence.mean_intervals(tiers)["a"]
    assert found[0] == pytest.approx([2 - 1.95996 / np.sqrt(2), 2 + 1.95996 / np.sqrt(2)], abs=1e-4)
    assert found[1].tolist() == [5, 5]
    assert np.isnan(found[2]).all()
    assert found[3].tolist() == [0, 0]
