"""The contract of tiering methods, over every method and many settings."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import (
    ABC,
    CLV,
    METHODS,
    RFM,
    Clusters,
    CreditBrake,
    FiveKinds,
    Given,
    GoldDrag,
    Hiatus,
    Learned,
    Lifecycle,
    Quadrants,
    RecentSpend,
    Scorecard,
    Thresholds,
    Tiering,
    TurnoverMargin,
    base,
)
from segment.tiering.contract import CHECKS, check, sample, tiers_by_sql

FEATURES = ["days_since_last", "order_days", "monetary_total"]
LATELY = ["spend_60", "spend_7.5", "margin_60", "margin_7.5"]
OWN_CUTS = {"r": [30, 90, 180, 365], "f": [2, 3, 5, 9], "m": [10, 50, 100.5, 500]}
OWN_SEGMENTS = {"VIP's": {"r": [4, 5], "fm": [4, 5]}, "Lapsed": {"r": 1}}
RULES = [
    ABC(),
    ABC(by="order_days", limits=[0.3, 0.6, 0.9]),
    ABC(by="margin_total"),
    ABC(cut="customers", limits=[0.05, 0.2, 0.5]),
    ABC(cut="computed"),
    RecentSpend(),
    RecentSpend(60, shares=[0.3]),
    RecentSpend(7.5),
    RFM(),
    RFM(bins=3),
    RFM(cuts=OWN_CUTS),
    RFM(compat="rfm-r"),
    RFM("concatenated", bins=3, compat="rfm-r"),
    RFM("segments", compat="rfm-r", cuts={"r": [30, 90, 180, 365]}),
    RFM(shares=[0.1, 0.3, 0.6]),
    RFM(form="concatenated"),
    RFM(form="concatenated", bins=2, cuts={"f": [2]}),
    RFM(form="segments"),
    RFM(form="segments", segments=OWN_SEGMENTS),
    RFM(form="segments", segments={"Top": {"r": [2, 9], "m": [5, 9]}}, bins=9),
    Quadrants(),
    Quadrants(value_cut=0.8, loyalty_cut=0.3, names=["a", "b", "c", "d"]),
    Quadrants("monetary_mean", "days_since_last", "mean", {"fixed": 90}),
    Quadrants(["monetary_total", "monetary_mean"], FEATURES[:2], "median", "mean"),
    Quadrants(loyalty=[*FEATURES[:2], "days_since_first"], value_cut={"fixed": 20.5}),
    TurnoverMargin(),
    TurnoverMargin(margin_cut={"fixed": 1e9}, names=["甲", "乙's", "丙", "丁"]),
    TurnoverMargin("monetary_total", margin_cut={"fixed": 0.2}, turnover_cut=0.95),
    TurnoverMargin("monetary_total", "days_since_last", 0.95, 0.05, less_is_better=[]),
    Hiatus(),
    Hiatus(days=0),
    GoldDrag(),
    GoldDrag(gold=0.3, drag=0.5, by="order_days", newcomer_days=30, names=["a", "b", "c"]),
    Scorecard(),
    Scorecard({"order_days": 1, "days_since_first": 2}, ["days_since_first"], shares=[0.5]),
    Scorecard(cuts=[0.8, 0.6, 0.3]),
    Scorecard({"order_days": 1, "monetary_total": 2}, missing="middle"),
    Scorecard({"order_days": 1, "monetary_total": 2}, missing="rest"),
    CreditBrake(ABC(), "days_since_first", [30, 60.5], ["B", "C"]),
    CreditBrake(ABC(by="order_days"), "days_since_last", [100], [2], missing="B"),
    CreditBrake(ABC(), grades={"D": "C", "C": 2}),
    CreditBrake(Quadrants(names=["VIP's", "b", "c", "d"]), "order_days", [2, 3], ["b", 4]),
    CreditBrake(Lifecycle(), "days_since_first", [0], [2]),
    CreditBrake(CreditBrake(GoldDrag(), "days_since_last", [60], [2]), "order_days", [2], [3]),
    Lifecycle(),
    Lifecycle(1, 1.5, 2.5, newcomer_days=0),
    Lifecycle(prospect_names=["潜在", "热点"]),
    FiveKinds(),
    FiveKinds(0.5, -0.5, 1, dormant_days=4, names=["重点", "潜力", "粉丝", "一般", "边际", "it's"]),
    Thresholds(),
    Thresholds("order_days", {"a": 4, "b's": 2}, rest="c"),
    Thresholds("monetary_total", {"gold": 100, "in credit": 0}),
    Thresholds(tiers={"gold": 100.5, "silver": 50}, grace=2),
    Thresholds("balance_month_mean", {"私银": 500, "欣然": 50}, rest="普通", grace=1),
    Thresholds({"any": ["order_days", "monetary_year"]}, {"a": [3, 90], "b": [2, 40]}),
    Thresholds({"all": ["order_days", "satisfaction"]}, {"a": [3, 3], "b": [2, 3]}),
    Thresholds(
        {"all": ["monetary_year", "balance_month_mean"]}, {"a": [50, 5], "b": [9, 5]}, grace=1
    ),
    Given([*"ABCD", "'", "X", "?"], "credit_grade"),
]
CLUSTERS = [
    Clusters(k_choices=[2, 3, 4]),
    Clusters(k=1),
    Clusters("ward", k_choices=[2, 3, 4]),
    Clusters("mixture", k=3),
    Clusters(k=2, features=["monetary_total"]),
    Clusters("hdbscan"),
    Clusters(k=3, categories=["region"]),
    Clusters("ward", k=3, features=["order_days", "grade"], categories=["grade"]),
    Clusters(k=2, features=[], categories=["region"]),
    Clusters("hdbscan", categories=["region"], missing="mean"),
    Clusters(k_choices=[2, 3], features=["satisfaction", "monetary_total"], missing="mean"),
    Clusters(k=2, features=["satisfaction"], missing="mean", less_is_better=["satisfaction"]),
    CreditBrake(Clusters(k=3), "days_since_last", [120], [2]),
    CreditBrake(Clusters(k_choices=[2, 3]), "days_since_last", [120], [1]),
    CreditBrake(Scorecard(), "days_since_last", [120], ["C"]),
]
PLAIN_CLUSTERS = [Clusters(model, k=3) for model in ("kmeans", "ward", "mixture")]
LEARNED = [Learned(), Learned(shares=[0.5])]
# Methods of which more of every column is never worse, and fewer days since the last purchase.
SORTING = [
    method
    for method in RULES
    if isinstance(
        method, (ABC, RFM, Quadrants, Hiatus, GoldDrag, RecentSpend, Scorecard, Thresholds)
    )
]
WITHOUT_SQL = (Scorecard, Learned)
EVERY = pytest.mark.parametrize("method", RULES + CLUSTERS + LEARNED, ids=repr)


def small(n_max: int = 25) -> st.SearchStrategy[pd.DataFrame]:
    row = st.tuples(st.integers(0, 8), st.integers(1, 4), st.integers(-3, 12))
    rows = st.lists(row, min_size=1, max_size=n_max)
    return rows.map(lambda found: rhythm(pd.DataFrame(found, columns=FEATURES)))


def rhythm(customers: pd.DataFrame) -> pd.DataFrame:
    """Add every other column as one that follows from these, so that ties stay ties."""
    days, orders, money = customers[FEATURES].to_numpy().T
    columns = {
        "days_since_first": days + 9 * (orders - 1),
        "monetary_mean": money / orders,
        "margin_rate": (money - days) / 10,
        "margin_total": money - days,
        **{f"recent_{name}": (money / (1 + days)).round(2) for name in LATELY},
        "monetary_year": money.clip(max=9),
        "monetary_year_ago_1": money - orders,
        "monetary_year_ago_2": np.where(days > 1, orders, np.nan),
        "balance_month_mean": np.where(orders > 1, money * 1e5, np.nan),
        "balance_month_mean_ago_1": np.where(days > 1, money * 1e4, np.nan),
        "growth": (orders - days) / 12,
        "arrears": np.where(days > 2, days, np.nan),
        "credit_grade": np.array(list("AABCDD'X?"), dtype=object)[days],
        "satisfaction": np.where(days % 3 > 0, orders, np.nan),
        "complaints": days // 4,
        "referrals": money % 4,
    }
    columns = {name: customers[name].to_numpy() for name in FEATURES} | columns
    return pd.DataFrame(columns, index=customers.index)


def test_every_registered_method_is_under_contract():
    # The package behind CLV is optional; tests/test_clv.py has its contract.
    known = set(METHODS.values()) - {CLV}
    assert {type(method) for method in RULES + CLUSTERS + LEARNED} == known
    assert all(issubclass(kind, Tiering) for kind in METHODS.values())


@EVERY
def test_contract(method):
    found = check(method)
    assert len(found) == len(CHECKS)
    assert [outcome for outcome in found if outcome.broken] == []
    customers = sample(method)
    numbers = customers.select_dtypes("number").columns
    far = customers.head(2).astype(dict.fromkeys(numbers, "float64"))
    far.loc[:, numbers] = [[-1e9] * len(numbers), [1e9] * len(numbers)]
    assert clone(method).fit(customers).predict(far).notna().all()


@EVERY
def test_customers_are_tiered_some_at_a_time(method, monkeypatch):
    customers = sample(method)
    fitted = clone(method).fit(customers)
    monkeypatch.setattr(base, "AT_ONCE", 50)
    pd.testing.assert_series_equal(clone(method).fit(customers).labels_, fitted.labels_)
    spoiled = customers.assign(**dict.fromkeys(fitted.read_, np.nan))
    if not {*fitted.read_} <= {*method.gaps, *method.texts}:
        with pytest.raises(StudyError, match=f"of {len(customers)} customers"):
            fitted.predict(spoiled)


@pytest.mark.parametrize("method", SORTING, ids=repr)
def test_more_is_never_worse(method):
    customers = sample(method)
    far = customers.head(2).set_axis(["best", "worst"])
    for name in method.columns:
        less = name in getattr(method, "less_is_better", ["days_since_last"])
        best = 0 if less else 10**9
        far[name] = [best, 10**9 - best]
    tiers = clone(method).fit(customers).predict(far)
    assert tiers.cat.codes["best"] <= tiers.cat.codes["worst"]


def test_sql_speaks_other_dialects_and_names_an_unknown_one():
    fitted = ABC().fit(sample(ABC()))
    assert "`monetary_total`" in fitted.sql("spark")
    with pytest.raises(StudyError, match="'klingon' is no SQL dialect"):
        fitted.sql("klingon")


@pytest.mark.parametrize("method", RULES + PLAIN_CLUSTERS, ids=repr)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(customers=small(), later=small())
def test_methods_hold_on_any_small_frame(method, customers, later):
    fitted = clone(method).fit(customers)
    tiers = fitted.labels_
    assert tiers.notna().all()
    assert (tiers.groupby([customers[name] for name in FEATURES]).nunique() == 1).all()
    backwards = clone(method).fit(customers[::-1]).labels_
    assert backwards[::-1].tolist() == tiers.tolist()
    if method in RULES and has_sql(fitted):
        assert tiers_by_sql(fitted, customers) == tiers.astype(str).tolist()
        assert tiers_by_sql(fitted, later) == fitted.predict(later).astype(str).tolist()
    assert not tiers.isin(fitted.rules().query("rule == 'nobody'")["tier"]).any()


def has_sql(fitted: Tiering) -> bool:
    """Whether the method gives SQL; those that give none are listed here."""
    try:
        fitted.sql()
    except StudyError:
        assert isinstance(getattr(fitted, "of", fitted), WITHOUT_SQL) or not fitted.native_rule
        return False
    return True


class Halves(Tiering):
    """A sound method, for the broken ones below."""

    @property
    def columns(self):
        return ("monetary_total",)

    def _learn(self, values):
        self.tiers_ = ("upper", "lower")
        self.limit_ = float(values["monetary_total"].median())

    def _codes(self, values):
        return (values["monetary_total"] < self.limit_).to_numpy().astype(int)

    def _sql(self):
        return f"CASE WHEN monetary_total >= {self.limit_!r} THEN 'upper' ELSE 'lower' END"


class Spoils(Halves):
    def fit(self, customers, y=None):
        customers["monetary_total"] += 1
        return super().fit(customers)


class LearnsAtOnce(Halves):
    def __init__(self):
        self.limit_ = 3


class Unordered(Halves):
    def predict(self, customers):
        return super().predict(customers).astype(str)


class FillsGaps(Halves):
    def _checked(self, customers):
        return super()._checked(
            customers.assign(monetary_total=customers["monetary_total"].fillna(0))
        )


class ShortRules(Halves):
    def rules(self):
        return super().rules().head(1)


def coded(name, codes) -> type[Halves]:
    """A method whose tiers are the codes of the values."""
    return type(name, (Halves,), {"_codes": lambda self, values: codes(values["monetary_total"])})


def by_place(money):
    return (money.rank(method="first") <= len(money) // 2).to_numpy().astype(int)


ByRow = coded("ByRow", lambda money: np.arange(len(money)) % 7 // 4)
Random = coded("Random", lambda money: np.random.default_rng().integers(0, 2, len(money)))
SpreadsEquals = coded("SpreadsEquals", by_place)
OtherSql = type("OtherSql", (Halves,), {"_sql": lambda self: "'upper'"})
BROKEN = {
    ByRow: {"row order is irrelevant", "ties stay together"},
    Random: {"repeats itself"},
    Spoils: {"leaves its input alone"},
    LearnsAtOnce: {"only stores parameters"},
    Unordered: {"one tier each"},
    FillsGaps: {"refuses missing values"},
    ShortRules: {"rules have a row per tier"},
    OtherSql: {"sql agrees"},
    SpreadsEquals: {"constant columns make one tier"},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_contract_finds_what_is_broken_and_passes_a_sound_method(kind):
    assert {outcome.name for outcome in check(kind()) if outcome.broken} >= BROKEN[kind]
    assert not [outcome for outcome in check(Halves()) if outcome.broken]


NAN = float("nan")
WRONG = {
    "ABC: 'by'": [ABC(by=["monetary_total"])],
    "ABC: 'cut'": [ABC(cut="shares"), ABC(cut=["share"])],
    "ABC: .*list of numbers": [ABC(limits=limits) for limits in ("0.8", ["0.8", 1], [True], 0.8)],
    "between 0 and 1": [ABC(limits=limits) for limits in ([], [80, 95], [NAN])],
    "go up": [ABC(limits=[0.9, 0.8]), ABC(limits=[0.8, 0.8])],
    "27 classes": [ABC(limits=[i / 40 for i in range(1, 27)])],
    "leave out 'limits'": [ABC(cut="computed", limits=[0.8])],
    "RFM: 'form'": [RFM(form="sums"), RFM(form=None)],
    "RFM: 'bins'": [RFM(bins="5"), RFM(bins=True)],
    "from 2 to 9": [RFM(bins=10)],
    "'cuts' must be a mapping": [RFM(cuts=[30, 60])],
    "key of 'cuts'": [RFM(cuts={"x": [1, 2, 3, 4]})],
    "need 4 limits": [RFM(cuts={"r": [1, 2]})],
    "need form: sum": [RFM(shares=[0.5], form="segments")],
    "need form: segments": [RFM(segments={"a": {"r": 1}})],
    "need 5 bins": [RFM(form="segments", bins=4)],
    "must be a mapping": [RFM("segments", segments=["a"])],
    "needs ranges": [RFM("segments", segments={"a": 5})],
    "'q'": [RFM("segments", segments={"a": {"q": [1, 2]}})],
    "lowest, highest": [RFM("segments", segments={"a": {"r": r}}) for r in (None, "45", [5, 4])],
    "from 1 to 5": [RFM("segments", segments={"a": {"r": [4, 6]}})],
    "RFM: .*different names": [RFM("segments", segments={"No segment": {"r": 5}})],
    "RFM: 'compat'": [RFM(compat="rfm"), RFM(compat=True), RFM(compat=1)],
    "Quadrants: .*'names'": [Quadrants(names="abcd"), Quadrants(names=None)],
    "4 different names": [Quadrants(names=["a", "a", "b", "c"]), TurnoverMargin(names=["a", "b"])],
    "'value_cut'": [Quadrants(value_cut=cut) for cut in ("0.5", {"fixed": NAN}, {"at": 5}, True)],
    "has no unit": [Quadrants(loyalty_cut={"fixed": 0.5})],
    "lists one column": [Quadrants(loyalty=["order_days"])],
    "'value'": [Quadrants(value=None)],
    "must differ": [Quadrants(value="order_days", loyalty="order_days")],
    "'less_is_better'": [Quadrants(less_is_better="arrears")],
    "'focus' must be a list of four texts": [TurnoverMargin(focus=["a", "b", "c"])],
    "'skills'": [TurnoverMargin(skills=["a", "b", "c", ""]), TurnoverMargin(skills="abcd")],
    "leave out 'k'": [Clusters("hdbscan", k=3)],
    "bell curves": [Clusters("mixture", categories=["region"])],
    "'categories'": [Clusters(categories="region"), Clusters(categories=["region", "region"])],
    "Clusters: 'missing'": [Clusters(missing="median")],
    "names 'satisfaction'": [Clusters(less_is_better=["satisfaction"])],
    "'model'": [Clusters(model="k-means")],
    "Clusters: 'k'": [Clusters(k=k) for k in ("five", 2.5, 0, True)],
    "'features'": [Clusters(features=columns) for columns in ([], "growth", ["growth"] * 2)],
    "'k_choices'": [Clusters(k_choices=choices) for choices in (5, [1, 2], [2.5])],
    "'seed'": [Clusters(seed="one"), Clusters(seed=-1)],
    "Learned: .*go up": [Learned(shares=[0.5, 0.2])],
    "RecentSpend: 'half_life'": [RecentSpend(days) for days in (0, 6, "60", NAN, 10**400)],
    "GoldDrag: 'by'": [GoldDrag(by=3)],
    "Hiatus: 'days'": [Hiatus(days=days) for days in ("182", -1, True, 10**400)],
    "'drag'": [GoldDrag(drag=1.2), GoldDrag(drag=10**30)],
    "'gold'": [GoldDrag(gold=0)],
    "room": [GoldDrag(gold=0.6, drag=0.5)],
    "'newcomer_days'": [GoldDrag(newcomer_days=-1), Lifecycle(newcomer_days=1.5)],
    "GoldDrag: 'names'": [GoldDrag(names=["a", "a", "b"])],
    "Lifecycle: .*must go up": [Lifecycle(at_risk_after=5)],
    "Lifecycle: 'names'": [Lifecycle(names=["a"])],
    "'prospect_names'": [Lifecycle(prospect_names="ab")],
    "'new' stands under": [Lifecycle(prospect_names=["lead", "new"])],
    "'key_share'": [FiveKinds(key_share=0), FiveKinds(key_share="0.2")],
    "'growth_least' must be a number above -1 and at most 1": [FiveKinds(growth_least=-1)],
    "'referrals_least' must be a number above 0": [FiveKinds(referrals_least=0)],
    "'satisfaction_most' must be a number": [FiveKinds(satisfaction_most=v) for v in (None, NAN)],
    "'dormant_after'": [FiveKinds(dormant_after=-2), FiveKinds(dormant_after=np.inf)],
    "6 different names": [FiveKinds(names=["a", "b"])],
    "Thresholds: 'by'": [Thresholds(["monetary_year"])],
    "'tiers' must name tiers": [Thresholds(tiers=[5000, 1000]), Thresholds(tiers={})],
    "limit of 'gold' must be a number": [
        Thresholds(tiers={"gold": limit}) for limit in ("5000", True, NAN, np.inf)
    ],
    "Thresholds: .*different names": [
        Thresholds(tiers={1: 5000}),
        Thresholds(rest="gold"),
        Thresholds(rest=None),
    ],
    r"'silver' \(1,000\) stands above 'gold'": [Thresholds(tiers={"silver": 1000, "gold": 5000})],
    r"'b' \(7\) stands above 'c' \(7\)": [Thresholds(tiers={"a": 9, "b": 7, "c": 7})],
    "'grace' must be a whole number from 0 to 36": [
        Thresholds(grace=months) for months in (-1, 1.5, True, 37)
    ],
    "'grace' needs what 'monetary_total' was": [Thresholds("monetary_total", grace=2)],
    "'grace' needs what 'monetary_year_ago_1' was": [Thresholds("monetary_year_ago_1", grace=2)],
    "is {all": [Thresholds({"some": ["a", "b"]}, {"x": [5, 1]})],
    "'by' must be a list of different names": [Thresholds({"all": ["a"]}, {"x": [5, 1]})],
    "'x' needs a list of 2 limits, one for each of a": [Thresholds({"all": ["a", "b"]}, {"x": 5})],
    "'x' .5, 1. stands above 'y' .4, 2.": [
        Thresholds({"any": ["a", "b"]}, {"x": [5, 1], "y": [4, 2]})
    ],
    "'missing' cannot be 'ignore'": [Scorecard(missing="ignore")],
    "'order_dais', which has no weight": [Scorecard(less_is_better=["order_dais"])],
    "Scorecard: 'less_is_better' must be a list": [Scorecard(less_is_better="order_days")],
    "leave one out": [Scorecard(shares=[0.1], cuts=[0.5])],
    "Scorecard: .*go up": [Scorecard(shares=[0.5, 0.1])],
    "the highest first": [Scorecard(cuts=[0.6, 0.8])],
    "Scorecard: .*between 0 and 1": [Scorecard(cuts=cuts) for cuts in ([80, 60], 0.8, [])],
    "add up to 0": [Scorecard(weights={"order_days": 0})],
    "'order_days' must be 0 or more": [Scorecard(weights={"order_days": w}) for w in (-1, "much")],
    "must name columns": [Scorecard(weights={})],
}
REFUSED = [(method, words) for words, methods in WRONG.items() for method in methods]


@pytest.mark.parametrize(("method", "words"), REFUSED, ids=lambda value: str(value)[:60])
def test_wrong_parameters_are_refused_in_words(method, words):
    with pytest.raises(StudyError, match=words):
        method.fit(sample(RFM()))


def test_methods_can_be_named_without_what_fits_them():
    """``segment check`` names them, and scikit-learn takes longer to load than data to check."""
    code = "import segment.tiering, sys; print({*sys.modules} & {'sklearn', 'scipy'})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_a_method_keeps_what_scikit_learn_asks_of_estimators():
    brake = CreditBrake(of=RFM(), by="arrears", limits=[1], caps=[2])
    assert (
        clone(brake).set_params(of__form="segments", missing=1).get_params()["of__form"]
        == "segments"
    )
    assert brake.of.form == RFM().form
    assert repr(RFM(form="segments")) == "RFM(form='segments')"
    with pytest.raises(ValueError, match="RFM has no parameter 'from'"):
        RFM().set_params(**{"from": 1})
    with pytest.raises(AttributeError, match="RFM is not fitted yet; call 'fit' first"):
        RFM().predict(pd.DataFrame())
