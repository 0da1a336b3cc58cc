"""Which files a study reads, and their fingerprint: found without opening one as a table."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

from segment import DISTRIBUTION
from segment.errors import StudyError, nearest
from segment.study.schema import Study
from segment.study.source import ENDINGS, Source

Files = tuple[Path, ...]


def sources_of(study: Study) -> list[Source]:
    """Return where the tables of a study come from, the transactions first."""
    return [table.source for table in (study, *study.beside.values())]


def read_by(study: Study) -> Files:
    """Return all files that a study reads, in the order in which they enter the fingerprint."""
    return tuple(f for s in sources_of(study) for f in files_of(s, study.file.parent))


def files_of(source: Source, base: Path) -> Files:
    """Return the files of a source, in order of their names; ``base`` is the study's folder.

    A server has none.
    """
    if source.url:
        return ()
    path = base / Path(source.path).expanduser()
    pattern = _pattern(path)
    if path.is_file():
        return (path,)
    if (path / "_delta_log").is_dir():
        return _delta_files(path)
    if path.is_dir():
        files = _data_files(path.iterdir()) or _data_files(path.rglob("*"))
        if not files:
            raise StudyError(f"The folder '{path}' holds no CSV, Excel or Parquet file.")
    elif pattern:
        files = sorted(f for f in map(Path, glob.glob(pattern, recursive=True)) if f.is_file())
        if not files:
            raise StudyError(f"No file matches '{path}'; check 'path' under 'source'.")
    else:
        beside = _data_files(path.parent.iterdir()) if path.parent.is_dir() else []
        names = sorted(
            (file.name for file in beside),
            key=lambda name: -SequenceMatcher(None, name, path.name).ratio(),
        )
        hint = nearest(path.name, names[:8]) if names else "; check 'path' under 'source'."
        raise StudyError(f"There is no file '{path}'{hint}")
    return tuple(files)


def fingerprint(files: Iterable[Path]) -> str:
    """Return the SHA-256 of what files hold, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _delta_files(path: Path) -> Files:
    """Return the Parquet files that the newest version of a Delta table is made of."""
    try:
        import deltalake
    except ImportError:
        raise StudyError(
            f"'{path.name}' is a Delta table, read by the package deltalake, which is not "
            f'installed; run: pip install "{DISTRIBUTION}[delta]"'
        ) from None
    try:
        table = deltalake.DeltaTable(path)
        features = {*(table.protocol().reader_features or ())} & {
            "deletionVectors",
            "columnMapping",
        }
        files = tuple(sorted(map(Path, table.file_uris())))
    except deltalake.exceptions.DeltaError as error:
        raise StudyError(f"'{path.name}' cannot be read as Delta ({error}).") from None
    if features:
        raise StudyError(
            f"'{path.name}' is a Delta table with {' and '.join(sorted(features))}, whose files "
            "alone do not say which rows count; write a copy without, or export it as Parquet."
        )
    if not files:
        raise StudyError(f"The Delta table '{path.name}' has no rows.")
    return files


def _pattern(path: Path) -> str:
    """Return a path as a pattern, in which the names of folders that exist are no signs."""
    known = path
    while not known.exists() and known != known.parent:
        known = known.parent
    rest = str(path.relative_to(known))
    return str(Path(glob.escape(str(known))) / rest) if any(s in rest for s in "*?[") else ""


def _data_files(files: Iterable[Path]) -> list[Path]:
    """Return the data files, without hidden ones and Excel's locks, sorted."""
    return sorted(
        file
        for file in files
        if file.is_file()
        and file.suffix.lower() in ENDINGS
        and not file.name.startswith((".", "~$"))
    )
