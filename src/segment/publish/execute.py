"""Execute one notebook in a process of its own.

``python -m segment.publish.execute NOTEBOOK JOB``, the job as JSON. A process each, because
papermill changes the working directory of its process, and because a process can be stopped.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from segment.forks import end_with_parent

if __name__ == "__main__":
    end_with_parent()  # before what takes long to import

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from segment import language
from segment.errors import StudyError
from segment.language import _

MOST_OUTPUT = 1_000_000  # characters that a cell puts on its page


def execute(notebook: Path, job: dict[str, Any], **settings: Any) -> None:
    """Run a notebook into the ``folder`` of a job, which is its working directory.

    Its prose is translated before, so that the copy reads in one ``language``. ``parameters`` are
    its own; after ``minutes`` it is stopped. Temporary files go to the folder ``scratch``.
    ``settings`` are papermill's, of the kernel.
    """
    language.use(job["language"])
    tempfile.tempdir = os.environ["TMPDIR"] = job["scratch"]
    target = Path(job["folder"]) / notebook.name
    source = nbformat.read(notebook, as_version=4)
    for cell in source.cells:
        if cell.cell_type == "markdown":
            cell.source = _(cell.source)
    # What a notebook that was written by hand may lack, and papermill asks for.
    source.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
    source.metadata.kernelspec.setdefault("language", "python")
    nbformat.write(source, target)
    end, begun = time.monotonic() + 60 * job["minutes"], []

    def seconds_left(cell: nbformat.NotebookNode) -> float:
        begun.append(cell)
        return max(0.01, end - time.monotonic())

    try:
        executed = papermill.execute_notebook(
            target,
            target,
            parameters=job["parameters"],
            cwd=target.parent,
            kernel_name="python3",
            progress_bar=False,
            extra_arguments=["--log-level=ERROR"],
            request_save_on_cell_execute=False,  # what is stopped leaves no copy
            timeout_func=seconds_left,
            **{"start_timeout": 180, **settings},
        )
    except TimeoutError:  # of a cell, by nbclient
        line = begun[-1].source.strip().partition("\n")[0]
        raise StudyError(
            f"stopped after {job['minutes']:g} minutes, in the cell that begins with '{line}'; "
            "'page_minutes' in the study allows more."
        ) from None
    for cell in executed.cells:
        cell.get("outputs", [])[:] = _bounded(cell.get("outputs", []))
    # The copies are shared: what papermill notes of this machine's folders goes.
    for key in ("input_path", "output_path"):
        executed.metadata.papermill.pop(key, None)
    nbformat.write(executed, target)


def _bounded(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return the outputs of a cell up to what a page holds, and how much was left out."""
    room, kept = MOST_OUTPUT, []
    for output in outputs:
        size = len(str(output.get("text", output.get("data", ""))))
        if size <= room:
            kept.append(output)
        elif "text" in output and room > 0:
            output.text = output.text[:room]
            kept.append(output)
        room -= size
    if room < 0:
        more = _("... {n} characters more, which no page holds.", n=f"{-room:,}")
        kept.append(nbformat.v4.new_output("stream", text=f"\n{more}\n"))
    return kept


FAILED = PapermillExecutionError, StudyError


def why(error: Exception) -> str:
    """Return what an error of a cell says to a reader."""
    if isinstance(error, StudyError):
        return str(error)
    return error.evalue if error.ename == "StudyError" else f"{error.ename}: {error.evalue}"


if __name__ == "__main__":
    try:
        execute(Path(sys.argv[1]), json.loads(sys.argv[2]))
    except FAILED as error:
        sys.exit(why(error))
