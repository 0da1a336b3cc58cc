"""The verdict on constructed draws, and how often it is wrong."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from segment.evidence.backtest import ORACLE, REVENUE_SORT, Backtest
from segment.evidence.recommend import (
    pareto_front,
    recommend,
    simplicity,
    simultaneous_pairs,
    weighted_score,
)
from segment.evidence.rolling import Origin, Rolling, judge_at_dates
from segment.evidence.stability import Stability

PARTS = ("gini", "capture", "auc", "stability", "simplicity", "balance")
WEIGHTS = dict(zip(PARTS, (0.35, 0.2, 0.1, 0.15, 0.15, 0.05), strict=True))


class Scheme:
    """Stands for a fitted method: how simple it is, no more."""

    def __init__(self, native_rule=True, variables=1, cells=3):
        self.native_rule = native_rule
        self.complexity = (variables, cells)


SIMPLE, RICH, BLACK_BOX = Scheme(), Scheme(True, 3, 13), Scheme(False, 1, 2)
METHODS = {"simple": SIMPLE, "rich": RICH, "box": BLACK_BOX, "twin": SIMPLE}


def normal(centres: dict[str, float], spread: float = 0.01, replicates: int = 2000):
    rng = np.random.default_rng(0)
    noise = rng.normal(0, spread, (replicates, len(centres)))
    draws = pd.DataFrame(noise + list(centres.values()), columns=list(centres))
    return pd.Series(centres), draws


def evidence(gini: dict[str, float], spread: float = 0.005, **columns) -> Backtest:
    estimate, draws = normal(gini, spread)
    figures = pd.DataFrame({"gini": estimate, "capture": 0.3, "auc": 0.7, "balance": 0.9})
    figures = figures.assign(**columns)
    figures.loc[ORACLE, ["gini", "capture", "auc"]] = [1.0, 0.5, 1.0]
    return Backtest(figures, {"gini": draws}, pd.DataFrame(), pd.DataFrame(), 0.10)


def steady(labels, kappa=0.5) -> Stability:
    none = pd.DataFrame()
    return Stability(pd.DataFrame({"kappa": kappa}, index=list(labels)), none, 0.0, none, none)


def one_date(main: Backtest, labels) -> Rolling:
    """The main cut alone."""
    figures = main.figures.loc[list(labels)].assign(skill=0.0)
    figures.loc[REVENUE_SORT] = figures.iloc[0]
    draws = main.draws["gini"].assign(**{REVENUE_SORT: main.draws["gini"].iloc[:, 0]})
    found = Backtest(figures, {"gini": draws}, main.tiers, main.curves, main.capture_share)
    nobody = pd.DataFrame({"active": [True]})
    last = Origin(dt.date(2023, 9, 1), dt.date(2024, 1, 1), nobody, nobody)
    return judge_at_dates(dict.fromkeys(labels), found, last)


def decide(gini: dict[str, float], methods: dict[str, Scheme], found=None, **settings):
    settings = {"margin": 0.02, "weights": WEIGHTS, "seed": 1} | settings
    found = evidence(gini) if found is None else found
    return recommend(found, steady(gini), methods, rolling=one_date(found, methods), **settings)


def test_a_clear_winner_is_separable_from_all_though_draws_are_missing():
    estimate, draws = normal({"a": 0.60, "b": 0.80, "c": 0.61})
    draws.loc[::50, "b"] = np.nan
    pairs = simultaneous_pairs(estimate, draws, margin=0.02)
    assert pairs.set_index(["better", "worse"])["separable"].to_dict() == {
        ("b", "a"): True,
        ("b", "c"): True,
        ("c", "a"): False,
    }
    assert (pairs["difference"] >= 0).all()
    twins = simultaneous_pairs(
        estimate[["a"]].reindex(["a", "a"]).set_axis(["a", "z"]),
        draws[["a"]].assign(z=draws["a"]),
        margin=0.0,
    )
    assert twins.loc[0, ["difference", "low", "high", "separable"]].tolist() == [0, 0, 0, False]


@pytest.mark.parametrize(("margin", "separable"), [(0.02, True), (0.06, False), (0.2, False)])
def test_a_difference_within_the_margin_is_not_separable(margin, separable):
    pairs = simultaneous_pairs(*normal({"a": 0.70, "b": 0.62}), margin=margin)
    assert pairs.loc[0, "separable"] == separable


def test_two_methods_have_the_plain_interval_and_more_methods_wider_ones():
    centres = {"a": 0.70, "b": 0.62}
    alone = simultaneous_pairs(*normal(centres), margin=0).iloc[0]
    half = (alone["high"] - alone["low"]) / 2
    assert half == pytest.approx(1.96 * 0.01 * np.sqrt(2), rel=0.05)
    more = simultaneous_pairs(*normal(centres | dict.fromkeys("cdef", 0.5)), margin=0)
    wide = more.query("better == 'a' and worse == 'b'").iloc[0]
    # Six methods of independent noise: Tukey's studentised range, 4.03 instead of 2.77.
    assert wide["high"] - wide["low"] == pytest.approx(2 * 4.03 * 0.01, rel=0.06)


@pytest.mark.parametrize(
    ("gini", "chosen", "candidates"),
    [
        # Not separable: the simplest native rule, though its figure is lower.
        ({"simple": 0.68, "rich": 0.69, "box": 0.69}, "simple", ["simple", "rich", "box"]),
        # Separable: simplicity does not help.
        ({"simple": 0.50, "rich": 0.69, "box": 0.68}, "rich", ["rich", "box"]),
        # A native rule before a black box with fewer variables and cells.
        ({"simple": 0.50, "rich": 0.68, "box": 0.69}, "rich", ["rich", "box"]),
        ({"simple": 0.50, "rich": 0.55, "box": 0.69}, "box", ["box"]),
        # Equally simple schemes are told apart by their figure.
        ({"simple": 0.68, "twin": 0.69}, "twin", ["twin", "simple"]),
        # One alone has no pairs and wins.
        ({"rich": 0.5}, "rich", ["rich"]),
    ],
)
def test_the_simplest_native_rule_wins_among_the_inseparable(gini, chosen, candidates):
    for methods in (METHODS, dict(reversed(METHODS.items()))):
        verdict = decide(gini, {label: methods[label] for label in methods if label in gini})
        assert verdict.recommended == chosen
        assert verdict.candidates == candidates
        assert verdict.clear == (len(candidates) == 1)
        assert len(verdict.pairs) == len(gini) * (len(gini) - 1) / 2


def test_an_unsure_best_figure_saves_no_scheme_that_another_clearly_beats():
    gini = {"simple": 0.50, "rich": 0.69, "box": 0.70}
    found = evidence(gini)
    noise = np.random.default_rng(5).normal(0.70, 0.30, len(found.draws["gini"]))
    found.draws["gini"]["box"] = noise  # as if tried at a single date
    verdict = decide(gini, {label: METHODS[label] for label in gini}, found)
    assert verdict.best == "box" and verdict.candidates == ["rich", "box"]
    assert verdict.recommended == "rich"
    behind = verdict.behind.set_index("worse")
    assert behind.loc["simple", "low"] < 0.02 and behind.loc["simple", "separable"]
    assert not behind.loc["rich", "separable"]


def test_a_refusal_recommends_nothing_but_still_ranks():
    verdict = decide({"a": 0.5, "b": 0.9}, {"a": SIMPLE, "b": RICH}, refused="too few")
    assert verdict.recommended is None
    assert (verdict.best, verdict.refused) == ("b", "too few")
    assert len(verdict.pairs) == 1


@pytest.mark.parametrize(
    ("gini", "stability", "front"),
    [
        ([0.7, 0.6, 0.6, 0.5], [0.4, 0.8, 0.7, 0.8], [0, 1]),
        ([0.6, 0.6], [0.5, 0.5], [0, 1]),  # equals do not push each other off
        ([0.7, 0.6], [np.nan, 0.9], [0]),  # what one scheme lacks counts for none
    ],
)
def test_the_front_holds_what_nothing_beats_in_every_respect(gini, stability, front):
    criteria = pd.DataFrame({"gini": gini, "stability": stability, "simplicity": 1.0})
    assert pareto_front(criteria) == front


def test_simplicity_by_hand():
    assert simplicity(Scheme(True, 1, 3)) == 1
    assert simplicity(Scheme(True, 3, 125)) == pytest.approx(0.5 + 0.25 / 3 + 0.25 * 5 / 125)
    assert simplicity(Scheme(False, 2, 10)) == pytest.approx(0.125 + 0.125)


def score(figures=None, kappa=0.5, **settings):
    gini = {"a": 0.6, "b": 0.5}
    settings = {"weights": WEIGHTS, "seed": 1} | settings
    return weighted_score(
        evidence(gini, **(figures or {})), steady(gini, kappa), {"a": SIMPLE, "b": RICH}, **settings
    )


def test_score_by_hand():
    parts = score().loc["a"]
    # Capture .3 between chance .1 and foresight .5; AUC .7.
    assert parts["capture"] == pytest.approx(0.5)
    assert parts["auc"] == pytest.approx(0.4)
    assert parts["score"] == pytest.approx(
        0.35 * 0.6 + 0.2 * 0.5 + 0.1 * 0.4 + 0.15 * 0.5 + 0.15 * 1 + 0.05 * 0.9
    )


def test_weights_are_scaled_to_one_and_none_count_all_parts_alike():
    for factor in (100, 0.01):
        scaled = score(weights={part: factor * weight for part, weight in WEIGHTS.items()})
        assert scaled["score"].tolist() == pytest.approx(score()["score"].tolist())
    parts = score(weights=dict.fromkeys(WEIGHTS, 0.0))
    expected = parts[list(WEIGHTS)].mean(axis=1)
    assert parts["score"].tolist() == pytest.approx(expected.tolist())


def test_a_part_that_is_missing_is_left_out_for_all():
    parts = score({"auc": [np.nan, 0.7]}).loc["a"]
    known = 0.35 * 0.6 + 0.2 * 0.5 + 0.15 * 0.5 + 0.15 * 1 + 0.05 * 0.9
    assert parts["score"] == pytest.approx(known / 0.9)
    both = score({"auc": np.nan}, kappa=np.nan).loc["a"]
    assert both["score"] == pytest.approx((known - 0.075) / 0.75)


def test_leads_are_shares_of_random_weightings():
    parts = score()
    assert parts["leads"].sum() == pytest.approx(1)
    assert parts.loc["a", "leads"] == 1  # nowhere worse, somewhere better
    assert score(seed=5).equals(score(seed=5))


def test_equal_methods_are_separated_in_one_of_twenty_runs_without_a_margin():
    """Normal estimates whose errors are correlated, as those of tierings are."""
    shape = np.array([[1, 0.9, 0.5, 0.2], [0, 0.5, 0.5, 0.2], [0, 0, 0.7, 0.2], [0, 0, 0, 0.9]])
    winners, runs, names = 0, 600, list("abcd")
    for run in range(runs):
        rng = np.random.default_rng(run)
        centre = rng.normal(size=4) @ shape
        draws = pd.DataFrame(centre + rng.normal(size=(400, 4)) @ shape, columns=names)
        pairs = simultaneous_pairs(pd.Series(centre, names), draws, margin=0.0)
        winners += pairs["separable"].any()
    # Up to three standard errors of simulation; not so wide that the intervals say nothing.
    assert 0.02 <= winners / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
