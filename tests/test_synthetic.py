"""The invented trading company: what it promises, and that its file knows no future."""

import datetime as dt
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

DATA = Path(__file__).parents[1] / "data"
CUT = pd.Timestamp(synthetic.CUT)
TABLES = ("orders", "customers", "balances", "truth")


@pytest.fixture(scope="module")
def company():
    return synthetic.make()


@pytest.fixture(scope="module")
def many():
    """Two more seeds, for statements about the law and not about one draw."""
    return [synthetic.make(seed=seed) for seed in (11, 12)]


def purchases(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["amount"] > 0]


def summed(orders: pd.DataFrame, ids: pd.Series) -> pd.Series:
    return orders.groupby("customer_id")["amount"].sum().reindex(ids, fill_value=0.0)


def test_same_seed_same_frames_in_under_three_seconds(company):
    start = time.process_time()
    again = synthetic.make()
    assert time.process_time() - start < 3
    fewer, other = synthetic.make(300), synthetic.make(300, seed=2)
    for table in TABLES:
        assert_frame_equal(getattr(again, table), getattr(company, table))
        assert not getattr(other, table).equals(getattr(fewer, table))


@pytest.mark.parametrize("end", [synthetic.CUT, dt.date(2024, 7, 2), dt.date(2024, 10, 1)])
def test_the_past_and_the_file_do_not_know_the_future(company, end):
    """The generator draws nothing from ``end`` on, so a file that looked ahead would differ."""
    shorter = synthetic.make(end=end)
    assert_frame_equal(shorter.customers, company.customers)
    for table in ("orders", "balances"):
        short, full = getattr(shorter, table), getattr(company, table)
        assert short["date"].max() < pd.Timestamp(end)
        past = [frame[frame["date"] < CUT].reset_index(drop=True) for frame in (short, full)]
        assert_frame_equal(*past)
    now = ["customer_id", "kind", "rate", "order_value", "growth", "dropout", "alive"]
    assert_frame_equal(shorter.truth[now], company.truth[now])


def test_shape_of_the_orders(company):
    orders = company.orders
    names = "order_id customer_id date product category channel region quantity amount margin"
    assert orders.columns.tolist() == names.split()
    assert orders.notna().all(axis=None)
    assert orders["date"].min() >= pd.Timestamp(synthetic.START)
    assert orders["date"].max() < pd.Timestamp(synthetic.END)
    assert (orders["amount"].abs() >= 0.01).all()
    assert (np.sign(orders["amount"]) == np.sign(orders["quantity"])).all()
    assert orders.groupby("order_id")["customer_id"].nunique().eq(1).all()
    assert orders["order_id"].duplicated().mean() > 0.4


def test_a_cancelled_order_nets_to_zero_and_a_return_follows_a_purchase_of_the_goods(company):
    orders = company.orders
    taken_back = orders[(orders["amount"] < 0) & orders["order_id"].str.startswith("SYN-O")]
    documents = orders[orders["order_id"].isin(taken_back["order_id"])].groupby("order_id")
    whole = documents.agg({"amount": "sum", "margin": "sum", "quantity": "sum", "date": np.ptp})
    assert len(whole) > 200
    assert whole["quantity"].eq(0).all()
    assert whole[["amount", "margin"]].abs().max().max() < 0.005
    assert whole["date"].max() <= pd.Timedelta(days=5)
    returns = orders[orders["order_id"].str.startswith("SYN-R")]
    assert len(returns) > 1000
    assert returns["amount"].lt(0).all()
    bought = purchases(orders).merge(returns, on=["customer_id", "product"], suffixes=("", "_back"))
    fits = (bought["date"] < bought["date_back"]) & (bought["quantity"] >= -bought["quantity_back"])
    assert set(bought.loc[fits, "order_id_back"]) == set(returns["order_id"])


def test_prospects_never_bought_before_the_cut_and_some_contacted_start(company):
    orders, customers = company.orders, company.customers
    buyers = set(orders.loc[orders["date"] < CUT, "customer_id"])
    later = set(orders["customer_id"]) - buyers
    prospects = customers[~customers["customer_id"].isin(buyers)]
    contacted = prospects["first_contact"].notna()
    assert len(prospects) == 400
    assert contacted.sum() == 200
    started = prospects["customer_id"].isin(later)
    assert started[contacted].sum() == 50
    assert not started[~contacted].any()
    assert prospects[["satisfaction", "credit_grade"]].isna().all(axis=None)
    assert prospects[["complaints", "arrears", "referrals"]].eq(0).all(axis=None)
    assert set(company.truth.loc[company.truth["kind"] == "newcomer", "customer_id"]) == (
        later - set(customers["customer_id"])
    )


