"""What one customer may bring: by hand, on known markets, and without a look at the holdout."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shop

from segment.evidence import expected
from segment.evidence.origins import Origin
from segment.pages import recommendation as page
from segment.run import prepare
from segment.study import read
from segment.tiering import ABC


def world(n: int, rng: np.random.Generator, days: int = 100) -> tuple:
    """Customers whose two periods are alike: the inner one half as long as the holdout."""
    size = rng.lognormal(3, 1, n)
    customers = pd.DataFrame({"monetary_total": size, "order_days": 1.0, "days_since_last": 1})
    value = [size * rng.lognormal(0, 0.5, n) * (rng.random(n) < 0.7) for _period in range(2)]
    frames = [pd.DataFrame({"value": v, "net": v, "active": v > 0}) for v in value]
    start = dt.date(2024, 1, 1)
    inner = Origin(start, start + dt.timedelta(days), customers, frames[0])
    method = ABC(cut="customers", limits=[0.2, 0.5]).fit(customers)
    return method, inner, frames[1]


def test_a_range_holds_four_fifths_where_the_future_is_as_the_past():
    held = []
    for seed in range(30):
        method, inner, later = world(600, np.random.default_rng(seed))
        table = expected.ranges(method, inner, later["net"], later["active"], 100)
        held.append(table["held_range"])
    held = pd.concat(held)
    # Rounding outwards and the rank that is added hold a little more.
    assert 0.80 <= held.mean() <= 0.86, held.mean()


def test_the_ends_are_ranks_scaled_and_rounded_outwards():
    method, inner, later = world(100, np.random.default_rng(1))
    tiers = method.labels_
    table = expected.ranges(method, inner, later["net"], later["active"], 200).set_index("tier")
    for tier in ("B", "C"):
        value = 2 * np.sort(inner.outcome.loc[tiers == tier, "value"].to_numpy())
        low = value[int(0.1 * (len(value) + 1)) - 1]
        assert low == 0  # three of ten bring nothing, so the range ends at the .8 th
        high = value[int(np.ceil(0.8 * (len(value) + 1)))]
        assert table.loc[tier, "may_low"] <= low and table.loc[tier, "may_high"] >= high
        assert table.loc[tier, "may_high"] == pytest.approx(high, rel=0.1)
        row = table.loc[tier]
        inside = later.loc[tiers == tier, "net"].between(row["may_low"], row["may_high"])
        assert row["held_range"] == inside.mean() and row["customers"] == len(value)
        assert row["buys"] == inner.outcome.loc[tiers == tier, "active"].mean()


def test_a_tier_of_few_has_no_range():
    method, inner, later = world(60, np.random.default_rng(1))
    table = expected.ranges(method, inner, later["net"], later["active"], 100)
    assert np.isnan(table.loc[0, "may"]) and table.loc[0, "customers"] == 12
    assert table.loc[2, "may_high"] > 0


def test_nothing_of_the_holdout_moves_the_range(tmp_path):
    rows = shop.rows()
    found = []
    for factor in (1, 50):
        later = rows["day"] >= "2023-09-01"
        changed = rows.assign(paid=rows["paid"].where(~later, (factor * rows["paid"]).round(2)))
        run = prepare(read(shop.write(tmp_path, changed)))
        scheme = run.scheme("ABC 80/95")
        found.append(page.expected(run, scheme))
        assert "may bring €" in page.may_bring(run, scheme)
    seen = ["tier", "customers", "buys", "may", "may_low", "may_high"]
    pd.testing.assert_frame_equal(found[0][seen], found[1][seen])
    assert (found[0]["held_range"] > found[1]["held_range"]).any()
    assert len(found[0]) >= 2
    inner, holdout = run.windows.inner["inner.holdout"], run.windows.named["holdout"]
    assert inner[1] == holdout[0] and inner[1] - inner[0] <= holdout[1] - holdout[0]
