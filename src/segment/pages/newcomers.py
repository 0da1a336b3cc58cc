"""Who comes back of those who are new, what will they bring, and in which tier do they begin?"""

from __future__ import annotations

import pandas as pd

from segment.evidence.small_groups import FEWEST, point_at_somebody
from segment.features import cohorts
from segment.language import _, tier_name
from segment.pages._words import sentences, span
from segment.run import Run
from segment.run.scheme import Scheme
from segment.words import count, percent

# At most 192 points.
QUARTERS, MONTHS = 16, 12
EARLY = [1, 2, 3]  # months by which cohorts are compared


def returned(study: Run) -> pd.DataFrame:
    """Return the share of each quarter's newcomers who bought again, by month after the first.

    Missing where a month is not over, and where fewer than five customers bought; quarters of
    fewer than five newcomers are left out.
    """
    if study.cohorts is None or study.cohorts.empty:
        return pd.DataFrame()
    counts = cohorts.by_month(study.cohorts, study.windows.end, QUARTERS, MONTHS)
    hidden = study.study.identifiers == "hide"
    counts = counts[~(point_at_somebody(counts[0]) & hidden)]
    shares = counts.drop(columns=0).div(counts[0], axis="index")
    shares = shares.mask(counts.drop(columns=0).apply(point_at_somebody) & hidden)
    quarters = [_("{year} Q{quarter}", year=d.year, quarter=d.quarter) for d in shares.index]
    shares = shares.set_axis(quarters).rename_axis(columns=None)
    return shares.dropna(axis="columns", how="all").dropna(how="all")


def title(shares: pd.DataFrame) -> str:
    """Say whether the newest whole cohort comes back as the ones before it did."""
    early = shares.reindex(columns=EARLY).dropna().mean(axis="columns")
    if len(early) < 2:
        return _("Who comes back of those who are new")
    return _(
        "Of the newcomers of {quarter}, {share} a month bought again in the first three; before, "
        "{before}",
        quarter=early.index[-1],
        share=percent(early.iloc[-1]),
        before=percent(early.iloc[:-1].mean()),
    )


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Say what newcomers brought, and where they begin."""
    if not study.newcomers or study.came_in <= 0:
        return []
    share = 1 - study.outcome["net"].sum() / study.came_in
    now = scheme.newest_tiers
    begin = now[~now.index.isin(study.customers.index)].value_counts()
    return [
        sentences(
            _(
                "**{customers} first bought in the {span} after the cut and brought {share} of "
                "what came in then.** Where as many come again, expect about as much.",
                customers=count(study.newcomers, "customer"),
                span=span(scheme.windows.holdout_days),
                share=percent(share),
            ),
            _(
                "More of them are in *{tier}* today than in any other tier ({share}).",
                tier=tier_name(begin.index[0]),
                share=percent(begin.iloc[0] / begin.sum()),
            )
            if begin.max() >= FEWEST
            else "",
        )
    ]
