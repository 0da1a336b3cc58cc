"""Lifecycle stages on customers that can be checked by hand."""

import datetime as dt

import pandas as pd
import pytest

from segment.tiering import Lifecycle
from segment.tiering.lifecycle import prospect_stages
from segment.tiering.rhythm import mean_gap

# Mean gaps of the three who bought more than once: 10, 30 and 100 days, so 30 is typical.
CUSTOMERS = pd.DataFrame(
    [
        ("weekly, late", 11, 160, 60),
        ("monthly, on time", 4, 150, 60),
        ("seldom, on time", 2, 160, 60),
        ("once, just now", 1, 20, 20),
        ("once, a while ago", 1, 100, 100),
        ("once, long ago", 1, 250, 250),
    ],
    columns=["name", "order_days", "days_since_first", "days_since_last"],
).set_index("name")


def test_lateness_counts_the_customers_own_gaps():
    method = Lifecycle().fit(CUSTOMERS)
    assert method.typical_gap_ == 30
    assert mean_gap(CUSTOMERS).fillna(0).tolist() == [10, 30, 100, 0, 0, 0]
    # 60 days against (30 + 100) / 11, (30 + 90) / 4 and (30 + 100) / 2; then 30 alone.
    expected = [60 * 11 / 130, 60 * 4 / 120, 60 * 2 / 130, 20 / 30, 100 / 30, 250 / 30]
    assert method.lateness(CUSTOMERS).tolist() == pytest.approx(expected)


def test_the_same_silence_means_different_stages():
    stages = Lifecycle().fit(CUSTOMERS).labels_
    assert stages.tolist() == ["dormant", "active", "active", "new", "at risk", "lost"]
    assert list(stages.cat.categories) == ["active", "new", "at risk", "dormant", "lost"]


def test_nobody_with_a_rhythm():
    once = CUSTOMERS.query("order_days == 1")
    assert Lifecycle().fit(once).typical_gap_ == 100


def test_every_stage_has_a_rule_and_a_note():
    fitted = Lifecycle(names=["签约", "新", "风险", "僵尸客户", "失效"]).fit(CUSTOMERS)
    assert fitted.rules()["tier"].tolist() == ["签约", "新", "风险", "僵尸客户", "失效"]
    assert fitted.notes().index.equals(pd.Index(fitted.tiers_, name="tier"))
    assert fitted.notes().notna().all(axis=None)


def test_a_contact_counts_only_before_the_cut():
    met = pd.Series(pd.to_datetime(["2024-06-30", "2024-07-01", None]), index=["a", "b", "c"])
    stages = prospect_stages(met, dt.date(2024, 7, 1), ["潜在", "热点"])
    assert stages.to_dict() == {"a": "热点", "b": "潜在", "c": "潜在"}
    assert list(stages.cat.categories) == ["热点", "潜在"]
    assert prospect_stages(met[:0], dt.date(2024, 7, 1)).empty
