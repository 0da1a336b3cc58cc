"""The verdict on constructed draws, and how often it is wrong."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segment.evidence.backtest import ORACLE, PLAIN_SORT, Backtest
from segment.evidence.recommend import bounds, recommend, simplicity, weighted_score
from segment.evidence.rolling import Rolling
from segment.evidence.stability import Stability

PARTS = ("gini", "capture", "auc", "stability", "simplicity", "balance")
WEIGHTS = dict(zip(PARTS, (0.35, 0.2, 0.1, 0.15, 0.15, 0.05), strict=True))
ERROR, REPLICATES = 0.002, 4000


class Scheme:
    """Stands for a fitted method: how simple it is, no more."""

    def __init__(self, native_rule=True, variables=1, cells=3):
        self.native_rule = native_rule
        self.complexity = (variables, cells)


SIMPLE, RICH, BLACK_BOX = Scheme(), Scheme(True, 3, 13), Scheme(False, 1, 2)


def evidence(gini: dict[str, float], **columns) -> Backtest:
    figures = pd.DataFrame({"gini": pd.Series(gini), "capture": 0.3, "auc": 0.7, "balance": 0.9})
    figures = figures.assign(**columns)
    perfect = pd.DataFrame({"gini": 1.0, "capture": 0.5, "auc": 1.0}, index=[ORACLE])
    figures = pd.concat([figures, perfect.assign(by_construction=False)])
    return Backtest(figures, {}, pd.DataFrame(), pd.DataFrame(), 0.10)


def steady(labels, kappa=0.5) -> Stability:
    none = pd.DataFrame()
    return Stability(pd.DataFrame({"kappa": kappa}, index=list(labels)), none, 0.0, none, none)


def dates(figures: dict[str, pd.Series], error: float = ERROR, **columns) -> Rolling:
    """Means of gini and gain over five dates, with independent normal errors."""
    rng, draws = np.random.default_rng(0), {}
    summary = pd.DataFrame({"gain_origins": 5}, index=next(iter(figures.values())).index)
    for figure, mean in figures.items():
        noise = error * rng.standard_normal((REPLICATES, len(mean)))
        draws[figure] = pd.DataFrame(mean.to_numpy() + noise, columns=mean.index)
        ends = {f"{figure}_low": mean - 1.96 * error, f"{figure}_high": mean + 1.96 * error}
        summary = summary.assign(**{figure: mean, f"{figure}_error": error}, **ends)
    summary = summary.assign(gain_without_largest=summary["gain"], gain_net=summary["gain"])
    none = pd.DataFrame()
    return Rolling(none, none, summary.assign(**columns), draws, none, {})


def decide(gain: dict[str, float], methods=None, gini=0.5, cuts=(0.2,), **changed):
    """The verdict where a cut of the plain sort stands beside schemes with these mean gains.

    ``cuts`` are the shares at which the plain sort is cut; ``changed`` are columns of the
    summary over the dates, or of the main cut's figures, of all schemes but those cuts.
    """
    plain = {f"plain {share}": 0.0 for share in cuts}
    labels = [*plain, *gain]
    mean = pd.Series(plain | gain | {PLAIN_SORT: 0.0})
    ginis = pd.Series(gini, mean.index) if isinstance(gini, float) else pd.Series(gini)
    over = dates({"gini": ginis, "gain": mean})
    zero = [*plain, PLAIN_SORT]
    over.summary.loc[zero, "gain_error"] = 0.0
    over.draws["gain"][zero] = 0.0
    main = evidence(
        dict.fromkeys(labels, 0.5), gain=mean, lead_low=1.0, exchanged=100.0,
        by_construction=[*([True] * len(plain)), *([False] * len(gain))],
    )  # fmt: skip
    for name, value in changed.items():
        frame = over.summary if name in over.summary else main.figures
        frame.loc[list(gain), name] = value
    tiers = [{"label": f"plain {share}", "share": x} for share in cuts for x in (share, 1 - share)]
    main = Backtest(main.figures, {}, pd.DataFrame(tiers), main.curves, 0.2)
    kinds = dict.fromkeys(plain, SIMPLE) | (methods or dict.fromkeys(gain, RICH))
    settings = {"margin": 0.005, "weights": WEIGHTS, "seed": 1}
    return recommend(main, steady(labels), kinds, rolling=over, **settings)


def test_an_order_that_finds_more_beyond_doubt_replaces_the_plain_sort():
    verdict = decide({"a": 0.02, "b": 0.001})
    assert (verdict.recommended, verdict.candidates) == ("a", ["a"])
    assert verdict.beats_plain and verdict.refused == ""
    assert verdict.schemes["hurdle"].to_dict() == {"a": "", "b": "doubt", "plain 0.2": "cut"}


@pytest.mark.parametrize(
    ("hurdle", "changed"),
    [
        ("doubt", {"gain": 0.003}),  # 1.5 standard errors
        ("less", {"gain": -0.02}),
        ("margin", {"gain": 0.0045, "gain_error": ERROR / 4}),
        ("dates", {"gain_origins": 2}),
        ("exchanged", {"exchanged": 29.5}),
        ("largest", {"gain_without_largest": 0.004}),
        ("losses", {"gain_net": 0.03}),
        ("losses", {"gain_net": -0.001}),
        ("best tier", {"lead_low": -1.0}),
        ("border", {"gain": np.nan}),
    ],
)
def test_what_stands_between_a_scheme_and_a_recommendation(hurdle, changed):
    gain = changed.get("gain", 0.02)
    settings = {"gain_net": gain} | changed
    settings.pop("gain", None)
    verdict = decide({"a": gain}, **settings)
    assert verdict.schemes.loc["a", "hurdle"] == hurdle
    assert (verdict.recommended, verdict.beats_plain) == ("plain 0.2", False)


@pytest.mark.parametrize(
    ("gain", "chosen"),
    [
        ({"rich": 0.020, "box": 0.021}, "rich"),  # a native rule before a black box
        ({"rich": 0.020, "box": 0.0245}, "rich"),  # separably better, by less than the margin
        ({"rich": 0.020, "box": 0.035}, "box"),
        ({"simple": 0.015, "rich": 0.016, "box": 0.017}, "simple"),
    ],
)
def test_the_simplest_order_wins_unless_the_best_finds_separably_more(gain, chosen):
    kinds = {"simple": SIMPLE, "rich": RICH, "box": BLACK_BOX}
    for labels in (list(gain), list(gain)[::-1]):
        verdict = decide({k: gain[k] for k in labels}, {k: kinds[k] for k in labels})
        assert verdict.recommended == chosen
        assert verdict.best == max(gain, key=gain.get) == verdict.candidates[0]


def test_nothing_better_than_chance_is_recommended():
    none = decide({"a": 0.02, "b": 0.0}, gini=0.003)
    assert none.recommended is None
    assert none.refused == "no scheme here sorts customers better than chance, beyond doubt"
    labels = ["plain 0.2", "a", "b", PLAIN_SORT]
    # The plain sort is no better than chance: only what beats it can be recommended.
    ginis = dict(zip(labels, [0.5, 0.5, 0.5, 0.0], strict=True))
    assert decide({"a": 0.02, "b": 0.0}, gini=ginis).recommended == "a"
    verdict = decide({"a": 0.001, "b": 0.0}, gini=ginis)
    assert verdict.recommended is None and "does not find more" in verdict.refused
    ginis["a"] = 0.0
    assert decide({"a": 0.02, "b": 0.0}, gini=ginis).recommended is None


@pytest.mark.parametrize(
    ("cuts", "chosen"),
    [
        ((0.05, 0.5, 0.3), "plain 0.3"),
        ((0.1, 0.4), "plain 0.1"),  # equally near, and equally many tiers: as the study lists them
        ((0.6, 0.9), "plain 0.6"),
    ],
)
def test_where_the_plain_sort_stays_its_border_nearest_to_the_share_is_chosen(cuts, chosen):
    verdict = decide({"a": 0.0}, cuts=cuts)
    assert (verdict.recommended, verdict.plain, verdict.best) == (chosen, chosen, chosen)


def test_a_refusal_recommends_nothing_but_still_ranks():
    main, over = evidence({"a": 0.5, "b": 0.9}), decide({"a": 0.01})
    assert over.recommended == "a"
    figures = {"gini": pd.Series({"a": 0.5, "b": 0.9, PLAIN_SORT: 0.4})}
    rolling = dates(figures | {"gain": pd.Series({"a": 0.01, "b": 0.02, PLAIN_SORT: 0.0})})
    main = evidence(
        {"a": 0.5, "b": 0.9}, gain=0.1, lead_low=1.0, exchanged=99.0, by_construction=False
    )
    verdict = recommend(
        main, steady("ab"), {"a": SIMPLE, "b": RICH}, rolling=rolling, margin=0.005,
        weights=WEIGHTS, seed=1, refused="too few",
    )  # fmt: skip
    assert (verdict.recommended, verdict.best, verdict.refused) == (None, "b", "too few")
    assert verdict.plain is None


def test_bounds_of_one_scheme_are_normal_and_those_of_several_hold_together():
    means = pd.Series(dict.fromkeys("abcdef", 0.01))
    over = dates({"gain": means})
    low, high = bounds(over, "gain", ["a"])
    assert (0.01 - low["a"]) / ERROR == pytest.approx(stats.norm.ppf(0.95), rel=0.04)
    assert (high["a"] - 0.01) / ERROR == pytest.approx(stats.norm.ppf(0.95), rel=0.04)
    low, high = bounds(over, "gain", list("abcdef"))
    sidak = stats.norm.ppf(0.95 ** (1 / 6))
    assert ((0.01 - low) / ERROR).tolist() == pytest.approx([sidak] * 6, rel=0.04)
    assert ((high - 0.01) / ERROR).tolist() == pytest.approx([sidak] * 6, rel=0.04)


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


def test_schemes_that_find_nothing_more_are_candidates_in_one_of_twenty_runs():
    """Normal estimates whose errors are correlated, as those of tierings are."""
    shape = np.array([[1, 0.9, 0.5, 0.2], [0, 0.5, 0.5, 0.2], [0, 0, 0.7, 0.2], [0, 0, 0, 0.9]])
    error = np.sqrt((shape**2).sum(axis=0))
    found, runs, names = 0, 600, list("abcd")
    for run in range(runs):
        rng = np.random.default_rng(run)
        mean = pd.Series(rng.normal(size=4) @ shape, names)
        draws = pd.DataFrame(mean.to_numpy() + rng.normal(size=(400, 4)) @ shape, columns=names)
        summary = pd.DataFrame({"gain": mean, "gain_error": error})
        none = pd.DataFrame()
        over = Rolling(none, none, summary, {"gain": draws}, none, {})
        found += (bounds(over, "gain", names)[0] > 0).any()
    # Up to three standard errors of simulation; not so wide that the bounds say nothing.
    assert 0.02 <= found / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
