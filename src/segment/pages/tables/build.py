"""One way to make a table: a caption, and columns with their headings and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
from IPython.display import HTML

from segment.notebook import table

Write = Callable | str | None


def build(caption: str, *columns: tuple[str, Iterable] | tuple[str, Iterable, Write]) -> HTML:
    """Return a table from its columns, so that no heading is written twice.

    Parameters
    ----------
    caption : str
        What the table shows.
    *columns : (heading, values) or (heading, values, write)
        The values in the order of the rows, whatever their index, and how each is
        written: a format string or a function. Headings differ from each other.
    """
    frame = pd.DataFrame(
        {heading: pd.Series(values).reset_index(drop=True) for heading, values, *_ in columns}
    )
    written = {heading: write[0] for heading, _, *write in columns if write and write[0]}
    return table(frame, caption, written)
