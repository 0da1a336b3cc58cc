"""The recommendation in words."""

from __future__ import annotations

import sqlglot

from segment.analysis import Analysis
from segment.backtest import REVENUE_SORT
from segment.errors import StudyError
from segment.narrate.common import some_of, top_tier
from segment.words import between, decimal, few, listed, percent, signed

NOT_RESPONSE = (
    "What this does not say: past spending predicts what customers will be worth, not whether "
    "special service makes them spend more. Only an experiment with a randomly held-out group "
    "answers that."
)


def answer(a: Analysis) -> list[str]:
    """Say which scheme to use, why, how sure that is, and what it is not."""
    v, figures = a.verdict, a.backtest.figures
    if v.refused:
        return [
            f"**No recommendation: {v.refused}.** The figures show what the data hint at; "
            f"they are no basis for a decision. The tiers of {v.best} are shown as an example.",
            *concerns(a),
            NOT_RESPONSE,
        ]
    chosen = v.recommended
    row = figures.loc[chosen]
    return [
        f"**Use {chosen}.** {why(a)}",
        top_tier(a, chosen),
        f"How sure is that? It reaches {decimal(row['gini'])} (95 % interval "
        f"{between(row['gini_low'], row['gini_high'])}) on a scale where random order is 0 and "
        f"perfect foresight 1; sorting by past revenue without tiers reaches "
        f"{decimal(figures['gini'][REVENUE_SORT])}. Without the largest customer it would be "
        f"{decimal(row['gini_without_largest'])}. One cut date stands behind this; another "
        "period can turn out differently by more than the interval says.",
        *concerns(a),
        NOT_RESPONSE,
    ]


def concerns(a: Analysis) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = a.findings.query("weight == 'warning'")
    found = [f"{r.finding[0].lower()}{r.finding[1:]} ({r.done})" for r in warnings.itertuples()]
    return [f"Mind what was found in the data: {listed(found)}."] if found else []


def why(a: Analysis) -> str:
    """Say in one or two sentences why the recommended scheme is recommended."""
    v = a.verdict
    behind = v.pairs[v.pairs["better"] == v.best].set_index("worse")
    if len(a.methods) == 1:
        return "It is the only scheme in this study, so it was compared with yardsticks alone."
    if v.clear:
        second = behind["difference"].idxmin()
        gap = behind.loc[second]
        return (
            f"It sorts customers clearly better than every other scheme here; {second}, the next, "
            f"lies {decimal(gap['difference'], 3)} behind "
            f"({between(gap['low'], gap['high'], 3)})."
        )
    others = [label for label in v.candidates if label != v.recommended]
    return (
        f"There is no clear predictive winner: between {some_of(v.candidates, a.methods)} schemes "
        "the data cannot show a difference that would matter in practice, and this is the "
        f"simplest of them. The {'others are' if len(others) > 1 else 'other is'} "
        f"{listed(others)}."
    )


def runner_up(a: Analysis) -> str:
    """Say why the scheme with the best figure, or the next, was not chosen."""
    v = a.verdict
    if v.refused or len(a.methods) == 1:
        return ""
    if v.best == v.recommended:
        return f"{v.best} also has the best figure of all schemes."
    gap = v.pairs.query("better == @v.best and worse == @v.recommended").iloc[0]
    return (
        f"{v.best} has the best figure, {decimal(gap['difference'], 3)} above {v.recommended} "
        f"(between {signed(gap['low'])} and {signed(gap['high'])}). That is not clearly more than "
        f"the {decimal(v.margin)} that would matter in practice, and it is the harder rule to "
        "explain and to run."
    )


def score_leader(a: Analysis) -> str:
    """Say who leads the weighted score, and under how many weightings."""
    score = a.verdict.score
    first = score.index[0]
    often = score["leads"].idxmax()
    text = (
        f"With the study's weights {first} leads ({decimal(score['score'].iloc[0])}). "
        f"Under random weights {often} leads most often, in {percent(score['leads'][often])} of "
        "them"
    )
    return f"{text}: {'a firm lead' if score['leads'][often] > 0.5 else 'no firm lead'}."


def deployable(a: Analysis, label: str) -> str:
    """Give the recommended scheme as an SQL expression, or say why there is none."""
    try:
        sql = a.methods[label].sql()
    except (StudyError, AttributeError) as error:
        return f"{label} has no SQL form: {error}"
    columns = [f"`{name}`" for name in a.methods[label].columns]
    if a.verdict.refused:
        return "No rule is offered, because there is no recommendation."
    (pretty,) = sqlglot.transpile(sql, read="duckdb", pretty=True)
    return (
        f"One expression over a table with one row per customer and {listed(columns)}; the page on "
        f"the data defines {'it' if len(columns) == 1 else 'them'}.\n\n```sql\n{pretty}\n```"
    )


def forest_title(a: Analysis) -> str:
    """Say how many schemes are clearly worse than the best."""
    v = a.verdict
    worse = len(a.methods) - len(v.candidates)
    others = f"{few(len(a.methods) - 1)} other {'scheme' if len(a.methods) == 2 else 'schemes'}"
    if worse == 0:
        return f"Nothing shows that any of the {others} is clearly worse than {v.best}"
    return f"{few(worse).capitalize()} of {others} {'is' if worse == 1 else 'are'} clearly worse"
