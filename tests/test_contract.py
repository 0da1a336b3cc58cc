"""The contract of tiering methods, over every method and many settings."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import (
    ABC,
    METHODS,
    RFM,
    Clusters,
    GoldDrag,
    Hiatus,
    Lifecycle,
    Quadrants,
    Scorecard,
    Tiering,
)

FEATURES = ["days_since_last", "order_days", "monetary_total"]
DUCKDB = duckdb.connect()
OWN_CUTS = {"r": [30, 90, 180, 365], "f": [2, 3, 5, 9], "m": [10, 50, 100.5, 500]}
OWN_SEGMENTS = {"VIP's": {"r": [4, 5], "fm": [4, 5]}, "Lapsed": {"r": 1}}
RULES = [
    ABC(),
    ABC(limits=[0.5]),
    ABC(by="order_days", limits=[0.3, 0.6, 0.9]),
    ABC(cut="customers"),
    ABC(cut="customers", limits=[0.05, 0.2, 0.5]),
    ABC(cut="computed"),
    RFM(),
    RFM(bins=3),
    RFM(cuts=OWN_CUTS),
    RFM(shares=[0.1, 0.3, 0.6]),
    RFM(form="concatenated"),
    RFM(form="concatenated", bins=2, cuts={"f": [2]}),
    RFM(form="segments"),
    RFM(form="segments", segments=OWN_SEGMENTS),
    RFM(form="segments", segments={"Top": {"r": [2, 9], "m": [5, 9]}}, bins=9),
    Quadrants(),
    Quadrants(value_cut=0.8, loyalty_cut=0.3, names=["a", "b", "c", "d"]),
    Hiatus(),
    Hiatus(days=0),
    GoldDrag(),
    GoldDrag(gold=0.3, drag=0.5, by="order_days", newcomer_days=30, names=["a", "b", "c"]),
    Scorecard(),
    Scorecard({"order_days": 1, "days_since_first": 2}, ["days_since_first"], shares=[0.5]),
    Lifecycle(),
    Lifecycle(1, 1.5, 2.5, newcomer_days=0),
]
CLUSTERS = [
    Clusters(k_choices=[2, 3, 4]),
    Clusters(k=3),
    Clusters(k=1),
    Clusters("ward", k_choices=[2, 3, 4]),
    Clusters("ward", k=4),
    Clusters("mixture", k=3),
    Clusters("mixture", k_choices=[2]),
    Clusters(k=2, features=["monetary_total"]),
]
EVERY = pytest.mark.parametrize("method", RULES + CLUSTERS, ids=repr)


def rhythm(customers: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that follow from the others, so that ties stay ties."""
    first = customers["days_since_last"] + 9 * (customers["order_days"] - 1)
    mean = customers["monetary_total"] / customers["order_days"]
    return customers.assign(days_since_first=first, monetary_mean=mean)


