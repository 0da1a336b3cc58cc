"""The sentences of the stability page."""

from __future__ import annotations

import pandas as pd

from segment.evidence.stability import BORDERLINE
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.clusters import TRUST, trust
from segment.pages.narrate.common import sentences, span
from segment.run import Run
from segment.words import count, decimal, few, listed, money, percent

# More names than this make no sentence.
MOST_NAMED = 3


def answer(a: Run, label: str) -> list[str]:
    """Answer the stability notebook; ``label`` is the scheme that the page is about."""
    figures = a.stability.figures.sort_values("kappa", ascending=False)
    first, last = figures.iloc[0], figures.iloc[-1]
    length = span((a.windows.named["earlier"][1] - a.windows.named["earlier"][0]).days)
    if first["customers"] == 0:
        no_one = _("**No customer bought in both windows, so stability over time cannot be seen.**")
        return [no_one, resampled(a, label)]
    steadiest = _(
        "For those who came back, {first} is the steadiest scheme: agreement {kappa} beyond "
        "chance, where small moves count little ({kept} are in the very same tier). {last} is the "
        "least steady, with {least} ({least_kept}).",
        first=figures.index[0],
        kappa=decimal(first["kappa"]),
        kept=percent(first["kept"]),
        last=figures.index[-1],
        least=decimal(last["kappa"]),
        least_kept=percent(last["kept"]),
    )
    windows = _(
        "The two windows are equally long ({length}) and do not overlap; tiers are learned afresh "
        "in each. Agreement is quadratic-weighted kappa: 0 is chance, 1 is every customer in the "
        "same tier; a move by one tier counts less than a move by three.",
        length=length,
    )
    return [sentences(_stayed_away(a, length), steadiest), resampled(a, label), windows]


def _stayed_away(a: Run, length: str) -> str:
    """Say how many customers of one window did not buy in the next."""
    if not a.stability.lost:
        return _(
            "**None of the customers of one period of {length} stayed away in the next.**",
            length=length,
        )
    return _(
        "**{lost} of the customers of one period of {length} stayed away in the next.**",
        lost=percent(a.stability.lost),
        length=length,
    )


def resampled(a: Run, label: str) -> str:
    """Say how many customers of a scheme owe their tier to who else was there."""
    row = views.stability.schemes(a).loc[label]
    if row["weakest"] == 1 and row["borderline"] == 0:
        return _(
            "The tiers of {label} do not hang on who happened to be a customer: with limits "
            "learned from resampled customers nobody changed tier.",
            label=label,
        )
    if row["borderline"] == 0:
        return _(
            "The limits of {label} hardly hang on who happened to be a customer: no customer is "
            "given another tier in more than {chance} of the resamples.",
            label=label,
            chance=percent(1 - BORDERLINE),
        )
    return _n(
        "{n} customer stands at a border of {label} ({share}; they brought {value} before the cut, "
        "{value_share} of all): with limits learned from resampled customers, they are given "
        "another tier more than {chance} of the time. Decide on them by hand.",
        "{n} customers stand at a border of {label} ({share}; they brought {value} before the cut, "
        "{value_share} of all): with limits learned from resampled customers, they are given "
        "another tier more than {chance} of the time. Decide on them by hand.",
        int(row["borderline"]),
        label=label,
        share=percent(row["share"], 1),
        value=money(row["borderline_value"], a.study.currency),
        value_share=percent(row["value_share"], 1),
        chance=percent(1 - BORDERLINE),
    )


def meaning(a: Run) -> str:
    """Say what the resampled figures mean, and what not."""
    refits = a.stability.figures["refits"]
    times = count(int(refits.max()), "time")
    if refits.min() < refits.max():
        times = _(
            "{times} ({fewer} for schemes that take long to learn)",
            times=times,
            fewer=few(int(refits.min())),
        )
    pattern, stable, highly = (decimal(least, 2) for least in sorted(TRUST)[1:])
    return _(
        "The customers before the cut are drawn anew, with replacement, {times}; limits are "
        "learned from those drawn and applied to everyone. A tier's overlap is the share of "
        "customers in both, of those in the tier either time: from {pattern} it is a pattern, from "
        "{stable} stable, from {highly} highly stable (Hennig 2007). This is how far limits hang "
        "on the sample. It is not how far customers change from one period to the next: a tier can "
        "be sharply cut and still empty itself within the year.",
        times=times,
        pattern=pattern,
        stable=stable,
        highly=highly,
    )


