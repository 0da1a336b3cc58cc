"""The recommendation in words."""

from __future__ import annotations

import sqlglot

from segment.errors import StudyError
from segment.evidence.backtest import REVENUE_SORT
from segment.evidence.recommend import effort
from segment.language import N_, _, _n
from segment.pages import views
from segment.pages.narrate.backtest import one_date_only
from segment.pages.narrate.cautions import said
from segment.pages.narrate.common import sentences, some_of, top_tier
from segment.reading.findings import in_words
from segment.run import Run
from segment.words import between, count, decimal, few, listed, percent, signed

NOT_RESPONSE = N_(
    "What this does not say: past spending predicts what customers will be worth, not whether "
    "special service makes them spend more. Only an experiment with a randomly held-out group "
    "answers that."
)
# Under so many random weightings a lead in the weighted score is firm.
FIRM = 0.75


def answer(a: Run) -> list[str]:
    """Say which scheme to use, why, how sure that is, and what it is not."""
    v = a.verdict
    if v.refused:
        refusal = _(
            "**No recommendation: {reason}.** The figures show what the data hint at; they are no "
            "basis for a decision. The tiers of {label} are shown as an example.",
            reason=v.refused,
            label=v.best,
        )
        return [refusal, *concerns(a), _(NOT_RESPONSE)]
    chosen = v.recommended
    return [
        _("**Use {label}.** {why}", label=chosen, why=why(a)),
        top_tier(a, chosen),
        sentences(sureness(a, chosen), dates(a, chosen)),
        *concerns(a),
        _(NOT_RESPONSE),
    ]


def sureness(a: Run, label: str) -> str:
    """Say how sure the figure of a scheme is at the study's own cut."""
    row = a.backtest.figures.loc[label]
    return _(
        "How sure is that? At the study's own cut it reaches {gini} (95 % interval {interval}) on "
        "a scale where random order is 0 and perfect foresight 1; sorting by past revenue without "
        "tiers reaches {revenue}. Without the largest customer it would be {without}.",
        gini=decimal(row["gini"]),
        interval=between(row["gini_low"], row["gini_high"]),
        revenue=decimal(a.backtest.figures["gini"][REVENUE_SORT]),
        without=decimal(row["gini_without_largest"]),
    )


def dates(a: Run, label: str) -> str:
    """Say on how many cut dates the recommendation stands, and how they differ."""
    number, row = len(a.rolling.origins), a.rolling.summary.loc[label]
    if number == 1:
        return _(
            "One cut date stands behind this ({reason}); another period can turn out differently "
            "by more than the interval says.",
            reason=one_date_only(a),
        )
    if row["origins"] < number:
        return _at_fewer_dates(a, label)
    wins = int(row["wins"])
    found = {
        "dates": few(number).capitalize(),
        "first": a.rolling.origins["cut"].iloc[0],
        "last": a.rolling.origins["cut"].iloc[-1],
        "range": between(row["lowest"], row["highest"]),
        "mean": decimal(row["mean"]),
        "interval": between(row["mean_low"], row["mean_high"]),
    }
    if wins == 0:
        stands = _(
            "{dates} cut dates stand behind the choice, {first} to {last}: over them it reached "
            "{range}, {mean} on average ({interval}), and was the best scheme at none of them.",
            **found,
        )
    elif wins == number:
        stands = _(
            "{dates} cut dates stand behind the choice, {first} to {last}: over them it reached "
            "{range}, {mean} on average ({interval}), and was the best scheme at all of them.",
            **found,
        )
    else:
        stands = _(
            "{dates} cut dates stand behind the choice, {first} to {last}: over them it reached "
            "{range}, {mean} on average ({interval}), and was the best scheme at {wins} of them.",
            wins=few(wins),
            **found,
        )
    overlap = _(
        "The stretches of time after these dates overlap; a quite different period can still turn "
        "out otherwise."
    )
    return sentences(stands, overlap)