def some(n: int = 240, seed: int = 0) -> pd.DataFrame:
    """Customers with skewed spend, ties, and a few who returned more than they bought."""
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.4, n)
    money = np.round(orders * rng.lognormal(3, 1, n), 2)
    money[::40] *= -0.1
    days = rng.integers(0, 270, n)
    frame = pd.DataFrame({"days_since_last": days, "order_days": orders, "monetary_total": money})
    frame = pd.concat([frame, frame.head(n // 6)], ignore_index=True)
    frame = rhythm(frame)
    return frame.set_axis(pd.Index([f"c{i:04}" for i in range(len(frame))], name="customer_id"))


def small(n_max: int = 25) -> st.SearchStrategy[pd.DataFrame]:
    row = st.tuples(st.integers(0, 8), st.integers(1, 4), st.integers(-3, 12))
    rows = st.lists(row, min_size=1, max_size=n_max)
    return rows.map(lambda found: rhythm(pd.DataFrame(found, columns=FEATURES)))


def test_every_registered_method_is_under_contract():
    assert {type(method) for method in RULES + CLUSTERS} == set(METHODS.values())
    assert all(issubclass(kind, Tiering) for kind in METHODS.values())


@EVERY
def test_one_tier_each_best_first(method):
    customers = some()
    tiers = clone(method).fit(customers).labels_
    assert tiers.name == "tier"
    assert tiers.notna().all()
    assert tiers.cat.ordered
    assert tiers.index.equals(customers.index)


@EVERY
def test_row_order_is_irrelevant(method):
    customers = some()
    shuffled = customers.sample(frac=1, random_state=3)
    tiers = clone(method).fit(customers).labels_
    again = clone(method).fit(shuffled).labels_
    assert_series_equal(again.reindex(tiers.index), tiers)


@EVERY
def test_input_is_unmodified(method):
    customers = some()
    before = customers.copy(deep=True)
    clone(method).fit(customers).predict(customers)
    assert_frame_equal(customers, before)


@EVERY
def test_same_seed_same_tiers_and_predict_repeats_fit(method):
    customers = some()
    fitted = clone(method).fit(customers)
    assert_series_equal(fitted.predict(customers), fitted.labels_)
    assert_series_equal(clone(method).fit(customers).labels_, fitted.labels_)
    assert_series_equal(fitted.refit(customers).labels_, fitted.labels_)


@EVERY
def test_identical_customers_share_a_tier(method):
    customers = some()
    tiers = clone(method).fit(customers).labels_
    assert (tiers.groupby([customers[f] for f in FEATURES]).nunique() == 1).all()


@EVERY
def test_missing_column_is_named(method):
    column = method.columns[0]
    with pytest.raises(StudyError, match=f"needs the column '{column}'"):
        clone(method).fit(some().drop(columns=column))
    with pytest.raises(StudyError, match=f"needs the column '{column}'"):
        clone(method).fit(some()).predict(some().drop(columns=column))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@EVERY
def test_missing_or_infinite_values_are_refused(method, bad):
    customers = some().astype("float64")
    column = method.columns[-1]
    customers.iloc[[5, 9], customers.columns.get_loc(column)] = bad
    with pytest.raises(StudyError, match=f"'{column}' is missing or infinite for 2 of 280"):
        clone(method).fit(customers)


@EVERY
def test_nullable_numbers_work_and_their_gaps_are_refused(method):
    customers = some()
    nullable = customers.astype({"order_days": "Int64", "monetary_total": "Float64"})
    assert_series_equal(clone(method).fit(nullable).labels_, clone(method).fit(customers).labels_)
    column = method.columns[-1]
    nullable[column] = nullable[column].astype("Float64")
    nullable.iloc[0, nullable.columns.get_loc(column)] = pd.NA
    with pytest.raises(StudyError, match=f"'{column}' is missing or infinite for 1 of 280"):
        clone(method).fit(nullable)


@EVERY
def test_text_is_refused(method):
    column = method.columns[0]
    with pytest.raises(StudyError, match=f"'{column}' must hold numbers"):
        clone(method).fit(some().astype({column: str}))


@EVERY
def test_constant_columns_put_everyone_in_one_tier(method):
    customers = rhythm(some().assign(days_since_last=7, order_days=2, monetary_total=5.0))
    assert clone(method).fit(customers).labels_.nunique() == 1


@EVERY
def test_one_customer(method):
    fitted = clone(method).fit(some().head(1))
    assert fitted.labels_.notna().tolist() == [True]
    assert fitted.predict(some()).notna().all()


@EVERY
def test_no_customer_to_learn_from(method):
    with pytest.raises(StudyError, match="no customer to learn"):
        clone(method).fit(some().head(0))


@EVERY
def test_predict_on_an_empty_frame(method):
    fitted = clone(method).fit(some())
    tiers = fitted.predict(some().head(0))
    assert len(tiers) == 0
    assert list(tiers.cat.categories) == list(fitted.tiers_)


@EVERY
def test_later_customers_beyond_all_limits_get_a_tier(method):
    later = pd.DataFrame({"days_since_last": [0, 10_000], "order_days": [900, 1],
                          "monetary_total": [1e9, -1e9]}, index=["best", "worst"])  # fmt: skip
    later = rhythm(later)
    tiers = clone(method).fit(some()).predict(later)
    assert tiers.notna().all()
    if getattr(method, "model", "") != "mixture":  # whose likelihoods cross again far out
        assert tiers.cat.codes["best"] <= tiers.cat.codes["worst"]


@EVERY
def test_rules_have_one_row_per_tier(method):
    fitted = clone(method).fit(some())
    rules = fitted.rules()
    assert rules["tier"].tolist() == list(fitted.tiers_)
    assert len(set(fitted.tiers_)) == len(fitted.tiers_)
    assert rules["rule"].str.len().gt(0).all()


@EVERY
def test_a_rule_that_says_nobody_holds_nobody(method):
    fitted = clone(method).fit(some())
    nobody = fitted.rules().query("rule == 'nobody'")["tier"]
    assert not fitted.labels_.isin(nobody).any()


@EVERY
def test_parameters_are_only_stored(method):
    parameters = method.get_params()
    copy = clone(method)
    assert copy.get_params() == parameters
    assert not [name for name in vars(copy) if name.endswith("_")]
    assert type(method).__name__ in repr(method)
    clone(method).set_params(**parameters).fit(some())
    assert method.get_params() == parameters


@EVERY
def test_complexity_counts(method):
    variables, cells = clone(method).fit(some()).complexity
    assert variables == len(method.columns)
    assert cells >= 1


def has_sql(method: Tiering) -> bool:
    return not isinstance(method, Scorecard) and getattr(method, "model", "") != "mixture"


def tiers_by_sql(fitted: Tiering, customers: pd.DataFrame) -> list[str]:
    frame = customers.reset_index(drop=True).reset_index(names="place")
    DUCKDB.register("features", frame)
    query = f"SELECT {fitted.sql()} AS tier FROM features ORDER BY place"
    rows = DUCKDB.sql(query).fetchall()
    return [tier for (tier,) in rows]


@EVERY
def test_sql_gives_the_same_tiers(method):
    customers = some()
    fitted = clone(method).fit(customers)
    if not has_sql(method):
        with pytest.raises(StudyError, match="cannot be written as one SQL expression"):
            fitted.sql()
        return
    later = some(seed=1)
    assert tiers_by_sql(fitted, customers) == fitted.labels_.astype(str).tolist()
    assert tiers_by_sql(fitted, later) == fitted.predict(later).astype(str).tolist()


def test_sql_speaks_other_dialects_and_names_an_unknown_one():
    fitted = ABC().fit(some())
    assert "`monetary_total`" in fitted.sql("spark")
    with pytest.raises(StudyError, match="'klingon' is no SQL dialect"):
        fitted.sql("klingon")


@pytest.mark.parametrize("method", RULES, ids=repr)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(customers=small(), later=small())
def test_rules_hold_on_any_small_frame(method, customers, later):
    fitted = clone(method).fit(customers)
    tiers = fitted.labels_
    assert tiers.notna().all()
    backwards = clone(method).fit(customers[::-1]).labels_
    assert backwards[::-1].tolist() == tiers.tolist()
    if has_sql(method):
        assert tiers_by_sql(fitted, customers) == tiers.astype(str).tolist()
        assert tiers_by_sql(fitted, later) == fitted.predict(later).astype(str).tolist()
    assert not tiers.isin(fitted.rules().query("rule == 'nobody'")["tier"]).any()


@pytest.mark.parametrize(
    "method", [Clusters(k=3), Clusters("ward", k=3), Clusters("mixture", k=3),
               Clusters("ward", k_choices=[2, 3])], ids=repr
)  # fmt: skip
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(customers=small())
def test_clusters_hold_on_any_small_frame(method, customers):
    fitted = clone(method).fit(customers)
    tiers = fitted.labels_
    different = len(customers.drop_duplicates())
    assert tiers.notna().all()
    assert len(fitted.tiers_) <= different
    backwards = clone(method).fit(customers[::-1]).labels_
    assert backwards[::-1].tolist() == tiers.tolist()
    assert (tiers.groupby([customers[f] for f in FEATURES]).nunique() == 1).all()


WRONG = [
    (ABC(by=["monetary_total"]), "'by'"),
    (ABC(cut="shares"), "'cut'"),
    (ABC(cut=["share"]), "'cut'"),
    (ABC(limits="0.8"), "list of numbers"),
    (ABC(limits=["0.8", "0.95"]), "list of numbers"),
    (ABC(limits=[True]), "list of numbers"),
    (ABC(limits=0.8), "list of numbers"),
    (ABC(limits={0.8: 1}), "list of numbers"),
    (ABC(limits=[]), "between 0 and 1"),
    (ABC(limits=[80, 95]), "between 0 and 1"),
    (ABC(limits=[float("nan")]), "between 0 and 1"),
    (ABC(limits=[0.9, 0.8]), "go up"),
    (ABC(limits=[0.8, 0.8]), "go up"),
    (ABC(limits=[i / 40 for i in range(1, 27)]), "27 classes"),
    (ABC(cut="computed", limits=[0.8]), "leave out 'limits'"),
    (RFM(form="sums"), "'form'"),
    (RFM(form=None), "'form'"),
    (RFM(bins="5"), "'bins'"),
    (RFM(bins=True), "'bins'"),
    (RFM(bins=10), "from 2 to 9"),
    (RFM(cuts=[30, 60]), "'cuts' must be a mapping"),
    (RFM(cuts={"x": [1, 2, 3, 4]}), "key of 'cuts'"),
    (RFM(cuts={"r": [1, 2]}), "need 4 limits"),
    (RFM(cuts={"r": None}), "list of numbers"),
    (RFM(shares=["a"]), "list of numbers"),
    (RFM(shares=0.5), "list of numbers"),
    (RFM(shares=[0.5], form="segments"), "need form: sum"),
    (RFM(segments={"a": {"r": 1}}), "need form: segments"),
    (RFM(form="segments", bins=4), "need 5 bins"),
    (RFM(form="segments", segments=["a"]), "must be a mapping"),
    (RFM(form="segments", segments={"a": 5}), "needs ranges"),
    (RFM(form="segments", segments={"a": {"q": [1, 2]}}), "'q'"),
    (RFM(form="segments", segments={"a": {"r": None}}), "lowest, highest"),
    (RFM(form="segments", segments={"a": {"r": "45"}}), "lowest, highest"),
    (RFM(form="segments", segments={"a": {"r": [5, 4]}}), "lowest, highest"),
    (RFM(form="segments", segments={"a": {"r": [4, 6]}}), "from 1 to 5"),
    (RFM(form="segments", segments={"No segment": {"r": 5}}), "different names"),
    (Quadrants(names="abcd"), "'names'"),
    (Quadrants(names=["a", "a", "b", "c"]), "4 different names"),
    (Quadrants(names=None), "'names'"),
    (Quadrants(value_cut="0.5"), "'value_cut'"),
    (Quadrants(loyalty_cut=1), "'loyalty_cut'"),
    (Hiatus(days="182"), "'days'"),
    (Hiatus(days=-1), "'days'"),
    (Hiatus(days=True), "'days'"),
    (Clusters(model="k-means"), "'model'"),
    (Clusters(k="five"), "'k'"),
    (Clusters(k=2.5), "'k'"),
    (Clusters(k=0), "'k'"),
    (Clusters(k=True), "'k'"),
    (Clusters(features=[]), "'features'"),
    (Clusters(features="monetary_total"), "'features'"),
    (Clusters(features=["order_days", "order_days"]), "'features'"),
    (Clusters(k_choices=5), "'k_choices'"),
    (Clusters(k_choices=[1, 2]), "'k_choices'"),
    (Clusters(k_choices=[2.5]), "'k_choices'"),
    (Clusters(seed="one"), "'seed'"),
]


@pytest.mark.parametrize(("method", "words"), WRONG, ids=lambda value: str(value)[:60])
def test_wrong_parameters_are_refused_in_words(method, words):
    with pytest.raises(StudyError, match=words):
        method.fit(some())
