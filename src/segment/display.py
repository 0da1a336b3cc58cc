"""Show figures, tables and sentences in a notebook and in its HTML page."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, Markdown
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segment.language import current

SHARP = 200  # dots per inch of a PNG


def show(ax: Axes, alt: str | None = None) -> HTML:
    """Return a figure with a text alternative, and close it.

    It is SVG or a PNG sharp enough for print, whichever is smaller: drawings of few
    lines are small as SVG, clouds of points and cells as PNG.

    Parameters
    ----------
    ax : Axes
        Any axes of the figure.
    alt : str, optional
        What the figure says. Default: its title, which states the finding.
    """
    figure = ax.figure
    text = alt or figure.get_suptitle() or ax.get_title(loc="left") or ax.get_title()
    svg = _drawn(figure, format="svg", metadata={"Date": None})
    png = _drawn(figure, format="png", dpi=SHARP, metadata={"Software": None})
    plt.close(figure)
    kind, data = ("png", png) if len(png) < len(svg) else ("svg+xml", svg)
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return HTML(
        f'<figure tabindex="0"><img alt="{escape(text, quote=True)}" src="{source}"></figure>'
    )


def _drawn(figure: Figure, **settings: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, bbox_inches="tight", **settings)
    return stream.getvalue()


def table(
    frame: pd.DataFrame, caption: str, formats: Mapping[str, Callable | str] | None = None
) -> HTML:
    """Return a table: escaped, numbers right-aligned, with a caption.

    Parameters
    ----------
    frame : DataFrame
        Columns carry their headings; the index is not shown.
    caption : str
        What the table shows.
    formats : mapping of str to callable or format string, optional
        By column.
    """
    numeric = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    # One id per content, the same in every run: styles of two tables never meet.
    uuid = hashlib.sha1((caption + frame.to_csv()).encode()).hexdigest()[:10]
    number = pd.DataFrame("number", index=frame.index, columns=numeric)
    right = [{"selector": "th", "props": "text-align: right"}]
    styled = (
        frame.style.hide(axis="index")
        .format(dict(formats or {}), na_rep="–", escape="html")
        .format_index(escape="html", axis="columns")
        .set_caption(escape(caption))
        .set_td_classes(number)
        .set_table_styles(dict.fromkeys(numeric, right))
        .set_uuid(uuid)
        .set_table_attributes('class="data"')
    )
    styled.cell_ids = False
    region = f'role="group" aria-label="{escape(caption, quote=True)}" tabindex="0"'
    return HTML(f'<div class="scroll" {region}>{styled.to_html()}</div>')


def say(*paragraphs: str) -> Markdown:
    """Return prose; names from the data start no formula and no HTML, empty paragraphs go."""
    return Markdown("\n\n".join(_plain(p) for p in paragraphs if p))


def _plain(paragraph: str) -> str:
    if "```" in paragraph:
        return paragraph
    if current() == "zh":
        paragraph = _closed_up(paragraph)
    return paragraph.replace("&", "&amp;").replace("<", "&lt;").replace("$", r"\$")


def _closed_up(paragraph: str) -> str:
    """Return a Chinese paragraph without gaps between its sentences, as Chinese is set.

    Markdown ends no bold text at a stop that a character follows, so the stop moves out.
    """
    paragraph = re.sub(r"([。！？；：])\*\* +", r"**\1", paragraph)
    return re.sub(r"(?<=[。！？；]) +(?=\S)", "", paragraph)
