"""Figures: a tidy frame in, matplotlib Axes out; the title states the finding."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from segment.features import NAMES
from segment.words import SIGNS

# Okabe and Ito (2008): told apart with any colour vision.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C6D31"]
GREY, DARK = "#6b7280", "#1f2937"
# Latin first; the first installed one of the others has the Chinese characters.
CHINESE_FONTS = {
    "NotoSansCJK-Regular": "Noto Sans CJK JP", "NotoSansSC": "Noto Sans SC",
    "SourceHanSansSC": "Source Han Sans SC", "msyh": "Microsoft YaHei", "PingFang": "PingFang SC",
    "STHeiti": "Heiti TC", "simhei": "SimHei", "wqy-zenhei": "WenQuanYi Zen Hei",
}  # fmt: skip


def set_theme() -> None:
    """Set the one theme of all figures; SVG output is the same in every run."""
    fonts = ["DejaVu Sans", *_chinese_font()]
    # Without a Chinese font the characters are boxes; the page needs no warning besides.
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    sns.set_theme(style="whitegrid", palette=PALETTE, rc={
        "font.family": fonts, "axes.titlelocation": "left", "axes.titleweight": "bold",
        "axes.titlesize": 11, "axes.labelsize": 9.5, "xtick.labelsize": 9, "ytick.labelsize": 9,
        "axes.labelcolor": DARK, "axes.edgecolor": "#d1d5db", "grid.color": "#e5e7eb",
        "axes.spines.top": False, "axes.spines.right": False, "figure.figsize": (7.6, 4.2),
        "svg.hashsalt": "segment", "text.parse_math": False, "axes.unicode_minus": False,
        "legend.frameon": False,
    })  # fmt: skip
    plt.close("all")


def _chinese_font() -> list[str]:
    """Return the name of an installed Chinese font, or nothing.

    Looks at the files themselves where matplotlib's own list, made once per user,
    does not know one: a font installed later counts.
    """
    known = set(font_manager.get_font_names())
    for name in CHINESE_FONTS.values():
        if name in known:
            return [name]
    for path in sorted(font_manager.findSystemFonts()):
        for stem in CHINESE_FONTS:
            if Path(path).name.startswith(stem):
                font_manager.fontManager.addfont(path)
                return [font_manager.FontProperties(fname=path).get_name()]
    return []


def _percent(axis) -> None:
    axis.set_major_formatter(PercentFormatter(1, decimals=0))


def _money(axis, currency: str) -> None:
    sign = SIGNS.get(currency, "")

    def text(value: float, _: int) -> str:
        for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
            if abs(value) >= size:
                return f"{sign}{value / size:g}{letter}"
        return f"{sign}{value:g}"

    axis.set_major_formatter(FuncFormatter(text))


def timeline(months: pd.DataFrame, cut, currency: str, title: str) -> Axes:
    """Plot revenue per month, with the cut between calibration and holdout.

    Parameters
    ----------
    months : DataFrame
        ``month`` (date) and ``amount``.
    cut : date
    """
    _, ax = plt.subplots()
    month = pd.to_datetime(months["month"])
    before = month < pd.Timestamp(cut)
    colours = np.where(before, PALETTE[0], PALETTE[4])
    ax.bar(month, months["amount"], width=25, color=list(colours), align="edge")
    ax.axvline(pd.Timestamp(cut), color=DARK, linestyle="--", linewidth=1)
    top = ax.get_ylim()[1]
    ax.set_ylim(0 if months["amount"].min() >= 0 else None, top * 1.12)
    for x, text, side in ((-6, "schemes learn", "right"), (6, "schemes are judged", "left")):
        ax.annotate(text, (pd.Timestamp(cut), top * 1.04), xytext=(x, 0), fontsize=9,
                    textcoords="offset points", ha=side, color=DARK)  # fmt: skip
    ax.grid(axis="x", visible=False)
    _money(ax.yaxis, currency)
    ax.set(title=title, xlabel="Month", ylabel=f"Amount per month ({currency or 'currency'})")
    return ax


def abc_curve(curves: Mapping[str, pd.DataFrame], points: Mapping[str, tuple], title: str) -> Axes:
    """Plot cumulative contribution over customers, with the class limits.

    Parameters
    ----------
    curves : mapping of str to DataFrame
        ``customers`` and ``contribution`` or ``value``, cumulative shares, by
        name of the period.
    points : mapping of str to (float, float)
        Where each class ends on the first curve.
    """
    _, ax = plt.subplots()
    for (name, curve), colour in zip(curves.items(), PALETTE, strict=False):
        ax.plot(curve["customers"], curve.iloc[:, -1], color=colour, linewidth=2, label=name)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    for tier, (x, y) in points.items():
        ax.plot([x, x], [0, y], color=GREY, linewidth=0.8)
        ax.plot(x, y, "o", color=PALETTE[0])
        ax.annotate(f"{tier} ends: {x:.0%} of customers, {y:.0%}", (x, y), xytext=(7, -9),
                    textcoords="offset points", fontsize=8.5, va="top", color=DARK)  # fmt: skip
    ax.legend(loc="lower right", fontsize=8.5, title="Amount", title_fontsize=8.5,
              alignment="left")  # fmt: skip
    _percent(ax.xaxis), _percent(ax.yaxis)
    ax.set(title=title, xlim=(0, 1), ylim=(0, 1.02), ylabel="Share of the amount, cumulative",
           xlabel="Share of customers, largest past amount first")  # fmt: skip
    return ax


def heatmap(values: pd.DataFrame, title: str, xlabel: str, ylabel: str, label: str,
            fmt: str = ",.0f") -> Axes:  # fmt: skip
    """Plot a matrix with its values written in the cells."""
    height = 1.6 + 0.38 * len(values)
    _, ax = plt.subplots(figsize=(1.8 + 0.85 * max(5, values.shape[1]), height))
    sns.heatmap(values, annot=values.shape[1] <= 14, fmt=fmt, cmap="Blues", ax=ax, linewidths=0.5,
                annot_kws={"fontsize": 8.5}, cbar_kws={"label": label})  # fmt: skip
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.tick_params(axis="y", rotation=0)
    return ax


def cluster_profile(centres: np.ndarray, features: Sequence[str], tiers: Sequence[str],
                    title: str) -> Axes:  # fmt: skip
    """Plot how the clusters' centres differ from the average customer.

    Parameters
    ----------
    centres : array of shape (clusters, features)
        In standard deviations from the mean.
    """
    _, ax = plt.subplots(figsize=(2.6 + 1.5 * len(features), 1.4 + 0.42 * len(tiers)))
    edge = max(1.0, float(np.abs(centres).max()))
    names = [NAMES.get(feature, feature).replace(" purchase", "\npurchase") for feature in features]
    sns.heatmap(pd.DataFrame(centres, index=list(tiers), columns=names), annot=True,
                fmt="+.1f", cmap="RdBu", center=0, vmin=-edge, vmax=edge, ax=ax, linewidths=0.5,
                cbar_kws={"label": "Standard deviations\nfrom the mean"})  # fmt: skip
    ax.set(title=title)
    ax.tick_params(axis="y", rotation=0)
    return ax


def bars(values: pd.Series, low: pd.Series, high: pd.Series, *, title: str, xlabel: str) -> Axes:
    """Plot horizontal bars with intervals, one per label, the first on top."""
    _, ax = plt.subplots(figsize=(7.6, 1.3 + 0.36 * len(values)))
    place = np.arange(len(values))[::-1]
    ax.barh(place, values, color=PALETTE[0], height=0.65)
    ax.hlines(place, low, high, color=DARK, linewidth=1.4)
    for y, value, end in zip(place, values, np.fmax(values, high), strict=True):
        if np.isfinite(value):
            ax.annotate(f"{value:.2f}", (end, y), xytext=(4, 0), textcoords="offset points",
                        va="center", fontsize=8.5, color=DARK)  # fmt: skip
    ax.set_yticks(place, [str(label) for label in values.index])
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    ax.set(title=title, xlabel=xlabel)
    return ax


def gains(curves: pd.DataFrame, labels: Sequence[str], yardsticks: Mapping[str, str],
          capture_share: float, title: str) -> Axes:  # fmt: skip
    """Plot gains curves: share of holdout value against share of customers.

    Parameters
    ----------
    curves : DataFrame
        ``label``, ``customers``, ``value``: cumulative shares.
    labels : sequence of str
        Methods, drawn in colour with a dot at every tier limit.
    yardsticks : mapping of str to str
        Label of a yardstick to what it is called in the plot.
    """
    _, ax = plt.subplots(figsize=(7.6, 5.2))
    ax.plot([0, 1], [0, 1], ":", color=GREY, linewidth=1, label="Random order")
    for (label, name), style in zip(yardsticks.items(), ("-", "--", "-."), strict=False):
        curve = curves[curves["label"] == label]
        ax.plot(curve["customers"], curve["value"], style, color=DARK, linewidth=1.1, label=name)
    for label, colour in zip(labels, PALETTE, strict=False):
        curve = curves[curves["label"] == label]
        dots = "o" if len(curve) <= 16 else None
        ax.plot(curve["customers"], curve["value"], marker=dots, markersize=4, linewidth=1.7,
                color=colour, label=label)  # fmt: skip
    ax.axvline(capture_share, color=GREY, linewidth=0.8, linestyle="--")
    ax.annotate(f"first {capture_share:.0%}", (capture_share, 0.02), xytext=(4, 0),
                textcoords="offset points", fontsize=8.5, color=DARK)  # fmt: skip
    _percent(ax.xaxis), _percent(ax.yaxis)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=2, fontsize=8.5)
    ax.set(title=title, xlim=(0, 1), ylim=(0, 1.01), ylabel="Share of holdout value reached",
           xlabel="Share of customers, best tier first")  # fmt: skip
    return ax


def skill_and_granularity(figures: pd.DataFrame, revenue_gini: float, title: str) -> Axes:
    """Plot what each method loses by cutting and gains by ordering.

    Parameters
    ----------
    figures : DataFrame
        Indexed by label: ``granularity_loss``, ``skill``, ``skill_low``, ``skill_high``.
    revenue_gini : float
        Normalised Gini of the revenue sort, from which both are counted.
    """
    _, ax = plt.subplots(figsize=(7.6, 1.7 + 0.38 * len(figures)))
    place = np.arange(len(figures))[::-1]
    loss, skill = figures["granularity_loss"].to_numpy(), figures["skill"].to_numpy()
    ax.barh(place + 0.17, -loss, height=0.32, color=GREY, label="lost by cutting into tiers")
    ax.barh(place - 0.17, skill, height=0.32, color=PALETTE[2],
            label="skill: added by a better order than past revenue")  # fmt: skip
    ax.hlines(place - 0.17, figures["skill_low"], figures["skill_high"], color=DARK, linewidth=1.3)
    ax.axvline(0, color=DARK, linewidth=1)
    ax.set_yticks(place, figures.index)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.14 - 0.9 / (2 + len(figures))), ncols=1,
              fontsize=8.5)  # fmt: skip
    base = f"the revenue sort's normalised Gini of {revenue_gini:.3f}"
    ax.set(title=title, xlabel=f"Difference from {base}")
    return ax


def forest(pairs: pd.DataFrame, margin: float, title: str) -> Axes:
    """Plot how far every scheme lies behind the best one, with the practical margin.

    Parameters
    ----------
    pairs : DataFrame
        ``worse``, ``difference``, ``low``, ``high``, ``separable``.
    margin : float
        Differences inside the band do not matter.
    """
    _, ax = plt.subplots(figsize=(7.6, 1.6 + 0.36 * len(pairs)))
    place = np.arange(len(pairs))
    ax.axvspan(0, margin, color="#fde68a", alpha=0.6, linewidth=0)
    ax.annotate("does not matter", (margin / 2, len(pairs) - 0.45), fontsize=8, ha="center")
    ax.axvline(0, color=DARK, linewidth=1)
    colours = [PALETTE[1] if worse else PALETTE[0] for worse in pairs["separable"]]
    ax.hlines(place, pairs["low"], pairs["high"], color=colours, linewidth=2)
    ax.scatter(pairs["difference"], place, color=colours, zorder=3, s=26)
    ax.set_yticks(place, pairs["worse"])
    ax.set_ylim(-0.7, len(pairs))
    ax.grid(axis="y", visible=False)
    ax.set(
        title=title, xlabel="Normalised Gini behind the best scheme (95 % simultaneous interval)"
    )
    return ax


def quadrants(customers: pd.DataFrame, value_limit: float, loyalty: pd.Series, loyalty_cut: float,
              shares: Mapping[str, float], currency: str, title: str) -> Axes:  # fmt: skip
    """Plot value by loyalty as a density that stays readable with many customers.

    Parameters
    ----------
    customers : DataFrame
        ``monetary_total``.
    loyalty : Series
        Loyalty percentile of the same customers.
    shares : mapping of str to float
        Share of customers in the four relations: high/high, high value only,
        high loyalty only, neither.
    """
    _, ax = plt.subplots(figsize=(7.6, 4.8))
    total = customers["monetary_total"].clip(lower=max(value_limit, 1e-9) / 100)
    cells = ax.hexbin(loyalty, total, gridsize=32, bins="log", yscale="log", cmap="Blues",
                      mincnt=1, linewidths=0.2)  # fmt: skip
    ax.figure.colorbar(cells, ax=ax, label="Customers per cell (log scale)",
                       format=FuncFormatter(lambda count, _: f"{count:,.0f}"))  # fmt: skip
    ax.axhline(value_limit, color=DARK, linewidth=1)
    ax.axvline(loyalty_cut, color=DARK, linewidth=1)
    corners = ((0.98, 0.97), (0.02, 0.97), (0.98, 0.03), (0.02, 0.03))
    for (name, share), (x, y) in zip(shares.items(), corners, strict=True):
        ax.text(x, y, f"{name} {share:.0%}", transform=ax.transAxes, fontweight="bold", fontsize=9,
                ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"})  # fmt: skip
    _money(ax.yaxis, currency)
    _percent(ax.xaxis)
    ax.grid(visible=False)
    ax.set(title=title, xlabel="Loyalty: percentile of how often and how recently they bought",
           ylabel=f"Past amount ({currency or 'currency'}, log scale)")  # fmt: skip
    return ax


def k_evidence(evidence: pd.DataFrame, chosen: int, stable: float, title: str) -> Axes:
    """Plot stability, silhouette and plain-rule agreement over the number of clusters.

    Parameters
    ----------
    evidence : DataFrame
        Indexed by k: ``stability``, ``silhouette``, ``plain_rules``.
    """
    _, ax = plt.subplots()
    names = {"stability": "stability of the weakest cluster", "plain_rules": "told by plain rules",
             "silhouette": "silhouette"}  # fmt: skip
    for (column, name), colour in zip(names.items(), PALETTE, strict=False):
        ax.plot(evidence.index, evidence[column], "o-", color=colour, label=name)
    ax.axhline(stable, color=GREY, linestyle="--", linewidth=0.9)
    ax.annotate("stable from here up", (evidence.index.max(), stable), xytext=(0, 3), ha="right",
                textcoords="offset points", fontsize=8.5, color=GREY)  # fmt: skip
    ax.axvline(chosen, color=DARK, linewidth=0.9)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize=8.5, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    ax.set(
        title=title, xlabel="Number of clusters k", ylabel="0 (none) to 1 (perfect)", ylim=(0, 1.02)
    )
    return ax
