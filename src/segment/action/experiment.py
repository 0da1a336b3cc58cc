"""How large a randomly held-out group must be to show whether special service pays.

In each tier some customers, drawn at random, go without the special service; what
they bring is compared with what the served ones bring. The sizes are those of the
two-sample comparison of means in large samples (Chow, Shao, Wang and Lokhnygina
2017, Sample Size Calculations in Clinical Research, sections 3.2 and 4.2):

    (effect x mean)^2 = z^2 (v_h / n_h + v_s / n_s),   z = z_(1 - level / 2) + z_power

with h held out, s served. Service that lifts every customer's value by the share
``effect`` also widens its spread, so v_s = (1 + effect)^2 v_h for the value and
p (1 - p) at p = (1 + effect) p_h for the share that buys again. What a customer
brought before explains part of the spread: adjusted for it, the variance of the
value is v_h (1 - rho^2) (Deng, Xu, Kohavi and Walker 2013, WSDM, equation 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from segment.errors import StudyError, nearest

# Chance to find an effect that is there, and two-sided error level.
POWER, LEVEL = 0.80, 0.05
Z = float(norm.ppf(1 - LEVEL / 2) + norm.ppf(POWER))
EFFECT = 0.20
# Those held out go without service: one in five sees effects a quarter larger than
# one in two would, at two fifths of the cost.
MOST_HELD_OUT = 0.20
# Means of fewer customers are too far from normal for these formulas.
LEAST_GROUP = 30
# A group estimates its own variance with a relative error of sqrt((kurtosis - 1) / n);
# above .7 simulated experiments (CDNOW, wholesale) miss the stated power or level.
MOST_VARIANCE_ERROR = 0.7
HELD_OUT, SERVED = "held out", "service"


@dataclass(frozen=True)
class Measure:
    """What is compared in a tier: its mean, and its variance with and without service.

    Under an effect e of the service, a share of the mean, the variance is ``variance + linear e +
    square e^2``. Effects above ``largest`` cannot be: no share exceeds 1. ``kurtosis`` is 3 if
    normal, far more where a few customers bring most.
    """

    customers: int
    mean: float
    variance: float
    linear: float
    square: float
    largest: float = np.inf
    kurtosis: float = 3.0

    @classmethod
    def of_value(cls, value: np.ndarray, before: np.ndarray | None = None) -> Measure:
        """Measure the mean value; adjusted for what customers brought before, if given."""
        n, mean = len(value), float(np.mean(value))
        squares, fourth = (float(np.mean((value - mean) ** power)) for power in (2, 4))
        variance = squares * n / (n - 1) if n > 1 else np.nan
        if before is not None:
            variance *= 1 - explained(value, before)
        kurtosis = fourth / squares**2 if squares > 0 else 1.0
        return cls(n, mean, variance, 2 * variance, variance, kurtosis=kurtosis)

    @classmethod
    def of_share(cls, active: np.ndarray) -> Measure:
        """Measure the share of customers that buy again."""
        p = float(np.mean(active))
        largest = 1 / p - 1 if p > 0 else np.inf
        return cls(len(active), p, p * (1 - p), p * (1 - 2 * p), -(p**2), largest)


def explained(value: np.ndarray, before: np.ndarray) -> float:
    """Return the share of the variance that the value before explains, rho^2.

    Corrected for chance, (1 - r^2)(n - 1)/(n - 2), so that few customers do not seem
    to explain much; never below 0.
    """
    n = len(value)
    if n < 3 or np.ptp(value) == 0 or np.ptp(before) == 0:
        return 0.0
    r = np.corrcoef(value, before)[0, 1]
    return float(max(0.0, 1 - (1 - r**2) * (n - 1) / (n - 2)))


def held_out_needed(measure: Measure, effect: float) -> float:
    """Return the smallest held-out group that shows an effect, a share of the mean.

    At least ``LEAST_GROUP`` customers; NaN if the tier is too small for any group.
    """
    if effect <= 0:
        raise StudyError(f"An effect to be found must be above 0, found {effect:g}.")
    n, wanted = measure.customers, (effect * measure.mean / Z) ** 2
    served = measure.variance + measure.linear * effect + measure.square * effect**2
    # wanted >= variance / h + served / (n - h) is a parabola in h; the size is its lower root.
    half = (wanted * n + measure.variance - served) / 2
    root = half**2 - wanted * measure.variance * n
    if half <= 0 or root < 0:
        return float("nan")
    sizes = np.floor(measure.variance * n / (half + np.sqrt(root))) + np.arange(-1, 3)
    sizes = sizes.clip(LEAST_GROUP, n - LEAST_GROUP)
    enough = sizes[smallest_effect(measure, sizes) <= effect * (1 + 1e-9)]
    return float(enough[0]) if len(enough) else float("nan")


def smallest_effect(measure: Measure, held_out: np.ndarray | float) -> np.ndarray:
    """Return the smallest effect, a share of the mean, that so many customers held out show.

    The others of the tier are served. Infinite if no effect, however large, would be found.
    """
    groups = np.asarray(held_out, dtype="float64"), measure.customers - np.asarray(held_out)
    large = np.minimum(*groups) >= LEAST_GROUP
    held, others = (np.where(large, group, 1.0) for group in groups)
    # (e m)^2 = z^2 (v / n_h + (v + l e + s e^2) / n_s): a parabola in e.
    square = measure.mean**2 - Z**2 * measure.square / others
    linear = Z**2 * measure.linear / others
    constant = Z**2 * measure.variance * (1 / held + 1 / others)
    found = large & (square > 0) & (measure.mean > 0) & (measure.largest > 0)
    root = np.sqrt(np.maximum(linear**2 + 4 * square * constant, 0.0))
    effect = (linear + root) / (2 * np.where(found, square, 1.0))
    return np.where(found & (effect <= measure.largest), effect, np.inf)[()]


def measures(
    tiers: pd.Series, outcome: pd.DataFrame, before: pd.Series, sizes: Mapping[str, int]
) -> dict[str, dict[str, Measure]]:
    """Return what can be compared in each tier that holds customers, by tier.

    "value" (mean holdout value), "adjusted" (the same, adjusted for what each customer brought
    ``before`` the cut) and "active" (share that buys again). ``sizes``: customers of each tier to
    draw from today; those at the cut stand for them. A tier without any of either is left out.
    """
    value, past = outcome["value"].astype("float64"), before.astype("float64")
    members = tiers.groupby(tiers, observed=True).groups
    found = {}
    for tier in filter(lambda tier: sizes.get(tier, 0) > 0, members):
        inside = members[tier]
        kinds = {
            "value": Measure.of_value(value[inside].to_numpy()),
            "adjusted": Measure.of_value(value[inside].to_numpy(), past[inside].to_numpy()),
            "active": Measure.of_share(outcome.loc[inside, "active"].to_numpy()),
        }
        found[tier] = {k: replace(kind, customers=int(sizes[tier])) for k, kind in kinds.items()}
    return found


def plan(kinds: Mapping[str, Mapping[str, Measure]], effect: float = EFFECT) -> pd.DataFrame:
    """Return the group to hold out in each tier, and what it would show.

    ``kinds`` is what ``measures`` gives, ``effect`` the one on the value that would be worth
    knowing. Indexed by tier: ``customers``; ``held_out``: enough for the effect, but not more than
    the share ``MOST_HELD_OUT`` and not fewer than ``LEAST_GROUP`` (0 in a tier too small for two
    such groups); ``share``; ``enough``: whether the effect would be found; ``value_effect`` and
    ``active_effect``: smallest effects it shows (infinite if none), the first adjusted for the
    value before; ``mean`` and ``active`` of the tier; ``explained``: share of the variance that
    the adjustment takes away; ``reliable``: False where a few customers bring so much of the tier
    that the group is too small for the formulas.
    """
    rows = []
    for tier, measured in kinds.items():
        adjusted, plain, active = (measured[name] for name in ("adjusted", "value", "active"))
        n, needed = adjusted.customers, held_out_needed(adjusted, effect)
        held_out = min(n if np.isnan(needed) else needed, max(LEAST_GROUP, int(MOST_HELD_OUT * n)))
        held_out = 0 if n < 2 * LEAST_GROUP else int(held_out)
        rows.append(
            {
                "tier": tier,
                "customers": n,
                "held_out": held_out,
                "share": held_out / n,
                "enough": held_out > 0 and needed <= held_out,
                "value_effect": smallest_effect(adjusted, held_out),
                "active_effect": smallest_effect(active, held_out),
                "mean": adjusted.mean,
                "active": active.mean,
                "explained": 1 - adjusted.variance / plain.variance if plain.variance > 0 else 0.0,
                "reliable": adjusted.kurtosis - 1 <= held_out * MOST_VARIANCE_ERROR**2,
            }
        )
    return pd.DataFrame(rows).set_index("tier") if rows else pd.DataFrame()


def assignment(tiers: pd.Series, share: float | Mapping[str, float], seed: int = 1) -> pd.DataFrame:
    """Draw at random, in each tier, who goes without the special service.

    Customers are ordered by a hash of seed and identifier and the first are held out. So the same
    seed gives the same list on any machine, whatever the order of the rows, and a customer who
    joins a tier moves hardly anyone else. ``tiers`` are indexed by customer; ``share`` is that of
    each tier to hold out, from 0 to below 1; tiers that a mapping does not name take no part.

    Returns ``customer_id``, ``tier``, ``group`` ("held out" or "service"); tiers best first,
    customers by identifier.

    Raises
    ------
    StudyError
        If a share or a tier is wrong, or a customer stands in two tiers.
    """
    known = list(tiers.cat.categories)
    shares = dict(share) if isinstance(share, Mapping) else dict.fromkeys(known, share)
    for tier, part in shares.items():
        if tier not in known:
            raise StudyError(f"There is no tier '{tier}' to draw from{nearest(tier, known)}")
        if not 0 <= part < 1:
            raise StudyError(f"Tier '{tier}': the share held out is {part:g}; give 0 to below 1.")
    if tiers.index.has_duplicates:
        raise StudyError("Some customers stand in two tiers; each can be drawn only once.")
    drawn = pd.DataFrame({"customer_id": tiers.index.astype(str), "tier": tiers.array})
    drawn = drawn[drawn["tier"].isin(list(shares))]
    drawn["lot"] = [lot(seed, who) for who in drawn["customer_id"]]
    drawn = drawn.sort_values(["tier", "lot", "customer_id"])
    members = drawn.groupby("tier", observed=True)["lot"]
    wanted = drawn["tier"].astype(object).map(shares).astype("float64") * members.transform("size")
    held_out = members.cumcount() < (wanted + 0.5).astype(int)
    drawn["group"] = np.where(held_out, HELD_OUT, SERVED)
    ordered = drawn.sort_values(["tier", "customer_id"], ignore_index=True)
    return ordered[["customer_id", "tier", "group"]]


def lot(seed: int, customer: str) -> str:
    """Return a customer's lot: the first of a tier, by this text, are held out."""
    return hashlib.sha256(f"{seed}|{customer}".encode()).hexdigest()
