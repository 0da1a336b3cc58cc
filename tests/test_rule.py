"""Rules as data: membership, words and SQL say the same."""

import re

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.tiering import told
from segment.tiering.rule import (
    NOBODY,
    AllOf,
    AnyOf,
    Figure,
    Rule,
    Unless,
    Unwritable,
    at_least,
    case,
    number,
    places,
)

DUCKDB = duckdb.connect()
SOME = Rule("order_days", ">=", 2)
LATE = Rule("days_since_last", ">", 30.5)
GRADE = Rule("credit_grade", "one of", "C", "it's")
UNKNOWN = Rule("arrears", "unknown")
OWES = Rule("arrears", "from, below", 100, 500)
CUSTOMERS = pd.DataFrame(
    {
        "order_days": [1, 2, 3, 4],
        "days_since_last": [30.5, 31, 99, 0],
        "credit_grade": ["C", None, "it's", "A"],
        "arrears": [99.99, 100, None, 500],
    }
)


@pytest.mark.parametrize(
    ("rule", "who", "words", "sql"),
    [
        (SOME, [0, 1, 1, 1], "purchase days at least 2", '"order_days" >= 2'),
        (
            LATE,
            [0, 1, 1, 0],
            "days since last purchase above 30.50",
            "\"days_since_last\" > CAST('30.5' AS DOUBLE)",
        ),
        (GRADE, [1, 0, 1, 0], "credit grade C or it's", "\"credit_grade\" IN ('C', 'it''s')"),
        (UNKNOWN, [0, 0, 1, 0], "arrears unknown", '"arrears" IS NULL'),
        (
            OWES,
            [0, 1, 0, 0],
            "arrears at least 100 and below 500",
            '"arrears" >= 100 AND "arrears" < 500',
        ),
        (
            AllOf(SOME, AnyOf(OWES, UNKNOWN)),
            [0, 1, 1, 0],
            "purchase days at least 2 and arrears at least 100 and below 500 or arrears unknown",
            '"order_days" >= 2 AND ("arrears" >= 100 AND "arrears" < 500 OR "arrears" IS NULL)',
        ),
        (
            Unless(SOME, GRADE),
            [0, 1, 0, 1],
            "purchase days at least 2, unless credit grade C or it's",
            "\"order_days\" >= 2 AND NOT (\"credit_grade\" IN ('C', 'it''s'))",
        ),
        (NOBODY, [0, 0, 0, 0], "nobody", "1 = 0"),
        (AnyOf(NOBODY, SOME), [0, 1, 1, 1], "purchase days at least 2", '"order_days" >= 2'),
    ],
)
def test_membership_words_and_sql_of_a_rule(rule, who, words, sql):
    assert rule.holds(CUSTOMERS).tolist() == [bool(one) for one in who]
    assert rule.words() == words
    assert rule.sql() == sql


def test_the_first_rule_that_holds_gives_the_tier_and_the_unnamed_one_is_for_the_rest():
    tiers, conditions = (
        ("few", "rest", "late"),
        (("late", LATE), ("few", Rule("order_days", "<", 2))),
    )
    assert places(conditions, tiers, CUSTOMERS).tolist() == [0, 2, 2, 1]
    assert case(conditions, tiers).endswith("ELSE 'rest' END")
    assert case((("a", NOBODY), ("b", SOME)), ("a", "b")) == "'b'"


def test_a_class_with_the_limit_of_the_one_above_holds_nobody():
    rules = at_least("ABCDE", "order_days", [float("inf"), 5, 5, 1])
    assert [rule.words() for _tier, rule in rules] == [
        "nobody",
        "purchase days at least 5",
        "nobody",
        "purchase days at least 1",
    ]


def test_a_figure_has_its_own_name_and_digits_and_no_sql():
    rule = Rule(Figure("score", "value in {n} days", digits=4, n=90), ">=", 2 / 3)
    assert rule.words() == "value in 90 days at least 0.6667"
    assert rule.holds(pd.DataFrame({"score": [0.6, 0.7]})).tolist() == [False, True]
    with pytest.raises(Unwritable):
        rule.sql()


@pytest.mark.parametrize(
    ("value", "text"),
    [(1200, "1,200"), (0.25, "0.25"), (1234.5, "1,234.50"), (4.36e-05, "0.0000436"), (1 / 3, None)],
)
def test_a_limit_reads_without_an_exponent_and_loses_nobody(value, text):
    assert number(value) == (text or "0.3333333333333333")


def test_money_is_told_to_the_cent_and_held_exactly():
    rule = Rule("margin_total", ">=", 14.442)
    with told.of("USD", 0):
        assert rule.words() == "total margin at least $14.44"
        assert Rule("growth", ">=", 14.442).words() == "growth at least 14.442"
        assert Rule("margin_total", ">=", 0.0442).words() == "total margin at least $0.0442"
    assert rule.words() == "total margin at least 14.442" and "14.442" in rule.sql()


AMOUNTS = st.floats(-1e7, 1e7).map(lambda x: round(x, 2))


@settings(max_examples=200, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=30), st.sampled_from([">=", "<", "<=", ">"]))
def test_a_learned_limit_is_told_in_fewer_digits_that_move_nobody(amounts, sign):
    """The number in the words, put in place of the limit, parts the customers as the limit does."""
    frame = pd.DataFrame({"monetary_total": amounts})
    rule = Rule("monetary_total", sign, amounts[0], learned=True)
    with told.of("USD", 100, frame):
        words = rule.words()
    amount = re.search(r"-?\$[\d,]+(\.\d+)?", words)[0].replace("$", "").replace(",", "")
    assert words.endswith(" in the last 100 days")
    stated = Rule("monetary_total", sign, float(amount))
    assert stated.holds(frame).tolist() == rule.holds(frame).tolist()
    with told.of("USD", 0, pd.DataFrame({"monetary_total": [80_999.99, 81_073.27]})):
        for learned, shown in {True: "81,000", False: "81,073.27"}.items():
            rule = Rule("monetary_total", ">=", 81_073.27, learned=learned)
            assert rule.words() == f"total spent at least ${shown}"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("margin_rate", ">=", 0.206), "margin rate at least 20.6% in the last 18 months"),
        (OWES, "arrears at least 100 CHF and below 500 CHF"),
        (Rule("balance_month_mean", ">=", 5e4), "mean balance of the last full month at least"),
        (
            AllOf(SOME, Rule("monetary_total", "<", 5)),
            "purchase days at least 2 and total spent below 5 CHF, all in the last 18 months",
        ),
    ],
)
def test_every_unit_and_time_is_said_once(rule, words):
    with told.of("CHF", 548):
        assert told.once(rule.words()).startswith(words)


LEAVES = st.sampled_from([SOME, LATE, OWES, Rule("order_days", "<=", 3)])
RULES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(AllOf, inner, inner)
        | st.builds(AnyOf, inner, inner)
        | st.builds(Unless, inner, LEAVES)
    ),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(RULES, RULES)
def test_sql_gives_the_same_tiers_however_rules_are_joined(first, second):
    known = CUSTOMERS.dropna(subset="arrears").reset_index(names="place")
    conditions, tiers = (("b", first), ("a", second)), ("a", "b", "c")
    DUCKDB.register("known", known)
    rows = DUCKDB.sql(f"SELECT {case(conditions, tiers)} FROM known ORDER BY place").fetchall()
    found = places(conditions, tiers, known)
    assert [tier for (tier,) in rows] == [tiers[place] for place in found]
