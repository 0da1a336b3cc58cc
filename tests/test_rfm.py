"""RFM scores, forms and segments on frames that a reader can check by hand."""

from itertools import product

import pandas as pd
import pytest

from segment.tiering import RFM
from segment.tiering.rfm import SEGMENTS


def frame(days, orders, money) -> pd.DataFrame:
    return pd.DataFrame({"days_since_last": days, "order_days": orders, "monetary_total": money})


def ten() -> pd.DataFrame:
    # Six of ten bought on one day: their mid-rank percentile is (3.5 - .5) / 10 = .30.
    return frame(range(10), [1] * 6 + [2, 2, 3, 4], range(10, 110, 10))


def test_scores_are_mid_rank_quintiles_and_ties_share_that_of_their_middle_rank():
    scores = RFM().fit(ten()).scores(ten())
    # Percentiles of ten different values: .05, .15, ... .95.
    assert scores["m"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert scores["r"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    # .30 -> 2; the pair at ranks 7 and 8: (7.5 - .5) / 10 = .70 -> 4; .85, .95 -> 5.
    assert scores["f"].tolist() == [2] * 6 + [4, 4, 5, 5]
    # Two pairs and a single: percentiles .2, .6 and .9; exactly .2 is score 2.
    customers = frame(range(5), [1, 1, 2, 2, 3], range(5))
    assert RFM().fit(customers).scores(customers)["f"].tolist() == [2, 2, 4, 4, 5]
    assert RFM(bins=3).fit(ten()).scores(ten())["m"].tolist() == [1] * 3 + [2] * 4 + [3] * 3
    # Cuts for one score leave the others to percentiles.
    given = RFM(cuts={"m": [1000, 2000, 3000, 4000]}).fit(ten()).scores(ten())
    assert given["m"].tolist() == [1] * 10 and given["r"].equals(scores["r"])


def test_score_table_counts_everyone_and_says_what_is_empty():
    table = RFM().fit(ten()).score_table(ten())
    assert table.groupby("variable")["customers"].sum().tolist() == [10, 10, 10]
    orders = table.query("variable == 'order_days'").set_index("score")
    assert orders["customers"].to_dict() == {5: 2, 4: 2, 3: 0, 2: 6, 1: 0}
    assert orders["rule"][[3, 1]].eq("empty: ties fill other scores").all()
    assert orders["rule"][5] == "at least 3"
    assert orders["rule"][4] == "at least 2 and below 3"
    days = table.query("variable == 'days_since_last'")["rule"].tolist()
    assert days[:2] + days[-1:] == ["at most 1", "above 1 and at most 3", "above 7"]


def test_own_cuts_close_where_documented():
    cuts = {"r": [30, 90, 180, 365], "f": [2, 3, 5, 9], "m": [10, 50, 100, 500]}
    customers = frame([30, 31, 90, 365, 366], [1, 2, 3, 8, 9], [9.99, 10, 50, 499.99, 500])
    scores = RFM(cuts=cuts).fit(customers).scores(customers)
    assert scores["r"].tolist() == [5, 4, 4, 2, 1]
    assert scores["f"].tolist() == [1, 2, 3, 4, 5]
    assert scores["m"].tolist() == [1, 2, 3, 4, 5]


def test_sum_and_concatenated_tiers_follow_from_the_scores():
    scores = RFM().fit(ten()).scores(ten())
    total = RFM().fit(ten())
    assert total.tiers_ == tuple(str(k) for k in range(15, 2, -1))
    assert total.labels_.astype(int).tolist() == scores.sum(axis=1).tolist()
    digits = RFM(form="concatenated").fit(ten())
    assert (digits.tiers_[0], digits.tiers_[-1], len(digits.tiers_)) == ("555", "111", 125)
    expected = scores["r"] * 100 + scores["f"] * 10 + scores["m"]
    assert digits.labels_.astype(int).tolist() == expected.tolist()


def test_shares_cut_head_count_by_the_middle_of_tie_blocks():
    customers = frame(range(10, 0, -1), range(1, 11), range(10))  # sums 3 3 6 6 ... 15 15
    fitted = RFM(shares=[0.2, 0.6]).fit(customers)
    # From the top, the blocks' middles are .1, .3, .5, .7, .9.
    assert "".join(fitted.labels_) == "CCCCBBBBAA"
    assert fitted.rules()["rule"].tolist() == [
        "R + F + M at least 15",
        "R + F + M at least 9",
        "everyone else",
    ]


@pytest.mark.parametrize(
    ("top", "shares", "classes", "empty"),
    [(6, [0.1, 0.5], "BBBBBBCCCC", "A"), (2, [0.2, 0.3], "AACCCCCCCC", "B")],
)  # The top block's middle is at .3 and at .1, the other's at .8 and .6.
def test_a_class_that_no_tie_block_reaches_is_empty_and_says_so(top, shares, classes, empty):
    rest = 10 - top
    customers = frame([1] * top + [9] * rest, [5] * top + [1] * rest, [50] * top + [1] * rest)
    fitted = RFM(shares=shares).fit(customers)
    assert "".join(fitted.labels_) == classes
    assert fitted.rules().set_index("tier")["rule"][empty] == "nobody"


def matching(r: int, f: int, m: int) -> list[str]:
    cell = {"r": r, "f": f, "m": m, "fm": (f + m + 1) // 2}
    return [
        name
        for name, rule in SEGMENTS.items()
        if all(low <= cell[score] <= high for score, (low, high) in rule.items())
    ]


def test_built_in_segments_cover_every_cell_exactly_once():
    matches = [matching(*cell) for cell in product(range(1, 6), repeat=3)]
    assert {len(found) for found in matches} == {1}
    assert {found[0] for found in matches} == set(SEGMENTS)


@pytest.mark.parametrize(
    ("cell", "segment"),
    [
        ("555", "Champions"),
        ("511", "New customers"),
        ("155", "Cannot lose them"),
        ("323", "Need attention"),
        ("111", "Hibernating"),
        ("454", "Loyal customers"),
    ],
)
def test_a_cell_has_the_segment_its_name_promises(cell, segment):
    cuts = {"r": [1, 2, 3, 4], "f": [2, 3, 4, 5], "m": [2, 3, 4, 5]}
    r, f, m = map(int, cell)
    fitted = RFM("segments", cuts=cuts).fit(frame([6 - r], [f], [m]))
    assert fitted.labels_.tolist() == [segment]


def test_own_segments_first_match_wins_and_the_rest_is_named():
    own = {"Recent": {"r": [4, 5]}, "Rich": {"m": 5}}
    fitted = RFM(form="segments", segments=own).fit(ten())
    assert fitted.tiers_ == ("Recent", "Rich", "No segment")
    assert fitted.labels_.tolist() == ["Recent"] * 4 + ["No segment"] * 4 + ["Rich"] * 2
    assert fitted.rules()["rule"].tolist() == ["R 4 to 5", "M = 5", "everyone else"]


def test_numbers_as_segment_names_become_text_and_segments_that_cover_everything_have_no_rest():
    fitted = RFM(form="segments", segments={1: {"r": [3, 5]}, 2: {"r": [1, 2]}}).fit(ten())
    assert fitted.tiers_ == ("1", "2")
    assert "'1'" in fitted.sql()
