"""Recent spend: by hand, on CDNOW against pandas and published figures, and its page."""

import datetime as dt
from pathlib import Path
from zlib import crc32

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
import small
import yaml

from segment.evidence import origins, stability
from segment.evidence.refit import refitted
from segment.features import customers as features
from segment.features import parts, recent, warehouse
from segment.pages import recent_spend as page
from segment.run import load, prepare, save
from segment.study import read
from segment.tiering import ABC, RecentSpend
from segment.tiering.query import query

JAN, MAY = dt.date(2020, 1, 1), dt.date(2020, 5, 30)  # 150 days: inner cuts on days 75, 87, 100
KEYS = {"title", "source", "columns", "periods", "methods", "backtest"}
GOLDEN = {"30": 524_969, "60": 535_709, "120": 533_717, "no decay": 513_864}


def on_days(rows: list[tuple[str, int, float, float]]) -> ibis.Table:
    """Return customer-days of purchases, or returns where the amount is negative."""
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount", "margin"])
    frame["date"] = [JAN + dt.timedelta(day) for day in frame["date"]]
    return features.customer_days(ibis.memtable(frame))


def test_each_row_counts_by_its_own_age_and_inner_cuts_see_nothing_later():
    asked = {"recent_margin_30", "past_1_recent_margin_30", "past_1_order_days", "next_value_1"}
    asked |= {"past_2_days_since_last", "past_2_monetary_total", "recent_margin_960"}
    rows = on_days(
        [
            ("a", 149, 8.0, 4.0),  # the last day: it counts whole
            ("a", 119, 8.0, 4.0),  # 30 days before it: half
            ("a", 44, 6.0, 3.0),  # 30 days before the last one before the first inner cut
            ("a", 14, -1.0, -1.0),
            ("b", 80, 5.0, 2.0),  # after the first inner cut
            ("b", 150, 99.0, 99.0),  # after the window
            ("c", 100, 1.0, -3.0),
        ]
    )
    found = recent.compute(rows, {"w": (JAN, MAY)}, asked).set_index("customer_id").sort_index()
    found = found.rename(columns=lambda name: name.removeprefix("w__"))
    ages = {"a": 4 + 2 + 3 * 0.5 ** (105 / 30) - 0.5 ** (135 / 30)}
    ages |= {"b": 2 * 0.5 ** (69 / 30), "c": -3 * 0.5 ** (49 / 30)}
    assert found["recent_margin_30"].to_dict() == pytest.approx(ages, abs=1e-6)
    assert found.loc["a", "past_1_recent_margin_30"] == pytest.approx(1.5 - 0.25)
    assert found["past_1_order_days"].fillna(0).tolist() == [1, 0, 0]
    assert found["next_value_1"].tolist() == [4, 2, 0]  # margin of days 75 to 124, not below 0
    assert found["past_2_days_since_last"].fillna(-1).tolist() == [42, 6, -1]
    assert found["past_2_monetary_total"].fillna(-1).tolist() == [5, 5, -1]
    # No window is long enough to learn 960 days; what a method cannot do without is there.
    assert "recent_margin_960" not in found
    always = recent.compute(rows, {"w": (JAN, MAY)}, asked, {"recent_margin_960"})
    assert "w__recent_margin_960" in always


def test_what_came_back_is_known_as_all_other_figures_know_it():
    rng, number = np.random.default_rng(4), 4000
    frame = pd.DataFrame({"customer_id": rng.integers(0, 60, number).astype(str)})
    bought, later = rng.integers(-40, 150, number), rng.integers(1, 90, number)
    frame["amount"] = rng.integers(1, 50, number) * np.where(rng.random(number) < 0.2, -1.0, 1.0)
    frame["gone"] = np.where(rng.random(number) < 0.4, bought + later, np.nan)
    frame["known"] = bought + np.where(frame["amount"] < 0, later, 0)
    for name, days in {"date": bought, "known": frame["known"], "gone": frame["gone"]}.items():
        frame[name] = [None if np.isnan(d) else JAN + dt.timedelta(int(d)) for d in days]
    schema = {"customer_id": "string", "amount": "float64"}
    schema |= dict.fromkeys(("gone", "known", "date"), "date")
    rows = ibis.memtable(frame, schema=schema)
    names = ["monetary_total", "order_days", "days_since_last", "days_since_first"]
    asked = {recent.past(k, name) for k in (1, 3) for name in names} | {"next_value_1"}
    found = recent.compute(features.customer_days(rows), {"w": (JAN, MAY)}, asked)
    inner = recent.inner((JAN, MAY))
    spans = {"1": inner[1][0], "3": inner[3][0], "1.holdout": inner[1][1]}
    other = features.compute(rows, spans).set_index("customer_id").reindex(found["customer_id"])
    for k in (1, 3):
        had = other[f"{k}__order_days"] > 0
        assert had.sum() > 20
        for name in names:
            expected = other[f"{k}__{name}"].where(had).to_numpy("float64")
            np.testing.assert_array_equal(found[f"w__past_{k}_{name}"], expected)
    expected = other["1.holdout__monetary_total"].fillna(0).clip(lower=0)
    np.testing.assert_array_equal(found["w__next_value_1"], expected)


