"""The sentences of the back-test page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.backtest import ORACLE, RANDOM, REVENUE_SORT
from segment.narrate.common import holdout_span
from segment.words import between, decimal, few, percent


def answer(a: Analysis) -> list[str]:
    """Answer the back-test notebook."""
    figures, q = a.backtest.figures, percent(a.backtest.capture_share)
    methods = figures[figures["kind"] == "method"]
    best = methods["gini"].idxmax()
    revenue, perfect = figures.loc[REVENUE_SORT], figures.loc[ORACLE]
    others = methods[~methods["by_construction"]]
    cuts = methods["granularity_loss"].max() - methods["granularity_loss"].min()
    text = [
        f"**At the cut of {a.periods.cut} {best} sorts customers best: "
        f"{decimal(methods['gini'][best], 3)} on a scale where random order is 0 and perfect "
        "foresight 1.** Its first "
        f"{q} of customers brought {percent(methods['capture'][best])} of the holdout value; "
        f"sorting by past revenue finds {percent(revenue['capture'])}, perfect foresight "
        f"{percent(perfect['capture'])}, random order {percent(figures['capture'][RANDOM])}."
    ]
    if len(others) and len(methods) > 1:
        order = others["skill"].abs().max()
        main = "where they cut" if cuts > order else "how they order customers"
        text.append(
            f"Most of the difference between the schemes is {main}: the sizes of their tiers alone "
            f"make a difference of up to {decimal(cuts, 3)}, a better or worse order of customers "
            f"at most {decimal(order, 3)}."
        )
    return text


def over_dates(a: Analysis) -> list[str]:
    """Say how far the order of the schemes depends on the cut date."""
    dates, summary = a.rolling.origins, a.rolling.summary
    if len(dates) == 1:
        return [f"All of this rests on one cut date, {a.periods.cut}: {one_date_only(a)}."]
    best, number = summary.drop(index=REVENUE_SORT)["mean"].idxmax(), few(len(dates))
    row, revenue = summary.loc[best], summary.loc[REVENUE_SORT]
    text = (
        f"**{dates_title(a)}.** The schemes learned and were judged afresh at {number} dates from "
        f"{dates['cut'].iloc[0]} to {dates['cut'].iloc[-1]}, each followed by {holdout_span(a)} of "
        f"purchases. On average {best} is highest with {decimal(row['mean'], 3)} (95 % interval "
        f"{between(row['mean_low'], row['mean_high'], 3)}, lowest and highest date "
        f"{between(row['lowest'], row['highest'], 3)}); sorting by past revenue reaches "
        f"{decimal(revenue['mean'], 3)}. The interval counts which customers there are and which "
        "dates were looked at; the stretches of time after the dates overlap, so it is rather "
        "too narrow than too wide."
    )
    return [text, *absent(a)]


def dates_title(a: Analysis) -> str:
    """Say at how many cut dates the most frequent winner wins."""
    wins, dates = a.rolling.summary["wins"].drop(REVENUE_SORT), len(a.rolling.origins)
    label, most = wins.idxmax(), int(wins.max())
    if most == dates:
        every = "both" if dates == 2 else f"all {few(dates)}"
        return f"{label} sorts customers best at {every} cut dates"
    if most > dates / 2:
        return f"{label} sorts customers best at {few(most)} of {few(dates)} cut dates"
    return f"No scheme sorts customers best at more than {few(most)} of {few(dates)} cut dates"


def one_date_only(a: Analysis) -> str:
    """Say why there is no earlier cut date."""
    if a.study.backtest.origins == 1:
        return "the study asks for no other"
    if a.rolling.skipped:
        cut, reason = next(iter(a.rolling.skipped.items()))
        return f"no earlier date can be judged (at {cut} {reason})"
    return "the history is too short for an earlier one"


def absent(a: Analysis) -> list[str]:
    """Say which schemes do not stand at every cut date, and why; nothing if all do."""
    found, dates = a.rolling.absent, len(a.rolling.origins)
    if found.empty:
        return []
    parts = [
        f"{label} at {few(dates - len(rows))} ({rows['reason'].iloc[0].rstrip('.')})"
        for label, rows in found.groupby("label", sort=False)
    ]
    return [
        f"Of the {few(dates)} dates some schemes stand at fewer: {'; '.join(parts)}. Their average "
        "is that of the revenue sort over all dates plus their distance from it where they stand, "
        "and counts as less sure."
    ]


def leaders(a: Analysis, most: int) -> list[str]:
    """Return the recommended method and those with the highest normalised Gini."""
    figures = a.backtest.figures
    best = figures[figures["kind"] == "method"]["gini"].nlargest(most).index
    chosen = [a.verdict.recommended] if a.verdict.recommended else []
    return list(dict.fromkeys([*chosen, *best]))[:most]


def gains_title(a: Analysis) -> str:
    """Say what the recommended scheme captures, or the best where none is recommended."""
    label, q = a.verdict.recommended or a.verdict.best, a.backtest.capture_share
    capture = a.backtest.figures["capture"][label]
    return f"The first {percent(q)} of customers by {label} brought {percent(capture)} of the value"


def skill_title(a: Analysis) -> str:
    """Say how many schemes order customers better than past revenue."""
    methods = a.backtest.figures.query("kind == 'method' and not by_construction")
    better = int((methods["skill_low"] > 0).sum())
    return (
        f"{few(better).capitalize()} of {few(len(methods))} schemes with an order of their own "
        "clearly beat the revenue sort at equal sizes"
    )
