"""Intervals of shares against published figures, of group means against the back-test's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_backtest import market

from segment.evidence.backtest import judge
from segment.evidence.bootstrap import weights
from segment.evidence.intervals import group_means, interval, widening, wilson


def test_wilson_by_hand():
    """At 0 of 10 the upper limit is z^2 / (n + z^2) = 3.8415 / 13.8415; of nobody, nothing."""
    found = wilson(pd.Series([0, 81, 10, 0]), pd.Series([10, 263, 10, 0]))
    assert found.loc[0, ["share", "low"]].tolist() == pytest.approx([0, 0])
    assert found.loc[0, "high"] == pytest.approx(3.841459 / 13.841459)
    assert found.loc[2, "low"] == pytest.approx(10 / 13.841459)
    # Newcombe (1998), Stat. Med. 17: 857, table I.
    assert found.loc[1, ["low", "high"]].tolist() == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert found.loc[3].isna().tolist() == [False, True, True, True]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1))
def test_wilson_holds_its_share(pairs):
    """Limits hold the share and stay between 0 and 1."""
    some, every = (pd.Series(x) for x in zip(*((min(a, b), b) for a, b in pairs), strict=True))
    found = wilson(some, every)
    low, share, high = found[["low", "share", "high"]].to_numpy().T
    assert (low >= -1e-12).all() and (high <= 1 + 1e-12).all()
    assert (low <= share + 1e-12).all() and (share <= high + 1e-12).all()


VALUE = np.array([0.0, 4.0, 8.0, 0.0, 20.0, 4.0])
GROUPS = pd.Series(pd.Categorical(["a", "a", "b", None, "b", "a"], ["b", "empty", "a"]))


def test_group_means_by_hand():
    """Means and sizes, nothing for an empty group, and draws that are weighted means."""
    found = group_means(VALUE, GROUPS, replicates=3, seed=5)
    assert found.table["customers"].tolist() == [2, 0, 3]
    assert found.table["mean"].tolist() == pytest.approx([14, np.nan, 8 / 3], nan_ok=True)
    assert found.table.loc["empty", ["low", "high"]].isna().all()
    (w,) = weights(6, 3, 5)
    with np.errstate(invalid="ignore"):
        expected = (w[:, [2, 4]] @ [8, 20]) / w[:, [2, 4]].sum(axis=1)
    assert found.draws["b"].to_numpy() == pytest.approx(expected, nan_ok=True)


def test_contrast_of_groups_that_overlap():
    """The difference of a group and itself is surely 0; others follow from the paired draws."""
    flags = pd.DataFrame({("x", 1): VALUE > 0, ("x", 2): VALUE > 3, ("y", 1): VALUE >= 0})
    found = group_means(VALUE, flags, replicates=200)
    assert found.contrast({("x", 1): 1, ("x", 2): -1}) == (0, 0, 0)
    estimate, low, high = found.contrast({("x", 1): 1, ("y", 1): -1})
    assert estimate == pytest.approx(9 - 6)
    own = found.draws["x", 1] - found.draws["y", 1]
    assert (low, high) == interval(own.to_numpy(), wider=widening(VALUE))


@pytest.mark.parametrize("most", [100_000, 100])
def test_one_group_has_one_interval(most):
    """A tier's mean has the interval of the back-test's table, resampled or approximated."""
    customers, outcome = market(3000)
    tiers = pd.qcut(-customers["monetary_total"], [0, 0.2, 0.6, 1], ["high", "mid", "low"])
    settings = {"replicates": 400, "seed": 3, "most_resampled": most}
    table = judge({"Thirds": tiers}, customers, outcome, **settings).tiers
    expected = table[table["label"] == "Thirds"][
        ["mean_value", "mean_value_low", "mean_value_high"]
    ]
    found = group_means(outcome["value"], tiers, **settings).table
    assert found[["mean", "low", "high"]].to_numpy() == pytest.approx(expected, rel=1e-9)


def test_interval_takes_quantiles_of_what_is_finite():
    assert interval(np.r_[np.arange(101.0), np.nan, np.inf]) == pytest.approx((2.5, 97.5))
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_intervals_of_few_and_unequal_customers_are_wider():
    # One of ten brings all: gamma = .8 / .3, kappa = (1 - 6 x .09) / .09, z^2 = 3.8415.
    one_of_ten = np.r_[5.0, np.zeros(9)]
    q = 5.1111 * 0.8415 / 12 - 7.1111 * (14.7568 + 2 * 3.8415 - 3) / 18 - 6.8415 / 4
    assert widening(one_of_ten) == pytest.approx(1 - q / 10, abs=1e-3)
    # Neither the unit of money nor the order of the customers matters.
    assert widening(100 * one_of_ten[::-1]) == pytest.approx(widening(one_of_ten))
    assert widening(np.arange(100_000.0)) == pytest.approx(1, abs=1e-4)
    value = np.random.default_rng(3).lognormal(size=4000)
    assert widening(value[:400]) > widening(value) > 1


def test_no_customer_makes_intervals_more_than_about_twice_as_wide():
    for n in (2, 3, 10, 1000, 100_000):
        assert 1.7 < widening(np.r_[1.0, np.zeros(n - 1)]) < 2.011
    # Rare and large to both sides: the expansion would make intervals narrower.
    assert widening(np.r_[0.0, np.full(998, 5.0), 10.0]) == 1


def test_a_wider_interval_reaches_further_out_by_its_factor():
    draws = np.random.default_rng(1).normal(size=200_000)
    low, high = interval(draws, wider=1.2)
    assert (low, high) == pytest.approx((-1.2 * 1.96, 1.2 * 1.96), abs=0.03)
