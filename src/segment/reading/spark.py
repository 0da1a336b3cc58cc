"""Spark as the engine: typed columns are read, checked and rolled up where the rows are.

The expressions are those that DuckDB runs, and give the same figures to the last bit. What
Spark would read otherwise is refused: numbers and days in texts, ids in two writings.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import pyarrow as pa
from ibis.backends.pyspark import Backend
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from py4j.protocol import Py4JError
from pyspark import cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import TimestampType
from pyspark.storagelevel import StorageLevel

from segment.errors import StudyError
from segment.reading.files import files_of
from segment.reading.sources import CLOCKS, FILE, ROW, Opened, _flat, view_of
from segment.study.schema import Study
from segment.study.source import ENDINGS, Source

# Of the session. What fits a cluster, such as executor memory, stands in its own settings.
SESSION = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Kept by customer means just that.
    "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "false",
    # All windows are summed in one pass, which Spark would not compile above 100 columns.
    "spark.sql.codegen.maxFields": "2000",
}
STARTED = {"spark.ui.enabled": "false", "spark.log.level": "OFF", "spark.driver.maxResultSize": "0"}
CONNECT = 15002  # the port of Spark Connect
LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging")
NO_MEMORY = (
    "its memory is too small; the driver has more by 'memory_limit' in the study, workers by "
    "'spark.executor.memory' in Spark's own settings"
)
TWO_SIGNS = (
    "an id holds wide letters, or an accent as a sign of its own, which Spark cannot bring into "
    "one writing; mend such ids in the table, or leave 'engine' out"
)


class Compiler(PySparkCompiler):
    """The dialect of Ibis, where it would have Spark compute something else."""

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        r"""Spark's sign for a group is $1: it takes \1 for the figure 1."""
        group = re.sub(r"\\(\d)", r"$\1", replacement.this.replace("$", r"\$"))
        return self.f.regexp_replace(arg, pattern, group)

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        """DuckDB's composed form is missing in Spark."""
        if op.__func_name__ == "nfc_normalize":
            return self.cast(self.f.anon.raise_error(TWO_SIGNS), op.dtype)
        return super().visit_ScalarUDF(op, **arguments)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        """Spark takes the escaped tab and feed of the usual list for the letters v and f."""
        char = self.f.anon.char
        return self.f.anon.btrim(arg, self.f.concat(" \t\n\r", char(11), char(12)))


