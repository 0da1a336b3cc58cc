"""Tables of the credit brake page: who is held back, and by what."""

from __future__ import annotations

from IPython.display import HTML

from segment.language import _, tier_name
from segment.pages import views
from segment.pages.tables.build import build
from segment.pages.tables.cells import amount, names
from segment.run import Run


def brake_moves(a: Run, label: str) -> HTML:
    """Show from which tier to which a credit brake moves customers."""
    frame = views.credit_brake.moves(a, label)
    return build(
        _("{label}: customers held back, from which tier to which", label=label),
        (_("Tier without the brake"), names(frame.index)),
        *((_("to {tier}", tier=tier_name(tier)), frame[tier], "{:,.0f}") for tier in frame),
    )


def brake_parts(a: Run, label: str) -> HTML:
    """Show whom each part of a credit brake concerns and holds back."""
    frame = views.credit_brake.parts(a, label)
    write = amount(a) if views.credit_brake.reads_money(a, label) else "{:,.0f}"
    sums = {"median": _("Their median"), "total": _("Their sum")}
    return build(
        _("{label}: the brake, part by part", label=label),
        (_("Who"), frame["who"]),
        (_("Best tier allowed"), names(frame["cap"])),
        (_("Customers"), frame["customers"], "{:,}"),
        (_("Held back"), frame["held"], "{:,}"),
        *((head, frame[name], write) for name, head in sums.items() if name in frame),
    )
