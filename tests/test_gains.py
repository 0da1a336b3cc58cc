"""Running totals and what is read off them, by hand and against the resampled rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.evidence.bootstrap import weights
from segment.evidence.gains import Order, Tiers, Totals


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
    (totals,) = order.rows(np.ones((1, 4), dtype="uint8"))
    assert totals.customers.tolist() == [[0, 2, 3, 4]]
    assert totals.value.tolist() == [[0, 5, 13, 15]]
    assert totals.active.tolist() == [[0, 2, 2, 2]]


def test_order_joins_neighbours_who_hold_nothing():
    score, value = np.arange(8.0, 0, -1), np.array([0.0, 0, 5, 0, 0, 0, 3, 0])
    (totals,) = Order(score, value, value > 0).rows(np.ones((1, 8), dtype="uint8"))
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
    orders = [(by, next(Order(by, value, active).rows(w))) for by in (score, value)]
    for b in range(3):
        drawn = np.repeat(np.arange(n), w[b].astype(int))
        for label, k in tiers.sizes.items():
            running = totals[label].customers, totals[label].value, totals[label].active
            for found, amount in zip(running, (np.ones(n), value, active), strict=True):
                by_tier = np.bincount(codes[label][drawn], amount[drawn], k)
                assert np.diff(found[b]) == pytest.approx(by_tier)
        # An order's curve runs through the sums of the highest scores.
        for by, along in orders:
            assert along.customers[b, -1] == n
            assert along.active[b, -1] == active[drawn].sum()
            for limit in range(5):
                above = by[drawn] >= limit
                got = np.interp(above.sum(), along.customers[b], along.value[b])
                assert got == pytest.approx(value[drawn][above].sum())


def test_value_per_customer_of_each_tier_by_hand():
    """The second tier holds nobody in the second resample."""
    totals = Tiers({"a": np.array([0, 0, 1])}, {"a": 3}, np.array([5.0, 0, 3]), np.zeros(3))
    found = totals.totals(np.array([[1, 1, 1], [1, 2, 0]], dtype="uint8"))["a"].mean_value
    expected = np.array([[2.5, 3, np.nan], [5 / 3, np.nan, np.nan]])
    assert found == pytest.approx(expected, nan_ok=True)
