"""Numbers: what a sign means is judged from the whole column, or asked with both totals."""

import ibis
import pytest

from segment.errors import StudyError
from segment.reading.numbers import is_numeric, judge


def read(*texts, decimal=None):
    """Return the numbers of a column, None where a cell is none."""
    con = ibis.duckdb.connect()
    rows = {"place": list(range(len(texts))), "text": list(texts)}
    schema = {"place": "int64", "text": "string"}
    table = con.create_table("t", ibis.memtable(rows, schema=schema))
    writing = judge(table, table.text, decimal, "study.yaml, line 3: column 'text'")
    numbers = table.select("place", number=writing.read(table.text)).to_pandas()
    return [None if n != n else n for n in numbers.sort_values("place")["number"]]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        # The whole column decides.
        (["1.250", "950", "12.300"], [1250, 950, 12300]),
        (["1,250", "950"], [1250, 950]),
        (["1.250", "12.5"], [1.25, 12.5]),
        (["1.250", "0.750"], [1.25, 0.75]),
        (["1.250", "1250"], [1.25, 1250]),
        (["1.250", "12,5"], [1250, 12.5]),
        (["1.250.000", "12", "1.250"], [1250000, 12, 1250]),
        (["1.250,5", "1.250", "950"], [1250.5, 1250, 950]),
        # Blanks, apostrophes, India, wide and other digits.
        (["1\u202f234,56 €", "12\u00a0758,5 €", "1 234 567"], [1234.56, 12758.5, 1234567]),
        (["1'234.50", "1’234", "12"], [1234.5, 1234, 12]),
        (["1,23,456.00", "12,34,56,789", "12"], [123456, 123456789, 12]),
        (["１２，３４５．５０", "￥５０"], [12345.5, 50]),
        (["٣٤٫٥", "١٢"], [34.5, 12]),
        (["−5.50", "12.25"], [-5.5, 12.25]),
        # Signs.
        (["−5", "(1,200.50)", "12.50-", "- 3", "+4"], [-5, -1200.5, -12.5, -3, 4]),
        (["-$12.00", "$ -12.00", "($ 12.00)", "$ (12.00)"], [-12, -12, -12, -12]),
        ([" $ -   ", " $ (13.77)", " $ 1,928.10 ", " -   "], [0, -13.77, 1928.1, 0]),
        (["-", "12.5"], [None, 12.5]),
        (["12,-", "3,50"], [12, 3.5]),
        (["12 %", "5.5%"], [0.12, 0.055]),
        # Currencies before and behind, and a unit that all share.
        (["R$ 1.234,56", "R$ 12,00"], [1234.56, 12]),
        (["CHF 12.00", "1'200.00 chf"], [12, 1200]),
        (["1 200,00 kr", "kr.5,5"], [1200, 5.5]),
        (["Rs. 500", "Rs.1,500.50", "Rs. 1,500/-"], [500, 1500.5, 1500]),
        (["¥1,234.50", "12.5元", "CNY 3"], [1234.5, 12.5, 3]),
        (["5 pcs", "12 pcs"], [5, 12]),
        # What is no number is none, never one a hundred times as large.
        (["1.50", "12,50,00", "12 05", "1-2", "five", ""], [1.5] + 5 * [None]),
        # Sizes behind a number, and sides of an account, where both are named.
        (["1.2万", "3亿", "950", "0.5万元"], [12000, 3e8, 950, 5000]),
        (["12k", "1.5 K", "$950"], [12000, 1500, 950]),
        (["1,234.50 Cr", "500.00 Dr"], [1234.5, -500]),
        (["1.234,50 H", "500,00 S"], [1234.5, -500]),
        (["5.00 贷", "3.50 借"], [5, -3.5]),
        (["1e3", "1.2E+05", "inf", "nan"], [1000, 120000, float("inf"), None]),
        ((["3,5"] * 120) + ["2.5"], [3.5] * 120 + [None]),
    ],
)
def test_a_column_is_read_as_written_or_not_at_all(written, numbers):
    assert read(*written) == pytest.approx(numbers)


def test_a_decimal_sign_that_the_study_names_is_believed():
    assert read("1.250", "950", decimal=".") == [1.25, 950]
    assert read("1.250", "12,5", "1.50", decimal=",") == [1250, 12.5, None]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            ["1,234.50 Cr", "500.00"],
            "1 numbers end in 'Cr', such as '1,234.50 Cr', .* with a minus",
        ),
        (["1.5M", "200"], "end in 'M', such as '1.5M', .* write them without it, in full"),
        (["1.250", "12.500"], "'1.250' can .* 13,750.00 with decimal: ',' and to 13.75 with"),
        (["1,250", "1250"], "'1,250' can .* 2,500.00 with decimal: '.' and to 1,251.25 with"),
        (["1.250", "1,250"], "'1.250' can stand between thousands or before decimals"),
        (["1,5", "2.5"] * 3, "3 numbers have a decimal point, such as '2.5', and 3 a decimal"),
        (["1,234.5", "1.234,5"] * 3, "export the column again in one writing"),
    ],
)
def test_two_readings_are_asked_about_with_both_totals(written, said):
    with pytest.raises(StudyError, match=f"line 3: column 'text': .*{said}") as error:
        read(*written)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        *(
            (text, True)
            for text in (
                "Fr. 1’234.–",
                "Rs. 500/-",
                "1,5E+03",
                "۱٬۲۳۴٫۵۶",
                "1,234.50 Cr",
                "3.50 S",
                "1.2万元",
            )
        ),
        *((text, False) for text in ("1001S", "K0003", "A-12", "1/2", "12 rue", "1.50 incl. VAT")),
    ],
)
def test_a_text_is_known_as_a_number(text, is_number):
    assert is_numeric(text) == is_number
