"""Scorecards on frames that can be checked by hand."""

import pandas as pd
import pytest

from segment.errors import StudyError
from segment.tiering import Scorecard

FOUR = pd.DataFrame({"order_days": [1, 2, 3, 4], "days_since_last": [10, 10, 40, 50]})
WEIGHTS = {"order_days": 3, "days_since_last": 1}


def test_scores_are_weighted_mid_rank_percentiles():
    method = Scorecard(WEIGHTS, shares=[0.25, 0.5]).fit(FOUR)
    # Order days: .125 .375 .625 .875. Recency, low is better: .75 .75 .375 .125.
    expected = [(3 * 0.125 + 0.75) / 4, (3 * 0.375 + 0.75) / 4, (3 * 0.625 + 0.375) / 4,
                (3 * 0.875 + 0.125) / 4]  # fmt: skip
    assert method.scores(FOUR).tolist() == pytest.approx(expected)
    assert method.labels_.tolist() == ["C", "C", "B", "A"]
    assert method.formula() == (
        "score = mean percentile of 75% high order_days, 25% low days_since_last"
    )


def test_weights_are_relative():
    shares = [0.25, 0.5]
    tens = {name: 10 * weight for name, weight in WEIGHTS.items()}
    assert Scorecard(tens, shares=shares).fit(FOUR).labels_.tolist() == ["C", "C", "B", "A"]


def test_sensitivity_is_the_share_who_change_grade():
    method = Scorecard(WEIGHTS, shares=[0.25, 0.5]).fit(FOUR)
    table = method.sensitivity(FOUR)
    assert table["weight"].to_dict() == {"order_days": 0.75, "days_since_last": 0.25}
    assert table.loc["order_days", ["up", "down"]].tolist() == [0, 0]
    # With recency alone the two most recent tie for the best half.
    flipped = method.sensitivity(FOUR, points=1)
    assert flipped.loc["days_since_last", "up"] == 1.0


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"order_days": 0}, "add up to 0"), ({"order_days": -1}, "'order_days' must be 0 or more"),
     ({"order_days": "much"}, "'order_days' must be"), ({}, "must name columns")],
)  # fmt: skip
def test_wrong_weights_are_named(weights, message):
    with pytest.raises(StudyError, match=message):
        Scorecard(weights).fit(FOUR)
