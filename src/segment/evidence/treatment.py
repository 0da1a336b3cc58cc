"""What a treatment adds, where it was drawn by lot within tiers.

In each tier what the treated did is compared with what the others did, both adjusted for what
the customers had brought before (CUPED: Deng, Xu, Kohavi and Walker 2013, WSDM, with the slope
within the groups, so that the effect does not bend it):

    effect = mean y_1 - mean y_0 - theta (mean x_1 - mean x_0),   theta = S_xy / S_xx

Its error is Welch's, of y - theta x. A few customers bring most, so the quantiles are not those
of a normal distribution but of the studentised effect when the groups are drawn anew (a
permutation test: exact where there is no effect at all; Chung and Romano 2013, Annals of
Statistics 41, for groups whose spread differs). The tiers and their total
hold together: each has the quantile of its own draws at the level at which 95 % of the draws lie
within all of them (Beran 1988, JASA 83).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy

from segment.evidence.small_groups import FEWEST
from segment.language import N_tier

TOTAL = N_tier("all tiers")
LEVEL, REPLICATES = 0.95, 2000
# Sums of more customers than this are normal for all practical purposes.
MOST_DRAWN = 20_000
GROUPS = ["treated", "others"]
COLUMNS = ["mean_treated", "mean_others", "effect", "error"]
# Studentised effects and their errors, if the groups are drawn anew and nothing works.
Draws = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Effects:
    """What a treatment added.

    Attributes
    ----------
    table : DataFrame
        One row a tier, best first, and ``TOTAL``, in which each treated customer counts alike:
        ``treated`` and ``others`` (how many), ``mean_treated`` and ``mean_others`` (adjusted),
        ``effect`` with ``effect_low`` and ``effect_high`` (95 %, of all rows at once), ``error``
        (standard). Missing where a group holds fewer than five; the total is of the others.
    rate : tuple of float
        The rank-weighted average treatment effect of the order of the tiers, and its 95 %
        interval: value, low, high; missing with fewer than two tiers. See ``rank_weights``.
    """

    table: pd.DataFrame
    rate: tuple[float, float, float]


def effects(
    outcome: pd.Series,
    before: pd.Series,
    treated: pd.Series,
    tiers: pd.Series,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
) -> Effects:
    """Compare treated customers with the others of their tier.

    ``outcome`` and ``before`` (numbers), ``treated`` (drawn to be, whether or not they were) and
    ``tiers`` (ordered, best first) are of the same customers.
    """
    rng = np.random.default_rng(seed)
    rows, draws = {}, {}
    for tier in tiers.cat.categories:
        inside = (tiers == tier).to_numpy()
        chosen = treated.to_numpy(bool)[inside]
        sizes = int(chosen.sum()), int((~chosen).sum())
        if not any(sizes):
            continue
        rows[tier] = dict(zip(GROUPS, sizes, strict=True))
        if min(sizes) < FEWEST:
            continue
        y, x = (column.to_numpy("float64")[inside] for column in (outcome, before))
        sums = _products(y, x)
        effect, error, slope = (
            float(part[0]) for part in _compared(sums[None, chosen].sum(axis=1), sizes[0], sums)
        )
        ends = [(y - slope * (x - x.mean()))[group].mean() for group in (chosen, ~chosen)]
        rows[tier] |= dict(zip(COLUMNS, (*ends, effect, error), strict=True))
        draws[tier] = _redrawn(sums, sizes[0], replicates, rng)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*GROUPS, *COLUMNS])
    table = table.rename_axis("tier")
    known = table.dropna(subset="effect")
    if known.empty:
        return Effects(_within(table, {}), (np.nan, np.nan, np.nan))
    customers, treated_share = known[GROUPS].sum(axis=1), known["treated"] / known["treated"].sum()
    value, error, drawn = _weighted(known, draws, rank_weights(customers / customers.sum()))
    place = min(int(np.ceil(LEVEL * (replicates + 1))), replicates) - 1
    reach = np.sort(np.abs(drawn))[place] * error if len(known) > 1 else np.nan
    effect, error, of_all = _weighted(known, draws, treated_share.to_numpy())
    means = [known[name] @ treated_share for name in COLUMNS[:2]]
    table.loc[TOTAL] = [*known[GROUPS].sum(), *means, effect, error]
    table = _within(
        table, {tier: drawn for tier, (drawn, _errors) in draws.items()} | {TOTAL: of_all}
    )
    return Effects(
        table.astype(dict.fromkeys(GROUPS, "int64")), (value, value - reach, value + reach)
    )


def rank_weights(share: pd.Series | np.ndarray) -> np.ndarray:
    """Return what the effect of each tier counts for in the RATE, by its share of the customers.

    The targeting operator characteristic TOC(u) is the mean effect on the first share u of the
    customers, best tier first, less that on all; its integral over u from 0 to 1 is the RATE
    (AUTOC: Yadlowsky, Fleming, Shah, Brunskill and Wager 2021, arXiv 2111.07966). Within a tier no
    order is known, so each customer there stands for the tier. With g(u) = u ln u the effect of a
    tier from a to b then counts for g(a) - g(b); the weights add up to 0. That tiers are drawn at
    different shares p is met by comparing within tiers: each customer weighs 1 / p.
    """
    ends = np.concatenate([[0.0], np.cumsum(share)]).clip(max=1.0)
    return -np.diff(xlogy(ends, ends))


def _products(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return y, x, y², xy and x² of each customer, both less their mean."""
    y, x = y - y.mean(), x - x.mean()
    return np.stack([y, x, y * y, x * y, x * x], axis=1)


