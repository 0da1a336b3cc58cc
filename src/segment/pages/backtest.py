"""Which scheme finds the customers who matter next, at one cut date and at several?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from segment.evidence.backtest import ORACLE, PLAIN_SORT, RANDOM, shown
from segment.features.windows import Windows
from segment.language import _
from segment.pages._figure import thinned
from segment.pages._words import gain, one_date_only, sentences, span, the_list
from segment.run import Run
from segment.words import few, listed, percent


def named(study: Run, label: str) -> str:
    """Return the name of a scheme as the study gives it, or what a yardstick is called."""
    return label if label in study.methods else _("{name} (yardstick)", name=shown(label))


def named_once(study: Run, table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of schemes, one for those that hold the same customers, under all their names."""
    same = study.backtest.figures["same_as"]
    alike = {first: list(rows.index) for first, rows in same.groupby(same, sort=False)}
    table = table[[same.get(label, label) == label for label in table.index]]
    return table.rename(lambda label: ", ".join(named(study, n) for n in alike.get(label, [label])))


def by_date(study: Run) -> pd.DataFrame:
    """Return what every scheme found more than the plain sort at every cut date.

    ``scheme``, ``cut``, ``gain`` and ``mean`` (over the dates) in points of what known customers
    brought: highest mean first, by date within; without those that are the plain sort or have no
    border near the share that can be served.
    """
    points = 100 * study.rolling.figures.pivot(index="label", columns="cut", values="gain")
    points = points.loc[~study.backtest.figures.loc[points.index, "by_construction"]]
    points = named_once(study, points.assign(mean=100 * study.rolling.summary["gain"]))
    points = points.sort_values("mean", ascending=False).rename_axis("scheme").reset_index()
    table = points.melt(["scheme", "mean"], var_name="cut", value_name="gain").dropna()
    return table.sort_values(["mean", "scheme", "cut"], ascending=[False, True, True])


def gains(study: Run) -> pd.DataFrame:
    """Return gains curves: the scheme that is recommended, or sorts best, and two yardsticks.

    ``scheme``, ``customer_share`` and ``value_share``, cumulative. Each curve has at most 100
    points, each of at least five customers, so that none shows what a single one brought.
    """
    curves, number = study.backtest.curves, len(study.customers)
    parts = {}
    for label in [study.known(None), PLAIN_SORT, ORACLE]:
        curve = curves[curves["label"] == label]
        parts[named(study, label)] = curve.iloc[thinned(number * curve["customers"])]
    curves = pd.concat(parts, names=["scheme"])[["customers", "value"]]
    return curves.set_axis(["customer_share", "value_share"], axis="columns").reset_index("scheme")


def answer(study: Run) -> list[str]:
    """Say what the plain sort finds at the study's own cut, and how the schemes compare to it."""
    capture = study.backtest.figures["capture"]
    schemes = [scheme for scheme in study.schemes.values() if pd.notna(scheme.figures["gain"])]
    found = max(schemes, key=lambda scheme: scheme.figures["gain"], default=None)
    text = [
        _(
            "**At the cut of {cut} the first {q} of {list} brought {plain} of what came in "
            "afterwards from the customers known by then.** Perfect foresight finds {perfect}, "
            "random order {random}.",
            cut=study.windows.cut,
            q=percent(study.backtest.served_share),
            list=the_list(study.scheme()),
            plain=percent(capture[PLAIN_SORT]),
            perfect=percent(capture[ORACLE]),
            random=percent(capture[RANDOM]),
        )
    ]
    if found and found.figures["gain"] > 0:
        text.append(gain(found))
    return text


def over_dates(study: Run) -> list[str]:
    """Say how far what the schemes find depends on the cut date."""
    dates = study.rolling.origins
    if len(dates) == 1:
        return [
            _(
                "All of this rests on one cut date, {cut}: {reason}.",
                cut=study.windows.cut,
                reason=one_date_only(study),
            )
        ]
    text = _(
        "The schemes learned and were judged afresh at {number} dates from {first} to {last}, each "
        "followed by {span} of purchases. These overlap, so the intervals are rather too narrow.",
        number=few(len(dates)),
        first=dates["cut"].iloc[0],
        last=dates["cut"].iloc[-1],
        span=span(study.windows.holdout_days),
    )
    season = next_season(study.windows, dates["cut"])
    return [sentences(text, season), absent(study.rolling.absent)]


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


def dates_title(study: Run) -> str:
    """Say how many schemes found more than the plain sort at every cut date."""
    summary = study.rolling.summary.drop(index=PLAIN_SORT)
    return _(
        "Schemes that found more than the plain sort at every cut date: {number}",
        number=int((summary["gain_lowest"] > 0).sum()),
    )


def dates_note(study: Run) -> str:
    """Say what the marks of the dates are."""
    return _(
        "Blue: {scheme}. Filled: the study's own cut; hollow: earlier ones; line: their mean. Not "
        "drawn: what never found more",
        scheme=study.known(None),
    )


def absent(missing: pd.DataFrame) -> str:
    """Say which schemes do not stand at every cut date, and why; empty if all do."""
    if missing.empty:
        return ""
    reasons = missing.drop_duplicates("label").set_index("label")["reason"]
    parts = [f"{label} ({reason.rstrip('.')})" for label, reason in reasons.items()]
    return _(
        "Absent at some of the dates, and averaged over the others: {schemes}.",
        schemes=listed(parts),
    )


def gains_title(study: Run) -> str:
    """Say what the recommended scheme captures, or the best where none is recommended."""
    label = study.known(None)
    return _(
        "The first {q} of customers by {label} brought {capture} of what known customers did",
        q=percent(study.backtest.served_share),
        label=label,
        capture=percent(study.backtest.figures["capture"][label]),
    )
