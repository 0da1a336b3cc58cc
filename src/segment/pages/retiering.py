"""Who has moved between tiers, and is that more than noise?"""

from __future__ import annotations

import math

import pandas as pd

from segment.action import attrition as leaving
from segment.action import retiering
from segment.action.retiering import NEW, RETURNED, UP, Movement, Retiering
from segment.evidence.intervals import wilson
from segment.evidence.refit import refitted
from segment.evidence.stability import NO_PURCHASE
from segment.features.windows import EARLIER, LAST_YEAR, LATER, NEXT_YEAR
from segment.language import N_, _, _n, tier_name
from segment.pages._words import held_back, sentences, span
from segment.run import Run
from segment.scheme import Scheme, once
from segment.tiering import told
from segment.words import count, decimal, listed, money, percent, signed

# Windows much shorter than a year lie in different seasons.
WHOLE_YEAR = 330
# Tiers of fewer customers are not said to lose least or most.
ENOUGH = 30


def moves(run: Run, scheme: Scheme) -> Retiering:
    """Return a scheme in the two windows that meet at the cut."""
    windows = [run.snapshot(name) for name in (EARLIER, LATER)]
    with told.of(run.study.currency, run.windows.pair_days, *windows):
        return retiering.retiering(scheme.method, *windows, run.customers.index)


def flows(moved: Retiering) -> pd.DataFrame:
    """Return customers by tier then (rows) and now (columns), best first, in words."""
    words = {
        NO_PURCHASE: _("no purchase"),
        NEW: _("new customers"),
        RETURNED: _("back after a pause"),
    }
    table = retiering.flows(moved).rename(index=words, columns=words)
    return table.rename_axis(index="from", columns=None)


def candidates(run: Run, scheme: Scheme, moved: Retiering) -> pd.DataFrame:
    """Return the customers to move up or down, with their ids: for confidential files only."""
    return retiering.candidates(moved, run.stability.keep[scheme.label])


def candidates_by_move(run: Run, moved: Retiering, people: pd.DataFrame) -> pd.DataFrame:
    """Return counts and money of upgrades and downgrades; where few move, no money.

    ``move``, ``from``, ``to``, ``customers``, ``value_before``, ``value_after``.
    """
    table = retiering.summary(people, moved.tiers)
    # The amounts of all moves up and of all moves down stand in the text.
    few = table.groupby("move")["customers"].transform(lambda size: held_back(run.study, size))
    told = ["value_before", "value_after"]
    table[told] = table[told].mask(few.astype(bool))
    return table.assign(move=[_("up") if way == UP else _("down") for way in table["move"]])


def answer(run: Run, scheme: Scheme, moved: Retiering) -> list[str]:
    """Say who moved, whether it is more than noise, who left and who came."""
    total = retiering.movement(moved)
    if not total.customers:
        nobody = _("**No customer bought in both periods, so nobody can be seen to move.**")
        return [nobody, around(moved)]
    first = _(
        "**{share} of the {customers} who bought in both periods of {length} moved to another "
        "tier of {label}: {up} up and {down} down.**",
        share=percent(total.share),
        customers=count(total.customers, "customer"),
        length=span(run.windows.pair_days),
        label=scheme.label,
        up=f"{total.up:,}",
        down=f"{total.down:,}",
    )
    noise = 1 - float(run.stability.keep[scheme.label].mean())
    return [sentences(first, beyond(noise, total)), around(moved)]


def beyond(noise: float, total: Movement) -> str:
    """Say which part of the movement is more than noise, the share that resampling moves."""
    if total.share == 0:
        return _("Nobody moved, so there is nothing to explain.")
    moved, of = pd.Series([total.up + total.down]), pd.Series([total.customers])
    ends = wilson(moved, of).iloc[0]
    if noise == 0:
        first = _(
            "Drawing other customers would not have changed a single tier: all of it is more "
            "than the chance of who happened to be there."
        )
    else:
        first = _(
            "That is {how} than noise in the limits: with limits from customers drawn anew {noise} "
            "would change tier, here {low} to {high} do (95 % interval).",
            how=_("more") if ends["low"] > noise else _("no more"),
            noise=percent(noise),
            low=percent(ends["low"]),
            high=percent(ends["high"]),
        )
    return sentences(first, net(total))


