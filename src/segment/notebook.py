"""What every notebook does first: read its parameters, open the study, set the theme."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython import get_ipython

from segment.errors import StudyError, nearest
from segment.pages import plots
from segment.run import Analysis, open_analysis

INJECTED = "# Parameters"


def start(
    study: str, run: str | None = None, cut: Any = None, own: Mapping[str, Any] | None = None
) -> Analysis:
    """Open the study of a notebook.

    Parameters
    ----------
    study : str
        The study's YAML file; found from the project folder and from ``notebooks/``.
    run : str, optional
        Folder of a prepared run; ``segment report`` sets it.
    cut : str or date, optional
        Another cut date than the study's.
    own : mapping, optional
        More methods for this notebook, as they would stand under ``methods``.

    Raises
    ------
    StudyError
        If papermill was given a parameter that the notebook does not have.
    """
    shell = get_ipython()
    if shell is not None:
        refuse_unknown(shell.user_ns.get("In", []))
    overrides = {"periods.cut": cut} | {f"methods.{k}": v for k, v in (own or {}).items()}
    found = open_analysis(Path(study), run, overrides)
    plots.set_theme()  # of the study's language
    return found


def refuse_unknown(cells: list[str]) -> None:
    """Raise if the cell that papermill injected sets a name no cell before it sets.

    Papermill itself only logs a misspelled parameter, and the run goes on with
    the default.

    Parameters
    ----------
    cells : list of str
        Sources of the cells run so far.
    """
    declared: set[str] = set()
    for cell in cells:
        names = _assigned(cell)
        if cell.lstrip().startswith(INJECTED):
            for name in sorted(names - declared):
                raise StudyError(
                    f"The notebook has no parameter '{name}'{nearest(name, sorted(declared))}"
                )
        declared |= names


def _assigned(cell: str) -> set[str]:
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        return set()
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
