"""Figures and tables: what a reader sees, the same in every run, nothing from data as HTML."""

import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from segment.errors import StudyError
from segment.language import using
from segment.notebook import refuse_unknown, say, show, table
from segment.theme import set_theme


@pytest.fixture(autouse=True)
def theme():
    set_theme()


def forest(scheme: str = "RFM"):
    ax = plt.subplots()[1]
    ax.hlines([scheme], 0.01, 0.05)
    ax.scatter([0.03], [scheme])
    ax.set_title("One scheme is behind")
    return ax


def test_a_figure_is_the_same_every_time_and_its_texts_are_the_pages():
    first, second = show(forest()).data, show(forest()).data
    assert first == second
    assert "<strong>One scheme is behind</strong>" in first and first.count("behind") == 1
    assert re.search(r"<text[^>]*>RFM</text>", first) and "font-family" not in first
    assert plt.get_fignums() == []
    ax = forest()
    ax.set_title("$5 of $9_x")  # no formula
    assert "<span>&#36;</span>5 of <span>&#36;</span>9_x" in show(ax).data


def test_marks_say_their_values_and_greys_are_the_pages_ink():
    ax = plt.subplots()[1]
    shares = pd.DataFrame({"bought": [0.25, 0.5], "Active": [0.75, 0.5]}, index=["A", "B"])
    shares.plot.barh(stacked=True, ax=ax, color=["#123456", "lightgrey"], legend=True)
    ax.bar_label(ax.containers[0], label_type="center", fmt="{:.0%}")
    ax.scatter([0.5], [1], color="#0072b2")
    ax.plot([0.1, np.nan, 0.3], [0, 0.5, 1], "o", color="black")
    ax.set(xlabel="share")
    html = show(ax, "Two", data=pd.DataFrame({"customers": [4, 50], "next_value": [7.5, 8.5]})).data
    wide = html.partition("</svg>")[0]
    said = re.findall(r"<title>(.*?)</title>", wide)
    assert [text for text in said if text.startswith("A")] == [
        *("A · Bought again · 25.0%", "A · Active · 75.0%", "A · 10.0%")
    ]
    assert said.count("B · 50.0%") == 1 and said[-1] == "B · 30.0%" and len(said) == 7
    # Bars that are written on keep their colours, and so do their marks in the legend; other
    # greys are ink, thinned, and blue is the accent.
    assert re.search(r'fill="#ffffff"[^>]*>25%<', html)
    assert wide.count('fill="#123456"') == wide.count('fill="#d3d3d3"') == 3
    assert "#e5e7eb" not in html and 'stroke="currentColor" stroke-opacity="0.1' in html
    assert "var(--accent,#0072b2)" in html
    assert html.count("<details") == 1 and "8.50" in html and "7.50" not in html  # four customers


def test_many_points_are_a_picture_from_which_no_customer_can_be_read():
    ax = plt.subplots()[1]
    ax.scatter(range(451), range(451))
    ax.fill_between(range(451), range(451))
    ax.plot(range(450), range(450))
    html = show(ax, "Many").data
    assert html.count("<image") >= 1 and "<use" not in html
    assert max(len(re.findall("[ML]", path)) for path in re.findall(r' d="([^"]*)"', html)) <= 450


def test_chinese_sentences_stand_without_gaps_and_bold_text_ends_before_the_stop():
    with using("zh"):
        text = say("**够用：有 9 小时。** 最忙的是销售。 其余 3 人空闲。").data
    assert text == "**够用：有 9 小时**。最忙的是销售。其余 3 人空闲。"
    assert say("**Yes.** It pays.").data == "**Yes.** It pays."


def test_a_log_axis_has_plain_numbers():
    ax = plt.subplots()[1]
    ax.plot([1, 100])
    ax.set_yscale("log")
    written = re.findall(r"<text[^>]*>([^<]*)</text>", show(ax, "Log").data)
    assert {"1", "2", "5", "10", "20", "50", "100"} <= {*written}


def test_chinese_names_have_their_characters():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        show(forest("我们的分类"))
    assert not [w for w in said if "missing from" in str(w.message)]


def test_a_figure_for_phones_is_narrow_its_names_in_lines_and_its_parts_below_each_other():
    axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)[1]
    for ax in axes:
        bars = ax.barh(["customers of the best tier", "all the others"], [0.02, 0.98], label="Bars")
        ax.bar_label(bars, ["2%", "98%"], label_type="center")
        ax.set_xlim(0, 1)
        ax.legend()
    wide, slim = re.findall(r"<svg.*?</svg>", show(axes[0], "Two parts").data, re.DOTALL)
    sizes = [
        tuple(map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups()))
        for svg in (wide, slim)
    ]
    assert sizes[0][0] > 500 and 240 < sizes[1][0] < 270 and sizes[1][1] > sizes[0][1]
    assert "customers of the best tier" in wide and "customers of<" in slim
    written = [re.findall(r">(2%|98%)</t", svg) for svg in (wide, slim)]
    assert written[1] == ["98%", "98%"]  # the bar of the other number is too short for it
    titles = [re.findall(r"<title>(.*?)</title>", svg) for svg in (wide, slim)]
    assert titles[0] == titles[1] and len(titles[0]) == 4
    assert 'class="narrow" style="display:none"' in slim


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
