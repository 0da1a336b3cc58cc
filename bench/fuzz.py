"""Damaged inputs on purpose: no traceback, no hang, and no line that is lost without a word.

Run ``python bench/fuzz.py`` (10,000 inputs), or with ``--runs 300 --seed 2 --kind study``. Kinds:
files of text, workbooks and Parquet files with damaged bytes, studies, parameters of methods on
odd customers, and results of an earlier report. Every input is made from a seed, so that one that
fails can be made again: ``--seed 2 --kind study --only 17``. What was stopped goes on with
``--first 1200``; an input that ends the process, or keeps it busy, counts as failed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import faulthandler
import inspect
import json
import multiprocessing
import random
import signal
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segment.action import previous
from segment.errors import StudyError
from segment.pages.previous import answer
from segment.publish import gallery
from segment.reading import transactions
from segment.reading.check import check_data
from segment.reading.draft import draft_study
from segment.reading.sources import connect
from segment.reading.table import TRANSACTIONS, Table
from segment.study import read
from segment.tiering import METHODS, left_out, named

HEADING = ["order", "customer", "day", "amount", "note"]
STUDY = """\
title: Damaged
source: {file}
columns: {{customer_id: customer, date: day, amount: amount, order_id: order}}
date_format: "%Y-%m-%d"
"""
MORE = """\
currency: EUR
periods: {cut: 2024-03-15}
methods:
  ABC: {method: abc, limits: [0.5, 0.9]}
  Sum: {method: rfm, form: sum, shares: [0.2, 0.8]}
  Spend: {method: thresholds, tiers: {Gold: 20, Silver: 5}, rest: Plain}
  Groups: {method: clusters, k: 3}
  Braked: {method: credit_brake, of: {method: abc}, optional: true}
