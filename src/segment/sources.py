"""Open a CSV, Excel or Parquet source as it stands, before any column is interpreted."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pandas as pd
from charset_normalizer import from_bytes

from segment.errors import StudyError, nearest
from segment.study import Source

ENDINGS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".gz": "csv",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
ENCODINGS = ("gb18030", "big5", "cp1252", "cp1250", "cp1251", "shift_jis", "euc_kr")
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Opened:
    """A source as it stands: its table and what was detected on the way."""

    table: ibis.Table
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


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
        Working folder for re-encoded copies.

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
            f"'{files[0].name}' has an ending that says nothing; add 'format: csv', "
            "'excel' or 'parquet' under 'source'."
        )
    for file in files:
        if file.stat().st_size == 0:
            raise StudyError(f"'{file.name}' is empty (0 bytes); export the data again.")
    opened = {"csv": _open_csv, "excel": _open_excel, "parquet": _open_parquet}[kind](
        source, files, con, folder
    )
    if opened.table.limit(1).count().execute() == 0:
        raise StudyError(f"'{files[0].name}' has a heading but no rows; export the data again.")
    return opened


def _files(source: Source, base: Path) -> tuple[Path, ...]:
    path = Path(source.path).expanduser()
    path = path if path.is_absolute() else base / path
    if path.is_dir():
        found = sorted(f for f in path.iterdir() if f.suffix.lower() in ENDINGS)
        if not found:
            raise StudyError(f"The folder '{path}' holds no CSV, Excel or Parquet file.")
    elif any(sign in path.name for sign in "*?["):
        found = sorted(path.parent.glob(path.name))
        if not found:
            raise StudyError(f"No file matches '{path}'; check 'source: path'.")
    elif path.is_file():
        return (path,)
    else:
        beside = [f.name for f in path.parent.iterdir()] if path.parent.is_dir() else []
        raise StudyError(f"There is no file '{path}'{nearest(path.name, beside[:8])}")
    kinds = {source.format or ENDINGS.get(f.suffix.lower()) for f in found}
    if len(kinds) > 1:
        raise StudyError(f"'{path}' mixes kinds of files ({', '.join(map(str, kinds))}).")
    return tuple(found)


def _open_csv(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    notes, tables = [], []
    for number, file in enumerate(files):
        encoding = source.encoding or detect_encoding(file)
        utf8 = file
        if _codec(encoding, file) not in ("utf-8", "ascii", "utf-8-sig"):
            notes.append(f"{file.name} read as {encoding.upper()}")
            utf8 = folder / f"utf8-{number}.csv"
            _reencode(file, encoding, utf8)
        heading = _first_line(utf8)
        delimiter = source.delimiter or max(DELIMITERS, key=heading.count)
        names = next(csv.reader([heading], delimiter=delimiter))
        if source.header:
            names = _check_heading(names, file)
        else:
            names = [f"column{position}" for position in range(1, len(names) + 1)]
        tables.append(
            con.read_csv(
                str(utf8), columns=dict.fromkeys(names, "VARCHAR"), auto_detect=False,
                header=source.header, delim=delimiter, quote='"', escape='"',
                ignore_errors=True, store_rejects=True,
            )
        )  # fmt: skip
    return Opened(_stack(tables), files, tuple(notes))


def detect_encoding(file: Path) -> str:
    """Return the encoding of a text file: UTF-8 if all of it decodes, else the likeliest.

    The whole file is read, in blocks: one Chinese name in the last row decides
    as much as one in the first.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    suspicious = b""
    with _open_binary(file) as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        stream.seek(0)
        while block := stream.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                suspicious = block
                break
    if not suspicious:
        return "utf-8"
    lines = [line for line in suspicious.splitlines() if any(byte > 127 for byte in line)]
    best = from_bytes(b"\n".join(lines[:2000]), cp_isolation=list(ENCODINGS)).best()
    return best.encoding if best else "gb18030"


def _codec(encoding: str, file: Path) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise StudyError(
            f"'{encoding}' is no known encoding for {file.name}; try utf-8 or gb18030."
        ) from None


