"""Every scheme as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segment.errors import StudyError
from segment.features.customers import FEATURES
from segment.run import Run


def rules(a: Run) -> str:
    """Return every scheme as SQL: a SELECT over a table of customers, or why there is none."""
    window = a.windows.named["calibration"]
    days = (window[1] - window[0]).days
    parts = [
        "-- Tiers as SQL, one query per scheme, for DuckDB. The table customers has one row per",
        "-- customer and the columns that each query names, over a window that is as long as the",
        f"-- one the limits were learned in: {days:,} days.",
    ]
    for label, method in a.methods.items():
        parts += ["", *_query(label, method)]
    return "\n".join(parts) + "\n"


def _query(label: str, method: Any) -> Iterator[str]:
    yield f"-- {_comment(label)}"
    try:
        case = method.sql("duckdb")
    except (StudyError, AttributeError) as error:
        said = str(error) if isinstance(error, StudyError) else "This method writes no SQL."
        yield f"-- No query: {_comment(said)}"
        return
    for name in getattr(method, "read_", ()):
        meaning = FEATURES.get(name, ("from the customers table", ""))[0]
        yield f"--   {_comment(name)}: {_comment(meaning)}"
    yield f"SELECT customer_id, {case} AS tier FROM customers;"


def _comment(text: str) -> str:
    """Return a text that cannot leave the comment's line."""
    return " ".join(str(text).split())
