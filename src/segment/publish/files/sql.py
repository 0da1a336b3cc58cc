"""Every scheme as SQL."""

from __future__ import annotations

from segment.errors import StudyError
from segment.features.balances import DECIMALS
from segment.features.customers import FEATURES
from segment.run import Run
from segment.tiering import Tiering

HEADING = """\
-- Tiers as SQL, one query per scheme, for DuckDB. The table customers has one row per
-- customer and the columns that each query names, over a window that is as long as the
-- one the limits were learned in: {days:,} days.
"""
# Sums of these differ in the last digit with the order of the rows.
INEXACT = {name for name, (_meaning, unit) in FEATURES.items() if unit in ("currency", "share")}


def rules(run: Run) -> str:
    """Return every scheme as SQL: a SELECT over a table of customers, or why there is none."""
    queries = [query(label, method) for label, method in run.methods.items()]
    return "\n".join([HEADING.format(days=run.windows.calibration_days), *queries])


def query(label: str, method: Tiering) -> str:
    """Return one scheme as SQL, with what its columns mean."""
    lines = [_comment(label)]
    try:
        case = method.sql("duckdb")
    except (StudyError, AttributeError) as error:
        reason = error if isinstance(error, StudyError) else "This method writes no SQL."
        return "\n".join([*lines, _comment(f"No query: {reason}"), ""])
    for name in getattr(method, "read_", ()):
        meaning = FEATURES.get(name, ("from the customers table", ""))[0]
        lines.append(_comment(f"{name}: {meaning}").replace("-- ", "--   ", 1))
    sums = [name for name in getattr(method, "read_", ()) if name in INEXACT]
    source = "customers"
    if sums:
        exact = ", ".join(f'round("{name}", {DECIMALS}) AS "{name}"' for name in sums)
        source = f"(SELECT * REPLACE ({exact}) FROM customers)"
    return "\n".join([*lines, f"SELECT customer_id, {case} AS tier FROM {source};", ""])


def _comment(text: str) -> str:
    """Return a text as a comment whose line it cannot leave."""
    return f"-- {' '.join(str(text).split())}"
