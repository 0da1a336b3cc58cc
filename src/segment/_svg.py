"""Figures as the SVG that a page holds.

Matplotlib draws. Its file becomes small here, greys become the page's own ink, so that a figure is
right on light and on dark paper, and every mark carries its value as a title.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree import ElementTree

import numpy as np
from matplotlib import colors
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.dates import AutoDateFormatter, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from matplotlib.transforms import Bbox

from segment._narrow import has_names, narrow
from segment.theme import ACCENT, GREY, INK, OTHERS, TROUBLE
from segment.words import number_in_short

Write = Mapping[Axis, Callable[[float], str]]

# More points than this are one picture within the figure: no customer is to be read from it.
MOST_POINTS = 450
SHARP = 150  # dots per inch of such a picture
PIXELS = 4 / 3  # of a browser, per point
EDGE = 0.03  # inches around a figure
# Colours of the page, where it has them (publish/templates/segment/style.css).
PAGE = {ACCENT: "--accent", TROUBLE: "--trouble", OTHERS: "--others", GREY: "--soft"}
PAPER = "var(--paper,Canvas)"
NEUTRAL = 0.1  # the channels of a grey are no further apart
DARKEST = 0.17  # a grey as dark as ink
NUMBER = re.compile(r"-?\d+\.\d+")
NEEDLESS = {"font-size: 9px", "text-anchor: start", "stroke-linejoin: miter", "stroke-width: 1"}


def inline(figure: Figure, write: Write) -> list[ElementTree.Element]:
    """Return a figure as two SVG elements, one for screens and paper and one for phones.

    What they refer to as their description has yet to be made. ``write`` says how the numbers of an
    axis are written, where it is known.
    """
    figure.patch.set_visible(False)
    titles, keep = {}, set()
    figure.draw_without_rendering()  # ticks have their texts only then
    for number, artist in enumerate(figure.findobj()):
        artist.set_gid(f"artist-{number}")  # by which it is found again in the drawing
    for ax in figure.axes:
        ax.patch.set_visible(False)
        for line in ax.lines:
            line.set_rasterized(len(line.get_xdata()) > MOST_POINTS)
        for marks in ax.collections:
            longest = max((len(path.vertices) for path in marks.get_paths()), default=0)
            marks.set_rasterized(max(len(marks.get_offsets()), longest) > MOST_POINTS)
        if ax.get_label() != "<colorbar>":
            titles |= {artist.get_gid(): values for artist, values in _marks(ax, write)}
        keep |= {artist.get_gid() for artist in _readable(ax)}
    # "tight" would draw all once more to measure it; on a phone each point counts.
    wide = _drawn(figure, figure.get_tightbbox().padded(EDGE), titles, keep)
    narrow(figure)
    slim = _drawn(figure, "tight", titles, keep)
    slim.set("aria-labelledby", wide.get("aria-labelledby"))
    slim.set("class", "narrow")
    slim.set("style", "display:none")  # but on a phone, by the style of the page
    return [wide, slim]


def _drawn(
    figure: Figure, box: Bbox | str, titles: Mapping[str, list[str]], keep: set[str]
) -> ElementTree.Element:
    drawn, edge = io.BytesIO(), {"bbox_inches": box, "pad_inches": EDGE}
    figure.savefig(drawn, format="svg", dpi=SHARP, metadata={"Date": None}, **edge)
    return _clean(drawn.getvalue(), titles, keep)


def _marks(ax: Axes, write: Write) -> Iterator[tuple[Artist, list[str]]]:
    """Give each artist that shows values, and what each of its marks says."""
    tellers = [_teller(axis, write) for axis in (ax.xaxis, ax.yaxis)]
    names = _series(ax)

    def told(colour: str, *place: float) -> str:
        said = [(named, tell(at)) for (named, tell), at in zip(tellers, place, strict=True)]
        categories, figures = ([text for n, text in said if n == named] for named in (True, False))
        return " · ".join(filter(None, [*categories, names.get(colour), *figures]))

    for bars in ax.containers:
        for bar in bars.patches if isinstance(bars, BarContainer) else []:
            x, y = bar.get_center()
            lying = bars.orientation == "horizontal"
            point = (bar.get_width(), y) if lying else (x, bar.get_height())
            if np.isfinite(point).all():
                yield bar, [told(_colour(bar.get_facecolor()), *point)]
    for line in ax.lines:
        if line.get_marker() not in ("", " ", "None", None):
            points = np.ma.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)])
            colour = _colour(line.get_markerfacecolor())
            yield line, [told(colour, *point) for point in _seen(ax, points)]
    for marks in ax.collections:
        if isinstance(marks, QuadMesh):
            yield marks, _cells(ax, marks, *(tell for _named, tell in tellers))
        elif isinstance(marks, PathCollection):
            points, faces = _seen(ax, marks.get_offsets()), marks.get_facecolor()
            faces = np.resize(faces, (len(points), 4)) if len(faces) else [""] * len(points)
            yield marks, [told(_colour(f), *xy) for f, xy in zip(faces, points, strict=True)]


def _teller(axis: Axis, write: Write) -> tuple[bool, Callable[[float], str]]:
    """Return whether an axis has names instead of numbers, and how a place on it is told."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, AutoDateFormatter):
        return False, lambda day: f"{num2date(day):%Y-%m-%d}"
    if has_names(axis):
        places = axis.get_ticklocs()
        names = [*zip(places, map(str, formatter.format_ticks(places)), strict=True)]
        return True, lambda at: min(names, key=lambda name: abs(name[0] - at))[1]
    if axis in write:
        return False, write[axis]
    if isinstance(formatter, ScalarFormatter):
        return False, number_in_short
    return False, lambda value: formatter(value, 0)


