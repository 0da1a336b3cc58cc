"""Learned tiers: where they help, where they fall back, and what they never look at."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from segment.evidence import backtest
from segment.features.recent import INNER_CUTS, column, past, then
from segment.tiering.forecast import significant
from segment.tiering.learned import RHYTHM, Learned
from segment.tiering.recent_spend import RecentSpend

END, LATER = 360, 480  # days
LIVES = (30.0, 60.0, 120.0, np.inf)
CUTS = {1: (180, 300), 2: (209, 329), 3: (240, 360)}  # inner cuts, and the ends of their holdouts


def snapshot(days: list[np.ndarray], money: list[np.ndarray], end: int) -> pd.DataFrame:
    """Features of simulated customers as of a day; missing without a purchase before it."""
    rows = []
    for when, paid in zip(days, money, strict=True):
        seen = when < end
        age, some = end - 1 - when[seen], seen.any()
        spent = [round((paid[seen] * 0.5 ** (age / days)).sum(), 6) for days in LIVES]
        rhythm = (seen.sum(), age.min(), age.max()) if some else [np.nan] * 3
        rows.append([*(spent if some else [np.nan] * len(LIVES)), *rhythm])
    names = [column("spend", days) for days in LIVES]
    return pd.DataFrame(rows, columns=[*names, *RHYTHM])


def world(n: int, seed: int, leaves: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers with own rates and sizes who leave with a chance after each purchase."""
    rng = np.random.default_rng(seed)
    days, money = [], []
    for rate, size in zip(rng.gamma(0.8, 0.05, n), rng.lognormal(3, 0.5, n), strict=True):
        when = rng.integers(0, 120, 1)
        gaps = rng.exponential(1 / rate, 200) if rate > 0 else np.array([1e9])
        stays = np.cumprod(rng.random(200) >= leaves)[: len(gaps)] > 0
        when = np.unique(np.r_[when, (when + np.cumsum(gaps))[stays].round()])
        days.append(when)
        money.append(np.round(size * rng.lognormal(0, 0.3, len(when)), 2))

    def brought(start: int, end: int) -> np.ndarray:
        inside = [(when >= start) & (when < end) for when in days]
        return np.array([paid[i].sum() for paid, i in zip(money, inside, strict=True)])

    customers = snapshot(days, money, END)
    for k, (cut, end) in CUTS.items():
        customers = customers.join(snapshot(days, money, cut).add_prefix(past(k, "")))
        customers[then(k)] = brought(cut, end)
    value = brought(END, LATER)
    outcome = pd.DataFrame({"value": value, "active": value > 0})
    index = pd.Index([f"c{i:05}" for i in range(n)], name="customer_id")
    return customers.set_axis(index), outcome.set_axis(index)


@pytest.fixture(scope="module")
def leaving() -> tuple[pd.DataFrame, pd.DataFrame]:
    return world(1500, 1, leaves=0.25)


@pytest.fixture(scope="module")
def fitted(leaving) -> Learned:
    return Learned().fit(leaving[0])


def skill(fitted: Learned, customers: pd.DataFrame, outcome: pd.DataFrame) -> pd.Series:
    found = backtest.judge({"learned": fitted.labels_}, customers, outcome, replicates=200)
    return found.figures.loc["learned"]


def test_it_beats_the_revenue_sort_where_customers_leave(leaving, fitted):
    assert fitted.fallback_ == ""
    assert fitted.quality_["difference"] > 2 * fitted.quality_["standard_error"]
    assert skill(fitted, *leaving)["skill_low"] > 0


def test_it_costs_next_to_nothing_where_past_revenue_says_it_all():
    worlds = [world(200, seed, leaves=0) for seed in range(10)]
    found = pd.DataFrame([skill(Learned().fit(customers), customers, y) for customers, y in worlds])
    assert found["skill"].mean() > -0.005
    assert (found["skill_high"] < -1e-9).sum() <= 2  # by chance one in forty


def test_a_prediction_hangs_on_the_customers_own_features_alone(leaving, fitted):
    customers = leaving[0]
    assert set(fitted.read_) == {*RHYTHM, *(column("spend", days) for days in LIVES)}
    assert fitted.predict(customers[[*fitted.read_]]).equals(fitted.labels_)
    # The tiers have the asked sizes and follow it; so do the rules.
    sizes = fitted.labels_.value_counts(normalize=True, sort=False)
    assert sizes.tolist() == pytest.approx([0.05, 0.15, 0.3, 0.5], abs=0.01)
    predicted = fitted.predicted(customers)
    lowest = predicted.groupby(fitted.labels_, observed=True).min()
    assert lowest.iloc[:3].tolist() == fitted.limits_.tolist()
    assert fitted.rules()["rule"].iloc[0].startswith("predicted value at least ")
    # Those of the customers as they were at the inner cuts add up to what they brought.
    scores, brought = 0.0, 0.0
    for k in INNER_CUTS:
        known = customers[customers[past(k, "order_days")].notna()]
        before = known[[past(k, name) for name in fitted.read_]]
        scores += fitted.predicted(before.set_axis([*fitted.read_], axis=1)).sum()
        brought += known[then(k)].sum()
    assert scores == pytest.approx(brought, rel=1e-4)
    twice = fitted.predicted(pd.concat([customers, customers.iloc[::-1]]))
    assert twice.groupby(level=0).nunique().eq(1).all()
    alone = pd.concat([fitted.predicted(customers.iloc[[i]]) for i in range(5)])
    assert_series_equal(alone, predicted.iloc[:5])


