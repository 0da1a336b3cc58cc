"""The first screen of the report: which scheme, why, how sure, what to do, what it costs."""

from __future__ import annotations

from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.caution_words import in_words
from segment.language import _
from segment.pages import service_costs, service_plan
from segment.pages._words import sentences, top_tier
from segment.pages.data import warned
from segment.pages.recommendation import refusal, why
from segment.run import Run
from segment.scheme import Scheme
from segment.words import between, decimal


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Answer the study's question in as few words as it takes."""
    if study.verdict.refused:
        return [refusal(study, scheme), mind(study, scheme)]
    return [
        _("**Use {scheme}.** {tier}", scheme=scheme.label, tier=top_tier(scheme)),
        _("**Why.** {why}", why=why(study)),
        _("**How sure.** {sure}", sure=how_sure(study, scheme)),
        _("**What to do.** {do}", do=service_plan.who_gets(scheme)),
        _("**What it takes.** {takes}", takes=service_costs.takes(scheme)),
        mind(study, scheme),
    ]


def how_sure(study: Run, scheme: Scheme) -> str:
    """Say what the recommendation rests on, in two sentences."""
    summary, dates = study.rolling.summary, len(study.rolling.origins)
    mean = summary.loc[scheme.label]
    scale = _(
        "On a scale from 0, random order, to 1, perfect foresight, it reaches {reached} (95 % "
        "interval {interval}); sorting by past revenue without tiers reaches {revenue}.",
        reached=decimal(mean["mean"]),
        interval=between(mean["mean_low"], mean["mean_high"]),
        revenue=decimal(summary.loc[REVENUE_SORT, "mean"]),
    )
    if dates == 1:
        stand = _("One cut date stands behind this; another period can turn out differently.")
    elif mean["origins"] < dates:
        stand = _(
            "That is for {dates} cut dates, of which it could be tried at {number}, so it is less "
            "sure.",
            dates=dates,
            number=int(mean["origins"]),
        )
    else:
        stand = _(
            "That is the mean over {dates} cut dates; it lay between {lowest} and {highest}.",
            dates=dates,
            lowest=decimal(mean["lowest"]),
            highest=decimal(mean["highest"]),
        )
    return sentences(scale, stand)


def mind(study: Run, scheme: Scheme) -> str:
    """Name what weakens the answer; empty if nothing does."""
    cautions = in_words(study.cautions, scheme.label, scheme.study.currency)["caution"]
    names = [name[0].lower() + name[1:] for name in cautions]
    named = _("**Mind before you act:** {cautions}.", cautions=_("; ").join(names)) if names else ""
    return sentences(named, warned(study))
