"""Every scheme as SQL."""

from __future__ import annotations

from textwrap import wrap

from segment.errors import StudyError
from segment.features.windows import NOW, Window
from segment.language import _
from segment.run import Run
from segment.tiering import Tiering
from segment.tiering.query import meanings, query
from segment.words import count


def rules(run: Run) -> str:
    """Return every scheme as SQL: a query over the newest window, or why there is none."""
    heading = _(
        "Tiers as SQL, one query per scheme, for DuckDB, of the {days} up to {last}: for other "
        "tiers put the two dates of a window of the same length in their place. The table orders "
        "holds customer_id, date, amount, and margin, product and category as needed, without "
        "what was cancelled; the table customers, a row each, what a query names besides.",
        days=count(run.windows.calibration_days, "day"),
        last=run.windows.newest_day,
    )
    window, lines = run.windows.named[NOW], wrap(heading, 95)
    queries = [commented(label, method, window) for label, method in run.methods.items()]
    return "\n".join([*map(_comment, lines), "", *queries])


def commented(label: str, method: Tiering, window: Window) -> str:
    """Return one scheme as SQL, with what its columns mean."""
    try:
        written = f"{query(method, window)};"
    except StudyError as error:
        written = _comment(_("No query: {reason}", reason=_(str(error))))
    of_customers = [_comment(text) for text in meanings(getattr(method, "read_", ()))]
    notes = [line.replace("-- ", "--   ", 1) for line in of_customers]
    return "\n".join([_comment(label), *notes, written, ""])


def _comment(text: str) -> str:
    """Return a text as a comment whose line it cannot leave."""
    return f"-- {' '.join(str(text).split())}"
