"""Open a study, and keep a prepared one in a folder for the notebooks of its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from segment import language, notebook, theme, tiering
from segment.action import previous
from segment.evidence import origins
from segment.run.prepare import prepare
from segment.run.study_run import Run
from segment.run.totals import TotalsRun
from segment.study import read

STATE, EVIDENCE = "state.joblib", "evidence.joblib"
FEATURES, KEEP = "features.parquet", "keep.parquet"
EVIDENCE_PARTS = ("methods", "backtest", "rolling", "stability", "verdict")
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
        opened = _ready.pop(Path(run).resolve(), None) or load(Path(run))
    language.use(opened.study.language)
    theme.set_theme()
    return opened


def save(run: Run, folder: Path) -> None:
    """Write the prepared data and the evidence; they hold customer ids."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = [field.name for field in fields(run) if field.name not in ("wide", "computed")]
    # The features of earlier cut dates have done their work: ``rolling`` is saved.
    done = [name for name in run.wide if name.startswith(origins.ORIGIN)]
    run.wide.drop(columns=done).to_parquet(folder / FEATURES, index=False)
    parts = ("methods",) if run.study.untested else EVIDENCE_PARTS
    joblib.dump({name: getattr(run, name) for name in parts}, folder / EVIDENCE)
    if not run.study.untested:
        run.stability.keep.to_parquet(folder / KEEP)
    joblib.dump({name: getattr(run, name) for name in kept}, folder / STATE)


def keep_ready(folder: Path) -> None:
    """Read what ``save`` wrote; the next ``open_study`` of it here, or in a fork, finds it read."""
    _ready[folder.resolve()] = load(folder)


def load(folder: Path) -> Run:
    """Read what ``save`` wrote in a run of this machine and version."""
    state = joblib.load(folder / STATE)
    kind = TotalsRun if state["study"].untested else Run
    run = kind(**state, wide=pd.read_parquet(folder / FEATURES))
    tiering.import_from(run.study.file.parent)
    run.__dict__.update(joblib.load(folder / EVIDENCE))
    know_previous(run, folder)
    return run


def know_previous(run: Run, folder: Path) -> None:
    """Let a run know the results of the last report that lie in a folder, if there are any."""
    run.__dict__["previous"] = previous.read(folder / previous.FILE)
