import datetime as dt
import sys
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from segment.errors import StudyError
from segment.features import customers as features
from segment.tiering import clv
from segment.tiering.abc_analysis import ABC
from segment.tiering.clv import CLV

TESTS = Path(__file__).parent
CDNOW = TESTS.parent / "data" / "cdnow.parquet"
# Fader, Hardie and Lee (2005), table 2, and Fader and Hardie (2013), on the sample of CDNOW.
BG_NBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "v": 15.44}
MISSING = "pymc-marketing is not installed: pip install 'customer-tiers[clv]'"


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Features of the 1/10 sample over its 39 weeks, 1997-01-01 to 1997-09-30."""
    words = (TESTS / "cdnow_sample.txt").read_text(encoding="utf-8").splitlines()
    chosen = " ".join(line for line in words if not line.startswith("#")).split()
    transactions = ibis.duckdb.connect().read_parquet(CDNOW)
    transactions = transactions.filter(transactions.customer_id.isin(chosen))
    window = {"weeks 1 to 39": (dt.date(1997, 1, 1), dt.date(1997, 10, 1))}
    wide = features.compute(transactions, window, {"monetary_repeat_mean"})
    return features.at(wide, "weeks 1 to 39")


@pytest.fixture(scope="module")
def fitted(sample) -> CLV:
    pytest.importorskip("pymc_marketing", reason=MISSING)
    return CLV(horizon_days=39 * 7).fit(sample)


def customer(x: int, recency: float, age: float, mean: float = 0.0) -> pd.DataFrame:
    """One history in the papers' terms: repeat purchases, weeks, weeks, mean amount."""
    return pd.DataFrame(
        {
            "frequency": [x],
            "recency": [recency],
            "T": [age],
            "monetary_value": [mean],
            "amounts": [x],
        }
    )


def test_the_sample_is_the_published_one(sample):
    # 2,357 customers, 946 of whom bought again, 2,457 repeat purchases in weeks 1 to 39.
    repeats = sample["order_days"] - 1
    assert (len(sample), (repeats > 0).sum(), repeats.sum()) == (2357, 946, 2457)


def test_the_published_parameters_come_out(fitted):
    assert fitted.fallback_ == ""
    for name, value in BG_NBD.items():
        assert fitted.parameters_[name] == pytest.approx(value, abs=0.0015)
    for name, value in GAMMA_GAMMA.items():
        assert fitted.parameters_[name] == pytest.approx(value, abs=0.01)


def test_expectations_are_those_of_pymc_marketing(fitted, sample):
    pymc_marketing = pytest.importorskip("pymc_marketing.clv", reason=MISSING)
    prior = pytest.importorskip("pymc_extras.prior", reason=MISSING).Prior
    history = clv._history(sample).reset_index(drop=True)
    history.insert(0, "customer_id", history.index)
    model = pymc_marketing.BetaGeoModel(model_config={n: prior("HalfFlat") for n in BG_NBD})
    model.fit(data=history, method="map", progressbar=False)
    theirs = model.expected_purchases(history, future_t=39).to_numpy().ravel()
    assert np.allclose(fitted.expected_purchases(sample, 39 * 7), theirs, rtol=1e-4)


def test_the_currency_and_the_order_of_rows_are_irrelevant(fitted, sample):
    money = ["monetary_total", "monetary_mean", "monetary_repeat_mean"]
    yuan = sample.assign(**{name: 100 * sample[name] for name in money})
    ratio = CLV(horizon_days=39 * 7).fit(yuan).predicted(yuan) / fitted.predicted(sample)
    assert np.allclose(ratio, 100, rtol=1e-3)
    again = CLV(horizon_days=39 * 7).fit(sample.sample(frac=1, random_state=4))
    assert again.parameters_ == fitted.parameters_
    assert again.labels_.reindex(sample.index).equals(fitted.labels_)


def test_tiers_follow_the_expected_value(fitted, sample):
    predicted = fitted.predicted(sample).groupby(fitted.labels_, observed=True)
    assert predicted.min().iloc[:3].tolist() == fitted.limits_.tolist()
    assert predicted.size().iloc[0] == pytest.approx(0.05 * len(sample), abs=2)
    assert fitted.predict(sample).equals(fitted.labels_)
    assert "value in 273 days at least" in fitted.rules()["rule"].iloc[0]
    with pytest.raises(StudyError, match="CLV cannot be written as one SQL expression"):
        fitted.sql()