def net(total: Movement) -> str:
    """Say whether moves up and down cancel out: of those who stayed, and of everyone."""
    ends, sign = _ends(total.net)
    words = {
        1: N_(
            "Of those who stayed, more rose than fell, by {points} percentage points ({low} to "
            "{high})."
        ),
        -1: N_(
            "Of those who stayed, more fell than rose, by {points} percentage points ({low} to "
            "{high})."
        ),
        0: N_(
            "Of those who stayed, moves up and down about cancel out (net {points} percentage "
            "points, {low} to {high}), as the usual ups and downs of buying would give; a single "
            "move is no proof of a trend."
        ),
    }
    return sentences(_(words[sign], **ends), _with_leavers(total))


def _with_leavers(total: Movement) -> str:
    """Say the same with those who left as falls and those who arrived as rises."""
    if not total.lost + total.arrived:
        return ""
    left = _("the {n} who stayed away as falls", n=f"{total.lost:,}") if total.lost else ""
    came = _("the {n} who came as rises", n=f"{total.arrived:,}") if total.arrived else ""
    ends, sign = _ends(total.net_all)
    words = {
        1: N_(
            "Counting {them}, the customer base as a whole gained: net {points} percentage points "
            "up ({low} to {high})."
        ),
        -1: N_(
            "Counting {them}, the customer base as a whole lost: net {points} percentage points "
            "down ({low} to {high})."
        ),
        0: N_(
            "Counting {them}, the customer base as a whole neither gained nor lost: net {points} "
            "percentage points ({low} to {high})."
        ),
    }
    return _(words[sign], them=listed([*filter(None, [left, came])]), **ends)


def _ends(net: tuple[float, float, float]) -> tuple[dict[str, str], int]:
    """Return a net share with its interval in points, without a sure sign, and that sign."""
    value, low, high = net
    sign = 1 if low > 0 else -1 if high < 0 else 0
    if sign < 0:
        value, low, high = -value, -high, -low
    return {"points": _points(value), "low": _points(low), "high": _points(high)}, sign


def _points(share: float) -> str:
    return signed(100 * share, 1) if share < 0 else decimal(100 * share, 1)


def around(moved: Retiering) -> str:
    """Say who left, who is new and who came back."""
    before, now = moved.customers["before"], moved.customers["frozen"]
    lost = int((now == NO_PURCHASE).sum())
    new, back = (int((before == word).sum()) for word in (NEW, RETURNED))
    earlier = len(before) - new - back
    left = (
        _(
            "Beside them, {lost} of the earlier period ({share}) bought nothing in the later one.",
            lost=count(lost, "customer"),
            share=percent(lost / earlier if earlier else math.nan),
        )
        if lost
        else _("Everybody of the earlier period bought again in the later one.")
    )
    came = (
        _(
            "{new} of the later period are new, {back} came back after a pause.",
            new=count(new, "customer"),
            back=f"{back:,}",
        )
        if new + back
        else _("Nobody is new, and nobody came back after a pause.")
    )
    return sentences(left, came)


def method(run: Run) -> str:
    """Say what frozen limits mean, and what the windows cannot show."""
    frozen = _(
        "The limits are frozen: learned in the earlier period and applied to the later one, so "
        "that only customers can move. Renew them on announced days."
    )
    if run.windows.pair_days >= WHOLE_YEAR:
        return frozen
    season = _(
        "The two periods of {length} lie in different seasons; a part of the movement may be the "
        "time of the year.",
        length=span(run.windows.pair_days),
    )
    return sentences(frozen, season)


def moves_title(moved: Retiering) -> str:
    """Say how many moved."""
    total = retiering.movement(moved)
    if not total.customers:
        return _("Nobody bought in both periods")
    return _(
        "{share} of those who bought in both periods moved: {up} up, {down} down",
        share=percent(total.share),
        up=f"{total.up:,}",
        down=f"{total.down:,}",
    )


