"""What came back after the cut changes nothing that was learned before it."""

import numpy as np
import pandas as pd
import pytest
import shop
import yaml

from segment.reading.findings import in_words
from segment.run import Run, prepare
from segment.study import read
from segment.tiering import METHODS

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
    wide = before.wide.whole()
    known = [c for c in wide if c.startswith(windows) and "holdout" not in c]
    assert len(known) > 30
    pd.testing.assert_frame_equal(wide[known], after.wide.whole()[known])
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


EVERY = {
    "ABC": {"method": "abc"},
    "ABC, computed": {"method": "abc", "cut": "computed"},
    "Recent spend": {"method": "recent_spend"},
    "RFM segments": {"method": "rfm", "form": "segments"},
    "RFM concatenated": {"method": "rfm", "form": "concatenated"},
    "Clusters": {"method": "clusters", "k": 3},
    "Value x loyalty": {"method": "quadrants"},
    "Hiatus": {"method": "hiatus", "days": 90},
    "Gold and drag": {"method": "gold_drag"},
    "Scorecard": {"method": "scorecard"},
    "Lifecycle": {"method": "lifecycle"},
    "Five kinds": {"method": "five_kinds"},
    "Thresholds": {"method": "thresholds", "tiers": {"Gold": 300, "Silver": 100}},
    "Learned": {"method": "learned"},
    "Turnover x margin": {"method": "turnover_margin"},
    "Braked": {"method": "credit_brake", "of": {"method": "abc"}, "limits": [10], "caps": ["B"]},
}


def later(rows: pd.DataFrame, how: str, dice: np.random.Generator) -> pd.DataFrame:
    """Return purchases of which only those after the cut are others."""
    early, late = rows[rows["day"] < CUT], rows[rows["day"] >= CUT].copy()
    if how == "others":
        late["customer"] = dice.permutation(late["customer"])
    elif how == "larger":
        late["paid"] = (late["paid"] * dice.lognormal(0, 3, len(late))).round(2)
    elif how == "fewer":
        late = late.sample(frac=0.3, random_state=int(dice.integers(2**31)))
    elif how == "new":
        late["customer"] = [f"new-{number % 40}" for number in range(len(late))]
    return pd.concat([early, late]).assign(cost=lambda frame: frame["paid"] * 0.6)


def every(folder, rows: pd.DataFrame) -> Run:
    """Every registered method but those that need another library or table."""
    assert {spec["method"] for spec in EVERY.values()} == {*METHODS} - {"clv", "given"}
    people = pd.DataFrame({"customer": sorted(shop.rows()["customer"].unique())})
    people["mood"] = np.arange(len(people)) % 5 + 1
    people["arrears"] = np.where(np.arange(len(people)) % 9, 0, 50)
    people.to_csv(folder / "people.csv", index=False)
    study = yaml.safe_load(shop.YAML.format(file="shop.csv"))
    study["columns"] |= {"margin": "cost"}
    study["methods"] = EVERY
    study["periods"] |= {"end": "2024-01-01"}
    study["customers"] = {
        "source": "people.csv",
        "customer_id": "customer",
        "known_on": "2023-08-31",
        "columns": {"satisfaction": "mood", "arrears": "arrears"},
    }
    text = yaml.safe_dump(study).replace("{", "{{").replace("}", "}}")
    return prepare(read(shop.write(folder, rows, text)))


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Run:
    return every(tmp_path_factory.mktemp("before"), later(shop.rows(), "", None))


@pytest.mark.parametrize("how", ["others", "larger", "fewer", "new"])
def test_whatever_comes_after_the_cut_no_method_has_seen_it(before, tmp_path, how):
    after = every(tmp_path, later(shop.rows(), how, np.random.default_rng(3)))
    assert before.windows.cut == after.windows.cut
    assert not before.outcome["value"].equals(after.outcome["value"])
    assert [*before.tiers] == [*after.tiers] and len(before.tiers) >= len(EVERY)
    for label, tiers in before.tiers.items():
        pd.testing.assert_series_equal(after.tiers[label], tiers, obj=label)
