"""Open a source of any kind as it stands, before any column is interpreted."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as types

from segment import DISTRIBUTION
from segment.errors import StudyError
from segment.language import N_
from segment.reading import containers, csvfile, databases, encodings, heading, workbook
from segment.reading.files import Files, files_of
from segment.reading.lines import Staged
from segment.study.schema import Study
from segment.study.source import Source

# What was detected on the way: a text of the catalogue and the figures that fill it.
Note = tuple[str, dict[str, Any]]
READ_AS = N_("{file} read as {encoding}")
# Columns of a source that is opened ``numbered``: the file of a row, in order, and its place there.
FILE, ROW = "segment_file", "file_row_number"
CLOCKS = N_("Times in '{column}' are taken on the clocks of {zone}")
LARGEST_OBJECT = 1 << 27  # bytes of a file of JSON that is one record


@dataclass(frozen=True)
class Opened:
    """A source as it stands."""

    table: ibis.Table  # every row that could be split into columns; CSV and Excel give texts
    files: Files  # in order of their names; of a database one that its rows make up
    notes: tuple[Note, ...] = ()
    rejected: int = 0  # CSV lines that could not be split into the columns of the heading
    first_rejected: tuple[str, int] = ("", 0)  # file and number of the first of them
    sizes: tuple[int, ...] = ()  # rows of each file or sheet, in the order of the table
    headings: tuple[heading.Layout, ...] = ()  # of each of them, where it holds texts
    sheets: tuple[workbook.Sheet, ...] = ()  # that hold tables, of the first workbook
    numbers: frozenset[str] = frozenset()  # columns of a database that it writes with a point


def connect(memory_limit: str, folder: Path) -> ibis.BaseBackend:
    """Open an embedded DuckDB that spills to ``folder`` beyond ``memory_limit``.

    Its clock is UTC, so that a run gives the same days on every machine.
    """
    con = ibis.duckdb.connect(memory_limit=memory_limit, temp_directory=str(folder / "spill"))
    con.raw_sql("SET TimeZone = 'UTC'")
    return con


def engine(study: Study, folder: Path) -> ibis.BaseBackend:
    """Open the engine of a study: DuckDB, unless the study names another."""
    if study.engine is None:
        return connect(study.memory_limit, folder)
    name, package, extra = ("Spark", "pyspark", "spark")
    if study.engine.source:
        name, package, extra = ("PostgreSQL", "psycopg", "postgres")
    for key, value in (("same_order", study.same_order), ("source", study.source.fill_down)):
        if value not in ("lines", ()):
            raise StudyError(
                f"{study.where(key)}: {name} keeps no order of rows, so "
                f"'{'fill_down' if key == 'source' else key}' cannot be used with it."
            )
    try:
        if study.engine.source:
            from segment.reading import postgres

            return postgres.connect(study, folder)
        from segment.reading import spark

        return spark.connect(study)
    except ImportError:
        raise StudyError(
            f"{study.where('engine')}: {name} needs the package {package}, which is not "
            f'installed; run: pip install "{DISTRIBUTION}[{extra}]"'
        ) from None


def stays(con: ibis.BaseBackend) -> bool:
    """Return whether rows stay in the database that they are read in: little is to be fetched."""
    return con.name == "postgres"


def view_of(path: str | Path) -> str:
    """Return what a step is called that an engine keeps in place of a file."""
    return "segment_" + re.sub(r"\W", "_", Path(path).stem)


def open_source(
    source: Source,
    base: Path,
    con: ibis.BaseBackend,
    folder: Path,
    numbered: bool = False,
    chosen: databases.Chosen | None = None,
) -> Opened:
    """Open a source; a relative path starts from ``base``, copies go to ``folder``.

    ``numbered`` adds the columns ``FILE`` and ``ROW``; ``chosen`` says which columns of a
    database are read.
    """
    if con.name != "duckdb":
        return con.open_source(source, base)
    files = files_of(source, base)
    if source.is_database:
        return _open_database(source, files, con, folder, numbered, chosen)
    first = files[0].name
    for file in files:
        if file.stat().st_size == 0:
            raise StudyError(f"'{file.name}' is empty (0 bytes); export the data again.")
    try:
        packed = [
            containers.unpack(file, folder / f"packed-{number}", source.format)
            for number, file in enumerate(files)
        ]
        parts = tuple(part for inside in packed for part in inside)
        kinds = {containers.kind(part, source.format): part for part in parts}
        if len(kinds) > 1:
            raise StudyError(
                f"'{source.path}' mixes kinds of files ({', '.join(sorted(kinds))}); "
                "name one kind, for example '*.csv'."
            )
        if named := {*kinds} & {*databases.FILES}:
            raise databases.which_table(databases.tables(str(kinds[named.pop()])))
        opened = READERS[next(iter(kinds))](source, parts, con, folder, numbered)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StudyError(f"'{first}' cannot be read ({reason}); export it again.") from None
    if opened.table.limit(1).count().execute() == 0 and not opened.rejected:
        raise StudyError(f"'{first}' has a heading but no rows; export the data again.")
    return replace(opened, files=files)


def _open_database(
    source: Source,
    files: Files,
    con: ibis.BaseBackend,
    folder: Path,
    numbered: bool,
    chosen: databases.Chosen | None,
) -> Opened:
    rows = databases.stage(source, files[0] if files else None, con, folder, chosen)
    if not rows.count:
        raise StudyError(f"'{source.table or 'query'}' gives no rows.")
    zone = source.time_zone
    notes = tuple((CLOCKS, {"column": name, "zone": zone}) for name in rows.instants)
    table = _scan([rows.parquet], con, numbered)
    return Opened(table, (rows.digest,), notes, sizes=(rows.count,), numbers=rows.numbers)


def _open_csv(
    source: Source, files: Files, con: ibis.BaseBackend, folder: Path, numbered: bool
) -> Opened:
    staged = [
        (file.name, csvfile.stage(file, source, con, folder / f"csv-{number:05d}.parquet"))
        for number, file in enumerate(files)
    ]
    return _texts(staged, con, numbered)


def _open_html(
    source: Source, files: Files, con: ibis.BaseBackend, folder: Path, numbered: bool
) -> Opened:
    staged = []
    for number, file in enumerate(files):
        page = folder / f"page-{number:05d}.csv"
        encoding = source.encoding or encodings.detect(file)
        containers.tables(file, encodings.codec(encoding, file), page)
        if not page.stat().st_size:
            raise StudyError(f"'{file.name}' is a web page without a table; export it as CSV.")
        as_csv = source.model_copy(update={"encoding": "utf-8", "delimiter": ","})
        staged.append((file.name, csvfile.stage(page, as_csv, con, page.with_suffix(".parquet"))))
    note = N_("{file} is a web page; its tables are read")
    return _texts(staged, con, numbered, [(note, {"file": name}) for name, _staged in staged])


def _open_excel(
    source: Source, files: Files, con: ibis.BaseBackend, folder: Path, numbered: bool
) -> Opened:
    staged, notes, sheets = [], [], []
    for number, file in enumerate(files):
        target = folder / f"book-{number:05d}"
        target.mkdir()
        parts, tables = workbook.stage(file, source, target)
        sheets.append(tuple(tables))
        staged += [(file.name, part) for part in parts]
        if source.sheet is None and len(tables) > 1:
            note = N_(
                "{file}: the sheet '{sheet}' is read, not {others}; 'sheet: all' reads all alike"
            )
            others = tuple(f"'{sheet.name}'" for sheet in tables[1:])
            figures = {"file": file.name, "sheet": tables[0].name, "others": others}
            if any(sheet.layout.names == tables[0].layout.names for sheet in tables[1:]):
                figures["weight"] = "warning"
            notes.append((note, figures))
    return replace(_texts(staged, con, numbered, notes), sheets=sheets[0])


def _texts(
    staged: list[tuple[str, Staged]], con: ibis.BaseBackend, numbered: bool, notes: Iterable = ()
) -> Opened:
    """Return parts of texts as one source, with what was detected on the way."""
    table = _scan([part.parquet for _, part in staged], con, numbered)
    notes = [*notes]
    for name, part in staged:
        if part.encoding != "utf-8":
            notes.append((READ_AS, {"file": name, "encoding": part.encoding.upper()}))
        if (part.layout.heading or 1) > 1:
            notes.append((heading.ABOVE, {"file": name, "line": part.layout.heading}))
        if part.layout.is_data:
            notes.append((heading.IS_DATA, {"file": name, "rows": 1, "weight": "warning"}))
        if part.short:
            note = N_("{file}: lines shorter than the heading; what they lack counts as empty")
            notes.append((note, {"file": name, "rows": part.short}))
    notes += _missing_columns(table, [(name, part.layout.names) for name, part in staged])
    lines = sum(part.rejected for _, part in staged)
    rejected = [(name, part.first_rejected) for name, part in staged if part.rejected]
    first = rejected[0] if rejected else ("", 0)
    sizes = tuple(part.rows for _, part in staged)
    layouts = tuple(part.layout for _, part in staged)
    return Opened(table, (), tuple(notes), lines, first, sizes, layouts)


def _scan(
    parts: Iterable[Path], con: ibis.BaseBackend, numbered: bool, hive: bool = False
) -> ibis.Table:
    """Return files of Parquet as one table; ``hive``: with what their folders say, year=2024."""
    places = {"filename": FILE, "file_row_number": True} if numbered else {}
    places |= {"hive_partitioning": hive, "hive_types_autocast": False}
    return con.read_parquet([str(part) for part in parts], union_by_name=True, **places)


INSTANT = types.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="timezone")
def local_time(zone: types.string, time: INSTANT) -> types.timestamp:
    """DuckDB's reading of an instant on the clocks of a time zone."""


