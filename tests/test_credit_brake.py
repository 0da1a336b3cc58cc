"""The credit brake on frames that can be checked by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import ABC, Clusters, CreditBrake, named
from segment.tiering.contract import tiers_by_sql

TIERS = ABC(cut="customers", limits=[0.34, 0.67])
SIX = pd.DataFrame(
    {
        "monetary_total": [60, 50, 40, 30, 20, 10],
        "arrears": [0, 100, 250, np.nan, 99.99, 900],
        "credit_grade": ["A", "D", None, "C", "D", "C"],
    },
    index=list("uvwxyz"),
)
BY_ARREARS = CreditBrake(TIERS, limits=[100, 500], caps=["B", "C"])
BY_GRADE = CreditBrake(TIERS, grades={"C": "B", "D": 3})


def test_arrears_lower_a_tier_from_the_limit_on_and_never_raise_one():
    assert clone(TIERS).fit(SIX).labels_.tolist() == list("AABBCC")
    method = clone(BY_ARREARS).fit(SIX)
    # 100 is at the limit; 250 is B anyway; 900 allows only C, which it is.
    assert method.labels_.tolist() == list("ABBBCC")
    assert method.braked_.astype(str).to_dict("index") == {"v": {"before": "A", "after": "B"}}
    assert method.details(SIX)["braked"].tolist() == [False, True, *[False] * 4]


def test_a_grade_names_the_best_tier_allowed():
    method = clone(BY_GRADE).fit(SIX)
    assert method.labels_.tolist() == list("ACBBCC")
    assert method.columns == ("monetary_total", "credit_grade")
    # A place beyond the last tier is the last.
    low = CreditBrake(TIERS, limits=[100], caps=[9]).fit(SIX)
    assert low.labels_.tolist() == list("ACCBCC")


def test_missing_values_are_free_or_capped_as_stated():
    unknown = SIX.assign(arrears=np.nan, credit_grade=None)
    for brake in (BY_ARREARS, BY_GRADE):
        assert clone(brake).fit(unknown).labels_.tolist() == list("AABBCC")
        capped = clone(brake).set_params(missing="C").fit(unknown)
        assert capped.labels_.eq("C").all()
        assert len(capped.braked_) == 4
        assert tiers_by_sql(capped, unknown) == ["C"] * 6


def test_rules_say_whom_the_brake_moves():
    assert clone(BY_ARREARS).fit(SIX).rules()["rule"].tolist() == [
        "total spent at least 50, unless arrears at least 100; unknown arrears holds nobody back",
        "total spent at least 30, unless arrears at least 500; also from better tiers, with "
        "arrears at least 100 and below 500",
        "everyone else; also from better tiers, with arrears at least 500",
    ]
    graded = clone(BY_GRADE).set_params(missing=2).fit(SIX)
    assert graded.rules()["rule"].tolist() == [
        "total spent at least 50, unless credit grade C or D or credit grade unknown",
        "total spent at least 30, unless credit grade D; also from better tiers, with "
        "credit grade C or credit grade unknown",
        "everyone else; also from better tiers, with credit grade D",
    ]


def test_a_tier_that_only_the_brake_fills_is_not_nobodys():
    brake = CreditBrake(ABC(cut="customers", limits=[0.4, 0.6]), limits=[1], caps=["B"])
    two = pd.DataFrame({"monetary_total": [1, 2], "arrears": [5, 5]})
    method = brake.fit(two)
    assert method.labels_.tolist() == ["C", "B"]
    assert method.rules()["rule"][1] == "only from better tiers, with arrears at least 1"


def test_a_brake_can_stand_on_a_brake():
    method = CreditBrake(BY_ARREARS, grades={"A": "C"}).fit(SIX)
    assert method.labels_.tolist() == list("CBBBCC")
    assert tiers_by_sql(method, SIX) == list("CBBBCC")


def test_a_study_reaches_parameters_inside_by_scikit_learns_names():
    asked = {"of": {"method": "abc", "cut": "customers"}, "limits": [1], "caps": [2]}
    method = named("credit_brake", {"of__by": "order_days", **asked}, Path())
    assert (method.of.by, method.of.cut) == ("order_days", "customers")
    with pytest.raises(StudyError, match="'abc' has no parameter 'buy'; did you mean 'by'"):
        named("credit_brake", {"of__buy": "order_days", **asked}, Path())
    with pytest.raises(StudyError, match="no parameter 'of__by'"):
        named("credit_brake", {"of__by": "order_days"}, Path())


def test_refit_learns_the_other_method_afresh_and_keeps_its_clusters():
    method = clone(BY_ARREARS).fit(SIX)
    later = SIX.assign(monetary_total=SIX["monetary_total"] + 1000)
    assert method.predict(later).tolist() == list("ABBAAC")
    assert method.refit(later).labels_.tolist() == list("ABBBCC")
    many = pd.DataFrame({"monetary_total": [1, 2, 3, 500, 510, 520, 9e5, 9.1e5], "arrears": 0})
    inside = Clusters(features=["monetary_total"], k_choices=[2, 3])
    clusters = CreditBrake(inside, limits=[5], caps=[2]).fit(many)
    assert clusters.refit(many.iloc[::-1]).of_.k == clusters.of_.k_


GRADES = st.sampled_from(["A", "C", "D", "it's", None])
ROWS = st.lists(
    st.tuples(st.integers(-2, 9), st.none() | st.integers(-1, 6), GRADES), min_size=1, max_size=20
)


@settings(max_examples=12, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["free", 1, 2, 3]), st.sampled_from([(1, 3), (2, 2), (3, 3)]))
def test_sql_gives_the_same_tiers_and_none_is_better_than_before(rows, more, missing, caps):
    names = ["monetary_total", "arrears", "credit_grade"]
    customers, later = (pd.DataFrame(r, columns=names) for r in (rows, more))
    customers, later = (f.astype({"arrears": float}) for f in (customers, later))
    for method in (
        CreditBrake(TIERS, limits=[0, 2.5], caps=list(caps), missing=missing),
        CreditBrake(TIERS, grades={"C": caps[0], "it's": caps[1]}, missing=missing),
    ):
        method.fit(customers)
        assert tiers_by_sql(method, customers) == method.labels_.astype(str).tolist()
        assert tiers_by_sql(method, later) == method.predict(later).astype(str).tolist()
        assert (method.labels_.cat.codes >= method.of_.labels_.cat.codes).all()
        nobody = method.rules().query("rule == 'nobody'")["tier"]
        assert not method.labels_.isin(nobody).any()
        moved = method.labels_.cat.codes > method.of_.labels_.cat.codes
        assert method.braked_.index.tolist() == customers.index[moved].tolist()


GRADED = {"limits": None, "caps": None}
WRONG = {
    "'of' must be the method": [{"of": None}],
    "in a study": [{"of": {"method": "abc"}}],
    "ABC: 'cut'": [{"of": ABC(cut="half")}],
    "for each of the 2 limits": [{"caps": None}, {"caps": ["B"]}, {"caps": "BC"}],
    "go up": [{"limits": [500, 100]}],
    "from 500 on must name a tier": [{"caps": ["B", 1.5]}],
    "from 500 on is 'D', which is no tier of ABC": [{"caps": ["B", "D"]}],
    "must not rise": [{"caps": ["C", "B"]}],
    "'missing' is 'worst'": [{"missing": "worst"}],
    "'missing' must name": [{"missing": None}],
    "give one of the two": [{"grades": {"D": "C"}}, GRADED],
    "best tier of a grade": [GRADED | {"grades": ["D"]}, GRADED | {"grades": {}}],
    "grade 'D' is 'E'": [GRADED | {"grades": {"D": "E"}}],
    "needs the column 'debts'": [{"by": "debts"}],
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_parameters_are_named(message):
    for parameters in WRONG[message]:
        with pytest.raises(StudyError, match=message):
            clone(BY_ARREARS).set_params(**parameters).fit(SIX)
