"""Figures of the back-test, by hand and against independent computations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from segment.errors import StudyError
from segment.evidence.backtest import FIGURES, ORACLE, PLAIN_SORT, RANDOM, judge
from segment.evidence.bootstrap import weights
from segment.evidence.gains import served
from segment.tiering import ABC, RFM, Quadrants

SIX = pd.DataFrame(
    {
        "monetary_total": [10.0, 8, 8, 4, 2, 1],
        "days_since_last": [1, 200, 2, 3, 300, 4],
        "order_days": [3, 2, 2, 1, 1, 1],
    },
    index=list("uvwxyz"),
)
SIX_LATER = pd.DataFrame(
    {"value": [60.0, 20, 0, 10, 10, 0], "active": [True, True, False, True, True, False]},
    index=SIX.index,
)


def tiers(codes, index=SIX.index, names="ABCDEFGHIJ") -> pd.Series:
    found = pd.Categorical.from_codes(codes, list(names[: max(codes) + 1]), ordered=True)
    return pd.Series(found, index=index)


TWO_EACH = tiers([0, 0, 1, 1, 2, 2])


def judged(labels, customers=SIX, outcome=SIX_LATER, **settings):
    return judge(labels, customers, outcome, **{"replicates": 50} | settings)


def market(n: int = 600, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    worth = rng.gamma(0.8, 1, n)
    orders = 1 + rng.poisson(3 * worth)
    customers = pd.DataFrame(
        {
            "monetary_total": np.round(orders * rng.lognormal(3, 0.5, n)),
            "order_days": orders,
            "days_since_last": rng.integers(0, 365, n),
        }
    )
    active = rng.random(n) < 1 - np.exp(-worth)
    value = np.where(active, np.round(20 * worth * rng.lognormal(0, 0.7, n), 2), 0)
    return customers, pd.DataFrame({"value": value, "active": active})


def three_methods(customers: pd.DataFrame) -> dict[str, pd.Series]:
    kinds = {"ABC": ABC(), "RFM": RFM(), "Quadrants": Quadrants()}
    return {label: method.fit(customers).labels_ for label, method in kinds.items()}


def test_figures_of_six_customers_by_hand():
    """Tiers of two. P = 1/3, 2/3, 1 and G = .8, .9, 1.

    C = (.8 + 1.7 + 1.9) / 3 - 1 = 7/15. Perfect foresight: G = .6, .8, .9, 1, 1, 1
    and C = 9.6 / 6 - 1 = .6. Revenue sort, with a tie of two: G = .6 at 1/6, .8 at
    3/6, .9, 1, 1 and C = .5. At the tiers' sizes it has G = .7, .9, 1 and
    C = 4.2 / 3 - 1 = .4. Half of the customers: between .8 and .9.
    """
    judgement = judged({"two each": TWO_EACH[::-1]}, served_share=0.5)
    found = judgement.figures
    row = found.loc["two each"]
    assert row["gini"] == pytest.approx(7 / 9)
    assert found.loc[PLAIN_SORT, "gini"] == pytest.approx(5 / 6)
    assert row["skill"] == pytest.approx(1 / 9)
    assert row["granularity_loss"] == pytest.approx(1 / 6)
    assert row["capture"] == pytest.approx(0.85)
    assert np.isnan(row["auc"])  # far fewer than 100 customers
    assert row["kind"] == "method"
    assert row["balance"] == pytest.approx(1)
    table = judgement.tiers.query("label == 'two each'")
    assert table["tier"].tolist() == ["A", "B", "C"]
    assert table["customers"].tolist() == [2, 2, 2]
    assert table["value"].tolist() == [80, 10, 10]
    assert table["mean_value"].tolist() == [40, 5, 5]
    assert table["active_share"].tolist() == [1, 0.5, 0.5]
    curve = judgement.curves.query("label == 'two each'")
    assert curve["customers"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve["value"].tolist() == pytest.approx([0, 0.8, 0.9, 1])


def test_figures_equal_independent_computations():
    customers, outcome = market()
    labels = three_methods(customers)
    found = judged(labels, customers, outcome, served_share=0.2).figures
    perfect = plain_gini(-outcome["value"], outcome["value"])
    spend = plain_curve(-customers["monetary_total"], outcome["value"])
    for label, given_tiers in labels.items():
        rank = given_tiers.cat.codes
        p, g = plain_curve(rank, outcome["value"])
        row = found.loc[label]
        assert row["gini"] == pytest.approx(plain_gini(rank, outcome["value"]) / perfect)
        same = 2 * np.trapezoid(np.interp(p, *spend), p) - 1
        own = 2 * np.trapezoid(g, p) - 1
        assert row["skill"] == pytest.approx((own - same) / perfect)
        assert row["capture"] == pytest.approx(np.interp(0.2, p, g))
        assert row["auc"] == pytest.approx(roc_auc_score(outcome["active"], -rank))
        rebuilt = found.loc[PLAIN_SORT, "gini"] - row["granularity_loss"] + row["skill"]
        assert row["gini"] == pytest.approx(rebuilt, abs=1e-12)
        assert row["granularity_loss"] > 0


def plain_curve(rank: pd.Series, value: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    by_tier = value.groupby(rank).agg(["size", "sum"]).sort_index()
    shares = by_tier.cumsum() / by_tier.sum()
    return np.r_[0, shares["size"]], np.r_[0, shares["sum"]]


def plain_gini(rank: pd.Series, value: pd.Series) -> float:
    p, g = plain_curve(rank, value)
    return 2 * np.trapezoid(g, p) - 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=8, max_size=30), st.integers(1, 6))
def test_skill_of_a_revenue_ordering_is_zero_for_any_cut(amounts, k):
    customers = pd.DataFrame({"monetary_total": amounts, "days_since_last": 1})
    rng = np.random.default_rng(sum(amounts))
    value = np.r_[rng.integers(0, 9, len(amounts) - 1), 50.0]
    outcome = pd.DataFrame({"value": value, "active": value > 0})
    limits = [(i + 1) / (k + 1) for i in range(k)]
    labels = {"ABC": ABC(cut="customers", limits=limits).fit(customers).labels_}
    found = judged(labels, customers, outcome, replicates=20)
    assert found.figures.loc["ABC", "skill"] == pytest.approx(0, abs=1e-12)
    assert np.nanmax(np.abs(found.draws["skill"]["ABC"])) < 1e-12


@pytest.mark.parametrize(("codes", "gini"), [([0, 1, 3, 2, 2, 3], 1), ([3, 2, 0, 1, 1, 0], -1)])
def test_tiers_of_perfect_foresight_reach_one_and_upside_down_minus_one(codes, gini):
    """Tiers in a wrong order are reported, not repaired."""
    found = judged({"seer": tiers(codes)})
    assert found.figures.loc["seer", "gini"] == pytest.approx(gini)
    means = found.tiers.query("label == 'seer'").set_index("tier")["mean_value"]
    assert means.index.tolist() == list("ABCD")
    assert (means["A"] > means["D"]) == (gini > 0)


def test_yardsticks_are_always_there():
    # "b" is a cut of the plain sort; "a" splits the two customers who spent 8.
    labels = {"a": TWO_EACH, "b": tiers([0, 1, 1, 2, 2, 2]), "c": tiers([0, 0, 2, 2, 3, 3])}
    found = judged(labels).figures
    kept = ["a", "b", "c", PLAIN_SORT, ORACLE]
    assert found["by_construction"][kept].tolist() == [False, True, False, True, False]
    # The tiers of "c" hold the same customers as those of "a", under other names.
    assert found["same_as"][kept].tolist() == ["a", "b", "a", PLAIN_SORT, ORACLE]
    hiatus = "Bought within 182 days"
    yardsticks = found.index[found["kind"] == "yardstick"]
    assert set(yardsticks) == {PLAIN_SORT, hiatus, ORACLE, RANDOM}
    assert found.loc[ORACLE, ["gini", "gini_low", "gini_high"]].tolist() == pytest.approx([1] * 3)
    assert found.loc[RANDOM, ["gini", "capture", "auc"]].tolist() == [0, 0.2, 0.5]
    assert found.loc[PLAIN_SORT, "skill"] == 0
    assert found.loc[hiatus, "tiers"] == 2


def test_the_gain_by_hand():
    """Served is the best tier of two: a third of the six, nearest to half of them.

    u and x brought 70 of 100. As many from the plain sort, u and half of v and w, brought 60 +
    10. With w instead of v: u and w brought 60, gain -.1.
    """
    labels = {"u and x": tiers([0, 1, 1, 0, 2, 2]), "u and w": tiers([0, 1, 0, 1, 2, 2])}
    outcome = SIX_LATER.assign(net=[60.0, 20, -30, 10, 10, 0])
    found = judged(labels, outcome=outcome, served_share=0.4).figures
    row = found.loc["u and w"]
    assert found.loc["u and x", "gain"] == 0 and row["gain"] == pytest.approx(-0.1)
    assert (row["served"], row["served_value"]) == (2, 60)
    assert row["exchanged"] == 0.5  # the plain sort serves w or v
    # Losses as losses: 30 of 70 against 60 and half of -10.
    assert row["gain_net"] == pytest.approx((30 - 55) / 70)
    assert row["gain_without_largest"] == pytest.approx(0 - 0.25)  # w against half of v and w
    # The two who became the most valuable were u and v.
    assert (row["missed"], row["wrong"]) == (0.5, 0.25)
    assert row["lead"] == pytest.approx(30 - 10)
    assert found.loc[ORACLE, "gain"] == pytest.approx((0.6 + 0.2 + 0.04) - (0.6 + 0.14))


@pytest.mark.parametrize(
    ("sizes", "share", "expected"),
    [
        ([5, 15, 30, 50], 0.2, 2),
        ([10, 30, 60], 0.2, 1),  # .1 and .4 are equally near: the smaller group
        ([9, 30, 61], 0.2, 2),  # .09 is less than half
        ([41, 59], 0.2, None),
        ([100], 0.9, None),  # all customers are no group
        ([0, 15, 0, 85], 0.2, 2),
        ([5, 4, 91], 0.2, None),
    ],
)
def test_the_served_group_ends_at_the_border_nearest_to_the_share(sizes, share, expected):
    assert served(np.array(sizes), share) == expected


def test_the_plain_sort_is_by_margin_where_the_outcome_is():
    customers = SIX.assign(margin_total=[0.0, 8, 8, 4, 2, 10])
    found = judged({"A": ABC(by="margin_total").fit(customers).labels_}, customers).figures
    assert found.loc["A", "by_construction"]
    by_spend = judged({"A": ABC().fit(customers).labels_}, customers).figures
    assert not by_spend.loc["A", "by_construction"]
    assert by_spend.loc[PLAIN_SORT, "gini"] < 0.5  # z, who brings nothing, comes first


def test_an_empty_tier_changes_nothing():
    full = judged({"a": TWO_EACH}).figures.loc["a"]
    found = judged({"a": tiers([0, 0, 1, 1, 3, 3])})
    figures = ["gini", "skill", "capture", "gini_low", "gini_high", "granularity_loss"]
    same = found.figures.loc["a", figures].tolist()
    assert same == pytest.approx(full[figures].tolist())
    empty = found.tiers.query("label == 'a' and tier == 'C'").iloc[0]
    assert empty["customers"] == 0
    assert np.isnan(empty["mean_value"])


def test_draws_equal_a_back_test_of_the_resampled_rows():
    customers, outcome = market(300, seed=6)
    labels = {"RFM": RFM().fit(customers).labels_}
    draws = judged(labels, customers, outcome, replicates=3, seed=9).draws
    (block,) = weights(300, 3, 9)
    for b, times in enumerate(block.astype(int)):
        rows = np.repeat(np.arange(300), times)
        again = {"RFM": labels["RFM"].iloc[rows].reset_index(drop=True)}
        drawn = [frame.iloc[rows].reset_index(drop=True) for frame in (customers, outcome)]
        figures = judged(again, *drawn, replicates=1).figures
        for figure in FIGURES:
            assert draws[figure]["RFM"][b] == pytest.approx(figures.loc["RFM", figure])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0.0] * 6, "None of the customers known before the cut"),
        ([7.0] * 6, "Every customer brought the same"),
    ],
)
def test_a_holdout_that_cannot_rank_is_refused(value, words):
    with pytest.raises(StudyError, match=words):
        judged({"a": tiers([0] * 6)}, outcome=SIX_LATER.assign(value=value))


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"a": pd.Series(list("AABBCC"), index=SIX.index)}, "ordered categorical"),
        ({"a": TWO_EACH.cat.as_unordered()}, "ordered categorical"),
        ({"a": pd.concat([TWO_EACH, TWO_EACH])}, "two tiers"),
        (
            {"a": TWO_EACH.mask(SIX["days_since_last"] > 100)},
            "'a' leaves 2 customers without a tier",
        ),
        ({ORACLE: TWO_EACH}, "name of a yardstick"),
    ],
)
def test_labels_that_are_no_tiers_are_refused(labels, words):
    with pytest.raises(StudyError, match=words):
        judged(labels)


def test_one_customer_with_sixty_percent_of_the_revenue():
    """It spent least before: all schemes look bad with it, and it is left out beside that."""
    customers, outcome = market(300, seed=2)
    giant = customers["monetary_total"].idxmin()
    outcome.loc[giant, "value"] = 1.5 * outcome["value"].drop(giant).sum()
    outcome.loc[giant, "active"] = True
    assert outcome.loc[giant, "value"] / outcome["value"].sum() == pytest.approx(0.6)
    labels = three_methods(customers)
    found = judged(labels, customers, outcome, replicates=400).figures.loc["ABC"]
    rest = [frame.drop(giant) for frame in (customers, outcome)]
    alone = judged({label: x.drop(giant) for label, x in labels.items()}, *rest).figures.loc["ABC"]
    for figure in ("gini", "capture"):
        assert found[f"{figure}_without_largest"] == pytest.approx(alone[figure])
    assert found["gini_low"] < found["gini"] < found["gini_high"]
    assert found["gini"] < 0 < found["gini_without_largest"]
    # A resample lacks the giant with probability 1 / e: the interval says what hangs on it.
    assert found["gini_high"] - found["gini_low"] > 2 * (alone["gini_high"] - alone["gini_low"])


@pytest.mark.parametrize("most_resampled", [100_000, 0])
def test_one_tier_for_everyone_is_random_order_without_uncertainty(most_resampled):
    customers, outcome = market(400)
    labels = {"all": tiers([0] * 400, index=customers.index)} | three_methods(customers)
    found = judged(labels, customers, outcome, most_resampled=most_resampled, served_share=0.3)
    row = found.figures.loc["all"]
    assert (row["balance"], row["tiers"]) == (0, 1)
    expected = {"gini": 0, "skill": 0, "capture": 0.3, "auc": 0.5}
    for figure, value in expected.items():
        assert row[[figure, f"{figure}_low", f"{figure}_high"]].tolist() == pytest.approx(
            [value] * 3, abs=1e-9
        )


def test_many_customers_have_the_same_figures_with_normal_draws():
    customers, outcome = market(800, seed=7)
    labels = three_methods(customers)
    kept = judged(labels, customers, outcome, replicates=500, most_resampled=800)
    many = judged(labels, customers, outcome, replicates=500, most_resampled=799)
    exact = ["gini", "skill", "capture", "auc", "gini_without_largest", "balance", "tiers"]
    pd.testing.assert_frame_equal(kept.figures[exact], many.figures[exact])
    pd.testing.assert_frame_equal(kept.curves, many.curves)
    assert kept.draws.keys() == many.draws.keys()
    for figure, draws in many.draws.items():
        assert draws.columns.equals(kept.draws[figure].columns)
        spread = kept.draws[figure].std()
        assert draws.std().to_numpy() == pytest.approx(
            spread.to_numpy(), rel=0.2, abs=1e-12, nan_ok=True
        )
        off = (draws.mean() - many.figures[figure].reindex(draws.columns)).drop(ORACLE).dropna()
        assert (off.abs() <= 4 * spread[off.index] / np.sqrt(500)).all()
        assert not draws.equals(kept.draws[figure])
    # An order that is the plain sort has no skill, in every draw.
    assert (many.draws["skill"]["ABC"] == 0).all()
    assert (many.draws["gini"][ORACLE] == 1).all()
