"""The page of learned tiers: predicted against past order, and what drives the prediction."""

import numpy as np
import pandas as pd
import pytest
import small

from segment.features.recent import INNER_CUTS, column, past, then
from segment.pages import learned as page
from segment.run.scheme import Scheme
from segment.tiering import Learned
from segment.words import money

LIVES = (30.0, np.inf)


def market(recent_return: bool) -> Scheme:
    """Customers of whom only the recent ones come back, or each in proportion to the past."""
    rng = np.random.default_rng(0)
    spent, last = rng.lognormal(3, 1, 600).round(2), rng.integers(1, 90, 600)
    known = pd.DataFrame(
        {
            "order_days": rng.integers(1, 9, 600),
            "days_since_last": last,
            "days_since_first": last + 30,
        }
    )
    known = known.assign(**{column("spend", days): spent for days in LIVES})
    customers = known
    for k in INNER_CUTS:
        back = last < 30 if recent_return else rng.lognormal(0, 1, 600)
        customers = customers.join(known.add_prefix(past(k, ""))).assign(**{then(k): spent * back})
    return small.scheme(Learned(), customers, spent * back)


@pytest.fixture(scope="module")
def learning() -> Scheme:
    return market(recent_return=True)


def test_tenths_hold_everyone_in_both_orders(learning):
    tenths = page.tenths(learning)
    assert tenths["order"].unique().tolist() == ["Predicted value", "the list by past spend"]
    assert tenths.groupby("order")["customers"].sum().tolist() == [600, 600]
    whole = tenths["customers"] * tenths["next_value"]
    assert whole.groupby(tenths["order"]).sum().to_numpy() == pytest.approx(
        learning.outcome["value"].sum()
    )
    assert tenths["next_value"].between(tenths["next_value_low"], tenths["next_value_high"]).all()
    best = learning.customers.nlargest(60, "monetary_total")["next_value"].mean()
    assert page.tenths_title(learning).endswith(
        f"that of the list by past spend {money(best, 'EUR')}"
    )


def test_drivers_go_with_the_prediction_of_a_model_that_is_used(learning):
    drivers = page.drivers(learning).set_index("feature")["correlation"]
    ranks = learning.customers[["predicted", "days_since_last"]].rank()
    assert drivers["days since last purchase"] == pytest.approx(ranks.corr().iloc[0, 1])
    assert page.drivers_title(page.drivers(learning)) == (
        "The prediction goes most with days since last purchase"
    )
    assert "M learned from 600 customers at three dates before" in page.how(learning)


def test_a_model_that_is_not_used_has_no_drivers():
    scheme = market(recent_return=False)
    assert scheme.method.quality_["customers"] == 600  # it was fitted, and found no better
    assert page.drivers(scheme).empty
    assert "sorts by what customers spent: among customers" in page.answer([scheme])[-1]
