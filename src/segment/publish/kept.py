"""What a report keeps of the one that it replaces: dated copies, and what others put there.

A report, as a folder of tiers, lists what it wrote, with hashes. What stands in its folder beside
that, or was changed since, is somebody's work and goes into the next report.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from segment.reading.files import fingerprint

RESULTS, REPORT, CONFIDENTIAL = "results.json", "report.html", "confidential"
WRITTEN = ".written.json"
HISTORY = "history"
COPIES = (RESULTS, REPORT)
# The page of an experiment; it stands beside a report, also before there is one.
EVALUATION = "experiment.html"
# Made of a report that stands already, and again with the next.
PDFS = ("report.pdf", "summary.pdf")
DATED = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d(_\d+)?")


def is_whole(report: Path) -> bool:
    """Return whether every file that a report wrote is still there."""
    written = _written(report)
    return bool(written) and all((report / name).is_file() for name in written)


def is_made(folder: Path, main: str) -> bool:
    """Return whether a folder holds what this program wrote with a main file, whole or damaged."""
    from segment.action import previous  # takes a while to load

    if (folder / main).is_file() and (folder / WRITTEN).is_file():
        return True
    found = previous.read(folder / RESULTS) if main == RESULTS else None
    return found is not None and found.problem in ("", "later")


def take_over(old: Path, new: Path, history: int) -> list[str]:
    """List what a report wrote, and take over what it keeps; say which files are of others.

    Parameters
    ----------
    old, new : Path
        The report that is replaced, if there is one, and the folder of the one that is whole.
    history : int
        How many runs keep a dated copy of their results and report; 0: none is added or goes.
    """
    written = {name: fingerprint([new / name]) for name in sorted(_names(new))}
    text = json.dumps(written, indent=1, ensure_ascii=False)
    (new / WRITTEN).write_text(text, encoding="utf-8")
    if (old / HISTORY).is_dir():
        shutil.copytree(old / HISTORY, new / HISTORY)
    if history:
        for report in (old, new):
            _copy(report, new / HISTORY)
        _drop_oldest(new / HISTORY, history)
    return [_keep(old, name, new) for name in sorted(of_others(old))]


def _written(report: Path) -> dict[str, str]:
    try:
        written = json.loads((report / WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return written if isinstance(written, dict) else {}


def _names(report: Path) -> Iterator[str]:
    for file in report.rglob("*"):
        if file.is_file() and file.relative_to(report).parts[0] not in (HISTORY, WRITTEN):
            yield file.relative_to(report).as_posix()


def of_others(report: Path) -> list[str]:
    """Return the files that a report did not write, or that were changed since."""
    written = _written(report)
    if not written:  # an earlier version does not say, or there is no report yet
        return [EVALUATION] if (report / EVALUATION).is_file() else []
    return [
        name
        for name in _names(report)
        if not (name in PDFS and RESULTS in written)
        and written.get(name) != fingerprint([report / name])
    ]


def _keep(old: Path, name: str, new: Path) -> str:
    """Copy a file of others, under a dated name where the report has one of that name."""
    source, target = old / name, _free(new / name, _day(old / name))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
    if target.name == source.name:
        return f"{name} is kept"
    return f"{name} was changed since and is kept as {target.relative_to(new).as_posix()}"


def _day(file: Path) -> str:
    return f" {dt.date.fromtimestamp(file.stat().st_mtime)}"


def _free(path: Path, day: str = "") -> Path:
    """Return a path whose name is free: as it is, with the day, or with a number behind that."""
    more = chain(["", day], (f"{day}_{number}" for number in count(2)))
    return next(free for end in more if not (free := path.with_stem(path.stem + end)).exists())


def _copy(report: Path, history: Path) -> None:
    """Keep a dated copy of a report's results and its page, unless there is one."""
    results = report / RESULTS
    if not results.is_file():
        return
    content = results.read_bytes()
    if any(kept.read_bytes() == content for kept in history.glob(f"*/{RESULTS}")):
        return
    made = dt.datetime.fromtimestamp(results.stat().st_mtime)
    folder = _free(history / f"{made:%Y-%m-%d_%H-%M}")
    folder.mkdir(parents=True)
    for file in COPIES:
        if (report / file).is_file():
            shutil.copy2(report / file, folder / file)


def _drop_oldest(history: Path, most: int) -> None:
    """Remove the copies of all but the last runs, and nothing else that lies there."""
    dated = sorted(d for d in history.iterdir() if d.is_dir() and DATED.fullmatch(d.name))
    for folder in dated[:-most]:
        for file in COPIES:
            (folder / file).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
