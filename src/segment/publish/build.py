"""Build a report: run its notebooks in a folder beside the target, and move it into place.

The folder is moved when it is whole, so that a killed run leaves the last good report.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segment.errors import StudyError
from segment.language import current
from segment.publish.manifest import Page

WORKERS = 2
RESULTS = "results.json"


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Give a working folder that becomes ``target`` if the block ends well.

    A target that holds something else than a report is refused.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        old.rename(target)
    if target.exists() and any(target.iterdir()) and not (target / RESULTS).exists():
        raise StudyError(f"'{target}' holds files that are no report; choose another folder.")
    for left in target.parent.glob(f".{target.name}.partial-*"):
        if not _is_running(int(left.name.rsplit("-", 1)[1])):
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


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def run_notebooks(
    pages: Sequence[Page],
    folder: Path,
    parameters: Mapping[str, Any],
    tell: Callable[[str, str, float], None],
) -> None:
    """Execute notebooks into ``folder``, their working directory, two at a time.

    ``tell`` is called from threads with "start" or "done", the notebook's name and the seconds.
    Of a notebook that fails the first sentence of its error is raised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    started: list[subprocess.Popen] = []
    stopping = False

    def run(page: Page) -> None:
        began = time.monotonic()
        tell("start", page.notebook.stem, 0.0)
        process = _start(page.notebook, folder.resolve(), parameters)
        started.append(process)
        if stopping:
            process.kill()
        errors = process.communicate()[1]
        if process.returncode:
            last = (errors.strip().splitlines() or ["it stopped without a word"])[-1]
            raise StudyError(f"Notebook {page.notebook.name}: {last}")
        tell("done", page.notebook.stem, time.monotonic() - began)

    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for done in as_completed([pool.submit(run, page) for page in pages]):
                done.result()
        finally:
            stopping = True
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.kill()


def _start(notebook: Path, folder: Path, parameters: Mapping[str, Any]) -> subprocess.Popen:
    """Start a notebook out of reach of Ctrl-C, which this process handles."""
    command = [sys.executable, "-m", "segment.publish.execute", str(notebook)]
    command += [str(folder / notebook.name), json.dumps(dict(parameters)), current()]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON that reads the same everywhere: UTF-8, sorted keys, no NaN."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
