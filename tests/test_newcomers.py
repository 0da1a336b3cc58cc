"""Who comes back by quarter of the first purchase, by hand, and where newcomers stand."""

import copy
import datetime as dt

import ibis
import pandas as pd

from segment.features import cohorts
from segment.pages import newcomers

DAYS = {
    "a": ["2023-01-31", "2023-02-01", "2023-02-20", "2023-06-01"],
    "b": ["2023-03-01", "2023-03-30", "2023-04-02"],
    "c": ["2023-05-15"],
    "d": ["2023-05-16", "2023-06-16"],
}


def used():
    rows = [(who, dt.date.fromisoformat(day), 1.0) for who, days in DAYS.items() for day in days]
    rows.append(("c", dt.date(2023, 6, 2), -1.0))  # a return is no purchase
    return ibis.memtable(pd.DataFrame(rows, columns=["customer_id", "date", "amount"]))


def test_customers_come_back_in_calendar_months_after_their_first():
    found = cohorts.returns(used()).set_index(["cohort", "month"])["active"]
    first, second = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-04-01")
    assert found.to_dict() == {
        (first, 0): 2, (first, 1): 2, (first, 5): 1, (second, 0): 2, (second, 1): 1,
    }  # fmt: skip


def test_a_month_counts_when_it_is_over_for_the_whole_quarter():
    counts = cohorts.by_month(cohorts.returns(used()), dt.date(2023, 8, 15), 16, 6)
    assert counts.loc["2023-01-01"].tolist()[:5] == [2, 2, 0, 0, 0]
    assert counts.loc["2023-01-01"].isna().tolist() == [False] * 5 + [True] * 2
    assert counts.loc["2023-04-01", 1] == 1 and counts.loc["2023-04-01", 2:].isna().all()
    assert len(cohorts.by_month(cohorts.returns(used()), dt.date(2023, 8, 15), 1, 6)) == 1


def test_the_picture_holds_back_few_and_has_at_most_200_points(shop_run):
    run = copy.copy(shop_run)
    assert newcomers.QUARTERS * newcomers.MONTHS <= 200
    quarters = pd.to_datetime(["2022-01-01", "2022-04-01", "2022-07-01"])
    counts = {(q, m): n for q, sizes in zip(quarters, ([40, 20, 3], [4, 2, 1], [10, 5, 5]),
                                            strict=True) for m, n in enumerate(sizes)}  # fmt: skip
    run.cohorts = pd.DataFrame(
        [(q, m, n) for (q, m), n in counts.items()], columns=["cohort", "month", "active"]
    )
    shares = newcomers.returned(run)
    assert list(shares.index) == ["2022 Q1", "2022 Q3"]
    assert shares[1].tolist() == [0.5, 0.5] and shares[2].isna().tolist() == [True, False]


def test_newcomers_are_those_first_seen_after_the_cut(shop_run):
    scheme = shop_run.schemes["ABC 80/95"]
    now = scheme.newest_tiers
    begin = now[~now.index.isin(shop_run.customers.index)]
    assert begin.notna().sum() == shop_run.newcomers > 0
    said = " ".join(newcomers.answer(shop_run, scheme))
    assert f"**{shop_run.newcomers} customers first bought" in said
    assert f"More of them are in *{begin.mode()[0]}* today" in said
