"""Do customers stay in their tier, and would other customers have given other tiers?"""

from __future__ import annotations

import pandas as pd

from segment.evidence.stability import BORDERLINE, NO_PURCHASE
from segment.language import _, _n, tier_name
from segment.pages._words import TRUST, sentences, span, trust
from segment.run import Run
from segment.scheme import Scheme, once
from segment.words import count, decimal, few, listed, money, percent

# More names than this make no sentence.
MOST_NAMED = 3


@once
def migration(run: Run, label: str) -> pd.DataFrame:
    """Return where each tier of the earlier window went, as shares of that tier.

    Rows are tiers of the earlier window, best first; columns those of the later one, and
    "no purchase".
    """
    moves = run.stability.moves.query("label == @label")
    counts = moves.pivot_table("customers", "earlier", "later", "sum", fill_value=0)
    tiers = [tier for tier in run.methods[label].tiers_ if tier in {*counts.index, *counts.columns}]
    counts = counts.reindex(
        index=[tier for tier in tiers if tier in counts.index],
        columns=[*tiers, NO_PURCHASE],
        fill_value=0,
    )
    return counts.div(counts.sum(axis=1), axis=0)


@once
def resampled(study: Run) -> pd.DataFrame:
    """Return how sure the tiers of every scheme are when the customers are drawn anew.

    Indexed by ``scheme``, the surest first: ``tiers`` (that hold customers), ``chance`` (mean
    chance to keep the tier), ``weakest_tier`` with its overlap ``weakest``, ``borderline``
    (customers under a chance of .8), ``borderline_value`` (currency), ``borderline_share`` (of
    all that was brought).
    """
    held = study.stability.tiers.dropna(subset="jaccard")
    by_scheme = held.groupby("label", sort=False)
    figures = study.stability.figures
    brought = figures["borderline_value"]
    table = pd.DataFrame(
        {
            "tiers": by_scheme.size(),
            "chance": figures["chance"],
            "weakest_tier": held.loc[by_scheme["jaccard"].idxmin()].set_index("label")["tier"],
            "weakest": figures["weakest"],
            "borderline": figures["borderline"],
            "borderline_value": brought,
            "borderline_share": brought / study.customers["monetary_total"].sum(),
        },
        index=figures.index.rename("scheme"),
    )
    return table.sort_values(["chance", "weakest"], ascending=False, kind="stable")


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Say who came back into the same tier, and how far a scheme's limits are luck."""
    figures = study.stability.figures.sort_values("kappa", ascending=False)
    first, last = figures.iloc[0], figures.iloc[-1]
    if first["customers"] == 0:
        return [
            _("**No customer bought in both windows, so stability over time cannot be seen.**"),
            at_a_border(study, scheme),
        ]
    length = span(study.windows.pair_days)
    steadiest = _(
        "For those who came back, {first} is the steadiest scheme: agreement {kappa} beyond "
        "chance, where small moves count little ({kept} are in the very same tier). {last} is the "
        "least steady, with {least} ({least_kept}).",
        first=first.name,
        kappa=decimal(first["kappa"]),
        kept=percent(first["kept"]),
        last=last.name,
        least=decimal(last["kappa"]),
        least_kept=percent(last["kept"]),
    )
    windows = _(
        "The two windows are equally long ({length}) and do not overlap; tiers are learned afresh "
        "in each. Agreement is quadratic-weighted kappa: 0 is chance, 1 is every customer in the "
        "same tier; a move by one tier counts less than a move by three.",
        length=length,
    )
    gone = _stayed_away(study.stability.lost, length)
    return [sentences(gone, steadiest), at_a_border(study, scheme), windows]


def _stayed_away(share: float, length: str) -> str:
    """Say how many customers of one window did not buy in the next."""
    if not share:
        return _(
            "**None of the customers of one period of {length} stayed away in the next.**",
            length=length,
        )
    return _(
        "**{lost} of the customers of one period of {length} stayed away in the next.**",
        lost=percent(share),
        length=length,
    )


