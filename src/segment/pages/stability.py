"""Do customers stay in their tier, and would other customers have given other tiers?"""

from __future__ import annotations

import pandas as pd

from segment.evidence.stability import BORDERLINE, NO_PURCHASE
from segment.language import _, tier_name
from segment.pages._words import span, too_few
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.words import decimal, percent


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
    brought = figures["borderline_value"].mask(too_few(study.study, figures["borderline"]))
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
    """Say how many stayed away, who is in the same tier, and how far limits are luck."""
    own = study.stability.figures.loc[scheme.label]
    if own["customers"] == 0:
        nobody = _("**No customer bought in both periods, so nobody can be seen to move.**")
        return [nobody, at_a_border(study, scheme)]
    text = _(
        "**{lost} of the customers of one period of {length} stayed away in the next.** Of those "
        "who came back, {kept} are in the same tier of {label}, learned afresh (kappa {kappa}).",
        lost=percent(study.stability.lost),
        length=span(study.windows.pair_days),
        kept=percent(own["kept"]),
        label=scheme.label,
        kappa=decimal(own["kappa"]),
    )
    return [text, at_a_border(study, scheme)]


def at_a_border(study: Run, scheme: Scheme) -> str:
    """Say how many customers of a scheme owe their tier to who else was there."""
    row = resampled(study).loc[scheme.label]
    if too_few(study.study, row["borderline"]):
        return ""
    return _(
        "Customers at a border of {label}: {customers} ({share}), with {value_share} of past "
        "spending. Limits from resampled customers give them another tier more than {chance} of "
        "the time: decide on them by hand.",
        label=scheme.label,
        customers=f"{int(row['borderline']):,}",
        share=percent(row["borderline"] / len(study.customers), 1),
        value_share=percent(row["borderline_share"], 1),
        chance=percent(1 - BORDERLINE),
    )


def moves_title(moves: pd.DataFrame) -> str:
    """Say how many of the best tier bought nothing in the later window, the last column."""
    return _(
        "{share} of tier {tier} bought nothing one period later",
        share=percent(moves.iloc[0, -1]),
        tier=tier_name(moves.index[0]),
    )
