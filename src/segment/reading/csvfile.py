"""One delimited text file as a Parquet file of texts, whatever its encoding and delimiter."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb
import ibis
from charset_normalizer import from_bytes

from segment.errors import StudyError
from segment.study.schema import Source

ENCODINGS = ("gb18030", "big5", "cp1252", "cp1250", "cp1251", "shift_jis", "euc_kr")
DELIMITERS = ",;\t|"
NOT_TEXT = {b"PK\x03\x04": "an Excel", b"\xd0\xcf\x11\xe0": "an Excel", b"PAR1": "a Parquet"}
BLOCK = 1 << 20


@dataclass(frozen=True)
class Staged:
    """A delimited text file, written as Parquet, every column a text."""

    parquet: Path
    encoding: str  # as it was read
    rejected: int  # lines that do not split into the columns of the heading
    first_rejected: int  # number of the first of them, counted from 1; 0 without one


def stage(file: Path, source: Source, con: ibis.BaseBackend, target: Path) -> Staged:
    """Write a delimited text file, plain or gzipped, as Parquet, so that later steps scan fast."""
    encoding = _codec(source.encoding or detect_encoding(file), file)
    text = file
    if encoding not in ("utf-8", "ascii"):
        text = target.with_suffix(".csv")
        _rewrite(file, encoding, text)
    blank, names, delimiter = _heading(text, source, file)
    if blank or _line_ends_differ(text):
        text = target.with_suffix(".rewritten")
        _rewrite(file, encoding, text, newline=None)
    try:
        rejected, first = _convert(text, source, con, target, names, delimiter)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StudyError(f"'{file.name}' cannot be read as CSV ({reason}).") from None
    first += blank if rejected else 0
    _refuse_open_quote(file, con, blank)
    return Staged(target, "utf-8" if encoding == "ascii" else encoding, rejected, first)


def detect_encoding(file: Path) -> str:
    """Return the encoding of a text file: UTF-8 if all of it decodes, else the likeliest.

    The whole file is read, in blocks: one Chinese name in the last row decides
    as much as one in the first.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _open_binary(file) as stream:
        start = stream.read(200)
        for sign, kind in NOT_TEXT.items():
            if start.startswith(sign):
                raise StudyError(
                    f"'{file.name}' is {kind} file by its content, not text; set 'format' "
                    "under 'source' to 'excel' or 'parquet'."
                )
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start:
            return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
        block = start
        while block:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return _likeliest(block + stream.readline())
            block = stream.read(BLOCK)
    return "utf-8"


def _likeliest(block: bytes) -> str:
    """Choose an encoding for text that is not, or not all, UTF-8."""
    replaced = block.decode("utf-8", errors="replace")
    bad = replaced.count("\ufffd")
    if sum(ord(sign) > 127 for sign in replaced) - bad > 10 * bad:
        return "utf-8"  # a few broken signs; their lines are rejected and counted
    lines = [line for line in block.splitlines() if any(byte > 127 for byte in line)]
    sample = b"\n".join(lines[:2000])
    matches = {m.encoding: m for m in from_bytes(sample, cp_isolation=list(ENCODINGS))}
    # Where the statistics are equal, as for cp1252 and cp1250, the commoner one.
    best = min(
        (e for e in ENCODINGS if e in matches),
        key=lambda e: (matches[e].chaos, -matches[e].coherence),
        default="gb18030",
    )
    try:
        sample.decode("gb2312")
    except UnicodeDecodeError:
        return best
    # A few Chinese headings are too short for statistics, which then name Korean.
    chinese = matches["gb18030"].coherence if "gb18030" in matches else 0.0
    return best if best in matches and matches[best].coherence > chinese else "gb18030"


def _codec(encoding: str, file: Path) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise StudyError(
            f"'{encoding}' is no known encoding for {file.name}; try utf-8 or gb18030."
        ) from None
    return "utf-8" if name == "utf-8-sig" else name


def _open_binary(file: Path):
    return gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb")


