"""The sentences of the back-test page."""

from __future__ import annotations

from segment.evidence.backtest import ORACLE, RANDOM, REVENUE_SORT, shown
from segment.language import _
from segment.pages.narrate.common import holdout_span
from segment.run import Run
from segment.words import between, decimal, few, percent


def answer(a: Run) -> list[str]:
    """Answer the back-test notebook."""
    figures, q = a.backtest.figures, percent(a.backtest.capture_share)
    methods = figures[figures["kind"] == "method"]
    best = methods["gini"].idxmax()
    others = methods[~methods["by_construction"]]
    cuts = methods["granularity_loss"].max() - methods["granularity_loss"].min()
    text = [
        _(
            "**At the cut of {cut} {label} sorts customers best: {gini} on a scale where random "
            "order is 0 and perfect foresight 1.** Its first {q} of customers brought {capture} of "
            "the holdout value; sorting by past revenue finds {revenue}, perfect foresight "
            "{perfect}, random order {random}.",
            cut=a.windows.cut,
            label=best,
            gini=decimal(methods["gini"][best], 3),
            q=q,
            capture=percent(methods["capture"][best]),
            revenue=percent(figures["capture"][REVENUE_SORT]),
            perfect=percent(figures["capture"][ORACLE]),
            random=percent(figures["capture"][RANDOM]),
        )
    ]
    if len(others) and len(methods) > 1:
        text.append(_main_difference(cuts, others["skill"].abs().max()))
    return text


def _main_difference(cuts: float, order: float) -> str:
    """Say whether schemes differ more by where they cut or by how they order customers."""
    sizes = {"cuts": decimal(cuts, 3), "order": decimal(order, 3)}
    if cuts > order:
        return _(
            "Most of the difference between the schemes is where they cut: the sizes of their "
            "tiers alone make a difference of up to {cuts}, a better or worse order of customers "
            "at most {order}.",
            **sizes,
        )
    return _(
        "Most of the difference between the schemes is how they order customers: the sizes of "
        "their tiers alone make a difference of up to {cuts}, a better or worse order of customers "
        "at most {order}.",
        **sizes,
    )


def over_dates(a: Run) -> list[str]:
    """Say how far the order of the schemes depends on the cut date."""
    dates, summary = a.rolling.origins, a.rolling.summary
    if len(dates) == 1:
        return [
            _(
                "All of this rests on one cut date, {cut}: {reason}.",
                cut=a.windows.cut,
                reason=one_date_only(a),
            )
        ]
    # Among schemes tried at several dates: the mean of others is inferred from one.
    several = summary[summary["origins"] > 1].drop(index=REVENUE_SORT)
    best = (several if len(several) else summary.drop(index=REVENUE_SORT))["mean"].idxmax()
    row, revenue = summary.loc[best], summary.loc[REVENUE_SORT]
    text = _(
        "**{title}.** The schemes learned and were judged afresh at {number} dates from {first} to "
        "{last}, each followed by {span} of purchases. On average {label} is highest with {mean} "
        "(95 % interval {interval}, lowest and highest date {range}); sorting by past revenue "
        "reaches {revenue}. The interval counts which customers there are and which dates were "
        "looked at; the stretches of time after the dates overlap, so it is rather too narrow than "
        "too wide.",
        title=dates_title(a),
        number=few(len(dates)),
        first=dates["cut"].iloc[0],
        last=dates["cut"].iloc[-1],
        span=holdout_span(a),
        label=best,
        mean=decimal(row["mean"], 3),
        interval=between(row["mean_low"], row["mean_high"], 3),
        range=between(row["lowest"], row["highest"], 3),
        revenue=decimal(revenue["mean"], 3),
    )
    return [text, *absent(a)]


def dates_title(a: Run) -> str:
    """Say at how many cut dates the most frequent winner wins."""
    wins, dates = a.rolling.summary["wins"].drop(REVENUE_SORT), len(a.rolling.origins)
    label, most = wins.idxmax(), int(wins.max())
    if most == dates == 2:
        return _("{label} sorts customers best at both cut dates", label=label)
    if most == dates:
        return _(
            "{label} sorts customers best at all {dates} cut dates", label=label, dates=few(dates)
        )
    if most > dates / 2:
        return _(
            "{label} sorts customers best at {most} of {dates} cut dates",
            label=label,
            most=few(most),
            dates=few(dates),
        )
    return _(
        "No scheme sorts customers best at more than {most} of {dates} cut dates",
        most=few(most),
        dates=few(dates),
    )


def one_date_only(a: Run) -> str:
    """Say why there is no earlier cut date."""
    if a.study.backtest.origins == 1:
        return _("the study asks for no other")
    if a.rolling.skipped:
        cut, reason = next(iter(a.rolling.skipped.items()))
        return _("no earlier date can be judged (at {cut} {reason})", cut=cut, reason=reason)
    return _("the history is too short for an earlier one")


def absent(a: Run) -> list[str]:
    """Say which schemes do not stand at every cut date, and why; nothing if all do."""
    found, dates = a.rolling.absent, len(a.rolling.origins)
    if found.empty:
        return []
    parts = [
        _(
            "{label} at {number} ({reason})",
            label=label,
            number=few(dates - len(rows)),
            reason=rows["reason"].iloc[0].rstrip("."),
        )
        for label, rows in found.groupby("label", sort=False)
    ]
    return [
        _(
            "Of the {dates} dates some schemes stand at fewer: {schemes}. Their average is that of "
            "the revenue sort over all dates plus their distance from it where they stand, and "
            "counts as less sure.",
            dates=few(dates),
            schemes=_("; ").join(parts),
        )
    ]


def leaders(a: Run, most: int) -> list[str]:
    """Return the recommended method and those with the highest normalised Gini."""
    figures = a.backtest.figures
    best = figures[figures["kind"] == "method"]["gini"].nlargest(most).index
    chosen = [a.verdict.recommended] if a.verdict.recommended else []
    return list(dict.fromkeys([*chosen, *best]))[:most]


def yardsticks() -> dict[str, str]:
    """Return the yardsticks that gains curves are drawn of, and what a reader calls them."""
    return {label: shown(label) for label in (ORACLE, REVENUE_SORT)}


def gains_title(a: Run) -> str:
    """Say what the recommended scheme captures, or the best where none is recommended."""
    label, q = a.verdict.recommended or a.verdict.best, a.backtest.capture_share
    return _(
        "The first {q} of customers by {label} brought {capture} of the value",
        q=percent(q),
        label=label,
        capture=percent(a.backtest.figures["capture"][label]),
    )


def skill_title(a: Run) -> str:
    """Say how many schemes order customers better than past revenue."""
    methods = a.backtest.figures.query("kind == 'method' and not by_construction")
    better = int((methods["skill_low"] > 0).sum())
    return _(
        "{better} of {number} schemes with an order of their own clearly beat the revenue sort at "
        "equal sizes",
        better=few(better).capitalize(),
        number=few(len(methods)),
    )
