"""Open a CSV, Excel or Parquet source as it stands, before any column is interpreted."""

from __future__ import annotations

import datetime as dt
import glob
import zlib
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as types
import pandas as pd

from segment.errors import StudyError, nearest
from segment.language import _
from segment.reading import csvfile
from segment.study.schema import ENDINGS, Source


@dataclass(frozen=True)
class Opened:
    """A source as it stands.

    Attributes
    ----------
    table : ibis.Table
        Every row that could be split into columns; CSV and Excel give texts.
    files : tuple of Path
        The files, in order of their names.
    notes : tuple of str
        What was detected on the way.
    rejected : int
        CSV lines that could not be split into the columns of the heading.
    first_rejected : str
        Where the first of them stands; empty without one.
    """

    table: ibis.Table
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    rejected: int = 0
    first_rejected: str = ""


def open_source(source: Source, base: Path, con: ibis.BaseBackend, folder: Path) -> Opened:
    """Open the file or files of a source without interpreting their columns.

    Parameters
    ----------
    source : Source
        Path (file, glob or folder) and how the file is written.
    base : Path
        Folder that a relative path starts from.
    con : ibis backend
        DuckDB connection that will hold the table.
    folder : Path
        Working folder for typed copies.

    Returns
    -------
    Opened

    Raises
    ------
    StudyError
        If there is no such file, it is empty, or it cannot be read as its kind.
    """
    files = _files(source, base)
    kind = source.format or ENDINGS.get(files[0].suffix.lower())
    if kind is None:
        raise StudyError(
            f"'{files[0].name}' has an ending that does not tell what it is; add 'format: csv', "
            "'excel' or 'parquet' under 'source'."
        )
    for file in files:
        if file.stat().st_size == 0:
            raise StudyError(f"'{file.name}' is empty (0 bytes); export the data again.")
    how = {"csv": _open_csv, "excel": _open_excel, "parquet": _open_parquet}[kind]
    try:
        opened = how(source, files, con, folder)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StudyError(f"'{files[0].name}' cannot be read ({reason}); export it again.") from None
    if opened.table.limit(1).count().execute() == 0 and not opened.rejected:
        raise StudyError(f"'{files[0].name}' has a heading but no rows; export the data again.")
    return opened


def _files(source: Source, base: Path) -> tuple[Path, ...]:
    path = base / Path(source.path).expanduser()
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = _data_files(path.iterdir()) or _data_files(path.rglob("*"))
        if not found:
            raise StudyError(f"The folder '{path}' holds no CSV, Excel or Parquet file.")
    elif any(sign in source.path for sign in "*?["):
        found = sorted(f for f in map(Path, glob.glob(str(path), recursive=True)) if f.is_file())
        if not found:
            raise StudyError(f"No file matches '{path}'; check 'path' under 'source'.")
    else:
        beside = _data_files(path.parent.iterdir()) if path.parent.is_dir() else []
        names = sorted(
            (file.name for file in beside),
            key=lambda name: -SequenceMatcher(None, name, path.name).ratio(),
        )
        hint = nearest(path.name, names[:8]) if names else "; check 'path' under 'source'."
        raise StudyError(f"There is no file '{path}'{hint}")
    kinds = {source.format or ENDINGS.get(f.suffix.lower(), f.suffix) for f in found}
    if len(kinds) > 1:
        raise StudyError(
            f"'{path}' mixes kinds of files ({', '.join(sorted(kinds))}); "
            "name one kind, for example '*.csv'."
        )
    return tuple(found)


def _data_files(files: Any) -> list[Path]:
    """Return the data files, without hidden ones and Excel's locks, sorted."""
    return sorted(
        file
        for file in files
        if file.is_file()
        and file.suffix.lower() in ENDINGS
        and not file.name.startswith((".", "~$"))
    )