def extremes(a: Run) -> str:
    """Say which schemes' limits hang on the sample least and most."""
    found = views.stability.schemes(a)
    fixed = list(found.index[found["chance"] == 1])
    if len(fixed) == len(found):
        return _("No scheme here gave any customer another tier in any resample.")
    least = found.iloc[-1]
    weak = _(
        "{label} hangs on the sample most: a customer keeps the tier with a chance of {chance} on "
        "average, {customers} ({share}) stand at a border, and its weakest tier, *{tier}*, has an "
        "overlap of {overlap} ({words}).",
        label=found.index[-1],
        chance=percent(least["chance"]),
        customers=count(int(least["borderline"]), "customer"),
        share=percent(least["share"], 1),
        tier=tier_name(least["weakest_tier"]),
        overlap=decimal(least["weakest"]),
        words=verdict(least["weakest"]),
    )
    if fixed:
        many = _("{number} schemes", number=few(len(fixed)).capitalize())
        keep = _n(
            "{schemes} keeps everyone in the same tier whoever is drawn.",
            "{schemes} keep everyone in the same tier whoever is drawn.",
            len(fixed),
            schemes=listed(fixed) if len(fixed) <= MOST_NAMED else many,
        )
        return sentences(keep, weak)
    steady = _(
        "{label} hangs on it least: there the chance is {chance}.",
        label=found.index[0],
        chance=percent(found["chance"].iloc[0], 1),
    )
    return sentences(weak, steady)


def verdict(overlap: float) -> str:
    """Return what an overlap says, in words that fit the two digits which are shown."""
    return trust(round(overlap, 2))


def worth_showing(a: Run, label: str) -> list[str]:
    """Return the scheme of the page, then the one that hangs on the sample least, and most."""
    found = views.stability.schemes(a).index
    return list(dict.fromkeys([label, found[0], found[-1]]))


def overlap_title(a: Run) -> str:
    """Say how many schemes have a tier that resampling does not find again."""
    weakest = a.stability.figures["weakest"].dropna().round(2)
    stable = sorted(TRUST)[2]
    shaky = weakest[weakest < stable]
    if shaky.empty:
        return _(
            "Every tier of every scheme is found again (overlap {least} or more)",
            least=decimal(weakest.min()),
        )
    if len(shaky) == 1:
        return _(
            "{label} has a tier that resampling does not surely find again", label=shaky.index[0]
        )
    return _(
        "{number} schemes have tiers that are not surely found again",
        number=few(len(shaky)).capitalize(),
    )


def kappa_title(figures: pd.DataFrame) -> str:
    """Say which scheme is steadiest."""
    return _(
        "{first} is the steadiest scheme, {last} the least steady",
        first=figures.index[0],
        last=figures.index[-1],
    )


def kappa_axis() -> str:
    """Name the axis of the agreement between two periods."""
    return _("Quadratic-weighted kappa (95 % interval)")


def migration_title(moves: pd.DataFrame, label: str) -> str:
    """Say how many of the best tier stay there; ``moves`` as ``views.stability.moves`` gives it."""
    tier = moves.index[0]
    stay = moves.loc[tier].get(tier, 0.0)
    return _(
        "{label}: {share} of tier {tier} are in it again one period later",
        label=label,
        share=percent(stay),
        tier=tier,
    )


def migration_axes() -> tuple[str, str, str]:
    """Name the columns, the rows and the values of the moves from one period to the next."""
    return (
        _("Tier in the later window"),
        _("Tier in the earlier window"),
        _("Share of the earlier tier"),
    )
