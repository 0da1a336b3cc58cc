"""Tables of the page on fixed limits: who would move, who is near, who is kept."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.evidence.profiles import FEWEST
from segment.language import _
from segment.pages import views
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, names
from segment.run import Run
from segment.words import money, percent


def moved_limits(a: Run, label: str) -> HTML:
    """Show how many customers each tier has if all limits are higher or lower."""
    method, moves = a.methods[label], views.thresholds.moves(a, label)
    reach = percent(views.thresholds.REACH)
    sizes = {name: moves[name].value_counts(sort=False) for name in moves}
    return build(
        _("{label}: customers by tier if every limit moved", label=label),
        (_("Tier"), names(method.tiers_)),
        (_("Limit"), [*(_figure(a, method.by, limit) for limit in method.limits_), NONE]),
        (_("Limits {reach} lower", reach=reach), sizes["lower"], "{:,}"),
        (_("Customers"), sizes["now"], "{:,}"),
        (_("Limits {reach} higher", reach=reach), sizes["higher"], "{:,}"),
    )


def near_limits(a: Run, label: str) -> HTML:
    """Show who stands just below and just above each limit, and what they brought."""
    method, near = a.methods[label], views.thresholds.near(a, label)
    reach = percent(views.thresholds.REACH)
    return build(
        _("{label}: customers near a limit, and their holdout value", label=label),
        (_("Tier"), names(near.index)),
        (_("Limit"), [_figure(a, method.by, limit) for limit in near["limit"]]),
        (_("Up to {reach} below", reach=reach), near["below"], "{:,}"),
        (_("They brought each (95 %)"), _brought(a, near, "below")),
        (_("Up to {reach} above", reach=reach), near["above"], "{:,}"),
        (_("Those brought each (95 %)"), _brought(a, near, "above")),
    )


def kept_by_grace(a: Run, label: str) -> HTML:
    """Show who earned each tier and who keeps it by grace; nothing if nobody does."""
    held = views.thresholds.grace(a, label)
    if held.empty:
        return HTML("")
    return build(
        _("{label}: tiers earned and tiers kept, and their holdout value", label=label),
        (_("Tier"), names(held.index)),
        (_("Earned it"), held["earned"], "{:,}"),
        (_("They brought each (95 %)"), _brought(a, held, "earned")),
        (_("Keep it by grace"), held["kept"], "{:,}"),
        (_("Those brought each (95 %)"), _brought(a, held, "kept")),
    )


def _figure(a: Run, by: str, limit: float) -> str:
    return money(limit, a.study.currency) if views.thresholds.is_money(by) else f"{limit:,.6g}"


def _brought(a: Run, frame: pd.DataFrame, group: str) -> list[str]:
    """Return mean holdout values with their intervals; too few customers are not shown."""
    rows = (row for __, row in frame.iterrows())
    return [_mean(a, row, group) if row[group] >= FEWEST else NONE for row in rows]


def _mean(a: Run, row: pd.Series, group: str) -> str:
    value, low, high = (
        money(row[f"{group}_{part}"], a.study.currency) for part in ("value", "low", "high")
    )
    return _("{value} ({low} to {high})", value=value, low=low, high=high)
