"""How figures look: colours, fonts, and the numbers of an axis."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    NullFormatter,
    PercentFormatter,
)

from segment.language import current
from segment.words import SIGNS

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
# Comes with the package: the characters of GB 2312 (publish/locale/fonts/README.md). It says how
# wide Chinese is; the page draws it in a font of the reader's.
OWN_FONT = Path(__file__).parent / "publish" / "locale" / "fonts" / "chinese.otf"


def set_theme() -> None:
    """Set the one theme of all figures; SVG output is the same in every run."""
    font_manager.fontManager.addfont(OWN_FONT)
    own = font_manager.FontProperties(fname=OWN_FONT).get_name()
    style = {
        "font.family": ["DejaVu Sans", own],
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
    elif kind in ("count", "people"):
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
