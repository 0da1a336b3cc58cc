"""Figures and tables: what a reader sees, the same in every run, nothing from data as HTML."""

import re
import warnings

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import small

from segment.errors import StudyError
from segment.language import using
from segment.notebook import refuse_unknown, say, show, table
from segment.theme import chinese_font, set_theme
from segment.tiering import ABC


@pytest.fixture(autouse=True)
def theme():
    set_theme()


def forest(scheme: str = "RFM"):
    ax = plt.subplots()[1]
    ax.hlines([scheme], 0.01, 0.05)
    ax.scatter([0.03], [scheme])
    ax.set_title("One scheme is behind")
    return ax


def test_a_figure_is_the_same_every_time_and_says_what_it_shows():
    first, second = show(forest()).data, show(forest()).data
    assert first == second
    assert 'alt="One scheme is behind"' in first
    assert re.search(r"data:image/(svg\+xml|png);base64,", first)
    assert plt.get_fignums() == []
    ax = forest()
    ax.set_title("$5 of $9_x")  # no formula
    assert 'alt="$5 of $9_x"' in show(ax).data


def test_chinese_sentences_stand_without_gaps_and_bold_text_ends_before_the_stop():
    with using("zh"):
        text = say("**够用：有 9 小时。** 最忙的是销售。 其余 3 人空闲。").data
    assert text == "**够用：有 9 小时**。最忙的是销售。其余 3 人空闲。"
    assert say("**Yes.** It pays.").data == "**Yes.** It pays."


def test_powers_on_a_log_axis_are_a_formula():
    ax = plt.subplots()[1]
    ax.plot([1, 1000])
    ax.set_yscale("log")
    show(ax)
    powers = [text for text in ax.get_yticklabels() if "mathdefault" in text.get_text()]
    assert powers and all(text.get_parse_math() for text in powers)


@pytest.mark.skipif(not chinese_font(), reason="no Chinese font is installed")
def test_chinese_names_have_their_characters():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        show(forest("我们的分类"))
    assert not [w for w in said if "missing from" in str(w.message)]


def test_tables_escape_what_comes_from_data():
    frame = pd.DataFrame({"<b>": ["<script>alert(1)</script>", "a & b"], "n": [1, 2]})
    html = table(frame, "Tiers <i>", {"n": "{:,}"}).data
    assert "<script>" not in html and "<b>" not in html and "<i>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html and "a &amp; b" in html
    assert html == table(frame, "Tiers <i>", {"n": "{:,}"}).data
    # Two tables keep their styles apart, and a missing figure is a dash.
    other = table(pd.DataFrame({"n": [1.0, None]}), "One missing", {"n": "{:.1f}"}).data
    assert "–" in other
    ids = [set(re.findall(r'id="([^"]+)"', page)) for page in (html, other)]
    assert ids[0] and not ids[0] & ids[1]


def test_only_papermills_own_cell_is_checked_for_unknown_parameters():
    cells = ["study = 1", "# Parameters of my idea\nmine = 2", "# Parameters\nstudy = 3"]
    refuse_unknown(cells)
    with pytest.raises(StudyError, match="no parameter 'stduy'; did you mean 'study'"):
        refuse_unknown([*cells, "# Parameters\nstduy = 1"])


def test_the_plain_sort_gives_customers_who_spent_the_same_their_mean():
    spent = pd.DataFrame({"monetary_total": [10.0, 30.0, 10.0]}, index=["a", "b", "c"])
    spent[["days_since_last", "order_days"]] = 1
    by_spend = small.scheme(ABC(), spent, value=[4, 9, 0], active=[True, True, False]).plain_sort()
    assert by_spend.index.tolist() == ["b", "a", "c"]
    assert by_spend["next_value"].tolist() == [9, 2, 2]
    assert by_spend["bought"].tolist() == [1, 0.5, 0.5]
