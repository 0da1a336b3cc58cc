"""Databases that are read: how each is opened, and how it writes rows as lines of texts.

Every cell is cast to text by the database itself. So whatever it holds, numbers that are NaN,
days such as 0000-00-00 or infinity, arrives as it would stand in a file.
"""

from __future__ import annotations

import csv
import os
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from segment import DISTRIBUTION
from segment.errors import StudyError, nearest
from segment.study.source import DATABASES, Source

# What a column holds, as far as it matters how it is read.
NUMBER, INSTANT, OTHER = "number", "instant", "other"
SECONDS = 15  # until a server must have answered
SCHEMAS = (
    "SELECT table_schema, table_name FROM information_schema.tables WHERE {where} ORDER BY 1, 2"
)


class Database(ABC):
    """A database that is open for reading, on the clocks of the source's time zone."""

    name: ClassVar[str]
    quote: ClassVar[str] = '"'
    con: Any

    def identifier(self, name: str) -> str:
        """Return a name as its SQL holds it."""
        return self.quote + name.replace(self.quote, 2 * self.quote) + self.quote

    def rows(self, source: Source) -> str:
        """Return what a source asks for, as it stands behind FROM."""
        if source.query:
            return f"(\n{source.query.strip().rstrip(';')}\n) AS segment_rows"
        return ".".join(map(self.identifier, source.table.split(".")))

    @abstractmethod
    def tables(self) -> list[str]:
        """Return the names of tables and views."""

    @abstractmethod
    def columns(self, rows: str) -> dict[str, str]:
        """Return what each column holds, by its name."""

    @abstractmethod
    def text(self, column: str, holds: str) -> str:
        """Return the SQL of a column as text."""

    @abstractmethod
    def write(self, cells: Iterable[str], rows: str, target: Path) -> None:
        """Write rows as CSV without a heading; ``cells`` are the SQL of texts, or NULL."""

    def close(self) -> None:
        """Close the connection, whatever was not read yet."""
        self.con.close()


class _Postgres(Database):
    """PostgreSQL by psycopg: the server writes CSV itself (COPY), in one snapshot."""

    name = "PostgreSQL"
    NUMBERS = (20, 21, 23, 26, 700, 701, 1700)
    TIMESTAMPTZ = 1184

    def __init__(self, source: Source) -> None:
        psycopg = _driver("psycopg", self.name, "postgres")
        url = re.sub(r"^\w+(\+\w+)?", "postgresql", source.url)
        limit = {} if "connect_timeout" in url else {"connect_timeout": SECONDS}
        self.con = psycopg.connect(url, client_encoding="utf8", **limit)
        self.con.read_only = True
        self.con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        zone = f"'{source.time_zone}'"
        if re.match("[+-]", source.time_zone):  # as a name its sign would be turned round
            zone = f"INTERVAL {zone} HOUR TO MINUTE"
        for setting in (
            f"TIME ZONE {zone}",
            "DateStyle = ISO",
            "extra_float_digits = 1",
            "synchronize_seqscans = off",  # the same order of rows each time
        ):
            self.con.execute(f"SET SESSION {setting}")

    def tables(self) -> list[str]:
        self.con.rollback()
        where = "table_schema NOT IN ('pg_catalog', 'information_schema')"
        found = self.con.execute(SCHEMAS.format(where=where))
        return [name if schema == "public" else f"{schema}.{name}" for schema, name in found]

    def columns(self, rows: str) -> dict[str, str]:
        found = self.con.execute(f"SELECT * FROM {rows} LIMIT 0").description
        kinds = dict.fromkeys(self.NUMBERS, NUMBER) | {self.TIMESTAMPTZ: INSTANT}
        return _once((each.name, kinds.get(each.type_code, OTHER)) for each in found)

    def text(self, column: str, holds: str) -> str:
        cell = self.identifier(column)
        return f"CAST({f'CAST({cell} AS timestamp)' if holds == INSTANT else cell} AS text)"

    def write(self, cells: Iterable[str], rows: str, target: Path) -> None:
        statement = f"COPY (SELECT {', '.join(cells)} FROM {rows}) TO STDOUT (FORMAT csv)"
        with target.open("wb") as file, self.con.cursor().copy(statement) as blocks:
            file.writelines(blocks)