def _series(ax: Axes) -> dict[str, str]:
    """Return what the legend says of each colour."""
    found, legend = {}, ax.get_legend()
    if legend:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            marked = hasattr(handle, "get_markerfacecolor")
            colour = handle.get_markerfacecolor() if marked else handle.get_facecolor()
            found[_colour(colour)] = text.get_text()
    return found


def _colour(colour: object) -> str:
    first = colour if isinstance(colour, str) else (*np.atleast_2d(colour), "")[0]
    return colors.to_hex(first) if len(first) else ""


def _seen(ax: Axes, points: np.ndarray) -> np.ndarray:
    """Return the points that are drawn."""
    points = np.ma.filled(np.ma.asarray(points, float), np.nan)
    return points[np.isfinite(ax.transData.transform(points)).all(axis=1)]


def _cells(ax: Axes, mesh: QuadMesh, x_told: Callable, y_told: Callable) -> list[str]:
    """Say what each cell of a heat map holds: as is written in it, else its number."""
    values = np.ma.atleast_2d(mesh.get_array())
    written = {tuple(text.get_position()): text.get_text() for text in ax.texts}
    said = []
    for (row, column), value in np.ndenumerate(np.ma.filled(values.astype(float), np.nan)):
        at = column + 0.5, row + 0.5
        text = written.get(at, number_in_short(value)).replace("\n", " ")
        said.append("" if value != value else " · ".join([y_told(at[1]), x_told(at[0]), text]))
    return said


def _readable(ax: Axes) -> set[Artist]:
    """Write light or dark on bars; return what keeps its colour whatever the page's ink is."""
    shaded = [marks for marks in ax.collections if marks.get_array() is not None]
    keep = {*shaded, *(ax.texts if any(isinstance(each, QuadMesh) for each in shaded) else [])}
    bars = [bar for bars in ax.containers if isinstance(bars, BarContainer) for bar in bars]
    places = [(bar, bar.get_window_extent()) for bar in bars]
    for text in ax.texts if places else []:
        box = text.get_window_extent()
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        under = [bar for bar, place in places if text.get_text() and place.contains(*middle)]
        if under:
            light = np.dot(colors.to_rgb(under[-1].get_facecolor()), (0.3, 0.6, 0.1)) > 0.5
            text.set_color(INK if light else "white")
            keep.add(text)
    if keep - {*shaded}:
        keep |= {*bars, *(ax.get_legend().legend_handles if ax.get_legend() else [])}
    return keep


