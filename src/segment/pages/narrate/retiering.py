"""The sentences of the re-tiering page."""

from __future__ import annotations

import math

import pandas as pd

from segment.action import retiering
from segment.action.retiering import NEW, RETURNED, UP, Movement, Retiering
from segment.evidence.intervals import wilson
from segment.evidence.stability import NO_PURCHASE
from segment.language import _, _n, tier_name
from segment.pages import views
from segment.pages.narrate.common import span
from segment.run import Run
from segment.words import count, decimal, listed, money, percent, signed

# Windows much shorter than a year lie in different seasons.
WHOLE_YEAR = 330
MOST_NAMED = 3


def answer(a: Run, label: str, found: Retiering) -> list[str]:
    """Answer the re-tiering notebook: who moved, and is it more than noise?"""
    m = retiering.movement(found)
    if not m.customers:
        return [_("**No customer bought in both periods, so nobody can be seen to move.**"),
                around(found)]  # fmt: skip
    said = _(
        "**{share} of the {customers} who bought in both periods of {length} moved to another "
        "tier of {label}: {up} up and {down} down.**",
        share=percent(m.share), customers=count(m.customers, "customer"), length=_length(a),
        label=label, up=f"{m.up:,}", down=f"{m.down:,}",
    )  # fmt: skip
    return [f"{said} {beyond(a, label, m)}"]


def beyond(a: Run, label: str, m: Movement) -> str:
    """Say which part of the movement is more than noise."""
    noise = views.retiering.noise(a, label)
    shares = wilson(pd.Series([m.up + m.down]), pd.Series([m.customers]))
    low, high = shares[["low", "high"]].iloc[0]
    if m.share == 0:
        return _("Nobody moved, so there is nothing to explain.")
    figures = {"noise": percent(noise), "low": percent(low), "high": percent(high)}
    if noise == 0:
        first = _("Drawing other customers would not have changed a single tier: all of it is more "
                  "than the chance of who happened to be there.")  # fmt: skip
    elif low > noise:
        first = _(
            "That is more than noise in the limits: with limits from customers drawn anew {noise} "
            "would change tier, here {low} to {high} do (95 % interval).",
            **figures,
        )
    else:
        first = _(
            "That is no more than noise in the limits: with limits from customers drawn anew "
            "{noise} would change tier, here {low} to {high} do (95 % interval).",
            **figures,
        )
    return f"{first} {net(m)}"


def net(m: Movement) -> str:
    """Say whether moves up and down cancel out: of those who stayed, and of everyone."""
    value, low, high = m.net
    if low > 0:
        said = _(
            "Of those who stayed, more rose than fell, by {points} percentage points ({low} to "
            "{high}).",
            **_ends(value, low, high),
        )
    elif high < 0:
        said = _(
            "Of those who stayed, more fell than rose, by {points} percentage points ({low} to "
            "{high}).",
            **_ends(-value, -high, -low),
        )
    else:
        said = _(
            "Of those who stayed, moves up and down about cancel out (net {points} percentage "
            "points, {low} to {high}), as the usual ups and downs of buying would give; a single "
            "move is no proof of a trend.",
            **_ends(value, low, high),
        )
    return f"{said} {_with_leavers(m)}".strip()


def _with_leavers(m: Movement) -> str:
    """Say the same with those who left as falls and those who arrived as rises."""
    if not m.lost + m.arrived:
        return ""
    value, low, high = m.net_all
    who = {"counted": _counted(m)}
    if low > 0:
        return _(
            "{counted}, the customer base as a whole gained: net {points} percentage points up "
            "({low} to {high}).",
            **who, **_ends(value, low, high),
        )  # fmt: skip
    if high < 0:
        return _(
            "{counted}, the customer base as a whole lost: net {points} percentage points down "
            "({low} to {high}).",
            **who, **_ends(-value, -high, -low),
        )  # fmt: skip
    return _(
        "{counted}, the customer base as a whole neither gained nor lost: net {points} percentage "
        "points ({low} to {high}).",
        **who, **_ends(value, low, high),
    )  # fmt: skip


def _counted(m: Movement) -> str:
    """Say who counts beside those who stayed."""
    lost, arrived = f"{m.lost:,}", f"{m.arrived:,}"
    if not m.arrived:
        return _("Counting the {lost} who stayed away as falls", lost=lost)
    if not m.lost:
        return _("Counting the {arrived} who came as rises", arrived=arrived)
    return _("Counting the {lost} who stayed away as falls and the {arrived} who came as rises",
             lost=lost, arrived=arrived)  # fmt: skip


def _ends(value: float, low: float, high: float) -> dict[str, str]:
    return {"points": _points(value), "low": _points(low), "high": _points(high)}


