"""Several cut dates: which ones, nothing of the future, and both kinds of error."""

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shop
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from segment.evidence.backtest import PLAIN_SORT, judge
from segment.evidence.bootstrap import weights
from segment.evidence.origins import (
    HOLDOUT,
    Origin,
    cut_dates,
    earlier,
    earlier_windows,
    with_next_season,
)
from segment.evidence.recommend import bounds
from segment.evidence.rolling import (
    Rolling,
    adjusted_mean,
    between_dates,
    judge_at_dates,
)
from segment.features.windows import Windows
from segment.pages import backtest as page
from segment.pages import recommendation
from segment.pages._results import results_of
from segment.run import Run, load, prepare, save
from segment.study import read

CUT = dt.date(2023, 9, 1)


@pytest.fixture(scope="module")
def a(shop_run) -> Run:
    return shop_run


def before(a: Run) -> list[Origin]:
    return list(earlier(a.wide, earlier_windows(a.study, a.windows), None, None))


def last(a: Run) -> Origin:
    return Origin(a.windows.cut, a.windows.end, a.customers, a.outcome)


def test_cdnow_has_five_dates_from_the_middle_of_the_history_and_a_short_one_fewer():
    for history, least, dates in ((60, 56, 1), (84, 56, 3), (112, 56, 5), (28, 2, 2)):
        assert len(cut_dates(CUT - dt.timedelta(days=history), CUT, 5, least)) == dates
    found = cut_dates(dt.date(1997, 1, 1), dt.date(1997, 10, 1), 5, 56)
    assert found == [dt.date(1997, *day) for day in ((5, 18), (6, 21), (7, 25), (8, 28), (10, 1))]


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 12), st.integers(2, 400))
def test_dates_are_evenly_spaced_and_leave_half_of_the_history(history, most, least):
    first = CUT - dt.timedelta(days=history)
    found = cut_dates(first, CUT, most, least)
    steps = {(b - a).days for a, b in pairwise(found)}
    assert found[-1] == CUT
    assert 1 <= len(found) <= most
    assert len(steps) <= 1
    assert all(step >= 14 for step in steps)
    if len(found) > 1:
        assert (found[0] - first).days >= max(least, history / 2)


@given(st.integers(300, 2000), st.integers(14, 500), st.integers(1, 6))
def test_one_holdout_is_of_the_season_that_comes_next_where_the_history_allows(n, holdout, most):
    """The same days a year before the data's end; as many dates, the main cut still the last."""
    whole = Windows(CUT - dt.timedelta(days=n), CUT, CUT + dt.timedelta(days=holdout))
    even = cut_dates(whole.start, CUT, most, 56)
    found = with_next_season(even, whole, 56)
    year_ago = whole.end - dt.timedelta(days=365)
    allowed = len(even) > 1 and (year_ago - whole.start).days >= n / 2
    assert any(map(whole.sees_next_season, found)) or not allowed
    assert len({*found}) == len(even) and found == sorted(found)
    assert (found[0] - whole.start).days >= n / 2 and found[-1] == CUT
    assert {*found} - {*even} <= {year_ago}


def test_the_page_says_which_date_was_followed_by_the_season_that_comes_next():
    whole = Windows(dt.date(2022, 1, 1), dt.date(2023, 5, 1), dt.date(2023, 9, 1))
    cuts = with_next_season(cut_dates(whole.start, whole.cut, 3, 56), whole, 56)
    assert cuts == [dt.date(2022, 9, 1), dt.date(2022, 12, 31), whole.cut]
    assert page.next_season(whole, cuts) == (
        "What comes next, 2023-09-01 to 2024-01-01, is of the season that followed 2022-09-01."
    )
    assert page.next_season(whole, cuts[1:]) == ""


def test_every_holdout_is_as_long_as_the_main_one_and_ends_with_the_data(a):
    spans = earlier_windows(a.study, a.windows)
    assert len(spans) == 8
    for name, (start, end) in spans.items():
        if name.endswith(HOLDOUT):
            assert end - start == a.windows.end - a.windows.cut
            assert end <= a.facts["last"] + dt.timedelta(days=1)
        else:
            assert (start, end) == (a.windows.start, spans[name + HOLDOUT][0])


def test_a_date_is_what_a_study_with_that_cut_would_see(a):
    """The same customers, outcome and figures as a study of its own: nothing of the future."""
    origin = before(a)[1]
    periods = {"periods.cut": origin.cut, "periods.end": origin.end}
    alone = prepare(read(a.study.file, periods | {"backtest.origins": 1}))
    pd.testing.assert_frame_equal(alone.customers, origin.customers, check_like=True)
    pd.testing.assert_frame_equal(alone.outcome, origin.outcome)
    found = a.rolling.figures.query("cut == @origin.cut").set_index("label")
    for figure in ("gini", "skill", "capture"):
        expected = alone.backtest.figures.loc[found.index, figure]
        np.testing.assert_allclose(found[figure], expected, atol=1e-9)


