"""Gold and drag on frames that can be checked by hand."""

import pandas as pd

from segment.tiering import GoldDrag


def twenty(first: list[int] | None = None) -> pd.DataFrame:
    """Twenty customers who spent 1 to 20."""
    return pd.DataFrame({"monetary_total": range(1, 21), "days_since_first": first or [300] * 20})


def test_five_and_twenty_per_cent_by_count():
    tiers = GoldDrag().fit(twenty()).labels_
    assert tiers.value_counts(sort=False).to_dict() == {"gold": 1, "ordinary": 15, "drag": 4}
    assert tiers.iloc[-1] == "gold" and tiers.iloc[:4].eq("drag").all()


def test_a_newcomer_is_never_drag_but_can_be_gold():
    method = GoldDrag().fit(twenty([90, 91] + [300] * 17 + [10]))
    assert method.labels_.iloc[[0, 1, 19]].tolist() == ["ordinary", "drag", "gold"]
    assert method.spared_ == 1
