"""A figure laid out anew for a phone: narrow, its parts below each other, long names in lines."""

from __future__ import annotations

import textwrap
from functools import partial
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateFormatter
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter
from matplotlib.transforms import Bbox

WIDTH = 260  # points: on a screen of 320 pixels, letters of 9 points are 9.7 pixels high
NAME, SHORT = 15, 8  # letters of a line of a name, at the side and below
LINE, LETTER = 11, 5.2  # points: height of a line, width of a letter
LEAST = 8.5  # points of a letter: nine pixels
GAP = 8  # points between what does not belong together


def narrow(figure: Figure) -> None:
    """Lay a figure out in the width of a phone; numbers that have no room are left out."""
    figure.set_layout_engine("none")
    for text in figure.findobj(Text):
        text.set_fontsize(max(LEAST, text.get_fontsize()))
    axes = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
    legends = {ax: legend for ax in axes if (legend := _legend(ax))}
    heights = {ax: _points(figure, ax.bbox).height for ax in axes}
    for ax in axes:
        ax.yaxis.set_tick_params(labelleft=True)  # of parts that shared an axis beside each other
        _in_lines(ax.xaxis, SHORT)
        lines = _in_lines(ax.yaxis, NAME)
        heights[ax] = max(heights[ax] * (1 if lines else 0.85), lines)
    for _round in range(3):  # what stands beside the axes follows from their width
        _place(figure, axes, heights, legends)
    for ax in axes:
        _thin_out(ax.xaxis)
        _leave_out(ax)
    _place(figure, axes, heights, legends)


def _place(figure: Figure, axes: list[Axes], heights: dict, legends: dict) -> None:
    """Put axes below each other, as wide as what stands beside them allows, legends below."""
    beyond = {ax: _beyond(figure, ax) for ax in axes}  # left, below, right, above
    left, right = (max(sides[at] for sides in beyond.values()) for at in (0, 2))
    under = {ax: _points(figure, legends[ax].get_window_extent()).height for ax in legends}
    each = {ax: heights[ax] + beyond[ax][1] + beyond[ax][3] + under.get(ax, 0) + GAP for ax in axes}
    total, width = sum(each.values()), max(WIDTH - left - right, WIDTH / 4)
    figure.set_size_inches(WIDTH / 72, total / 72)
    top = total
    for ax in axes:
        foot = top - beyond[ax][3] - heights[ax]
        box = np.array([left / WIDTH, foot / total, width / WIDTH, heights[ax] / total])
        ax.set_position(box)
        if ax in legends:
            place = (0, (foot - beyond[ax][1]) / total)
            legends[ax].set_bbox_to_anchor(place, transform=figure.transFigure)
        top -= each[ax]
        label = ax.get_xlabel().replace("\n", " ")
        ax.set_xlabel(_wrapped(label, int(max(width, WIDTH / 2) / LETTER)))


def _beyond(figure: Figure, ax: Axes) -> tuple[float, ...]:
    """Return how many points what belongs to axes reaches beyond them, legend left out."""
    legend = ax.get_legend()
    if legend:
        legend.set_visible(False)
    all_, box = _points(figure, ax.get_tightbbox()), _points(figure, ax.bbox)
    if legend:
        legend.set_visible(True)
    sides = (box.x0 - all_.x0, box.y0 - all_.y0, all_.x1 - box.x1, all_.y1 - box.y1)
    return tuple(max(0.0, side) for side in sides)


def _points(figure: Figure, box: Bbox) -> Bbox:
    return Bbox(box.get_points() * 72 / figure.dpi)


def _legend(ax: Axes) -> Legend | None:
    """Make the legend of axes anew, in as many columns as there is room for."""
    old = ax.get_legend()
    if old is None:
        return None
    names = [text.get_text() for text in old.get_texts()]
    title, handles = old.get_title().get_text(), old.legend_handles
    for columns in (len(names), 3, 2, 1):
        new = ax.legend(
            handles, names, title=title, ncols=columns, loc="upper left", borderaxespad=0.2,
            alignment="left", columnspacing=1, handlelength=1.2,
        )  # fmt: skip
        if _points(ax.figure, new.get_window_extent()).width < WIDTH:
            break
    for made, drawn in zip(new.legend_handles, handles, strict=True):
        made.set_gid(drawn.get_gid())
    return new


def has_names(axis: Axis) -> bool:
    """Return whether an axis has names instead of numbers."""
    formatter = axis.get_major_formatter()
    # Labels that were set are kept by a partial function.
    labelled = isinstance(getattr(formatter, "func", formatter), (FixedFormatter, partial))
    dates = isinstance(formatter, AutoDateFormatter)
    return not dates and (labelled or axis.get_converter() is not None)


def _in_lines(axis: Axis, width: int) -> float:
    """Break the names of an axis into lines; return the height they take, 0 without names."""
    if not has_names(axis):
        return 0
    names = [_wrapped(text.get_text(), width) for text in axis.get_ticklabels()]
    axis.set_ticks(axis.get_ticklocs(), names)
    return len(names) * (LINE * max((1 + name.count("\n") for name in names), default=0) + 4)


def _wrapped(text: str, width: int) -> str:
    """Return a text in lines; Chinese has no spaces, and its letters are twice as wide."""
    chinese = any(ord(letter) > 0x2E80 for letter in text)
    width = width // 2 if chinese else width
    return "\n".join(textwrap.wrap(text, width, break_long_words=chinese)) or text


def _thin_out(axis: Axis) -> None:
    """Leave out every second number of an axis until they stand apart; names are turned."""
    low, high = sorted(axis.get_view_interval())
    names = has_names(axis)
    while True:
        ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        shown = [(at, label) for at, label in ticks if low <= at <= high and label.get_text()]
        boxes = [label.get_window_extent() for _at, label in shown]
        if all(one.x1 + 2 <= two.x0 for one, two in pairwise(boxes)):
            return
        if names:
            axis.set_tick_params(rotation=90)
            return
        axis.set_ticks(*zip(*[(at, label.get_text()) for at, label in shown[::2]], strict=True))


def _leave_out(ax: Axes) -> None:
    """Leave out numbers that are wider than their bar or lie on one another."""
    bars = [
        bar.get_window_extent() for bars in ax.containers for bar in getattr(bars, "patches", [])
    ]
    kept: list[Bbox] = []
    for text in filter(Text.get_text, ax.texts):
        box = text.get_window_extent()
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        holding = [bar for bar in bars if bar.contains(*middle)]
        tight = bool(holding) and min(bar.width for bar in holding) < box.width
        if tight or any(box.overlaps(other) for other in kept):
            text.set_visible(False)
        else:
            kept.append(box)
