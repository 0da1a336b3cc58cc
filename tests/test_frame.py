"""A data frame in a notebook is compared as a report compares a file."""

import doctest
from pathlib import Path

import pandas as pd
import pytest
import shop
import yaml

import segment
from segment.errors import StudyError
from segment.pages import frame

SHOP = yaml.safe_load(shop.YAML.format(file="shop.csv"))
ROLES = {"customer_id": "customer", "date": "day", "amount": "paid"}


def compare(rows: pd.DataFrame, **changes):
    keys = {"cut": "2023-09-01", "methods": SHOP["methods"], "backtest": SHOP["backtest"]}
    return segment.compare(rows, **ROLES | keys | changes)


def test_a_frame_gives_what_the_study_of_its_file_gives(shop_run):
    rows = shop.rows().assign(day=lambda r: pd.to_datetime(r["day"]), no_table={1: "mixed"})
    found = compare(rows.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(found.study.verdict.schemes, shop_run.verdict.schemes)
    assert found.recommended == shop_run.verdict.recommended
    pd.testing.assert_frame_equal(found.tiers, pd.DataFrame(shop_run.tiers))
    html = found._repr_html_()
    assert "<strong>" in html and "<th" in html and all(text in html for text in SHOP["methods"])
    assert found.verdict.replace("**", "") in repr(found) and "between" in found.verdict


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "payd"}, "the frame has no column 'payd'; did you mean 'paid'?"),
        ({"cut": "2031-09-01"}, "outside the data"),
        ({"methods": {"RFM": "rmf"}}, "there is no method 'rmf'"),
        ({"sorce": 1}, "unknown key 'sorce'; did you mean 'source'?"),
    ],
)
def test_what_cannot_be_compared_is_said_without_a_file(changes, words):
    with pytest.raises(StudyError) as error:
        compare(shop.rows(), **changes)
    assert words in str(error.value) and "frame." not in str(error.value)


def test_the_example_of_the_docstring(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[1] / "data")
    outcome = doctest.testmod(frame)
    assert outcome.attempted > 4 and not outcome.failed
