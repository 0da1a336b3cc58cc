"""The sentences of the back-test page."""

from __future__ import annotations

from segment.analysis import Analysis
from segment.backtest import ORACLE, RANDOM, REVENUE_SORT
from segment.words import decimal, few, percent


def answer(a: Analysis) -> list[str]:
    """Answer the back-test notebook."""
    figures, q = a.backtest.figures, percent(a.backtest.capture_share)
    methods = figures[figures["kind"] == "method"]
    best = methods["gini"].idxmax()
    revenue, perfect = figures.loc[REVENUE_SORT], figures.loc[ORACLE]
    others = methods[~methods["by_construction"]]
    cuts = methods["granularity_loss"].max() - methods["granularity_loss"].min()
    text = [
        f"**{best} sorts customers best: {decimal(methods['gini'][best], 3)} on a scale where "
        "random order is 0 and perfect foresight 1.** Its first "
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
