"""Tables of the experiment page: whom to hold out, and what that would show."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import N_, _
from segment.pages import narrate, views
from segment.pages.tables.build import build
from segment.pages.tables.cells import TENTHS, amount, names
from segment.run import Run
from segment.words import percent

MEASURES = {"value": N_("spending"), "adjusted": N_("spending, against before"),
            "active": N_("buying again")}  # fmt: skip


def experiment(a: Run, label: str) -> HTML:
    """Show whom to hold out in each tier, and what that would show."""
    frame = views.experiment.plan(a, label).reset_index().replace(float("inf"), float("nan"))
    return build(
        _("{label}: whom to hold out, and the smallest effects this shows", label=label),
        (_("Tier"), names(frame["tier"])),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Brought each"), frame["mean"], amount(a)),
        (_("Hold out"), frame["held_out"], "{:,}"),
        (_("Share"), frame["share"], TENTHS),
        (_("Shows spending higher by"), frame["value_effect"], narrate.experiment.at_least),
        (_("Bought again"), frame["active"], TENTHS),
        (_("Shows a step to"), frame["active"] * (1 + frame["active_effect"]), TENTHS),
    )


def experiment_sizes(a: Run, label: str) -> HTML:
    """Show how many customers each tier would have to hold out for each effect."""
    frame = views.experiment.sizes(a, label).replace(float("inf"), float("nan"))
    rows = ["tier", "measure", "best"]
    wide = frame.pivot(index=rows, columns="effect", values="held_out")
    wide = wide.reindex(frame.set_index(rows).index.unique()).reset_index()
    return build(
        _("{label}: customers to hold out for an effect (–: too few)", label=label),
        (_("Tier"), names(wide["tier"])),
        (_("Compared"), [_(MEASURES[measure]) for measure in wide["measure"]]),
        *((_("Hold out for {effect} more", effect=percent(effect)), wide[effect], "{:,.0f}")
          for effect in wide.columns[3:]),
        (_("Smallest effect, up to half held out"), wide["best"], TENTHS),
    )  # fmt: skip
