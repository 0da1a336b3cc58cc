"""Methods refitted in every resample: by hand, and against the back-test's own draws."""

import numpy as np
import pandas as pd
import pytest
import shop
from pandas.testing import assert_series_equal
from test_backtest import SIX, market

from segment.errors import StudyError
from segment.evidence.backtest import ORACLE, PLAIN_SORT, judge
from segment.evidence.bootstrap import weights
from segment.evidence.comparison import FIGURES
from segment.evidence.intervals import interval
from segment.evidence.refit import read_by, refitted_draws, resamples, with_refits
from segment.run import prepare
from segment.study import read
from segment.tiering import ABC, RFM, Clusters, Thresholds

HALVES = ABC(cut="customers", limits=[0.5])
MEMBERS = Thresholds(by="monetary_total", tiers={"gold": 100, "silver": 30})


def judged(methods, customers, outcome, replicates=60):
    labels = {label: method.fit(customers).labels_ for label, method in methods.items()}
    return judge(labels, customers, outcome, replicates=replicates)


def test_a_resample_by_hand():
    """The rows drawn are those of the weights; a customer drawn twice becomes two."""
    (w,) = next(weights(6, 1, 3))
    ((rows, sample),) = resamples(SIX, 1, 3)
    assert np.bincount(rows, minlength=6).tolist() == w.tolist()
    assert sample.index.tolist() == list(range(6))
    assert sample["monetary_total"].tolist() == [SIX["monetary_total"].iloc[i] for i in rows]


def test_only_columns_that_are_read_are_drawn_unless_a_method_names_none():
    wide = SIX.assign(unused=1.0)
    assert read_by({"ABC": ABC()}, wide).columns.tolist() == ["monetary_total"]
    assert read_by({"ABC": ABC(), "own": object()}, wide).columns.tolist() == [*wide]


@pytest.mark.parametrize("figure", FIGURES)
def test_limits_that_are_not_learned_give_the_draws_of_the_backtest(figure):
    customers, outcome = market()
    methods = {"members": MEMBERS.fit(customers)}
    evidence = judged(methods, customers, outcome)
    again = refitted_draws(methods, customers, outcome, 20)[figure]["members"]
    fixed = evidence.draws[figure]["members"].iloc[:20]
    np.testing.assert_allclose(again, fixed, atol=1e-9)


def test_learned_limits_are_those_of_the_resample():
    """Independent: fit by hand on the drawn rows, normalised Gini from pairs of customers."""
    customers, outcome = market(80)
    methods = {"halves": HALVES.fit(customers)}
    found = refitted_draws(methods, customers, outcome, 6, seed=5)["gini"]["halves"]
    for w, gini in zip(next(weights(80, 6, 5)), found, strict=True):
        rows = np.repeat(np.arange(80), w.astype(int))
        paid = customers["monetary_total"].to_numpy()[rows]
        value = outcome["value"].to_numpy()[rows]
        better = ((paid > paid[:, None]).mean(axis=1) + (paid >= paid[:, None]).mean(axis=1)) / 2
        top = np.round(better, 12) < 0.5
        assert gini == pytest.approx(pairs(top, value) / pairs(value, value))


def pairs(score, value):
    """Return C: twice the mean percentile of what was brought, less 1."""
    score = np.asarray(score, dtype=float)
    below = (score[:, None] > score).mean(axis=1)
    upto = (score[:, None] >= score).mean(axis=1)
    return 2 * ((below + upto) / 2 @ value) / value.sum() - 1


def test_clusters_keep_their_number():
    customers, outcome = market(200)
    method = Clusters(k="auto", k_choices=[2, 3]).fit(customers)
    again = refitted_draws({"clusters": method}, customers, outcome, 5)
    assert again["gini"].notna().all(axis=None)


def test_a_resample_without_anything_to_rank_is_missing():
    later = pd.DataFrame({"value": [9.0, 0, 0, 0, 0, 0], "active": [True] + 5 * [False]}, SIX.index)
    methods = {"halves": HALVES.fit(SIX)}
    drawn = np.concatenate(list(weights(6, 30, 1)))[:, 0]
    gini = refitted_draws(methods, SIX, later, 30)["gini"]["halves"]
    none = (drawn == 0) | (drawn == 6)
    assert 0 < none.sum() < 30
    assert gini.isna().tolist() == none.tolist()


def test_refits_replace_the_intervals_of_methods_alone():
    customers, outcome = market()
    methods = {"halves": HALVES.fit(customers), "RFM": RFM().fit(customers)}
    evidence = judged(methods, customers, outcome)
    draws = refitted_draws(methods, customers, outcome, 25)
    found = with_refits(evidence, draws)
    low, high = interval(draws["gini"]["halves"].to_numpy(), wider=evidence.widening)
    row = found.figures.loc["halves"]
    assert (row["gini_low"], row["gini_high"]) == pytest.approx((low, high))
    assert row["gini"] == evidence.figures.loc["halves", "gini"]
    pd.testing.assert_frame_equal(
        found.figures.loc[[PLAIN_SORT, ORACLE]], evidence.figures.loc[[PLAIN_SORT, ORACLE]]
    )
    assert found.draws["gini"].shape == (25, evidence.draws["gini"].shape[1])
    assert found.draws["gini"][ORACLE].eq(1).all()
    assert evidence.figures.loc["halves", "gini_low"] != row["gini_low"]


def test_a_study_can_ask_for_refitted_limits(tmp_path):
    study = read(shop.write(tmp_path), {"backtest.replicates": 100})
    fixed = prepare(study)
    refitted = prepare(
        read(study.file, {"backtest.replicates": 100, "backtest.limits": "refitted"})
    )
    assert_series_equal(fixed.backtest.figures["gini"], refitted.backtest.figures["gini"])
    ends = "gini_low", "gini_high"
    widths = [a.backtest.figures.loc["RFM sum", list(ends)].tolist() for a in (fixed, refitted)]
    assert widths[0] != widths[1]


def test_refitted_limits_need_resamples(tmp_path):
    asked = {"backtest.limits": "refitted", "backtest.most_resampled": 50}
    a = prepare(read(shop.write(tmp_path), asked))
    with pytest.raises(StudyError, match="'limits: refitted' needs resamples"):
        a.backtest  # noqa: B018