def _at_fewer_dates(a: Run, label: str) -> str:
    """Say at how many dates a scheme could be tried, and why at no more."""
    row = a.rolling.summary.loc[label]
    reason = a.rolling.absent.query("label == @label")["reason"].iloc[0].rstrip(".")
    found = {
        "dates": few(len(a.rolling.origins)),
        "reason": reason,
        "mean": decimal(row["mean"]),
        "interval": between(row["mean_low"], row["mean_high"]),
    }
    if row["origins"] == 1:
        return _(
            "It could be tried at only one of {dates} cut dates ({reason}), which makes this less "
            "sure: over all of them it would reach about {mean} ({interval}).",
            **found,
        )
    return _(
        "It could be tried at {number} of {dates} cut dates ({reason}), which makes this less "
        "sure: over all of them it would reach about {mean} ({interval}).",
        number=few(int(row["origins"])),
        **found,
    )


def concerns(a: Run) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = in_words(a.findings.query("weight == 'warning'"))
    found = [
        _("{finding} ({done})", finding=f"{r.finding[0].lower()}{r.finding[1:]}", done=r.done)
        for r in warnings.itertuples()
    ]
    if not found:
        return said(a)
    return [_("Mind what was found in the data: {findings}.", findings=listed(found)), *said(a)]


def why(a: Run) -> str:
    """Say in one or two sentences why the recommended scheme is recommended."""
    v = a.verdict
    if len(a.methods) == 1:
        return _("It is the only scheme in this study, so it was compared with yardsticks alone.")
    if v.clear:
        behind = v.pairs[v.pairs["better"] == v.best].set_index("worse")
        second = behind["difference"].idxmin()
        gap = behind.loc[second]
        return _(
            "It sorts customers clearly better than every other scheme here; {label}, the next, "
            "lies {difference} behind ({interval}).",
            label=second,
            difference=decimal(gap["difference"], 3),
            interval=between(gap["low"], gap["high"], 3),
        )
    others = [label for label in v.candidates if label != v.recommended]
    return sentences(
        _(
            "There is no clear predictive winner: between {some} schemes the data cannot show a "
            "difference that would matter in practice, and this is the simplest of them.",
            some=some_of(v.candidates, a.methods),
        ),
        _n("The other is {others}.", "The others are {others}.", len(others),
           others=listed(others)),
    )  # fmt: skip


def runner_up(a: Run) -> str:
    """Say why the scheme with the best figure, or the next best, was not chosen."""
    v = a.verdict
    if v.refused or len(a.methods) == 1:
        return ""
    mean = a.rolling.summary["mean"][list(a.methods)].drop(v.recommended)
    rival = mean.idxmax()
    if v.best != v.recommended:
        rival = v.best
    pair = (v.best, rival if v.best == v.recommended else v.recommended)
    gap = v.pairs[(v.pairs["better"] == pair[0]) & (v.pairs["worse"] == pair[1])].iloc[0]
    found = {
        "best": v.best,
        "difference": decimal(gap["difference"], 3),
        "interval": _("{low} to {high}", low=signed(gap["low"]), high=signed(gap["high"])),
        "ahead": _ahead(a, *pair),
    }
    if v.best == v.recommended:
        text = _(
            "{best} also has the best figure of all schemes, {difference} ({interval}) above the "
            "runner-up, {rival}{ahead}.",
            rival=rival,
            **found,
        )
        return sentences(text, _lead(a, rival, gap["separable"]))
    return _(
        "{best} has the best figure, {difference} ({interval}) above {chosen}{ahead}. It lost all "
        "the same: that is not clearly more than the {margin} that would matter in practice, and "
        "it {simpler}.",
        chosen=v.recommended,
        margin=decimal(v.margin),
        simpler=simpler(a, v.recommended, v.best),
        **found,
    )


def _lead(a: Run, rival: str, separable: bool) -> str:
    """Say whether the recommended scheme leads by more than matters; if not, why it won."""
    margin = decimal(a.verdict.margin)
    if separable:
        return _("That is clearly more than the {margin} that would matter.", margin=margin)
    return _(
        "That is not clearly more than the {margin} that would matter in practice, but {rival} "
        "{simpler}.",
        margin=margin,
        rival=rival,
        simpler=simpler(a, a.verdict.recommended, rival),
    )


