"""The sentences on the best division of the hours."""

from __future__ import annotations

from segment.action import capacity, service
from segment.language import _
from segment.pages import views
from segment.pages.narrate.common import holdout_span
from segment.run import Run
from segment.words import count, listed, percent


def answer(a: Run, label: str) -> str:
    """Say what the best use of the hours is, by how much it beats the plan, and its limits."""
    placed, names = views.plan.best(a, label), a.study.service.names
    if views.plan.team(a).empty:
        return _("The study names no team, so there are no hours to divide.")
    if placed is None:
        return _("Not even the floor for everybody fits the hours, so there is nothing to divide.")
    found, weights = views.plan.tiers(a, label), service.weights(a.study.service)
    total = (found["mean"] * found["customers"]).sum()
    if total == 0:
        return _("Customers brought nothing after the cut, so no use of the hours is better than "
                 "another.")  # fmt: skip
    best = capacity.reached(placed, found["mean"], weights) / total
    plan = (found["mean"] * found["customers"] * weights[found["level"]]).sum() / total
    counted = listed([_("{level} {weight}", level=_(name), weight=percent(weight))
                      for name, weight in zip(names, weights, strict=True)])  # fmt: skip
    parts = listed([_("{customers} at {level}", level=_(names[level]),
                      customers=count(int(placed[level].sum()), "customer"))
                    for level in placed if placed[level].sum() > 0])  # fmt: skip
    fits = views.plan.remedies(a, label)["fits"].all()
    compared = (
        _("The plan itself reaches {plan}.", plan=percent(plan))
        if fits
        else _("The plan would reach {plan}, with hours that are not there.", plan=percent(plan))
    )
    return " ".join([
        _("With the hours there are, the best division is {parts}. It reaches {best} of the value "
          "that customers brought in the next {span}.", parts=parts, best=percent(best),
          span=holdout_span(a)),
        compared,
        _("A customer's value counts by level: {counted}. These weights are a convention, not a "
          "measurement; the study can set others. Everybody gets at least the floor, and no "
          "tier gets less service on average than a worse one.", counted=counted),
        _("The division was found knowing what each tier brought in these {span}; the next ones "
          "will differ.", span=holdout_span(a)),
    ])  # fmt: skip


def title(label: str) -> str:
    """Say what the table of the best sizes shows."""
    return _("{label}: customers of each tier at each level, by plan and at best", label=label)
