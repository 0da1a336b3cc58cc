r"""PostgreSQL as the engine: typed columns are read, checked and rolled up where the rows are.

All is one transaction in which nothing but temporary tables and views is made. The expressions
are those that DuckDB runs; this module has PostgreSQL give the same texts: it orders them by their
signs, whatever its own collation, and classes of signs such as ``\p{Z}`` are spelled out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.postgres import Backend
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from pyarrow import csv

from segment.errors import StudyError
from segment.reading import drivers
from segment.reading.sources import CLOCKS, FILE, ROW, Opened, view_of
from segment.study.schema import Study
from segment.study.source import Source

# Of ASCII alone, as DuckDB has them; the other classes are those of Unicode.
CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
TOKEN = re.compile(r"\\p\{\w+\}|\\x[0-9a-f]{2}|\\.|.", re.DOTALL)
MONEY, INSTANT, TIMES = "money", "timestamptz", ("date", "timestamp")  # types of PostgreSQL


class Compiler(PostgresCompiler):
    """The dialect of Ibis, where PostgreSQL would compute something else, or has no such thing."""

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Order texts by their signs."""
        cast = super().visit_Cast(op, arg=arg, to=to)
        return _by_signs(cast) if to.is_string() else cast

    def visit_Lowercase(self, op: Any, *, arg: Any) -> Any:
        """Letters of all alphabets have cases, but in the collation of signs."""
        return _by_signs(self.f.lower(_collated(arg, "und-x-icu")))

    def visit_Uppercase(self, op: Any, *, arg: Any) -> Any:
        """As ``visit_Lowercase``."""
        return _by_signs(self.f.upper(_collated(arg, "und-x-icu")))

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Cast what can be cast: floats that are whole, texts of digits; else null."""
        if op.arg.dtype.is_floating():
            can = sge.Between(this=arg, low=sge.convert(-9e18), high=sge.convert(9e18))
        else:
            can = sge.RegexpLike(this=arg, expression=sge.convert(r"^[-+]?[0-9]+(\.[0-9]*)?$"))
        return self.if_(can, self.cast(arg, to))

    def visit_DateTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """The first day of a month is a day."""
        return self.cast(super().visit_DateTruncate(op, arg=arg, unit=unit), op.dtype)

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
        """Return whether a pattern of RE2 is found."""
        return sge.RegexpLike(this=arg, expression=sge.convert(_pattern(pattern.this)))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        """Replace a pattern of RE2 everywhere."""
        return self.f.regexp_replace(arg, _pattern(pattern.this), replacement, "g")

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        """DuckDB's composed form has another name."""
        if op.__func_name__ == "nfc_normalize":
            return self.f.anon.normalize(*arguments.values())
        return super().visit_ScalarUDF(op, **arguments)


