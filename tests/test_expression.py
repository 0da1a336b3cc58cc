"""Plain expressions of a study: they compute and compare, and nothing else."""

import ibis
import pandas as pd
import pytest

from segment.errors import StudyError
from segment.reading import expression
from segment.reading.numbers import Writing

ROWS = {
    "数量": ["2", "3", None, "x"],
    "单价": ["1.5", "¥1,000", "5", "5"],
    "unit price": ["1", "2", "4", "8"],
    "status": [" completed", "cancelled", None, "等待 付款"],
    "paid": ["TRUE", "false", "", "true"],
}


def computed(text):
    table = ibis.memtable(ROWS, schema=dict.fromkeys(ROWS, "string"))
    column = expression.compute(text, table, Writing(affixes=("¥",)).read, "study.yaml, line 7")
    values = table.select(v=column).to_pandas().v
    return [None if pd.isna(v) else v for v in values]


def kept(text):
    table = ibis.memtable(ROWS, schema=dict.fromkeys(ROWS, "string"))
    column = expression.condition(text, table, Writing(affixes=("¥",)).read, "study.yaml, line 9")
    return [i for i, v in enumerate(table.select(v=column).to_pandas().v) if v is True or v == 1]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("数量 * 单价", [3.0, 3000.0, None, None]),
        ('"unit price" * 2', [2.0, 4.0, 8.0, 16.0]),
        ("(数量 + 1) * -1", [-3.0, -4.0, None, None]),
        ("10 - 数量 / 2", [9.0, 8.5, None, None]),
        ('1e1 * "unit price" - .5', [9.5, 19.5, 39.5, 79.5]),
    ],
)
def test_arithmetic(text, values):
    assert computed(text) == values


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("status = completed", [0]),
        ("status = Completed", [0]),
        ("status in (CANCELLED)", [1]),
        ('"unit price" between 2 and 4', [1, 2]),
        ("status == 'completed'", [0]),
        ('status = "等待 付款"', [3]),
        # A blank status is not "cancelled", so it stays.
        ("status != cancelled", [0, 2, 3]),
        ("status not in (cancelled, completed)", [2, 3]),
        ("status in (cancelled, '等待 付款')", [1, 3]),
        ("status is null", [2]),
        ("status is not null", [0, 1, 3]),
        ("paid = true", [0, 3]),
        ("数量 >= 3", [1]),
        ("数量 in (2, -3)", [0]),
        ("数量 in (2, x)", [0, 3]),
        ("not 数量 = 2 and status != cancelled", [2, 3]),
        ("数量 != 2", [1, 2, 3]),
        ('数量 = 2 or ("unit price" > 3 and paid != true)', [0, 2]),
        ('单价 > "unit price"', [0, 1, 2]),
    ],
)
def test_conditions(text, rows):
    assert kept(text) == rows


@pytest.mark.parametrize("function", [computed, kept])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no expression"),
        ("单价 ×", "line"),
        ("(单价", "is no expression"),
        ("单价 -- 数量", "is no expression"),
        ("单价 /* 数量", "is no expression"),
        ("drop table x", "line"),
        ("select 1", "line"),
        ("read_text('/etc/passwd') = 1", "line"),
        ("单介 + 1 = 2", "line"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(function, text, said):
    with pytest.raises(StudyError, match=r"^study") as error:
        function(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("单价", "a row filter compares columns"),
        ("stauts = completed", "no column 'stauts'; did you mean 'status'?"),
        ("status > completed", "words are compared with = or != only"),
        ("数量 in (单价 + 1)", "hold numbers or words only"),
        ("数量 in (select 1)", "a row filter compares columns"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(text, said):
    with pytest.raises(StudyError) as error:
        kept(text)
    assert said in str(error.value)
