"""The first screen of the report: which scheme, why, how sure, what to do, what it costs."""

from __future__ import annotations

from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.caution_words import in_words
from segment.language import _
from segment.pages.narrate import data, plan
from segment.pages.narrate.common import top_tier
from segment.pages.narrate.verdict import why
from segment.run import Run
from segment.words import between, decimal


def answer(a: Run) -> list[str]:
    """Answer the study's question in as few words as it takes."""
    v = a.verdict
    label = a.known(None)
    if v.refused:
        return [
            _(
                "**No recommendation: {reason}.** The figures show what the data hint at; they are "
                "no basis for a decision. The tiers of {scheme} are shown as an example.",
                reason=v.refused, scheme=label,
            ),
            *mind(a),
        ]  # fmt: skip
    return [
        _("**Use {scheme}.** {tier}", scheme=label, tier=top_tier(a, label)),
        _("**Why.** {why}", why=why(a)),
        _("**How sure.** {sure}", sure=how_sure(a, label)),
        _("**What to do.** {do}", do=plan.who_gets(a, label)),
        _("**What it takes.** {takes}", takes=plan.takes(a, label)),
        *mind(a),
    ]


def how_sure(a: Run, label: str) -> str:
    """Say what the recommendation rests on, in two sentences."""
    mean, dates = a.rolling.summary.loc[label], len(a.rolling.origins)
    reached = decimal(mean["mean"])
    interval = between(mean["mean_low"], mean["mean_high"])
    revenue = decimal(a.rolling.summary.loc[REVENUE_SORT, "mean"])
    scale = _(
        "On a scale from 0, random order, to 1, perfect foresight, it reaches {reached} (95 % "
        "interval {interval}); sorting by past revenue without tiers reaches {revenue}.",
        reached=reached, interval=interval, revenue=revenue,
    )  # fmt: skip
    if dates == 1:
        stand = _("One cut date stands behind this; another period can turn out differently.")
    elif mean["origins"] < dates:
        stand = _(
            "That is for {dates} cut dates, of which it could be tried at {number}, so it is less "
            "sure.",
            dates=dates, number=int(mean["origins"]),
        )  # fmt: skip
    else:
        stand = _(
            "That is the mean over {dates} cut dates; it lay between {lowest} and {highest}.",
            dates=dates, lowest=decimal(mean["lowest"]), highest=decimal(mean["highest"]),
        )  # fmt: skip
    return f"{scale} {stand}"


def mind(a: Run) -> list[str]:
    """Name what weakens the answer; nothing if nothing does."""
    found = list(in_words(a.cautions, a.known(None), a.study.currency)["caution"])
    text = [data.warned(a)]
    if found:
        named = _("; ").join(name[0].lower() + name[1:] for name in found)
        text.insert(0, _("**Mind before you act:** {cautions}.", cautions=named))
    return [" ".join(part for part in text if part)] if any(text) else []