def _ahead(a: Run, one: str, other: str) -> str:
    """Say at how many cut dates one scheme is ahead of another; empty for a single date."""
    often, both = views.rolling.ahead(a, one, other)
    if both <= 1:
        return ""
    if often == both:
        return _(", ahead at all {dates} cut dates", dates=few(both))
    return _(", ahead at {often} of {dates} cut dates", often=few(often), dates=few(both))


def simpler(a: Run, simple: str, other: str) -> str:
    """Say in what the other of two schemes is less simple."""
    one, two = effort(a.methods[simple]), effort(a.methods[other])
    if one[0] != two[0]:
        return _("is no rule that people can read and apply by hand")
    if one[1] != two[1]:
        return _(
            "reads {figures} of each customer instead of {fewer}",
            figures=count(two[1], "figure"),
            fewer=few(one[1]),
        )
    if one[2] != two[2]:
        return _(
            "tells {groups} of customers apart instead of {fewer}",
            groups=count(two[2], "group"),
            fewer=few(one[2]),
        )
    return _("is no simpler rule")


def front(a: Run) -> str:
    """Say which schemes no other beats in every respect, and whether the chosen one is there."""
    v = a.verdict
    if len(a.methods) == 1:
        return ""
    beaten = len(a.methods) - len(v.front)
    text = _n(
        "Looked at by predictive value, stability and simplicity at once, {schemes} is beaten by "
        "no other scheme",
        "Looked at by predictive value, stability and simplicity at once, {schemes} are beaten by "
        "no other scheme",
        len(v.front),
        schemes=listed(v.front),
    )
    if beaten == 1:
        text += _(
            "; for the other one there is a scheme that is nowhere worse and somewhere better"
        )
    elif beaten:
        text += _(
            "; for each of the other {number} there is a scheme that is nowhere worse and "
            "somewhere better",
            number=few(beaten),
        )
    if v.recommended and v.recommended not in v.front:
        text += _(
            ". {label} is not among them: the differences to it are too small to count",
            label=v.recommended,
        )
    return _("{sentence}.", sentence=text)


def score_leader(a: Run) -> str:
    """Say who leads the weighted score, and under how many weightings."""
    score = a.verdict.score
    often = score["leads"].idxmax()
    found = {
        "first": score.index[0],
        "score": decimal(score["score"].iloc[0]),
        "often": often,
        "share": percent(score["leads"][often]),
    }
    if score["leads"][often] > FIRM:
        return _(
            "With the study's weights {first} leads ({score}). Under random weights {often} leads "
            "most often, in {share} of them: a firm lead.",
            **found,
        )
    return _(
        "With the study's weights {first} leads ({score}). Under random weights {often} leads "
        "most often, in {share} of them: no firm lead.",
        **found,
    )


def deployable(a: Run, label: str) -> str:
    """Give the recommended scheme as an SQL expression, or say why there is none."""
    try:
        sql = a.methods[label].sql()
    except (StudyError, AttributeError) as error:
        return _("{label} has no SQL form: {reason}", label=label, reason=_(str(error)))
    columns = [f"`{name}`" for name in a.methods[label].columns]
    if a.verdict.refused:
        return _("No rule is offered, because there is no recommendation.")
    (pretty,) = sqlglot.transpile(sql, read="duckdb", pretty=True)
    defined = _n(
        "One expression over a table with one row per customer and {columns}; the page on the "
        "data defines it.",
        "One expression over a table with one row per customer and {columns}; the page on the "
        "data defines them.",
        len(columns),
        columns=listed(columns),
    )
    return f"{defined}\n\n```sql\n{pretty}\n```"


def forest_title(a: Run) -> str:
    """Say how many schemes are clearly worse than the best."""
    v, number = a.verdict, len(a.methods) - 1
    worse = len(a.methods) - len(v.candidates)
    if worse == 0:
        return _n(
            "Nothing shows that any of the {others} other scheme is clearly worse than {best}",
            "Nothing shows that any of the {others} other schemes is clearly worse than {best}",
            number,
            others=few(number),
            best=v.best,
        )
    if number == 1:
        return _("One of one other scheme is clearly worse")
    return _n(
        "{worse} of {others} other schemes is clearly worse",
        "{worse} of {others} other schemes are clearly worse",
        worse,
        worse=few(worse).capitalize(),
        others=few(number),
    )