def test_customers_unknown_at_an_inner_cut_teach_nothing_there(leaving):
    customers = leaving[0].head(700).copy()
    unknown = [name for name in customers if name.startswith("past_3_")]
    customers.iloc[:50, customers.columns.get_indexer(unknown)] = np.nan
    other = customers.assign(**{then(3): customers[then(3)].where(np.arange(700) >= 50, 1e6)})
    assert_series_equal(Learned().fit(customers).labels_, Learned().fit(other).labels_)


def test_neither_the_currency_nor_the_order_of_rows_matters(leaving, fitted):
    customers = leaving[0]
    money = [name for name in customers if "monetary" in name or "recent" in name or "next" in name]
    yuan = customers.assign(**{name: customers[name] * 7.25 for name in money})
    ratio = Learned().fit(yuan).predicted(yuan) / fitted.predicted(customers)
    assert np.allclose(ratio, 7.25, rtol=1e-3)
    shuffled = customers.sample(frac=1, random_state=4)
    assert Learned().fit(shuffled).labels_.reindex(customers.index).equals(fitted.labels_)


def nothing(k: int) -> dict[str, float]:
    return {past(k, column("spend", days)): 0.0 for days in LIVES}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({past(k, "order_days"): np.nan for k in INNER_CUTS}, "too few customers came back"),
        ({then(k): 0.0 for k in INNER_CUTS}, "too few customers came back"),
        ({name: 0.0 for k in INNER_CUTS for name in nothing(k)}, "brought anything before"),
        ({then(k): 5.0 for k in INNER_CUTS}, "no better than recent spend"),
    ],
)
def test_it_falls_back_to_recent_spend_and_says_why(leaving, change, reason):
    customers = leaving[0].assign(**change)
    fitted, recently = Learned().fit(customers), RecentSpend().fit(customers)
    assert reason in fitted.fallback_
    assert fitted.labels_.equals(recently.labels_)
    assert fitted.rules().equals(recently.rules()) and fitted.sql() == recently.sql()
    assert fitted.read_ == recently.read_
    by = recently.orders_by
    assert fitted.predicted(customers).equals(customers[by].rename("predicted"))


def test_it_falls_back_where_the_model_adds_nothing(leaving):
    customers, rng = leaving[0].head(600).copy(), np.random.default_rng(5)
    for k in INNER_CUTS:
        spent = customers[past(k, column("spend", 60))].fillna(0)
        customers[then(k)] = spent * rng.lognormal(0, 1, 600)
    fitted = Learned().fit(customers)
    assert "no better than recent spend" in fitted.fallback_
    assert fitted.recent_.half_life_ == 60 and fitted.quality_["customers"] > 500


def test_margin_is_the_value_where_the_data_have_it(leaving):
    customers = leaving[0].copy()
    rate = np.random.default_rng(2).uniform(-0.1, 0.5, len(customers))
    for name in [name for name in customers if "recent_spend" in name or "monetary" in name]:
        known = name.replace("recent_spend", "recent_margin").replace("monetary", "margin")
        customers[known] = customers[name] * rate
    for k in INNER_CUTS:
        customers[then(k)] = (customers[then(k)] * rate).clip(lower=0)
    fitted = Learned().fit(customers)
    assert fitted.fallback_ == ""
    assert set(fitted.read_) == {*RHYTHM, *(column("margin", days) for days in LIVES)}


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=20))
def test_significant_digits_keep_order_and_value(scores):
    scores = np.sort(np.array(scores))
    found = significant(scores)
    assert np.allclose(found, scores, rtol=1e-5)
    assert (np.diff(found) >= 0).all()
    assert [float(f"{score:.5e}") for score in found] == pytest.approx(found.tolist(), rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=60, max_size=90))
def test_any_small_frame_gets_tiers(rows):
    days, last, gap, brought = np.array(rows, dtype=float).T
    known = {column("spend", life): gap * life if life < 99 else days for life in LIVES}
    known |= dict(zip(RHYTHM, (days + 1, last, last + gap), strict=True))
    now = pd.DataFrame(known)
    customers = now.copy()
    for k in INNER_CUTS:
        customers = customers.join(now.add_prefix(past(k, ""))).assign(**{then(k): brought})
    tiers = Learned().fit(customers).labels_
    backwards = Learned().fit(customers[::-1]).labels_
    assert tiers.notna().all()
    assert tiers.groupby([customers[name] for name in now]).nunique().eq(1).all()
    assert backwards[::-1].tolist() == tiers.tolist()
