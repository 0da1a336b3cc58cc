"""CPU seconds that Spark takes on this machine, as a multiple of DuckDB's.

Check, features of all windows, months and habits of a study with the default methods; the
second run of each engine counts. ``python bench/engines.py --rows 1000000``; needs Java.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from features import CUSTOMERS, MAKE, ROWS

STUDY = """
title: Orders
source: orders.parquet
columns: {customer_id: customer_id, date: date, amount: amount}
"""


def used() -> float:
    """Return the CPU seconds of this process and of those that it began."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def measure(study: Path, master: str) -> None:
    """Print CPU seconds, seconds and gigabytes of the second of two runs."""
    from segment.run import prepare
    from segment.study import read

    asked = read(study, {"engine.spark": master} if master != "duckdb" else None)
    if master != "duckdb":
        from pyspark.sql import SparkSession

        SparkSession.stop = lambda self: None  # stays warm
    for _ in range(2):
        began, seconds = used(), time.perf_counter()
        prepare(asked)
        spent = used() - began
    this = psutil.Process()
    memory = sum(p.memory_info().rss for p in (this, *this.children(recursive=True)))
    print(spent, time.perf_counter() - seconds, memory / 1e9)


def main() -> None:
    """Make the data, measure both engines in a process each, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("STUDY", "MASTER"))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--master", default="local[2]")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(Path(arguments.measure[0]), arguments.measure[1])
        return
    import duckdb

    customers = max(1, arguments.rows * CUSTOMERS // ROWS)
    with tempfile.TemporaryDirectory() as folder:
        file, study = Path(folder, "orders.parquet"), Path(folder, "orders.yaml")
        duckdb.sql(
            MAKE.format(file=file, rows=arguments.rows, lines=1, customers=customers, more="")
        )
        study.write_text(STUDY, encoding="utf-8")
        print(f"{arguments.rows:,} rows, {customers:,} customers: CPU s, s, GB")
        spent = {}
        for master in ("duckdb", arguments.master):
            run = [sys.executable, __file__, "--measure", str(study), master]
            done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True)
            spent[master], seconds, memory = map(float, done.stdout.split()[-3:])
            print(f"  {master:10} {spent[master]:8.1f} {seconds:8.1f} {memory:6.1f}", flush=True)
        print(f"  Spark takes {spent[arguments.master] / spent['duckdb']:.1f} times the CPU")


if __name__ == "__main__":
    main()
