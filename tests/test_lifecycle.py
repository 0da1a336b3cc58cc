"""Lifecycle stages on customers that can be checked by hand."""

import pandas as pd
import pytest

from segment.errors import StudyError
from segment.tiering import Lifecycle

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


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"at_risk_after": 5}, "must go up"), ({"newcomer_days": 1.5}, "'newcomer_days'"),
     ({"names": ["a"]}, "'names'")],
)  # fmt: skip
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(StudyError, match=message):
        Lifecycle(**parameters).fit(CUSTOMERS)