class Postgres(Backend):
    """A transaction of PostgreSQL; a step that is written to a file is a temporary table there."""

    compiler = Compiler()

    def to_parquet(self, expr: ibis.Table, path: str | Path, **kwargs: Any) -> None:
        """Keep a step in the database."""
        name = view_of(path)
        self._run(f"CREATE TEMP TABLE {name} AS {self.compile(expr)}", f"ANALYZE {name}")

    def read_parquet(self, path: str | Path, **kwargs: Any) -> ibis.Table:
        """Return a step that is kept."""
        return self.table(view_of(path))

    def create_view(self, name: str, obj: ibis.Table, **kwargs: Any) -> ibis.Table:
        """Name a step, for this transaction."""
        self._run(f'CREATE TEMP VIEW "{name}" AS {self.compile(obj)}')
        return self.table(name)

    def to_pyarrow(self, expr: ibis.Expr, **kwargs: Any) -> Any:
        """Return rows by way of lines of CSV, which the server writes."""
        table = expr.as_table()
        schema = table.schema().to_pyarrow()
        lines = pa.BufferOutputStream()
        with _told(), self.con.cursor() as cursor, self.con.transaction():
            copy = f"COPY ({self.compile(table)}) TO STDOUT (FORMAT csv)"
            with cursor.copy(copy) as blocks:
                for block in blocks:
                    lines.write(block)
        text = lines.getvalue()
        if not text.size:
            return expr.__pyarrow_result__(schema.empty_table())
        found = csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(column_names=schema.names),
            csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=schema,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        return expr.__pyarrow_result__(found)

    def execute(self, expr: ibis.Expr, /, **kwargs: Any) -> Any:
        """Return rows or a value as DuckDB gives them to pandas."""
        return expr.__pandas_result__(ibis.memtable(self.to_pyarrow(expr.as_table())).execute())

    def open_source(self, source: Source, base: Path) -> Opened:
        """Open a table or query with the types that its columns have; others become texts."""
        with _told(), self.con.cursor() as cursor:
            rows = self.database.rows(source)
            columns = cursor.execute(f"SELECT * FROM {rows} LIMIT 0").description
            cursor.execute("SELECT oid, typname, typcategory FROM pg_type")
            kinds = {oid: (name, category) for oid, name, category in cursor}
        cells, zone = [], source.time_zone
        shift = f"INTERVAL '{zone}'" if re.match("[+-]", zone) else f"'{zone}'"
        for column in columns:
            cell = self.database.identifier(column.name)
            name, category = kinds[column.type_code]
            if name == INSTANT:
                text = f"{cell} AT TIME ZONE {shift}"
            elif name == MONEY:
                text = f"CAST({cell} AS numeric)"
            elif category in "NB" or name in TIMES:
                text = cell
            else:
                text = f'CAST({cell} AS text) COLLATE "C"'
            cells.append(f"{text} AS {cell}")
        view = ibis.util.gen_name("source")
        place = f"CAST('' AS text) AS {FILE}, row_number() OVER () - 1 AS {ROW}"
        self._run(f'CREATE TEMP VIEW "{view}" AS SELECT {", ".join(cells)}, {place} FROM {rows}')
        table = self.table(view)
        count = int(table.count().execute())
        name = source.table or "query"
        if not count:
            raise StudyError(f"'{name}' gives no rows.")
        instants = [c.name for c in columns if kinds[c.type_code][0] == INSTANT]
        notes = tuple((CLOCKS, {"column": column, "zone": zone}) for column in instants)
        return Opened(table, (Path(name),), notes, sizes=(count,))

    def disconnect(self) -> None:
        """End the transaction, with all that it made."""
        self.con.close()

    def _run(self, *statements: str) -> None:
        with _told(), self.con.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def connect(study: Study, folder: Path) -> Postgres:
    """Begin a transaction in the database of a study."""
    source, place = study.source, study.where("engine")
    if not re.match("postgres", source.url or ""):
        raise StudyError(
            f"{place}: 'engine: source' runs in PostgreSQL, whose url stands under 'source'; MySQL "
            "lacks some of the functions that it takes and SQLite gives wrong figures for some, so "
            "leave 'engine' out: their rows are read, and a file is read faster here anyway."
        )
    with _told(f"{study.where('source', 'url')}: "):
        database = drivers.connect(source, None, "", folder)
        con = database.con
        encoding = con.info.parameter_status("server_encoding")
        con.commit()
        con.read_only = False  # else it makes no temporary tables
        engine = Postgres.from_connection(con)
        engine.database = database
        # From here on one transaction: what Ibis runs makes savepoints in it.
        con.execute("SET LOCAL jit = off")
    if encoding != "UTF8":
        raise StudyError(
            f"{place}: the database is in {encoding}, and 'engine: source' needs one in UTF8; "
            "leave 'engine' out."
        )
    return engine


@contextmanager
def _told(place: str = "") -> Iterator[None]:
    """Turn an error of PostgreSQL into one sentence; ``place`` is where the study asks for it."""
    try:
        yield
    except psycopg.Error as error:
        raise StudyError(f"{place}PostgreSQL stopped ({drivers.reason(error)}).") from None


def _by_signs(text: Any) -> Any:
    return _collated(text, "C")


def _collated(text: Any, collation: str) -> Any:
    name = sge.to_identifier(collation, quoted=True)
    return sge.Paren(this=sge.Collate(this=text, expression=name))


def _pattern(pattern: str) -> str:
    """Write a pattern of RE2 for PostgreSQL, whose classes of signs hang on the collation."""
    written, inside = [], False
    for token in TOKEN.findall(pattern):
        inside = token != "]" if inside else token == "["
        kind = token[1:]
        if token.startswith(r"\x"):
            token = f"\\u00{'01' if kind == 'x00' else kind[1:]}"  # there is no sign 0 in a text
        elif token.startswith(r"\p"):
            token = _signs(kind[2:-1]) if inside else f"[{_signs(kind[2:-1])}]"
        elif kind in CLASSES:
            token = CLASSES[kind] if inside else f"[{CLASSES[kind]}]"
        elif kind and kind.lower() in CLASSES:
            token = f"[^{CLASSES[kind.lower()]}]"
        written.append(token)
    return "".join(written)


@cache
def _signs(category: str) -> str:
    """Return the signs of a category of Unicode, such as L or Cf, as ranges."""
    ranges = []
    codes = (code for code in range(1, 0x110000) if _category(code).startswith(category))
    # Signs that follow one another are as far from their place among the signs found.
    for _away, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]):
        signs = [code for _place, code in run]
        ranges.append(rf"\U{signs[0]:08x}-\U{signs[-1]:08x}")
    return "".join(ranges)


def _category(code: int) -> str:
    return unicodedata.category(chr(code))
