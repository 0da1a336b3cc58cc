"""The tables of the re-tiering page."""

from __future__ import annotations

from functools import partial

import pandas as pd
from IPython.display import HTML

from segment import retiering, views
from segment.analysis import Analysis
from segment.display import table
from segment.language import _, tier_name
from segment.narrate.common import FEWEST, span
from segment.narrate.previous import FIGURES
from segment.previous import Comparison
from segment.retiering import UP, Retiering
from segment.stability import NO_PURCHASE
from segment.tables.cells import in_words
from segment.views.retiering import Attrition
from segment.words import decimal, money, percent, signed


def limits(a: Analysis, found: Retiering) -> HTML:
    """Show every tier's rule then and now, and how many it holds under either."""
    frame = found.limits.drop(columns="moved")
    frame["tier"] = frame["tier"].map(tier_name)
    frame[frame.columns[1:3]] = frame[frame.columns[1:3]].map(in_words)
    frame.columns = [_("Tier"), _("Rule then"), _("Rule now"), _("Customers then"),
                     _("Now, frozen limits"), _("Now, recomputed limits")]  # fmt: skip
    caption = _("Limits and sizes, two periods of {length}", length=span(views.retiering.days(a)))
    return table(frame, caption, dict.fromkeys(frame.columns[3:], "{:,}"))


def flows(a: Analysis, found: Retiering) -> HTML:
    """Show customers by tier before and after, under frozen limits; small cells are held back."""
    counts = retiering.flows(found)
    shown = counts.map(partial(number, a)).rename(columns=_place, index=_place)
    shown = shown.reset_index(names=_("From \\ to"))
    return table(shown, _("Customers by tier then and now, frozen limits"))


def candidates(a: Analysis, found: Retiering, moved: pd.DataFrame) -> HTML:
    """Show counts and money of upgrades and downgrades; small cells are held back."""
    frame = retiering.summary(moved, found.tiers)
    few = _held_back(a, frame)
    worth = partial(money, currency=a.study.currency)
    shown = pd.DataFrame({
        _("Move"): [_("up") if move == UP else _("down") for move in frame["move"]],
        _("From"): frame["from"].map(tier_name), _("To"): frame["to"].map(tier_name),
        _("Customers"): frame["customers"].map(partial(number, a)),
        _("Also by recomputed limits"): frame["sure"].where(~few).map(_whole),
        _("Amount then"): frame["value_before"].where(~few).map(worth, na_action="ignore"),
        _("Amount now"): frame["value_after"].where(~few).map(worth, na_action="ignore"),
    })  # fmt: skip
    caption = (
        _("Candidates for another tier (–: held back, few customers)")
        if few.any()
        else _("Candidates for another tier")
    )
    return table(shown.astype(object).fillna("–"), caption)


def attrition(found: Attrition) -> HTML:
    """Show the share of each tier that bought nothing in the following period."""
    frame = found.shares
    shown = pd.DataFrame({
        _("Tier"): [_("all customers") if t is None else tier_name(t) for t in frame["tier"]],
        _("Customers"): frame["customers"],
        _("Without a purchase"): frame["lost"],
        _("Share [95 % interval]"): _intervals(frame, "share", "low", "high"),
    })  # fmt: skip
    if not found.direct:
        shown[_("The same a year")] = _intervals(frame, "year", "year_low", "year_high")
    return table(shown, _("Who bought nothing in the following period"),
                 {_("Customers"): "{:,}", _("Without a purchase"): "{:,}"})  # fmt: skip


def since_last(c: Comparison) -> HTML:
    """Show each scheme's figures in the last report and in this one."""
    frame = c.figures
    beyond = ["–" if c.same_data or pd.isna(row.difference)
              else _("yes") if row.beyond else _("no") for row in frame.itertuples()]  # fmt: skip
    shown = pd.DataFrame({
        _("Scheme"): frame["label"], _("Figure"): [_(FIGURES[f]) for f in frame["figure"]],
        _("Last report"): [decimal(x, 3) if pd.notna(x) else _("not there") for x in frame["old"]],
        _("This report"): [decimal(x, 3) if pd.notna(x) else _("not there") for x in frame["new"]],
        _("Change"): [signed(x) if pd.notna(x) else "–" for x in frame["difference"]],
        _("More than noise"): beyond,
    })  # fmt: skip
    return table(shown, _("This report against the last one"))


def sizes(c: Comparison, label: str) -> HTML:
    """Show a scheme's tier sizes in the last report and in this one."""
    frame = c.tiers[c.tiers["label"] == label]
    shown = pd.DataFrame({
        _("Tier"): frame["tier"].map(tier_name),
        _("Last report"): [f"{row.old:,.0f} ({percent(row.old_share, 1)})"
                           for row in frame.itertuples()],
        _("This report"): [f"{row.new:,.0f} ({percent(row.new_share, 1)})"
                           for row in frame.itertuples()],
        _("Change"): [_("{points} points", points=signed(100 * (row.new_share - row.old_share), 1))
                      for row in frame.itertuples()],
    })  # fmt: skip
    return table(shown, _("Tier sizes of {label}", label=label))


def number(a: Analysis, customers: int) -> str:
    """Return a number of customers; a small one is held back where pages name nobody."""
    if 0 < customers < FEWEST and a.study.identifiers == "hide":
        return _("under {n}", n=FEWEST)
    return f"{customers:,}"


def _held_back(a: Analysis, frame: pd.DataFrame) -> pd.Series:
    """Return which moves show no amounts: small ones, and a partner of a single small one.

    The text gives the amounts of all moves up and of all moves down, so that the others
    would tell a single small one.
    """
    few = frame["customers"].lt(FEWEST) & (a.study.identifiers == "hide")
    for _move, group in frame.groupby("move"):
        small = few[group.index]
        if small.sum() == 1 and len(group) > 1:
            few[group["customers"].where(~small).idxmin()] = True
    return few


def _place(name: str) -> str:
    words = {NO_PURCHASE: _("no purchase"), retiering.NEW: _("new customers"),
             retiering.RETURNED: _("back after a pause")}  # fmt: skip
    return words.get(name) or tier_name(name)


def _whole(value: float) -> str:
    return "–" if pd.isna(value) else f"{int(value):,}"


def _intervals(frame: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    return [
        f"{percent(row[value], 1)} [{percent(row[low], 1)}, {percent(row[high], 1)}]"
        if row["customers"] else "–"
        for _i, row in frame.iterrows()
    ]  # fmt: skip
