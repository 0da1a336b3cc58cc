"""What a cell of a notebook puts on its page: figures, tables and sentences.

The same output is right in JupyterLab, in VS Code and in the HTML page. Names of columns
become the words that a reader knows, in the language of the study.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pandas as pd
from IPython import get_ipython
from IPython.display import HTML, Markdown
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from segment._svg import inline
from segment.errors import StudyError, nearest
from segment.evidence.small_groups import FEWEST, held_back, point_at_somebody
from segment.features.names import FORMATS, column_name
from segment.language import _, current, tier_name
from segment.theme import write_axis
from segment.words import capital, decimal, money, number_in_short, percent, points

INJECTED = "# Parameters"  # what papermill writes above the values that it was given
HELD_BACK = "–"
INTERVAL = "\x1f"  # stands between a value and its interval until the cell is written
# Columns whose values are names of tiers.
TIERS = ("tier", "stage", "kind", "class", "earlier", "later")
LOW, HIGH = "_low", "_high"

Write = str | Callable[[Any], str]


def refuse_unknown(cells: list[str]) -> None:
    """Raise if the cell that papermill injected sets a name no cell before it sets.

    Papermill itself only logs a misspelled parameter, and the run goes on with the default.
    """
    declared: set[str] = set()
    for cell in cells:
        names = assigned(cell)
        if cell.lstrip().partition("\n")[0].rstrip() == INJECTED:
            for name in sorted(names - declared):
                raise StudyError(
                    f"The notebook has no parameter '{name}'{nearest(name, sorted(declared))}"
                )
        declared |= names


def cells_run() -> list[str]:
    """Return the sources of the cells run so far; none outside of a notebook."""
    shell = get_ipython()
    return [] if shell is None else shell.user_ns.get("In", [])


def assigned(source: str) -> set[str]:
    """Return the names that a piece of code sets; none if it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def show(
    ax: Axes,
    title: str = "",
    note: str = "",
    of: str = "",
    currency: str = "",
    data: pd.DataFrame | None = None,
) -> HTML:
    """Return a figure with its finding as title, and close it.

    Columns that are named on an axis or in a legend become words, and their numbers are
    written as money, shares or counts, as the column is. Each mark says its value.

    Parameters
    ----------
    ax : Axes
        Any axes of the figure, or a seaborn grid.
    title : str
        The finding, a sentence. Default: the title that the axes have.
    note : str
        What is drawn, from when, in what unit.
    of : str
        The scheme that it is about, where a page has several.
    currency : str
        Of amounts, for example "USD".
    data : DataFrame, optional
        What is drawn, to be opened below; as in ``table``. None where a table stands beside it.
    """
    figure: Figure = ax.figure
    if not title:
        title = figure.get_suptitle() or ax.get_title(loc="left") or ax.get_title()
        figure.suptitle("")
        for place in ("left", "center"):
            ax.set_title("", loc=place)
    write: dict[Axis, Callable[[Any], str]] = {}
    for part in figure.axes:
        write |= _translate(part, currency)
    title, note = _named(title, of), _(note)
    for text in figure.findobj(Text):  # two amounts in a label are no formula; ticks are yet empty
        if text.get_text():
            text.set_parse_math("\\mathdefault" in text.get_text())
    drawings = inline(figure, write)
    plt.close(figure)
    note = f"<small>{_html(note)}</small>" if note else ""
    key = drawings[0].get("aria-labelledby")
    caption = f'<figcaption id="{key}"><strong>{_html(title)}</strong>{note}</figcaption>'
    pictures = "".join(ElementTree.tostring(svg, encoding="unicode") for svg in drawings)
    return HTML(f"<figure>{caption}{pictures}{_folded(data, currency)}</figure>")


def _folded(data: pd.DataFrame | None, currency: str) -> str:
    if data is None:
        return ""
    rows = table(data, _("Data of this figure"), currency=currency).data
    return f'<details class="data"><summary>{_("Data of this figure")}</summary>{rows}</details>'


def _named(title: str, scheme: str) -> str:
    return _("{scheme}: {title}", scheme=scheme, title=_(title)) if scheme else _(title)


