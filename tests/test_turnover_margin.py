"""Turnover by margin: classes A to D, their order, and what is to be done with each."""

import pandas as pd
import pytest
from sklearn.base import clone

from segment.errors import StudyError
from segment.pages.narrate.quadrants import one_side, sensitivity, title
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
    assert rules["A"] == "purchase days at least 8, and margin rate at least 0.30"
    assert rules["B"] == "purchase days at least 8, and margin rate below 0.30"
    assert rules["D"] == "purchase days below 8, and margin rate at least 0.30"
    assert rules["C"] == "purchase days below 8, and margin rate below 0.30"


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


class Study:
    currency = "USD"


class Stub:
    """An analysis of four customers, with the holdout figures of a test."""

    study = Study()

    def __init__(self, customers, value, half_width, size=9):
        method = TurnoverMargin().fit(customers)
        self.customers, self.methods = customers, {"T": method}
        self._tiers = pd.DataFrame(
            {"tier": method.tiers_, "customers": size, "mean_value": value,
             "mean_value_low": [v - half_width for v in value],
             "mean_value_high": [v + half_width for v in value]}
        )  # fmt: skip

    def tier_table(self, _):
        return self._tiers


@pytest.mark.parametrize(
    ("value", "half_width", "size", "words"),
    [([9, 8, 4, 1], 1, 9, "$8 each, more than the $4"), ([9, 4, 8, 1], 1, 9, "$4 each, less than"),
     ([9, 8, 4, 1], 3, 9, "cannot be told apart"), ([9, 8, 4, 1], 1, 4, "cannot be told apart")],
)  # fmt: skip
def test_b_against_d_is_told_only_where_the_intervals_part(value, half_width, size, words):
    found = one_side(Stub(FOUR, value, half_width, size), "T")
    assert words in found
    assert "high turnover but low margin (*B*)" in found
    assert "high margin but low turnover (*D*)" in found


def test_title_compares_with_chance():
    alike = frame([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])
    assert title(Stub(alike, [1] * 4, 0), "T") == (
        "Turnover and margin go together: 100% are alike in both (50% by chance)"
    )
    turned = frame([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1])
    assert "Who is high in turnover tends to be low in margin: 0%" in title(
        Stub(turned, [1] * 4, 0), "T"
    )
    assert "hardly related: 50%" in title(Stub(FOUR, [1] * 4, 0), "T")


def test_sentence_on_moved_cuts():
    customers = frame(range(1, 21), [0.2] * 10 + [0.3] * 10)
    text = sensitivity(Stub(customers, [1] * 4, 0), "T")
    assert "10% of the customers (turnover) and 0% of the customers (margin)" in text
    assert "are never parted" in text
