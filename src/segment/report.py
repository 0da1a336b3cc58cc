"""Run the notebooks and turn them into pages; knows nothing of the analysis.

A run is built in a folder beside its target and moved into place when it is
whole, so that a killed run leaves the last good report.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
import papermill
from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from segment.errors import StudyError
from segment.language import N_, _

TEMPLATES = Path(__file__).parent / "templates"
WORKERS = 2
RESULTS = "results.json"
SUMMARY_TAG = "summary"
GLOSSARY = {
    N_("Scheme, tier"): N_(
        "A scheme is a rule that puts every customer into one tier, best tier first."
    ),
    N_("Calibration and holdout"): N_(
        "A scheme learns from the calibration period. The holdout is the time after it, which no "
        "scheme has seen; it decides who was right."
    ),
    N_("Cut date"): N_(
        "The day that divides what schemes may learn from and what they are judged by; the report "
        "tries several."
    ),
    N_("Holdout value"): N_(
        "What a customer brought in the holdout, net of returns; never below 0."
    ),
    N_("Normalised Gini"): N_(
        "How well a scheme sorts customers by what they later brought: 0 is random order, 1 is "
        "perfect foresight."
    ),
    N_("Revenue sort"): N_(
        "All customers in the order of their past revenue, without tiers: the yardstick that costs "
        "nothing."
    ),
    N_("Skill"): N_("What a scheme's order adds over the revenue sort at the same tier sizes."),
    N_("Capture"): N_(
        "The share of the holdout value that the first customers by a scheme brought."
    ),
    N_("Stability"): N_(
        "Agreement of tiers between two periods: 0 is chance, 1 is every customer in the same tier."
    ),
    N_("95 % interval"): N_("Where a figure would lie in 95 of 100 samples of such customers."),
}
# What the navigation calls a page; others are called by the name of their notebook.
NAMES = {
    "data": N_("Data"), "abc": N_("ABC"), "gold drag": N_("Gold and drag"), "rfm": N_("RFM"),
    "clusters": N_("Clusters"), "value loyalty": N_("Value x loyalty"),
    "turnover margin": N_("Turnover x margin"), "thresholds": N_("Thresholds"),
    "scorecard": N_("Scorecard"), "lifecycle": N_("Lifecycle"),
    "five kinds": N_("Five kinds"), "credit brake": N_("Credit brake"), "learned": N_("Learned"),
    "profiles": N_("Profiles"), "stability": N_("Stability"), "backtest": N_("Back-test"),
    "recommendation": N_("Recommendation"), "experiment": N_("Experiment"),
}  # fmt: skip


@dataclass
class Page:
    """One notebook and the page made of it."""

    notebook: Path
    title: str

    @property
    def file(self) -> str:
        """Name of the HTML file."""
        return f"{self.notebook.stem}.html"

    @property
    def name(self) -> str:
        """Short name for the navigation."""
        text = self.notebook.stem.split("_", 1)[1].replace("_", " ")
        return _(NAMES.get(text, text.capitalize()))


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: beside the package's source, or inside it."""
    package = Path(__file__).parent
    for folder in (package.parents[1] / "notebooks", package / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise StudyError(f"The notebooks are missing beside {package}; install segment again.")


def pages(families: set[str], folder: Path | None = None) -> list[Page]:
    """Return the pages for a study, in order: those for every study and those of its methods.

    Parameters
    ----------
    families : set of str
        Registered names of the study's methods. A notebook whose metadata name
        other families, and none of these, is left out.
    """
    found = []
    for path in sorted((folder or notebooks_folder()).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        family = notebook.metadata.get("segment", {}).get("family")
        if family is None or families & {*family.split()}:
            title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
            found.append(Page(path, title))
    return found


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
    command = [sys.executable, "-m", "segment.execute", str(notebook), str(target), given]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
    )


def _refuse_unknown(page: Page, parameters: Mapping[str, Any]) -> None:
    known = papermill.inspect_notebook(page.notebook)
    for name in parameters:
        if name not in known:
            raise StudyError(f"Notebook {page.notebook.name} has no parameter '{name}'.")


def render(
    found: list[Page], executed: Path, target: Path, study: str, facts: Mapping[str, str]
) -> None:
    """Write one HTML page per executed notebook, and the front page.

    Parameters
    ----------
    found : list of Page
    executed : Path
        Folder of the executed notebooks.
    target : Path
        Folder of the pages.
    study : str
        Title of the study.
    facts : mapping of str to str
        What the front page says of the run.
    """
    footer = f"Made {facts['Made']} by segment {facts['Version']}."
    code_style = _code_style()
    exporter = HTMLExporter(
        template_name="segment", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
    answers, summary = {}, []
    for page in found:
        notebook = nbformat.read(executed / page.notebook.name, as_version=4)
        answers[page.file] = _mark_answer(notebook)
        notebook.cells = _fold_setup(notebook.cells)
        summary.insert(0, [_html(o) for c in notebook.cells for o in _tagged(c) if _html(o)])
        shared = {"study": study, "footer": footer, "code_style": code_style, "pages": found}
        resources = {"page": {"title": page.title, "file": page.file, **shared}}
        html, _resources = exporter.from_notebook_node(notebook, resources)
        (target / page.file).write_text(html, encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(TEMPLATES / "segment"), autoescape=True)
    front = environment.get_template("front.html.j2").render(
        study=study, footer=footer, facts=facts, code_style=code_style,
        glossary={_(term): _(meaning) for term, meaning in GLOSSARY.items()},
        summary=[part for parts in summary for part in parts],
        pages=[{"file": p.file, "name": p.name, "title": p.title,
                "answer": markdown2html(answers[p.file])} for p in found],
    )  # fmt: skip
    (target / "index.html").write_text(front, encoding="utf-8")


def _fold_setup(cells: list[Any]) -> list[Any]:
    """Join code without outputs to the next code cell, so that a page opens with its answer."""
    given = [c for c in cells if "injected-parameters" in c.metadata.get("tags", [])]
    folded, waiting = [], []
    for cell in cells:
        if cell.cell_type == "code":
            if "parameters" in cell.metadata.get("tags", []) and len(given):
                continue
            if not cell.outputs:
                waiting.append(cell.source)
                continue
            cell.source = "\n\n".join([*waiting, cell.source])
            waiting = []
        folded.append(cell)
    return folded


def _tagged(cell: Any) -> list[Any]:
    tagged = SUMMARY_TAG in cell.metadata.get("tags", [])
    return cell.get("outputs", []) if tagged else []


def _mark_answer(notebook: Any) -> str:
    """Mark the first prose that a notebook computes as its answer; return its first paragraph."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown")
            if text:
                output.metadata["answer"] = True
                return text.split("\n\n")[0]
    return ""


def _html(output: Any) -> str:
    data = output.get("data", {})
    if "text/markdown" in data:
        kind = "answer" if output.metadata.get("answer") else "prose"
        return f'<div class="{kind}">{markdown2html(data["text/markdown"])}</div>'
    return data.get("text/html", "")


def _code_style() -> str:
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    rules = f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"
    return re.sub(r"\.highlight\s*\{[^}]*background[^}]*\}", "", rules)


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON that reads the same everywhere: UTF-8, sorted keys, no NaN."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
