"""The sentences on what the plan's cost, else its hours, hang on."""

from __future__ import annotations

import pandas as pd

from segment.action.capacity.load import STEP
from segment.language import _, tier_name
from segment.pages import views
from segment.run import Run
from segment.words import percent


def is_money(a: Run, label: str) -> bool:
    """Return whether costs and margin are known, so that the plan has a break-even."""
    costs = views.plan.costs(a, label)
    return bool(costs["cost"].sum(skipna=False) > 0 and costs["margin"].sum(skipna=False) > 0)


def title(a: Run, label: str) -> str:
    """Say on which assumption the outcome hangs most."""
    found = views.plan.tornado(a, label)
    if found.empty:
        return _("Nothing is planned, so nothing moves it")
    first = found.iloc[0]
    low, high = sorted([first["low"], first["high"]])
    if is_money(a, label):
        return _("The plan needs {base} more margin; {low} to {high} with {what}",
                 base=percent(first["base"]), what=bar(first), low=percent(low),
                 high=percent(high))  # fmt: skip
    return _("The plan takes {base} hours a month; {low} to {high} with {what}",
             base=f"{first['base']:,.0f}", what=bar(first), low=f"{low:,.0f}",
             high=f"{high:,.0f}")  # fmt: skip


def bars(found: pd.DataFrame) -> list[str]:
    """Return what each bar of the tornado changes."""
    return [bar(row) for _place, row in found.iterrows()]


def bar(row: pd.Series) -> str:
    """Return what a bar of the tornado changes."""
    step = percent(STEP)
    if row["assumption"] == "hours":
        return _("hours per contact ±{step}", step=step)
    if row["assumption"] == "cost":
        return _("cost per hour ±{step}", step=step)
    if row["assumption"] == "margin":
        return _("margin rate ±{step}", step=step)
    if row["assumption"] == "contacts":
        return _("contacts with {tier}", tier=tier_name(row["tier"]))
    return _("customers in {tier} ±{step}", tier=tier_name(row["tier"]), step=step)


def note() -> str:
    """Say how the bars are made."""
    return _("Each bar changes one figure and keeps the others. Contacts move over the range in "
             "the plan, such as 2-3 a month, else by {step}; a tier's customers come from the last "
             "tier or go there.", step=percent(STEP))  # fmt: skip
