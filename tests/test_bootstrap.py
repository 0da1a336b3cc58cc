"""Weights, running totals and intervals of the paired bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.evidence import bootstrap
from segment.evidence.bootstrap import Order, Tiers, Totals, interval, weights, widening


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


def test_interval_takes_quantiles_of_what_is_finite():
    assert interval(np.r_[np.arange(101.0), np.nan, np.inf]) == pytest.approx((2.5, 97.5))
    assert interval(np.arange(101.0), level=0.9) == pytest.approx((5, 95))
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_weights_of_up_to_one_part_are_those_of_the_plain_generator():
    rng = np.random.default_rng(5)
    plain = [np.bincount(rng.integers(40, size=40), minlength=40) for _ in range(6)]
    assert (np.concatenate(list(weights(40, 6, seed=5))) == plain).all()


def test_weights_in_parts_are_the_same_multinomial(monkeypatch):
    monkeypatch.setattr(bootstrap, "PART", 7)
    draws = np.concatenate(list(weights(24, 20_000, seed=2))).astype(float)
    assert (draws.sum(axis=1) == 24).all()
    assert draws.mean(axis=0) == pytest.approx(np.ones(24), abs=0.04)
    # Within a part, across parts, and the short last part.
    covariance = np.cov(draws.T)
    assert np.diag(covariance) == pytest.approx(np.full(24, 1 - 1 / 24), abs=0.07)
    apart = covariance[np.triu_indices(24, 1)]
    assert apart == pytest.approx(np.full(apart.size, -1 / 24), abs=0.04)
    assert (draws == 0).mean() == pytest.approx((1 - 1 / 24) ** 24, abs=0.01)


def test_many_customers_are_drawn_in_parts_that_add_up():
    n = bootstrap.PART + 10
    (one,), (again,) = (next(iter(weights(n, 1, seed=1))) for _ in range(2))
    assert one.sum() == n
    assert (one == again).all()
    assert one.var() == pytest.approx(1, abs=0.03)
    assert one[bootstrap.PART :].sum() < 40


def test_area_under_roc_by_hand():
    """Active 200, 100, 100 and passive 0, 100, 100.

    Of the 4 x 2 pairs (in hundreds) A wins 4; B's active wins 1 and ties 1;
    C's ties 1: (4 + 1.5 + .5) / 8.
    """
    totals = Totals.of(*(np.array([row]) for row in ([200.0] * 3, [0.0] * 3, [200.0, 100, 100])))
    assert totals.area_under_roc[0] == pytest.approx(0.75)


@pytest.mark.parametrize(("n_active", "known"), [(99, False), (100, True), (1901, False)])
def test_area_under_roc_is_left_out_where_a_class_is_small(n_active, known):
    totals = Totals.of(np.array([[1000.0, 1000]]), np.zeros((1, 2)), np.array([[n_active, 0.0]]))
    assert np.isfinite(totals.area_under_roc[0]) == known


def test_area_under_roc_is_left_out_under_five_percent():
    totals = Totals.of(np.array([[2000.0, 2000]]), np.zeros((1, 2)), np.array([[150.0, 0]]))
    assert np.isnan(totals.area_under_roc[0])


def test_captured_reads_each_row_on_its_own_curve():
    totals = Totals.of(np.array([[2.0, 2], [1, 4]]), np.array([[6.0, 2], [0, 5]]), np.zeros((2, 2)))
    found = totals.captured(np.array([[0.0, 1, 3, 4], [0, 1, 3, 5]]))
    assert found == pytest.approx(np.array([[0, 3 / 8, 7 / 8, 1], [0, 0, 0.5, 1]]))
    assert totals.capture(0.5) == pytest.approx([0.75, 1.5 / 4])


def test_order_puts_equal_scores_in_one_block():
    order = Order(np.array([3.0, 1, 3, 2]), np.array([1.0, 2, 4, 8]), np.array([1.0, 0, 1, 0]))
    customers, value, active = order.plain().per_tier
    assert customers.tolist() == [[2, 1, 1]]
    assert value.tolist() == [[5, 8, 2]]
    assert active.tolist() == [[2, 0, 0]]
    assert order.codes.tolist() == [0, 2, 0, 1]


def test_order_joins_neighbours_who_hold_nothing():
    score, value = np.arange(8.0, 0, -1), np.array([0.0, 0, 5, 0, 0, 0, 3, 0])
    totals = Order(score, value, value > 0).plain()
    assert totals.customers.tolist() == [[0, 2, 3, 6, 7, 8]]
    assert totals.value.tolist() == [[0, 0, 5, 5, 8, 8]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=25
    ),
    st.integers(0, 99),
)
def test_totals_are_those_of_the_resampled_rows(rows, seed):
    score, value, active = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    n = len(score)
    codes = {"a": score.astype("int8"), "b": (4 - score).astype("int8") // 2}
    tiers = Tiers(codes, {"a": 5, "b": 4}, value, active)
    (w,) = weights(n, 3, seed)
    totals = tiers.totals(w)
    orders = [(by, list(Order(by, value, active).rows(w))) for by in (score, value)]
    for b in range(3):
        drawn = np.repeat(np.arange(n), w[b].astype(int))
        for label, k in tiers.sizes.items():
            for found, amount in zip(totals[label].per_tier, (None, value, active), strict=True):
                weight = None if amount is None else amount[drawn]
                assert found[b] == pytest.approx(np.bincount(codes[label][drawn], weight, k))
        # An order's curve runs through the sums of the highest scores.
        for by, along in orders:
            assert along[b].customers[0, -1] == n
            assert along[b].active[0, -1] == active[drawn].sum()
            for limit in range(5):
                above = by[drawn] >= limit
                got = np.interp(above.sum(), along[b].customers[0], along[b].value[0])
                assert got == pytest.approx(value[drawn][above].sum())


def test_without_a_customer_is_the_totals_of_the_others():
    value, active = np.array([5.0, 0, 3]), np.array([1.0, 0, 1])
    codes = {"a": np.array([0, 0, 1])}
    found = Tiers(codes, {"a": 2}, value, active).without(0)["a"]
    assert [x.tolist() for x in found.per_tier] == [[[1, 1]], [[0, 3]], [[0, 1]]]


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
