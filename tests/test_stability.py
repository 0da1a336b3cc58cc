"""Agreement of tiers between two windows, by hand and against scikit-learn."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from test_backtest import market

from segment.stability import NO_PURCHASE, stability, weighted_kappa
from segment.tiering import ABC, RFM


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
    found = stability({"ABC": ABC(limits=[0.8])}, earlier, later, replicates=20)
    assert found.lost == 0.5
    row = found.figures.loc["ABC"]
    assert (row["kept"], row["customers"]) == (0.5, 2)
    assert row["kappa"] == pytest.approx(0)
    moves = found.moves.set_index(["earlier", "later"])["customers"].to_dict()
    assert moves == {("A", "A"): 1, ("A", "B"): 1, ("B", NO_PURCHASE): 2}


def test_tiers_that_repeat_themselves_are_perfectly_stable():
    customers, _ = market(100)
    row = stability({"RFM": RFM()}, customers, customers, replicates=20).figures.loc["RFM"]
    assert row[["kappa", "kappa_low", "kappa_high", "kept"]].tolist() == pytest.approx([1] * 4)


def test_stability_without_anyone_in_both_windows():
    earlier = pd.DataFrame({"monetary_total": [5.0, 1]}, index=["a", "b"])
    later = pd.DataFrame({"monetary_total": [5.0, 1]}, index=["c", "d"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = stability({"ABC": ABC()}, earlier, later, replicates=20)
    assert found.lost == 1
    assert found.figures.loc["ABC", ["kappa", "kappa_low", "kappa_high"]].isna().all()