served_share: 0.2
readiness: {customers: 10, days: 10}
team: {sales: {people: 2, hours: 120, cost: 30}}
costs: {margin_rate: 0.3}
backtest: {replicates: 100, origins: 1}
"""
# What is put somewhere into a file, and what stands above or below it.
PIECES = ['"', "\r", "\n", "\r\n", "\0", ",", ",,,", ";", "\t", '="', '\\"', "  ", "\n\n",
          "\n,,,,\n", "#", "\ufeff", "é", "张", "\x80", "\xff", "sep=;\n",
          "Total,,,9\n", "''", "NULL", "1e999", "0001-01-01", "-", "|", "\x1b"]  # fmt: skip
ABOVE = ["", "", "Report 2024\n", "\n\n", "# made by\n\n", "sep={}\n", "From,2024-01-01\n", "  \n"]
BELOW = ["", "", "\n", "Total 60 records\n", "\n\nTotal,,,1830\n", "\x1a", "   \n"]
# What stands in a study where something else stood, or for a parameter.
WORDS = ["[", "]", "{", "}", ": ", "\n", "- ", "&a ", "*a", "!!float ", "!!timestamp ", "'", '"',
         "~", "null", "yes", "-1", "0", "1e400", ".nan", ".inf", "9" * 400, "2024-02-30", "|\n",
         "\x1b[31m", "张三", "x" * 3000, "<<: ", "%", "\t", "../..", "/etc/passwd", "0x1F",
         "[" * 400, "\ud800", "\0"]  # fmt: skip
VALUES: list[Any] = [
    None, True, -1, 0, 1, 2, 3, 5, 50, 10**6, 10**30, 0.0, 0.2, 0.5, 1.0, 1.5, -0.1, float("nan"),
    float("inf"), "", "x", "sum", "segments", "computed", "customers", "monetary_total",
    "days_since_last", "no such column", [], [0.2, 0.8], [0.8, 0.2], [0.5, 0.5], [1, 2, 3], ["a"],
    [None], {}, {"a": 1}, {"Gold": 5, "Silver": 20}, {"Gold": "x"}, {"method": "abc"},
    {"method": "rfm"}, {"method": "no"}, ["monetary_total", "order_days"],
]  # fmt: skip
LIMIT = 60  # seconds of computing for an input
BLOCK = 100  # inputs that one fork tries


def orders() -> list[list[str]]:
    """Return sixty orders of 23 customers."""
    day = dt.date(2024, 1, 1)
    return [
        [f"A{i:04d}", f"k{i % 23}", str(day + dt.timedelta(days=2 * i)), f"{i + 1}.50", "n"]
        for i in range(60)
    ]


def made(dice: random.Random) -> tuple[bytes, list[str], bool]:
    """Return a damaged file, its lines as they were, and whether a quotation mark was put in."""
    sign, end = dice.choice([",", ";", "\t", "|"]), dice.choice(["\n", "\n", "\r\n", "\r"])
    lines = [sign.join(row) for row in orders()]
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


def a_file(dice: random.Random, folder: Path) -> str:
    """Read a damaged text file as a check does; sometimes draft a study from it."""
    data, lines, quoted = made(dice)
    (folder / "orders.csv").write_bytes(data)
    (folder / "study.yaml").write_text(STUDY.format(file="orders.csv"))
    if dice.random() < 0.2:
        text = draft_study(folder / "orders.csv", folder / "draft.yaml").text
        (folder / "draft.yaml").write_text(text, encoding="utf-8")
        read_drafted(folder / "draft.yaml")
    con = connect("1GB", folder)
    try:
        table = Table.open(read(folder / "study.yaml"), TRANSACTIONS, con, folder)
        typed = transactions.typed(table)
        fates = typed.group_by("fate").agg(rows=typed.count()).to_pandas()
        found = {*typed.order_id.to_pandas().dropna()}
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


def read_drafted(file: Path) -> None:
    """Read a drafted study: what it refuses may be an open question, never its YAML."""
    try:
        read(file)
    except StudyError as error:
        if "YAML" in str(error) or "unknown key" in str(error):
            raise AssertionError(f"a draft that cannot be read: {error}") from None


def a_table(dice: random.Random, folder: Path) -> str:
    """Check a workbook or a Parquet file in which values and bytes are damaged."""
    frame = pd.DataFrame(orders(), columns=HEADING).astype({"amount": float})
    kind = dice.choice(["xlsx", "parquet", "ods"])
    strange = [None, "", "x", "\x1b[2J", "a\0b", "=1+1", 1e308, float("inf"), -1e19, 10**15]
    for _ in range(dice.choice([0, 1, 3])):
        column = dice.choice(HEADING)
        value, row = dice.choice(strange), dice.randrange(60)
        if kind == "xlsx" and isinstance(value, str) and {"\0", "\x1b"} & {*value}:
            continue
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
    file = folder / f"orders.{'parquet' if kind == 'parquet' else 'xlsx'}"
    if kind == "parquet":
        mixed = [name for name in frame if frame[name].map(type).nunique() > 1]
        frame.astype(dict.fromkeys(mixed, str)).to_parquet(file)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            options = {"options": {"nan_inf_to_errors": True}}
            with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs=options) as book:
                frame.to_excel(book, index=False)
                book.book.set_properties({"created": dt.datetime(2024, 1, 1)})  # the same bytes
    data = bytearray(file.read_bytes())
    for _ in range(dice.choice([0, 1, 1, 2, 8])):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.1:
        data = data[: dice.randrange(len(data))]
    file.write_bytes(bytes(data))
    (folder / "study.yaml").write_text(STUDY.format(file=file.name))
    return checked(folder)


def checked(folder: Path) -> str:
    """Check a study; return what is wrong with the account of its rows."""
    study = read(folder / "study.yaml")
    left_out(study)
    con = connect("1GB", folder)
    try:
        found = check_data(study, con, folder)
    finally:
        con.disconnect()
    explained = found.accounts["rows"].sum()
    return "" if explained == found.facts["rows_read"] else f"{explained} rows are explained"


def a_study(dice: random.Random, folder: Path) -> str:
    """Check a study in which words, lines and signs are changed."""
    rows = [",".join(row) for row in [HEADING, *orders()]]
    (folder / "orders.csv").write_text("\n".join(rows) + "\n")
    text = STUDY.format(file="orders.csv") + MORE
    for _ in range(dice.choice([1, 1, 2, 4])):
        how, at = dice.randrange(4), dice.randrange(len(text))
        if how == 0:
            text = text[:at] + dice.choice(WORDS) + text[at + dice.choice([0, 0, 1, 5]) :]
        elif how == 1:
            lines = text.split("\n")
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            text = "\n".join(lines)
        elif how == 2:
            words = text.split(" ")
            words[dice.randrange(len(words))] = dice.choice([*words, *WORDS])
            text = " ".join(words)
        else:
            text = text[:at] + text[at + dice.randrange(1, 30) :]
    (folder / "study.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return checked(folder)


def customers(dice: random.Random) -> pd.DataFrame:
    """Return 130 customers with all features, some columns constant, tied or far out."""
    rng = np.random.default_rng(dice.randrange(10**9))
    found = {}
    for name in {column for kind in METHODS.values() for column in features_of(kind)}:
        found[name] = dice.choice(
            [
                rng.gamma(1, 50, 130).round(2),
                rng.integers(0, 4, 130).astype(float),
                np.ones(130),
                np.where(rng.random(130) < 0.02, 1e9, 1.0),
                1 + rng.random(130) * 1e-12,
                -rng.random(130),
                np.zeros(130),
            ]
        )
    frame = pd.DataFrame(found, index=[f"k{i}" for i in range(130)])
    return frame.head(dice.choice([130, 130, 130, 12, 2, 1, 0]))


def features_of(kind: type) -> tuple[str, ...]:
    """Return the columns that a method reads with the parameters it has by default."""
    try:
        method = kind()
        return (*method.columns, *method.extras)
    except (TypeError, AttributeError):  # it works on another
        return ()


def a_method(dice: random.Random, folder: Path) -> str:
    """Fit a method with odd parameters to odd customers, and ask it all."""
    name = dice.choice([name for name in METHODS if name != "clv"])
    known = [p for p in inspect.signature(METHODS[name].__init__).parameters if p != "self"]
    asked = dice.sample(known, min(len(known), dice.choice([0, 1, 1, 2, 3])))
    parameters = {parameter: dice.choice(VALUES) for parameter in asked}
    if name == "credit_brake" and dice.random() < 0.7:
        parameters["of"] = {"method": "abc"}
    frame = customers(dice)
    method = named(name, parameters, folder)
    lacking = [c for c in (*method.columns, *method.extras) if c not in frame]
    frame = frame.assign(**dict.fromkeys(lacking, 1.0))
    method.fit(frame)
    tiers = method.predict(frame)
    method.rules()
    method.details(frame)
    method.notes()
    with suppress(StudyError):
        method.sql()
    return "" if tiers.notna().all() and len(tiers) == len(frame) else "customers without a tier"


RESULTS: dict[str, Any] = {
    "schema": 2, "study": "shop", "title": "Shop", "made": "2025-03-01 09:00", "fingerprint": "a",
    "parameters": {"served_share": 0.2, "methods": {"ABC": {"method": "abc"}}},
    "periods": {"start": "2023-01-01", "cut": "2023-09-01", "end": "2024-01-01"},
    "facts": {"rows": 900, "customers": 150, "first": "2023-01-01", "last": "2023-12-31"},
    "figures": [{"label": "ABC", "kind": "method", "gini": 0.5, "gini_low": 0.4, "gini_high": 0.6}],
    "tiers": [{"label": "ABC", "tier": "A", "customers": 20, "share": 0.2}],
    "stability": [{"label": "ABC", "kappa": 0.4, "kappa_low": 0.3, "kappa_high": 0.5}],
    "verdict": {"recommended": "ABC", "best": "ABC", "candidates": ["ABC"], "refused": ""},
    "versions": {"segment": "0.1.0"},
}  # fmt: skip


def a_result(dice: random.Random, folder: Path) -> str:
    """Read results of an earlier report that are damaged: by the report, the list, compare."""
    results = json.loads(json.dumps(RESULTS))
    for _ in range(dice.choice([0, 1, 2, 4])):
        place: Any = results
        while isinstance(place, (dict, list)) and place and dice.random() < 0.7:
            key = dice.choice([*place] if isinstance(place, dict) else range(len(place)))
            if not isinstance(place[key], (dict, list)) or dice.random() < 0.3:
                place[key] = dice.choice([*VALUES, "\ud800", [[]] * 3, {"label": "ABC"}])
                break
            place = place[key]
    text = json.dumps(results)
    for _ in range(dice.choice([0, 0, 1, 3])):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice([*WORDS, "[" * 60, "1e999", "NaN"]) + text[at + 1 :]
    file = folder / "shop" / "results.json"
    file.parent.mkdir()
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    (folder / "shop" / "report.html").write_text("")
    gallery.write(folder)
    found = previous.read(file)
    if not found.problem:
        answer(previous.compare(found.results, RESULTS))
        answer(previous.compare(RESULTS, found.results))
    return ""


KINDS: dict[str, Callable[[random.Random, Path], str]] = {
    "file": a_file,
    "table": a_table,
    "study": a_study,
    "method": a_method,
    "results": a_result,
}


def fault(kind: str, dice: random.Random, folder: Path) -> str:
    """Try one input; return what is wrong with what came of it, "" if nothing is."""
    try:
        return KINDS[kind](dice, folder)
    except StudyError as error:
        return "" if "\n" not in str(error) else f"a refusal of several lines: {error!r}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"


def run(
    runs: int, seed: int, first: int = 0, kind: str = "", place: Any = None
) -> list[tuple[int, str]]:
    """Return the numbers of the inputs that failed, and why; of one kind, or of all in turn.

    ``place`` is told the number of each input before it is tried.
    """

    def stop(*_: object) -> None:
        raise TimeoutError(f"no end within {LIMIT} s")

    signal.signal(signal.SIGPROF, stop)
    warnings.simplefilter("ignore")
    failed = []
    for number in range(first, first + runs):
        dice, chosen = random.Random(f"{seed}-{number}"), kind or kind_of(number)
        if place is not None:
            place.value = number
            faulthandler.dump_traceback_later(20 * LIMIT, exit=True)
        with tempfile.TemporaryDirectory(prefix="segment-fuzz-") as folder:
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            wrong = fault(chosen, dice, Path(folder))
            signal.setitimer(signal.ITIMER_PROF, 0)
        if wrong:
            failed.append((number, wrong))
            print(f"--seed {seed} --kind {chosen} --only {number}: {wrong}", flush=True)
    faulthandler.cancel_dump_traceback_later()
    return failed


def kind_of(number: int) -> str:
    """Return the kind of an input by its number."""
    return [*KINDS][number % len(KINDS)]


def in_forks(runs: int, seed: int, first: int, kind: str) -> int:
    """Try inputs in forks of this process, which has all loaded; return how many failed."""
    fork = multiprocessing.get_context("fork")
    place, failures, last = fork.Value("q", first), 0, first + runs

    def block(size: int, known: Any) -> None:
        known.value = len(run(size, seed, place.value, kind, place))

    while first < last:
        size, known = min(BLOCK, last - first), fork.Value("q", 0)
        child = fork.Process(target=block, args=(size, known))
        child.start()
        child.join()
        failures += known.value
        first += size
        if child.exitcode:
            number, failures = place.value, failures + 1
            told = f"--seed {seed} --kind {kind or kind_of(number)} --only {number}"
            print(f"{told}: the process ended with {child.exitcode}", flush=True)
            first = number + 1
        place.value = first
        print(f"{first - last + runs} of {runs} inputs tried, {failures} failed", flush=True)
    return failures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--kind", choices=KINDS, default="")
    asked = parser.parse_args()
    if asked.only is None:
        failures = in_forks(asked.runs - asked.first, asked.seed, asked.first, asked.kind)
    else:
        failures = len(run(1, asked.seed, asked.only, asked.kind))
    raise SystemExit(bool(failures))
