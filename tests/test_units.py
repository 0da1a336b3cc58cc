"""One run for many units: a study each, one that cannot be, and the page that compares them."""

import json

import numpy as np
import pandas as pd
import pytest
import shop
from conftest import run_segment

from segment.errors import StudyError
from segment.publish import gallery, units
from segment.reading.table import read_once
from segment.run import prepare
from segment.study import read

YAML = shop.YAML.split("methods:")[0] + "split_by: {column}\nmethods: {{A: {{method: abc}}}}\n"


def rows():
    """North and South/1 by customer, two customers in the East, and one without a region."""
    frame = shop.rows()
    number = frame["customer"].str[-4:].astype(int)
    frame["area"] = np.where(number % 2, "North", "O'South/1")
    frame.loc[number < 2, "area"] = "East"
    frame.loc[number == 2, "area"] = ""
    return frame


def study(folder, column="area", more=""):
    return read(shop.write(folder, rows(), YAML.replace("{column}", column) + more))


def test_a_study_for_each_value_with_its_rows(tmp_path):
    found, nowhere = units.studies(study(tmp_path, more="keep: paid > 0\n"), tmp_path)
    assert [*found] == ["East", "North", "O-South-1"]
    assert nowhere == (rows()["area"] == "").sum()
    south = found["O-South-1"]
    assert south.keep == "(paid > 0) and \"area\" = 'O''South/1'"
    assert (south.title, south.split_by) == ("Corner shop: O'South/1", None)
    assert south.name == "shop" and south.where("title") == "shop.yaml, line 1"


def test_the_column_may_be_one_that_is_mapped(tmp_path):
    asked = study(tmp_path, "region")
    mapped = asked.columns.model_copy(update={"region": "area"})
    assert len(units.studies(asked.model_copy(update={"columns": mapped}), tmp_path)[0]) == 3


@pytest.mark.parametrize(("column", "words"), [("customer", "160 values"), ("arae", "you mean")])
def test_what_is_no_column_of_units_is_refused(tmp_path, column, words):
    with pytest.raises(StudyError, match=words):
        units.studies(study(tmp_path, column), tmp_path)


def test_units_are_read_once_and_as_if_each_were_read(tmp_path, monkeypatch):
    found, _nowhere = units.studies(study(tmp_path, more="duplicates: drop\n"), tmp_path)
    alone = prepare(found["North"])
    once = read_once(found["North"], tmp_path)
    monkeypatch.setattr("segment.reading.table.open_source", None)
    staged = prepare(once)
    pd.testing.assert_frame_equal(staged.wide.whole(), alone.wide.whole())
    pd.testing.assert_frame_equal(staged.accounts, alone.accounts)


def test_a_report_each_and_a_page_that_compares_them(tmp_path):
    study(tmp_path, more="backtest: {{replicates: 100, origins: 1}}\n")
    done = run_segment("report", "shop.yaml", "--only", "abc", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports" / "shop-abc-by-area"
    assert "East: no report." in done.stderr and not (folder / "East").exists()
    assert "rows hold no 'area'" in done.stdout
    listed = gallery.reports(folder)
    assert {report["title"] for report in listed} == {
        "Corner shop: North",
        "Corner shop: O'South/1",
    }
    customers = rows().groupby("area")["customer"].nunique()
    for unit, area in (("North", "North"), ("O-South-1", "O'South/1")):
        results = json.loads((folder / unit / "results.json").read_text())
        assert results["facts"]["customers"] == customers[area]
    html = (folder / "index.html").read_text("utf-8")
    assert "North/report.html" in html and "Corner shop: North" in html
