"""The five kinds on customers that can be checked by hand, and their page."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.tiering import FiveKinds
from segment.tiering.contract import tiers_by_sql
from segment.tiering.five_kinds import KINDS, REASONS

# All bought on ten days in 100 days, so a usual gap is about 10 days; nobody is late
# but the last, who has been silent for 900.
CUSTOMERS = pd.DataFrame(
    [
        ("large", 900, 0.0, 0, 5, 0),
        ("large, unhappy", 800, 0.0, 0, 1, 4),
        ("small, growing", 50, 0.5, 3, 4, 0),
        ("small, growing, unhappy", 45, 0.5, 3, 2, 0),
        ("small, complains", 40, 0.0, 5, np.nan, 2),
        ("small, recommends", 30, 0.1, 1, 3, 1),
        ("small, nobody asked", 20, -0.4, np.nan, np.nan, np.nan),
        ("small", 10, 0.0, 0, 3, 1),
        ("large once, silent since", 999, 0.5, 9, 1, 9),
    ],
    columns=["name", "monetary_total", "growth", "referrals", "satisfaction", "complaints"],
).set_index("name")
CUSTOMERS = CUSTOMERS.assign(order_days=10, days_since_first=100, days_since_last=5)
CUSTOMERS.loc["large once, silent since", ["days_since_first", "days_since_last"]] = [1000, 900]
BY_HAND = ["key", "key", "potential", "marginal", "marginal", "fan", *["ordinary"] * 2, "dormant"]


def some(n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Customers of all kinds, with gaps in what is known of them."""
    rng = np.random.default_rng(seed)
    last, days = rng.integers(0, 300, n), rng.geometric(0.3, n)
    return pd.DataFrame(
        {
            "monetary_total": rng.lognormal(3, 1, n).round(2),
            "growth": rng.choice([-1, -0.2, 0, 0.2, 1], n),
            "order_days": days,
            "days_since_last": last,
            "days_since_first": last + rng.integers(0, 30, n) * (days > 1),
            "referrals": rng.choice([0, 1, 2, np.nan], n),
            "satisfaction": rng.choice([1, 2, 3, 4, np.nan], n),
            "complaints": rng.choice([0, 1, 2, np.nan], n),
        }
    )


def test_every_kind_by_hand_and_in_order_of_precedence():
    fitted = FiveKinds(key_share=0.25).fit(CUSTOMERS)
    assert fitted.labels_.tolist() == BY_HAND
    assert list(fitted.labels_.cat.categories) == list(KINDS)
    # The largest quarter of the eight who are not dormant.
    assert fitted.key_limit_ == 800
    assert tiers_by_sql(fitted, CUSTOMERS) == BY_HAND
    assert fitted.untold_ == {}
    unhappy = fitted.unhappy(CUSTOMERS) & (fitted.labels_ == "key")
    assert CUSTOMERS.index[unhappy].tolist() == ["large, unhappy"]
    assert fitted.known_ == pytest.approx(
        {"referrals": 8 / 9, "satisfaction": 7 / 9, "complaints": 8 / 9}
    )


def test_missing_satisfaction_never_counts_as_unhappy():
    customers = some()
    fitted = FiveKinds().fit(customers)
    unknown = customers[customers["satisfaction"].isna() & ~(customers["complaints"] >= 2)]
    assert len(unknown) > 20
    assert not fitted.unhappy(unknown).any()
    assert not (fitted.predict(unknown) == "marginal").any()
    assert not (fitted.predict(customers[customers["referrals"].isna()]) == "fan").any()


def test_what_the_data_cannot_tell_is_said_and_is_no_tier():
    fitted = FiveKinds().fit(CUSTOMERS.drop(columns=list(REASONS)))
    assert fitted.tiers_ == ("key", "potential", "ordinary", "dormant")
    assert fitted.untold_ == {
        "fan": "no value in 'referrals'",
        "marginal": "no value in 'satisfaction' and no value in 'complaints'",
    }
    assert not fitted.unhappy(CUSTOMERS).any()
    assert fitted.rules()["tier"].tolist() == fitted.notes().index.tolist() == [*fitted.tiers_]
    assert not fitted.rules()["rule"].str.contains("marginal|fan").any()
    # One of satisfaction and complaints is enough.
    some_known = FiveKinds(key_share=0.25).fit(CUSTOMERS.drop(columns="complaints"))
    assert some_known.labels_["small, growing, unhappy"] == "marginal"
    assert some_known.labels_["small, complains"] == "fan"
    # One purchase shows no growth.
    once = CUSTOMERS.assign(order_days=1, growth=1.0, referrals=0, satisfaction=5, complaints=0)
    assert "potential" not in set(FiveKinds().fit(once).labels_)
    assert "potential" in set(FiveKinds(purchases_least=1).fit(once).labels_)


def test_a_column_without_any_value_tells_nothing():
    empty = CUSTOMERS.assign(referrals=np.nan, satisfaction=np.nan)
    fitted = FiveKinds().fit(empty)
    assert fitted.untold_ == {"fan": "no value in 'referrals'"}
    assert tiers_by_sql(fitted, CUSTOMERS) == fitted.predict(CUSTOMERS).tolist()
    # Filled in later, they change nothing: the limits were learned without them.
    assert fitted.predict(CUSTOMERS).tolist() == fitted.labels_.tolist()


def test_dormant_by_own_rhythm_or_by_days():
    frame = CUSTOMERS[:3].assign(days_since_last=[50, 80, 80], order_days=[10, 10, 1])
    frame["days_since_first"] = [950, 170, 80]
    # Mean gaps of 100 and 10 days, so 55 is typical: the first has waited half a gap,
    # the second 80 * 10 / (55 + 90) = 5.5 of its own, and the third is new.
    fitted = FiveKinds().fit(frame)
    assert fitted.typical_gap_ == 55
    assert (fitted.labels_ == "dormant").tolist() == [False, True, False]
    assert (FiveKinds(dormant_after=6).fit(frame).labels_ == "dormant").sum() == 0
    by_days = FiveKinds(dormant_days=79).fit(frame.drop(columns="days_since_first"))
    assert (by_days.labels_ == "dormant").tolist() == [False, True, True]
    assert (by_days.set_params(dormant_days=80).fit(frame).labels_ == "dormant").sum() == 0


def test_nobody_is_key_where_all_are_dormant_or_alike():
    silent = CUSTOMERS.assign(days_since_last=900, days_since_first=1000)
    alike = CUSTOMERS[:8].assign(monetary_total=7)
    for customers, kinds in ((silent, {"dormant"}), (alike, set(KINDS) - {"key", "dormant"})):
        fitted = FiveKinds().fit(customers)
        assert set(fitted.labels_) == kinds
        assert fitted.rules().set_index("tier")["rule"]["key"] == "nobody"
        assert tiers_by_sql(fitted, customers) == fitted.labels_.tolist()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sets(st.sampled_from(REASONS)), st.sampled_from([None, 90]))
def test_sql_gives_the_same_kinds_with_missing_values(seed, unknown, days):
    customers = some(60, seed).drop(columns=list(unknown))
    fitted = FiveKinds(dormant_days=days, names=["重点", "it's", "c", "d", "e", "f"]).fit(customers)
    later = some(60, seed + 1)
    assert tiers_by_sql(fitted, customers) == fitted.labels_.tolist()
    assert tiers_by_sql(fitted, later) == fitted.predict(later).tolist()
    assert set(fitted.untold_).isdisjoint(fitted.tiers_)
    assert len(fitted.rules()) == len(fitted.tiers_) == 6 - len(fitted.untold_)
