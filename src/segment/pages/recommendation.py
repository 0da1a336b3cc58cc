"""Which scheme should we use, why, and how sure is that?"""

from __future__ import annotations

import sqlglot

from segment.errors import StudyError
from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.caution_words import in_words as cautions_in_words
from segment.language import N_, _, _n
from segment.pages._words import one_date_only, sentences, some_of, top_tier
from segment.reading.findings import in_words
from segment.run import Run
from segment.scheme import Scheme
from segment.words import between, count, decimal, few, listed

NOT_RESPONSE = N_(
    "What this does not say: past spending predicts what customers will be worth, not whether "
    "special service makes them spend more. Only an experiment with a randomly held-out group "
    "answers that."
)


def answer(study: Run, scheme: Scheme) -> list[str]:
    """Say which scheme to use, why, how sure that is, and what it is not."""
    if study.verdict.refused:
        return [refusal(study, scheme), *concerns(study, scheme), _(NOT_RESPONSE)]
    return [
        _("**Use {label}.** {why}", label=scheme.label, why=why(study)),
        top_tier(scheme),
        sentences(sureness(scheme), dates(study, scheme)),
        *concerns(study, scheme),
        _(NOT_RESPONSE),
    ]


def refusal(study: Run, scheme: Scheme) -> str:
    """Say why no scheme is recommended, and that the one which is shown is an example."""
    return _(
        "**No recommendation: {reason}.** The figures show what the data hint at; they are no "
        "basis for a decision. The tiers of {label} are shown as an example.",
        reason=study.verdict.refused,
        label=scheme.label,
    )


def why(study: Run) -> str:
    """Say in one or two sentences why the recommended scheme is recommended."""
    verdict = study.verdict
    if len(study.methods) == 1:
        return _("It is the only scheme in this study, so it was compared with yardsticks alone.")
    if verdict.clear:
        behind = verdict.behind
        next_best = behind.loc[behind["difference"].idxmin()]
        return _(
            "It sorts customers clearly better than every other scheme here; {label}, the next, "
            "lies {difference} behind ({interval}).",
            label=next_best["worse"],
            difference=decimal(next_best["difference"], 3),
            interval=between(next_best["low"], next_best["high"], 3),
        )
    others = [label for label in verdict.candidates if label != verdict.recommended]
    return sentences(
        _(
            "There is no clear predictive winner: between {some} schemes the data cannot show a "
            "difference that would matter in practice, and this is the simplest of them.",
            some=some_of(verdict.candidates, study.methods),
        ),
        _n(
            "The other is {others}.", "The others are {others}.", len(others), others=listed(others)
        ),
    )


def sureness(scheme: Scheme) -> str:
    """Say how sure the figure of a scheme is at the study's own cut."""
    row = scheme.figures
    return _(
        "How sure is that? At the study's own cut it reaches {gini} (95 % interval {interval}) on "
        "a scale where random order is 0 and perfect foresight 1; sorting by past revenue without "
        "tiers reaches {revenue}. Without the largest customer it would be {without}.",
        gini=decimal(row["gini"]),
        interval=between(row["gini_low"], row["gini_high"]),
        revenue=decimal(scheme.backtest.figures["gini"][REVENUE_SORT]),
        without=decimal(row["gini_without_largest"]),
    )


def dates(study: Run, scheme: Scheme) -> str:
    """Say on how many cut dates the recommendation stands, and how they differ."""
    cuts, row = study.rolling.origins["cut"], study.rolling.summary.loc[scheme.label]
    if len(cuts) == 1:
        return _(
            "One cut date stands behind this ({reason}); another period can turn out differently "
            "by more than the interval says.",
            reason=one_date_only(study),
        )
    figures = {"mean": decimal(row["mean"]), "interval": between(row["mean_low"], row["mean_high"])}
    if row["origins"] < len(cuts):
        absent = study.rolling.absent
        figures["reason"] = absent["reason"][absent["label"] == scheme.label].iloc[0].rstrip(".")
        return _(
            "It could be tried at {number} of {dates} cut dates ({reason}), which makes this less "
            "sure: over all of them it would reach about {mean} ({interval}).",
            number=few(int(row["origins"])),
            dates=few(len(cuts)),
            **figures,
        )
    stands = _(
        "{dates} cut dates stand behind the choice, {first} to {last}: over them it reached "
        "{range}, {mean} on average ({interval}), and was the best scheme {wins}.",
        dates=few(len(cuts)).capitalize(),
        first=cuts.iloc[0],
        last=cuts.iloc[-1],
        range=between(row["lowest"], row["highest"]),
        wins=count(int(row["wins"]), "time"),
        **figures,
    )
    overlap = _(
        "The stretches of time after these dates overlap; a quite different period can still turn "
        "out otherwise."
    )
    return sentences(stands, overlap)


def concerns(study: Run, scheme: Scheme) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = in_words(study.findings.query("weight == 'warning'"))
    findings = [
        _("{finding} ({done})", finding=f"{r.finding[0].lower()}{r.finding[1:]}", done=r.done)
        for r in warnings.itertuples()
    ]
    text = [
        _(
            "**{caution}.** {figure}. {meaning}.",
            caution=row.caution,
            figure=_capital(row.figure),
            meaning=_capital(row.meaning),
        )
        for row in cautions_in_words(
            study.cautions, scheme.label, scheme.study.currency
        ).itertuples()
    ]
    if findings:
        findings_text = _("Mind what was found in the data: {findings}.", findings=listed(findings))
        text.insert(0, findings_text)
    return text


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def behind_title(study: Run) -> str:
    """Say how many schemes are clearly worse than another."""
    number = len(study.methods)
    worse = number - len(study.verdict.candidates)
    if not worse:
        return _("Nothing shows that a scheme is clearly worse than another")
    return _n(
        "{worse} of {number} schemes is clearly worse than another",
        "{worse} of {number} schemes are clearly worse than another",
        worse,
        worse=few(worse).capitalize(),
        number=few(number),
    )


def deployable(study: Run, scheme: Scheme) -> str:
    """Give the recommended scheme as an SQL expression, or say why there is none."""
    if study.verdict.refused:
        return _("No rule is offered, because there is no recommendation.")
    try:
        sql = scheme.method.sql()
    except (StudyError, AttributeError) as error:
        return _("{label} has no SQL form: {reason}", label=scheme.label, reason=_(str(error)))
    (pretty,) = sqlglot.transpile(sql, read="duckdb", pretty=True)
    columns = [f"`{name}`" for name in scheme.method.columns]
    defined = _n(
        "One expression over a table with one row per customer and {columns}; the page on the "
        "data defines it.",
        "One expression over a table with one row per customer and {columns}; the page on the "
        "data defines them.",
        len(columns),
        columns=listed(columns),
    )
    return f"{defined}\n\n```sql\n{pretty}\n```"
