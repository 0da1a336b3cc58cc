"""Run the notebooks of a study; knows nothing of the analysis.

A run is built in a folder beside its target and moved into place when it is
whole, so that a killed run leaves the last good report.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
import papermill

from segment.errors import StudyError, nearest
from segment.language import N_, _, current

WORKERS = 2
RESULTS = "results.json"
# The navigation's names of pages; other pages are named after their file.
NAMES = {
    "abc": N_("ABC"), "rfm": N_("RFM"), "value_loyalty": N_("Value x loyalty"),
    "turnover_margin": N_("Turnover x margin"), "gold_drag": N_("Gold and drag"),
    "backtest": N_("Back-test"), "data": N_("Data"), "clusters": N_("Clusters"),
    "thresholds": N_("Thresholds"), "scorecard": N_("Scorecard"), "lifecycle": N_("Lifecycle"),
    "five_kinds": N_("Five kinds"), "credit_brake": N_("Credit brake"), "learned": N_("Learned"),
    "profiles": N_("Profiles"), "stability": N_("Stability"), "experiment": N_("Experiment"),
    "recommendation": N_("Recommendation"), "service_plan": N_("Service plan"),
    "watch_lists": N_("Watch-lists"), "retiering": N_("Re-tiering"),
    "customer_file": N_("Customer file"), "summary": N_("Summary"),
}  # fmt: skip
# Parts of the report that need special care: its first screen, and the methods in short.
ANSWER, APPENDIX = "answer", "appendix"


@dataclass(frozen=True)
class Page:
    """One notebook and the page made of it.

    Attributes
    ----------
    notebook : Path
    title : str
        Its question, in the language in use.
    part : str
        Part of the report that it belongs to.
    """

    notebook: Path
    title: str
    part: str = APPENDIX

    @property
    def file(self) -> str:
        """Name of the HTML file."""
        return f"{self.notebook.stem}.html"

    @property
    def name(self) -> str:
        """Short name for the navigation."""
        stem = self.notebook.stem.split("_", 1)[1]
        return _(NAMES[stem]) if stem in NAMES else stem.replace("_", " ").capitalize()


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: beside the package's source, or inside it."""
    package = Path(__file__).parents[1]
    for folder in (package.parents[1] / "notebooks", package / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise StudyError(f"The notebooks are missing beside {package}; install segment again.")


def pages(families: set[str], folder: Path | None = None) -> list[Page]:
    """Return the pages for a study, in order: those for every study and those of its methods.

    Parameters
    ----------
    families : set of str
        Registered names of the study's methods, and the tables beside its transactions. A
        notebook whose metadata name other families, and none of these, is left out; so is
        one that needs a table ("customers", "balances") which is not among them.
    """
    found = []
    for path in sorted((folder or notebooks_folder()).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        place = notebook.metadata.get("segment", {})
        family, needs = place.get("family"), {*place.get("needs", "").split()}
        if (family is None or families & {*family.split()}) and needs <= families:
            title = _(notebook.cells[0].source).splitlines()[0].lstrip("# ")
            found.append(Page(path, title, place.get("part", APPENDIX)))
    return found


def only(found: list[Page], names: Sequence[str]) -> list[Page]:
    """Return the answer and the pages that are asked for, by a part of their file's name.

    Raises
    ------
    StudyError
        If a name fits none of them.
    """
    stems = [page.notebook.stem for page in found]
    for name in names:
        if not any(name in stem for stem in stems):
            words = [stem.split("_", 1)[1] for stem in stems]
            raise StudyError(f"--only {name}: this study has no such page{nearest(name, words)}")
    return [
        page
        for page in found
        if page.part == ANSWER or any(name in page.notebook.stem for name in names)
    ]


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Give a working folder that becomes ``target`` if the block ends well.

    Raises
    ------
    StudyError
        If ``target`` holds something that is no report.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        old.rename(target)
    if target.exists() and any(target.iterdir()) and not (target / RESULTS).exists():
        raise StudyError(f"'{target}' holds files that are no report; choose another folder.")
    for left in target.parent.glob(f".{target.name}.partial-*"):
        if not _running(int(left.name.rsplit("-", 1)[1])):
            shutil.rmtree(left, ignore_errors=True)
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    partial.mkdir()
    try:
        yield partial
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        partial.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def keep_previous(target: Path, file: Path) -> None:
    """Keep the results of the report that is about to be replaced, if there is one."""
    if (target / RESULTS).exists():
        shutil.copyfile(target / RESULTS, file)


def _running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_notebooks(
    found: list[Page], folder: Path, parameters: Mapping[str, Any],
    tell: Callable[[str, str, float], None],
) -> None:  # fmt: skip
    """Execute notebooks into ``folder``, two at a time.

    Parameters
    ----------
    found : list of Page
    folder : Path
        Where the executed copies go; also their working directory.
    parameters : mapping
        For papermill.
    tell : callable
        Called with "start" or "done", the notebook's name and the seconds.

    Raises
    ------
    StudyError
        If a notebook fails; the first sentence of the error and where to look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for page in found:
        _refuse_unknown(page, parameters)
    waiting, running, files = list(found), {}, ExitStack()
    try:
        while waiting or running:
            while waiting and len(running) < WORKERS:
                page = waiting.pop(0)
                tell("start", page.notebook.stem, 0.0)
                errors = files.enter_context(
                    tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
                )
                process = _start(page.notebook, folder.resolve(), parameters, errors)
                running[process] = page, time.monotonic(), errors
            time.sleep(0.05)
            for process in [process for process in running if process.poll() is not None]:
                page, began, errors = running.pop(process)
                if process.returncode:
                    errors.seek(0)
                    last = (errors.read().strip().splitlines() or ["it stopped without a word"])[-1]
                    raise StudyError(f"Notebook {page.notebook.name}: {last}")
                tell("done", page.notebook.stem, time.monotonic() - began)
    finally:
        for process in running:
            process.kill()
            process.wait()
        files.close()


def _start(
    notebook: Path, folder: Path, parameters: Mapping[str, Any], errors: IO[str]
) -> subprocess.Popen:
    """Start a notebook out of reach of Ctrl-C, which this process handles."""
    target, given = folder / notebook.name, json.dumps(dict(parameters))
    command = [
        sys.executable, "-m", "segment.execute", str(notebook), str(target), given, current()
    ]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
    )


def _refuse_unknown(page: Page, parameters: Mapping[str, Any]) -> None:
    known = papermill.inspect_notebook(page.notebook)
    for name in parameters:
        if name not in known:
            raise StudyError(f"Notebook {page.notebook.name} has no parameter '{name}'.")


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON that reads the same everywhere: UTF-8, sorted keys, no NaN."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
