"""Each caution is printed where it applies and only there."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shop

from segment import language
from segment.evidence import cautions as ca
from segment.evidence.caution_words import in_words
from segment.features.windows import Windows
from segment.pages import summary
from segment.run import prepare
from segment.study import read

START, CUT, END = dt.date(2022, 1, 1), dt.date(2023, 7, 1), dt.date(2024, 7, 1)
LENGTH = (CUT - START).days


def months(amounts: list[float], first: str = "2022-01-01") -> pd.DataFrame:
    return pd.DataFrame(
        {"month": pd.date_range(first, periods=len(amounts), freq="MS"), "amount": amounts}
    )


def accounts(**fates: tuple[int, float]) -> pd.DataFrame:
    rows = [(fate.replace("_", " "), *row) for fate, row in fates.items()]
    return pd.DataFrame(rows, columns=["fate", "rows", "amount"])


def clean(n: int = 400, **changes) -> dict:
    """A study with nothing to bear in mind: new customers come evenly, half buy again."""
    since_first = np.linspace(LENGTH - 1, 0, n).astype(int)
    active = np.arange(n) % 2 == 0
    return {
        "features": pd.DataFrame(
            {
                "monetary_total": np.linspace(1, 2, n),
                "order_days": 3,
                "days_since_first": since_first,
                "days_since_last": np.maximum(since_first - 60, 0),
            }
        ),
        "outcome": pd.DataFrame({"value": np.where(active, 10.0, 0.0), "active": active}),
        "tiers": pd.Series(pd.Categorical(np.where(np.arange(n) % 3, "B", "A"), ordered=True)),
        "figures": {"gini": 0.6, "gini_without_largest": 0.599},
        "windows": Windows(START, CUT, END),
        "timeline": months([100.0] * 30),
        "cuts": [CUT],
        "accounts": accounts(used=(100, 1_000.0)),
    } | changes


def found(study: dict) -> dict:
    frame = in_words(ca.find_cautions(**study), "x", "EUR")
    return {row["caution"]: row for _, row in frame.iterrows()}


def words(caution: ca.Caution) -> pd.Series:
    return in_words([caution], "x", "EUR").loc[0]


def test_one_customer_who_brings_a_tenth_or_moves_the_figure():
    assert found(clean()) == {}
    big = clean()
    big["outcome"].loc[0, "value"] = 3_000.0
    row = found(big)["One customer weighs heavily"]
    assert row["value"] == pytest.approx(3_000 / 4_990)
    text = "60% of what known customers brought after it"
    assert text in row["figure"]
    assert row["weight"] == "warning"
    moved = clean(figures={"gini": 0.6, "gini_without_largest": 0.57})
    row = found(moved)["One customer weighs heavily"]
    assert (row["value"], row["limit"]) == pytest.approx((0.03, 0.02))


def test_rows_without_a_customer_are_sized_in_rows_and_in_money():
    # As in one real file: a quarter of the rows, less of the money; filtered rows are nobody's.
    table = accounts(used=(75, 850.0), no_customer_id=(25, 150.0))
    row = words(ca.without_customer(table))
    assert row["caution"] == "Rows without a customer (25% of all, 15% of the money)"
    assert row["figure"] == "25 rows with €150 in all name nobody"
    assert (row["value"], row["weight"]) == (0.25, "warning")
    filtered = accounts(left_out_by_the_row_filter=(900, 9_000.0))
    assert ca.without_customer(pd.concat([table, filtered])).value == 0.25
    # Few rows may hold much money; where returns outweigh it, only rows can be told.
    assert ca.without_customer(accounts(used=(99, 90.0), no_customer_id=(1, 10.0))).value == 0.1
    loss = words(ca.without_customer(accounts(used=(9, 90.0), no_customer_id=(1, -10.0))))
    assert loss["caution"] == "Rows without a customer (10% of all)"
    assert ca.without_customer(accounts(used=(96, 96.0), no_customer_id=(4, 4.0))) is None


def test_rows_without_a_customer_are_sized_on_the_first_screen(tmp_path):
    rows = shop.rows()
    nobody = np.arange(len(rows)) % 8 == 0
    money = rows["paid"][nobody].sum() / rows["paid"].sum()
    file = shop.write(tmp_path, rows.assign(customer=rows["customer"].mask(nobody)))
    run = prepare(read(file, {"backtest.replicates": 100, "backtest.origins": 1}))
    sized = f"Rows without a customer ({nobody.mean():.0%} of all, {money:.0%} of the money)"
    assert sized.lower() in summary.mind(run, run.scheme()).lower()


def test_a_step_near_the_cut_is_a_shift_and_growth_season_or_one_month_are_none():
    windows = Windows(START, CUT, dt.date(2024, 4, 1))  # 27 months, the cut after 18
    rng = np.random.default_rng(3)
    level = 100 * np.exp(rng.normal(0, 0.05, 27) + 0.03 * np.arange(27))
    level *= np.tile([0.7, 0.8, 0.9, 1, 1, 1, 0.9, 0.9, 1, 1.1, 1.3, 1.6], 3)[:27]
    assert ca.level_shift(months(level), windows) is None
    assert ca.level_shift(months(level * np.where(np.arange(27) == 18, 2, 1)), windows) is None
    assert ca.level_shift(months(level * np.where(np.arange(27) >= 12, 2, 1)), windows) is None
    caution = ca.level_shift(months(level * np.where(np.arange(27) >= 19, 0.5, 1)), windows)
    assert (caution.facts["month"], caution.weight) == (dt.date(2023, 8, 1), "warning")
    assert caution.facts["change"] == pytest.approx(-0.5, abs=0.1)
    assert "from 2023-08 on, 5" in words(caution)["figure"]
    # A year: without a season to take out, the sentence leaves it open.
    short = Windows(START, dt.date(2022, 8, 20), dt.date(2023, 1, 1))
    flat = 100 * np.exp(rng.normal(0, 0.05, 12))
    assert ca.level_shift(months(flat), short) is None
    found = ca.level_shift(months(flat * np.where(np.arange(12) >= 8, 1.6, 1)), short)
    assert found.facts["month"] == dt.date(2022, 9, 1)
    assert "more a month came in" in (figure := words(found)["figure"])
    assert figure.endswith("this may be the season")
    assert ca.level_shift(months([1.0, 1, 1, 9, 9]), short) is None


def test_most_bought_once_and_a_best_tier_of_few():
    row = words(ca.bought_once(pd.Series([1] * 95 + [2] * 5)))
    assert row["caution"] == "Most customers bought once (95%)"
    assert row["weight"] == "warning"
    assert words(ca.bought_once(pd.Series([1] * 6 + [2] * 4)))["weight"] == "note"
    assert ca.bought_once(pd.Series([1, 2])) is None
    tiers = pd.Series(pd.Categorical(["A"] * 29 + ["B"] * 99, ["A", "B"], ordered=True))
    assert "*A*, holds fewer than 30" in words(ca.small_tier(tiers))["figure"]
    assert ca.small_tier(pd.concat([tiers, tiers])) is None


def test_one_cohort_comes_evenly_and_then_nobody_does():
    since = pd.Series(LENGTH - 1 - np.arange(90).repeat(5))
    caution = ca.acquisition(since, START, CUT)
    assert caution.value == pytest.approx(81 / LENGTH)
    row = words(caution)
    assert row["caution"] == "One cohort of customers"
    assert row["figure"] == (
        "90% of the customers first bought within 81 days, and the schemes learn from 546 days"
    )
    late = pd.Series(np.arange(100).repeat(3))
    assert ca.acquisition(late, START, CUT).key == "one_cohort"


def test_a_history_that_begins_in_the_midst_shows_in_the_first_weeks():
    # 100 old customers appear in the first 30 days, a new one every 3 days.
    first = np.concatenate([np.arange(100) % 30, np.arange(0, LENGTH, 3)])
    caution = ca.acquisition(pd.Series(LENGTH - 1 - first), START, CUT)
    assert (caution.key, caution.limit) == ("unknown_first", 2)
    assert caution.facts["older"] == pytest.approx(100 / len(first), abs=0.03)
    assert words(caution)["meaning"].startswith(f"{caution.facts['older']:.0%} of the customers")
    assert caution.weight == "note"
    at_once = ca.acquisition(pd.Series([LENGTH - 1] * 50), START, CUT)
    text = "100% of the customers appear in the first 7 days of the data, twice"
    assert text in words(at_once)["figure"]
    # An infinite rate could not be written to results.json.
    assert np.isnan(at_once.value)


def test_random_arrivals_raise_no_caution_and_it_begins_at_about_a_fifth_from_before():
    for seed in range(5):
        random = np.random.default_rng(seed).integers(0, LENGTH, 300)
        assert ca.acquisition(pd.Series(LENGTH - 1 - random), START, CUT) is None
    rng = np.random.default_rng(1)
    new = rng.integers(0, LENGTH, 8_000)
    for older, expected in ((1_000, False), (3_000, True)):
        first = np.concatenate([rng.integers(0, 30, older), new])
        caution = ca.acquisition(pd.Series(LENGTH - 1 - first), START, CUT)
        assert (caution is not None) == expected


def test_a_holdout_shorter_than_the_purchase_cycle():
    names = ["order_days", "days_since_first", "days_since_last"]
    customers = pd.DataFrame([(3, 300, 100), (3, 400, 0), (2, 90, 0), (1, 5, 5)], columns=names)
    # Gaps of 100, 200 and 90 days; who bought once has none.
    caution = ca.short_holdout(customers, 99)
    assert (caution.value, caution.limit) == (100.0, 99.0)
    assert "100 days or longer" in words(caution)["figure"]
    assert ca.short_holdout(customers, 100) is None
    assert ca.short_holdout(customers[3:], 1) is None


def test_months_that_the_past_never_had():
    windows = Windows(START, dt.date(2022, 10, 1), CUT)
    row = found(clean(windows=windows, timeline=months([1.0] * 18)))["The seasons differ"]
    assert (row["value"], row["weight"]) == (3.0, "warning")
    assert row["figure"].endswith("the holdout has October, November and December")


def test_a_holdout_of_the_busy_half_of_the_year():
    busy = [60.0] * 6 + [140.0] * 6
    windows = Windows(START, dt.date(2023, 7, 1), dt.date(2024, 1, 1))
    caution = ca.seasonality(months(busy * 2), windows, [windows.cut])
    assert (caution.value, caution.weight) == (pytest.approx(0.4), "note")
    assert "40% more per month" in words(caution)["figure"]
    assert ca.seasonality(months([100.0] * 24), windows, [windows.cut]) is None


def test_the_season_stands_unless_a_cut_date_was_followed_by_the_one_that_comes_next():
    windows = Windows(START, dt.date(2022, 10, 1), dt.date(2023, 2, 1))
    year = months([1.0] * 13)
    # The days after 2023-02-01 a year earlier, and eight days off; the eighth is 15 days.
    assert ca.seasonality(year, windows, [dt.date(2022, 2, 1), windows.cut]) is None
    assert ca.seasonality(year, windows, [dt.date(2022, 2, 16)]) is None
    assert ca.seasonality(year, windows, [dt.date(2022, 2, 18)]).facts["unseen"] == [10, 11, 12]
    # Every month was seen before, but nobody can tell how the year swings.
    known = Windows(START, dt.date(2023, 3, 1), dt.date(2023, 6, 1))
    caution = ca.seasonality(months([1.0] * 17), known, [known.cut])
    assert caution.weight == "note"
    assert "does not show how the year swings" in words(caution)["figure"]


def test_growth_is_no_season_and_a_part_of_a_month_is_no_month():
    growing = months([100 * 1.05**i for i in range(24)] + [1.0])
    index = ca.seasonal_index(growing, START, dt.date(2024, 1, 10))
    assert index.tolist() == pytest.approx([1.0] * 12)
    assert ca.seasonal_index(growing, dt.date(2022, 1, 2), dt.date(2024, 1, 10)).empty


def test_almost_everyone_and_almost_nobody():
    for share, name in ((0.95, "Almost everyone bought again"), (0.05, "Almost nobody bought")):
        caution = ca.activity(pd.Series(np.arange(100) < 100 * share))
        row = words(caution)
        assert row["caution"].startswith(name)
        assert row["figure"].startswith(f"{share:.0%} of the customers")
    assert ca.activity(pd.Series(np.arange(10) < 9)) is None
    assert ca.activity(pd.Series(np.arange(10) < 1)) is None


def test_low_customers_who_are_merely_new():
    tiers = pd.Series(pd.Categorical(list("AABBBBB"), ["A", "B", "C"], ordered=True))
    days = pd.Series([10, 10, 89, 90, 300, 300, 300])
    value = pd.Series([0, 0, 7.0, 1.0, 2.0, 3.0, 2.0])
    caution = ca.newcomers(tiers, days, value)
    assert caution.value == pytest.approx(0.2)
    figure = words(caution)["figure"]
    assert "lowest tier of x, *B*" in figure
    assert "brought €7 each, its other customers €2" in figure
    assert ca.newcomers(tiers, days + 1, value) is None
    assert ca.newcomers(tiers, days * 0, value) is None


def test_warnings_come_first_and_are_told_in_the_language_of_the_reader():
    study = clean()
    study["outcome"]["active"] = True
    study["features"]["days_since_first"] = LENGTH - 1
    told = in_words(ca.find_cautions(**study), "x", "EUR")
    assert told["weight"].tolist() == ["warning", "note"]
    assert told["key"].tolist() == ["almost_everyone", "unknown_first"]
    caution = ca.activity(pd.Series([True] * 20))
    english = words(caution)
    with language.using("zh"):
        chinese = words(caution)
    assert english["caution"] == "Almost everyone bought again"
    assert chinese["caution"] != english["caution"] and chinese["value"] == english["value"]