def _on_clocks(zone: str, times: ibis.Value) -> ibis.Value:
    """Return instants on the clocks of a zone, which a file names by its place or by hours."""
    if hours := re.fullmatch(r"([+-])(\d\d):?(\d\d)", zone):
        minutes = int(hours[1] + "1") * (60 * int(hours[2]) + int(hours[3]))
        return local_time("UTC", times) + ibis.interval(minutes=minutes)
    return local_time(zone, times)


@ibis.udf.scalar.builtin
def json_extract_string(value: types.json, path: types.string) -> types.string:
    """DuckDB's text of a value in JSON, without quotation marks."""


def _open_json(
    source: Source, files: Files, con: ibis.BaseBackend, folder: Path, numbered: bool
) -> Opened:
    staged = []
    for number, file in enumerate(files):
        target = folder / f"json-{number:05d}.parquet"
        try:
            table = _read_json(file, con)
            schema = table.schema()
            lists = [name for name, kind in schema.items() if _is_records(kind)]
            if len(lists) == 1 and table.limit(2).count().execute() == 1:
                table = table.select(row=table[lists[0]].unnest()).row.lift()
            if all(kind.is_array() or kind.is_map() for kind in table.schema().values()):
                raise StudyError(
                    f"'{file.name}' holds no list of records; export it as [{{...}}, {{...}}], or "
                    "with a record in each line."
                )
            _flat(table).to_parquet(target)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise StudyError(f"'{file.name}' cannot be read as JSON ({reason}).") from None
        staged.append((file.name, target))
    names = [(name, con.read_parquet(part).columns) for name, part in staged]
    table = _scan([part for _, part in staged], con, numbered)
    sizes = tuple(int(con.read_parquet(part).count().execute()) for _, part in staged)
    return Opened(table, (), tuple(_missing_columns(table, names)), sizes=sizes)