class Spark(Backend):
    """A session of Spark.

    A step that is written to a file of the working folder is kept by the workers instead, in
    memory or on their disks, under the name of the file.
    """

    compiler = Compiler()

    def to_parquet(self, expr: ibis.Table, path: str | Path, **kwargs: Any) -> None:
        """Keep a step with the workers."""
        kept = self._frame(expr)
        if "known" in expr.columns:
            # What features are made of lies by customer, so that no window's sums are moved.
            kept = kept.repartition("customer_id")
        kept = kept.persist(StorageLevel.MEMORY_AND_DISK)
        self._cached_dataframes[str(path)] = kept
        kept.createOrReplaceTempView(view_of(path))

    def read_parquet(self, path: str | Path, **kwargs: Any) -> ibis.Table:
        """Return a step that is kept."""
        return self.table(view_of(path))

    def to_pyarrow(self, expr: ibis.Expr, **kwargs: Any) -> pa.Table:
        """Return rows by way of Arrow alone."""
        frame = self._frame(expr)
        with _told():
            return frame.toArrow()

    def execute(self, expr: ibis.Expr, /, **kwargs: Any) -> Any:
        """Return rows or a value, as pandas has them."""
        with _told():
            return super().execute(expr, **kwargs)

    def by_customer(self, rows: ibis.Table, figures: Callable[[pa.Table], pa.Table]) -> pa.Table:
        """Return what a function makes of customers, each with all rows, on the workers.

        They need numpy, pandas and pyarrow, but not this package.
        """
        parts = self._frame(rows).repartition("customer_id")

        def part(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            if batches := list(batches):
                yield from figures(pa.Table.from_batches(batches)).to_batches()

        function = getattr(figures, "func", figures)
        cloudpickle.register_pickle_by_value(sys.modules[function.__module__])
        nothing = rows.schema().to_pyarrow().empty_table()
        schema = from_arrow_schema(figures(nothing).schema)
        with _told():
            return parts.mapInArrow(part, schema).toArrow()

    def open_source(self, source: Source, base: Path) -> Opened:
        """Open files of Parquet, or a table that Spark knows."""
        if not source.path:
            raise StudyError(
                "Spark reads Parquet, or a table that it knows: 'source: sales.orders'; leave "
                "'engine' out to read another database."
            )
        read, files = self._session.read, (Path(source.path),)
        with _told():
            if "://" in source.path or _is_file(source.path):
                paths = [source.path]
                if "://" not in source.path:
                    files = files_of(source, base)
                    is_folder = (base / source.path).is_dir()
                    paths = [base / source.path] if is_folder else files
                    paths = [path.resolve().as_uri() for path in paths]
                if any(ENDINGS.get(file.suffix, "parquet") != "parquet" for file in files):
                    raise StudyError(
                        f"'{files[0].name}' is no Parquet, and Spark reads the texts of other "
                        "files otherwise than DuckDB; write it as Parquet with typed columns, or "
                        "leave 'engine' out."
                    )
                frame = read.option("mergeSchema", "true").parquet(*paths)
                place = (f"_metadata.file_path AS {FILE}", f"_metadata.row_index AS {ROW}")
            else:
                frame = read.table(source.path)
                place = (f"'' AS {FILE}", f"monotonically_increasing_id() AS {ROW}")
            zones = {f.name: "UTC" for f in frame.schema if isinstance(f.dataType, TimestampType)}
            frame = frame.selectExpr("*", *place)
            if zones:
                zones |= _zones(files)
            for name, zone in zones.items():
                clock = sql.from_utc_timestamp(frame[name], zone).cast("timestamp_ntz")
                frame = frame.withColumn(name, clock)
            view = ibis.util.gen_name("source")
            frame.createOrReplaceTempView(view)
        table = _flat(self.table(view))
        count = int(table.count().execute())
        if not count:
            raise StudyError(f"'{source.path}' has no rows; export the data again.")
        notes = [(CLOCKS, {"column": name, "zone": zone}) for name, zone in zones.items()]
        return Opened(table, files, tuple(notes), sizes=(count,))

    def disconnect(self) -> None:
        """Give the workers' memory back and end the session."""
        for kept in self._cached_dataframes.values():
            kept.unpersist()
        super().disconnect()

    def _frame(self, expr: ibis.Expr) -> DataFrame:
        with _told():
            return self._session.sql(self.compile(expr))


def connect(study: Study) -> Spark:
    """Open a session on the master that a study names, or by Spark Connect on ``sc://``."""
    master, place = study.engine.spark, study.where("engine", "spark")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    builder = SparkSession.builder.appName("segment")
    if master.startswith("sc://"):
        builder = builder.remote(master)
    else:
        memory = study.memory_limit.replace(" ", "").removesuffix("B").removesuffix("i").lower()
        builder = builder.master(master).config("spark.driver.memory", memory).config(map=STARTED)
        if master.startswith("local"):
            builder = builder.config("spark.sql.shuffle.partitions", 4 * (os.cpu_count() or 1))
    try:
        if master.startswith("sc://"):  # which else is asked again for some ten minutes
            at = urlsplit(master)
            socket.create_connection((at.hostname, at.port or CONNECT), timeout=10).close()
        spark = Spark()
        spark.register_options()
        return spark.connect(builder.getOrCreate(), **SESSION)
    except Exception as error:
        raise StudyError(
            f"{place}: Spark at '{master}' cannot be reached ({_reason(error)}); does it run, and "
            "is there Java 17 or 21?"
        ) from None


@contextmanager
def _told() -> Iterator[None]:
    """Turn an error of Spark into one sentence."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        reason = TWO_SIGNS if TWO_SIGNS in str(error) else _reason(error)
        raise StudyError(f"Spark stopped: {reason}.") from None


def _reason(error: Exception) -> str:
    """Return what an error says, without the stack and the plan below it."""
    if "OutOfMemoryError" in str(error):
        return NO_MEMORY
    lines = str(error).strip().splitlines() or [type(error).__name__]
    told = lines[-1] if "Python worker" in lines[0] else lines[0]
    if told.startswith("An error occurred while calling") and len(lines) > 1:
        told = lines[1].removeprefix(": ")  # what Java says
    return told.partition(" SQLSTATE")[0].rstrip(".")


def _is_file(path: str) -> bool:
    """Return whether a path is of files; the name of a table has no slash and no such ending."""
    return "/" in path or Path(path).suffix in ENDINGS or "*" in path


def _zones(files: tuple[Path, ...]) -> dict[str, str]:
    """Return the time zones that files of this machine name, by column."""
    import pyarrow.parquet as parquet

    found: dict[str, str] = {}
    for file in files:
        fields = parquet.read_schema(file) if file.is_file() else ()
        found |= {f.name: f.type.tz for f in fields if getattr(f.type, "tz", None)}
    return found