def _open_binary(file: Path):
    return gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb")


def _reencode(file: Path, encoding: str, target: Path) -> None:
    """Write a UTF-8 copy, block by block."""
    decode = codecs.getincrementaldecoder(encoding)()
    try:
        with _open_binary(file) as stream, target.open("w", encoding="utf-8", newline="") as out:
            while block := stream.read(1 << 20):
                out.write(decode.decode(block).removeprefix("\ufeff"))
            out.write(decode.decode(b"", final=True))
    except UnicodeDecodeError:
        raise StudyError(
            f"{file.name} is not {encoding.upper()} text throughout; set 'encoding' under "
            "'source' (gb18030 for most Chinese exports, else utf-8 or cp1252)."
        ) from None


def _first_line(file: Path) -> str:
    with _open_binary(file) as stream:
        for line in io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace"):
            if line.strip():
                return line.rstrip("\r\n")
    raise StudyError(f"'{file.name}' holds only blank lines; export the data again.")


def _check_heading(names: list[str], file: Path) -> list[str]:
    names = [name.strip() for name in names]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise StudyError(
            f"{file.name}: the heading '{twice[0]}' stands over more than one column; rename one."
        )
    return [name or f"column{position}" for position, name in enumerate(names, 1)]


def _stack(tables: list[ibis.Table]) -> ibis.Table:
    """Stack tables by column name; what one lacks is null there."""
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    same = [
        table.select(**{n: table[n] if n in table.columns else ibis.null("string") for n in names})
        for table in tables
    ]
    return same[0] if len(same) == 1 else ibis.union(*same)


def _open_excel(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    frames, notes = [], []
    for file in files:
        try:
            book = pd.ExcelFile(file, engine="calamine")
        except Exception as error:
            raise StudyError(f"'{file.name}' cannot be read as an Excel file ({error}).") from None
        with book:
            sheet = source.sheet if source.sheet is not None else book.sheet_names[0]
            if isinstance(sheet, int):
                sheet = (
                    book.sheet_names[sheet - 1] if sheet <= len(book.sheet_names) else str(sheet)
                )
            if sheet not in book.sheet_names:
                raise StudyError(
                    f"{file.name} has no sheet '{sheet}'{nearest(sheet, book.sheet_names)}"
                )
            if source.sheet is None and len(book.sheet_names) > 1:
                notes.append(f"{file.name}: read sheet '{sheet}' of {len(book.sheet_names)}")
            frame = book.parse(sheet, header=0 if source.header else None, dtype=object)
        if not source.header:
            frame.columns = [f"column{position}" for position in range(1, frame.shape[1] + 1)]
        frame = frame.dropna(how="all")
        frame.columns = _check_heading([str(name) for name in frame.columns], file)
        frames.append(frame.map(_cell_text).astype("string"))
    stacked = pd.concat(frames, ignore_index=True)
    if stacked.empty:
        raise StudyError(f"'{files[0].name}' has a heading but no rows; export the data again.")
    parquet = folder / "excel.parquet"
    stacked.to_parquet(parquet)
    return Opened(con.read_parquet(parquet), files, tuple(notes))


def _cell_text(value: object) -> str | None:
    """Return the text of an Excel cell; whole numbers without '.0', days as ISO dates."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") if value.time() != dt.time() else value.date().isoformat()
    return str(value)


def _open_parquet(
    source: Source, files: tuple[Path, ...], con: ibis.BaseBackend, folder: Path
) -> Opened:
    try:
        return Opened(con.read_parquet([str(file) for file in files], union_by_name=True), files)
    except Exception:
        raise StudyError(f"'{files[0].name}' cannot be read as a Parquet file.") from None


def rejected(con: ibis.BaseBackend) -> tuple[int, int | None]:
    """Return how many CSV lines could not be split into columns, and the first one's number."""
    try:
        lines, first = con.raw_sql(
            "SELECT count(*), min(line) FROM (SELECT DISTINCT file_id, line, csv_line "
            "FROM reject_errors)"
        ).fetchone()
    except duckdb.CatalogException:
        return 0, None
    return lines, first
