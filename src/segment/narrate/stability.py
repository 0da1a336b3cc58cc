"""The sentences of the stability page."""

from __future__ import annotations

import pandas as pd

from segment.analysis import Analysis
from segment.narrate.common import span
from segment.words import decimal, percent


def answer(a: Analysis) -> list[str]:
    """Answer the stability notebook."""
    figures = a.stability.figures.sort_values("kappa", ascending=False)
    first, last = figures.iloc[0], figures.iloc[-1]
    length = span((a.windows["earlier"][1] - a.windows["earlier"][0]).days)
    if first["customers"] == 0:
        return ["**No customer bought in both windows, so stability cannot be seen.**"]
    lost = percent(a.stability.lost) if a.stability.lost else "None"
    return [
        f"**{lost} of the customers of one period of {length} stayed away in the next.** "
        f"For those who came back, {figures.index[0]} is the steadiest scheme: agreement "
        f"{decimal(first['kappa'])} beyond chance, where small moves count little "
        f"({percent(first['kept'])} are in the very same tier). {figures.index[-1]} is the least "
        f"steady, with {decimal(last['kappa'])} ({percent(last['kept'])}).",
        f"The two windows are equally long ({length}) and do not overlap; tiers are learned afresh "
        "in each. Agreement is quadratic-weighted kappa: 0 is chance, 1 is every customer in the "
        "same tier; a move by one tier counts less than a move by three.",
    ]


def kappa_title(figures: pd.DataFrame) -> str:
    """Say which scheme is steadiest."""
    return f"{figures.index[0]} is the steadiest scheme, {figures.index[-1]} the least steady"


def migration_title(moves: pd.DataFrame, label: str) -> str:
    """Say how many of the best tier stay there."""
    tier = moves.index[0]
    stay = moves.loc[tier].get(tier, 0.0)
    return f"{label}: {percent(stay)} of tier {tier} are in it again one period later"
