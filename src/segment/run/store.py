"""Open a study, and keep a prepared one in a folder for the notebooks of its report."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from segment import language, notebook, theme, tiering
from segment.action import previous
from segment.errors import StudyError
from segment.evidence import origins
from segment.features.kept import Kept
from segment.run import plain
from segment.run.prepare import prepare
from segment.run.study_run import Run
from segment.run.totals import TotalsRun
from segment.study import locate, read
from segment.study.file import OF_STUDY

STATE, WINDOWS = "state", "windows"  # folders: what ``plain`` writes, and the features
EVIDENCE = ("backtest", "rolling", "stability", "verdict")
SHARED = ("customers", "outcome", "today", "history")  # that most pages look at
_ready: dict[Path, Run] = {}


def open_study(
    study: str | Path,
    run: str | Path | None = None,
    cut: str | dt.date | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Run:
    """Open a study: from a prepared run if there is one, else from its data.

    Parameters
    ----------
    study : str or Path
        The study's YAML file; found from the project's folder and from ``notebooks/``.
    run : str or Path, optional
        Folder that ``save`` wrote; ``segment report`` gives it to the notebooks. Not used
        where the cut or another value differs from the study's.
    cut : str or date, optional
        Another cut date than the study's.
    overrides : mapping, optional
        More values that differ, as in ``segment.study.read``.

    Raises
    ------
    StudyError
        If the study or its data cannot be used, or papermill was given a parameter that the
        notebook does not have.
    """
    notebook.refuse_unknown(notebook.cells_run())
    changed = {"periods.cut": cut, **(overrides or {})}
    if run is None or any(value is not None for value in changed.values()):
        opened = prepare(read(study, changed))
    else:
        opened = _ready.pop(Path(run).resolve(), None) or load(Path(run), study)
    language.use(opened.study.language)
    theme.set_theme()
    return opened


def save(run: Run, folder: Path) -> None:
    """Write the prepared data and the evidence; they hold customer ids."""
    parts = {field.name: getattr(run, field.name) for field in fields(run)}
    parts["computed"] = {}
    if isinstance(run.wide, Kept):
        parts["wide"] = None
        # The features of earlier cut dates have done their work: ``rolling`` is saved.
        kept = [name for name in run.wide.windows if not name.startswith(origins.ORIGIN)]
        run.wide.copy(folder / WINDOWS, kept)
    evidence = {} if run.study.untested else {name: getattr(run, name) for name in EVIDENCE}
    own = {label for label, spec in run.study.methods.items() if spec.own_classes()}
    methods = {label: method for label, method in run.methods.items() if label not in own}
    plain.dump((parts, evidence, methods), folder / STATE)


def keep_ready(folder: Path, study: str) -> Run:
    """Read what ``save`` wrote; the next ``open_study`` of it here, or in a fork, finds it read."""
    run = load(folder, study)
    for name in SHARED:
        getattr(run, name)
    _ready[folder.resolve()] = run
    return run


def load(folder: Path, study: str | Path) -> Run:
    """Read what ``save`` wrote.

    Methods of a study's own are fitted anew: by the code beside the study that the user names,
    never by code that a folder names.
    """
    try:
        parts, evidence, methods = plain.load(folder / STATE)
        if parts["wide"] is None:
            parts["wide"] = Kept(folder / WINDOWS)
        run = (TotalsRun if parts["study"].untested else Run)(**parts)
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        raise StudyError(
            f"'{folder}' holds no run that can be read; leave out 'run', or make the report again."
        ) from None
    if any(spec.own_classes() for spec in run.study.methods.values()):
        known = Path(os.environ.get(OF_STUDY) or locate(study))
        if known.resolve() != run.study.file.resolve():
            raise StudyError(f"'{folder}' is of another study than '{study}'; leave out 'run'.")
        labels = [label for label in run.study.methods if label not in run.left_out]
        unfitted = tiering.build(run.study)
        methods = {label: methods.get(label) or unfitted[label] for label in labels}
        for method in methods.values():
            if not hasattr(method, "labels_"):
                method.fit(run.customers)
    run.__dict__.update(evidence, methods=methods)
    know_previous(run, folder)
    return run


def know_previous(run: Run, folder: Path) -> None:
    """Let a run know the results of the last report that lie in a folder, if there are any."""
    run.__dict__["previous"] = previous.read(folder / previous.FILE)
