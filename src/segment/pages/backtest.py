"""Which scheme finds the customers who matter next, at one cut date and at several?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from segment.evidence.backtest import ORACLE, RANDOM, REVENUE_SORT, shown
from segment.features.windows import Windows
from segment.language import _
from segment.pages._figure import thinned
from segment.pages._words import one_date_only, sentences, span
from segment.run import Run
from segment.words import between, decimal, few, listed, percent


def named(study: Run, label: str) -> str:
    """Return the name of a scheme as the study gives it, or what a yardstick is called."""
    return label if label in study.methods else _("{name} (yardstick)", name=shown(label))


def by_date(study: Run) -> pd.DataFrame:
    """Return the normalised Gini of every scheme and the revenue sort at every cut date.

    ``scheme``, ``cut``, ``gini``, ``mean`` (over the dates): highest mean first, by date within.
    """
    mean = study.rolling.summary["mean"]
    table = study.rolling.figures.assign(mean=study.rolling.figures["label"].map(mean))
    table = table.sort_values(["mean", "label", "cut"], ascending=[False, True, True])
    table["scheme"] = [named(study, label) for label in table["label"]]
    return table[["scheme", "cut", "gini", "mean"]].reset_index(drop=True)


def gains(study: Run, most: int = 3) -> pd.DataFrame:
    """Return gains curves: the recommended scheme, the best ones, and two yardsticks.

    ``scheme``, ``customers`` and ``value``: cumulative shares. Each curve has at most 200
    points, each of at least five customers, so that none shows what a single one brought.
    """
    curves, number = study.backtest.curves, len(study.customers)
    parts = {}
    for label in [*leaders(study, most), REVENUE_SORT, ORACLE]:
        curve = curves[curves["label"] == label]
        parts[named(study, label)] = curve.iloc[thinned(number * curve["customers"])]
    return pd.concat(parts, names=["scheme"])[["customers", "value"]].reset_index("scheme")


def leaders(study: Run, most: int) -> list[str]:
    """Return the recommended scheme and those with the highest normalised Gini."""
    figures = study.backtest.figures
    best = figures.loc[list(study.methods), "gini"].nlargest(most).index
    recommended = study.verdict.recommended
    return list(dict.fromkeys([*([recommended] if recommended else []), *best]))[:most]


def answer(study: Run) -> list[str]:
    """Say which scheme sorts best at the study's own cut, and what the schemes differ by."""
    figures = study.backtest.figures
    schemes = figures.loc[list(study.methods)]
    best = schemes["gini"].idxmax()
    text = [
        _(
            "**At the cut of {cut} {label} sorts customers best: {gini} on a scale where random "
            "order is 0 and perfect foresight 1.** Its first {q} of customers brought {capture} of "
            "the holdout value; sorting by past revenue finds {revenue}, perfect foresight "
            "{perfect}, random order {random}.",
            cut=study.windows.cut,
            label=best,
            gini=decimal(schemes["gini"][best], 3),
            q=percent(study.backtest.capture_share),
            capture=percent(schemes["capture"][best]),
            revenue=percent(figures["capture"][REVENUE_SORT]),
            perfect=percent(figures["capture"][ORACLE]),
            random=percent(figures["capture"][RANDOM]),
        )
    ]
    others = schemes[~schemes["by_construction"]]
    if len(others) and len(schemes) > 1:
        text.append(_main_difference(schemes["granularity_loss"], others["skill"]))
    return text


def _main_difference(losses: pd.Series, skills: pd.Series) -> str:
    """Say whether schemes differ more by where they cut or by how they order customers."""
    cuts, order = losses.max() - losses.min(), skills.abs().max()
    return _(
        "Most of the difference between the schemes is {what}: the sizes of their tiers alone make "
        "a difference of up to {cuts}, a better or worse order of customers at most {order}.",
        what=_("where they cut") if cuts > order else _("how they order customers"),
        cuts=decimal(cuts, 3),
        order=decimal(order, 3),
    )