def _open_csv(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    staged, notes, rejected, first = [], [], 0, ""
    for number, file in enumerate(files):
        part = csvfile.stage(file, source, con, folder / f"csv-{number}.parquet")
        staged.append(part.parquet)
        if part.encoding != "utf-8":
            notes.append(
                _("{file} read as {encoding}", file=file.name, encoding=part.encoding.upper())
            )
        if part.rejected and not rejected:
            first = _("{file}, line {line}", file=file.name, line=part.first_rejected)
        rejected += part.rejected
    table = con.read_parquet([str(p) for p in staged], union_by_name=True)
    notes += _missing_columns(table, files, [con.read_parquet(p).columns for p in staged])
    return Opened(table, files, tuple(notes), rejected, first)


def _open_excel(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    frames, notes = [], []
    for file in files:
        frame, sheets = _read_sheet(file, source)
        if source.sheet is None and sheets > 1:
            notes.append(
                _("{file}: read the first of {sheets} sheets", file=file.name, sheets=sheets)
            )
        frame = frame.dropna(how="all")
        if source.header:
            if frame.empty:
                raise StudyError(f"The sheet read from '{file.name}' is empty; check 'sheet'.")
            names = ["" if _is_missing(cell) else str(cell) for cell in frame.iloc[0]]
            frame.columns = csvfile.check_heading(names, file)
            frame = frame.iloc[1:]
        else:
            frame.columns = csvfile.numbered(frame.shape[1])
        frames.append(frame.map(lambda cell: _cell_text(cell, source.decimal)).astype("string"))
    stacked = pd.concat(frames, ignore_index=True)
    parquet = folder / "excel.parquet"
    stacked.to_parquet(parquet)
    table = con.read_parquet(parquet)
    notes += _missing_columns(table, files, [tuple(frame.columns) for frame in frames])
    return Opened(table, files, tuple(notes))


def _read_sheet(file: Path, source: Source) -> tuple[pd.DataFrame, int]:
    """Return all cells of the sheet that the source names, and the number of sheets."""
    try:
        book = pd.ExcelFile(file, engine="calamine")
    except OSError:
        raise
    except Exception as error:
        raise StudyError(
            f"'{file.name}' cannot be read as an Excel file ({error}); if it is text under "
            "that ending, add 'format: csv' under 'source'."
        ) from None
    with book:
        names, sheet = book.sheet_names, source.sheet
        if isinstance(sheet, int):
            sheet = names[sheet - 1] if sheet <= len(names) else str(sheet)
        if sheet is None:
            sheet = names[0]
        if sheet not in names:
            raise StudyError(f"{file.name} has no sheet '{sheet}'{nearest(sheet, names)}")
        # Texts such as NA are ids here as they are in a CSV file.
        cells = pd.read_excel(
            book, sheet_name=sheet, header=None, dtype=object, keep_default_na=False, na_values=[""]
        )
    return cells, len(names)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value


def _cell_text(value: object, decimal: str) -> str | None:
    """Return the text of a cell as a CSV export has it: 17 without '.0', days as ISO dates."""
    if _is_missing(value):
        return None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return str(value).replace(".", decimal)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value)


INSTANT = types.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="timezone")
def local_time(zone: types.string, time: INSTANT) -> types.timestamp:
    """DuckDB's reading of an instant on the clocks of a time zone."""


def _open_parquet(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    import pyarrow.parquet as parquet

    try:
        schemas = [parquet.read_schema(file) for file in files]
        table = con.read_parquet([str(file) for file in files], union_by_name=True)
    except (duckdb.Error, ValueError, OSError) as error:
        name = files[0].name if len(files) == 1 else files[0].parent
        reason = str(error).splitlines()[0]
        raise StudyError(f"'{name}' cannot be read as Parquet ({reason}).") from None
    notes = _missing_columns(table, files, [tuple(schema.names) for schema in schemas])
    for name, kind in table.schema().items():
        if not (kind.is_timestamp() and kind.timezone):
            continue
        # A shop's day ends at its own midnight; the file says where that is.
        zones = {s.field(name).type.tz for s in schemas if name in s.names} - {None}
        zone = zones.pop() if len(zones) == 1 else "UTC"
        table = table.mutate(**{name: local_time(zone, table[name])})
        notes.append(
            _("Times in '{column}' are taken on the clocks of {zone}", column=name, zone=zone)
        )
    return Opened(table, files, tuple(notes))


def _missing_columns(table: ibis.Table, files: tuple[Path, ...], columns: list) -> list[str]:
    """Say which files lack a column that another one has; it is null there."""
    notes = []
    for file, names in zip(files, columns, strict=True):
        lacking = [f"'{name}'" for name in table.columns if name not in names]
        if lacking:
            notes.append(
                _(
                    "{file} lacks the column {columns} that others have",
                    file=file.name,
                    columns=_(", ").join(lacking),
                )
            )
    return notes
