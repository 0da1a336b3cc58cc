"""The page of the five kinds, on customers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest
import small

from segment.pages import five_kinds as page
from segment.run.scheme import Scheme
from segment.tiering import FiveKinds

# Ten large customers, thirty small ones of whom ten grow, five dormant ones.
CUSTOMERS = pd.DataFrame(
    {
        "monetary_total": [*range(1000, 1010), *range(10, 40), 2000, 1, 2, 3, 4],
        "growth": [0.0] * 10 + [0.5] * 10 + [-0.5] * 20 + [0.0] * 5,
        "order_days": [10] * 35 + [1] * 5 + [10] * 5,
        "days_since_first": [100] * 40 + [1000] * 5,
        "days_since_last": [5] * 40 + [900] * 5,
        "satisfaction": [1.0] * 6 + [5.0] * 4 + [np.nan] * 35,
    }
)
VALUE = [100] * 10 + [20] * 10 + [10] * 15 + [2] * 5 + [0] * 5


def kinds_of(customers=CUSTOMERS, **parameters) -> Scheme:
    return small.scheme(FiveKinds(key_share=0.25, **parameters), customers, VALUE)


def test_kinds_by_hand():
    kinds = page.kinds(kinds_of()).set_index("kind")
    assert kinds["customers"].to_dict() == {
        "key": 10, "potential": 10, "ordinary": 20, "marginal": 0, "dormant": 5,
    }  # fmt: skip
    key = kinds.loc["key"]
    whole = CUSTOMERS["monetary_total"].sum()
    assert key["unhappy"] == 6
    assert key["total_share"] == pytest.approx(10045 / whole)
    assert kinds["total_share"].sum() == pytest.approx(1)


def test_the_page_says_who_needs_the_first_visits():
    first, _skill, calls, unknown, untold = page.answer([kinds_of()])
    assert first.startswith("**The 10 customers of *key* (22%) brought 74% of what ")
    assert calls == "Known to be unhappy: 6 of the key customers. Visit them first."
    assert "of the customers: satisfaction 22%" in unknown
    assert "cannot tell *fan* (no value in 'referrals')" in untold


def test_few_unhappy_customers_are_not_counted_out():
    some = CUSTOMERS.assign(satisfaction=[1.0] * 2 + [5.0] * 43)
    assert "under 5 of the key customers" in page.unhappy_keys(kinds_of(some))
    happy = kinds_of(CUSTOMERS.assign(satisfaction=5.0))
    nobody_asked = kinds_of(CUSTOMERS.drop(columns="satisfaction"))
    assert page.unhappy_keys(happy) == page.unhappy_keys(nobody_asked) == ""


def test_where_nobody_is_key_the_page_says_so():
    alike = kinds_of(CUSTOMERS.assign(monetary_total=7))
    assert page.brought(alike) == "**Fewer than five customers are *key*.**"