class _MySQL(Database):
    """MySQL and MariaDB by PyMySQL: the server joins the cells of a row to a line of CSV.

    One text a row takes half of the driver's time for seven.
    """

    name, quote = "MySQL", "`"
    NUMBERS = (0, 1, 2, 3, 4, 5, 8, 9, 246)
    FLOAT, TIMESTAMP, BIT, STRINGS = 4, 7, 16, (249, 250, 251, 252, 253, 254, 255)
    OPTIONS: ClassVar = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")

    def __init__(self, source: Source) -> None:
        self.driver = _driver("pymysql", self.name, "mysql")
        url, options = urlsplit(source.url), dict(parse_qsl(urlsplit(source.url).query))
        for name in options:
            if name not in self.OPTIONS:
                raise StudyError(
                    f"the url has an unknown option '{name}'{nearest(name, self.OPTIONS)}"
                )
        given = {"host": url.hostname, "port": url.port, "user": unquote(url.username or "")}
        given |= {"database": unquote(url.path[1:]), "password": os.environ.get("MYSQL_PWD")}
        self.con = self.driver.connect(
            **{name: value for name, value in given.items() if value},
            **options,
            read_default_file="~/.my.cnf",
            charset="utf8mb4",
            connect_timeout=SECONDS,
        )
        zone = "+00:00" if source.time_zone == "UTC" else source.time_zone
        with self.con.cursor() as cursor:
            cursor.execute(f"SET time_zone = '{zone}', net_write_timeout = 600")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def tables(self) -> list[str]:
        with self.con.cursor() as cursor:
            cursor.execute(SCHEMAS.format(where="table_schema = database()"))
            return [name for _, name in cursor]

    def columns(self, rows: str) -> dict[str, str]:
        with self.con.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {rows} LIMIT 0")
            self.types = {name: kind for name, kind, *_ in cursor.description}
            kinds = dict.fromkeys(self.NUMBERS, NUMBER) | {self.TIMESTAMP: INSTANT}
            return _once((c[0], kinds.get(c[1], OTHER)) for c in cursor.description)

    def text(self, column: str, holds: str) -> str:
        cell, kind = self.identifier(column), self.types[column]
        if kind in (self.FLOAT, self.BIT):
            cell += " + 0e0" if kind == self.FLOAT else " + 0"  # shown with six digits, as bytes
        if kind in self.STRINGS:
            cell = f"IF(CHARSET({cell}) = 'binary', HEX({cell}), {cell})"
        return f"CAST({cell} AS CHAR)"

    def write(self, cells: Iterable[str], rows: str, target: Path) -> None:
        quoted = (f"""IFNULL(CONCAT('"', REPLACE({c}, '"', '""'), '"'), '')""" for c in cells)
        statement = f"SELECT CAST(CONCAT_WS(',', {', '.join(quoted)}) AS BINARY) FROM {rows}"
        cursor = self.con.cursor(self.driver.cursors.SSCursor)
        cursor.execute(statement)
        with target.open("wb") as file:
            file.writelines(line + b"\n" for (line,) in cursor)

    def close(self) -> None:
        self.con._force_close()  # an orderly end would read all rows that are left


