"""Damaged files on purpose: no traceback, no hang, and no line that is lost without a word.

Run ``python bench/fuzz.py`` (3,000 files, some minutes), or with ``--runs 300 --seed 2``. Every
file is made from a seed, so that one that fails can be made again: ``--seed 2 --only 17``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import signal
import tempfile
from pathlib import Path

from segment.errors import StudyError
from segment.reading import transactions
from segment.reading.sources import connect
from segment.reading.table import TRANSACTIONS, Table
from segment.study import read

HEADING = ["order", "customer", "day", "amount", "note"]
STUDY = """\
title: Damaged
source: orders.csv
columns: {customer_id: customer, date: day, amount: amount, order_id: order}
date_format: "%Y-%m-%d"
"""
# What is put somewhere into a file, and what stands above or below it.
PIECES = ['"', "\r", "\n", "\r\n", "\0", ",", ",,,", ";", "\t", '="', '\\"', "  ", "\n\n",
          "\n,,,,\n", "#", "\ufeff", "é", "张", "\x80", "\xff", "sep=;\n",
          "Total,,,9\n", "''", "NULL", "1e999", "0001-01-01", "-", "|", "\x1b"]  # fmt: skip
ABOVE = ["", "", "Report 2024\n", "\n\n", "# made by\n\n", "sep={}\n", "From,2024-01-01\n", "  \n"]
BELOW = ["", "", "\n", "Total 60 records\n", "\n\nTotal,,,1830\n", "\x1a", "   \n"]
LIMIT = 30  # seconds of computing for a file


def made(dice: random.Random) -> tuple[bytes, list[str], bool]:
    """Return a damaged file, its lines as they were, and whether a quotation mark was put in."""
    sign, end = dice.choice([",", ";", "\t", "|"]), dice.choice(["\n", "\n", "\r\n", "\r"])
    day = dt.date(2024, 1, 1)
    rows = [
        [f"A{i:04d}", f"k{i % 23}", str(day + dt.timedelta(days=2 * i)), f"{i + 1}.50", "n"]
        for i in range(60)
    ]
    lines = [sign.join(row) for row in rows]
    text = end.join([sign.join(HEADING), *lines]) + end
    above = dice.choice(ABOVE).format(sign).replace("\n", end)
    text = above + text + dice.choice(BELOW).replace("\n", end)
    quoted = False
    for _ in range(dice.choice([0, 1, 1, 2, 5])):
        piece, at = dice.choice(PIECES), dice.randrange(len(text))
        text = text[:at] + piece + text[at + dice.choice([0, 0, 1, 3]) :]
        quoted |= '"' in piece
    encoding = dice.choice(["utf-8", "utf-8", "utf-8-sig", "gb18030", "cp1252", "utf-16"])
    data = bytearray(text.encode(encoding, errors="replace"))
    for _ in range(dice.choice([0, 0, 0, 1, 3])):
        at = dice.randrange(len(data))
        data[at] = dice.randrange(256)
        quoted |= data[at] == ord('"')
    if dice.random() < 0.1:
        data = data[: dice.randrange(len(data) // 2, len(data))]
    return bytes(data), lines, quoted or not encoding.startswith("utf-8")


def fault(data: bytes, lines: list[str], quoted: bool, folder: Path) -> str:
    """Read a file as a check does; return what is wrong with that, "" if nothing is."""
    (folder / "orders.csv").write_bytes(data)
    (folder / "study.yaml").write_text(STUDY)
    con = connect("1GB", folder)
    try:
        table = Table.open(read(folder / "study.yaml"), TRANSACTIONS, con, folder)
        typed = transactions.typed(table)
        fates = typed.group_by("fate").agg(rows=typed.count()).to_pandas()
        found = {*typed.order_id.to_pandas().dropna()}
    except StudyError as error:
        return "" if "\n" not in str(error) else f"a refusal of several lines: {error!r}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        con.disconnect()
    if fates["rows"].sum() != sum(table.opened.sizes):
        return f"{fates['rows'].sum()} rows explained, {sum(table.opened.sizes)} read"
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    whole = [line[:5] for line in text.split("\n") if line in set(lines)]
    lost = [order for order in whole if order not in found]
    if quoted or len(lost) <= table.opened.rejected:
        return ""
    return f"{len(lost)} whole lines are lost, such as {lost[0]}"


def run(runs: int, seed: int, only: int | None = None) -> list[tuple[int, str]]:
    """Return the numbers of the files that failed, and why."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"no end within {LIMIT} s")

    signal.signal(signal.SIGPROF, stop)
    failed = []
    for number in range(runs) if only is None else [only]:
        dice = random.Random(f"{seed}-{number}")
        with tempfile.TemporaryDirectory(prefix="segment-fuzz-") as folder:
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            if wrong := fault(*made(dice), Path(folder)):
                failed.append((number, wrong))
                print(f"--seed {seed} --only {number}: {wrong}", flush=True)
            signal.setitimer(signal.ITIMER_PROF, 0)
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    asked = parser.parse_args()
    failures = run(asked.runs, asked.seed, asked.only)
    print(f"{len(failures)} of {asked.runs if asked.only is None else 1} files failed")
    raise SystemExit(bool(failures))