def drift(found: Retiering) -> str:
    """Say how many move only because the limits are learned afresh."""
    m = retiering.movement(found)
    if not m.customers:
        return ""
    again = percent(m.share_recomputed)
    if not found.limits["moved"].any():
        return _("The limits are the same in both periods: every move is a customer's own.")
    said = _(
        "With limits learned afresh in the later period, {again} of the same customers would "
        "change tier instead of {share}.",
        again=again, share=percent(m.share),
    )  # fmt: skip
    only = _n(
        "{n} customer would change tier only because the limits moved, and {hidden} who did change "
        "would seem to stay.",
        "{n} customers would change tier only because the limits moved, and {hidden} who did "
        "change would seem to stay.",
        m.by_limits, hidden=f"{m.hidden:,}",
    )  # fmt: skip
    return f"{said} {only}"


def limits(found: Retiering) -> str:
    """Say where the limits were and where they are now."""
    moved = [(row.tier, retiering.figure(row.then, row.now))
             for row in found.limits.itertuples() if row.moved]  # fmt: skip
    told = [(tier, pair) for tier, pair in moved if pair]
    if not told:
        return ""
    parts = []
    for tier, pair in told[:MOST_NAMED]:
        then, now = _figures(*pair)
        parts.append(_("{tier} from {then} to {now}", tier=tier_name(tier), then=then, now=now))
    return _("The limits moved, in the units of the rules below: {limits}.", limits=listed(parts))


def around(found: Retiering) -> str:
    """Say who left, who is new and who came back."""
    before = ~found.customers["before"].isin([NEW, RETURNED])
    lost = int((found.customers["frozen"] == NO_PURCHASE).sum())
    new, back = (int((found.customers["before"] == word).sum()) for word in (NEW, RETURNED))
    share = lost / before.sum() if before.sum() else math.nan
    said = (
        _("Beside them, {lost} of the earlier period ({share}) bought nothing in the later one.",
          lost=count(lost, "customer"), share=percent(share))
        if lost else _("Everybody of the earlier period bought again in the later one.")
    )  # fmt: skip
    if not new + back:
        return f"{said} {_('Nobody is new, and nobody came back after a pause.')}"
    came = _(
        "{new} of the later period are new, {back} came back after a pause.",
        new=count(new, "customer"), back=f"{back:,}",
    )  # fmt: skip
    return f"{said} {came}"


def method(a: Run) -> str:
    """Say what the two kinds of limits mean, and what the windows cannot show."""
    said = _(
        "Frozen limits were learned in the earlier period and are applied to the later one, so "
        "that only customers can move. Recomputed limits move as well: for everyday work, freeze "
        "the limits and renew them on announced days."
    )
    if views.retiering.days(a) >= WHOLE_YEAR:
        return said
    season = _(
        "The two periods of {length} lie in different seasons; a part of the movement may be the "
        "time of the year.",
        length=_length(a),
    )
    return f"{said} {season}"


def candidates(a: Run, moved: pd.DataFrame) -> str:
    """Say how many are to be moved up and down, and what money hangs on them."""
    if moved.empty:
        return _("Nobody is to be moved.")
    currency, parts = a.study.currency, []
    for way, group in moved.groupby("move", sort=False):
        figures = {"before": money(group["value_before"].sum(), currency),
                   "after": money(group["value_after"].sum(), currency)}  # fmt: skip
        if way == UP:
            parts.append(_n(
                "**{n} customer may move up**: spent {before} in the earlier period, {after} in "
                "the later.",
                "**{n} customers may move up**: they spent {before} in the earlier period, {after} "
                "in the later.", len(group), **figures,
            ))  # fmt: skip
        else:
            parts.append(_n(
                "**{n} customer may move down**: spent {before} in the earlier period, {after} in "
                "the later.",
                "**{n} customers may move down**: they spent {before} in the earlier period, "
                "{after} in the later.", len(group), **figures,
            ))  # fmt: skip
    sure = _(
        "{sure} of the {all} move the same way under recomputed limits; look at the others before "
        "telling them. Their names are in the confidential files.",
        sure=f"{int(moved['sure'].sum()):,}",
        all=f"{len(moved):,}",
    )
    return " ".join([*parts, sure])


def moves_title(found: Retiering) -> str:
    """Say how many moved under either kind of limits."""
    m = retiering.movement(found)
    if not m.customers:
        return _("Nobody bought in both periods")
    return _(
        "{share} moved under frozen limits, {again} under recomputed ones",
        share=percent(m.share), again=percent(m.share_recomputed),
    )  # fmt: skip


def _length(a: Run) -> str:
    return span(views.retiering.days(a))


def _points(share: float) -> str:
    return signed(100 * share, 1) if share < 0 else decimal(100 * share, 1)


def _figures(*pair: float) -> list[str]:
    """Return two figures with as many decimals as the smaller of them needs."""
    whole = all(abs(value) >= 100 or value == round(value) for value in pair)
    return [f"{value:,.{0 if whole else 2}f}" for value in pair]