def over_dates(study: Run) -> list[str]:
    """Say how far the order of the schemes depends on the cut date."""
    dates, summary = study.rolling.origins, study.rolling.summary
    if len(dates) == 1:
        return [
            _(
                "All of this rests on one cut date, {cut}: {reason}.",
                cut=study.windows.cut,
                reason=one_date_only(study),
            )
        ]
    revenue, schemes = summary.loc[REVENUE_SORT], summary.drop(index=REVENUE_SORT)
    # Among schemes tried at several dates: the mean of others is inferred from one.
    several = schemes[schemes["origins"] > 1]
    best = (schemes if several.empty else several)["mean"].idxmax()
    row = schemes.loc[best]
    text = _(
        "**{title}.** The schemes learned and were judged afresh at {number} dates from {first} to "
        "{last}, each followed by {span} of purchases. On average {label} is highest with {mean} "
        "(95 % interval {interval}, lowest and highest date {range}); sorting by past revenue "
        "reaches {revenue}. The interval counts which customers there are and which dates were "
        "looked at; the stretches of time after the dates overlap, so it is rather too narrow than "
        "too wide.",
        title=dates_title(schemes["wins"], len(dates)),
        number=few(len(dates)),
        first=dates["cut"].iloc[0],
        last=dates["cut"].iloc[-1],
        span=span(study.windows.holdout_days),
        label=best,
        mean=decimal(row["mean"], 3),
        interval=between(row["mean_low"], row["mean_high"], 3),
        range=between(row["lowest"], row["highest"], 3),
        revenue=decimal(revenue["mean"], 3),
    )
    return [
        sentences(text, next_season(study.windows, dates["cut"])),
        absent(study.rolling.absent, len(dates)),
    ]


def next_season(windows: Windows, cuts: Iterable[dt.date]) -> str:
    """Say which cut dates were followed by the season that comes next; empty if none was."""
    dates = [cut for cut in cuts if windows.sees_next_season(cut)]
    if not dates:
        return ""
    return _(
        "What comes next, {first} to {last}, is of the season that followed {dates}.",
        first=windows.end,
        last=windows.newest_day + dt.timedelta(windows.holdout_days),
        dates=listed([str(cut) for cut in dates]),
    )


def dates_title(wins: pd.Series, dates: int) -> str:
    """Say at how many of so many cut dates the most frequent winner wins."""
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


def absent(missing: pd.DataFrame, dates: int) -> str:
    """Say which schemes do not stand at every cut date, and why; empty if all do."""
    if missing.empty:
        return ""
    parts = [
        _(
            "{label} at {number} ({reason})",
            label=label,
            number=few(dates - len(rows)),
            reason=rows["reason"].iloc[0].rstrip("."),
        )
        for label, rows in missing.groupby("label", sort=False)
    ]
    return _(
        "Of the {dates} dates some schemes stand at fewer: {schemes}. Their average is that of "
        "the revenue sort over all dates plus their distance from it where they stand, and "
        "counts as less sure.",
        dates=few(dates),
        schemes=_("; ").join(parts),
    )


def gains_title(study: Run) -> str:
    """Say what the recommended scheme captures, or the best where none is recommended."""
    label = study.known(None)
    return _(
        "The first {q} of customers by {label} brought {capture} of the value",
        q=percent(study.backtest.capture_share),
        label=label,
        capture=percent(study.backtest.figures["capture"][label]),
    )


def skill_title(schemes: pd.DataFrame) -> str:
    """Say how many schemes order customers better than past revenue."""
    own = schemes[~schemes["by_construction"]]
    return _(
        "{better} of {number} schemes with an order of their own clearly beat the revenue sort at "
        "equal sizes",
        better=few(int((own["skill_low"] > 0).sum())).capitalize(),
        number=few(len(own)),
    )
