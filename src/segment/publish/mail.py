"""The answer as the body of an e-mail: ``summary.html``.

Programs for mail show no script, no SVG and no style sheet, and fetch nothing: bars are cells
of tables, styles stand where they apply.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from nbconvert.filters import markdown2html

from segment import notebook
from segment.language import _
from segment.pages import summary
from segment.publish.kept import REPORT
from segment.publish.render import templates, without_links
from segment.run import Run
from segment.words import percent

FILE = "summary.html"
# Of customers, of the value, which counts, and of service hours.
COLOURS = ("#9aa3af", "#0072b2", "#566070")


def write(run: Run, results: Mapping[str, Any], folder: Path) -> Path:
    """Write the answer of a run; ``results`` say when it was made. Return the file."""
    scheme = run.scheme()
    made, version = results["made"], results["versions"]["segment"]
    html = (
        templates()
        .get_template("mail.html.j2")
        .render(
            title=run.study.title,
            heading=_inline(summary.heading(run, scheme).removeprefix("# ")),
            cards={figure: _inline(words) for figure, words in summary.cards(run, scheme).items()},
            bars=_bars(run),
            bars_title=summary.shares_title(scheme),
            parts=[
                _html("\n\n".join(part))
                for part in (summary.do_now(run, scheme), summary.how_sure(run, scheme))
            ],
            report=REPORT,
            footer=_("Made {when} by segment {version}.", when=made, version=version),
        )
    )
    (folder / FILE).write_text(html, encoding="utf-8")
    return folder / FILE


def _bars(run: Run) -> dict[str, list[dict[str, object]]]:
    """Return the bars of each tier: measure, share as text, per cent of the longest, colour."""
    shares = summary.shares(run.scheme())
    measures = list(shares["measure"].unique())
    longest = shares["share"].max()
    return {
        tier: [
            {
                "measure": row.measure,
                "share": notebook.HELD_BACK if math.isnan(row.share) else percent(row.share),
                "width": 0 if math.isnan(row.share) else math.ceil(100 * row.share / longest),
                "colour": COLOURS[measures.index(row.measure)],
            }
            for row in rows.itertuples()
        ]
        for tier, rows in shares.groupby("tier", sort=False)
    }


def _html(text: str) -> str:
    """Return Markdown as HTML; a name that is written as a link or a picture is neither."""
    soup = BeautifulSoup(markdown2html(notebook.say(text).data), "html.parser")
    without_links([soup])
    return str(soup)


def _inline(text: str) -> str:
    return _html(text).strip().removeprefix("<p>").removesuffix("</p>")
