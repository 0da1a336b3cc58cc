"""What came back after the cut changes nothing that was learned before it."""

import numpy as np
import pandas as pd
import pytest
import shop

from segment.reading.findings import in_words
from segment.run import prepare
from segment.study import read

MORE = "methods:\n  Gold: {{method: gold_drag}}\n  Recent: {{method: recent_spend}}"
YAML = shop.YAML.replace("amount: paid", "amount: paid, {keys}").replace("methods:", MORE)
CUT = "2023-09-01"


def shops(folder, keys: str, seed: int):
    """Return the shop, the same shop with later returns of large orders, and these."""
    rows = shop.rows(seed=seed)
    rows = rows.assign(order=[f"n{i}" for i in range(len(rows))], pieces=1)
    rows["item"] = np.where(rows["paid"] > 30, "large", "small")
    large = rows[rows["day"] < CUT].nlargest(25, "paid")
    days = np.random.default_rng(seed).integers(0, 100, 25)
    back = large.assign(
        paid=-large["paid"], pieces=-1, day=pd.Timestamp(CUT) + pd.to_timedelta(days, unit="D")
    )
    back["day"] = back["day"].dt.strftime("%Y-%m-%d")
    yaml = YAML.replace("{keys}", keys)
    runs = []
    for name, frame in {"before": rows, "after": pd.concat([rows, back])}.items():
        (folder / name).mkdir()
        runs.append(prepare(read(shop.write(folder / name, frame, yaml))))
    return *runs, rows, back


@pytest.mark.parametrize(
    ("keys", "seed"),
    [("order_id: order", 7), ("order_id: order", 8), ("product: item, quantity: pieces", 9)],
)
def test_later_returns_change_no_tier_and_no_limit_and_lower_what_came_in(tmp_path, keys, seed):
    before, after, rows, back = shops(tmp_path, keys, seed)
    assert before.windows == after.windows
    windows = "calibration", "earlier", "origin_"
    known = [c for c in before.wide if c.startswith(windows) and "holdout" not in c]
    assert len(known) > 30
    pd.testing.assert_frame_equal(before.wide[known], after.wide[known])
    for label, tiers in before.tiers.items():
        pd.testing.assert_series_equal(after.tiers[label], tiers)
        if hasattr(before.methods[label], "rules"):
            rules = (run.methods[label].rules() for run in (before, after))
            pd.testing.assert_frame_equal(*rules)
    later = pd.concat([rows, back]).query("day >= @CUT")
    if "product" not in keys:  # by product, a return may close a purchase after the cut
        value = later.groupby("customer")["paid"].sum()
        value = value.reindex(after.outcome.index, fill_value=0).clip(lower=0)
        assert after.outcome["value"].to_numpy() == pytest.approx(value.to_numpy())
        said = in_words(after.findings).query("finding.str.startswith('Returned after the cut')")
        assert said["rows"].tolist() == [25]
        assert said["finding"].iloc[0].endswith(f": {back['paid'].sum():,.0f}")
    assert after.outcome["value"].sum() < before.outcome["value"].sum()
    assert after.timeline["amount"].sum() == pytest.approx(rows["paid"].sum() + back["paid"].sum())
