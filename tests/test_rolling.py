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

from segment.evidence.backtest import REVENUE_SORT, judge
from segment.evidence.bootstrap import weights
from segment.evidence.origins import HOLDOUT, Origin, cut_dates, earlier, earlier_windows
from segment.evidence.recommend import simultaneous_pairs
from segment.evidence.rolling import adjusted_mean, between_dates, judge_at_dates, mean_draws
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
    np.testing.assert_allclose(found.summary.loc[labels, "mean"], gini, atol=1e-12)
    pd.testing.assert_frame_equal(found.draws[labels], draws)
    assert (found.summary["origins"] == 1).all()


def test_draws_resample_the_same_customers_at_every_date(a):
    """Against an explicit loop: customers repeated as often as they are drawn."""
    methods, replicates, seed = {"RFM sum": a.methods["RFM sum"]}, 3, 5
    evidence = judge(
        a.tiers, a.customers, a.outcome, by_construction={}, replicates=replicates, seed=seed
    )
    dates = before(a)[:2]
    found = judge_at_dates(methods, evidence, last(a), dates, seed=seed)
    by_date = found.figures.pivot(index="cut", columns="label", values="gini")
    noise = between_dates(by_date[found.draws.columns], replicates, seed)
    draws = (found.draws - noise)["RFM sum"]
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
    table = pd.DataFrame({"all": [0.5, 0.7], "late": [np.nan, 0.6], REVENUE_SORT: [0.6, 0.7]})
    # The revenue sort's mean .65; "late" lies .10 below it where it stands.
    means = {"all": 0.60, "late": 0.55, REVENUE_SORT: 0.65}
    assert adjusted_mean(table).to_dict() == pytest.approx(means)
    # The draws of a mean are the means of the draws.
    dates = [table.iloc[[0]].drop(columns="late"), table.iloc[[1]].reset_index(drop=True)]
    assert mean_draws(dates).loc[0].to_dict() == pytest.approx(adjusted_mean(table).to_dict())


TABLE = pd.DataFrame(
    {
        "a": [0.50, 0.56, 0.60, 0.66, 0.70],
        "a less .1": [0.40, 0.46, 0.50, 0.56, 0.60],
        "b": [0.52, 0.50, 0.61, 0.58, 0.66],
        "once": [np.nan, np.nan, np.nan, np.nan, 0.6],
        REVENUE_SORT: [0.55, 0.60, 0.62, 0.67, 0.69],
    }
)
WIDER = stats.t.isf(0.025, 4) / stats.norm.isf(0.025)


def test_noise_between_dates_has_the_variance_of_the_difference_over_dates():
    noise = pd.DataFrame(between_dates(TABLE, 40_000, 1), columns=TABLE.columns)
    for one, other in (("a", "b"), ("b", REVENUE_SORT)):
        expected = WIDER * (TABLE[one] - TABLE[other]).std() / np.sqrt(5)
        assert (noise[one] - noise[other]).std() == pytest.approx(expected, rel=0.02)
    assert noise["a"].std() == pytest.approx(WIDER * TABLE["a"].std() / np.sqrt(5), rel=0.02)
    # No noise where the difference is the same at all dates, or where there is one date.
    np.testing.assert_allclose(noise["a"], noise["a less .1"], atol=1e-12)
    assert not between_dates(TABLE.tail(1), 10, 1).any()
    # A scheme with one date borrows the usual spread.
    distances = TABLE[["a", "a less .1", "b"]].sub(TABLE[REVENUE_SORT], axis=0)
    expected = WIDER * distances.std().median()
    assert (noise["once"] - noise[REVENUE_SORT]).std() == pytest.approx(expected, rel=0.02)


def test_equal_schemes_over_five_dates_are_rarely_separated():
    """Errors of customers shared by the dates, and of dates of their own; no margin."""
    runs, found, names = 150, 0, list("abcd")
    for run in range(runs):
        rng = np.random.default_rng(run)
        level = 0.6 + rng.normal(0, 0.03, (5, 1))
        table = pd.DataFrame(
            level + rng.normal(0, 0.005, 4) + rng.normal(0, 0.01, (5, 4)), columns=names
        )
        table[REVENUE_SORT] = level[:, 0]
        mean = adjusted_mean(table)
        draws = pd.DataFrame(between_dates(table, 200, run), columns=table.columns)[names]
        draws += mean[names].to_numpy() + rng.normal(0, 0.005, (200, 4))
        found += simultaneous_pairs(mean[names], draws, margin=0.0)["separable"].any()
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
        first.cut: "nobody known by then brought anything after it",
        second.cut: "everybody brought the same after it",
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
    assert ("some schemes stand at fewer: Happy at" in text) == (dates < 5)
    assert "nan" not in recommendation.dates(a, a.scheme("Happy"))


def test_a_saved_run_keeps_the_dates_and_results_are_plain_data(a, tmp_path):
    save(a, tmp_path)
    again = load(tmp_path)
    pd.testing.assert_frame_equal(again.rolling.summary, a.rolling.summary)
    assert not [name for name in again.wide if name.startswith("origin_")]
    found = json.loads(json.dumps(results_of(again), allow_nan=False))["origins"]
    assert found["dates"][-1]["cut"] == "2023-09-01"
    assert len(found["figures"]) == 5 * (len(a.methods) + 1)


def test_the_study_can_ask_for_one_date(tmp_path):
    study = shop.write(tmp_path)
    a = prepare(read(study, {"backtest.origins": 1}))
    assert len(a.rolling.origins) == 1
    assert "the study asks for no other" in recommendation.dates(a, a.scheme("RFM sum"))
    assert "One cut date stands behind this" in "\n".join(recommendation.answer(a, a.scheme()))


def test_above_the_limit_of_resampling_the_whole_way_runs_on_few_resamples(a):
    other = prepare(
        read(a.study.file, {"backtest.most_resampled": 100, "backtest.replicates": 400})
    )
    assert not other.backtest.draws["gini"].equals(a.backtest.draws["gini"])
    pd.testing.assert_series_equal(other.rolling.summary["mean"], a.rolling.summary["mean"])
    np.testing.assert_allclose(other.rolling.draws.std(), a.rolling.draws.std(), rtol=0.25)
