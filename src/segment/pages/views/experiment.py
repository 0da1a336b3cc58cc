"""What an experiment on the service of each tier would need."""

from __future__ import annotations

import pandas as pd

from segment.action import experiment
from segment.run import Run

EFFECTS = (0.10, experiment.EFFECT)


def measures(a: Run, label: str) -> dict[str, dict[str, experiment.Measure]]:
    """Return what can be compared in each tier of a scheme.

    Before the cut the same money is taken as after it: the margin where the study
    has one, else the amount.
    """
    money = "margin_total" if "margin_total" in a.customers else "monetary_total"
    return experiment.measures(a.methods[label].labels_, a.outcome, a.customers[money])


def plan(a: Run, label: str) -> pd.DataFrame:
    """Return the group to hold out in each tier, and what it would show."""
    return experiment.plan(measures(a, label))


def sizes(a: Run, label: str) -> pd.DataFrame:
    """Return the held-out group that each tier needs for each measure and effect.

    Returns
    -------
    DataFrame
        ``tier``, ``measure`` ("value", "adjusted" or "active"), ``effect``,
        ``held_out`` (missing if the tier is too small), ``best`` (the smallest
        effect that any group up to half of the tier would show; infinite if none).
    """
    return pd.DataFrame(
        [
            {
                "tier": tier, "measure": name, "effect": effect,
                "held_out": experiment.held_out_needed(measure, effect),
                "best": min((e for _, e in _effects(measure)), default=float("inf")),
            }
            for tier, kinds in measures(a, label).items()
            for name, measure in kinds.items()
            for effect in EFFECTS
        ]
    )  # fmt: skip


def curve(a: Run, label: str, measure: str = "adjusted") -> pd.DataFrame:
    """Return the smallest effect that held-out groups of all sizes show.

    Returns
    -------
    DataFrame
        ``tier``, ``held_out`` (from the smallest group to half of the tier, evenly
        on a log scale) and ``effect``; only where some effect can be found.
    """
    rows = [
        {"tier": tier, "held_out": held_out, "effect": effect}
        for tier, kinds in measures(a, label).items()
        for held_out, effect in _effects(kinds[measure])
        if effect < float("inf")
    ]
    return pd.DataFrame(rows, columns=["tier", "held_out", "effect"])


def _effects(measure: experiment.Measure, points: int = 40) -> list[tuple[int, float]]:
    """Return group sizes up to half of the tier with the smallest effect that each shows."""
    least, half = experiment.LEAST_GROUP, measure.customers // 2
    if half < least:
        return []
    steps = {round(least * (half / least) ** (i / (points - 1))) for i in range(points)}
    return [(size, experiment.smallest_effect(measure, size)) for size in sorted(steps)]