def test_one_date_is_the_comparison_at_the_main_cut(a):
    found = judge_at_dates(a.methods, a.backtest, last(a))
    labels = list(a.methods)
    gini, draws = a.backtest.figures.loc[labels, "gini"], a.backtest.draws["gini"][labels]
    np.testing.assert_allclose(found.summary.loc[labels, "gini"], gini, atol=1e-12)
    pd.testing.assert_frame_equal(found.draws["gini"][labels], draws)
    assert (found.summary["origins"] == 1).all()


def test_draws_resample_the_same_customers_at_every_date(a):
    """Against an explicit loop: customers repeated as often as they are drawn."""
    methods, replicates, seed = {"RFM sum": a.methods["RFM sum"]}, 3, 5
    evidence = judge(a.tiers, a.customers, a.outcome, replicates=replicates, seed=seed)
    dates = before(a)[:2]
    found = judge_at_dates(methods, evidence, last(a), dates, seed=seed)
    by_date = found.figures.pivot(index="cut", columns="label", values="gini")
    noise, _error = between_dates(
        by_date[found.draws["gini"].columns], len(found.draws["gini"]), seed
    )
    draws = (found.draws["gini"] - noise)["RFM sum"]
    tiers = [origin.tiers(methods, 2)[0]["RFM sum"] for origin in dates]
    for b, w in enumerate(np.concatenate(list(weights(len(a.customers), replicates, seed)))):
        drawn = pd.Series(w, index=a.customers.index)
        ginis = [evidence.draws["gini"].loc[b, "RFM sum"]]
        for origin, given_tiers in zip(dates, tiers, strict=True):
            times = drawn.loc[origin.customers.index].to_numpy()
            score, value = -given_tiers.cat.codes.to_numpy(), origin.outcome["value"].to_numpy()
            ginis.append(gini(np.repeat(score, times), np.repeat(value, times)))
        assert draws[b] == pytest.approx(np.mean(ginis), abs=1e-9)


def gini(score: np.ndarray, value: np.ndarray) -> float:
    def covariance(by):
        return np.cov(stats.rankdata(by), value)[0, 1]

    return covariance(score) / covariance(value)


def test_the_mean_of_a_scheme_with_fewer_dates_by_hand():
    table = pd.DataFrame({"all": [0.5, 0.7], "late": [np.nan, 0.6], PLAIN_SORT: [0.6, 0.7]})
    # The revenue sort's mean .65; "late" lies .10 below it where it stands.
    assert adjusted_mean(table.to_numpy()) == pytest.approx([0.60, 0.55, 0.65])
    nowhere = table.assign(late=np.nan).to_numpy()
    assert adjusted_mean(nowhere) == pytest.approx([0.60, np.nan, 0.65], nan_ok=True)


TABLE = pd.DataFrame(
    {
        "a": [0.50, 0.56, 0.60, 0.66, 0.70],
        "a less .1": [0.40, 0.46, 0.50, 0.56, 0.60],
        "b": [0.52, 0.50, 0.61, 0.58, 0.66],
        "once": [np.nan, np.nan, np.nan, np.nan, 0.6],
        PLAIN_SORT: [0.55, 0.60, 0.62, 0.67, 0.69],
    }
)


def test_noise_between_dates_is_students_t_of_the_differences_over_dates():
    drawn, error = between_dates(TABLE, 40_000, 1)
    noise, error = pd.DataFrame(drawn, columns=TABLE.columns), pd.Series(error, TABLE.columns)
    for one, other in (("a", "b"), ("b", PLAIN_SORT)):
        t = (noise[one] - noise[other]) / ((TABLE[one] - TABLE[other]).std() / np.sqrt(5))
        assert stats.kstest(t, stats.t(4).cdf).pvalue > 0.01
    assert error["a"] == pytest.approx(TABLE["a"].std() / np.sqrt(5))
    assert stats.kstest(noise["a"] / error["a"], stats.t(4).cdf).pvalue > 0.01
    # No noise where the difference is the same at all dates, or where there is one date.
    np.testing.assert_allclose(noise["a"], noise["a less .1"], atol=1e-12)
    assert not between_dates(TABLE.tail(1), 10, 1)[0].any()
    # A scheme with one date borrows the usual spread.
    distances = TABLE[["a", "a less .1", "b"]].sub(TABLE[PLAIN_SORT], axis=0)
    t = (noise["once"] - noise[PLAIN_SORT]) / distances.std().median()
    assert stats.kstest(t, stats.t(4).cdf).pvalue > 0.01


