"""Scores as R's package rfm cuts them: published ones, by hand, and by another route."""

import statistics
from itertools import pairwise

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.tiering import RFM

# README of R's rfm 0.3.0, rfm_table_order on rfm_data_orders as of 2006-12-31 (995
# customers): the limits it prints, and rows 21 to 60, 86, 92 and 95 of its table as
# days since the last order, orders, amount and score. Three stand on a limit.
LIMITS = {"r": [115, 181, 297.4, 482], "f": [4, 5, 6, 8], "m": [255.8, 382, 506.4, 666]}
PUBLISHED = """
 96  4  234 521 | 529 5  713 135 |  81  8  771 555 | 210  7  690 345 |  80  3  270 512
365  3  246 211 | 277 5  384 333 | 431  5  566 234 | 116  4  265 422 | 289  4  496 323
186  4  319 322 | 270 5  575 334 | 497  2   96 111 | 202  7  596 344 | 202  6  358 342
352  4  364 222 | 295 4  356 322 | 276  5  450 333 | 103  5  348 532 | 266  5  419 333
457  3  268 212 | 176 6  766 445 | 190 10 1018 355 | 206 10 1184 355 | 135  4  317 422
 64  9  960 555 | 517 3  390 113 | 486  6  499 143 | 199  4  291 322 | 397  9  823 255
 32 10  834 555 | 102 3  421 513 | 225  6  662 344 | 129  8  956 455 | 183  4  370 322
462  6  612 244 | 134 6  581 444 | 374  4  520 224 | 280  7  434 343 |  84  9  763 555
 99  7  382 543 | 482 6  634 144 | 482  6  492 143
"""


def frame(days, orders, money) -> pd.DataFrame:
    return pd.DataFrame({"days_since_last": days, "order_days": orders, "monetary_total": money})


def published() -> tuple[pd.DataFrame, list[str]]:
    rows = [row.split() for row in PUBLISHED.replace("\n", "|").split("|") if row.strip()]
    days, orders, money, scores = zip(*rows, strict=True)
    return frame(*(map(int, column) for column in (days, orders, money))), list(scores)


def test_the_published_limits_give_the_published_scores():
    customers, scores = published()
    assert len(customers) == 43
    fitted = RFM("concatenated", cuts=LIMITS, compat="rfm-r").fit(customers)
    assert fitted.labels_.tolist() == scores
    # The limits as days up to and including them would be other bins.
    assert RFM("concatenated", cuts=LIMITS).fit(customers).labels_.tolist() != scores


def test_limits_are_type_7_quantiles_plus_one_by_hand():
    # Ten amounts 10 ... 100: the first fifth is at place .2 x 9 = 1.8, so 28, and 29 with
    # the one. Days 0 ... 9: 1.8 + 1 = 2.8, so 0, 1 and 2 days score highest.
    customers = frame(range(10), [1] * 6 + [2, 2, 3, 4], range(10, 110, 10))
    fitted = RFM(compat="rfm-r").fit(customers)
    assert fitted.limits_["m"].tolist() == [29, 47, 65, 83]
    assert fitted.limits_["f"].tolist() == [2, 2, 2.4, 3.2]
    scores = fitted.scores(customers)
    assert scores["r"].tolist() == [5, 5, 5, 4, 4, 3, 3, 2, 2, 1]
    assert scores["f"].tolist() == [1] * 6 + [3, 3, 4, 5]
    assert scores["m"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    days = fitted.score_table(customers).query("variable == 'days_since_last'")
    assert days["rule"].tolist()[:2] == ["at most 2", "above 2 and at most 4"]


def bin_of(value: float, values: list, bins: int) -> int:
    """The bin, 1 lowest, whose half-open interval holds the value."""
    cuts = [round(q + 1, 9) for q in statistics.quantiles(values, n=bins, method="inclusive")]
    edges = [min(values), *cuts, max(values) + 1]
    return max(i for i, (low, high) in enumerate(pairwise(edges), 1) if low <= value < high)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(-5, 60)), min_size=2),
    st.integers(2, 9),
)
def test_every_customer_is_in_the_half_open_bin_of_its_value(rows, bins):
    customers = frame(*zip(*rows, strict=True))
    scores = RFM(bins=bins, compat="rfm-r").fit(customers).scores(customers)
    for score, column in zip("fm", ("order_days", "monetary_total"), strict=True):
        values = customers[column].tolist()
        assert scores[score].tolist() == [bin_of(value, values, bins) for value in values]
    days = customers["days_since_last"].tolist()
    assert scores["r"].tolist() == [bins + 1 - bin_of(day, days, bins) for day in days]
