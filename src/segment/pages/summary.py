"""The first screen of the report: which scheme, why, how sure, what to do, what it costs."""

from __future__ import annotations

from segment.evidence.caution_words import in_words
from segment.language import _
from segment.pages import service_costs, service_plan
from segment.pages._words import sentences, top_tier
from segment.pages.data import warned
from segment.pages.recommendation import refusal, why
from segment.run import Run
from segment.scheme import Scheme


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Answer the study's question in as few words as it takes."""
    if study.verdict.refused:
        return [refusal(study, scheme), mind(study, scheme)]
    return [
        _("**Use {scheme}.** {tier}", scheme=scheme.label, tier=top_tier(scheme)),
        _("**Why, and how sure.** {why}", why=why(study, scheme)),
        _("**What to do.** {do}", do=service_plan.who_gets(scheme)),
        _("**What it takes.** {takes}", takes=service_costs.takes(scheme)),
        mind(study, scheme),
    ]


def mind(study: Run, scheme: Scheme) -> str:
    """Name what weakens the answer; empty if nothing does."""
    cautions = in_words(study.cautions, scheme.label, scheme.study.currency)["caution"]
    names = [name[0].lower() + name[1:] for name in cautions]
    named = _("**Mind before you act:** {cautions}.", cautions=_("; ").join(names)) if names else ""
    return sentences(named, warned(study))
