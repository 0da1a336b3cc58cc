"""How figures look: colours, fonts, the numbers of an axis, and the SVG that a page holds.

Matplotlib draws. Its file becomes small here, greys become the page's own ink, so that a figure is
right on light and on dark paper, and every mark carries its value as a title.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib import colors, font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.dates import AutoDateFormatter, AutoDateLocator, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedFormatter,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    PercentFormatter,
    ScalarFormatter,
)

from segment.language import current
from segment.words import SIGNS, number_in_short

# Okabe and Ito (2008): told apart with any colour vision, and seen on light and on dark paper.
PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31"]
# What is recommended, or meant; the others beside it; what is amiss.
ACCENT, OTHERS, TROUBLE = PALETTE[0], "#9ca3af", PALETTE[1]
GREY, INK = "#6b7280", "#1f2937"
BEST, REST = "#1f6cb0", "#cfe2f3"  # the ends of the scale of tiers
SERIES = [ACCENT, OTHERS, INK]  # of one kind, side by side
SHADES = sns.light_palette(BEST, as_cmap=True)  # from nothing to much
APART = sns.blend_palette([GREY, "#f3f4f6", BEST], as_cmap=True)  # worse to better than average
SHORT = {"en": ((1e9, "bn"), (1e6, "m"), (1e3, "k")), "zh": ((1e8, "亿"), (1e4, "万"))}
# Comes with the package: the characters of GB 2312 (publish/locale/fonts/README.md).
OWN_FONT = Path(__file__).parent / "publish" / "locale" / "fonts" / "chinese.otf"
# The first installed one of these has the characters that ours lacks.
CHINESE_FONTS = {
    "NotoSansCJK-Regular": "Noto Sans CJK JP",
    "NotoSansSC": "Noto Sans SC",
    "SourceHanSansSC": "Source Han Sans SC",
    "msyh": "Microsoft YaHei",
    "PingFang": "PingFang SC",
    "STHeiti": "Heiti TC",
    "simhei": "SimHei",
    "wqy-zenhei": "WenQuanYi Zen Hei",
}

Write = Mapping[Axis, Callable[[float], str]]

# More points than this are one picture within the figure: no customer is to be read from it.
MOST_POINTS = 450
SHARP = 150  # dots per inch of such a picture
PIXELS = 4 / 3  # of a browser, per point
# Colours of the page, where it has them (publish/templates/segment/style.css).
PAGE = {ACCENT: "--accent", TROUBLE: "--trouble", OTHERS: "--others", GREY: "--soft"}
PAPER = "var(--paper,Canvas)"
NEUTRAL = 0.1  # the channels of a grey are no further apart
DARKEST = 0.17  # a grey as dark as ink
NUMBER = re.compile(r"-?\d+\.\d+")
NEEDLESS = {"font-size: 9px", "text-anchor: start", "stroke-linejoin: miter", "stroke-width: 1"}


def set_theme() -> None:
    """Set the one theme of all figures; SVG output is the same in every run."""
    font_manager.fontManager.addfont(OWN_FONT)
    own = font_manager.FontProperties(fname=OWN_FONT).get_name()
    style = {
        "font.family": ["DejaVu Sans", own, *chinese_font()],
        "font.size": 9,
        "axes.labelsize": 9.5,
        "legend.fontsize": 8.5,
        "legend.title_fontsize": 8.5,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.edgecolor": "#d1d5db",
        "grid.color": "#e5e7eb",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.figsize": (6.8, 3.8),
        "svg.hashsalt": "segment",
        "svg.fonttype": "none",
        "axes.unicode_minus": False,
        "legend.frameon": False,
    }
    sns.set_theme(style="whitegrid", palette=PALETTE, rc=style)
    # A character that no font has is a box; no font here is bold in Chinese.
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    plt.close("all")


def tier_colours(number: int) -> list[str]:
    """Return a colour for each tier, the best darkest."""
    return sns.blend_palette([BEST, REST], number).as_hex()


def chinese_font() -> list[str]:
    """Return the name of an installed Chinese font, or nothing.

    Looks at the files themselves where matplotlib's own list, made once per user,
    does not know one: a font installed later counts.
    """
    known = set(font_manager.get_font_names())
    for name in CHINESE_FONTS.values():
        if name in known:
            return [name]
    for path in sorted(font_manager.findSystemFonts()):
        if any(Path(path).name.startswith(stem) for stem in CHINESE_FONTS):
            font_manager.fontManager.addfont(path)
            return [font_manager.FontProperties(fname=path).get_name()]
    return []


def write_axis(axis: Axis, kind: str | None, currency: str) -> None:
    """Write the numbers of an axis as a kind of column is written: money, share, count."""
    locator = axis.get_major_locator()
    if isinstance(locator, AutoDateLocator):  # dates are long
        locator.maxticks = dict.fromkeys(locator.maxticks, 8)
    if axis.get_scale() == "log":
        kind = kind or "number"
        axis.set_minor_formatter(NullFormatter())
        if axis.isDefault_majloc and axis.get_transform().base == 10:
            low, high = axis.get_view_interval()
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    if kind == "money":
        money_axis(axis, currency)
    elif kind == "number":
        axis.set_major_formatter(FuncFormatter(lambda number, _place: f"{number:g}"))
    elif kind in ("percent", "tenths"):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    elif kind == "count":
        axis.set_major_formatter(FuncFormatter(lambda number, _place: f"{number:,.0f}"))


def money_axis(axis: Axis, currency: str) -> None:
    """Write the numbers of an axis as short amounts: $5k, €2m; in Chinese ¥5万, ¥2亿."""
    sign = SIGNS.get(currency, "")
    sizes = SHORT[current()]

    def text(value: float, _place: int) -> str:
        before = f"-{sign}" if value < 0 else sign
        for size, letter in sizes:
            if abs(value) >= size:
                return f"{before}{abs(value) / size:g}{letter}"
        return f"{before}{abs(value):g}"

    axis.set_major_formatter(FuncFormatter(text))


def inline(figure: Figure, write: Write) -> ElementTree.Element:
    """Return a figure as an SVG element; what it refers to as its description has yet to be made.

    ``write`` says how the numbers of an axis are written, where it is known.
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
    drawn, tight = io.BytesIO(), {"bbox_inches": "tight", "pad_inches": 0.03}
    figure.savefig(drawn, format="svg", dpi=SHARP, metadata={"Date": None}, **tight)
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
    # Labels that were set are kept by a partial function.
    labelled = isinstance(getattr(formatter, "func", formatter), (FixedFormatter, partial))
    if labelled or axis.get_converter() is not None:
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
    attributes |= {"style": f"--width: {width:.0f}", "font-size": "9", "fill": "currentColor"}
    attributes |= {"role": "img", "aria-labelledby": key}
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