def test_everything_says_that_it_is_invented(company):
    for table in TABLES:
        assert getattr(company, table)["customer_id"].str.fullmatch(r"SYN-\d{5}").all()
    assert company.orders["order_id"].str.fullmatch(r"SYN-[OR]\d{6}").all()
    assert company.orders["product"].str.startswith("SYN-P").all()
    names = company.customers["name"]
    assert names.str.contains("合成|synthetic", case=False).all()
    assert all(names.str.contains(sign, regex=False).any() for sign in "&'<")
    assert company.customers["phone"].dropna().str.fullmatch(r"000-\d{8}").all()
    # About one firm in a hundred stands there twice.
    assert names.is_unique
    known = company.customers.dropna(subset="phone")
    alike = known["name"].str.casefold().str.replace(" 有限责任公司", "有限公司")
    assert 20 < (alike.duplicated() & known["phone"].duplicated()).sum() <= 30


def test_the_truth_is_what_the_data_recover(many):
    """Totals agree within 5 %: the heaviest customers leave a standard error of about 2 %."""
    expected, found = 0.0, 0.0
    for company in many:
        truth = company.truth
        later = company.orders[company.orders["date"] >= CUT]
        actual = summed(later, truth["customer_id"]).to_numpy()
        before = company.orders.loc[company.orders["date"] < CUT, "customer_id"]
        buyers = truth["customer_id"].isin(before)
        expected_rank = truth["expected_amount"][buyers].rank()
        assert expected_rank.corr(pd.Series(actual)[buyers].rank()) > 0.8
        expected, found = expected + truth["expected_amount"].sum(), found + actual.sum()
        gone = buyers & ~truth["alive"]
        assert actual[gone].max() <= 0  # returns of June may come in July
    assert found == pytest.approx(expected, rel=0.05)


def test_the_file_tells_who_leaves_and_who_buys_more(many):
    """Among customers alike in revenue and recency: what revenue alone cannot say."""
    stay, value = [], []
    for company in many:
        orders = company.orders[company.orders["date"] < CUT]
        recent = purchases(orders).groupby("customer_id")["date"].max() >= CUT - pd.Timedelta("60D")
        ids = recent.index[recent]
        file = company.customers.set_index("customer_id").loc[ids]
        later = company.orders[company.orders["date"] >= CUT]
        back = pd.Series(ids.isin(purchases(later)["customer_id"]), ids, dtype=float)
        decile = pd.qcut(summed(orders, ids), 10, labels=False)
        excess = (back - back.groupby(decile).transform("mean")).to_frame("back")
        satisfaction = file["satisfaction"].astype(float)
        stay.append(excess.assign(satisfaction=satisfaction, complaints=file["complaints"]))
        earned = np.log1p(summed(later, ids).clip(lower=0))
        growth = company.truth.set_index("customer_id")["growth"].loc[ids]
        above = earned - earned.groupby(decile).transform("mean")
        value.append(pd.DataFrame({"excess": above, "growth": growth}))
    stay, value = pd.concat(stay), pd.concat(value)
    rates = stay.groupby("satisfaction")["back"].mean()
    assert rates.is_monotonic_increasing
    assert rates[5] - rates[1] > 0.25
    unhappy = stay.groupby(stay["complaints"] >= 2)["back"].mean()
    assert unhappy[True] < unhappy[False] - 0.05
    assert value["excess"].corr(value["growth"], method="spearman") > 0.1


@settings(max_examples=10, deadline=None)
@given(
    customers=st.integers(1, 60),
    seed=st.integers(0, 2**32),
    days=st.integers(0, (synthetic.END - synthetic.CUT).days),
)
def test_holds_for_any_size_seed_and_end(customers, seed, days):
    end = synthetic.CUT + dt.timedelta(days=days)
    company = synthetic.make(customers, seed, end)
    assert len(company.customers) == customers
    assert (company.orders["date"] < pd.Timestamp(end)).all()
    assert company.orders["date"].is_monotonic_increasing
    assert set(company.orders["customer_id"]) <= set(company.truth["customer_id"])
    assert_frame_equal(company.customers, synthetic.make(customers, seed).customers)


def test_the_committed_files_are_what_the_script_makes(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(DATA))
    import make_wholesale

    make_wholesale.write(tmp_path)
    names = sorted(file.name for file in tmp_path.iterdir())
    tables = ("balances", "customers", "orders", "tiers")
    assert names == [f"wholesale_{table}.parquet" for table in tables]
    for name in names:
        made, kept = pq.read_table(tmp_path / name), pq.read_table(DATA / name)
        assert_frame_equal(made.to_pandas(), kept.to_pandas())
        assert kept.schema.equals(made.schema, check_metadata=True)
        assert kept.schema.metadata[b"about"].decode() == synthetic.ABOUT
        assert not {"kind", "alive", "expected_amount"} & set(kept.column_names)
    assert (DATA / "wholesale_orders.parquet").stat().st_size < 1.2e6
