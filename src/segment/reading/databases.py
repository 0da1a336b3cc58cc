"""A table or query of a database as Parquet of texts, so that each row meets its fate as of a file.

Only what the study speaks of is read, and columns that may say that a row is no purchase; the
others stay where they are, and are empty here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import ibis
import pandas as pd

from segment.errors import StudyError, closest, nearest
from segment.reading import containers
from segment.reading.drivers import INSTANT, NUMBER, Database, connect, reason
from segment.study.source import Source, named_source

SAMPLE = 2_000  # rows that tell which columns have few values
MOST_LISTED = 30
FILES = {"sqlite": "SQLite", "duckdb": "DuckDB"}
# Takes some rows with all columns; returns the columns to read.
Chosen = Callable[[pd.DataFrame], Collection[str]]


@dataclass(frozen=True)
class Rows:
    """What was read."""

    parquet: Path
    digest: Path  # a file that is the same where the rows are, in whatever order they came
    count: int
    numbers: frozenset[str]  # columns that the database writes as numbers, with a point
    instants: tuple[str, ...]  # columns that are on the clocks of the source's time zone


def stage(
    source: Source, file: Path | None, con: ibis.BaseBackend, folder: Path, chosen: Chosen | None
) -> Rows:
    """Read a table or query into a folder; without ``chosen`` all of its columns.

    Raises
    ------
    StudyError
        If the database cannot be opened or read, or has no such table.
    """
    target = folder / "rows.parquet"
    with _opened(source, file, folder) as database:
        if not (source.table or source.query):
            raise which_table(database.tables())
        rows = database.rows(source)
        columns = database.columns(rows)

        def read(names: Collection[str], rows: str) -> ibis.Table:
            cells = (database.text(c, h) if c in names else "NULL" for c, h in columns.items())
            text = folder / "rows.csv"
            database.write(cells, rows, text)
            # Left open, the end of a line would be taken from within the first cells.
            options = {"auto_detect": False, "header": False, "delim": ",", "new_line": "\\n"}
            options |= {"quote": '"', "escape": '"', "nullstr": ""}
            return con.read_csv(str(text), columns=dict.fromkeys(columns, "VARCHAR"), **options)

        names = columns
        if chosen:
            names = chosen(read(columns, f"{rows} LIMIT {SAMPLE}").to_pandas())
        read(names, rows).to_parquet(target)
    (folder / "rows.csv").unlink()
    row = "CAST(r AS VARCHAR)"
    sums = f"count(*), sum(md5_number_lower({row})), sum(md5_number_upper({row}))"
    file = str(target).replace("'", "''")
    told = con.raw_sql(f"SELECT {sums} FROM read_parquet('{file}') AS r").fetchone()
    digest = folder / "digest" / re.sub(r"[^\w.]", "_", source.table or "query")
    digest.parent.mkdir()
    digest.write_text(repr((*columns, *told)), encoding="utf-8")
    held = {held: [n for n in names if columns[n] == held] for held in (NUMBER, INSTANT)}
    return Rows(target, digest, int(told[0]), frozenset(held[NUMBER]), tuple(held[INSTANT]))


def tables(place: str) -> list[str]:
    """Return the tables of the database that a url or file is; none of another file."""
    source = named_source(place)
    file = Path(source.path) if source.path else None
    if file and not (file.is_file() and containers.kind(file) in FILES):
        return []
    with _opened(source, file, Path.cwd()) as database:
        return database.tables()


def which_table(known: list[str]) -> StudyError:
    """Return what is said where a source names a database alone."""
    listed = ", ".join(known[:MOST_LISTED]) or "none"
    return StudyError(f"this is a database; add 'table' under 'source', one of these: {listed}.")


@contextmanager
def _opened(source: Source, file: Path | None, folder: Path) -> Iterator[Database]:
    """Open a database; what it says against being opened or read becomes a sentence."""
    kind = containers.kind(file) if file else ""
    if file and kind not in FILES:
        raise StudyError(f"'{file.name}' is no database; 'table' and 'query' are of one.")
    database = None
    try:
        database = connect(source, file, kind, folder)
        yield database
    except Exception as error:
        if not (said := reason(error)):
            raise
        raise StudyError(_refusal(source, file, database, said)) from None
    finally:
        if database:
            database.close()


def _refusal(source: Source, file: Path | None, database: Database | None, said: str) -> str:
    """Return the sentence for what a driver said."""
    url = urlsplit(source.url or "")
    place = f"'{file.name}'" if file else f"'{url.path[1:]}' at {url.hostname or 'localhost'}"
    if database is None:
        words = f"{place} cannot be opened ({said})"
        if file is None and re.search("password|denied|authentication", said):
            words += "; a password is read from PGPASSWORD or ~/.pgpass, MYSQL_PWD or ~/.my.cnf"
        return f"{words}."
    if source.table and re.search("exist|no such table", said):
        known = database.tables()
        known = known if closest(source.table, known) else known[:MOST_LISTED]
        return f"{place} has no table '{source.table}'{nearest(source.table, known)}"
    words = f"'{source.table or 'query'}' of {place} cannot be read ({said})"
    return f"{words}{'; a query can name the columns that you may read' * ('denied' in said)}."
