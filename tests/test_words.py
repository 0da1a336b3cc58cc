"""Numbers and sentences read well, whatever the figures."""

import math

import pytest

from segment import language, words
from segment.notebook import say
from segment.pages import _words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.money(1234.5, "USD"), "$1,234"),
        (words.money(12.5, "CNY"), "¥12.50"),
        (words.money(-12, "CHF"), "-12 CHF"),
        (words.money(math.nan), "n/a"),
        (words.about(21_845.4, "USD"), "$21,800"),
        (words.about(-0.4567, "EUR"), "-€0.46"),
        (words.at_least(0.0948), "9.5%"),
        (words.at_least(math.inf), "n/a"),
        (words.percent(0.0001), "under 1%"),
        (words.percent(0.9999), "over 99%"),
        (words.count(1, "customer"), "1 customer"),
        (words.count(23570, "customer"), "23,570 customers"),
        (words.few(4), "four"),
        (words.listed(["a", "b", "c"], "or"), "a, b or c"),
        (words.points(-0.0001), "0.0"),
        (words.points(0.0163), "+1.6"),
        (words.points(0.0163, ""), "1.6"),
        (words.more(-185.2, words.money), "185 less"),
        (words.more_between(-0.03, 0.012, words.points), "between +3.0 less and +1.2 more"),
        (words.more_between(-0.03, -0.012, words.points), "between +1.2 and +3.0 less"),
        (words.more_between(0.0, 0.012, words.points), "between 0.0 and +1.2 more"),
        (words.decimal(-0.001), "0.00"),
        (_words.span(1), "1 day"),
        (_words.span(273), "9 months"),
    ],
)
def test_words(text, expected):
    assert text == expected


def test_large_amounts_read_in_ten_thousands_in_chinese():
    with language.using("zh"):
        assert words.about(70_627_700, "CNY") == "7,060万元"
        assert words.about(312_345_678, "CNY") == "3.12亿元"
        assert words.about(9_994, "CNY") == "¥9,990" and words.about(21_845, "USD") == "$21,800"


def test_names_from_the_data_start_no_formula_and_no_html():
    text = say("Use <img onerror=x> & co for $5 to $9", "").data
    assert text == (
        "Use &lt;img onerror=x&gt; &amp; co for <span>&#36;</span>5 to <span>&#36;</span>9"
    )
