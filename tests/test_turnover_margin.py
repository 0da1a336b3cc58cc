"""Turnover by margin: classes A to D, their order, and what is to be done with each."""

import pandas as pd
import pytest
from sklearn.base import clone

from segment.errors import StudyError
from segment.tiering import METHODS, TurnoverMargin
from segment.tiering.turnover_margin import FOCUS, SKILLS


def frame(days, rate) -> pd.DataFrame:
    return pd.DataFrame({"order_days": days, "margin_rate": rate})


FOUR = frame([9, 8, 1, 2], [0.4, 0.1, 0.05, 0.3])


def test_four_customers_four_classes():
    assert TurnoverMargin().fit(FOUR).labels_.tolist() == ["A", "B", "C", "D"]
    assert METHODS["turnover_margin"] is TurnoverMargin


def test_best_first_is_a_b_d_c_whatever_the_names():
    assert TurnoverMargin().fit(FOUR).tiers_ == ("A", "B", "D", "C")
    fitted = TurnoverMargin(names=["双高", "高周转", "双低", "高盈利"]).fit(FOUR)
    assert fitted.tiers_ == ("双高", "高周转", "高盈利", "双低")
    assert fitted.labels_.tolist() == ["双高", "高周转", "双低", "高盈利"]


def test_rules_name_both_limits():
    rules = TurnoverMargin().fit(FOUR).rules().set_index("tier")["rule"]
    assert rules["A"] == "purchase days at least 8, and margin rate at least 30%"
    assert rules["B"] == "purchase days at least 8, and margin rate below 30%"
    assert rules["D"] == "purchase days below 8, and margin rate at least 30%"
    assert rules["C"] == "purchase days below 8, and margin rate below 30%"


def test_other_axes_and_cuts():
    customers = FOUR.assign(margin_total=[400, 900, -5, 30], monetary_total=[1, 2, 3, 4])
    scheme = TurnoverMargin("monetary_total", "margin_total", "mean", {"fixed": 0})
    assert scheme.fit(customers).labels_.tolist() == ["D", "D", "B", "A"]


def test_a_loss_is_a_low_margin():
    fitted = TurnoverMargin(margin_cut={"fixed": 0}).fit(frame([5, 5, 5], [-0.2, 0.0, 0.1]))
    assert fitted.labels_.tolist() == ["B", "A", "A"]


def test_notes_carry_focus_and_skills_with_each_class():
    notes = TurnoverMargin().fit(FOUR).notes()
    assert notes.index.tolist() == ["A", "B", "D", "C"]
    assert notes["Work focus"].tolist() == [FOCUS[0], FOCUS[1], FOCUS[3], FOCUS[2]]
    assert notes["Account manager"].tolist() == [SKILLS[0], SKILLS[1], SKILLS[3], SKILLS[2]]


def test_own_focus_and_skills_follow_own_names():
    own = TurnoverMargin(
        names=["a", "b", "c", "d"], focus=["1", "2", "3", "4"], skills=list("wxyz")
    )
    notes = clone(own).fit(FOUR).notes()
    assert notes.loc["d"].tolist() == ["4", "z"]
    assert notes.loc["c"].tolist() == ["3", "y"]
    assert notes.loc["b"].tolist() == ["2", "x"]


def test_without_a_margin_the_column_is_named():
    with pytest.raises(StudyError, match="TurnoverMargin needs the column 'margin_rate'"):
        TurnoverMargin().fit(FOUR.drop(columns="margin_rate"))
