"""The same input gives the same bytes, wherever and however it is run."""

import os
import re
import subprocess
from pathlib import Path

import shop
from conftest import SEGMENT

YAML = shop.YAML.replace("replicates: 200", "replicates: 100, origins: 2") + shop.PLAN
HERE = {"TZ": "UTC", "PYTHONHASHSEED": "1"}
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
ELSEWHERE |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
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


def test_pages_workbooks_and_results_are_the_same_elsewhere_and_from_shuffled_rows(tmp_path):
    reports = []
    for name, surroundings in (("here", HERE), ("elsewhere", ELSEWHERE)):
        (tmp_path / name).mkdir()
        rows = shop.rows().sample(frac=1, random_state=3) if reports else shop.rows()
        shop.write(tmp_path / name, rows, YAML)
        reports.append(written(tmp_path / name, **surroundings))
    first, after = reports
    held = {"report.html", "02_abc.html", "results.json", "tiers.xlsx", "watch-lists.xlsx"}
    assert len(first) >= 18 and held | {"summary.html", "service-plan.xlsx"} <= {*first} == {*after}
    assert [name for name in first if first[name] != after[name]] == []
