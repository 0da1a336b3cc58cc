"""Weights and intervals of the paired bootstrap."""

import numpy as np
import pytest

from segment import bootstrap
from segment.bootstrap import interval, weights


@pytest.mark.parametrize(("n", "replicates"), [(1, 3), (7, 1), (50, 130), (1000, 64)])
def test_every_resample_draws_n_customers(n, replicates):
    blocks = np.concatenate(list(weights(n, replicates, seed=1)))
    assert blocks.shape == (replicates, n)
    assert (blocks.sum(axis=1) == n).all()
    assert (blocks == blocks.astype(int)).all()
    assert (blocks >= 0).all()


def test_same_seed_same_weights():
    one, again, other = (np.concatenate(list(weights(40, 10, seed))) for seed in (3, 3, 4))
    assert (one == again).all()
    assert (one != other).any()


def test_block_size_does_not_change_the_weights(monkeypatch):
    whole = np.concatenate(list(weights(40, 10, seed=3)))
    monkeypatch.setattr(bootstrap, "BLOCK", 120)
    blocks = list(weights(40, 10, seed=3))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]
    assert (np.concatenate(blocks) == whole).all()


def test_blocks_stay_small_however_many_customers():
    block = next(iter(weights(1_000_000, 1000, seed=1)))
    assert block.nbytes <= 8 * bootstrap.BLOCK


def test_weights_have_the_moments_of_a_multinomial():
    draws = np.concatenate(list(weights(200, 2000, seed=1)))
    assert draws.mean() == 1
    assert draws.var() == pytest.approx(1 - 1 / 200, abs=0.01)
    covariance = np.cov(draws[:, 0], draws[:, 1])[0, 1]
    assert covariance == pytest.approx(-1 / 200, abs=0.08)


def test_weighted_means_have_the_standard_error_of_the_mean():
    value = np.random.default_rng(0).lognormal(size=400)
    means = np.concatenate([w @ value / 400 for w in weights(400, 3000, seed=1)])
    assert means.std() == pytest.approx(value.std() / 20, rel=0.05)


def test_interval_takes_quantiles_of_what_is_finite():
    assert interval(np.r_[np.arange(101.0), np.nan, np.inf]) == pytest.approx((2.5, 97.5))
    assert interval(np.arange(101.0), level=0.9) == pytest.approx((5, 95))
    assert np.isnan(interval(np.array([np.nan]))).all()
