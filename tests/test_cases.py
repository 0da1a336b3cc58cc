"""Files as people have them: right, or asked in one sentence."""

import cases
import pytest

ROWS = cases.purchases()
TOTAL = round(ROWS["amount"].sum(), 2)


def test_the_purchases_as_they_stand_are_right(tmp_path):
    found = cases.through(tmp_path, ROWS)
    assert (found.rows, found.customers) == (200, ROWS["customer"].nunique())
    assert found.amount == pytest.approx(TOTAL)
    assert found.findings == {}
