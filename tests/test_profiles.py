"""Profiles: effects against known figures, intervals by simulation, nothing shown of few."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats
from scipy.optimize import brentq

from segment.evidence.profiles import MEDIAN, OTHER, SHARE, effects, profile, strengths, telling

RUNS = 1000
# Two standard errors of a share of 95 % in so many runs.
TOLERANCE = 2 * (0.95 * 0.05 / RUNS) ** 0.5
SHARES = np.array([0.05, 0.15, 0.3, 0.5])


def tiered(codes, names="ABCD") -> pd.Series:
    codes = np.asarray(codes)
    ids = [f"c{i}" for i in range(len(codes))]
    return pd.Series(pd.Categorical.from_codes(codes, list(names), ordered=True), index=ids)


def company(n: int = 600, seed: int = 0) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=n)
    tiers = tiered(np.digitize(-worth, [-1.3, -0.5, 0.5]))
    days = pd.to_timedelta((worth * 100).round(), unit="D")
    attributes = pd.DataFrame(
        {
            "tenure": worth + rng.normal(size=n),
            "noise": rng.normal(size=n),
            "地区": np.where(rng.random(n) < 0.2 + 0.5 * (worth > 0.5), "华东", "华北"),
            "online": rng.random(n) < 0.3 + 0.2 * (worth > 0),
            "first": pd.Timestamp("2020-01-01") + days,
            "satisfaction": np.where(rng.random(n) < 0.3, np.nan, rng.integers(1, 6, n)),
            "name": [f"Company {i}" for i in range(n)],
            "currency": "CNY",
        },
        index=tiers.index,
    )
    return tiers, attributes


def test_ranks_agree_with_kruskal_and_wallis():
    rng = np.random.default_rng(3)
    tiers, values = rng.integers(0, 4, 200), rng.integers(0, 9, 200).astype(float)
    h = stats.kruskal(*(values[tiers == k] for k in range(4))).statistic
    square, _, freedom = effects.ranks(values, tiers)
    assert freedom == 3
    assert square == pytest.approx((h - 3) / (200 - 4))


def test_table_agrees_with_pearsons_chi_squared_and_bergsma():
    cells = np.array([[20, 10, 5], [10, 25, 30]])
    rows, columns = (np.repeat(i.ravel(), cells.ravel()) for i in np.indices(cells.shape))
    chi2 = stats.chi2_contingency(cells, correction=False).statistic
    n, r, k = cells.sum(), 2, 3
    corrected = chi2 / n - (r - 1) * (k - 1) / (n - 1)
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    square, _, freedom = effects.table(rows.astype(float), columns)
    assert freedom == 2
    assert square == pytest.approx(corrected / least)


@pytest.mark.parametrize("measure", [effects.ranks, effects.table])
def test_spread_is_the_variance_of_the_uncorrected_effect(measure):
    """The influence functions against the jackknife, which knows nothing of them."""
    rng = np.random.default_rng(8)
    n = 800
    tiers = rng.choice(4, n, p=SHARES)
    values = np.clip(np.round(rng.normal(size=n) - tiers * 0.7), -2, 1)
    square, spread, _ = measure(values, tiers)
    assert 0.2 < square**0.5 < 0.7
    left = [np.delete(np.arange(n), i) for i in range(n)]
    effect = np.array([np.sqrt(measure(values[i], tiers[i])[0]) for i in left])
    assert spread == pytest.approx((n - 1) ** 2 * effect.var(), rel=0.05)


# Shares of five levels by tier where they are most unlike.
APART = np.array(
    [[4, 0, 0, 1], [1, 12, 0, 2], [0, 3, 13, 4], [0, 0, 12, 13], [0, 0, 5, 30]], dtype=float
) / 100  # fmt: skip


def rank_effect(shift: float) -> float:
    """True effect of normal values whose means lie ``shift`` apart."""
    means = -shift * np.arange(4)
    rank = stats.norm.cdf((means[:, None] - means) / 2**0.5) @ SHARES
    return np.sqrt(12 * (SHARES @ (rank - 0.5) ** 2))


def shares_of_levels(weight: float) -> np.ndarray:
    """From independent of the tier (0) to as unlike as above (1)."""
    return weight * APART + (1 - weight) * APART.sum(axis=1, keepdims=True) * SHARES


def table_effect(weight: float) -> float:
    even = shares_of_levels(0)
    return np.sqrt(((shares_of_levels(weight) - even) ** 2 / even).sum() / 3)


@pytest.mark.parametrize("kind", ["number", "category"])
@pytest.mark.parametrize(
    ("n", "truth"),
    [(300, 0.0), (300, 0.03), (300, 0.1), (300, 0.3), (300, 0.5), (1200, 0.0), (1200, 0.3)],
)
def test_intervals_hold_the_true_effect_in_95_of_100_samples(kind, truth, n):
    of, measure, high = {
        "number": (rank_effect, effects.ranks, 5),
        "category": (table_effect, effects.table, 1),
    }[kind]
    strength = brentq(lambda x: of(x) - truth, 0, high) if truth else 0.0
    rng = np.random.default_rng([int(1000 * truth), n])
    hits = 0
    for _ in range(RUNS):
        if kind == "number":
            tiers = rng.choice(4, n, p=SHARES)
            values = rng.normal(size=n) - strength * tiers
        else:
            cells = rng.choice(20, n, p=shares_of_levels(strength).ravel())
            values, tiers = (cells // 4).astype(float), cells % 4
        square, spread, freedom = measure(values, tiers)
        _, low, upper = effects.limits(square, spread, freedom, n, 0.95)
        hits += low <= truth <= upper
    # Where the upper limit cannot miss, only the lower one can: 97.5 %, see ``strengths``.
    most = 0.975 if truth**2 * n < 40 else 0.95
    # The tier of 15 customers and the empty cells cost categories 2 points at 300 customers.
    least = 0.93 if (kind, n) == ("category", 300) else 0.95
    assert least - TOLERANCE < hits / RUNS < most + TOLERANCE


@pytest.mark.parametrize("freedom", [1, 12, 150])
def test_limits_of_large_samples_go_on_without_a_step(freedom):
    for p in (0.025, 0.975):
        below, above = (
            effects._noncentrality(q, freedom, p) - q
            for q in (effects.LARGE, effects.LARGE * (1 + 1e-9))
        )
        assert below == pytest.approx(above, rel=1e-4)


@pytest.mark.parametrize("square", [-0.1, 0.0, 1e-9, 0.2, 0.999, 1.0])
@pytest.mark.parametrize("spread", [0.0, 1e-6, 0.3, 1.0])
@pytest.mark.parametrize("n", [100, 1_000_000])
def test_limits_stay_inside_and_around_the_effect(square, spread, n):
    effect, low, high = effects.limits(square, spread, 3, n, 0.95)
    assert 0 <= low <= effect <= high <= 1


def test_no_contradiction_in_few_customers_is_no_proof():
    tiers = tiered([0] * 20 + [1] * 20, "AB")
    row = strengths(tiers, pd.DataFrame({"x": tiers.astype(str)})).iloc[0]
    # One of 40 customers in the wrong cell would be V = .95; three in 40, V = .85.
    assert (row["effect"], row["high"]) == (1, 1)
    assert 0.8 < row["low"] < 0.9


def test_strongest_first_ties_by_name_and_what_cannot_be_ranked_last_with_the_reason():
    tiers, attributes = company()
    found = strengths(tiers, attributes.assign(a=attributes["tenure"]))
    assert found["attribute"].tolist()[:3] == ["first", "a", "tenure"]
    assert found["effect"].dropna().is_monotonic_decreasing
    words = dict(zip(found["attribute"], found["words"], strict=True))
    named = [words[name] for name in ("tenure", "地区", "online", "noise")]
    assert named == ["strong", "moderate", "weak", "none"]
    last = found.tail(2).set_index("attribute")
    reasons = {"currency": "constant", "name": "one value per customer, or nearly"}
    assert last["note"].to_dict() == reasons
    assert last["effect"].isna().all()
    row = found.set_index("attribute").loc["satisfaction"]
    assert row["customers"] == round(600 * (1 - row["missing"]))
    assert 0.2 < row["missing"] < 0.4


def test_row_order_does_not_matter_to_the_last_digit():
    tiers, attributes = company()
    attributes["region"] = np.random.default_rng(2).choice(list("abcdefghijklmnop"), 600)
    order = np.random.default_rng(1).permutation(600)
    other, turned = tiers.iloc[order], attributes.iloc[::-1]
    for function in (strengths, profile):
        there, back = function(tiers, attributes), function(other, turned)
        assert_frame_equal(there, back, check_exact=True)


def test_types_are_told_apart():
    n = 60
    tiers = tiered(np.repeat([0, 1], 30), "AB")
    day = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(n)]
    attributes = pd.DataFrame(
        {
            "dates": day,
            "zoned": pd.to_datetime(day).tz_localize("Asia/Shanghai"),
            "span": pd.to_timedelta(range(n), unit="D"),
            "maybe": [True, False, None] * 20,
            "whole": pd.array([1, 2, None] * 20, dtype="Int64"),
            "infinite": [1.0, 2.0, np.inf] * 20,
            "blank": ["x", "y", " "] * 20,
            "nothing": [None, "", np.nan] * 20,
            "mixed": ["x", 1, ("t",)] * 20,
            "grade": pd.Categorical(["b", "a"] * 30, ["b", "a"], ordered=True),
        },
        index=tiers.index,
    )
    found = strengths(tiers, attributes).set_index("attribute")
    numbers = ["dates", "zoned", "span", "whole", "infinite"]
    assert sorted(found.index[found["kind"] == "number"]) == sorted(numbers)
    for name in ("maybe", "whole", "infinite", "blank"):
        assert found["missing"][name] == pytest.approx(1 / 3)
    nothing = found.loc["nothing", ["note", "customers", "missing"]]
    assert nothing.tolist() == ["no known value", 0, 1]
    table = profile(tiers, attributes)
    first = table.query("attribute == 'dates' and tier == 'A'")["value"].item()
    assert first == (dt.date(2024, 1, 15) - dt.date(1970, 1, 1)).days + 0.5
    assert table.query("attribute == 'span' and tier == 'A'")["value"].item() == 14.5
    assert table.query("attribute == 'grade'")["level"].tolist() == ["b", "b", "a", "a"]
    assert "" not in set(table["level"])


def test_profile_by_hand():
    tiers = tiered([0] * 20 + [1] * 80, "AB")
    attributes = pd.DataFrame(
        {
            "region": ["东"] * 12 + ["西"] * 8 + ["东"] * 20 + ["西"] * 60,
            "years": [3.0] * 20 + [1.0] * 40 + [np.nan] * 40,
            "app": [True] * 10 + [False] * 10 + [True] * 20 + [False] * 60,
        },
        index=tiers.index,
    )
    table = profile(tiers, attributes).set_index(["attribute", "level", "tier"])
    east = table.loc[("region", "东", "A")]
    assert (east["value"], east["customers"], east["overall"]) == (0.6, 12, 0.32)
    assert east["difference"] == east["shift"] == pytest.approx(0.28)
    assert east["error"] == pytest.approx((0.32 * 0.68 * (1 / 20 - 1 / 100)) ** 0.5)
    years = table.loc[("years", MEDIAN, "A")]
    assert (years["value"], years["customers"], years["overall"]) == (3, 20, 1)
    # Of 60 known, A beats the 40 others and ties with its own 20.
    assert years["shift"] == pytest.approx(40 / 60)
    assert table.loc[("years", MEDIAN, "B"), "missing"] == 0.5
    app = table.loc["app"]
    assert app.index.get_level_values("level").unique().tolist() == [SHARE]
    assert app["value"].tolist() == [0.5, 0.25]


def test_rare_values_become_other_and_levels_stand_by_size():
    values = ["a"] * 30 + ["b"] * 40 + ["c"] * 9 + ["d"] * 6
    tiers = tiered(np.arange(85) % 2, "AB")
    table = profile(tiers, pd.DataFrame({"x": values}, index=tiers.index))
    assert table["level"].drop_duplicates().tolist() == ["b", "a", OTHER]
    many = [f"v{i:02}" for i in range(20) for _ in range(20)]
    tiers = tiered(np.arange(400) % 2, "AB")
    table = profile(tiers, pd.DataFrame({"x": many}, index=tiers.index))
    assert table["level"].nunique() == 13


levels = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), min_size=1, max_size=150)


@settings(max_examples=30, deadline=None)
@given(rows=levels)
def test_nothing_of_few_customers_is_shown_or_can_be_worked_out(rows):
    values, codes = zip(*rows, strict=True)
    tiers = tiered(codes)
    table = profile(tiers, pd.DataFrame({"x": values, "y": range(len(rows))}, index=tiers.index))
    hidden = table["suppressed"]
    assert (table.loc[~hidden, "customers"] >= 5).all()
    figures = ["value", "customers", "difference", "shift", "error", "missing"]
    assert table.loc[hidden, figures].isna().all().all()
    if tiers.nunique() > 1:
        shares = table[table["attribute"] == "x"]
        for line in ("level", "tier"):
            assert not (shares.groupby(line, observed=True)["suppressed"].sum() == 1).any()


def test_telling_names_the_largest_clear_differences_once_each():
    tiers, attributes = company()
    found = telling(strengths(tiers, attributes), profile(tiers, attributes), "A")
    assert list(found["attribute"])[:2] == ["first", "tenure"]
    assert found["attribute"].is_unique and len(found) == 3
    assert found["shift"].abs().is_monotonic_decreasing
    everything = telling(strengths(tiers, attributes), profile(tiers, attributes), "A", most=99)
    everything = everything.set_index("attribute")
    assert not {"noise", "name", "currency"} & {*everything.index}
    region = everything.loc["地区"]
    east = attributes["地区"].eq(region["level"])
    wanted = (east[tiers == "A"].mean(), east.mean())
    assert (region["value"], region["overall"]) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("codes", "note"),
    [
        ([0] * 40, "only one tier"),
        ([0], "constant"),
        ([0, 1] * 8, "too few customers with a known value"),
        ([0] * 50 + [1] * 50 + [2, 2], "1 tier of fewer than 5 known customers left out"),
    ],
)
def test_thin_data_get_a_note_and_no_exception(codes, note):
    tiers = tiered(codes)
    attributes = pd.DataFrame({"x": np.arange(len(tiers)) // 2}, index=tiers.index)
    found, table = strengths(tiers, attributes), profile(tiers, attributes)
    assert found["note"].tolist() == [note]
    for frame in (attributes[[]], attributes.head(0)):
        few = strengths(tiers.loc[frame.index], frame)
        assert len(few) == frame.shape[1] and few["effect"].isna().all()
        assert profile(tiers.loc[frame.index], frame).empty
    if found["effect"].isna().all():
        assert telling(found, table, "A").empty
    else:
        assert found["customers"].tolist() == [100]
