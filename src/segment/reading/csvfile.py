"""One delimited text file as a Parquet file of texts, whatever its encoding and delimiter."""

from __future__ import annotations

import io
import re
from itertools import islice
from pathlib import Path

import duckdb
import ibis

from segment.reading import encodings, heading, lines
from segment.reading.heading import Layout
from segment.reading.lines import Staged
from segment.study.source import Source

DELIMITERS = ",;\t|~^\x01\x1f"
BLOCK = 1 << 20
SEPARATOR = re.compile(r"sep=(.)\s*$")  # what Excel writes and reads above the heading


def stage(file: Path, source: Source, con: ibis.BaseBackend, target: Path) -> Staged:
    """Write a delimited text file as Parquet, so that later steps scan fast.

    The engine reads what keeps the rules. Whatever it rejects, and what does not, is read line
    by line, which takes longer.
    """
    encoding = encodings.codec(source.encoding or encodings.detect(file), file)
    start = _start(file, encoding)
    delimiter = source.delimiter or _delimiter(start)
    sample = list(islice(_rows(file, encoding, delimiter), heading.SAMPLE))
    layout = heading.find(sample, source, file)
    if any("\ufffd" in name for name in layout.names):
        raise encodings.wrong(file, source.encoding or "utf-8")
    if _keeps_rules(file, start, layout, delimiter, encoding):
        text = file
        if encoding != "utf-8":
            text = target.with_suffix(".csv")
            _rewrite(file, encoding, text)
        if _convert(text, layout, con, target, delimiter):
            rows = con.read_parquet(target).count().execute()
            return Staged(target, layout, int(rows), encoding)
    return lines.write(_rows(file, encoding, delimiter), layout, target, encoding)


def _rows(file: Path, encoding: str, delimiter: str):
    rows = lines.read(file, encoding, delimiter)
    first = next(rows, None)
    if first and not SEPARATOR.match(delimiter.join(map(str, first[1]))):
        yield first
    yield from rows


def _start(file: Path, encoding: str) -> list[str]:
    """Return the first lines of a text, as far as they decode."""
    with file.open("rb") as stream:
        block = stream.read(BLOCK)
    text = block.decode(encoding, errors="replace").removeprefix("\ufeff")
    return [line for line in re.split(r"\r\n|\n|\r", text)[: heading.SAMPLE] if line.strip()]


def _delimiter(start: list[str]) -> str:
    """Return the sign that splits most lines into the same number of fields, and a heading."""
    if start and (named := SEPARATOR.match(start[0])):
        return named[1]
    plain = [re.sub(r'"[^"]*"', "", line) for line in start]

    def fitness(sign: str) -> tuple[bool, float]:
        counts = [line.count(sign) for line in plain]
        usual = max((n for n in counts if n), key=counts.count, default=0)
        titled = any(
            n == usual and not any(map(heading.is_value, line.split(sign)))
            for n, line in zip(counts, plain, strict=True)
        )
        return bool(usual) and titled, counts.count(usual) * usual

    return max(DELIMITERS, key=fitness)


def _keeps_rules(
    file: Path, start: list[str], layout: Layout, delimiter: str, encoding: str
) -> bool:
    """Return whether the heading is the first line, and lines and quotation marks are as usual."""
    if layout.first != (1 if layout.heading is None else 2) or layout.heading not in (None, 1):
        return False
    odd = re.compile(rf'(^|["{re.escape(delimiter)}])="|\\"')
    return not any(map(odd.search, start)) and _ends_are_one(file, encoding)


def _ends_are_one(file: Path, encoding: str) -> bool:
    r"""Return whether all lines end in \n, \r\n or \r alone, and no zero stands in the text."""
    ends = {b"\r\n": 0, b"\n": 0, b"\r": 0}
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            if block.endswith(b"\r"):
                block += stream.read(1)
            for end in ends:
                ends[end] += block.count(end)
            if b"\0" in block:
                return False
    pairs = ends[b"\r\n"]
    return sum(n > 0 for n in (pairs, ends[b"\n"] - pairs, ends[b"\r"] - pairs)) == 1


def _rewrite(file: Path, encoding: str, target: Path) -> None:
    """Write a UTF-8 copy, block by block."""
    try:
        with (
            file.open("rb") as stream,
            io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while block := text.read(BLOCK):
                out.write(block.removeprefix("\ufeff"))
    except UnicodeError:
        raise encodings.wrong(file, encoding) from None


def _convert(
    text: Path, layout: Layout, con: ibis.BaseBackend, target: Path, delimiter: str
) -> bool:
    """Write the Parquet file with the engine; return whether it could read every line."""
    if con.raw_sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchone():
        con.raw_sql("DELETE FROM reject_errors")
    try:
        con.read_csv(
            str(text),
            columns=dict.fromkeys(layout.names, "VARCHAR"),
            auto_detect=False,
            header=layout.heading is not None,
            delim=delimiter,
            quote='"',
            escape='"',
            ignore_errors=True,
            store_rejects=True,
        ).to_parquet(target)
    except duckdb.Error:
        return False
    return not con.raw_sql("SELECT count(*) FROM reject_errors").fetchone()[0]
