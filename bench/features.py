"""Features at 10 M rows and 500 000 customers, as ratios to a plain scan of the same columns.

Run by ``make bench``. Prints time and peak memory of the features of two windows,
beside what DuckDB needs to read the columns at all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS, CUSTOMERS = 10_000_000, 500_000
# Order lines as shops export them, and the hard case of one row per order.
LINES = (3, 1)
LIMIT_GB, MOST = 2.0, 10.0
WINDOWS = {
    "calibration": (dt.date(2022, 1, 1), dt.date(2023, 7, 1)),
    "holdout": (dt.date(2023, 7, 1), dt.date(2024, 1, 1)),
}
# Order lines, as shops export them: LINES per order on average. A few customers buy
# often and most seldom: a customer's number is the square of a uniform number.
MAKE = """
COPY (
    SELECT 'C' || (pow((hash(o) % 2147483647) / 2147483647.0, 2) * {customers} + 1e8)::INT
               AS customer_id,
           DATE '2022-01-01' + (hash(o * 7 + 1) % 730)::INT AS date,
           ((hash(i * 3 + 2) % 20000)::DOUBLE - 400) / 100 AS amount
    FROM (SELECT i, i // {lines} AS o FROM range({rows}) AS t(i))
) TO '{file}'
"""
SCAN = "SELECT sum(amount), max(date), max(customer_id) FROM read_parquet('{file}')"


def measure(file: Path, what: str) -> None:
    """Print seconds and peak memory (MB) of one task, the best of three runs."""
    from segment.features import customers as features
    from segment.reading.sources import connect

    with tempfile.TemporaryDirectory() as folder:
        con = connect(f"{LIMIT_GB:g}GB", Path(folder))
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            if what == "scan":
                con.raw_sql(SCAN.format(file=file)).fetchall()
            else:
                features.compute(con.read_parquet(file), WINDOWS)
            seconds.append(time.perf_counter() - began)
        con.disconnect()
    print(min(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Make the data, measure each task in a process of its own, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "TASK"))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--lines", type=int, nargs="+", default=LINES, help="rows per order")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(Path(arguments.measure[0]), arguments.measure[1])
        return
    for lines in arguments.lines:
        compare(arguments.rows, lines)


def compare(rows: int, lines: int) -> None:
    """Print the ratios of one shape of data."""
    import duckdb

    customers = max(1, rows * CUSTOMERS // ROWS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transactions.parquet"
        duckdb.sql(MAKE.format(file=file, rows=rows, lines=lines, customers=customers))
        found = {}
        for task in ("scan", "features"):
            run = [sys.executable, __file__, "--measure", str(file), task]
            done = subprocess.run(run, check=True, capture_output=True, text=True)
            found[task] = [float(value) for value in done.stdout.split()]
    ratio = found["features"][0] / found["scan"][0]
    memory = found["features"][1] / (LIMIT_GB * 1000**3 / 1024**2)
    print(f"{rows:,} rows, {lines} per order, {customers:,} customers, {len(WINDOWS)} windows")
    print(f"  scan      {found['scan'][0]:6.2f} s   {found['scan'][1]:6.0f} MB")
    print(f"  features  {found['features'][0]:6.2f} s   {found['features'][1]:6.0f} MB")
    print(f"  time:   {ratio:.1f} x the scan (at most {MOST:g})")
    print(f"  memory: {memory:.2f} x the limit of {LIMIT_GB:g} GB (at most 1)")


if __name__ == "__main__":
    main()
