"""What every page says of a scheme: its best tier, its order, its skill."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from segment.evidence import small_groups
from segment.evidence.small_groups import FEWEST
from segment.features.names import FORMATS
from segment.language import N_, _, current, tier_name
from segment.notebook import people
from segment.run import Run
from segment.run.on_page import OnPage
from segment.run.scheme import Scheme
from segment.study import Study
from segment.tiering.clusters import STABLE
from segment.words import (
    about,
    capital,
    count,
    listed,
    money,
    more,
    more_between,
    percent,
    points,
    span,
)

# What an overlap with resampled customers means, from so much on (Hennig 2007).
TRUST = {
    0.85: N_("highly stable"),
    STABLE: N_("stable"),
    0.6: N_("a pattern, its edges unsure"),
    0.0: N_("do not trust it"),
}


def sentences(*parts: str) -> str:
    """Return sentences one after the other, without those that are empty; Chinese needs no gap.

    Markdown ends no bold text at a stop that a character follows, so the stop moves out.
    """
    if current() != "zh":
        return " ".join(filter(None, parts))
    return "".join(re.sub(r"([。！？；：])\*\*$", r"**\1", part) for part in parts)


def sentence(text: str) -> str:
    """Return words as a sentence, with a capital at its start and a stop at its end."""
    return f"{capital(text)}{'。' if current() == 'zh' else '.'}"


def bold(finding: str) -> str:
    """Return a title as the first sentence of an answer."""
    return f"**{sentence(finding)}**"


def by_sign(low: float, high: float, more: str, less: str, neither: str) -> str:
    """Return which of three texts an interval asks for: above 0, below 0, or 0 is in it."""
    return more if low > 0 else less if high < 0 else neither


def too_few(study: Study, customers: int | pd.Series) -> bool | pd.Series:
    """Return whether a number of customers is small enough to point at somebody.

    Pages that name nobody hold such a number back, and the money that goes with it.
    """
    return small_groups.point_at_somebody(customers) & (study.identifiers == "hide")


def held_back(study: Study, customers: pd.Series) -> pd.Series:
    """Return which groups tell no money: small ones, and a partner of a single small one."""
    return small_groups.held_back(customers) & (study.identifiers == "hide")


def hide_few(study: Run, flows: pd.DataFrame) -> pd.DataFrame:
    """Return who came from where to where, without few and what would give them by subtraction."""
    cells = flows.to_numpy()
    few = too_few(study.study, cells)
    return flows.mask(small_groups.hidden_cells(cells, few)) if few.any() else flows


def few_number(study: OnPage | Scheme) -> Callable[[int], str]:
    """Return the function that writes numbers of customers, small ones held back."""
    return people if study.study.identifiers == "hide" else "{:,.0f}".format


def in_parts(study: Run, customers: pd.Series) -> pd.Series:
    """Return the numbers of groups that are all customers, written; of those held back a bound."""
    rough = 10 ** np.log10(customers.clip(lower=1)).astype(int)
    bounds = (rough * (customers // rough + 1)).clip(lower=FEWEST)
    hidden = held_back(study.study, customers)
    return customers.map("{:,}".format).mask(
        hidden, bounds.map(lambda number: _("under {n}", n=f"{number:,}"))
    )


def best(schemes: Sequence[Scheme]) -> Scheme:
    """Return the scheme that sorts customers best."""
    return max(schemes, key=lambda scheme: scheme.figures["gini"])


def top_tier(scheme: Scheme) -> str:
    """Say what the best tier of a scheme brought in the holdout."""
    return tier_brought(scheme, scheme.held.iloc[0])


def tier_brought(scheme: Scheme, tier: pd.Series) -> str:
    """Say how many customers a tier holds, and what they brought, by its row of ``tiers``."""
    return _(
        "The {customers} of *{tier}* ({share}) brought {part}.",
        customers=count(int(tier["customers"]), "customer"),
        tier=tier_name(tier["tier"]),
        share=percent(tier["share"]),
        part=part_of_value(scheme, tier.to_frame().T),
    )


def part_of_value(scheme: Scheme, tiers: pd.DataFrame) -> str:
    """Return what tiers brought: ``"36% of the margin of the next 9 months"``.

    Of all that came in; money per customer where that is 0 or less.
    """
    figures = {"span": span(scheme.windows.holdout_days)}
    share = tiers["value_share"].sum(skipna=False)
    if pd.isna(share):
        mean = np.average(tiers["next_value"], weights=tiers["customers"])
        return _(
            "{mean} each in the next {span}", mean=money(mean, scheme.study.currency), **figures
        )
    figures["share"] = percent(share)
    if scheme.by_margin:
        return _("{share} of the margin of the next {span}", **figures)
    return _("{share} of what came in during the next {span}", **figures)


def figure(scheme: Scheme, column: str, value: float) -> str:
    """Return a value of a column as its kind is written: an amount with its currency."""
    if FORMATS.get(column) == "money":
        return money(value, scheme.study.currency)
    return f"{value:,.6g}"


def inversions(scheme: Scheme) -> str:
    """Say which tiers brought more per customer than a tier above them; empty if none."""
    tiers = scheme.held
    worse = tiers["next_value_high"].shift() < tiers["next_value_low"]
    if not worse.any():
        return ""
    return _(
        "{label}: out of order, as they later brought more per customer than the tier above: "
        "{tiers}.",
        label=scheme.label,
        tiers=listed([tier_name(tier) for tier in tiers["tier"][worse]]),
    )


def the_list(scheme: Scheme) -> str:
    """Return what the plain sort is called in a sentence: the list that everybody has."""
    return _("the list by past margin") if scheme.by_margin else _("the list by past spend")


def gain(scheme: Scheme) -> str:
    """Say what the customers whom a scheme would serve brought more than the biggest spenders."""
    row, told = scheme.figures, {"label": scheme.label, "list": the_list(scheme)}
    if row["by_construction"]:
        same = _(
            "{label} orders customers as {list} does, so it finds neither more nor less; what it "
            "chooses is where to cut.",
            **told,
        )
        return sentences(same, missed(scheme))
    if pd.isna(row["gain"]):
        return _(
            "{label} has no border near the {share} of the customers that can be served, so "
            "what it finds is not set against {list}.",
            share=percent(scheme.backtest.served_share),
            **told,
        )
    amount = partial(about, currency=scheme.study.currency)
    found = _(
        "The first {customers} of {label} brought {amount} than as many from the top of {list}: "
        "{points} of what known customers brought ({range}).",
        customers=count(int(row["served"]), "customer"),
        amount=more(row["gain"] * scheme.outcome["value"].sum(), amount),
        **told,
        points=more(row["gain"], in_points),
        range=more_between(row["gain_low"], row["gain_high"], number_of_points),
    )
    return sentences(found, missed(scheme))


number_of_points = partial(points, plus="")


def in_points(share: float) -> str:
    """Return ``"1.8 points"``."""
    return _("{number} points", number=number_of_points(share))


def missed(scheme: Scheme) -> str:
    """Say whom the served group missed of the customers who became the most valuable.

    Empty where no border lies near the share that can be served.
    """
    row = scheme.figures
    if pd.isna(row["missed"]):
        return ""
    return _(
        "It missed {missed} of the customers who became the most valuable.",
        missed=percent(row["missed"]),
    )


def trust(overlap: float) -> str:
    """Return what an overlap means, in words that fit the two digits which are shown."""
    return _(next(words for least, words in TRUST.items() if round(overlap, 2) >= least))


def example(scheme: Scheme, refused: str) -> str:
    """Say that a scheme is only an example, where none is recommended."""
    if not refused:
        return ""
    return _(
        "The figures show what the data hint at; they are no basis for a decision. The tiers of "
        "{label} are shown as an example.",
        label=scheme.label,
    )


def one_date_only(study: Run) -> str:
    """Say why there is no earlier cut date."""
    if study.study.backtest.origins == 1:
        return _("the study asks for no other")
    reasons = list(study.rolling.skipped.values())
    return reasons[0] if reasons else _("the history is too short")