def _rewrite(file: Path, encoding: str, target: Path, newline: str | None = "") -> None:
    """Write a UTF-8 copy, block by block."""
    try:
        with (
            _open_binary(file) as stream,
            io.TextIOWrapper(stream, encoding=encoding, newline=newline) as text,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            block = text.read(BLOCK).removeprefix("\ufeff")
            # Without line ends to keep, blank lines above the heading go, too.
            block = block.lstrip("\n") if newline is None else block
            while block:
                out.write(block)
                block = text.read(BLOCK)
    except UnicodeError:
        raise _wrong_encoding(file, encoding) from None


def _line_ends_differ(text: Path) -> bool:
    r"""Return whether lines end in \n, \r\n and \r side by side, which DuckDB refuses."""
    ends = {b"\r\n": 0, b"\n": 0, b"\r": 0}
    with _open_binary(text) as stream:
        while block := stream.read(BLOCK):
            if block.endswith(b"\r"):
                block += stream.read(1)
            for end in ends:
                ends[end] += block.count(end)
    pairs = ends[b"\r\n"]
    return sum(n > 0 for n in (pairs, ends[b"\n"] - pairs, ends[b"\r"] - pairs)) > 1


def _wrong_encoding(file: Path, encoding: str) -> StudyError:
    return StudyError(
        f"{file.name} is not {encoding.upper()} text throughout; set 'encoding' under "
        "'source' (gb18030 for most Chinese exports, else utf-8 or cp1252)."
    )


def _heading(text: Path, source: Source, file: Path) -> tuple[int, list[str], str]:
    """Return the number of blank lines above, the column names and the delimiter."""
    try:
        with (
            _open_binary(text) as stream,
            # Only the heading must decode; a broken sign further down costs its line.
            io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="") as lines,
        ):
            blank, line = 0, lines.readline()
            while line and not line.strip():
                blank, line = blank + 1, lines.readline()
            if not line:
                raise StudyError(f"'{file.name}' holds only blank lines; export the data again.")
            unquoted = re.sub(r'"[^"]*"', "", line)
            delimiter = source.delimiter or max(DELIMITERS, key=unquoted.count)
            names = next(csv.reader(chain([line], lines), delimiter=delimiter))
    except csv.Error as error:
        raise StudyError(f"{file.name}: the heading cannot be read ({error}).") from None
    if any("\ufffd" in name for name in names):
        raise _wrong_encoding(file, source.encoding or "utf-8")
    names = check_heading(names, file) if source.header else numbered(len(names))
    return blank, names, delimiter


def numbered(count: int) -> list[str]:
    """Name the columns of data without a heading by their position."""
    return [f"column{position}" for position in range(1, count + 1)]


def check_heading(names: list[str], file: Path) -> list[str]:
    """Trim headings, number the empty ones, and refuse one name for two columns in any case."""
    names = [
        name.strip() or default for name, default in zip(names, numbered(len(names)), strict=True)
    ]
    seen: dict[str, str] = {}
    for name in names:
        if first := seen.get(name.lower()):
            alike = f"'{first}'" if first == name else f"'{first}' or '{name}'"
            raise StudyError(
                f"{file.name}: the heading {alike} stands over more than one column; rename one."
            )
        seen[name.lower()] = name
    return names


def _convert(
    text: Path, source: Source, con: ibis.BaseBackend, target: Path, names: list[str], delim: str
) -> tuple[int, int]:
    """Write the Parquet file; return how many lines were rejected, and the first one."""
    if con.raw_sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchone():
        con.raw_sql("DELETE FROM reject_errors")
    con.read_csv(
        str(text),
        columns=dict.fromkeys(names, "VARCHAR"),
        auto_detect=False,
        header=source.header,
        delim=delim,
        quote='"',
        escape='"',
        ignore_errors=True,
        store_rejects=True,
    ).to_parquet(target)
    # One line can break several rules and is counted once.
    return con.raw_sql(
        "SELECT count(DISTINCT line), coalesce(min(line), 0) FROM reject_errors"
    ).fetchone()


def _refuse_open_quote(file: Path, con: ibis.BaseBackend, blank: int) -> None:
    """Refuse a quotation mark that is never closed: it swallows the lines behind it."""
    line = con.raw_sql(
        "SELECT min(line) FROM reject_errors WHERE contains(csv_line, chr(10)) "
        "OR error_type = 'LINE SIZE OVER MAXIMUM'"
    ).fetchone()[0]
    if line is not None:
        raise StudyError(
            f"{file.name}, line {line + blank}: a field opens with a quotation mark that is not "
            "closed, so the lines behind it cannot be told apart; correct that line."
        )
