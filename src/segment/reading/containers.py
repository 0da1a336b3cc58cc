"""What a file is by its content, and the files that lie within archives and web pages."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from segment.errors import StudyError
from segment.study.source import ENDINGS

BLOCK = 1 << 20
# The first bytes of kinds of files.
SIGNS = {
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "excel",
    b"\x1f\x8b": "gzip",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "sqlite",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"BZh91AY": "an archive",
    b"\xfd7zXZ": "an archive",
    b"\x28\xb5\x2f\xfd": "an archive",
}
JSON = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\]]")  # not [Order No], a heading of some databases
READABLE = ("csv", "excel", "parquet", "json", "html", "zip", "gzip", "sqlite", "duckdb")
SHEETS = ("xl/", "content.xml")  # what workbooks hold that are archives themselves
# What the standard library says of archives that are damaged or locked, and of their names.
DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError)


def kind(file: Path, asked: str | None = None) -> str:
    """Return how a file is read, by its content rather than its ending.

    ``asked`` is the format that a study gives; it decides where the content is plain text.

    Raises
    ------
    StudyError
        If the file is of a kind that holds no table, such as a PDF.
    """
    with file.open("rb") as stream:
        start = stream.read(2000)
    if start.startswith(b"PK\x03\x04"):
        return _archive(file)
    found = next((name for sign, name in SIGNS.items() if start.startswith(sign)), None)
    if start[257:262] == b"ustar":
        found = "an archive"
    if start[8:12] == b"DUCK":
        found = "duckdb"
    if found is None and asked in (None, "json", "excel"):
        text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if text.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<body")):
            found = "html"
        elif JSON.match(text):
            found = "json"
    found = found or "csv"
    if found not in READABLE:
        raise StudyError(f"'{file.name}' is {found}, not a table; export it as CSV or Excel.")
    return found


def _archive(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except DAMAGED as error:
        raise StudyError(f"'{file.name}' is damaged ({error}); get it again.") from None
    return "excel" if any(name.startswith(SHEETS) for name in names) else "zip"


def unpack(file: Path, folder: Path, asked: str | None = None) -> list[Path]:
    """Return the data files that a file is or holds; what is packed is unpacked to a folder."""
    found = kind(file, asked)
    if found not in ("zip", "gzip"):
        return [file]
    folder.mkdir(parents=True)
    try:
        if found == "gzip":
            inner = folder / (file.stem if file.suffix.lower() == ".gz" else file.name)
            with gzip.open(file, "rb") as packed, inner.open("wb") as out:
                shutil.copyfileobj(packed, out, BLOCK)
            inside = [inner]
        else:
            inside = _unzip(file, folder)
    except DAMAGED as error:
        raise StudyError(f"'{file.name}' cannot be unpacked ({error}).") from None
    nested = enumerate(inside)
    return [part for i, inner in nested for part in unpack(inner, folder / f"in-{i}", asked)]


def _unzip(file: Path, folder: Path) -> list[Path]:
    with zipfile.ZipFile(file) as archive:
        members = [
            member
            for member in archive.infolist()
            if Path(member.filename).suffix.lower() in ENDINGS
            and not Path(member.filename).name.startswith((".", "~$"))
            and not member.filename.startswith("__MACOSX/")
        ]
        if not members:
            raise StudyError(f"'{file.name}' holds no file of data; unpack it and name one.")
        parts = []
        for number, member in enumerate(sorted(members, key=lambda each: each.filename)):
            part = folder / str(number) / Path(member.filename).name
            part.parent.mkdir()
            with archive.open(member) as packed, part.open("wb") as out:
                shutil.copyfileobj(packed, out, BLOCK)
            parts.append(part)
    return parts


class _Rows(HTMLParser):
    """The rows of the tables of a web page, or of a workbook that is a page of XML."""

    ROW, CELL = ("tr", "row"), ("td", "th", "cell", "ss:cell")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.ended: list[list[list[str]]] = []
        self.row: list[str] | None = None
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.ROW:
            self.row = []
            self.rows.append(self.row)
        elif tag in self.CELL and self.row is not None:
            place = dict(attrs).get("ss:index")
            if place and place.isdigit():
                self.row += [""] * (min(int(place), 1000) - 1 - len(self.row))
            self.row.append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self.CELL:
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open and self.row:
            self.row[-1] += data

    def taken(self) -> Iterator[list[str]]:
        """Return the rows that are complete, and forget them."""
        done, self.rows = self.rows[:-1], self.rows[-1:]
        lines = ([" ".join(cell.split()) for cell in row] for row in done)
        return (line for line in lines if any(line))


def tables(file: Path, encoding: str, target: Path) -> None:
    """Write the rows of a page's tables as CSV, streaming; titles and layout come along."""
    parser = _Rows()
    with (
        file.open(encoding=encoding, errors="replace") as page,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out)
        while block := page.read(BLOCK):
            parser.feed(block)
            writer.writerows(parser.taken())
        parser.close()
        parser.rows.append([])
        writer.writerows(parser.taken())