class _SQLite(Database):
    """SQLite by the standard library; any cell of a column can be of any type."""

    name = "SQLite"

    def __init__(self, file: Path) -> None:
        self.con = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)

    def tables(self) -> list[str]:
        named = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        return [n for (n,) in self.con.execute(f"{named} AND name NOT LIKE 'sqlite_%' ORDER BY 1")]

    def columns(self, rows: str) -> dict[str, str]:
        names = [c[0] for c in self.con.execute(f"SELECT * FROM {rows} LIMIT 0").description]
        cells = [self.identifier(name) for name in names]
        # The database writes numbers with a point; texts with digits are judged as in a file.
        number, text = (
            "typeof({c}) IN ('integer', 'real')",
            "typeof({c}) = 'text' AND {c} GLOB '*[0-9]*'",
        )
        told = ", ".join(f"max({number}), max({text})".format(c=cell) for cell in cells)
        found = self.con.execute(f"SELECT {told} FROM {rows}").fetchone()
        pairs = zip(names, found[::2], found[1::2], strict=True)
        return _once((n, NUMBER if number and not text else OTHER) for n, number, text in pairs)

    def text(self, column: str, holds: str) -> str:
        cell = self.identifier(column)
        return f"CASE typeof({cell}) WHEN 'blob' THEN hex({cell}) ELSE {cell} END"

    def write(self, cells: Iterable[str], rows: str, target: Path) -> None:
        found = self.con.execute(f"SELECT {', '.join(cells)} FROM {rows}")
        with target.open("w", encoding="utf-8", newline="") as file:
            # Numbers are written by their repr: SQLite's own texts have 15 digits.
            csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(found)


class _DuckDB(Database):
    """A file of DuckDB, in an engine of its own."""

    name = "DuckDB"

    def __init__(self, file: Path, folder: Path, time_zone: str) -> None:
        limits = {"memory_limit": "512MB", "temp_directory": str(folder / "spill")}
        self.con = duckdb.connect(str(file), read_only=True, config=limits)
        self.con.execute("SET TimeZone = ?", [time_zone])

    def tables(self) -> list[str]:
        where = "table_catalog = current_database()"
        found = self.con.execute(SCHEMAS.format(where=where)).fetchall()
        return [name if schema == "main" else f"{schema}.{name}" for schema, name in found]

    def columns(self, rows: str) -> dict[str, str]:
        kinds = {"TIMESTAMP WITH TIME ZONE": INSTANT}
        number = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")
        found = self.con.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
        told = ((n, kinds.get(k, NUMBER if number.fullmatch(k) else OTHER)) for n, k, *_ in found)
        return _once(told)

    def text(self, column: str, holds: str) -> str:
        cell = self.identifier(column)
        return f"CAST({f'CAST({cell} AS TIMESTAMP)' if holds == INSTANT else cell} AS VARCHAR)"

    def write(self, cells: Iterable[str], rows: str, target: Path) -> None:
        named = ", ".join(f"{cell} AS c{number}" for number, cell in enumerate(cells))
        select, file = f"SELECT {named} FROM {rows}", str(target).replace("'", "''")
        self.con.execute(f"COPY ({select}) TO '{file}' (FORMAT csv, HEADER false)")


def connect(source: Source, file: Path | None, kind: str, folder: Path) -> Database:
    """Open the database that a source names by its url, or that a file of a kind is."""
    if file is None:
        kind = DATABASES[source.url.partition("://")[0].partition("+")[0]]
        return {"postgres": _Postgres, "mysql": _MySQL}[kind](source)
    return _SQLite(file) if kind == "sqlite" else _DuckDB(file, folder, source.time_zone)


def reason(error: Exception) -> str:
    """Return in one line what a driver says; "" of an error that is none of a driver."""
    modules = ("psycopg", "pymysql", "sqlite3", "duckdb", "_duckdb")
    if not type(error).__module__.startswith(modules) and "cryptography" not in str(error):
        return ""
    of_mysql = len(error.args) == 2 and isinstance(error.args[0], int)
    return " ".join(str(error.args[1] if of_mysql else error).split())


def _driver(module: str, name: str, extra: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError:
        raise StudyError(
            f"{name} is read by the package {module}, which is not installed; "
            f'run: pip install "{DISTRIBUTION}[{extra}]"'
        ) from None


def _once(columns: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return columns by their names, which the engine tells apart by more than case."""
    found: dict[str, str] = {}
    for name, holds in columns:
        if name.lower() in map(str.lower, found):
            raise StudyError(f"two columns are called '{name}'; name each one in a 'query'")
        found[name] = holds
    return found
