"""The same input gives the same bytes, wherever and however it is run."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import shop
from conftest import SEGMENT

YAML = shop.YAML.replace("replicates: 200", "replicates: 100, origins: 2") + shop.PLAN
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
HERE = {"TZ": "UTC", "PYTHONHASHSEED": "1"}
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
# What tells of the moment, and of the file as it stands.
OF_THE_RUN = re.compile(
    rb'20\d\d-\d\d-\d\d \d\d:\d\d|"(?:fingerprint|inputs)": "\w+"|[0-9a-f]{16}</dd>'
)


def written(folder: Path, **surroundings: str) -> dict[str, bytes]:
    """Return what a report shares and lists, but for the moment at which it was made."""
    command = [*SEGMENT, "report", "shop.yaml", "--only", "abc", "--only", "data"]
    surroundings = os.environ | surroundings
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = folder / "reports" / "shop-abc-data"
    files = [*report.glob("[!.]*.*"), *(report / "confidential").glob("*.*")]
    return {file.name: OF_THE_RUN.sub(b"", file.read_bytes()) for file in files}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bytes")
    shop.write(folder, yaml=YAML)
    return written(folder, **HERE)


@pytest.mark.parametrize(
    ("shuffled", "surroundings"),
    [
        (False, ELSEWHERE | dict.fromkeys(THREADS, "1")),
        (True, HERE),
    ],
)
def test_pages_workbooks_and_results_are_the_same(first, shuffled, surroundings, tmp_path):
    rows = shop.rows().sample(frac=1, random_state=3) if shuffled else shop.rows()
    shop.write(tmp_path, rows, YAML)
    after = written(tmp_path, **surroundings)
    held = {"report.html", "02_abc.html", "results.json", "tiers.xlsx", "watch-lists.xlsx"}
    assert len(first) >= 18 and held | {"summary.html", "service-plan.xlsx"} <= {*first} == {*after}
    assert [name for name in first if first[name] != after[name]] == []
