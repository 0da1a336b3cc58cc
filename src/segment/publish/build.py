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
from segment.study.file import OF_STUDY

WORKERS = 2


@contextmanager
def building(
    target: Path, finish: Callable[[Path], None] = lambda _folder: None, main: str = RESULTS
) -> Iterator[Path]:
    """Give a working folder that becomes ``target`` if the block ends well.

    ``finish`` is called with it at the last moment, when nobody else changes the target any more.
    A target that holds files, and not the ``main`` one that each of its kind has, is refused.
    """
    target = target.resolve()  # a link stays one
    if Path.cwd().is_relative_to(target):
        raise StudyError(f"'{target}' is where you are and would be replaced; name another folder.")
    old = target.with_name(f".{target.name}.old")
    with working.made(target.parent):
        with working.alone(target.parent):
            _recover(old, target)
        others = any(file.name != EVALUATION for file in target.glob("*"))
        if others and not kept.is_made(target, main):
            raise StudyError(f"'{target}' holds files of another kind; choose an empty folder.")
        with working.beside(target) as partial:
            yield partial
            with working.alone(target.parent):
                _recover(old, target)
                finish(partial)
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
def known_to_notebooks(study: Path) -> Iterator[None]:
    """Let the notebooks that are started in the block know where their study is."""
    before = os.environ.get(OF_STUDY)
    os.environ[OF_STUDY] = str(study.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ[OF_STUDY]
        else:
            os.environ[OF_STUDY] = before


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
        _end(process)


def _end(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it has ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_notebooks(
    pages: Sequence[Page],
    folder: Path,
    parameters: Mapping[str, Any],
    minutes: float,
    kernels: subprocess.Popen | None = None,
    begins: Callable[[str], None] = lambda _name: None,
) -> None:
    """Execute notebooks into ``folder``, their working directory, some at a time.

    A notebook is stopped after so many ``minutes``. Kernels are forks of what ``warm_kernels``
    gave; without it, and where that fails, each notebook has processes of its own. ``begins`` is
    called with the names. Of a notebook that fails the first sentence of its error is raised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    job = {"folder": str(folder.resolve()), "parameters": dict(parameters), "minutes": minutes}
    left = [page.notebook for page in pages]
    with working.temporary() as scratch:  # of which a killed run leaves nothing for good
        job |= {"language": current(), "scratch": str(scratch)}
        if kernels is not None:
            left = _run_forked(left, job, kernels, begins)
        _run_apart(left, job, begins)


def _run_forked(
    notebooks: Sequence[Path],
    job: dict[str, Any],
    kernels: subprocess.Popen,
    begins: Callable[[str], None],
) -> list[Path]:
    """Execute notebooks in forked kernels; return those that came to no end."""
    job = job | {"notebooks": [str(notebook) for notebook in notebooks]}
    left = {notebook.stem: notebook for notebook in notebooks}
    with suppress(BrokenPipeError):  # it has broken down
        kernels.stdin.write(json.dumps(job) + "\n")
        kernels.stdin.flush()
    try:
        for line in kernels.stdout:
            event, name, *words = json.loads(line)
            if event == "start":
                begins(name)
            elif event == "failed":
                raise StudyError(f"Notebook {left[name].name}: {_last_line(*words)}")
            else:  # "done"
                del left[name]
    except BaseException:
        _end(kernels)  # else the others go on to write into a folder that is cleared away
        raise
    return [*left.values()]


def _run_apart(
    notebooks: Sequence[Path], job: dict[str, Any], begins: Callable[[str], None]
) -> None:
    """Execute notebooks in processes of their own; ``begins`` is called from threads."""
    started: list[subprocess.Popen] = []
    stopping = False

    def run(notebook: Path) -> None:
        begins(notebook.stem)
        words = "segment.publish.execute", str(notebook), json.dumps(job)
        process = _start(*words, stderr=subprocess.PIPE)
        started.append(process)
        if stopping:
            process.kill()
        errors = process.communicate()[1]
        if process.returncode:
            raise StudyError(f"Notebook {notebook.name}: {_last_line(errors)}")

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
