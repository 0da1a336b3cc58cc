"""The intervals and the verdict on customers whose true figures are known: a short run.

The long ones are bench/intervals.py and bench/verdict.py; docs/coverage.md shows what they found.
"""

import intervals as bench
import market
import numpy as np
import pandas as pd
import pytest
import verdict as dates

from segment.evidence.backtest import PLAIN_SORT, judge

RUNS, CUSTOMERS, REPLICATES = range(24), 1000, 100
# The long run finds 93 to 96 % at 1,000 customers; 100 resamples take off one or two points.
# Of 24 runs, a share has a standard error of .05 and the mean over figures hardly less, so
# the bounds catch gross faults only: intervals half as wide, which hold two thirds.
LEAST, LEAST_OF_A_FIGURE, MOST = 0.86, 0.80, 0.995


@pytest.fixture(scope="module")
def population():
    return market.Population(100_000)


@pytest.fixture(scope="module")
def rows(population) -> pd.DataFrame:
    found = bench.simulate(RUNS, CUSTOMERS, REPLICATES, population)
    return found[found["kind"] == bench.PRINTED]


def by_figure(rows: pd.DataFrame) -> pd.Series:
    found = bench.coverage(rows).reset_index()
    return found.groupby("figure")["mean"].mean()


def test_intervals_hold_the_figures_of_the_population(rows):
    shares = by_figure(rows[rows["figure"] != "top_mean"])
    assert LEAST < shares.mean() < MOST, shares
    assert (shares > LEAST_OF_A_FIGURE).all(), shares


def test_the_check_would_notice_intervals_of_half_the_width(rows):
    middle, quarter = (rows["low"] + rows["high"]) / 2, (rows["high"] - rows["low"]) / 4
    shares = by_figure(rows.assign(low=middle - quarter, high=middle + quarter))
    assert shares.mean() < LEAST
    assert (shares < LEAST_OF_A_FIGURE).mean() > 0.5


@pytest.fixture(scope="module")
def studies() -> pd.DataFrame:
    """Ten studies of five dates of each kind: rows of the long run."""
    cases = [(dates.NONE_BETTER, dates.DATE_EFFECT), (dates.NO_ORDER, 0), (dates.EVERYTHING, 0)]
    return pd.concat(
        dates.simulate(*case, range(10), n, 50_000, REPLICATES)
        for case, n in zip(cases, (CUSTOMERS, CUSTOMERS, 3000), strict=True)
    )


def test_the_verdict_finds_what_is_there_and_nothing_that_is_not(studies):
    found = dates.verdicts(studies).reset_index().set_index("what")
    # Where 5 % are wrong, more than two of ten are in one case of 90.
    assert found.loc[dates.NONE_BETTER, "other"] <= 0.2
    assert found.loc[dates.NO_ORDER, "none"] >= 0.8
    assert found.loc[dates.EVERYTHING, "other"] >= 0.7


def test_the_mean_gain_over_dates_lies_in_its_interval(studies):
    held = dates.coverage(studies)["all"]
    assert (held >= 0.83).all(), held
    half = studies.assign(
        low=studies["gain"] - (studies["gain"] - studies["low"]) / 2,
        high=studies["gain"] + (studies["high"] - studies["gain"]) / 2,
    )
    assert dates.coverage(half)["all"].mean() < 0.83, "the check would not notice half the width"


def test_truth_agrees_with_the_back_test_of_the_same_customers():
    """Two ways to the same figures: mid-ranks here, gains curves there."""
    customers, outcome = market.draw(3000, np.random.default_rng(4))
    truth = market.Truth(customers, outcome)
    rules = {label: rule.refit(customers) for label, rule in market.SCHEMES.items()}
    labels = {label: rule.labels_ for label, rule in rules.items()}
    found = judge(labels, customers, outcome, replicates=1).figures
    for label, rule in rules.items():
        for figure in ("gini", "skill", "gain", "capture", "auc", "lead"):
            expected = truth.of(rule, customers)[figure]
            assert found.loc[label, figure] == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert found.loc[PLAIN_SORT, "gini"] == pytest.approx(truth.revenue_sort["gini"])


def test_the_population_looks_like_cdnow(population):
    looks = population.looks
    assert looks["active"] == pytest.approx(0.299, abs=0.03)
    assert looks["nG of the revenue sort"] == pytest.approx(0.696, abs=0.03)
    assert looks["capture of the revenue sort"] == pytest.approx(0.661, abs=0.03)