def _compared(
    part: np.ndarray, size: int, products: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the adjusted difference of a part from the rest, its error and the slope.

    ``part`` holds the sums of ``products`` over a part of so many customers, a row each draw.
    """
    rest = products.sum(axis=0) - part
    groups = [(sums / n, n) for sums, n in ((part, size), (rest, len(products) - size))]
    # Within each group: means of y and x, then S_yy, S_xy and S_xx.
    means = [mean[:, :2] for mean, _n in groups]
    inside = [n * (mean[:, 2:] - mean[:, [0, 0, 1]] * mean[:, [0, 1, 1]]) for mean, n in groups]
    both = inside[0] + inside[1]
    slope = _over(both[:, 1], both[:, 2])
    left = [yy - 2 * slope * xy + slope**2 * xx for yy, xy, xx in (s.T for s in inside)]
    # The slope takes one degree of freedom from all of them.
    lost = (len(products) - 2) / max(1, len(products) - 3)
    error = sum(
        lost * s.clip(min=0) / (n - 1) / n for s, (_mean, n) in zip(left, groups, strict=True)
    )
    apart = means[0] - means[1]
    return apart[:, 0] - slope * apart[:, 1], np.sqrt(error), slope


def _redrawn(
    products: np.ndarray, treated: int, replicates: int, rng: np.random.Generator
) -> Draws:
    """Return studentised effects, and errors, where so many treated are drawn anew."""
    n = len(products)
    few = min(treated, n - treated)
    if few > MOST_DRAWN:
        error = _compared(products[None, :few].sum(axis=1), few, products)[1]
        return rng.standard_normal(replicates), np.repeat(error, replicates)
    drawn = _sums_of_lots(products, few, replicates, rng)
    difference, error, _slope = _compared(drawn, few, products)
    return _over(difference, error) * (1 if few == treated else -1), error


def _sums_of_lots(
    products: np.ndarray, few: int, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the sums over so many customers, drawn without replacement, a row each draw."""
    lots = (
        rng.choice(len(products), few, replace=False, shuffle=False) for _ in range(replicates)
    )
    return np.stack([products[lot].sum(axis=0) for lot in lots])


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return a ratio; 0 where nobody differs from anybody."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _weighted(
    known: pd.DataFrame, draws: dict[str, Draws], weights: np.ndarray
) -> tuple[float, float, np.ndarray]:
    """Return a weighted sum of the tiers' effects, its error, and its studentised draws."""
    drawn, errors = (
        np.stack(part, axis=1) for part in zip(*(draws[tier] for tier in known.index), strict=True)
    )
    spread = np.sqrt(errors**2 @ weights**2)
    error = float(np.sqrt(known["error"].to_numpy() ** 2 @ weights**2))
    return float(known["effect"] @ weights), error, _over(drawn * errors @ weights, spread)


def _within(table: pd.DataFrame, studentised: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the effects with intervals that hold together.

    The lot that was drawn counts as one of the draws: were it not so, few draws would find effects
    that are none (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39).
    """
    drawn = pd.DataFrame(studentised).abs()
    reach = pd.Series(np.nan, table.index)
    if len(drawn):
        within = int(np.ceil(LEVEL * (len(drawn) + 1)))
        rank = drawn.rank(method="max").max(axis=1).sort_values().iloc[within - 1]
        place = min(int(rank) + 1, len(drawn)) - 1
        reach = drawn.apply(lambda one: np.sort(one)[place]).reindex(table.index)
    low, high = (table["effect"] + sign * reach * table["error"] for sign in (-1, 1))
    return table.assign(effect_low=low, effect_high=high)
