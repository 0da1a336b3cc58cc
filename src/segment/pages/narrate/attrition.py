"""The sentences on natural attrition, of the re-tiering page."""

from __future__ import annotations

from segment.language import _, tier_name
from segment.pages.narrate.common import span
from segment.pages.views.retiering import Attrition
from segment.words import percent

# Tiers of fewer customers are not said to lose least or most.
ENOUGH = 30


def answer(found: Attrition) -> list[str]:
    """Say how many customers a company loses a year without doing anything."""
    row = found.shares.iloc[-1]
    if not row["customers"]:
        return []
    interval = {"low": percent(row["low"], 1), "high": percent(row["high"], 1)}
    if found.direct:
        first = _(
            "**{share} of the customers of one year bought nothing in the next** (95 % interval "
            "{low} to {high}).",
            share=percent(row["share"], 1), **interval,
        )  # fmt: skip
    else:
        first = _(
            "**{share} of the customers of one period of {length} bought nothing in the next** "
            "(95 % interval {low} to {high}); that is {year} a year, if every period loses the "
            "same share and nobody comes back: 1 - (1 - {share})^(365 / {days}). Customers who "
            "only pause make this too high.",
            share=percent(row["share"], 1), length=span(found.days), days=found.days,
            year=percent(row["year"]), **interval,
        )  # fmt: skip
    meaning = _(
        "Lost means here: no purchase in the whole following period. Nobody gives notice, so some "
        "of them will come back. The often quoted 5 % a year is for customers under contract; "
        "compare with your own last year instead."
    )
    return [f"{first} {_extremes(found)}".strip(), meaning]


def _extremes(found: Attrition) -> str:
    """Say which tiers lose most and least, where they can be told apart."""
    tiers = found.shares.iloc[:-1]
    tiers = tiers[tiers["customers"] >= ENOUGH].sort_values("share")
    if len(tiers) < 2 or tiers["high"].iloc[0] >= tiers["low"].iloc[-1]:
        return ""
    least, most = tiers.iloc[0], tiers.iloc[-1]
    return _(
        "Tier {least} loses least ({least_share}), tier {most} most ({most_share}).",
        least=tier_name(least["tier"]), least_share=percent(least["share"], 1),
        most=tier_name(most["tier"]), most_share=percent(most["share"], 1),
    )  # fmt: skip


def title(found: Attrition) -> str:
    """Say what share of the customers stayed away."""
    share = percent(found.shares["share"].iloc[-1])
    if found.direct:
        return _("{share} of the customers of one year did not buy in the next", share=share)
    return _("{share} of the customers of one period of {length} did not buy in the next",
             share=share, length=span(found.days))  # fmt: skip
