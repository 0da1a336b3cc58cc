"""The sentences on the hours that a plan takes."""

from __future__ import annotations

from segment.action import capacity
from segment.language import _, current
from segment.pages import views
from segment.run import Run
from segment.study.service import Rate
from segment.words import count, decimal, listed


def title(a: Run, label: str) -> str:
    """Say whose hours do not suffice."""
    need = views.plan.load(a, label)
    there = need[need["available"].notna()]
    if there.empty:
        return _("The plan takes {total} a month", total=in_hours(need["mid"].sum()))
    short = [_(role) for role in there.index[there["load"] > 1 + capacity.SLACK]]
    if short:
        return _("The hours do not suffice: {roles}", roles=listed(short))
    return _("The hours suffice in every role of the team")


def contacts(a: Run, label: str) -> str:
    """Say how long each kind of contact takes."""
    plan = views.plan.plan(a, label).drop_duplicates(["role", "kind"])
    if plan.empty:
        return ""
    same = plan.groupby("kind", sort=False)["each"].nunique() == 1
    one = plan[plan["kind"].map(same)].drop_duplicates("kind")
    own = plan[~plan["kind"].map(same)]
    parts = [
        *(_("{kind} {hours}", kind=_(r.kind), hours=f"{r.each:g}") for r in one.itertuples()),
        *(_("{kind} by {role} {hours}", kind=_(r.kind), role=_(r.role), hours=f"{r.each:g}")
          for r in own.itertuples()),
    ]  # fmt: skip
    return _("Hours for one contact: {parts}.", parts=listed(parts))


def note(a: Run, label: str) -> str:
    """Say which roles of the plan the team lacks."""
    need, people = views.plan.load(a, label), views.plan.team(a)
    absent = need.index[need["available"].isna() & (need["mid"] > 0)]
    if people.empty or not len(absent):
        return ""
    return _("The team in the study has no hours for {roles}; nothing is compared there.",
             roles=listed([_(role) for role in absent]))  # fmt: skip


def in_hours(number: float) -> str:
    """Return hours in words; decimals only below ten."""
    if number >= 9.95 or number == round(number):
        return count(round(number), "hour")
    return _("{n} hours", n=decimal(number, 1))


def often(rate: Rate) -> str:
    """Return how often a contact takes place; a study's own English is put into Chinese."""
    said = _(rate.text)
    if current() == "en" or said != rate.text or not said.isascii():
        return said
    if rate.high < 1:
        return _("every {n} months", n=_range(1 / rate.high, 1 / rate.low))
    return _("{n} a month", n=_range(rate.low, rate.high))


def _range(low: float, high: float) -> str:
    return f"{low:.3g}" if low == high else f"{low:.3g}-{high:.3g}"