def test_schemes_that_find_nothing_more_over_five_dates_rarely_pass():
    """Errors of customers shared by the dates, and of dates of their own; no margin."""
    runs, found, names = 300, 0, list("abcd")
    for run in range(runs):
        rng = np.random.default_rng(run)
        level = 0.6 + rng.normal(0, 0.03, (5, 1))
        table = pd.DataFrame(
            level + rng.normal(0, 0.005, 4) + rng.normal(0, 0.01, (5, 4)), columns=names
        )
        table = table.sub(level[:, 0], axis=0).assign(**{PLAIN_SORT: 0.0})
        mean, (noise, error) = table.mean(), between_dates(table, 400, run)
        draws = pd.DataFrame(mean.to_numpy() + noise, columns=table.columns)[names]
        draws += rng.normal(0, 0.005, (400, 4))
        summary = pd.DataFrame({"gain": mean, "gain_error": np.hypot(error, 0.005)})
        over = Rolling(table, table, summary, {"gain": draws}, table, {})
        found += (bounds(over, "gain", names)[0] > 0).any()
    assert found / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_dates_without_a_figure_are_skipped_and_say_why(a):
    first, second, third, fourth = before(a)
    worthless = replace(first, outcome=first.outcome.assign(value=0.0))
    level = replace(second, outcome=second.outcome.assign(value=5.0))
    few = replace(third, customers=third.customers[:9], outcome=third.outcome[:9])
    blind = replace(fourth, customers=fourth.customers[["monetary_total"]])
    methods = {"RFM sum": a.methods["RFM sum"]}
    found = judge_at_dates(
        methods, a.backtest, last(a), [worthless, level, few, blind], least_customers=20
    )
    assert found.skipped == {
        first.cut: "nobody known by then brought anything after it, or everybody the same",
        second.cut: "nobody known by then brought anything after it, or everybody the same",
        third.cut: "only 9 customers were known",
        fourth.cut: "no scheme could learn from what was known (it reads 'days_since_last', not "
        "known by then)",
    }
    assert found.origins["cut"].tolist() == [a.windows.cut]


HAPPY = (
    shop.YAML.partition("methods:")[0]
    + """\
methods:
  ABC 80/95: {{method: abc}}
  Happy: {{method: abc, by: happy}}
backtest: {{replicates: 200}}
customers:
  source: people.csv
  customer_id: customer
  columns: {{happy: happy}}
"""
)


@pytest.mark.parametrize(
    ("known_on", "dates"), [("2023-08-31", 1), ("2023-06-02", 4), ("2023-06-03", 3), (None, 1)]
)
def test_attributes_are_there_only_after_the_day_they_were_written(tmp_path, known_on, dates):
    rows = shop.rows()
    people = pd.DataFrame({"customer": rows["customer"].unique()})
    people.assign(happy=np.arange(len(people)) % 5).to_csv(tmp_path / "people.csv", index=False)
    known = f"  known_on: {known_on}\n" if known_on else ""
    study = shop.write(tmp_path, rows, HAPPY + known)
    a = prepare(read(study))
    assert a.rolling.summary["origins"].drop("Happy").eq(5).all()
    assert a.rolling.summary.loc["Happy", "origins"] == dates
    absent = a.rolling.absent
    assert len(absent) == 5 - dates
    assert set(absent["reason"]) <= {"it reads 'happy', not known by then"}
    text = "\n".join(page.over_dates(a))
    assert ("averaged over the others: Happy (it reads 'happy'" in text) == (dates < 5)


def test_a_saved_run_keeps_the_dates_and_results_are_plain_data(a, tmp_path):
    save(a, tmp_path)
    again = load(tmp_path, a.study.file)
    pd.testing.assert_frame_equal(again.rolling.summary, a.rolling.summary)
    windows = [name for name in a.wide.windows if not name.startswith("origin_")]
    assert again.wide.windows == windows != a.wide.windows
    found = json.loads(json.dumps(results_of(again), allow_nan=False))["origins"]
    assert found["dates"][-1]["cut"] == "2023-09-01"
    assert len(found["figures"]) == 5 * (len(a.methods) + 1)


def test_the_study_can_ask_for_one_date(tmp_path):
    study = shop.write(tmp_path)
    a = prepare(read(study, {"backtest.origins": 1}))
    assert len(a.rolling.origins) == 1
    assert a.verdict.plain and a.verdict.recommended in (a.verdict.plain, None)
    text = recommendation.why(a, a.scheme(a.verdict.plain))
    assert "nothing can replace it (the study asks for no other)" in text


def test_above_the_limit_of_resampling_the_whole_way_runs_on_few_resamples(a):
    other = prepare(
        read(a.study.file, {"backtest.most_resampled": 100, "backtest.replicates": 400})
    )
    assert not other.backtest.draws["gini"].equals(a.backtest.draws["gini"])
    pd.testing.assert_series_equal(other.rolling.summary["gini"], a.rolling.summary["gini"])
    for figure, draws in other.rolling.draws.items():
        np.testing.assert_allclose(draws.std(), a.rolling.draws[figure].std(), rtol=0.25)