def candidates_answer(run: Run, people: pd.DataFrame) -> str:
    """Say how many are to be moved up and down, and what money hangs on them."""
    if people.empty:
        return _("Nobody is to be moved.")
    parts = []
    for way, group in people.groupby("move", sort=False):
        text = _n(
            "**{n} customer may move {way}**: spent {before} in the earlier period, {after} in "
            "the later.",
            "**{n} customers may move {way}**: they spent {before} in the earlier period, "
            "{after} in the later.",
            len(group),
            way=_("up") if way == UP else _("down"),
            before=money(group["value_before"].sum(), run.study.currency),
            after=money(group["value_after"].sum(), run.study.currency),
        )
        parts.append(text)
    return sentences(*parts, _("Their names are in the confidential files."))


@once
def attrition(run: Run, label: str) -> pd.DataFrame:
    """Return which share of each tier stayed away in the year after, or in the later window.

    ``tier`` (all customers last), ``customers``, ``lost``, ``share`` with ``_low`` and
    ``_high``, ``year`` (the same a year) with ``_low`` and ``_high``; without the last, where
    nothing is to be extrapolated.
    """
    yearly = LAST_YEAR in run.windows.named
    before, after = (LAST_YEAR, NEXT_YEAR) if yearly else (EARLIER, LATER)
    customers = run.snapshot(before)
    tiers = refitted(run.methods[label], customers).predict(customers)
    table = leaving.attrition(tiers, run.snapshot(after).index, attrition_days(run))
    table["tier"] = table["tier"].fillna(_("all customers"))
    names = {"share": "lost_share", "low": "lost_share_low", "high": "lost_share_high"}
    table = table.rename(columns=names)
    return table.drop(columns=["year", "year_low", "year_high"]) if _direct(run) else table


def attrition_days(run: Run) -> int:
    """Return the length of each of the two periods that attrition compares."""
    return leaving.YEAR if LAST_YEAR in run.windows.named else run.windows.pair_days


def _direct(run: Run) -> bool:
    """Return whether a period is a year, so that nothing is extrapolated."""
    return abs(attrition_days(run) - leaving.YEAR) <= 1


def attrition_answer(run: Run, label: str) -> list[str]:
    """Say how many customers a company loses a year without doing anything."""
    table = attrition(run, label)
    everyone = table.iloc[-1]
    if not everyone["customers"]:
        return []
    figures = {
        "share": percent(everyone["lost_share"], 1),
        "low": percent(everyone["lost_share_low"], 1),
        "high": percent(everyone["lost_share_high"], 1),
    }
    if _direct(run):
        first = _(
            "**{share} of the customers of one year bought nothing in the next** (95 % interval "
            "{low} to {high}).",
            **figures,
        )
    else:
        first = _(
            "**{share} of the customers of one period of {length} bought nothing in the next** "
            "(95 % interval {low} to {high}); that is {year} a year, if every period loses the "
            "same share and nobody comes back: 1 - (1 - {share})^(365 / {days}). Customers who "
            "only pause make this too high.",
            length=span(attrition_days(run)),
            days=attrition_days(run),
            year=percent(everyone["year"]),
            **figures,
        )
    meaning = _(
        "Lost means here: no purchase in the whole following period. Nobody gives notice, so "
        "some of them will come back. The often quoted 5 % a year is for customers under "
        "contract; compare with your own last year instead."
    )
    return [sentences(first, extremes(table)), meaning]


def extremes(table: pd.DataFrame) -> str:
    """Say which tiers lose most and least, where they can be told apart."""
    tiers = table.iloc[:-1].query("customers >= @ENOUGH").sort_values("lost_share")
    if len(tiers) < 2:
        return ""
    least, most = tiers.iloc[0], tiers.iloc[-1]
    if least["lost_share_high"] >= most["lost_share_low"]:
        return ""
    return _(
        "Tier {least} loses least ({least_share}), tier {most} most ({most_share}).",
        least=tier_name(least["tier"]),
        least_share=percent(least["lost_share"], 1),
        most=tier_name(most["tier"]),
        most_share=percent(most["lost_share"], 1),
    )
