"""Scorecards on frames that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segment.errors import StudyError
from segment.pages import scorecard as page
from segment.tiering import Scorecard, base

FOUR = pd.DataFrame({"order_days": [1, 2, 3, 4], "days_since_last": [10, 10, 40, 50]})
WEIGHTS = {"order_days": 3, "days_since_last": 1}


def test_scores_are_weighted_mid_rank_percentiles():
    method = Scorecard(WEIGHTS, shares=[0.25, 0.5]).fit(FOUR)
    # Order days: .125 .375 .625 .875. Recency, low is better: .75 .75 .375 .125.
    expected = np.array([3 * 0.125 + 0.75, 3 * 0.375 + 0.75, 3 * 0.625 + 0.375, 3 * 0.875 + 0.125])
    assert method.scores(FOUR).tolist() == pytest.approx((expected / 4).tolist())
    assert method.labels_.tolist() == ["C", "C", "B", "A"]
    tens = {name: 10 * weight for name, weight in WEIGHTS.items()}
    assert Scorecard(tens).fit(FOUR).scores(FOUR).tolist() == pytest.approx((expected / 4).tolist())


GAPS = pd.DataFrame({"order_days": [1, 2, 3, 4], "satisfaction": [5.0, 3.0, np.nan, np.nan]})
HALVES = {"order_days": 1, "satisfaction": 1}


@pytest.mark.parametrize(
    ("missing", "expected"),
    # Order days: .125 .375 .625 .875. Satisfaction among the two who have one: .75 .25.
    [
        ("middle", [0.4375, 0.3125, 0.5625, 0.6875]),
        ("worst", [0.4375, 0.3125, 0.3125, 0.4375]),
        ("rest", [0.4375, 0.3125, 0.625, 0.875]),
    ],
)
def test_missing_values_follow_the_policy(missing, expected):
    method = Scorecard(HALVES, missing=missing).fit(GAPS)
    assert method.scores(GAPS).tolist() == pytest.approx(expected)
    assert method.missing_.to_dict() == {"order_days": 0, "satisfaction": 0.5}
    # The worst is the worst where less is better, too.
    gaps = pd.DataFrame({"complaints": [0.0, 3.0, np.nan]})
    alone = Scorecard({"complaints": 1}, missing=missing).fit(gaps).scores(gaps)
    assert alone.tolist() == [0.75, 0.25, 0 if missing == "worst" else 0.5]


def test_missing_values_are_refused_unless_a_policy_is_stated():
    # Who has no indicator counts as the middle; one that nobody had stays missing.
    nothing = pd.DataFrame({"order_days": [np.nan], "satisfaction": [np.nan]})
    rest = Scorecard(HALVES, missing="rest")
    assert rest.fit(GAPS).scores(nothing).tolist() == [0.5]
    empty = rest.fit(GAPS.assign(satisfaction=np.nan))
    assert empty.scores(GAPS).tolist() == [0.125, 0.375, 0.625, 0.875]
    with pytest.raises(StudyError, match="'satisfaction' is missing or infinite for 2 of 4"):
        Scorecard(HALVES).fit(GAPS)
    endless = GAPS.assign(satisfaction=[np.inf, 1, 2, np.nan])
    with pytest.raises(StudyError, match="'satisfaction' is missing or infinite for 1 of 4"):
        Scorecard(HALVES, missing="middle").fit(endless)


def test_cuts_are_least_scores_and_stay_put_later():
    method = Scorecard({"order_days": 1}, cuts=[0.8, 0.375]).fit(FOUR)
    assert method.labels_.tolist() == ["C", "B", "B", "A"]
    rules = ["score at least 0.80", "score at least 0.375", "everyone else"]
    assert method.rules()["rule"].tolist() == rules
    later = pd.DataFrame({"order_days": [0, 9]})
    assert method.predict(later).tolist() == ["C", "A"]
    # A score of 1/2 for all reaches no .8, whoever is on top.
    assert method.refit(FOUR.assign(order_days=1)).labels_.eq("B").all()


def test_sensitivity_counts_those_who_change_grade_or_cross_a_limit():
    shares = Scorecard(WEIGHTS, shares=[0.25, 0.5]).fit(FOUR)
    table = shares.sensitivity(FOUR)
    assert table["weight"].to_dict() == {"order_days": 0.75, "days_since_last": 0.25}
    assert table.loc["order_days", ["up", "down"]].tolist() == [0, 0]
    # With recency alone the two most recent tie for the best half.
    assert shares.sensitivity(FOUR, points=1).loc["days_since_last", "up"] == 1.0
    method = Scorecard(WEIGHTS, cuts=[0.6]).fit(FOUR)
    # Scores .28125 .46875 .5625 .6875; with recency at .35 instead of .25 they are
    # .34375 .50625 .5375 .6125, at .15 .21875 .43125 .5875 .7625: nobody crosses .6.
    assert method.sensitivity(FOUR).loc["days_since_last", ["up", "down"]].tolist() == [0, 0]
    # At 1 they are the recency percentiles .75 .75 .375 .125: three cross.
    assert method.sensitivity(FOUR, points=1).loc["days_since_last", "up"] == 0.75


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 3)), min_size=1, max_size=15),
    st.sampled_from(["middle", "worst", "rest"]),
)
def test_scores_stay_in_range_and_more_is_never_worse(rows, missing):
    customers = pd.DataFrame(rows, columns=["order_days", "satisfaction"], dtype=float)
    method = Scorecard(HALVES, missing=missing).fit(customers)
    score = method.scores(customers)
    assert score.between(0, 1).all()
    better = method.scores(customers.assign(order_days=customers["order_days"] + 1))
    assert (better >= score).all()
    assert method.sensitivity(customers)[["up", "down"]].notna().all(axis=None)


@given(arrays(float, st.integers(1, 9), elements=st.integers(0, 4)))
def test_percentiles_among_others_are_those_among_themselves(values):
    own = base.midrank_percentile(values)
    assert own.tolist() == base.midrank_percentile(values, values[::-1]).tolist()
    assert base.midrank_percentile(np.array([-1.0, 9.0]), values).tolist() == [0, 1]


def test_the_page_says_direction_weight_and_what_is_missing():
    card = Scorecard({"satisfaction": 1, "complaints": 3}, missing="rest", cuts=[0.5])
    scheme = small.scheme(card, pd.DataFrame({"satisfaction": [1, np.nan], "complaints": [0, 4]}))
    indicators = page.indicators(scheme)
    assert indicators["indicator"].tolist() == ["few complaints", "satisfaction"]
    assert indicators["weight_share"].tolist() == [0.75, 0.25]
    assert indicators["missing"].tolist() == [0, 0.5]


def test_the_page_names_the_weight_that_moves_most():
    scheme = small.scheme(Scorecard(WEIGHTS, cuts=[0.69]), FOUR)
    # With recency at .15 the last customer's score is .7625 instead of .6875.
    assert "up to 25.0% of the customers" in page.opinions(scheme)
    assert "*purchase days*" in page.opinions(scheme)
    assert page.scores_title(scheme) == "Customers within 0.01 of a limit: 1"
    lone = small.scheme(Scorecard({"order_days": 1}), FOUR)
    assert page.opinions(lone) == ""
