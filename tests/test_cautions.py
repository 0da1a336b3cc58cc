"""Each caution is printed where it applies and only there."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from segment.evidence import cautions as ca

START, CUT, END = dt.date(2022, 1, 1), dt.date(2023, 7, 1), dt.date(2024, 7, 1)
LENGTH = (CUT - START).days


def months(amounts: list[float], first: str = "2022-01-01") -> pd.DataFrame:
    return pd.DataFrame({"month": pd.date_range(first, periods=len(amounts), freq="MS"),
                         "amount": amounts})  # fmt: skip


def clean(n: int = 400, **changes) -> SimpleNamespace:
    """A study with nothing to bear in mind: new customers come evenly, half buy again."""
    since_first = np.linspace(LENGTH - 1, 0, n).astype(int)
    customers = pd.DataFrame(
        {"monetary_total": np.linspace(1, 2, n), "order_days": 3,
         "days_since_first": since_first, "days_since_last": np.maximum(since_first - 60, 0)}
    )  # fmt: skip
    active = np.arange(n) % 2 == 0
    outcome = pd.DataFrame({"value": np.where(active, 10.0, 0.0), "active": active})
    tiers = pd.Categorical(np.where(np.arange(n) % 3, "B", "A"), ["A", "B"], ordered=True)
    gini = pd.DataFrame({"gini": [0.6], "gini_without_largest": [0.599]}, index=["x"])
    parts = {
        "study": SimpleNamespace(currency="EUR", backtest=SimpleNamespace(margin=0.02)),
        "periods": SimpleNamespace(start=START, cut=CUT, end=END),
        "facts": {"first": START, "last": END - dt.timedelta(days=1)},
        "timeline": months([100.0] * 30),
        "customers": customers, "outcome": outcome,
        "methods": {"x": SimpleNamespace(labels_=pd.Series(tiers, index=customers.index))},
        "backtest": SimpleNamespace(figures=gini),
    }  # fmt: skip
    return SimpleNamespace(**(parts | changes))


def found(a: SimpleNamespace) -> dict:
    frame = ca.cautions(a, "x")
    assert list(frame) == ca.COLUMNS
    return {row["caution"]: row for _, row in frame.iterrows()}


def test_a_clean_study_has_none():
    assert found(clean()) == {}


def test_one_customer_who_brings_a_tenth_or_moves_the_figure():
    big = clean()
    big.outcome.loc[0, "value"] = 3_000.0
    row = found(big)["One customer weighs heavily"]
    assert row["value"] == pytest.approx(3_000 / 4_990)
    assert (
        "the largest 60% of everything after it; without the latter x reaches 0.60"
        in (row["figure"])
    )
    assert row["weight"] == "warning"
    moved = clean()
    moved.backtest.figures["gini_without_largest"] = 0.57
    row = found(moved)["One customer weighs heavily"]
    assert (row["value"], row["limit"]) == pytest.approx((0.03, 0.02))
    past = clean()
    past.customers.loc[0, "monetary_total"] = 100.0
    past.backtest.figures["gini_without_largest"] = np.nan
    assert "without the latter" not in found(past)["One customer weighs heavily"]["figure"]


def test_one_cohort_comes_evenly_and_then_nobody_does():
    since = pd.Series(LENGTH - 1 - np.arange(90).repeat(5))
    caution = ca.acquisition(since, START, CUT)
    assert caution.caution == "One cohort of customers"
    assert caution.value == pytest.approx(81 / LENGTH)
    assert caution.figure == (
        "90% of the customers first bought within 81 days, from 2022-01-01 on, though the schemes "
        "learn from 546 days"
    )


def test_a_cohort_may_also_come_late():
    late = pd.Series(np.arange(100).repeat(3))
    assert ca.acquisition(late, START, CUT).caution == "One cohort of customers"


def test_a_history_that_begins_in_the_midst_shows_in_the_first_weeks():
    # 100 old customers appear in the first 30 days, a new one every 3 days.
    first = np.concatenate([np.arange(100) % 30, np.arange(0, LENGTH, 3)])
    caution = ca.acquisition(pd.Series(LENGTH - 1 - first), START, CUT)
    assert caution.caution == "First purchases are unknown"
    share = float(caution.meaning.split("%")[0]) / 100
    assert share == pytest.approx(100 / len(first), abs=0.03)
    assert caution.weight == "note"


def test_all_on_the_first_day_are_unknown_too():
    caution = ca.acquisition(pd.Series([LENGTH - 1] * 50), START, CUT)
    assert "100% of the customers appear in the first 7 days of the data, and nobody in the" in (
        caution.figure
    )


@pytest.mark.parametrize("seed", range(5))
def test_customers_who_come_at_random_raise_no_caution(seed):
    first = np.random.default_rng(seed).integers(0, LENGTH, 300)
    assert ca.acquisition(pd.Series(LENGTH - 1 - first), START, CUT) is None


def test_a_fifth_from_before_is_about_where_the_caution_begins():
    rng = np.random.default_rng(1)
    new = rng.integers(0, LENGTH, 8_000)
    for older, expected in ((1_000, False), (3_000, True)):
        first = np.concatenate([rng.integers(0, 30, older), new])
        caution = ca.acquisition(pd.Series(LENGTH - 1 - first), START, CUT)
        assert (caution is not None) == expected


def test_a_holdout_shorter_than_the_purchase_cycle():
    customers = pd.DataFrame(
        {"order_days": [3, 3, 2, 1], "days_since_first": [300, 400, 90, 5],
         "days_since_last": [100, 0, 0, 5]}
    )  # fmt: skip
    # Gaps of 100, 200 and 90 days; who bought once has none.
    caution = ca.short_holdout(customers, 99)
    assert (caution.value, caution.limit) == (100.0, 99.0)
    assert "100 days or longer" in caution.figure
    assert ca.short_holdout(customers, 100) is None
    assert ca.short_holdout(customers[3:], 1) is None


def test_months_that_the_past_never_had():
    a = clean(periods=SimpleNamespace(start=START, cut=dt.date(2022, 10, 1), end=CUT),
              facts={"first": START, "last": CUT}, timeline=months([1.0] * 18))  # fmt: skip
    row = found(a)["The seasons differ"]
    assert (row["value"], row["weight"]) == (3.0, "warning")
    assert "has October, November and December, and the time before has none" in row["figure"]
    assert "less than two years" in row["figure"]


def test_a_holdout_of_the_busy_half_of_the_year():
    busy = [60.0] * 6 + [140.0] * 6
    args = (dt.date(2023, 7, 1), START, dt.date(2024, 1, 1))
    caution = ca.seasonality(months(busy * 2), *args)
    assert (caution.value, caution.weight) == (pytest.approx(0.4), "note")
    assert "40% more per month" in caution.figure
    assert ca.seasonality(months([100.0] * 24), *args) is None


def test_growth_is_no_season_and_a_part_of_a_month_is_no_month():
    growing = months([100 * 1.05**i for i in range(24)] + [1.0])
    index = ca.seasonal_index(growing, START, dt.date(2024, 1, 10))
    assert index.tolist() == pytest.approx([1.0] * 12)
    assert ca.seasonal_index(growing, dt.date(2022, 1, 2), dt.date(2024, 1, 10)).empty


def test_almost_everyone_and_almost_nobody():
    for share, name in ((0.95, "Almost everyone bought again"), (0.05, "Almost nobody bought")):
        caution = ca.activity(pd.Series(np.arange(100) < 100 * share))
        assert caution.caution.startswith(name)
        assert caution.figure.startswith(f"{share:.0%} of the customers")
    assert ca.activity(pd.Series(np.arange(10) < 9)) is None
    assert ca.activity(pd.Series(np.arange(10) < 1)) is None


def test_low_customers_who_are_merely_new():
    tiers = pd.Series(pd.Categorical(list("AABBBBB"), ["A", "B", "C"], ordered=True))
    days = pd.Series([10, 10, 89, 90, 300, 300, 300])
    value = pd.Series([0, 0, 7.0, 1.0, 2.0, 3.0, 2.0])
    caution = ca.newcomers(tiers, days, value, "x", "EUR")
    assert caution.value == pytest.approx(0.2)
    assert "lowest tier of x, *B*" in caution.figure
    assert "brought €7 each, its other customers €2" in caution.figure
    assert ca.newcomers(tiers, days + 1, value, "x", "EUR") is None
    assert ca.newcomers(tiers, days * 0, value, "x", "EUR") is None


def test_warnings_come_first_and_figures_can_be_saved():
    a = clean()
    a.outcome["active"] = True
    a.customers["days_since_first"] = LENGTH - 1
    frame = ca.cautions(a, "x")
    assert frame["weight"].tolist() == ["warning", "note"]
    assert all(isinstance(value, float) for value in frame["value"])
