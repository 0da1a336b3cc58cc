"""The sentences of the turnover by margin page."""

from __future__ import annotations

from segment.pages.narrate.common import headline, rank, skill, top_tier
from segment.pages.narrate.quadrants import one_side
from segment.run import Run


def answer(a: Run, labels: list[str]) -> list[str]:
    """Answer the turnover by margin notebook."""
    best = a.backtest.figures.loc[labels, "gini"].idxmax()
    sides = one_side(a, best)
    first = f"**{_without_stars(sides)}**" if sides else headline(a, best)
    return [f"{first} {rank(a, labels)}", skill(a, best), top_tier(a, best)]


def _without_stars(text: str) -> str:
    return text.replace("*", "")
