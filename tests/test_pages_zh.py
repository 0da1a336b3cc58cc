"""Pages of method families in Chinese: their notebooks, run cell by cell on a small shop."""

import re
from html import unescape

import cells
import numpy as np
import pandas as pd
import pytest
import shop

from segment.run import Run, prepare
from segment.study import read
from segment.theme import set_theme

# Those of the method families, and who is in each tier.
PAGES = sorted(p.stem for p in cells.NOTEBOOKS.glob("*.ipynb") if "02" <= p.stem[:2] <= "14")
YAML = """\
title: 小店
source: {file}
currency: EUR
columns: {{customer_id: customer, date: day, amount: paid, margin: margin}}
customers:
  source: people.csv
  customer_id: customer
  known_on: 2023-08-01
  columns:
    {{arrears: arrears, satisfaction: satisfaction, complaints: complaints, 行业: 行业,
      intent: intent, next_contact: next, wanted: wanted}}
periods: {{cut: 2023-09-01}}
methods:
  甲: {{method: abc}}
  乙: {{method: abc, by: margin_total}}
  丙: {{method: abc, by: order_days}}
  丁: {{method: gold_drag, gold: 0.1}}
  戊: {{method: rfm, form: segments}}
  己: {{method: clusters}}
  庚: {{method: clusters, k: 3, features: [monetary_total], categories: [行业]}}
  辛: {{method: quadrants}}
  壬: {{method: turnover_margin}}
  癸: {{method: thresholds, tiers: {{高: 300, 中: 100}}, grace: 3}}
  子:
    method: scorecard
    weights: {{monetary_total: 0.5, order_days: 0.3, satisfaction: 0.2}}
    missing: middle
  丑: {{method: lifecycle}}
  寅: {{method: five_kinds}}
  卯: {{method: credit_brake, of: {{method: abc}}, by: arrears, limits: [50], caps: [C]}}
  辰: {{method: learned}}
  巳: {{method: recent_spend}}
backtest: {{replicates: 100}}
language: zh
"""
CHINESE = re.compile("[\u4e00-\u9fff]")
# Words of two letters or more; a column that the data lack is quoted.
SPARED = r"RFM|ABC|EUR|referrals”|confidential/|prospects\.|csv"
ENGLISH = re.compile(rf"(?<![\w\\-])(?!{SPARED})[A-Za-z]{{2,}}")


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Run:
    """A shop with margins, and with a category that some customers lack."""
    folder = tmp_path_factory.mktemp("families")
    rows = shop.rows()
    rows["margin"] = (rows["paid"] * (rows.index % 7 - 1) / 10).round(2)
    rng = np.random.default_rng(3)
    people = pd.DataFrame({"customer": [f"Kunde-{i:04d}" for i in range(180)]})
    people["arrears"] = np.where(rng.random(180) < 0.3, rng.integers(20, 200, 180), 0)
    people["satisfaction"] = rng.integers(1, 6, 180).astype(float)
    people["complaints"] = rng.poisson(0.2, 180)
    people["行业"] = rng.choice(["北", "南"], 180)
    people.loc[::9, "satisfaction"] = np.nan
    people.loc[::15, "行业"] = None
    people.loc[160:, "intent"] = ["interested", "no"] * 10  # they never buy
    people["next"], people["wanted"] = "2023-11-01", people["intent"].eq("no").astype(int)
    people.to_csv(folder / "people.csv", index=False)
    return prepare(read(shop.write(folder, rows, YAML)))


@pytest.mark.parametrize("name", PAGES)
def test_no_english_is_left_on_a_chinese_page(study, name):
    set_theme()
    shown = [unescape(text).strip() for text in re.split(r"<[^>]*>", cells.shown(name, study))]
    assert len([text for text in shown if CHINESE.search(text)]) > 10
    assert {text for text in shown if ENGLISH.search(text)} == set()