def _translate(ax: Axes, currency: str) -> dict[Axis, Callable[[Any], str]]:
    """Put words for names of columns, and write the numbers of an axis as its column is.

    Returns how a single number on an axis is written, where its column says it.
    """
    write = {}
    for axis in (ax.xaxis, ax.yaxis):
        column = axis.get_label_text()
        if axis.isDefault_majfmt:
            write_axis(axis, FORMATS.get(column), currency)
            if kind := FORMATS.get(column):
                write[axis] = people if kind == "people" else _writer(kind, currency)
        axis.set_label_text(in_words(column, currency))
        if isinstance(axis.get_major_locator(), FixedLocator) or axis.get_converter() is not None:
            names = [text.get_text() for text in axis.get_ticklabels()]
            words = [in_words(name) for name in names]
            if words != names:
                axis.set_ticks(axis.get_ticklocs(), words)
    legend = ax.get_legend()
    ax.set_title(in_words(ax.get_title(), currency))
    for text in [*ax.texts, *(legend.get_texts() if legend else [])]:
        text.set_text(in_words(text.get_text()))
    if legend:  # of a column that has no name of its own, the entries say enough
        column = legend.get_title().get_text()
        legend.set_title(in_words(column, currency) if column in FORMATS else "")
    return write


def in_words(name: str, currency: str = "") -> str:
    """Return what a reader calls a column, a tier or a word written in a cell."""
    if not name:
        return name
    words = next((w for w in (column_name(name), _(name), tier_name(name)) if w != name), name)
    words = words if " " in words else words.replace("_", " ")
    if currency and FORMATS.get(name) == "money":
        return _("{what} ({why})", what=words, why=currency)
    return words


def table(
    frame: pd.DataFrame,
    caption: str = "",
    formats: Mapping[str, Write] | None = None,
    of: str = "",
    currency: str = "",
    identifiers: str = "hide",
) -> HTML:
    """Return a table: escaped, numbers right-aligned, columns under the words a reader knows.

    A column with ``<column>_low`` and ``<column>_high`` beside it is shown with its interval.
    Groups of fewer than five customers point at somebody: in a frame with a column
    ``customers`` the amounts and shares of such a row are held back.

    Parameters
    ----------
    frame : DataFrame
        An index with a name is shown as the first column. Without a column, nothing is shown.
    caption : str
        What the table shows.
    formats : mapping of str to (kind, format string or callable), optional
        By column; kinds are "count", "people" (from one to four is not told), "percent", "tenths"
        (of a percent), "money", "number",
        "decimal", "points" (of a share, signed), "text", "word" (translated). Default: as
        ``segment.features.names`` says of the column, else by its type.
    of : str
        The scheme that it is about, where a page has several.
    currency : str
        Of amounts.
    identifiers : {"hide", "pseudonym", "show"}
        Whether the page may name customers.
    """
    if frame.columns.empty:
        return HTML("")
    caption = _named(caption, of)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    names = [" ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in frame]
    frame = frame.set_axis(names, axis="columns")
    if identifiers != "show" and "customer_id" in frame:
        text = _(
            "This table names customers, and the page is made to be shared: leave out "
            "customer_id, or set 'identifiers: show' in the study."
        )
        return HTML(f"<p><strong>{escape(text)}</strong></p>")
    kinds = {name: (formats or {}).get(name) or _kind(name, frame[name]) for name in frame}
    shown, right = {}, []
    nobody = pd.Series(False, index=frame.index)
    hide = identifiers == "hide"
    few = _few(frame, "customers") if hide and "customers" in frame else nobody
    for name in frame:
        if name.endswith((LOW, HIGH)) and name.rsplit("_", 1)[0] in frame:
            continue
        write = _writer(kinds[name], currency)
        values = [HELD_BACK if _missing(value) else write(value) for value in frame[name]]
        if {name + LOW, name + HIGH} <= {*frame}:
            ends = zip(frame[name + LOW], frame[name + HIGH], strict=True)
            values = [_with_interval(v, *end, write) for v, end in zip(values, ends, strict=True)]
        heading = capital(in_words(name))
        if kinds[name] not in ("text", "word", "tier", tier_name):
            right.append(heading)
            few_here = few | _few(frame, name) if hide and kinds[name] == "people" else few
            under = point_at_somebody(_number(frame[name])) & (kinds[name] == "people")
            hidden = [_("under {n}", n=FEWEST) if u else HELD_BACK for u in under]
            values = [h if f else v for v, f, h in zip(values, few_here, hidden, strict=True)]
        shown[heading] = values
    return _styled(pd.DataFrame(shown), caption, right)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and value != value)


