"""Execute one notebook in a process of its own.

``python -m segment.publish.execute NOTEBOOK TARGET PARAMETERS LANGUAGE``, the parameters as
JSON. A process each, because papermill changes the working directory of its process,
and because a process can be stopped at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from segment import language


def execute(notebook: Path, target: Path, parameters: dict, **settings: Any) -> None:
    """Run a notebook into ``target``, whose folder is its working directory.

    Its prose is translated before, so that the copy reads in one language. ``settings`` are
    papermill's own, of the kernel.
    """
    source = nbformat.read(notebook, as_version=4)
    for cell in source.cells:
        if cell.cell_type == "markdown":
            cell.source = language._(cell.source)
    # What a notebook that was written by hand may lack, and papermill asks for.
    source.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
    source.metadata.kernelspec.setdefault("language", "python")
    nbformat.write(source, target)
    executed = papermill.execute_notebook(
        target,
        target,
        parameters=parameters,
        cwd=target.parent,
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=["--log-level=ERROR"],
        **{"start_timeout": 180, **settings},
    )
    # The copies are shared: what papermill notes of this machine's folders goes.
    for key in ("input_path", "output_path"):
        executed.metadata.papermill.pop(key, None)
    nbformat.write(executed, target)


def why(error: PapermillExecutionError) -> str:
    """Return what an error of a cell says to a reader."""
    return error.evalue if error.ename == "StudyError" else f"{error.ename}: {error.evalue}"


if __name__ == "__main__":
    try:
        language.use(sys.argv[4])
        execute(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
    except PapermillExecutionError as error:
        sys.exit(why(error))
