"""The tables of the re-tiering page."""

from __future__ import annotations

from functools import partial

import pandas as pd
from IPython.display import HTML

from segment.action import retiering
from segment.action.previous import Comparison
from segment.action.retiering import UP, Retiering
from segment.evidence.stability import NO_PURCHASE
from segment.language import _, tier_name
from segment.pages import views
from segment.pages.narrate.common import span, too_few
from segment.pages.narrate.previous import FIGURES
from segment.pages.tables.build import Write, build
from segment.pages.tables.cells import NONE, amount, names, number
from segment.pages.views.retiering import Attrition
from segment.run import Run
from segment.words import decimal, percent, signed


def limits(a: Run, found: Retiering) -> HTML:
    """Show every tier's rule then and now, and how many it holds under either."""
    frame = found.limits
    return build(
        _("Limits and sizes, two periods of {length}", length=span(views.retiering.days(a))),
        (_("Tier"), names(frame["tier"])),
        (_("Rule then"), frame["then"]),
        (_("Rule now"), frame["now"]),
        (_("Customers then"), frame["before"], "{:,}"),
        (_("Now, frozen limits"), frame["frozen"], "{:,}"),
        (_("Now, recomputed limits"), frame["recomputed"], "{:,}"),
    )


def flows(a: Run, found: Retiering) -> HTML:
    """Show customers by tier before and after, under frozen limits; small cells are held back."""
    counts = retiering.flows(found)
    return build(
        _("Customers by tier then and now, frozen limits"),
        (_("From \\ to"), [_place(name) for name in counts.index]),
        *((_place(name), counts[name].map(partial(number, a))) for name in counts),
    )


def candidates(a: Run, found: Retiering, moved: pd.DataFrame) -> HTML:
    """Show counts and money of upgrades and downgrades; small cells are held back."""
    frame = retiering.summary(moved, found.tiers)
    few = _held_back(a, frame)

    def shown(column: str, write: Write) -> pd.Series:
        return frame[column].map(write).where(~few, NONE)

    caption = (
        _("Candidates for another tier (–: held back, few customers)")
        if few.any()
        else _("Candidates for another tier")
    )
    return build(
        caption,
        (_("Move"), [_("up") if move == UP else _("down") for move in frame["move"]]),
        (_("From"), names(frame["from"])),
        (_("To"), names(frame["to"])),
        (_("Customers"), frame["customers"].map(partial(number, a))),
        (_("Also by recomputed limits"), shown("sure", "{:,}".format)),
        (_("Amount then"), shown("value_before", amount(a))),
        (_("Amount now"), shown("value_after", amount(a))),
    )


def attrition(found: Attrition) -> HTML:
    """Show the share of each tier that bought nothing in the following period."""
    frame = found.shares
    year = (_("The same a year"), _intervals(frame, "year", "year_low", "year_high"))
    return build(
        _("Who bought nothing in the following period"),
        (_("Tier"), [_("all customers") if t is None else tier_name(t) for t in frame["tier"]]),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Without a purchase"), frame["lost"], "{:,}"),
        (_("Share [95 % interval]"), _intervals(frame, "share", "low", "high")),
        *(() if found.direct else (year,)),
    )


def since_last(c: Comparison) -> HTML:
    """Show each scheme's figures in the last report and in this one."""
    frame = c.figures
    beyond = [NONE if c.same_data or pd.isna(row.difference)
              else _("yes") if row.beyond else _("no") for row in frame.itertuples()]  # fmt: skip
    return build(
        _("This report against the last one"),
        (_("Scheme"), frame["label"]),
        (_("Figure"), [_(FIGURES[figure]) for figure in frame["figure"]]),
        (_("Last report"), [_there(value) for value in frame["old"]]),
        (_("This report"), [_there(value) for value in frame["new"]]),
        (_("Change"), [signed(x) if pd.notna(x) else NONE for x in frame["difference"]]),
        (_("More than noise"), beyond),
    )


def sizes(c: Comparison, label: str) -> HTML:
    """Show a scheme's tier sizes in the last report and in this one."""
    frame = c.tiers[c.tiers["label"] == label]
    points = 100 * (frame["new_share"] - frame["old_share"])
    return build(
        _("Tier sizes of {label}", label=label),
        (_("Tier"), names(frame["tier"])),
        (
            _("Last report"),
            _sizes(frame["old"], frame["old_share"]),
        ),
        (
            _("This report"),
            _sizes(frame["new"], frame["new_share"]),
        ),
        (_("Change"), [_("{points} points", points=signed(by, 1)) for by in points]),
    )


def _there(value: float) -> str:
    return decimal(value, 3) if pd.notna(value) else _("not there")


def _sizes(customers: pd.Series, shares: pd.Series) -> list[str]:
    return [f"{n:,.0f} ({percent(share, 1)})" for n, share in zip(customers, shares, strict=True)]


def _held_back(a: Run, frame: pd.DataFrame) -> pd.Series:
    """Return which moves show no amounts: small ones, and a partner of a single small one.

    The text gives the amounts of all moves up and of all moves down, so that the others
    would tell a single small one.
    """
    few = too_few(a, frame["customers"])
    for _move, group in frame.groupby("move"):
        small = few[group.index]
        if small.sum() == 1 and len(group) > 1:
            few[group["customers"].where(~small).idxmin()] = True
    return few


def _place(name: str) -> str:
    words = {NO_PURCHASE: _("no purchase"), retiering.NEW: _("new customers"),
             retiering.RETURNED: _("back after a pause")}  # fmt: skip
    return words.get(name) or tier_name(name)


def _intervals(frame: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    return [
        f"{percent(row[value], 1)} [{percent(row[low], 1)}, {percent(row[high], 1)}]"
        if row["customers"] else NONE
        for _i, row in frame.iterrows()
    ]  # fmt: skip