def test_a_short_window_has_no_inner_cuts():
    assert recent.candidates((JAN, JAN + dt.timedelta(39))) == set()
    assert recent.candidates((JAN, JAN + dt.timedelta(42))) == {7.5, 15, 30, 60}


def by_hand(recent_spend, total) -> pd.DataFrame:
    return pd.DataFrame({"recent_spend_30": recent_spend, "monetary_total": total}, dtype=float)


def test_ties_go_by_past_value_and_returns_stand_last():
    customers = by_hand([9, 4, 4, 4, 4, 4, 1, 0, 0, -2], [9, 8, 7, 7, 6, 5, 9, 3, 1, 50])
    fitted = RecentSpend(30, shares=[0.3, 0.8]).fit(customers)
    # Of five with 4, the middle ones have the same past value as well and stay together.
    assert "".join(fitted.labels_) == "AABBBBBBCC"
    half = "recent spend (half after 30 days)"
    assert fitted.rules()["rule"].tolist() == [
        f"{half} above {x} or {half} at least {x} and total spent at least {y}"
        for x, y in ((4, 8), (0, 3))
    ] + ["everyone else"]
    alone = RecentSpend(30, shares=[0.1]).fit(customers)
    assert alone.complexity == (1, 2) and alone.read_ == ("recent_spend_30",)


def market(n: int, half_life: float, seed: int = 0) -> pd.DataFrame:
    """Customers whose next value is as their spend at one half-life says."""
    rng = np.random.default_rng(seed)
    lives = (30.0, 60.0, 120.0, np.inf)
    frame = pd.DataFrame({"monetary_total": rng.lognormal(3, 1, n)})
    for days in lives[:-1]:
        frame[recent.column("spend", days)] = rng.lognormal(3, 1, n)
    for k in (1, 2, 3):
        for days in lives:
            frame[recent.past(k, recent.column("spend", days))] = rng.lognormal(3, 1, n)
        frame[recent.then(k)] = frame[recent.past(k, recent.column("spend", half_life))]
    return frame


def test_the_half_life_is_the_one_that_sorted_best_before():
    assert RecentSpend().fit(market(200, 60)).half_life_ == 60
    fitted = RecentSpend().fit(market(200, np.inf))
    assert np.isinf(fitted.half_life_) and fitted.fallback_ == ""
    assert fitted.orders_by == "monetary_total"
    plain = ABC(cut="customers", limits=[0.05, 0.2, 0.5]).fit(market(200, np.inf))
    assert fitted.labels_.astype(str).tolist() == plain.labels_.astype(str).tolist()
    # Of equal ones the longest: here all half-lives give one order.
    same = market(200, 60)
    for k in (1, 2, 3):
        for days in (30.0, 120.0):
            same[recent.past(k, recent.column("spend", days))] = same[recent.then(k)] * days
    assert RecentSpend().fit(same).half_life_ == 120


def test_without_two_usable_inner_cuts_old_purchases_count_fully_and_it_is_said():
    few = market(200, 60)
    few.loc[49:, ["next_value_1", "next_value_2"]] = 0
    for customers in (few, market(200, 60)[["monetary_total"]]):
        fitted = RecentSpend().fit(customers)
        assert np.isinf(fitted.half_life_) and "too few customers came back" in fitted.fallback_


@pytest.fixture(scope="module")
def dates(cdnow) -> list[origins.Origin]:
    """The five cut dates of CDNOW."""
    earlier = origins.earlier_windows(cdnow.study, cdnow.windows)
    last = origins.Origin(cdnow.windows.cut, cdnow.windows.end, cdnow.customers, cdnow.outcome)
    return [*origins.earlier(cdnow.wide, earlier, None, None), last]


def test_cdnow_golden_figures(cdnow, dates):
    lives = [refitted(cdnow.methods["Recent spend"], d.customers).half_life_ for d in dates]
    assert lives == [30, 30, 60, 60, 60]
    found = page.half_lives(cdnow.schemes["Recent spend"])["next_total"]
    for days, brought in GOLDEN.items():
        assert found[days] == pytest.approx(brought, abs=1)


