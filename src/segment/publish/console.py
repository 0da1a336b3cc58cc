"""Tables, sentences and questions on a console, whatever signs it can show."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:  # a command that prints sentences starts without it
    import pandas as pd

out, err = Console(), Console(stderr=True)
WIDEST = 6  # columns of a preview that stand side by side


def never_fail() -> None:
    """Show ? for a sign that a console lacks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def heed_signals() -> None:
    """Let a run end in order, as by Ctrl-C, when the system or a closed terminal ends it."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, signal.default_int_handler)


def say(text: str, console: Console = out, style: str | None = None) -> None:
    """Print a text as it is: names from the data are no markup, and nothing is cut."""
    text = "\n".join(map(visible, text.split("\n")))
    console.print(text, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)


def choose(question: str, choices: list[str]) -> int:
    """Put a question; return the number of the answer, 0 for none."""
    say(f"\n{question}", style="yellow")
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {choice}")
    while True:
        number = typer.prompt("Number, or 0 to leave it open", 0, type=int)
        if 0 <= number <= len(choices):
            return number


def preview(frame: pd.DataFrame, title: str) -> None:
    """Print the first rows of a file, those of many columns turned round."""
    if len(frame.columns) > WIDEST:
        few = frame.head(3).T
        few.columns = [f"row {number}" for number in range(1, len(few.columns) + 1)]
        frame = few.reset_index(names="column")
    table(frame, title)


def table(frame: pd.DataFrame, title: str) -> None:
    """Print a frame; long words are folded rather than cut."""
    shown = Table(title=visible(title), title_justify="left")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "if"
        side = "right" if numeric else "left"
        shown.add_column(_cell(str(name)), justify=side, overflow="fold")
    for row in frame.itertuples(index=False):
        shown.add_row(*[_cell(value) for value in row])
    out.print(shown)


def visible(text: str) -> str:
    """Return a text in which signs that steer a terminal are written out."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], text)


def _cell(value: object) -> str:
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{int(value):,}"
    return "" if value is None or value != value else escape(visible(str(value)))
