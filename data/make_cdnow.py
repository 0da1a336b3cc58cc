"""Make data/cdnow.parquet from the file in the PyPI package lifetimes.

Run ``python data/make_cdnow.py`` from the project folder. See data/README.md
for where the data come from.
"""

from pathlib import Path

import from_pypi
import pandas as pd

if __name__ == "__main__":
    (file,) = from_pypi.read("lifetimes==0.11.3", "lifetimes/datasets/CDNOW_master.txt")
    rows = pd.read_csv(
        file,
        sep=r"\s+",
        skiprows=1,
        names=["customer_id", "date", "cds", "amount"],
        dtype={"customer_id": str, "date": str},
    )
    rows["date"] = pd.to_datetime(rows["date"], format="%Y%m%d").dt.date
    rows["cds"] = rows["cds"].astype("int16")
    rows.to_parquet(Path(__file__).with_name("cdnow.parquet"), compression="zstd", index=False)
    print(f"{len(rows):,} rows, {rows['customer_id'].nunique():,} customers")
