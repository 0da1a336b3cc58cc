"""What the ABC page says and draws, on a few customers checked by hand."""

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from segment.pages import abc as page
from segment.pages._figure import MOST_POINTS, thinned
from segment.run.scheme import Scheme
from segment.tiering import ABC

MARGIN = {"columns": {**small.STUDY["columns"], "margin": "margin"}}


def shop(method: ABC, times: int = 5, later=(10, 30, 0, 0, 0), **study) -> Scheme:
    """Five kinds of customers, each so many times: 80 of 100 come from the first two kinds."""
    kinds = {"monetary_total": [50.0, 30, 15, 5, -4], "margin_total": [-8.0, 9, 3, -1, -4]}
    customers = pd.DataFrame(kinds).loc[np.repeat(range(5), times)].reset_index(drop=True)
    value = np.repeat(later, times)
    return small.scheme(method, customers, value, study=MARGIN | study)


def test_the_curve_after_the_cut_keeps_the_order_of_the_past():
    curve = page.curve(shop(ABC()))
    before, after = (part for _, part in curve.groupby("period", sort=False))
    assert curve["period"].unique().tolist() == ["amount before the cut", "margin after the cut"]
    for part in (before, after):
        assert part["customer_share"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert before["contribution"].tolist() == pytest.approx([0, 0.5, 0.8, 0.95, 1, 1])
    assert after["contribution"].tolist() == pytest.approx([0, 0.25, 1, 1, 1, 1])


def test_by_margin_the_words_are_of_margin():
    scheme = shop(ABC(by="margin_total"))
    # By margin: 9, 3, -1, -4, -8, and 30, 0, 0, 0, 10 afterwards.
    after = page.curve(scheme).query("period == 'margin after the cut'")["contribution"]
    assert after.tolist() == pytest.approx([0, 0.75, 0.75, 0.75, 0.75, 1])
    assert page.loss_makers(scheme) == ""
    assert page.concentration(scheme) == (
        "The largest fifth of the customers brought 75% of the past margin and 75% of the later "
        "margin"
    )


def test_classes_end_on_the_curve():
    classes = page.classes(shop(ABC(limits=[0.2, 0.3, 0.6, 0.9]))).set_index("tier")
    assert classes.index.tolist() == ["A", "C", "D", "E"]  # nobody is in B
    assert classes["sorted_share"].tolist() == pytest.approx([0.5, 0.3, 0.15, 0.05])
    assert classes["customer_share"].tolist() == pytest.approx([0.2, 0.4, 0.6, 1])
    assert classes["contribution"].tolist() == pytest.approx([0.5, 0.8, 0.95, 1])


def test_large_customers_who_lose_money_are_pointed_out():
    assert page.loss_makers(shop(ABC())) == (
        "**Look before you reward them:** 5 of the 10 customers in class A of M cost more than "
        "they paid."
    )
    assert "under 5 of the 8 customers" in page.loss_makers(shop(ABC(), 4))
    assert "1 of the 2 customers" in page.loss_makers(shop(ABC(), 1, identifiers="show"))
    scheme = small.scheme(ABC(), pd.DataFrame({"monetary_total": [50.0, 30, 15, 5]}))
    assert page.loss_makers(scheme) == ""  # the margin is not known
    assert page.curve(scheme)["period"].iloc[-1] == "amount after the cut"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=1500))
def test_a_drawn_curve_has_few_points_and_no_single_customer(sizes):
    reached = pd.Series([0, *np.cumsum(sizes)])
    places = thinned(reached)
    assert places[0] == 0
    assert places[-1] == len(sizes)
    assert len(places) <= MOST_POINTS + 1
    if reached.iloc[-1] >= 5:
        assert np.diff(reached.iloc[places]).min() >= 5
