"""The sentences of the stability page."""

from __future__ import annotations

import pandas as pd

from segment import views
from segment.analysis import Analysis
from segment.narrate.clusters import TRUST, trust
from segment.narrate.common import span
from segment.stability import BORDERLINE
from segment.words import count, decimal, few, listed, money, percent

# More names than this make no sentence.
MOST_NAMED = 3


def answer(a: Analysis, label: str) -> list[str]:
    """Answer the stability notebook; ``label`` is the scheme that the page is about."""
    figures = a.stability.figures.sort_values("kappa", ascending=False)
    first, last = figures.iloc[0], figures.iloc[-1]
    length = span((a.windows["earlier"][1] - a.windows["earlier"][0]).days)
    if first["customers"] == 0:
        no_one = "**No customer bought in both windows, so stability over time cannot be seen.**"
        return [no_one, resampled(a, label)]
    lost = percent(a.stability.lost) if a.stability.lost else "None"
    return [
        f"**{lost} of the customers of one period of {length} stayed away in the next.** "
        f"For those who came back, {figures.index[0]} is the steadiest scheme: agreement "
        f"{decimal(first['kappa'])} beyond chance, where small moves count little "
        f"({percent(first['kept'])} are in the very same tier). {figures.index[-1]} is the least "
        f"steady, with {decimal(last['kappa'])} ({percent(last['kept'])}).",
        resampled(a, label),
        f"The two windows are equally long ({length}) and do not overlap; tiers are learned afresh "
        "in each. Agreement is quadratic-weighted kappa: 0 is chance, 1 is every customer in the "
        "same tier; a move by one tier counts less than a move by three.",
    ]


def resampled(a: Analysis, label: str) -> str:
    """Say how many customers of a scheme owe their tier to who else was there."""
    row = views.stability.schemes(a).loc[label]
    if row["weakest"] == 1 and row["borderline"] == 0:
        return (
            f"The tiers of {label} do not hang on who happened to be a customer: with limits "
            "learned from resampled customers nobody changed tier."
        )
    if row["borderline"] == 0:
        return (
            f"The limits of {label} hardly hang on who happened to be a customer: no customer is "
            f"given another tier in more than {percent(1 - BORDERLINE)} of the resamples."
        )
    was = "customer stands" if row["borderline"] == 1 else "customers stand"
    return (
        f"{int(row['borderline']):,} {was} at a border of {label} ({percent(row['share'], 1)}; "
        f"they brought {money(row['borderline_value'], a.study.currency)} before the cut, "
        f"{percent(row['value_share'], 1)} of all): with limits learned from resampled customers, "
        f"they are given another tier more than {percent(1 - BORDERLINE)} of the time. "
        "Decide on them by hand."
    )


def meaning(a: Analysis) -> str:
    """Say what the resampled figures mean, and what not."""
    refits = a.stability.figures["refits"]
    times = count(int(refits.max()), "time")
    if refits.min() < refits.max():
        times += f" ({few(int(refits.min()))} for schemes that take long to learn)"
    return (
        f"The customers before the cut are drawn anew, with replacement, {times}; limits are "
        "learned from those drawn and applied to everyone. A tier's overlap is the share of "
        "customers in both, of those in the tier either time: from "
        f"{decimal(sorted(TRUST)[1], 2)} it is a pattern, from {decimal(sorted(TRUST)[2], 2)} "
        f"stable, from {decimal(sorted(TRUST)[3], 2)} highly stable (Hennig 2007). This is how "
        "far limits hang on the sample. It is not how far customers change from one period to "
        "the next: a tier can be sharply cut and still empty itself within the year."
    )


def extremes(a: Analysis) -> str:
    """Say which schemes' limits hang on the sample least and most."""
    found = views.stability.schemes(a)
    fixed = list(found.index[found["chance"] == 1])
    if len(fixed) == len(found):
        return "No scheme here gave any customer another tier in any resample."
    least = found.iloc[-1]
    weak = (
        f"{found.index[-1]} hangs on the sample most: a customer keeps the tier with a chance of "
        f"{percent(least['chance'])} on average, {count(int(least['borderline']), 'customer')} "
        f"({percent(least['share'], 1)}) stand at a border, and its weakest tier, "
        f"*{least['weakest_tier']}*, has an overlap of {decimal(least['weakest'])} "
        f"({verdict(least['weakest'])})."
    )
    if fixed:
        many = f"{few(len(fixed)).capitalize()} schemes"
        named = listed(fixed) if len(fixed) <= MOST_NAMED else many
        keep = "keeps" if len(fixed) == 1 else "keep"
        return f"{named} {keep} everyone in the same tier whoever is drawn. {weak}"
    most = percent(found["chance"].iloc[0], 1)
    return f"{weak} {found.index[0]} hangs on it least: there the chance is {most}."


def verdict(overlap: float) -> str:
    """Return what an overlap says, in words that fit the two digits which are shown."""
    return trust(round(overlap, 2))


def worth_showing(a: Analysis, label: str) -> list[str]:
    """Return the scheme of the page, then the one that hangs on the sample least, and most."""
    found = views.stability.schemes(a).index
    return list(dict.fromkeys([label, found[0], found[-1]]))


def overlap_title(a: Analysis) -> str:
    """Say how many schemes have a tier that resampling does not find again."""
    weakest = a.stability.figures["weakest"].dropna().round(2)
    stable = sorted(TRUST)[2]
    shaky = weakest[weakest < stable]
    if shaky.empty:
        least = decimal(weakest.min())
        return f"Every tier of every scheme is found again (overlap {least} or more)"
    if len(shaky) == 1:
        return f"{shaky.index[0]} has a tier that resampling does not surely find again"
    return f"{few(len(shaky)).capitalize()} schemes have tiers that are not surely found again"


def kappa_title(figures: pd.DataFrame) -> str:
    """Say which scheme is steadiest."""
    return f"{figures.index[0]} is the steadiest scheme, {figures.index[-1]} the least steady"


def migration_title(moves: pd.DataFrame, label: str) -> str:
    """Say how many of the best tier stay there."""
    tier = moves.index[0]
    stay = moves.loc[tier].get(tier, 0.0)
    return f"{label}: {percent(stay)} of tier {tier} are in it again one period later"
