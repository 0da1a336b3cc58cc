"""The page of the credit brake: whom it holds back, and whether it was right."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import credit_brake as page
from segment.run.scheme import Scheme
from segment.tiering import ABC, CreditBrake

EVERYBODY = "all customers"
SIX = pd.DataFrame(
    {
        "monetary_total": [60, 50, 40, 30, 20, 10],
        "arrears": [0, 100, 250, np.nan, 99.99, 900],
        "credit_grade": ["A", "D", None, "C", "D", "C"],
    }
)


def tiers(*limits: float) -> ABC:
    return ABC(cut="customers", limits=list(limits))


def six(customers=SIX, study=None) -> Scheme:
    brake = CreditBrake(tiers(0.34, 0.67), limits=[100, 500], caps=["B", "C"])
    return small.scheme(brake, customers, range(6), study=study)


def test_moves_and_parts_by_hand():
    scheme = six()
    parts = page.parts(scheme)
    assert parts["best_allowed"].tolist() == ["B", "C"]
    assert parts["concerned"].tolist() == [2, 1]
    assert parts["held"].tolist() == [1, 0]
    assert page.held_back(scheme) == (
        "**The brake of M holds back 1 customer (17%), 1 of them from A.**"
    )
    assert page.known(scheme) == "Known only of a part of the customers: arrears 83%."
    assert page.right(scheme) == ""
    assert page.against(scheme).empty
    first, _, caution = page.answer(six(customers=SIX.assign(arrears=0)))
    assert "holds back 0 customers (0%), 0 of" in first and "not what was paid" in caution


def shop(rng: np.random.Generator, held_less: float = 0.0) -> Scheme:
    """Three hundred customers in two tiers; those in arrears bring so much less."""
    big = np.arange(300) < 100
    owes = rng.random(300) < np.where(big, 0.5, 0.2)
    value = rng.gamma(2, np.where(big, 50, 5)) - held_less * owes
    customers = pd.DataFrame({"monetary_total": np.where(big, 9, 1), "arrears": owes * 7.0})
    brake = CreditBrake(tiers(0.4), limits=[5], caps=["B"])
    return small.scheme(brake, customers, np.maximum(value, 0))


def test_those_held_back_are_compared_within_their_tier():
    scheme = shop(np.random.default_rng(0))
    against = page.against(scheme).set_index("tier")
    value, owes = scheme.customers["next_value"], scheme.customers["arrears"] > 0
    large = scheme.customers["monetary_total"] == 9
    assert against.index.tolist() == ["A", EVERYBODY]
    assert against["held_value"].tolist() == pytest.approx([value[large & owes].mean()] * 2)
    assert against["others_value"].tolist() == pytest.approx([value[large & ~owes].mean()] * 2)
    assert against["held"].tolist() == [(large & owes).sum()] * 2
    assert page.parts(scheme)["held"].tolist() == [(large & owes).sum()]


def test_the_last_row_weighs_tiers_as_those_held_back():
    customers = pd.DataFrame(
        {
            "monetary_total": [9] * 20 + [5] * 20 + [1] * 20,
            "arrears": ([7] * 15 + [0] * 5 + [7] * 5 + [0] * 15) + [0] * 20,
        }
    )
    value = [30] * 15 + [40] * 5 + [10] * 5 + [10] * 15 + [0] * 20
    brake = CreditBrake(tiers(0.34, 0.67), limits=[5], caps=["C"])
    against = page.against(small.scheme(brake, customers, value)).set_index("tier")
    assert against["value_difference"].to_dict() == pytest.approx(
        {"A": -10, "B": 0, EVERYBODY: -7.5}
    )
    assert against["others_value"].to_dict() == pytest.approx({"A": 40, "B": 10, EVERYBODY: 32.5})
    assert against.loc[EVERYBODY, ["others", "held"]].tolist() == [20, 20]


def test_the_interval_covers_no_difference_about_95_times_in_100():
    rng = np.random.default_rng(5)
    scheme = shop(rng)
    mean = np.where(scheme.customers["monetary_total"] == 9, 50, 5)
    hits = 0
    for _ in range(100):
        outcome = scheme.outcome.assign(value=rng.gamma(2, mean))
        row = page.against(replace(scheme, outcome=outcome, computed={})).iloc[-1]
        hits += row["value_difference_low"] <= 0 <= row["value_difference_high"]
    # Two standard errors of 100 runs are 4.4.
    assert 90 <= hits <= 99


@pytest.mark.parametrize(
    ("less", "words"),
    [(60, "The brake was right"), (-60, "the brake was wrong"), (0, "That may be chance.")],
)
def test_the_page_says_whether_the_brake_was_right(less, words):
    assert words in page.right(shop(np.random.default_rng(0), less))


@pytest.mark.parametrize(
    ("known_on", "late"),
    [
        (None, True),
        (dt.date(2024, 3, 1), True),
        (dt.date(2023, 12, 31), False),
    ],
)
def test_the_page_says_where_the_arrears_may_be_of_a_day_after_the_cut(known_on, late):
    assert "customers table" not in page.caution(six())
    table = {"source": "none.csv", "customer_id": "id", "columns": {"arrears": "owed"}}
    said = page.caution(six(study={"customers": table | {"known_on": known_on}}))
    assert ("Arrears comes from the customers table" in said) is late