def _clean(drawn: bytes, titles: Mapping[str, list[str]], keep: set[str]) -> ElementTree.Element:
    """Return the drawing with what a page needs of it, under ids of its own."""
    text = drawn.decode()
    # What is referred to has names that are others in each process.
    used = [*dict.fromkeys(re.findall(r'(?:url\(|href=")#([\w-]+)', text))]

    def renamed(start: str) -> str:
        new = text
        for number, name in enumerate(used):
            new = new.replace(name, f"{start}{number}")
        return new

    key = f"F_{hashlib.sha1(renamed('').encode()).hexdigest()[:10]}"

    def copied(old: ElementTree.Element, kept: bool) -> list[ElementTree.Element]:
        tag, name = old.tag.rpartition("}")[2], old.get("id", "")
        if tag in ("metadata", "style"):
            return []
        kept = kept or name in keep
        parts = [new for child in old for new in copied(child, kept)]
        shapes = [shape for part in parts if part.tag != "defs" for shape in part.iter()]
        marks = [shape for shape in shapes if shape.tag == "use"] or shapes
        for mark, title in zip(marks, titles.get(name, []), strict=False):
            if title:
                ElementTree.SubElement(mark, "title").text = title
        attributes = _attributes(old, kept)
        if name.startswith(key):
            attributes["id"] = name
        if tag in ("g", "defs") and not (parts and (attributes or tag == "defs")):
            return parts
        new = ElementTree.Element(tag, attributes)
        new.text = old.text if tag in ("text", "tspan") else None
        new.extend(parts)
        return [new]

    root = ElementTree.fromstring(renamed(f"{key}-"))
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    attributes = {"viewBox": f"0 0 {width:.1f} {height:.1f}", "width": f"{width * PIXELS:.0f}"}
    attributes |= {"font-size": "9", "fill": "currentColor", "role": "img", "aria-labelledby": key}
    svg = ElementTree.Element("svg", attributes)
    svg.extend(new for child in root for new in copied(child, False))
    return svg


def _attributes(old: ElementTree.Element, kept: bool) -> dict[str, str]:
    """Return the attributes of an element: short numbers, colours of the page."""
    attributes: dict[str, str] = {}
    for name, value in old.attrib.items():
        name = name.rpartition("}")[2]
        if name == "style":
            for part in value.split("; "):
                key, _colon, setting = part.partition(": ")
                if setting.startswith("#"):
                    attributes |= {key: setting} if kept and key == "fill" else _ink(key, setting)
                elif key != "font-family" and part not in NEEDLESS:
                    attributes[key] = setting.removesuffix("px")
        elif name != "id" and not value.startswith("rotate(-0 "):
            attributes[name] = NUMBER.sub(lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), value)
    if "d" in attributes:
        attributes["d"] = re.sub(r"\s*([A-Za-z])\s*", r"\1", attributes["d"]).strip()
    return attributes


def _ink(name: str, colour: str) -> dict[str, str]:
    """Return a colour as attributes: a grey is the page's ink, thinned, white its paper."""
    if colour in PAGE:
        return {name: f"var({PAGE[colour]},{colour})"}
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    if np.ptp(channels) > NEUTRAL:
        return {name: colour}
    if channels.min() == 1:
        return {name: PAPER}
    strength = (1 - channels.mean()) / (1 - DARKEST)
    thin = {} if strength > 0.97 else {f"{name}-opacity": f"{strength:.2f}"}
    return ({} if name == "fill" else {name: "currentColor"}) | thin