def _few(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return where a number of customers is so small that it would point at somebody."""
    customers = _number(frame[column])
    parts = (name for name in (*TIERS, "move") if name in frame)
    whole = any(frame[name].is_unique for name in parts)  # the rows are all customers
    return held_back(customers) if whole else point_at_somebody(customers)


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _kind(name: str, column: pd.Series) -> Write:
    if name in FORMATS:
        return FORMATS[name]
    if name in TIERS or isinstance(column.dtype, pd.CategoricalDtype):
        return tier_name
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return "text"
    return "count" if pd.api.types.is_integer_dtype(column) else "number"


def _writer(kind: Write, currency: str) -> Callable[[Any], str]:
    if callable(kind):
        return kind
    return {
        "count": "{:,.0f}".format,
        "people": "{:,.0f}".format,
        "percent": percent,
        "tenths": partial(percent, digits=1),
        "money": partial(money, currency=currency),
        "number": number_in_short,
        "decimal": decimal,
        "text": str,
        "word": _,
        "tier": tier_name,
        "points": points,
    }.get(kind, kind.format)


def people(customers: float) -> str:
    """Return a number of customers that tells of nobody."""
    few = point_at_somebody(customers)
    return _("under {n}", n=FEWEST) if few else f"{customers:,.0f}"


def _with_interval(text: str, low: Any, high: Any, write: Callable[[Any], str]) -> str:
    if _missing(low) or _missing(high) or low == high:
        return text
    whole = _("{value} ({low} to {high})", value=text + INTERVAL, low=write(low), high=write(high))
    return whole.replace(f"{INTERVAL} ", INTERVAL)


def _cell(text: str) -> str:
    """Return a cell escaped, its interval in a line of its own."""
    value, *interval = _html(text).split(INTERVAL)
    return value + "".join(f" <small>{part}</small>" for part in interval)


def _styled(frame: pd.DataFrame, caption: str, right: list[str]) -> HTML:
    # One id per content, the same in every run: styles of two tables never meet.
    uuid = hashlib.sha1((caption + frame.to_csv()).encode()).hexdigest()[:10]
    number = pd.DataFrame("number", index=frame.index, columns=right)
    styles = {name: [{"selector": "th", "props": "text-align: right"}] for name in right}
    styled = (
        frame.style.hide(axis="index")
        .format(_cell, escape=None)
        .format_index(escape="html", axis="columns")
        .set_caption(_html(caption))
        .set_td_classes(number)
        .set_table_styles(styles)
        .set_uuid(uuid)
        .set_table_attributes('class="data"')
    )
    styled.cell_ids = False
    region = f'role="group" aria-label="{escape(caption, quote=True)}"'
    return HTML(f'<div class="scroll" {region}>{styled.to_html()}</div>')


def say(*paragraphs: str) -> Markdown:
    """Return prose; names from the data start no formula and no HTML, empty paragraphs go."""
    return Markdown("\n\n".join(_plain(_(p)) for p in paragraphs if p))


def cards(figures: Mapping[str, str]) -> HTML:
    """Return a few figures in large type, each with what it is."""
    parts = [
        f"<div><dt>{_html(f)}</dt><dd>{_html(words)}</dd></div>" for f, words in figures.items()
    ]
    return HTML(f'<dl class="cards">{"".join(parts)}</dl>')


def fold(title: str, *parts: HTML | Markdown) -> HTML:
    """Return prose and tables that a reader opens by their title."""
    from nbconvert.filters import markdown2html  # takes a second to load

    inside = "".join(p.data if isinstance(p, HTML) else markdown2html(p.data) for p in parts)
    return HTML(f'<details class="more"><summary>{_html(title)}</summary>{inside}</details>')


def _plain(paragraph: str) -> str:
    if "```" in paragraph:
        return paragraph
    if current() == "zh":
        paragraph = _closed_up(paragraph)
    return _html(paragraph)


def _html(text: str) -> str:
    """Return a text escaped; an amount starts no formula and a name no link in JupyterLab."""
    escaped = escape(str(text), quote=False).replace("](", "]&#40;")
    return escaped.replace("$", "<span>&#36;</span>")


def _closed_up(paragraph: str) -> str:
    """Return a Chinese paragraph as Chinese is set: no gaps between sentences, nothing slanted.

    Markdown ends no bold text at a stop that a character follows, so the stop moves out.
    """
    paragraph = re.sub(r"(?<!\*)\*(?!\*)([^*]+)\*(?!\*) ?", r"「\1」", paragraph)
    paragraph = re.sub(r"([。！？；：])\*\* +", r"**\1", paragraph)
    return re.sub(r"(?<=[。！？；]) +(?=\S)", "", paragraph)
