"""What a long command says while it works."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from segment.publish.console import visible


class Progress:
    """The step under way: with a bar and the time left in a terminal, else a line for each."""

    def __init__(self, console: Console) -> None:
        self.notes: list[str] = []  # what was left out and why, said when all is done
        self._console, self._began, self._share = console, time.monotonic(), 0.0
        columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn()
        self._bar = Bar(
            *columns,
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            transient=True,
            speed_estimate_period=3600,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def expect(self, total: float) -> None:
        """Set the sum of the shares of all steps that are still to begin."""
        self._bar.update(self._task, total=total)

    def begin(self, step: str, share: float = 0.0) -> None:
        """Begin a step, which ends the one before; ``share`` is how long it takes, in any unit."""
        step = visible(step)
        self._bar.update(self._task, description=step, advance=self._share)
        self._share = share
        if not self._console.is_terminal:
            minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
            clock = f"{minutes}:{seconds:02d}  {step}"
            self._console.print(clock, markup=False, highlight=False, soft_wrap=True)
