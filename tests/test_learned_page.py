"""The page of learned tiers: predicted against past order, and what drives the prediction."""

import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import learned as page
from segment.scheme import Scheme
from segment.tiering import Learned
from segment.words import money

READ = ("monetary_total", "order_days", "days_since_last", "days_since_first")


def market(recent_return: bool) -> Scheme:
    """Customers of whom only the recent ones come back, or each in proportion to the past."""
    rng = np.random.default_rng(0)
    past = rng.lognormal(3, 1, (600, 1)).round(2)
    last = rng.integers(1, 90, (600, 1))
    known = np.hstack([past, rng.integers(1, 9, (600, 1)), last, last + 30])
    customers = pd.DataFrame(
        np.hstack([known, known]), columns=[*READ, *map("past_{}".format, READ)]
    )
    back = last[:, 0] < 30 if recent_return else rng.lognormal(0, 1, 600)
    value = past[:, 0] * back
    return small.scheme(Learned(), customers.assign(next_value=value), value)


@pytest.fixture(scope="module")
def learning() -> Scheme:
    return market(recent_return=True)


def test_tenths_hold_everyone_in_both_orders(learning):
    tenths = page.tenths(learning)
    assert tenths["order"].unique().tolist() == ["Predicted value", "Past revenue"]
    assert tenths.groupby("order")["customers"].sum().tolist() == [600, 600]
    whole = tenths["customers"] * tenths["next_value"]
    assert whole.groupby(tenths["order"]).sum().to_numpy() == pytest.approx(
        learning.outcome["value"].sum()
    )
    assert tenths["next_value"].between(tenths["next_value_low"], tenths["next_value_high"]).all()
    best = learning.customers.nlargest(60, "monetary_total")["next_value"].mean()
    assert page.tenths_title(learning).endswith(f"by past revenue {money(best, 'EUR')}")


def test_drivers_are_those_of_a_model_that_is_used(learning):
    drivers = page.drivers(learning)
    assert set(drivers["feature"][:2]) == {"days since last purchase", "total spent"}
    assert page.drivers_title(drivers).startswith("The prediction rests most on ")
    nothing = drivers.assign(importance=0.0)
    assert page.drivers_title(nothing) == "No single figure drives the prediction"
    assert "M learned from 600 customers" in page.how(learning)


def test_a_model_that_is_not_used_has_no_drivers():
    scheme = market(recent_return=False)
    assert len(scheme.method.importance_) == len(READ)  # it was fitted, and found no better
    assert page.drivers(scheme).empty
    assert "M learned nothing that it could use" in page.answer([scheme])[-1]
    assert page.coming_back(scheme) == "M has no prediction to compare with past revenue."


def test_what_past_revenue_would_have_missed(learning):
    customers, best = learning.customers, learning.customers["tier"] == "A"
    richest = customers["monetary_total"].rank(ascending=False) <= best.sum()
    found, lost = (customers[group]["next_value"] for group in (best & ~richest, richest & ~best))
    number, found, lost = len(found), money(found.mean(), "EUR"), money(lost.mean(), "EUR")
    assert page.coming_back(learning) == (
        f"M: {number} customers of its best tier would not be there by past revenue; in the "
        f"12 months after the cut they brought {found} each and those "
        f"whose place they took {lost}."
    )
