"""Group sizes of an experiment: by hand, by properties, and by simulated experiments."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from segment.action import experiment as ex
from segment.errors import StudyError
from segment.publish.files.files import write_csv


def test_a_group_size_by_hand():
    # Mean 100, deviation 100, effect 20 %, 10,000 customers: (20 / 280.16)^2 = .0050963,
    # less 1.44 / 9,798 for the served is .0049493, one part in 202.05.
    measure = ex.Measure(10_000, 100.0, 1e4, 2e4, 1e4)
    size = ex.held_out_needed(measure, 0.2)
    assert size == 203
    for held_out, found in ((size, True), (size - 1, False)):
        error = np.sqrt(1e4 / held_out + 1.2**2 * 1e4 / (10_000 - held_out))
        assert (2.8016 * error <= 20) == found


def test_a_share_by_hand():
    # From 40 % to 50 %: 385 in each of two equal groups (z = 2.8016, .24 + .25 = .49).
    measure = ex.Measure.of_share(np.repeat([1, 0], [308, 462]))
    assert measure.variance == pytest.approx(0.24)
    assert ex.smallest_effect(measure, 385) == pytest.approx(0.25, abs=5e-4)
    assert ex.held_out_needed(measure, 0.25) <= 385
    assert ex.smallest_effect(measure, 300) > 0.25


def test_no_share_rises_above_one():
    measure = ex.Measure.of_share(np.repeat([1, 0], [95, 5]))
    assert measure.largest == pytest.approx(1 / 0.95 - 1)
    assert ex.smallest_effect(measure, 50) == np.inf
    assert np.isnan(ex.held_out_needed(measure, 0.10))
    everyone = ex.Measure.of_share(np.ones(100))
    assert ex.smallest_effect(everyone, 50) == np.inf


def test_what_the_past_explains_shrinks_the_variance():
    rng = np.random.default_rng(3)
    before = rng.normal(size=4_000)
    value = 50 + 0.8 * before + 0.6 * rng.normal(size=4_000)
    plain, adjusted = ex.Measure.of_value(value), ex.Measure.of_value(value, before)
    assert adjusted.variance / plain.variance == pytest.approx(1 - 0.64, abs=0.03)
    assert adjusted.mean == plain.mean


def test_chance_explains_nothing():
    found = [ex.explained(*np.random.default_rng(seed).normal(size=(2, 6))) for seed in range(300)]
    r2 = [
        np.corrcoef(*np.random.default_rng(seed).normal(size=(2, 6)))[0, 1] ** 2
        for seed in range(300)
    ]
    assert np.mean(found) < 0.6 * np.mean(r2)
    assert ex.explained(np.ones(9), np.arange(9.0)) == 0.0
    assert ex.explained(np.arange(2.0), np.arange(2.0)) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.integers(60, 50_000), st.floats(0.01, 50), st.floats(0.02, 3), st.floats(0, 0.95))
def test_the_group_needed_is_the_smallest_that_sees_the_effect(n, cv, effect, rho2):
    variance = (10 * cv) ** 2 * (1 - rho2)
    measure = ex.Measure(n, 10.0, variance, 2 * variance, variance)
    size = ex.held_out_needed(measure, effect)
    every = np.unique(np.geomspace(30, n - 30, 60).astype(int))
    seen = [ex.smallest_effect(measure, other) for other in every]
    if np.isnan(size):
        assert min(seen) > effect or every[np.argmin(seen)] <= 31
    else:
        assert ex.smallest_effect(measure, size) <= effect * (1 + 1e-6)
        assert all(e > effect for other, e in zip(every, seen, strict=True) if other < size)


def test_a_tier_too_small_or_without_value_gets_no_size():
    few = ex.Measure.of_value(np.arange(1.0, 60))
    nothing = ex.Measure.of_value(np.zeros(1_000))
    one = ex.Measure.of_value(np.ones(1))
    for measure in (few, nothing, one):
        assert np.isnan(ex.held_out_needed(measure, 0.2))
        assert ex.smallest_effect(measure, measure.customers // 2) == np.inf


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("above 0, found -0.1", lambda: ex.held_out_needed(ex.Measure(99, 1, 1, 2, 1), -0.1)),
        (
            "no tier 'Gold' to draw from; did you mean 'gold'",
            lambda: ex.assignment(tiers(10), {"Gold": 0.1}),
        ),
        ("Tier 'gold': the share held out is 1", lambda: ex.assignment(tiers(10), 1.0)),
        ("two tiers", lambda: ex.assignment(pd.concat([tiers(4), tiers(4)]), 0.5)),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(words, call):
    with pytest.raises(StudyError, match=words):
        call()


def skewed(rng: np.random.Generator, shape: tuple, active: float = 0.4) -> np.ndarray:
    """Most customers bring nothing, some very much."""
    return rng.lognormal(0, 1, shape) * (rng.random(shape) < active)


def welch(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """p values of the difference of means, row by row."""
    error = np.sqrt(a.var(axis=1, ddof=1) / a.shape[1] + b.var(axis=1, ddof=1) / b.shape[1])
    return 2 * norm.sf(np.abs(a.mean(axis=1) - b.mean(axis=1)) / error)


def test_simulated_experiments_reach_the_stated_power():
    rng = np.random.default_rng(1)
    measure = ex.Measure.of_value(skewed(rng, (2_000_000,)))
    measure = ex.Measure(6_000, measure.mean, *[measure.variance * f for f in (1, 2, 1)])
    size = int(ex.held_out_needed(measure, 0.30))
    assert 300 < size < 1_500
    held_out, served = skewed(rng, (1_500, size)), skewed(rng, (1_500, 6_000 - size))
    found = np.mean(welch(held_out, 1.3 * served) < 0.05)
    assert found == pytest.approx(0.8, abs=3.5 * np.sqrt(0.8 * 0.2 / 1_500) + 0.02)
    assert np.mean(welch(held_out, served) < 0.05) == pytest.approx(0.05, abs=0.02)


def tiers(n: int, gold: float = 0.5, first: int = 0) -> pd.Series:
    names = ["gold"] * int(gold * n) + ["rest"] * (n - int(gold * n))
    ids = [f"c{i:05d}" for i in range(first, first + n)]
    return pd.Series(pd.Categorical(names, ["gold", "rest"], ordered=True), index=ids)


TODAY = {"gold": 1000, "rest": 1000, "gone": 7}


def world(n: int = 2_000) -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(5)
    value = pd.Series(skewed(rng, n), index=tiers(n).index)
    outcome = pd.DataFrame({"value": value, "active": value > 0})
    return tiers(n), outcome, pd.Series(rng.random(n), index=value.index)


def test_a_plan_holds_out_what_is_needed_but_never_more_than_allowed():
    outcome = world()[1]
    found = ex.measures(*world(), TODAY)
    assert list(found) == ["gold", "rest"]
    # Half as many today: the same figures of the tier, for fewer customers.
    fewer = ex.measures(*world(), {"gold": 500, "rest": 0})
    assert list(fewer) == ["gold"] and fewer["gold"]["value"].customers == 500
    assert fewer["gold"]["value"].variance == found["gold"]["value"].variance
    gold = outcome.iloc[:1_000]
    assert found["gold"]["value"].mean == pytest.approx(gold["value"].mean())
    assert found["gold"]["value"].variance == pytest.approx(gold["value"].var())
    assert found["gold"]["active"].mean == pytest.approx(gold["active"].mean())
    wide = ex.plan(found, effect=2.0)
    narrow = ex.plan(found, effect=0.05)
    needed = ex.held_out_needed(found["gold"]["adjusted"], 2.0)
    assert wide.loc["gold", "held_out"] == needed < 200
    assert wide["enough"].all()
    assert not narrow["enough"].any()
    assert narrow["held_out"].tolist() == [200, 200]
    assert (narrow["value_effect"] > 0.05).all()
    assert (narrow["active_effect"] < narrow["value_effect"]).all()
    few = ex.plan(ex.measures(*world(), {"gold": 59})).loc["gold"]
    assert (few["held_out"], few["share"], few["enough"]) == (0, 0.0, False)
    assert few["value_effect"] == np.inf


def test_one_customer_who_brings_most_makes_a_plan_a_guess():
    labels, outcome, before = world()
    assert ex.plan(ex.measures(labels, outcome, before, TODAY), effect=0.05)[
        "reliable"
    ].tolist() == ([True, True])
    outcome.loc["c00000", "value"] = 1e5
    plan = ex.plan(ex.measures(labels, outcome, before, TODAY), effect=0.05)
    assert plan["reliable"].tolist() == [False, True]
    # Deviations -1, -1, -1, 3: fourth powers 84 / 4 = 21 over (12 / 4)^2 = 9.
    assert ex.Measure.of_value(np.array([0.0, 0, 0, 4])).kurtosis == pytest.approx(21 / 9)
    assert ex.Measure.of_value(np.ones(4)).kurtosis == 1.0


def test_the_list_is_the_same_for_a_seed_whatever_the_order():
    labels = tiers(400)
    once = ex.assignment(labels, 0.1, seed=4)
    again = ex.assignment(labels.sample(frac=1, random_state=0), 0.1, seed=4)
    pd.testing.assert_frame_equal(once, again)
    assert (once["group"] != ex.assignment(labels, 0.1, seed=5)["group"]).any()
    assert pd.crosstab(once["tier"], once["group"]).to_numpy().tolist() == [[20, 180], [20, 180]]
    # A customer who joins moves hardly anyone.
    before = ex.assignment(tiers(400, gold=1), 0.1).set_index("customer_id")["group"]
    after = ex.assignment(tiers(401, gold=1), 0.1).set_index("customer_id")["group"]
    assert (before != after.reindex(before.index)).sum() <= 1
    # Only the named tiers take part.
    gold = ex.assignment(tiers(100), {"gold": 0.2})
    assert gold["tier"].unique().tolist() == ["gold"]
    assert (gold["group"] == ex.HELD_OUT).sum() == 10
    assert ex.assignment(tiers(0), 0.5).empty


def test_who_is_held_out_depends_on_nothing_but_chance():
    labels = tiers(20_000, gold=1)
    one, other = (
        (ex.assignment(labels, 0.25, s)["group"] == ex.HELD_OUT).to_numpy() for s in (1, 2)
    )
    assert one.sum() == other.sum() == 5_000
    # 500 +- 19 in each tenth of the identifiers; 1,250 +- 27 of one list in another.
    assert np.abs(one.reshape(10, 2_000).sum(axis=1) - 500).max() < 4 * 19.4
    assert abs((one & other).sum() - 1_250) < 4 * 26.5


def test_a_spreadsheet_runs_no_customer_as_a_formula(tmp_path):
    ids = ["=1+1", "+49", "-3", "@x", "\tt", " =1", "＝1", "张三", "a,b", "x=1"]
    labels = pd.Series(pd.Categorical(["-top"] * 10, ordered=True), index=ids)
    write_csv(ex.assignment(labels, 0.5), tmp_path / "list.csv")
    text = (tmp_path / "list.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(tmp_path / "list.csv", encoding="utf-8-sig", skipinitialspace=False)
    assert set(read["customer_id"]) == {*("'" + each for each in ids[:7]), *ids[7:]}
    assert set(read["tier"]) == {"'-top"}
