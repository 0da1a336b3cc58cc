"""Build a report: run its notebooks in a folder beside the target, and move it into place.

The folder is moved when it is whole, so that a killed run leaves the last good report.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from segment.errors import StudyError
from segment.forks import start_method
from segment.language import current
from segment.publish import kept
from segment.publish.kept import EVALUATION, RESULTS
from segment.publish.manifest import Page
from segment.reading import working

WORKERS = 2


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Give a working folder that becomes ``target`` if the block ends well.

    A target that holds something else than a report is refused.
    """
    target = target.resolve()  # a link stays one
    old = target.with_name(f".{target.name}.old")
    with working.made(target.parent):
        with working.alone(target.parent):
            _recover(old, target)
        others = any(file.name != EVALUATION for file in target.glob("*"))
        if others and not kept.is_report(target):
            raise StudyError(f"'{target}' holds files that are no report; choose another folder.")
        with working.beside(target) as partial:
            yield partial
            with working.alone(target.parent):
                _recover(old, target)
                if target.exists():
                    target.rename(old)
                partial.rename(target)
                shutil.rmtree(old, ignore_errors=True)


def _recover(old: Path, target: Path) -> None:
    """Put a report back that was moved aside when its successor's run was killed."""
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def keep_previous(target: Path, file: Path) -> None:
    """Keep the results of the report that is about to be replaced, if there is one."""
    if (target / RESULTS).exists():
        shutil.copyfile(target / RESULTS, file)


@contextmanager
def warm_kernels() -> Iterator[subprocess.Popen | None]:
    """Start the process that kernels are forked from, which has imports to do; end it after all.

    None where the platform does not fork.
    """
    if start_method() == "spawn":
        yield None
        return
    process = _start("segment.publish.forked", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError, PermissionError):  # it has ended
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def run_notebooks(
    pages: Sequence[Page],
    folder: Path,
    parameters: Mapping[str, Any],
    tell: Callable[[str, str, float], None],
    kernels: subprocess.Popen | None,
) -> None:
    """Execute notebooks into ``folder``, their working directory, two at a time.

    ``tell`` is called with "start" or "done", the notebook's name and the seconds. Kernels are
    forks of what ``warm_kernels`` gave; without it, and where that fails, each notebook has
    processes of its own. Of a notebook that fails the first sentence of its error is raised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    left = [page.notebook for page in pages]
    if kernels is not None:
        left = _run_forked(left, folder.resolve(), parameters, tell, kernels)
    _run_apart(left, folder.resolve(), parameters, tell)


def _run_forked(
    notebooks: Sequence[Path],
    folder: Path,
    parameters: Mapping[str, Any],
    tell: Callable[[str, str, float], None],
    kernels: subprocess.Popen,
) -> list[Path]:
    """Execute notebooks in forked kernels; return those that came to no end."""
    job = {
        "notebooks": [str(notebook) for notebook in notebooks],
        "folder": str(folder),
        "parameters": dict(parameters),
        "language": current(),
        "workers": WORKERS,
    }
    left, began = {notebook.stem: notebook for notebook in notebooks}, {}
    with suppress(BrokenPipeError):  # it has broken down
        kernels.stdin.write(json.dumps(job) + "\n")
        kernels.stdin.flush()
    for line in kernels.stdout:
        event, name, *words = json.loads(line)
        if event == "start":
            began[name] = time.monotonic()
            tell("start", name, 0.0)
        elif event == "failed":
            raise StudyError(f"Notebook {left[name].name}: {_last_line(*words)}")
        else:  # "done"
            tell("done", name, time.monotonic() - began[name])
            del left[name]
    return [*left.values()]


def _run_apart(
    notebooks: Sequence[Path],
    folder: Path,
    parameters: Mapping[str, Any],
    tell: Callable[[str, str, float], None],
) -> None:
    """Execute notebooks in processes of their own; ``tell`` is called from threads."""
    started: list[subprocess.Popen] = []
    stopping = False

    def run(notebook: Path) -> None:
        began = time.monotonic()
        tell("start", notebook.stem, 0.0)
        job = str(notebook), str(folder / notebook.name), json.dumps(dict(parameters)), current()
        process = _start("segment.publish.execute", *job, stderr=subprocess.PIPE)
        started.append(process)
        if stopping:
            process.kill()
        errors = process.communicate()[1]
        if process.returncode:
            raise StudyError(f"Notebook {notebook.name}: {_last_line(errors)}")
        tell("done", notebook.stem, time.monotonic() - began)

    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for done in as_completed([pool.submit(run, notebook) for notebook in notebooks]):
                done.result()
        finally:
            stopping = True
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.kill()


def _start(module: str, *arguments: str, **streams: int) -> subprocess.Popen:
    """Start a module of the package out of reach of Ctrl-C, which this process handles."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL) | streams,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _last_line(words: str) -> str:
    return (words.strip().splitlines() or ["it stopped without a word"])[-1]


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON that reads the same everywhere: UTF-8, sorted keys, no NaN."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
