"""A small shop made from a seed: 160 customers who differ in rate and size of purchase."""

from pathlib import Path

import numpy as np
import pandas as pd

YAML = """\
title: Corner shop
source: {file}
currency: EUR
columns: {{customer_id: customer, date: day, amount: paid}}
periods: {{cut: 2023-09-01}}
methods:
  ABC 80/95: {{method: abc}}
  RFM sum: {{method: rfm, form: sum}}
  RFM segments: {{method: rfm, form: segments}}
  Clusters: {{method: clusters, k: 3}}
  Value x loyalty: {{method: quadrants}}
backtest: {{replicates: 200}}
"""
PLAN = """\
team:
  sales: {{people: 4, hours: 120, cost: 0.5}}
  manager: {{people: 0, hours: 100, cost: 0.6}}
costs: {{margin_rate: 0.4}}
"""


def rows(customers: int = 160, seed: int = 7) -> pd.DataFrame:
    """Return one row per purchase: customer, day (ISO text), paid."""
    rng = np.random.default_rng(seed)
    counts = 1 + rng.poisson(rng.gamma(0.8, 8, customers))
    who = np.repeat(np.arange(customers), counts)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 365, len(who)), unit="D")
    size = rng.lognormal(3, 0.6, customers)[who]
    paid = np.round(size * rng.lognormal(0, 0.3, len(who)), 2)
    frame = pd.DataFrame({"customer": [f"Kunde-{i:04d}" for i in who], "day": days, "paid": paid})
    frame = frame.sort_values(["day", "customer", "paid"], ignore_index=True)
    return frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d"))


def write(folder: Path, frame: pd.DataFrame | None = None, yaml: str = YAML) -> Path:
    """Write the shop and its study into a folder; return the study file."""
    frame = rows() if frame is None else frame
    frame.to_csv(folder / "shop.csv", index=False)
    study = folder / "shop.yaml"
    study.write_text(yaml.format(file="shop.csv"), encoding="utf-8")
    return study
