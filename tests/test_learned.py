import datetime as dt
from pathlib import Path
from unittest import mock

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from segment.errors import StudyError
from segment.evidence import backtest
from segment.features import customers as features
from segment.tiering import learned
from segment.tiering.abc_analysis import ABC
from segment.tiering.learned import READ, Learned, _gini, significant

CDNOW = Path(__file__).parents[1] / "data" / "cdnow.parquet"
PAST = [f"past_{name}" for name in READ]
INNER, END, LATER = 240, 360, 480  # days


def snapshot(days: list[np.ndarray], money: list[np.ndarray], end: int) -> pd.DataFrame:
    """Features of simulated customers as of a day; missing without a purchase before it."""
    rows = []
    for when, paid in zip(days, money, strict=True):
        seen = when < end
        first, last = (when[seen].min(), when[seen].max()) if seen.any() else (np.nan, np.nan)
        bought = seen.sum() if seen.any() else np.nan
        total = round(paid[seen].sum(), 2) if seen.any() else np.nan
        rows.append((total, bought, end - 1 - last, end - 1 - first))
    return pd.DataFrame(rows, columns=list(READ))


def world(n: int, seed: int, leaves: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers with own rates and sizes who leave with a chance after each purchase."""
    rng = np.random.default_rng(seed)
    days, money = [], []
    for rate, size in zip(rng.gamma(0.8, 0.05, n), rng.lognormal(3, 0.5, n), strict=True):
        when = rng.integers(0, INNER // 2, 1)
        gaps = rng.exponential(1 / rate, 200) if rate > 0 else np.array([1e9])
        stays = np.cumprod(rng.random(200) >= leaves)[: len(gaps)] > 0
        when = np.unique(np.r_[when, (when + np.cumsum(gaps))[stays].round()])
        days.append(when)
        money.append(np.round(size * rng.lognormal(0, 0.3, len(when)), 2))
    customers = snapshot(days, money, END).join(snapshot(days, money, INNER).add_prefix("past_"))

    def brought(start: int, end: int) -> np.ndarray:
        inside = [(when >= start) & (when < end) for when in days]
        return np.array([paid[i].sum() for paid, i in zip(money, inside, strict=True)])

    value = brought(END, LATER)
    outcome = pd.DataFrame({"value": value, "active": value > 0})
    index = pd.Index([f"c{i:05}" for i in range(n)], name="customer_id")
    customers = customers.assign(next_value=brought(INNER, END))
    return customers.set_axis(index), outcome.set_axis(index)


@pytest.fixture(scope="module")
def leaving() -> tuple[pd.DataFrame, pd.DataFrame]:
    return world(1500, 1, leaves=0.25)


def skill(fitted: Learned, customers: pd.DataFrame, outcome: pd.DataFrame) -> pd.Series:
    found = backtest.judge({"learned": fitted.labels_}, customers, outcome, replicates=200)
    return found.figures.loc["learned"]


def test_it_beats_the_revenue_sort_where_customers_leave(leaving):
    customers, outcome = leaving
    fitted = Learned().fit(customers)
    assert fitted.fallback_ == ""
    assert fitted.quality_["difference"] > 2 * fitted.quality_["standard_error"]
    assert skill(fitted, customers, outcome)["skill_low"] > 0


def test_it_does_no_harm_where_past_revenue_says_it_all():
    worse = 0
    for seed in range(10):
        customers, outcome = world(200, seed, leaves=0)
        worse += skill(Learned().fit(customers), customers, outcome)["skill_high"] < -1e-9
    assert worse <= 1  # by chance one in forty


def test_cdnow_is_separably_better_than_the_revenue_sort():
    day = dt.date
    windows = {
        "calibration": (day(1997, 1, 1), day(1997, 10, 1)),
        "calibration.past": (day(1997, 1, 1), day(1997, 7, 2)),
        "calibration.next": (day(1997, 7, 2), day(1997, 10, 1)),
        "holdout": (day(1997, 10, 1), day(1998, 7, 1)),
    }
    transactions = ibis.duckdb.connect().read_parquet(CDNOW)
    wide = features.compute(transactions, windows)
    customers = features.at(wide, "calibration")
    fitted = Learned().fit(customers)
    found = skill(fitted, customers, features.outcome(wide, customers.index))
    assert fitted.fallback_ == ""
    assert found["skill_low"] > 0.02
    assert fitted.importance_["feature"].head(2).tolist() == ["monetary_total", "days_since_last"]


def test_a_prediction_hangs_on_the_customers_own_features_alone(leaving):
    customers = leaving[0]
    fitted = Learned().fit(customers)
    assert fitted.predict(customers[list(READ)]).equals(fitted.labels_)
    assert fitted.complexity == (4, 4)
    # The tiers have the asked sizes and follow it; so do the rules.
    sizes = fitted.labels_.value_counts(normalize=True, sort=False)
    assert sizes.tolist() == pytest.approx([0.05, 0.15, 0.3, 0.5], abs=0.01)
    lowest = fitted.predicted(customers).groupby(fitted.labels_, observed=True).min()
    assert lowest.iloc[:3].tolist() == fitted.limits_.tolist()
    rules = fitted.rules().set_index("tier")["rule"]
    assert rules["A"].startswith("predicted value at least ")
    assert rules["D"] == "everyone else"
    # Predictions add up to what was brought.
    known = customers[customers["past_order_days"].notna()]
    then = known[PAST].rename(columns=lambda name: name.removeprefix("past_"))
    assert fitted.predicted(then).sum() == pytest.approx(known["next_value"].sum(), rel=1e-4)
    predicted = fitted.predicted(pd.concat([customers, customers.iloc[::-1]]))
    assert predicted.groupby(level=0).nunique().eq(1).all()
    alone = pd.concat([fitted.predicted(customers.iloc[[i]]) for i in range(5)])
    assert_series_equal(alone, predicted.iloc[:5])


def test_customers_unknown_at_the_inner_cut_teach_nothing(leaving):
    customers = leaving[0].head(700).copy()
    customers.iloc[:50, customers.columns.get_indexer(PAST)] = np.nan
    other = customers.assign(next_value=customers["next_value"].where(np.arange(700) >= 50, 1e6))
    known = customers["past_order_days"].notna().sum()
    assert_series_equal(Learned().fit(customers).labels_, Learned().fit(other).labels_)
    assert Learned().fit(customers).quality_["customers"] == known


def test_the_currency_is_irrelevant(leaving):
    customers = leaving[0]
    yuan = customers.copy()
    yuan[["monetary_total", "past_monetary_total", "next_value"]] *= 7.25
    ratio = Learned().fit(yuan).predicted(yuan) / Learned().fit(customers).predicted(customers)
    assert np.allclose(ratio, 7.25, rtol=1e-4)


ALIKE = {"monetary_total": 9.0, "order_days": 2, "days_since_last": 3, "days_since_first": 8}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (dict.fromkeys(PAST, np.nan), "0 customers who had bought"),
        ({"next_value": 0.0}, "0 customers who had bought"),
        ({"next_value": 5.0}, "every customer brought the same"),
        ({"past_monetary_total": 0.0}, "no customer had brought anything"),
        ({f"past_{name}": value for name, value in ALIKE.items()}, "alike"),
    ],
)
def test_it_falls_back_to_past_revenue_and_says_why(leaving, change, reason):
    customers = leaving[0].assign(**change)
    fitted = Learned().fit(customers)
    assert reason in fitted.fallback_
    assert fitted.orders_by_revenue
    assert fitted.quality_ == {} and fitted.importance_.empty
    by_revenue = ABC(cut="customers", limits=[0.05, 0.20, 0.50]).fit(customers).labels_
    assert fitted.labels_.astype(str).tolist() == by_revenue.astype(str).tolist()
    assert fitted.rules()["rule"].iloc[0].startswith("total spent at least")


def test_it_falls_back_where_the_model_adds_nothing(leaving):
    customers = leaving[0].head(400)
    rng = np.random.default_rng(5)
    proportional = customers["past_monetary_total"].fillna(0) * rng.lognormal(0, 1, 400)
    fitted = Learned().fit(customers.assign(next_value=proportional))
    assert "no better than past value" in fitted.fallback_
    assert fitted.orders_by_revenue
    assert fitted.quality_["customers"] > 300
    assert len(fitted.importance_) == len(READ)


def test_margin_is_the_past_value_where_the_data_have_it(leaving):
    customers = leaving[0].copy()
    rate = np.random.default_rng(2).uniform(-0.1, 0.5, len(customers))
    customers["margin_total"] = customers["monetary_total"] * rate
    with pytest.raises(StudyError, match="needs both 'margin_total' and 'past_margin_total'"):
        Learned().fit(customers)
    customers["past_margin_total"] = customers["past_monetary_total"] * rate
    customers["next_value"] = (customers["next_value"] * rate).clip(lower=0)
    fitted = Learned().fit(customers)
    assert fitted.fallback_ == ""
    assert fitted.importance_["feature"].iloc[0] == "margin_total"
    nothing = Learned().fit(customers.assign(next_value=0.0))
    assert nothing.fallback_ and not nothing.orders_by_revenue
    assert nothing.predicted(customers).equals(customers["margin_total"].rename("predicted"))


@pytest.mark.parametrize("column", [*READ, "next_value"])
def test_gaps_are_for_the_past_alone(leaving, column):
    customers = leaving[0].copy()
    customers.iloc[0, customers.columns.get_loc(column)] = np.nan
    with pytest.raises(StudyError, match=f"'{column}' is missing or infinite for 1 of"):
        Learned().fit(customers)


def test_gini_by_hand():
    value = np.array([6.0, 3.0, 1.0, 0.0])
    assert _gini(value, value) == 1
    assert _gini(-value, value) == -1
    assert _gini(np.ones(4), value) == 0
    assert _gini(value, np.ones(4)) == 0
    # Mid-ranks 7/8, 5/8, 3/8, 1/8: perfect (6*7 + 3*5 + 1*3)/8 = 7.5, swapped 6.75, random 5.
    assert _gini(np.array([3.0, 4.0, 2.0, 1.0]), value) == pytest.approx(1.75 / 2.5)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=20))
def test_significant_digits_keep_order_and_value(scores):
    scores = np.sort(np.array(scores))
    found = significant(scores)
    assert np.allclose(found, scores, rtol=1e-5)
    assert (np.diff(found) >= 0).all()
    assert [float(f"{score:.5e}") for score in found] == pytest.approx(found.tolist(), rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 5)] * 4, st.integers(-2, 6)), min_size=1, max_size=80),
    st.integers(0, 40),
)
def test_any_small_frame_gets_tiers(rows, unknown):
    days, last, gap, brought, money = np.array(rows, dtype=float).T
    now = dict(zip(READ, (money, days + 1, last, last + gap), strict=True))
    customers = pd.DataFrame(now).join(pd.DataFrame(now).add_prefix("past_"))
    customers = customers.assign(next_value=brought)
    customers.loc[customers.index[:unknown], PAST] = np.nan
    with mock.patch.object(learned, "LEAST_CUSTOMERS", 5):
        tiers = Learned().fit(customers).labels_
        backwards = Learned().fit(customers[::-1]).labels_
    assert tiers.notna().all()
    assert tiers.groupby([customers[name] for name in READ]).nunique().eq(1).all()
    assert backwards[::-1].tolist() == tiers.tolist()
