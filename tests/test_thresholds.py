"""Fixed thresholds: limits by hand, grace, balances that are missing, rules and SQL."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import Thresholds
from segment.tiering.contract import tiers_by_sql

MEMBERS = {"gold": 5000, "silver": 1000}
BANK = {"私银": 8_000_000, "卓然": 1_000_000, "悠然": 300_000, "欣然": 50_000}
YEAR, BALANCE = "monetary_year", "balance_month_mean"


def spent(*now, **ago) -> pd.DataFrame:
    columns = {YEAR: now} | {f"{YEAR}_{month}": values for month, values in ago.items()}
    return pd.DataFrame(columns, dtype="float64")


def tiers(method, customers) -> list[str]:
    """The tiers, which SQL gives too."""
    labels = method.fit(customers).labels_.astype(str).tolist()
    assert tiers_by_sql(method, customers) == labels
    return labels


def test_a_value_at_the_limit_belongs_to_the_tier():
    method = Thresholds(tiers=MEMBERS)
    customers = spent(5000, 4999.99, 1000, np.nextafter(1000, 0), 0, -20)
    assert tiers(method, customers) == ["gold", "silver", "silver", *["ordinary"] * 3]
    # Limits are not learned.
    assert method.fit(spent(1, 2, 3)).predict(spent(7000, 1000)).tolist() == ["gold", "silver"]
    assert method.limits_.tolist() == [5000, 1000]


def test_grace_keeps_the_best_tier_of_the_last_months():
    customers = spent(
        #  gold  fell  fell long ago  rose  new   never
        *[6000, 1200, 1200, 5000, 1000, 10],
        ago_1=[6000, 5000, 1200, 10, np.nan, 20],
        ago_2=[6000, 6000, 1200, 10, np.nan, 30],
        ago_3=[6000, 6000, 9999, 10, np.nan, 40],
    )
    two = Thresholds(tiers=MEMBERS, grace=2)
    assert two.columns == (YEAR, "monetary_year_ago_1", "monetary_year_ago_2")
    assert tiers(two, customers) == ["gold", "gold", "silver", "gold", "silver", "ordinary"]
    assert two.kept_.to_dict("index") == {1: {"earned": "silver", "tier": "gold"}}
    three = Thresholds(tiers=MEMBERS, grace=3)
    assert tiers(three, customers)[2] == "gold"
    assert three.kept_.index.tolist() == [1, 2]
    assert Thresholds(tiers=MEMBERS).fit(customers).kept_.empty


def test_customers_without_a_balance_are_in_the_rest():
    balance = [8_000_000, 999_999.99, np.nan, -3, np.nan]
    customers = pd.DataFrame({BALANCE: balance, f"{BALANCE}_ago_1": [np.nan, 1e6, 1e6, 1, np.nan]})
    now = Thresholds(BALANCE, BANK, rest="普通")
    assert tiers(now, customers) == ["私银", "悠然", "普通", "普通", "普通"]
    kept = Thresholds(BALANCE, BANK, rest="普通", grace=1)
    assert tiers(kept, customers) == ["私银", "卓然", "卓然", "普通", "普通"]
    assert kept.kept_["earned"].tolist() == ["悠然", "普通"]


def test_only_a_balance_and_earlier_months_may_be_missing():
    gap = spent(1, 2, ago_1=[1, np.nan])
    Thresholds(grace=1).fit(gap)
    with pytest.raises(StudyError, match="'monetary_year' is missing or infinite for 1 of 2"):
        Thresholds(grace=1).fit(gap.assign(monetary_year=[1, np.nan]))
    with pytest.raises(StudyError, match="'monetary_year_ago_1' is missing or infinite for 1"):
        Thresholds(grace=1).fit(gap.assign(monetary_year_ago_1=[np.inf, 1]))
    with pytest.raises(StudyError, match="needs the column 'monetary_year_ago_2'"):
        Thresholds(grace=2).fit(gap)


def test_rules_are_the_limits_in_words():
    rules = Thresholds(tiers={"gold": 5000.5, "silver": 1000}).fit(spent(1)).rules()
    assert rules["rule"].tolist() == [
        "spent in the last year at least 5,000.50",
        "spent in the last year at least 1,000",
        "everyone else",
    ]
    one = Thresholds(tiers={"gold": 5000}, grace=1).fit(spent(1, ago_1=[2]))
    assert (
        one.rules()["rule"][0]
        == "spent in the last year at least 5,000, now or as of 1 month before"
    )
    three = Thresholds(BALANCE, {"欣然": 50_000}, grace=3)
    three.fit(pd.DataFrame({column: [1.0] for column in three.columns}))
    assert three.rules()["rule"].tolist() == [
        "mean balance of the last full month at least 50,000, now or as of 1 to 3 months before",
        "everyone else, also without mean balance of the last full month",
    ]


money = st.none() | st.sampled_from([0, 49.99, 50, 99.99, 100, 100.01]) | st.floats(-200, 400)


@given(st.lists(st.tuples(money, money, money), min_size=1, max_size=20))
@settings(max_examples=15, deadline=None)
def test_grace_never_lowers_a_tier_and_sql_agrees(rows):
    columns = [BALANCE, f"{BALANCE}_ago_1", f"{BALANCE}_ago_2"]
    customers = pd.DataFrame(rows, columns=columns).astype("float64")
    codes = []
    for grace in (0, 1, 2):
        method = Thresholds(BALANCE, {"a": 100, "b's": 49.99, "c": 0}, grace=grace)
        assert tiers(method, customers)
        months = [clone(method).set_params(by=c, grace=0) for c in columns[: grace + 1]]
        best = np.min([month.fit(customers).labels_.cat.codes for month in months], axis=0)
        assert method.labels_.cat.codes.tolist() == best.tolist()
        codes.append(method.labels_.cat.codes)
        assert method.kept_.index.tolist() == customers.index[codes[-1] < codes[0]].tolist()
        assert method.kept_["tier"].tolist() == method.labels_[method.kept_.index].tolist()
    assert (codes[1] <= codes[0]).all()
    assert (codes[2] <= codes[1]).all()


HOTEL = {"black": [20, 30_000], "platinum": [8, 10_000]}
GUESTS = pd.DataFrame(
    {"order_days": [20, 25, 19, 8, 7, 30, 1], YEAR: [30_000, 29_999, 50_000, 0, 12_000, 5, 9]},
    dtype="float64",
)


def test_two_limits_that_must_hold_both_or_either():
    columns = ["order_days", YEAR]
    both, either = (Thresholds({joint: columns}, HOTEL, "loyal") for joint in ("all", "any"))
    assert tiers(both, GUESTS) == [
        *("black", "platinum", "platinum", "loyal", "loyal", "loyal", "loyal"),
    ]  # fmt: skip
    assert tiers(either, GUESTS) == [
        *("black", "black", "black", "platinum", "platinum", "black", "loyal"),
    ]  # fmt: skip
    assert both.columns == ("order_days", YEAR) and both.orders_by == ""
    said = "purchase days at least 20 {} spent in the last year at least 30,000"
    assert both.rules()["rule"][0] == said.format("and")
    assert either.rules()["rule"][0] == said.format("or")
