"""Numbers and categories as coordinates, on frames that a reader can check by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.tiering.encoding import Encoding, commonest


def texts(*values) -> pd.DataFrame:
    return pd.DataFrame({"region": pd.Series(values, dtype=object)})


def test_two_equal_categories_are_as_far_apart_as_two_standard_deviations_by_two():
    # Shares of a half: the sum of p (1 - p) is a half, so 1 becomes the root of 2, and
    # the distance is 2, as between the two values of a standardised 0 and 1.
    points = Encoding(texts("n", "s"), (), ("region",)).points(texts("n", "s"))
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(2)
    number = pd.DataFrame({"x": [0.0, 5.0]})
    ends = Encoding(number, ("x",), ()).points(number)
    assert np.linalg.norm(ends[0] - ends[1]) == pytest.approx(2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 99), st.sampled_from([*"abcdef", None])), min_size=2))
def test_every_feature_has_a_variance_of_one_in_all(rows):
    values = pd.DataFrame(rows, columns=["x", "region"]).astype({"x": float, "region": object})
    values["region"] = values["region"].where(values["region"].notna(), None)
    points = Encoding(values, ("x",), ("region",)).points(values)
    assert points.mean(axis=0) == pytest.approx(0, abs=1e-9)
    variances = points.var(axis=0)
    for found, column in ((variances[0], "x"), (variances[1:].sum(), "region")):
        varies = values[column].nunique(dropna=False) > 1
        assert found == pytest.approx(1.0 if varies else 0.0, abs=1e-9)


def test_rare_categories_are_joined_and_unknown_ones_count_with_them():
    values = texts(*["n"] * 60, *["s"] * 39, "x", *["y"] * 2, *["z"] * 2)  # of 104
    encoding = Encoding(values, (), ("region",))
    assert encoding.levels["region"] == ("n", "s")
    assert encoding.joined["region"]
    rare, unknown, known = encoding.points(texts("x", "never seen", "n"))
    assert rare.tolist() == unknown.tolist() != known.tolist()
    # Two in a hundred are enough to stand alone.
    enough = Encoding(texts(*["n"] * 98, "s", "s"), (), ("region",))
    assert enough.levels["region"] == ("n", "s") and not enough.joined["region"]


def test_without_rare_ones_an_unknown_category_is_equally_unlike_all():
    encoding = Encoding(texts("n", "n", "s", "s"), (), ("region",))
    north, south, unknown = encoding.points(texts("n", "s", "never seen"))
    from_north, from_south = (np.linalg.norm(unknown - point) for point in (north, south))
    assert from_north == pytest.approx(from_south)


def test_no_category_is_a_level_of_its_own_and_codes_read_alike():
    encoding = Encoding(texts("1.0", "2.0", None, "True"), (), ("region",))
    assert encoding.levels["region"] == ("1", "2", "true", None)
    whole = encoding.points(texts("1", "2", None, "true"))
    assert whole.tolist() == encoding.points(texts("1.0", "2.0", None, "True")).tolist()


def test_a_missing_number_is_the_mean_and_adds_no_distance():
    values = pd.DataFrame({"x": [np.expm1(1), np.nan, np.expm1(3)]})
    encoding = Encoding(values, ("x",), ())
    assert encoding.points(values).ravel() == pytest.approx([-1, 0, 1])


def test_the_commonest_category_comes_with_its_share():
    assert commonest(pd.Series(["s", "n", "n", None], dtype=object)) == "n (50%)"
    assert commonest(pd.Series([None, None, "n"], dtype=object)) == "missing (67%)"


def test_a_centre_reads_in_the_units_of_the_features():
    values = pd.DataFrame({"rate": [-0.25, -0.25], "paid": [1500.0, 1500.0]})
    encoding = Encoding(values, ("rate", "paid"), ())
    assert encoding.in_words(np.zeros(2)) == ["rate -0.25", "paid 1,500"]