def test_few_repeat_customers_fall_back_to_past_revenue(sample):
    pytest.importorskip("pymc_marketing", reason=MISSING)
    some = sample[sample["order_days"] == 1].head(200)
    fitted = CLV().fit(some)
    assert "0 customers bought on a second day" in fitted.fallback_
    expected = ABC(cut="customers", limits=[0.05, 0.20, 0.50]).fit(some).labels_
    assert fitted.labels_.astype(str).equals(expected.astype(str))
    with pytest.raises(StudyError, match="fitted no model"):
        fitted.expected_purchases(some, 30)


def test_wrong_parameters_and_a_missing_extra_are_said(sample, monkeypatch):
    for wrong, words in (
        (CLV(horizon_days=0), "'horizon_days'"),
        (CLV(horizon_days="a year"), "'horizon_days'"),
        (CLV(shares=[0.2, 0.1]), "go up"),
        (CLV(amounts="first"), "'amounts'"),
    ):
        with pytest.raises(StudyError, match=words):
            wrong.fit(sample)
    monkeypatch.setitem(sys.modules, "pymc_marketing", None)
    with pytest.raises(StudyError, match=r'pip install "customer-tiers\[clv\]"'):
        CLV().fit(sample)


def test_published_conditional_expectation():
    # Customer 0001 of the sample: x 2, last purchase in week 30.43 of 38.86; the authors'
    # note "Implementing the BG/NBD Model in Excel" (2005) expects 1.226 purchases in 39 weeks.
    found = clv._purchases(customer(2, 30.43, 38.86), 39 * 7, BG_NBD)
    assert found[0] == pytest.approx(1.226, abs=0.001)


def test_expected_amount_by_hand():
    # (p v + p x m) / (p x + q - 1): nobody's own mean, then two purchases of 22.35.
    histories = pd.concat([customer(0, 0, 30), customer(2, 30, 38, 22.35)])
    found = clv._amount(histories, {"p": 6.0, "q": 4.0, "v": 15.0})
    assert found.tolist() == pytest.approx([6 * 15 / 3, (6 * 15 + 6 * 44.70) / 15])


def test_the_first_purchase_counts_on_request():
    known = {"order_days": [1, 3], "days_since_first": [70, 70], "days_since_last": [70, 0]}
    known |= {"monetary_repeat_mean": [0.0, 30.0], "monetary_mean": [12.0, 24.0]}
    of = {"p": 6.0, "q": 4.0, "v": 15.0}
    repeat, every = (clv._history(pd.DataFrame(known), which) for which in ("repeat", "all"))
    assert clv._amount(repeat, of).tolist() == pytest.approx([30, (90 + 6 * 60) / 15])
    assert clv._amount(every, of).tolist() == pytest.approx([(90 + 6 * 12) / 9, (90 + 6 * 72) / 21])
    assert every["frequency"].tolist() == [0, 2]  # how often they buy is judged as before
    assert "monetary_mean" in CLV(amounts="all").columns


def test_expected_purchases_against_simulation():
    rng, of = np.random.default_rng(1), {"r": 0.8, "alpha": 6.0, "a": 1.4, "b": 3.0}
    n, age, ahead = 150_000, 30.0, 20.0
    rate, leaves = rng.gamma(of["r"], 1 / of["alpha"], n), rng.beta(of["a"], of["b"], n)
    x, later, now, last = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    alive = np.ones(n, dtype=bool)
    while alive.any():
        now = now + rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= now < age + ahead
        x += alive & (now < age)
        later += alive & (now >= age)
        last = np.where(alive & (now < age), now, last)
        alive &= rng.random(n) >= leaves
    for count, low, high in ((0, -1, 1), (1, 0, 10), (1, 20, 30), (4, 25, 30)):
        found = (x == count) & (last > low) & (last <= high)
        histories = pd.DataFrame({"frequency": x, "recency": last, "T": age})[found]
        expected = clv._purchases(histories, int(ahead * 7), of)
        error = 4 * later[found].std() / np.sqrt(found.sum())
        assert found.sum() > 500
        assert later[found].mean() == pytest.approx(expected.mean(), abs=error)


@pytest.mark.parametrize("a", [0.5, 1.0, 1 + 1e-7, 2.0])
def test_expectations_stay_finite_and_grow_with_the_horizon(a):
    histories = pd.concat(
        [customer(x, r, 520) for x in (0, 1, 50, 3000) for r in (0, 260, 520) if x or not r]
    )
    of = {"r": 0.243, "alpha": 4.414, "a": a, "b": 2.426}
    month, year = (clv._purchases(histories, days, of) for days in (30, 365))
    assert np.isfinite(year).all()
    assert (month >= 0).all() and (year >= month).all()
    assert year[0] > 0
