"""Data that several tests share."""

import fcntl
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import hostile
import kills
import pandas as pd
import pytest
import shop

from segment.run import Run, prepare
from segment.study import read

ROOT = Path(__file__).parents[1]
LONGEST = ("wholesale", "report", "browser", "trust", "engines", "databases", "contract", "golden")
LONGEST += ("same_bytes", "rerun", "lab", "evaluate", "units")
SEGMENT = [sys.executable, "-m", "segment.cli"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that two processes end together."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@cache
def origin() -> subprocess.Popen:
    """The process that commands are forked from: it has the package imported."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", kills.SERVER], **pipes)


def run_segment(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    """Run the command line in a process of its own."""
    with tempfile.TemporaryDirectory() as streams:
        out, errors = Path(streams, "out"), Path(streams, "errors")
        job = {"folder": f"{folder}", "surroundings": {**os.environ}, "arguments": arguments}
        print(json.dumps(job | {"out": f"{out}", "errors": f"{errors}"}), file=origin().stdin)
        origin().stdin.flush()
        _id, code = origin().stdout.readline(), int(origin().stdout.readline())
        return subprocess.CompletedProcess(arguments, code, out.read_text(), errors.read_text())


def html_pages(folder: Path) -> list[Path]:
    """Return the pages of a report: the report itself and one per notebook but the answer's."""
    found = sorted({*folder.glob("*.html")} - {folder / "summary.html"})
    notebooks = {file.stem for file in (folder / "notebooks").glob("*.ipynb")}
    assert {page.stem for page in found} == {"report", *notebooks - {"00_summary"}}
    return found


def content(file: Path) -> str:
    """Return all text of a file that a report shares; of a workbook, that of its parts."""
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8")
    with zipfile.ZipFile(file) as book:
        return "".join(book.read(name).decode("utf-8") for name in book.namelist())


def once(tmp_path_factory, name: str, write: Callable[[Path], Path], *more: str) -> Path:
    """Return the report of a study that is made once for all processes that test."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder) / name
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "reports").exists():
            folder.mkdir(exist_ok=True)
            study = write(folder)
            done = run_segment("report", str(study), "-o", "reports", *more, folder=folder)
            assert done.returncode == 0, done.stderr
            assert f"reports/{study.stem}/report.html" in done.stdout
            steps = re.findall(r"^\d+:\d\d  (.+)$", done.stderr, re.MULTILINE)
            assert steps[1] == "Reading and checking the data" and steps[-1] == "Writing pages"
    return next(folder.glob("reports/*/report.html")).parent


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The report of a small shop that has a team."""
    yaml = shop.YAML + shop.PLAN
    return once(tmp_path_factory, "shop", lambda folder: shop.write(folder, yaml=yaml))


@pytest.fixture(scope="session")
def made_hostile(tmp_path_factory) -> Path:
    """The report of a shop whose ids and names try to break out: Chinese, with ids shown."""
    yaml = hostile.YAML + "language: zh\nidentifiers: show\n"
    return once(tmp_path_factory, "hostile", lambda folder: hostile.write(folder, yaml))


@pytest.fixture(scope="session")
def wholesale(tmp_path_factory) -> Path:
    """The report of the wholesale company: every family of methods."""
    few = "--set", "backtest.replicates=100"
    return once(tmp_path_factory, "wholesale", lambda _: ROOT / "data" / "wholesale.yaml", *few)


@pytest.fixture(scope="session")
def shop_run(tmp_path_factory) -> Run:
    """The small shop, prepared; who changes it takes a copy."""
    return prepare(read(shop.write(tmp_path_factory.mktemp("shop-run"))))


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory) -> Run:
    """The hostile shop with its evidence; who changes it takes a copy."""
    run = hostile.analysis(tmp_path_factory.mktemp("hostile-run"))
    run.watchlists  # noqa: B018
    return run


@pytest.fixture(scope="session")
def cdnow_rows() -> pd.DataFrame:
    """The raw CDNOW rows, for independent computations."""
    rows = pd.read_parquet(ROOT / "data" / "cdnow.parquet")
    return rows.assign(date=pd.to_datetime(rows["date"]))


@pytest.fixture(scope="session")
def cdnow() -> Run:
    """The CDNOW study, prepared; methods and evidence are computed when asked for."""
    return prepare(read(ROOT / "data" / "cdnow.yaml"))
