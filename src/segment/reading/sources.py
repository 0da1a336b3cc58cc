"""Open a CSV, Excel or Parquet source as it stands, before any column is interpreted."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as types
import pandas as pd

from segment.errors import StudyError, nearest
from segment.language import N_
from segment.reading import csvfile
from segment.reading.files import Files, files_of
from segment.study.schema import ENDINGS, Source

# What was detected on the way: a text of the catalogue and the figures that fill it.
Note = tuple[str, dict[str, Any]]
READ_AS = N_("{file} read as {encoding}")


@dataclass(frozen=True)
class Opened:
    """A source as it stands."""

    table: ibis.Table  # every row that could be split into columns; CSV and Excel give texts
    files: Files  # in order of their names
    notes: tuple[Note, ...] = ()
    rejected: int = 0  # CSV lines that could not be split into the columns of the heading
    first_rejected: tuple[str, int] = ("", 0)  # file and number of the first of them


def connect(memory_limit: str, folder: Path) -> ibis.BaseBackend:
    """Open an embedded DuckDB that spills to ``folder`` beyond ``memory_limit``.

    Its clock is UTC, so that a run gives the same days on every machine.
    """
    con = ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=str(folder / "spill"))
    con.raw_sql("SET TimeZone = 'UTC'")
    return con


def open_source(source: Source, base: Path, con: ibis.BaseBackend, folder: Path) -> Opened:
    """Open a source; a relative path starts from ``base``, typed copies go to ``folder``."""
    files = files_of(source, base)
    first = files[0].name
    kinds = {source.format or ENDINGS.get(f.suffix.lower(), f.suffix) for f in files}
    if len(kinds) > 1:
        raise StudyError(
            f"'{source.path}' mixes kinds of files ({', '.join(sorted(kinds))}); "
            "name one kind, for example '*.csv'."
        )
    kind = source.format or ENDINGS.get(files[0].suffix.lower())
    if kind is None:
        raise StudyError(
            f"'{first}' has an ending that does not tell what it is; add 'format: csv', "
            "'excel' or 'parquet' under 'source'."
        )
    for file in files:
        if file.stat().st_size == 0:
            raise StudyError(f"'{file.name}' is empty (0 bytes); export the data again.")
    read = {"csv": _open_csv, "excel": _open_excel, "parquet": _open_parquet}[kind]
    try:
        opened = read(source, files, con, folder)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StudyError(f"'{first}' cannot be read ({reason}); export it again.") from None
    if opened.table.limit(1).count().execute() == 0 and not opened.rejected:
        raise StudyError(f"'{first}' has a heading but no rows; export the data again.")
    return opened


def _open_csv(source: Source, files: Files, con: ibis.BaseBackend, folder: Path) -> Opened:
    parts = [
        csvfile.stage(file, source, con, folder / f"csv-{number}.parquet")
        for number, file in enumerate(files)
    ]
    table = con.read_parquet([str(part.parquet) for part in parts], union_by_name=True)
    staged = list(zip([file.name for file in files], parts, strict=True))
    notes = [
        (READ_AS, {"file": name, "encoding": part.encoding.upper()})
        for name, part in staged
        if part.encoding != "utf-8"
    ]
    notes += _missing_columns(table, files, [con.read_parquet(p.parquet).columns for p in parts])
    rejected = [(name, part.first_rejected) for name, part in staged if part.rejected]
    lines = sum(part.rejected for part in parts)
    return Opened(table, files, tuple(notes), lines, *rejected[:1])


def _open_excel(source: Source, files: Files, con: ibis.BaseBackend, folder: Path) -> Opened:
    frames, notes = [], []
    for file in files:
        frame, sheets = _read_sheet(file, source)
        if source.sheet is None and sheets > 1:
            note = N_("{file}: read the first of {sheets} sheets")
            notes.append((note, {"file": file.name, "sheets": sheets}))
        frame = frame.dropna(how="all")
        if source.header:
            if frame.empty:
                raise StudyError(f"The sheet read from '{file.name}' is empty; check 'sheet'.")
            names = ["" if pd.isna(cell) else str(cell) for cell in frame.iloc[0]]
            frame.columns = csvfile.check_heading(names, file)
            frame = frame.iloc[1:]
        else:
            frame.columns = csvfile.numbered(frame.shape[1])
        frames.append(frame.map(lambda cell: _cell_text(cell, source.decimal)).astype("string"))
    parquet = folder / "excel.parquet"
    pd.concat(frames, ignore_index=True).to_parquet(parquet)
    table = con.read_parquet(parquet)
    notes += _missing_columns(table, files, frames)
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


def _cell_text(value: object, decimal: str) -> str | None:
    """Return the text of a cell as a CSV export has it: 17 without '.0', days as ISO dates."""
    if pd.isna(value):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", decimal)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value)


INSTANT = types.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="timezone")
def local_time(zone: types.string, time: INSTANT) -> types.timestamp:
    """DuckDB's reading of an instant on the clocks of a time zone."""


def _open_parquet(source: Source, files: Files, con: ibis.BaseBackend, folder: Path) -> Opened:
    import pyarrow.parquet as parquet

    try:
        schemas = [parquet.read_schema(file) for file in files]
        table = con.read_parquet([str(file) for file in files], union_by_name=True)
    except (duckdb.Error, ValueError, OSError) as error:
        name = files[0].name if len(files) == 1 else files[0].parent
        reason = str(error).splitlines()[0]
        raise StudyError(f"'{name}' cannot be read as Parquet ({reason}).") from None
    notes = _missing_columns(table, files, [schema.names for schema in schemas])
    for name, kind in table.schema().items():
        if not (kind.is_timestamp() and kind.timezone):
            continue
        # A shop's day ends at its own midnight; the file says where that is.
        zones = {s.field(name).type.tz for s in schemas if name in s.names} - {None}
        zone = zones.pop() if len(zones) == 1 else "UTC"
        table = table.mutate(**{name: local_time(zone, table[name])})
        note = N_("Times in '{column}' are taken on the clocks of {zone}")
        notes.append((note, {"column": name, "zone": zone}))
    return Opened(table, files, tuple(notes))


def _missing_columns(
    table: ibis.Table, files: Files, columns: Iterable[Iterable[str]]
) -> list[Note]:
    """Say which files lack a column that another one has; it is null there."""
    notes = []
    for file, names in zip(files, map(set, columns), strict=True):
        lacking = tuple(f"'{name}'" for name in table.columns if name not in names)
        if lacking:
            note = N_("{file} lacks the column {columns} that others have")
            notes.append((note, {"file": file.name, "columns": lacking}))
    return notes
