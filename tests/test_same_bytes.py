"""The same input gives the same bytes, wherever and however it is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import shop

RUN = """
import sys
from pathlib import Path
import pandas as pd
from segment.pages._results import results_of
from segment.publish import build, files
from segment.run import prepare
from segment.study import read

run, target = prepare(read("shop.yaml")), Path(sys.argv[1])
files.write(run, target)
build.write_json(results_of(run), target / "results.json")
"""
YAML = shop.YAML.replace("replicates: 200", "replicates: 100, origins: 2")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
ELSEWHERE = {
    "zone and language": {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"},
    "hashes and threads": {"PYTHONHASHSEED": "7"} | dict.fromkeys(THREADS, "1"),
}


def written(folder: Path, name: str, **surroundings: str) -> dict[str, bytes]:
    """Return what a run writes: exports, workbooks and results."""
    command = [sys.executable, "-c", RUN, name]
    given = {"PYTHONHASHSEED": "1", "TZ": "UTC"} | surroundings
    done = subprocess.run(
        command, cwd=folder, env=os.environ | given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {file.name: file.read_bytes() for file in (folder / name).iterdir()}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("bytes")
    shop.write(folder, yaml=YAML)
    return folder, written(folder, "first")


@pytest.mark.parametrize("how", [*ELSEWHERE])
def test_the_same_rows_give_the_same_bytes_elsewhere(first, how):
    folder, before = first
    after = written(folder, how.replace(" ", "-"), **ELSEWHERE[how])
    assert len(before) >= 12 and {"tiers.xlsx", "watch-lists.xlsx", "results.json"} <= {*before}
    assert [name for name in before if before[name] != after.get(name)] == []


def test_the_same_rows_in_another_order_give_the_same_bytes(first, tmp_path):
    _folder, before = first
    shop.write(tmp_path, shop.rows().sample(frac=1, random_state=3), YAML)
    after = written(tmp_path, "shuffled")
    results = [json.loads(files.pop("results.json")) for files in (dict(before), after)]
    assert [name for name in after if before[name] != after[name]] == []
    for result in results:
        del result["fingerprint"]  # of the file as it stands
    assert results[0] == results[1]
