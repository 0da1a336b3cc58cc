"""Features at 10 M rows and 500 000 customers, as ratios to a plain scan of the same columns.

Run by ``make bench``. Prints processor time and peak memory of the features of two windows, alone
and with recent spend, beside what DuckDB needs to read the columns at all; with three columns, and
with margin, product and category. ``--peers PYTHON`` names an interpreter that has lifetimes and
pymc-marketing, whose own summaries of one window are timed as well, without their reading.
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
LIMIT_GB = 2.0
MOST = {"lean": 5, "full": 12}  # times the scan
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
           ((hash(i * 3 + 2) % 20000)::DOUBLE - 400) / 100 AS amount{more}
    FROM (SELECT i, i // {lines} AS o FROM range({rows}) AS t(i))
) TO '{file}'
"""
MORE = """,
           amount * 0.3 AS margin, 'P' || hash(i * 5 + 3) % 2000 AS product,
           'K' || hash(i * 5 + 3) % 20 AS category"""
SCAN = {
    "lean": "SELECT sum(amount), max(date), max(customer_id) FROM read_parquet('{file}')",
    "full": """SELECT sum(amount), max(date), max(customer_id), sum(margin), max(product),
               max(category) FROM read_parquet('{file}')""",
}
PEERS = """
import time, sys, pandas as pd
rows = pd.read_parquet(sys.argv[1], columns=["customer_id", "date", "amount"])
rows = rows[(rows["date"] < pd.Timestamp("2023-07-01").date()) & (rows["amount"] > 0)]
rows["date"] = pd.to_datetime(rows["date"])
if sys.argv[2] == "lifetimes":
    from lifetimes.utils import summary_data_from_transaction_data as summary
else:
    from pymc_marketing.clv.utils import rfm_summary as summary
began = time.process_time()
summary(rows, "customer_id", "date", "amount", observation_period_end="2023-06-30")
print(time.process_time() - began)
"""


def measure(file: Path, shape: str, task: str) -> None:
    """Print processor seconds and peak memory (MB) of one task, the best of three runs."""
    from segment.features import customers as features
    from segment.reading.sources import connect
    from segment.reading.table import stored
    from segment.tiering import RecentSpend

    with tempfile.TemporaryDirectory() as folder:
        con = connect(f"{LIMIT_GB:g}GB", Path(folder))
        asked = {*RecentSpend().columns, *RecentSpend().extras}
        seconds = []
        for _ in range(3):
            began = time.process_time()
            rows = con.read_parquet(file)
            if task == "scan":
                con.raw_sql(SCAN[shape].format(file=file)).fetchall()
            elif task == "features":
                features.tables(rows, WINDOWS)
            else:
                days = stored(features.customer_days(rows), Path(folder) / "days.parquet")
                calibration = {"calibration": WINDOWS["calibration"]}
                features.tables(rows, WINDOWS, (), days, (calibration, asked))
            seconds.append(time.process_time() - began)
        con.disconnect()
    print(min(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Make the data, measure each task in a process of its own, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=3, metavar=("FILE", "SHAPE", "TASK"))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--lines", type=int, nargs="+", default=LINES, help="rows per order")
    parser.add_argument("--peers", help="Python that has lifetimes and pymc-marketing")
    arguments = parser.parse_args()
    if arguments.measure:
        file, shape, task = arguments.measure
        measure(Path(file), shape, task)
        return
    for lines in arguments.lines:
        for shape, more in (("lean", ""), ("full", MORE)):
            compare(arguments.rows, lines, shape, more, arguments.peers)


def compare(rows: int, lines: int, shape: str, more: str, peers: str | None) -> None:
    """Print the ratios of one shape of data."""
    import duckdb

    customers = max(1, rows * CUSTOMERS // ROWS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transactions.parquet"
        shaped = MAKE.format(file=file, rows=rows, lines=lines, customers=customers, more=more)
        duckdb.sql(shaped)
        print(f"{shape}: {rows:,} rows, {lines} per order, {customers:,} customers, two windows")
        found = {}
        for task in ("scan", "features", "with recent spend"):
            run = [sys.executable, __file__, "--measure", str(file), shape, task]
            done = subprocess.run(run, check=True, capture_output=True, text=True)
            seconds, memory = map(float, done.stdout.split())
            found[task] = seconds
            ratio = seconds / found["scan"]
            print(f"  {task:18} {seconds:6.2f} s  {ratio:5.1f} x the scan  {memory:6.0f} MB")
        print(f"  at most {MOST[shape]} x the scan, and half of that more with recent spend")
        for peer in ("lifetimes", "pymc-marketing") if peers and shape == "lean" else ():
            run = [peers, "-c", PEERS, str(file), peer]
            seconds = float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
            print(f"  {peer:18} {seconds:6.2f} s  {seconds / found['features']:5.1f} x ours")


if __name__ == "__main__":
    main()
