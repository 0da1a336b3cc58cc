"""ABC classes on frames that a reader can check by hand."""

import numpy as np
import pandas as pd
import pytest

from segment.tiering import ABC


def spend(*amounts: float) -> pd.DataFrame:
    return pd.DataFrame({"monetary_total": amounts})


TEN = tuple(range(10, 0, -1))
HALF = {"cut": "customers", "limits": [0.2, 0.5]}


@pytest.mark.parametrize(
    ("given", "amounts", "expected"),
    [
        # A class ends where the share before a tie block reaches the limit: 50 + 30 of 100
        # reach .80; the share before the third is .80, no longer A.
        ({}, (50, 30, 10, 6, 4), "AABBC"),
        # The customer who crosses the limit still belongs to the class.
        ({}, (70, 20, 5, 3, 2), "AABCC"),
        ({}, (99, 1), "AC"),
        # Four of 20 and four of 5: the block of four before .80 is wholly A.
        ({}, (20, 20, 20, 20, 5, 5, 5, 5), "AAAABBBB"),
        # One tie block, and so one class.
        ({}, (3, 3, 3), "AAA"),
        # The largest is in A even alone beyond the limit.
        ({"limits": [0.1, 0.2]}, (90, 6, 4), "ACC"),
        # Limits of head count look at the middle of a customer: the second of ten stands at
        # that of 10 % and 20 %, before .16 and after .14.
        (HALF, TEN, "AABBBCCCCC"),
        (HALF | {"limits": [0.16, 0.5]}, TEN, "AABBBCCCCC"),
        (HALF | {"limits": [0.14, 0.5]}, TEN, "ABBBBCCCCC"),
        # They never split a tie: the middle of four is at 20 % of ten, not below .2.
        (HALF, (9, 9, 9, 9, *TEN[4:]), "BBBBBCCCCC"),
        # Nobody stands out where all bring the same: the curve is the diagonal, and its
        # nearest point to (0, 1) is its start.
        ({"cut": "computed"}, (5, 5, 5, 5), "BBBB"),
    ],
)
def test_classes(given, amounts, expected):
    assert "".join(ABC(**given).fit(spend(*amounts)).labels_) == expected


def test_customers_without_a_positive_contribution_are_last_and_add_nothing():
    fitted = ABC(limits=[0.8, 0.99999]).fit(spend(80, 20, 0, -500, -0.5))
    assert "".join(fitted.labels_) == "ABCCC"
    assert fitted.curve_["contribution"].tolist() == [0, 0.8, 1, 1, 1, 1]


@pytest.mark.parametrize("cut", ["share", "customers", "computed"])
def test_nobody_positive_is_all_last_class(cut):
    fitted = ABC(cut=cut).fit(spend(0, -1, -2))
    assert "".join(fitted.labels_) == "CCC"
    assert fitted.rules()["rule"].tolist() == ["nobody", "nobody", "everyone else"]


def test_limits_and_rules_name_the_smallest_contribution_of_each_class():
    fitted = ABC().fit(spend(50, 30, 10.5, 5.5, 4))
    assert fitted.limits_.tolist() == [30, 5.5]
    rules = ["total spent at least 30", "total spent at least 5.50", "everyone else"]
    assert fitted.rules()["rule"].tolist() == rules
    assert "".join(fitted.predict(spend(30, 29.99, 5.5, 5.49, -4))) == "ABBCC"


def test_computed_limits_on_a_curve_checked_by_hand():
    """Ten customers; 40, 20, 10, then seven who share the rest.

    The curve passes (.1, .40), (.2, .60), (.3, .70), (.4, .78), (.5, .84),
    (.6, .89), (.7, .93), (.8, .96), (.9, .98), (1, 1).
    Squared distances to (0, 1): .37, .20, .18, .2084, ... : Pareto at .3.
    Slope 1 means 10 % of the contribution per customer: the third still brings
    10, so the break-even point is also .3, and A ends there. From (.3, 1):
    (.3, .70) .09, (.4, .78) .0584, (.5, .84) .0656: C begins after .4.
    """
    fitted = ABC(cut="computed").fit(spend(40, 20, 10, 8, 6, 5, 4, 3, 2, 2))
    assert "".join(fitted.labels_) == "AAABCCCCCC"


def test_computed_limits_where_break_even_comes_before_the_pareto_point():
    """Amounts 30, 30, 9, 9, 9, 9, 1, 1, 1, 1 of 100.

    Squared distances to (0, 1) at .2: .20, .3: .1861, .4: .2084; Pareto at .3,
    break-even at .2 (30 is above 10, 9 is not). The tie blocks end at .2, .6
    and 1, so the curve has only those: Pareto at .2 (.20 against .3796 at .6).
    From (.2, 1): .2 gives .16, .6 gives .1616, so nobody is in B.
    """
    fitted = ABC(cut="computed").fit(spend(30, 30, *[9] * 4, *[1] * 4))
    assert "".join(fitted.labels_) == "AACCCCCCCC"
    assert fitted.rules()["rule"].tolist()[1] == "nobody"


def test_curve_ends_at_one_and_is_concave():
    values = np.random.default_rng(0).lognormal(3, 1, 300)
    curve = ABC().fit(spend(*values)).curve_
    assert curve.iloc[-1].tolist() == pytest.approx([1, 1])
    slopes = np.diff(curve["contribution"]) / np.diff(curve["customers"])
    assert (np.diff(slopes) <= 1e-9).all()