def at_a_border(study: Run, scheme: Scheme) -> str:
    """Say how many customers of a scheme owe their tier to who else was there."""
    row = resampled(study).loc[scheme.label]
    if row["borderline"] == 0 and row["weakest"] == 1:
        return _(
            "The tiers of {label} do not hang on who happened to be a customer: with limits "
            "learned from resampled customers nobody changed tier.",
            label=scheme.label,
        )
    chance = percent(1 - BORDERLINE)
    if row["borderline"] == 0:
        return _(
            "The limits of {label} hardly hang on who happened to be a customer: no customer is "
            "given another tier in more than {chance} of the resamples.",
            label=scheme.label,
            chance=chance,
        )
    return _n(
        "{n} customer stands at a border of {label} ({share}; they brought {value} before the cut, "
        "{value_share} of all): with limits learned from resampled customers, they are given "
        "another tier more than {chance} of the time. Decide on them by hand.",
        "{n} customers stand at a border of {label} ({share}; they brought {value} before the cut, "
        "{value_share} of all): with limits learned from resampled customers, they are given "
        "another tier more than {chance} of the time. Decide on them by hand.",
        int(row["borderline"]),
        label=scheme.label,
        share=percent(row["borderline"] / len(study.customers), 1),
        value=money(row["borderline_value"], study.study.currency),
        value_share=percent(row["borderline_share"], 1),
        chance=chance,
    )


def extremes(study: Run) -> str:
    """Say whether all tiers are found again, and which schemes hang on the sample most."""
    table = resampled(study)
    fixed = list(table.index[table["chance"] == 1])
    if len(fixed) == len(table):
        return _("No scheme here gave any customer another tier in any resample.")
    least = table.iloc[-1]
    most = _(
        "{label} hangs on the sample most: a customer keeps the tier with a chance of {chance} on "
        "average, {customers} ({share}) stand at a border, and its weakest tier, *{tier}*, has an "
        "overlap of {overlap} ({words}).",
        label=least.name,
        chance=percent(least["chance"]),
        customers=count(int(least["borderline"]), "customer"),
        share=percent(least["borderline"] / len(study.customers), 1),
        tier=tier_name(least["weakest_tier"]),
        overlap=decimal(least["weakest"]),
        words=trust(least["weakest"]),
    )
    if not fixed:
        return sentences(found_again(table["weakest"]), most)
    keep = _n(
        "{schemes} keeps everyone in the same tier whoever is drawn.",
        "{schemes} keep everyone in the same tier whoever is drawn.",
        len(fixed),
        schemes=listed(fixed)
        if len(fixed) <= MOST_NAMED
        else _("{number} schemes", number=few(len(fixed)).capitalize()),
    )
    return sentences(found_again(table["weakest"]), keep, most)


def found_again(weakest: pd.Series) -> str:
    """Say how many schemes have a tier that resampling does not find again.

    ``weakest`` is the overlap of each scheme's weakest tier.
    """
    weakest = weakest.dropna().round(2)
    _none, _pattern, stable, _highly = sorted(TRUST)
    shaky = weakest.index[weakest < stable]
    if shaky.empty:
        return _(
            "Every tier of every scheme is found again (overlap {least} or more).",
            least=decimal(weakest.min()),
        )
    if len(shaky) == 1:
        return _("{label} has a tier that resampling does not surely find again.", label=shaky[0])
    return _(
        "{number} schemes have tiers that are not surely found again.",
        number=few(len(shaky)).capitalize(),
    )


def meaning(study: Run) -> str:
    """Say what the resampled figures mean, and what not."""
    refits = study.stability.figures["refits"]
    times = count(int(refits.max()), "time")
    if refits.min() < refits.max():
        times = _(
            "{times} ({fewer} for schemes that take long to learn)",
            times=times,
            fewer=few(int(refits.min())),
        )
    pattern, stable, highly = (decimal(least) for least in sorted(TRUST)[1:])
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


def moves_title(moves: pd.DataFrame) -> str:
    """Say how many of the best tier bought nothing in the later window, the last column."""
    return _(
        "{share} of tier {tier} bought nothing one period later",
        share=percent(moves.iloc[0, -1]),
        tier=tier_name(moves.index[0]),
    )
