"""Which scheme finds the customers who matter next, at one cut date and at several?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from segment.evidence.backtest import ORACLE, PLAIN_SORT, RANDOM, shown
from segment.features.windows import Windows
from segment.language import _, _n
from segment.pages._figure import thinned
from segment.pages._words import gain, one_date_only, sentences, span, the_list
from segment.run import Run
from segment.words import decimal, few, listed, percent


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
    figures, capture = study.backtest.figures, study.backtest.figures["capture"]
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
        text.append(_("**{label}** finds most. {gain}", label=found.label, gain=gain(found)))
    schemes = figures.loc[list(study.methods)]
    others = schemes[~schemes["by_construction"]]
    if len(others) and len(schemes) > 1:
        text.append(_main_difference(schemes["granularity_loss"], others["skill"]))
    return text


def _main_difference(losses: pd.Series, skills: pd.Series) -> str:
    """Say whether schemes differ more by where they cut or by how they order customers."""
    cuts, order = losses.max() - losses.min(), skills.abs().max()
    return _(
        "Most of the difference in normalised Gini is {what}: the sizes of their tiers alone make "
        "a difference of up to {cuts}, a better or worse order of customers at most {order}.",
        what=_("where they cut") if cuts > order else _("how they order customers"),
        cuts=decimal(cuts, 3),
        order=decimal(order, 3),
    )


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
        "followed by {span} of purchases. The intervals of the means count which customers there "
        "are and which dates were looked at; the stretches of time after the dates overlap, so "
        "they are rather too narrow than too wide.",
        number=few(len(dates)),
        first=dates["cut"].iloc[0],
        last=dates["cut"].iloc[-1],
        span=span(study.windows.holdout_days),
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


def dates_title(study: Run) -> str:
    """Say how many schemes found more than the plain sort at every cut date."""
    summary = study.rolling.summary.drop(index=PLAIN_SORT)
    always = int((summary["gain_lowest"] > 0).sum())
    return _n(
        "{number} scheme found more than the plain sort at every cut date",
        "{number} schemes found more than the plain sort at every cut date",
        always,
        number=few(always).capitalize(),
    )


def dates_note(study: Run) -> str:
    """Say what the marks of the dates are."""
    return _(
        "Blue: {scheme}. Filled: the study's own cut; hollow: earlier ones; line: their mean. Not "
        "drawn: what never found more",
        scheme=study.known(None),
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
        "Of the {dates} dates some schemes stand at fewer: {schemes}. Their average Gini is that "
        "of the plain sort over all dates plus their distance from it where they stand, and "
        "counts as less sure.",
        dates=few(dates),
        schemes=_("; ").join(parts),
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
