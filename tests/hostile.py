"""A small shop with every id, name and category that a page or a sheet could trip on."""

from pathlib import Path

import numpy as np
import pandas as pd

from segment.run import Run, prepare
from segment.study import read

IDS = (
    "<script>alert('x')</script>", "=1+1", "@SUM(A1)", "+49 170", "-7", "007", "00012345",
    '"quoted", id', "it's", "🙂🙃", "مرحبا", "a\u202eb", "x" * 300, "<b>bold</b>",
    "张三", "1e5", "a|b", "$5$",
)  # fmt: skip
NAMES = ("Erika Mustermann", "王小明", "o'neill@example.com")
CATEGORIES = ("None", "<i>cup</i>", "茶", "=tea", "plate")
YAML = """\
title: Hostile shop
source: orders.csv
currency: EUR
columns: {customer_id: customer, date: day, amount: paid, category: what}
customers:
  source: people.csv
  customer_id: customer
  known_on: 2023-06-01
  columns: {satisfaction: mood, complaints: complaints, contact: contact}
periods: {cut: 2023-07-01}
methods:
  ABC 80/95:
    method: abc
    service: {A: "=visit", B: call, C: mail}
  Customer: {method: rfm, form: sum}
  Lists: {method: rfm, form: segments}
backtest: {replicates: 100, origins: 1}
watchlists: {both_least: 2, large: 0.3}
"""


def rows() -> pd.DataFrame:
    """Return purchases over two years: customer, day (ISO text), paid, what."""
    rng = np.random.default_rng(5)
    ids = [*IDS, *(f"plain-{i:03d}" for i in range(90))]
    parts = []
    for place, who in enumerate(ids):
        last = [730, 400, 340, 600][place % 4]
        days = np.unique(rng.integers(0, last, 1 + place % 9))
        size = rng.lognormal(3, 1, len(days)).round(2)
        # Some grow and some shrink.
        size = np.where(days > 500, size * (3 if place % 3 else 0.2), size).round(2)
        kinds = [CATEGORIES[(place + k % (1 + place % 3)) % 5] for k in range(len(days))]
        parts.append(pd.DataFrame({"customer": who, "day": days, "paid": size, "what": kinds}))
    frame = pd.concat(parts, ignore_index=True)
    frame["day"] = pd.Timestamp("2022-01-01") + pd.to_timedelta(frame["day"], unit="D")
    frame = frame.sort_values(["day", "customer", "paid"], ignore_index=True)
    return frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d"))


def write(folder: Path, yaml: str = YAML) -> Path:
    """Write the shop and its study into a folder; return the study file."""
    orders = rows()
    orders.to_csv(folder / "orders.csv", index=False)
    people = pd.DataFrame({"customer": sorted(orders["customer"].unique())})
    people["mood"] = np.arange(len(people)) % 5 + 1
    people["complaints"] = np.where(np.arange(len(people)) % 7, 0, 2)
    people["contact"] = [NAMES[i % 3] for i in range(len(people))]
    people.to_csv(folder / "people.csv", index=False)
    (folder / "shop.yaml").write_text(yaml, encoding="utf-8")
    return folder / "shop.yaml"


def analysis(folder: Path, yaml: str = YAML) -> Run:
    """Return the shop, prepared."""
    return prepare(read(write(folder, yaml)))


def identify(a: Run, how: str) -> None:
    """Change what the pages of an analysis call its customers."""
    changed = a.study.model_copy(update={"identifiers": how})
    changed._file, changed._lines = a.study._file, a.study._lines
    a.study = changed
    a.computed.clear()
