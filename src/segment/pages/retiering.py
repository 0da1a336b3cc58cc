"""Who has moved between tiers, and is that more than noise?"""

from __future__ import annotations

import pandas as pd

from segment.action import retiering
from segment.action.retiering import NEW, RETURNED, UP, Movement, Retiering
from segment.evidence.intervals import wilson
from segment.evidence.refit import refitted
from segment.evidence.stability import NO_PURCHASE
from segment.features.windows import EARLIER, LAST_YEAR, LATER, NEXT_YEAR
from segment.language import _
from segment.pages._words import held_back, number_of_points, sentences, span
from segment.run import Run
from segment.run.scheme import Scheme, once
from segment.tiering import told
from segment.words import between, count, more, more_between, percent


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
    return retiering.candidates(moved, run.sure(scheme.label))


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
    noise = 1 - float(run.sure(scheme.label).mean())
    return [sentences(first, beyond(noise, total)), around(moved)]


def beyond(noise: float, total: Movement) -> str:
    """Say how much resampling alone would move."""
    moved, of = pd.Series([total.up + total.down]), pd.Series([total.customers])
    ends = wilson(moved, of).iloc[0]
    return _(
        "Of such customers between {low} and {high} move; by the chance of the sample alone it "
        "would be {noise}.",
        noise=percent(noise),
        low=percent(ends["low"]),
        high=percent(ends["high"]),
    )


def around(moved: Retiering) -> str:
    """Say who left, who is new, who came back, and what all of it comes to."""
    before, now = moved.customers["before"], moved.customers["frozen"]
    lost = int((now == NO_PURCHASE).sum())
    new, back = (int((before == word).sum()) for word in (NEW, RETURNED))
    net, low, high = retiering.movement(moved).net
    return _(
        "Of the earlier period's customers, {lost} bought nothing in the later one; {new} "
        "customers are new, {back} came back after a pause. With these counted as falls and rises, "
        "rises are {net} than falls, in points of all customers ({range}).",
        lost=f"{lost:,}",
        new=f"{new:,}",
        back=f"{back:,}",
        net=more(net, number_of_points),
        range=more_between(low, high, number_of_points),
    )


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
    table = retiering.attrition(tiers, run.snapshot(after).index, attrition_days(run))
    table["tier"] = table["tier"].fillna(_("all customers"))
    names = {"share": "lost_share", "low": "lost_share_low", "high": "lost_share_high"}
    table = table.rename(columns=names)
    told = [column for column in table if column.startswith(("lost_share", "year"))]
    few = held_back(run.study, table["lost"].iloc[:-1])
    table[told] = table[told].mask(few.reindex(table.index, fill_value=False))
    return table.drop(columns=["year", "year_low", "year_high"]) if _direct(run) else table


def attrition_days(run: Run) -> int:
    """Return the length of each of the two periods that attrition compares."""
    return retiering.YEAR if LAST_YEAR in run.windows.named else run.windows.pair_days


def _direct(run: Run) -> bool:
    """Return whether a period is a year, so that nothing is extrapolated."""
    return abs(attrition_days(run) - retiering.YEAR) <= 1


def attrition_answer(run: Run, label: str) -> list[str]:
    """Say how many customers a company loses a year without doing anything."""
    table = attrition(run, label)
    everyone = table.iloc[-1]
    if not everyone["customers"]:
        return []
    first = _(
        "**{share} of the customers of one period of {length} bought nothing in the next** "
        "({range}).",
        share=percent(everyone["lost_share"], 1),
        length=span(attrition_days(run)),
        range=between(*(percent(everyone[f"lost_share_{end}"], 1) for end in ("low", "high"))),
    )
    yearly = ""
    if not _direct(run):
        yearly = _(
            "That is {year} a year if every period loses the same share; customers who only pause "
            "make it too high.",
            year=percent(everyone["year"]),
        )
    return [sentences(first, yearly)]
