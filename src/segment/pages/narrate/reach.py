"""The sentences on whom it is worth contacting at all."""

from __future__ import annotations

import math

from segment.action import capacity
from segment.language import _, tier_name
from segment.pages import views
from segment.pages.narrate.common import holdout_span
from segment.pages.narrate.hours import in_hours
from segment.run import Run
from segment.words import count, decimal, listed, money, percent


def answer(a: Run, label: str) -> list[str]:
    """Say down to which tier contacts reach more buyers than calling everybody, and the saving."""
    found = views.plan.reach(a, label)
    everybody, buyers = int(found["customers"].sum()), int(found["buyers"].sum())
    if buyers == 0:
        return [_("Nobody bought in the next {span}, so no contact would have reached a buyer.",
                  span=holdout_span(a))]  # fmt: skip
    text = [
        _("Of {everybody}, {buyers} bought in the next {span}. To contact all of them "
          "once{what} takes {effort} per buyer.", what=_contact(a, label),
          everybody=count(everybody, "customer"), buyers=f"{buyers:,}",
          span=holdout_span(a), effort=_effort(a, label, everybody / buyers))
    ]  # fmt: skip
    good = capacity.worth_contacting(found)
    if not good or len(good) == len(found):
        text.append(_("No group of the best tiers buys more often than all customers together, so "
                      "the tiers do not say whom to leave out."))  # fmt: skip
        return text
    last = found.loc[good[-1]]
    reached, caught = int(last["customers_so_far"]), int(last["buyers_so_far"])
    text.append(_("**The tiers that buy more often than the average are {tiers}: {customers}, "
                  "{share} of all, with {caught} of the {buyers} buyers ({part}).** That is "
                  "{effort} per buyer. Leaving the others out saves {saved} a round and "
                  "misses {missed}.",
                  tiers=listed([f"*{tier_name(tier)}*" for tier in good]),
                  customers=count(reached, "customer"), share=percent(reached / everybody),
                  caught=f"{caught:,}", buyers=f"{buyers:,}", part=percent(caught / buyers),
                  effort=_effort(a, label, reached / caught),
                  saved=_saved(a, label, everybody - reached),
                  missed=count(buyers - caught, "buyer")))  # fmt: skip
    text.append(_("These customers bought whether or not somebody called: a contact cannot have "
                  "won more buyers than this, and whether it wins any, only an experiment "
                  "shows."))  # fmt: skip
    return text


def _contact(a: Run, label: str) -> str:
    """Say which contact is counted: the quickest of the plan."""
    role, kind, hours = views.plan.contact(a, label)
    if not hours:
        return ""
    return _(" ({role}, {kind}: {each})", role=_(role), kind=_(kind),
             each=_("{n} hours", n=f"{hours:g}"))  # fmt: skip


def _contact_cost(a: Run, label: str) -> float:
    role, _kind, hours = views.plan.contact(a, label)
    people = views.plan.team(a)
    return hours * people["cost"].get(role, math.nan)


def _effort(a: Run, label: str, contacts: float) -> str:
    cost, each = _contact_cost(a, label), per_buyer(contacts)
    if math.isnan(cost) or cost == 0:
        return _("{each} contacts", each=each)
    return _("{each} contacts, or {cost},", each=each,
             cost=money(round(contacts * cost, 2), a.study.currency))  # fmt: skip


def _saved(a: Run, label: str, customers: int) -> str:
    hours = views.plan.contact(a, label)[2] * customers
    if hours == 0:
        return _("{contacts} contacts", contacts=f"{customers:,}")
    cost = _contact_cost(a, label)
    if math.isnan(cost) or cost == 0:
        return in_hours(hours)
    return _("{hours} or {cost}", hours=in_hours(hours),
             cost=money(round(customers * cost), a.study.currency))  # fmt: skip


def per_buyer(contacts: float) -> str:
    """Return contacts per buyer: 2.3, 25."""
    return f"{contacts:,.0f}" if contacts >= 10 else decimal(contacts, 1)


def title(a: Run, label: str) -> str:
    """Say which share of the buyers the best tiers hold."""
    found = views.plan.reach(a, label)
    good = capacity.worth_contacting(found)
    if not good:
        return _("{label}: buyers reached by contacting tier after tier", label=label)
    last = found.loc[good[-1]]
    return _("Contacting the first {share} of the customers reaches {part} of the buyers",
             share=percent(last["customers_so_far"] / found["customers"].sum()),
             part=percent(last["buyers_so_far"] / found["buyers"].sum()))  # fmt: skip


def axis(a: Run, label: str) -> str:
    """Say what a contact is, for the axis."""
    role, kind, hours = views.plan.contact(a, label)
    if not hours:
        return _("Customers contacted, the best tier first")
    return _("Hours for one contact each ({role}, {kind}: {each}), the best tier first",
             role=_(role), kind=_(kind), each=_("{n} hours", n=f"{hours:g}"))  # fmt: skip
