"""Tables of the stability page: schemes and tiers, over time and resampled."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import _, tier_name
from segment.pages import narrate, views
from segment.pages.tables.build import build
from segment.pages.tables.cells import NONE, TENTHS, amount, names
from segment.run import Run
from segment.words import percent


def steadiness(a: Run) -> HTML:
    """Show every scheme's chance to keep customers in their tier, and who stands at a border."""
    frame = views.stability.schemes(a)
    weakest = zip(frame["weakest_tier"], frame["weakest"], strict=True)
    return build(
        _("All schemes when the customers are drawn anew, the surest first"),
        (_("Scheme"), list(frame.index)),
        (_("Tiers"), frame["tiers"]),
        (_("Keep their tier"), frame["chance"], TENTHS),
        (_("Weakest tier"), [tier_name(t) if overlap < 1 else NONE for t, overlap in weakest]),
        (_("Its overlap"), frame["weakest"], "{:.2f}"),
        (_("Which means"), [_(narrate.stability.verdict(x)) for x in frame["weakest"]]),
        (_("At a border"), frame["borderline"], "{:,.0f}"),
        (_("They brought"), frame["borderline_value"], amount(a)),
        (_("Share of all"), frame["value_share"], TENTHS),
    )


def lasting(a: Run, label: str) -> HTML:
    """Show how far each tier lasts: with resampled customers, and one period later."""
    frame = views.stability.tiers(a, label)
    return build(
        _("{label}: how far each tier lasts", label=label),
        (_("Tier"), names(frame["tier"])),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Overlap"), frame["jaccard"], "{:.2f}"),
        (_("Which means"), [_(narrate.stability.verdict(x)) for x in frame["jaccard"]]),
        (_("Keep it if drawn anew"), frame["chance"], percent),
        (_("At a border"), frame["borderline"], "{:,}"),
        (_("In it again one period later"), frame["again"], percent),
        (_("Bought nothing"), frame["lost"], percent),
    )