def _read_json(file: Path, con: ibis.BaseBackend) -> ibis.Table:
    # No text fits these formats, so that days and clocks stay as they are written.
    options = {"sample_size": -1, "dateformat": "~", "timestampformat": "~"}
    try:
        return con.read_json(str(file), **options)
    except duckdb.Error as error:
        size = file.stat().st_size
        if "maximum_object_size" not in str(error) or size > LARGEST_OBJECT:
            raise
        # The whole file is one record.
        return con.read_json(str(file), maximum_object_size=size + 1, **options)


def _is_records(kind: types.DataType) -> bool:
    return kind.is_array() and kind.value_type.is_struct()


def _flat(table: ibis.Table) -> ibis.Table:
    """Return the fields of records as columns, ``customer.id``, and JSON as text; no lists."""
    while any(kind.is_struct() for kind in table.schema().values()):
        columns = {}
        for name, kind in table.schema().items():
            fields = kind.names if kind.is_struct() else ()
            # {"$date": ...} is how a document store writes the type of one value.
            alone = len(fields) == 1 and fields[0].startswith("$")
            columns |= {name if alone else f"{name}.{f}": table[name][f] for f in fields}
            columns |= {} if fields else {name: table[name]}
        table = table.select(**columns)
    kinds = table.schema()
    texts = {n: json_extract_string(table[n], "$") for n, kind in kinds.items() if kind.is_json()}
    lists = [name for name, kind in kinds.items() if kind.is_array() or kind.is_map()]
    empty = {name: ibis.null("string") for name, kind in kinds.items() if kind.is_null()}
    return table.mutate(**texts, **empty).drop(*lists)


def _open_parquet(
    source: Source, files: Files, con: ibis.BaseBackend, folder: Path, numbered: bool
) -> Opened:
    import pyarrow.parquet as parquet

    try:
        schemas = [parquet.read_schema(file) for file in files]
        sizes = tuple(parquet.read_metadata(file).num_rows for file in files)
        table = _scan(files, con, numbered, hive="=" in files[0].parent.name)
    except (duckdb.Error, ValueError, OSError) as error:
        name = files[0].name if len(files) == 1 else files[0].parent
        reason = str(error).splitlines()[0]
        raise StudyError(f"'{name}' cannot be read as Parquet ({reason}).") from None
    hive = [part.partition("=")[0] for part in files[0].parts if "=" in part]
    columns = [(f.name, [*s.names, *hive]) for f, s in zip(files, schemas, strict=True)]
    notes = _missing_columns(table, columns)
    table = _flat(table)
    for name, kind in table.schema().items():
        if not (kind.is_timestamp() and kind.timezone):
            continue
        # A shop's day ends at its own midnight; the file says where that is.
        zones = {s.field(name).type.tz for s in schemas if name in s.names} - {None}
        zone = zones.pop() if len(zones) == 1 else "UTC"
        table = table.mutate(**{name: _on_clocks(zone, table[name])})
        notes.append((CLOCKS, {"column": name, "zone": zone}))
    return Opened(table, (), tuple(notes), sizes=sizes)


def _missing_columns(table: ibis.Table, columns: Iterable[tuple[str, Iterable[str]]]) -> list[Note]:
    """Say which files lack a column that another one has; it is null there."""
    notes = []
    for file, names in columns:
        names = {*names, FILE, ROW}
        lacking = tuple(f"'{name}'" for name in table.columns if name not in names)
        if lacking:
            note = N_("{file} lacks the column {columns} that others have")
            notes.append((note, {"file": file, "columns": lacking}))
    return notes


READERS = {
    "csv": _open_csv,
    "html": _open_html,
    "excel": _open_excel,
    "json": _open_json,
    "parquet": _open_parquet,
}
