"""Weights of the paired bootstrap, and draws for many customers."""

import numpy as np
import pytest

from segment.evidence import bootstrap
from segment.evidence.bootstrap import resample, weights


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
    assert block.nbytes <= bootstrap.BLOCK


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


def test_weights_of_up_to_one_part_are_those_of_the_plain_generator():
    rng = np.random.default_rng(5)
    plain = [np.bincount(rng.integers(40, size=40), minlength=40) for _ in range(6)]
    assert (np.concatenate(list(weights(40, 6, seed=5))) == plain).all()


def test_weights_in_parts_are_the_same_multinomial(monkeypatch):
    monkeypatch.setattr(bootstrap, "PART", 7)
    draws = np.concatenate(list(weights(24, 8_000, seed=2))).astype(float)
    assert (draws.sum(axis=1) == 24).all()
    assert draws.mean(axis=0) == pytest.approx(np.ones(24), abs=0.05)
    # Within a part, across parts, and the short last part.
    covariance = np.cov(draws.T)
    assert np.diag(covariance) == pytest.approx(np.full(24, 1 - 1 / 24), abs=0.1)
    apart = covariance[np.triu_indices(24, 1)]
    assert apart == pytest.approx(np.full(apart.size, -1 / 24), abs=0.06)
    assert (draws == 0).mean() == pytest.approx((1 - 1 / 24) ** 24, abs=0.01)


def test_many_customers_are_drawn_in_parts_that_add_up():
    n = bootstrap.PART + 10
    (one,), (again,) = (next(iter(weights(n, 1, seed=1))) for _ in range(2))
    assert one.sum() == n
    assert (one == again).all()
    assert one.var() == pytest.approx(1, abs=0.03)
    assert one[bootstrap.PART :].sum() < 40


def test_many_customers_are_drawn_from_a_normal_distribution_of_the_same_covariance():
    """Standard errors of 200 resamples are known to 5 %; same figures agree in every draw."""
    value = np.random.default_rng(0).lognormal(size=400)
    parts = np.column_stack([value, value, value < 1, np.ones(400), np.full(400, np.nan)]) / 400

    def drawn(most_resampled):
        return resample(lambda w: w @ parts, 400, 5000, 1, most_resampled)

    all_resampled, normal = drawn(400), drawn(399)
    assert np.array_equal(drawn(399), normal, equal_nan=True)
    assert all_resampled == pytest.approx(
        np.concatenate([w @ parts for w in weights(400, 5000, 1)]), nan_ok=True
    )
    assert (normal[:, 0] == normal[:, 1]).all()
    assert normal[:, 3] == pytest.approx(1) and np.isnan(normal[:, 4]).all()
    assert normal[:, :3].mean(axis=0) == pytest.approx(parts[:, :3].sum(axis=0), rel=0.01)
    expected = np.cov(all_resampled[:, [0, 2]].T)
    assert np.cov(normal[:, [0, 2]].T) == pytest.approx(expected, rel=0.15)


def test_few_replicates_stay_resamples_however_many_customers():
    drawn = resample(lambda w: w[:, :1].astype(float), 50, 20, 1, most_resampled=10)
    assert drawn[:, 0].tolist() == np.concatenate(list(weights(50, 20, 1)))[:, 0].tolist()
