"""Whether a report would come out as the one that is there: told without reading the data.

Compared are hashes: of the files of data; and of all else that a report hangs on, which are
the study as it was read, the pages that are asked for, and the code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.errors import StudyError
from segment.publish import kept
from segment.publish.manifest import notebooks_folder
from segment.reading import files
from segment.study import Study

CODE = {".py", ".ipynb", ".j2", ".css", ".js", ".json", ".po", ".yaml"}


@dataclass(frozen=True)
class Inputs:
    """What a report is made of: SHA-256 of the data, and of study, options and code."""

    data: str
    rest: str


def inputs(study: Study, only: Sequence[str]) -> Inputs:
    """Return what a report of these pages would be made of; both "" where that cannot be told.

    It cannot where a file cannot be read, which the run will say, where a method of the study's
    own is not beside it, where rows come from a database, or where another engine reads them.
    """
    if study.engine or any(source.is_database for source in files.sources_of(study)):
        return Inputs("", "")
    try:
        own = _own_code(study)
        asked = json.dumps([study.model_dump(mode="json"), *only]).encode()
        digest = hashlib.sha256(asked)
        for file in (*_code(), *own):
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
        return Inputs(files.fingerprint(files.read_by(study)), digest.hexdigest())
    except OSError:
        return Inputs("", "")


def made(report: Path, now: Inputs) -> str:
    """Return when a whole report of these inputs was made; "" if there is none."""
    try:
        results = json.loads((report / kept.RESULTS).read_text(encoding="utf-8"))
        before = Inputs(results["fingerprint"], results["inputs"])
        same = before == now and now.rest and kept.is_whole(report)
        return str(results["made"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def refuse_other_data(before: Inputs, read: str) -> None:
    """Raise if the data that were read are others than those there were before."""
    if before.data and before.data != read:
        raise StudyError("The data changed while they were read; run the command again.")


def _code() -> list[Path]:
    """Return the files of the package and its notebooks."""
    package = Path(__file__).parents[1]
    beside = [*package.rglob("*"), *notebooks_folder().glob("*")]
    return sorted({file for file in beside if file.suffix in CODE})


def _own_code(study: Study) -> list[Path]:
    """Return the notebooks that a study names, and the modules beside it where it names a class."""
    folder = study.file.parent
    found = [folder / name for name in study.pages]
    for path in (path for spec in study.methods.values() for path in spec.own_classes()):
        top = folder / path.partition(":")[0].partition(".")[0]
        modules = [*top.rglob("*.py")] if top.is_dir() else [*folder.glob("*.py")]
        if not top.is_dir() and top.with_suffix(".py") not in modules:
            raise FileNotFoundError(top)
        found += sorted(modules)
    return found
