"""Tables of the pages of two cut axes: when a customer is loyal, and who moves with a cut."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from segment.language import _
from segment.pages import views
from segment.pages.tables.build import build
from segment.pages.tables.cells import in_words
from segment.run import Run
from segment.tiering import Quadrants
from segment.tiering.rule import number
from segment.words import percent


def loyalty_steps(a: Run, label: str) -> HTML:
    """Show when a customer counts as loyal."""
    method: Quadrants = a.methods[label]
    loyalty = method.axes_[1]
    if loyalty.steps_ is None:
        caption = _("{label}: when a customer is loyal", label=label)
        return build(caption, (_("Rule"), [loyalty.rule()]))
    if len(loyalty.steps_) > 1:
        caption = _("{label}: loyal means any one of these", label=label)
    else:
        caption = _("{label}: loyal means this", label=label)
    steps = zip(loyalty.columns, loyalty.signs, strict=True)
    return build(
        caption, *((_step(name, sign), loyalty.steps_[name], number) for name, sign in steps)
    )


def _step(name: str, sign: float) -> str:
    name = in_words(name).capitalize()
    return _("{name}: at most", name=name) if sign < 0 else _("{name}: at least", name=name)


def moved_cuts(a: Run, label: str) -> HTML:
    """Show how many customers change class if a cut moves."""
    frame, points = views.quadrants.moved_cuts(a, label), round(100 * views.quadrants.POINTS)
    return build(
        _("{label}: customers who change class if a cut moves", label=label),
        (_("Axis"), [_(axis.capitalize()) for axis in frame.index]),
        (_("High now"), frame["high"]),
        (_("Percentile of the cut"), 100 * frame["cut"], "{:.0f}"),
        (_("Change class if {points} points higher", points=points), _with_share(frame, "up")),
        (_("Change class if {points} points lower", points=points), _with_share(frame, "down")),
    )


def _with_share(frame: pd.DataFrame, way: str) -> list[str]:
    pairs = zip(frame[way], frame[f"{way}_share"], strict=True)
    return [f"{customers:,} ({percent(share, 1)})" for customers, share in pairs]
