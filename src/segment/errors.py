"""The one exception that is meant for the person running a study."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches


class StudyError(Exception):
    """Something in the study or its data must be changed by the user.

    The message is a plain sentence: what is wrong, where, and what to do.
    Command line, notebooks and report show it without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the sentence alone."""
        return [str(self)]


def sentence(error: Exception) -> str:
    """Return what an error says to the person who runs a study; empty for a fault of the package.

    Disks are full, folders read-only and files damaged.
    """
    if isinstance(error, StudyError):
        return str(error)
    if isinstance(error, OSError):
        # Files are written beside their places, under a name that goes away again.
        named = re.sub(r"\.([^/]+)\.(partial-\w+|new)$", r"\1", str(error.filename or ""))
        place = f"'{named}'" if named else "A file"
        return f"{place} cannot be read or written ({error.strerror or error})."
    if isinstance(error, (MemoryError, RecursionError)):
        return f"The data or the study are too large ({type(error).__name__})."
    if type(error).__module__.startswith(("duckdb", "_duckdb", "pyarrow")):
        reason = str(error).splitlines()[0]
        if type(error).__name__ == "OutOfMemoryException":
            return (
                f"The database has too little memory or disk ({reason}); give it more by "
                "'memory_limit' in the study, or free the disk of temporary files."
            )
        return f"The data cannot be read ({reason}); if a file is damaged, get it again."
    return ""


def nearest(name: object, choices: Iterable[object]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest choice, else the list of choices."""
    known = [str(choice) for choice in choices]
    close = closest(name, known)
    if close:
        return f"; did you mean '{close}'?"
    return f"; it can be: {', '.join(known)}." if known else "."


def closest(name: object, choices: Iterable[object]) -> str | None:
    """Return the choice that is written most like a name, upper or lower case; None if none is."""
    lowered = {str(choice).lower(): str(choice) for choice in choices}
    close = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None
