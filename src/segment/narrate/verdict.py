"""The recommendation in words."""

from __future__ import annotations

import sqlglot

from segment import views
from segment.analysis import Analysis
from segment.backtest import REVENUE_SORT
from segment.errors import StudyError
from segment.narrate.backtest import one_date_only
from segment.narrate.cautions import said
from segment.narrate.common import some_of, top_tier
from segment.recommend import effort
from segment.words import between, count, decimal, few, listed, percent, signed

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
        f"{decimal(row['gini_without_largest'])}. {dates(a, chosen)}",
        *concerns(a),
        NOT_RESPONSE,
    ]


def dates(a: Analysis, label: str) -> str:
    """Say on how many cut dates the recommendation stands, and how they differ."""
    number, row = len(a.rolling.origins), a.rolling.summary.loc[label]
    if number == 1:
        return (
            f"One cut date stands behind this ({one_date_only(a)}); another period can turn out "
            "differently by more than the interval says."
        )
    of = f"{few(number)} cut dates"
    if row["origins"] < number:
        where = "only one" if row["origins"] == 1 else few(int(row["origins"]))
        reason = a.rolling.absent.query("label == @label")["reason"].iloc[0].rstrip(".")
        return (
            f"It could be tried at {where} of {of} ({reason}), which makes this less sure: over "
            f"all of them it would reach about {decimal(row['mean'])} "
            f"({between(row['mean_low'], row['mean_high'])})."
        )
    wins = int(row["wins"])
    often = "none" if wins == 0 else "all" if wins == number else few(wins)
    return (
        f"{of.capitalize()} stand behind the choice, {a.rolling.origins['cut'].iloc[0]} to "
        f"{a.rolling.origins['cut'].iloc[-1]}: over them it reached "
        f"{between(row['lowest'], row['highest'])}, {decimal(row['mean'])} on average "
        f"({between(row['mean_low'], row['mean_high'])}), and was the best scheme at {often} of "
        "them. The stretches of time after these dates overlap; a quite different period can "
        "still turn out otherwise."
    )


def concerns(a: Analysis) -> list[str]:
    """Say what in the data weakens the figures; nothing if nothing does."""
    warnings = a.findings.query("weight == 'warning'")
    found = [f"{r.finding[0].lower()}{r.finding[1:]} ({r.done})" for r in warnings.itertuples()]
    text = [f"Mind what was found in the data: {listed(found)}."] if found else []
    return [*text, *said(a)]


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
    size = f"{decimal(gap['difference'], 3)} ({signed(gap['low'])} to {signed(gap['high'])})"
    often, both = views.rolling.ahead(a, *pair)
    at = f"all {few(both)}" if often == both else f"{few(often)} of {few(both)}"
    ahead = f", ahead at {at} cut dates" if both > 1 else ""
    if v.best == v.recommended:
        text = (
            f"{v.best} also has the best figure of all schemes, {size} above the runner-up, "
            f"{rival}{ahead}."
        )
        if gap["separable"]:
            return f"{text} That is clearly more than the {decimal(v.margin)} that would matter."
        return (
            f"{text} That is not clearly more than the {decimal(v.margin)} that would matter in "
            f"practice, but {rival} {simpler(a, v.recommended, rival)}."
        )
    return (
        f"{v.best} has the best figure, {size} above {v.recommended}{ahead}. It lost all the "
        f"same: that is not clearly more than the {decimal(v.margin)} that would matter in "
        f"practice, and it {simpler(a, v.recommended, v.best)}."
    )


def simpler(a: Analysis, simple: str, other: str) -> str:
    """Say in what the other of two schemes is less simple."""
    one, two = effort(a.methods[simple]), effort(a.methods[other])
    if one[0] != two[0]:
        return "is no rule that people can read and apply by hand"
    if one[1] != two[1]:
        return f"reads {count(two[1], 'figure')} of each customer instead of {few(one[1])}"
    if one[2] != two[2]:
        return f"tells {count(two[2], 'group')} of customers apart instead of {few(one[2])}"
    return "is no simpler rule"


def front(a: Analysis) -> str:
    """Say which schemes no other beats in every respect, and whether the chosen one is there."""
    v = a.verdict
    if len(a.methods) == 1:
        return ""
    beaten = len(a.methods) - len(v.front)
    text = (
        f"Looked at by predictive value, stability and simplicity at once, "
        f"{listed(v.front)} {'is' if len(v.front) == 1 else 'are'} beaten by no other scheme"
    )
    if beaten:
        text += f"; for {'the other one' if beaten == 1 else f'each of the other {few(beaten)}'} "
        text += "there is a scheme that is nowhere worse and somewhere better"
    if v.recommended and v.recommended not in v.front:
        text += f". {v.recommended} is not among them: the differences to it are too small to count"
    return f"{text}."


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