def test_cdnow_equals_plain_pandas(cdnow, cdnow_rows):
    before = cdnow_rows[cdnow_rows["date"] < "1997-10-01"]
    age = (pd.Timestamp("1997-09-30") - before["date"]).dt.days
    plain = (before["amount"] * 0.5 ** (age / 60)).groupby(before["customer_id"].astype(str)).sum()
    np.testing.assert_allclose(cdnow.customers["recent_spend_60"], plain.sort_index(), atol=1e-6)


def test_the_sql_makes_the_newest_tiers_from_orders(cdnow, cdnow_rows):
    method = cdnow.methods["Recent spend"]
    con = duckdb.connect()
    con.register("orders", cdnow_rows)
    written = warehouse.query(cdnow.study, cdnow.windows, method.read_, None)
    found = con.sql(f"WITH features AS ({written}) {query(method, 'features')}").df()
    found = found.set_index(found["customer_id"].astype(str))["tier"].sort_index()
    newest = method.predict(cdnow.snapshot("now"))
    assert found.tolist() == newest.astype(str).tolist()
    assert (found.index == newest.index).all()


def test_the_page_tells_the_half_life_as_a_finding(cdnow):
    told = page.answer(cdnow, [cdnow.schemes["Recent spend"]])[0]
    assert told.startswith("**A purchase counts half after 60 days.** It was chosen of half-lives")
    assert "from 30 to 240 days, at three dates before 1997-10-01" in told
    now = refitted(cdnow.methods["Recent spend"], cdnow.snapshot("now")).half_life_
    assert told.endswith(f"Learned anew up to 1998-06-30: {now:g} days.")
    plain = small.scheme(RecentSpend(), market(200, np.inf))
    assert page.finding(plain) == "**No half-life beats counting all purchases fully.**"
    given = small.scheme(RecentSpend(30), market(30, 60), study={"identifiers": "hide"})
    assert page.finding(given) == "**A purchase counts half after 30 days.**"
    assert page.half_lives(given)["concentration"].isna().all()


def test_of_very_many_customers_a_sample_is_learned_from(tmp_path, monkeypatch):
    """One of three, whom their ids choose; all have tiers, cut at shares of all of them."""
    study = yaml.safe_load(Path("data/cdnow.yaml").read_text(encoding="utf-8"))
    study["methods"] = {n: study["methods"][n] for n in ("Recent spend", "Learned tiers")}
    study |= {"source": str(Path("data/cdnow.parquet").resolve()), "backtest": {"origins": 1}}
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump({k: v for k, v in study.items() if k in KEYS}))
    study = read(file)
    whole = prepare(study)
    monkeypatch.setattr(recent, "MOST_LEARNED", 7_000)
    monkeypatch.setitem(parts.MOST_AT_ONCE, "duckdb", 100_000)
    some = prepare(study)
    learned = [name for name in whole.customers if recent.LEARNING.match(name)]
    learned = [name for name in learned if not name.startswith("recent_")]
    chosen = np.array([crc32(who.encode()) % 3 == 0 for who in whole.customers.index])
    assert 7_000 < chosen.sum() < 8_500 and len(learned) > 20
    assert all(isinstance(some.customers[name].dtype, pd.SparseDtype) for name in learned)
    dense = some.customers.assign(
        **{name: some.customers[name].sparse.to_dense() for name in learned}
    )
    assert dense[learned][~chosen].isna().all(axis=None)
    pd.testing.assert_frame_equal(dense[chosen], whole.customers[chosen])
    pd.testing.assert_frame_equal(
        dense.drop(columns=learned), whole.customers.drop(columns=learned)
    )
    for label in ("Recent spend", "Learned tiers"):
        fitted, of_all = some.methods[label], whole.methods[label]
        shares = fitted.labels_.value_counts(normalize=True, sort=False).cumsum()
        assert shares.to_numpy()[:3] == pytest.approx([0.05, 0.2, 0.5], abs=0.01)
        assert (fitted.labels_ == of_all.labels_).mean() > 0.9
        assert not fitted.fallback_
    alone = RecentSpend().fit(dense[chosen])
    assert some.methods["Recent spend"].half_life_ == alone.half_life_
    some.__dict__ |= dict.fromkeys(("backtest", "rolling", "stability", "verdict"))
    save(some, tmp_path)
    again = load(tmp_path, file)
    pd.testing.assert_frame_equal(again.customers, some.customers)
    keeps = stability.resampled(
        {"Recent spend": some.methods["Recent spend"]}, some.customers, some.today, 100, 1
    )[1]
    assert 0.8 < keeps["Recent spend"].mean() <= 1
