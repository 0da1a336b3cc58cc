"""Make the three tables of the wholesale study from a seed.

Run ``python data/make_wholesale.py`` from the project folder. All of it is
invented: see data/README.md. The latent truth is not written, so that no method
can read it.
"""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import synthetic

SEED = 1
DATES = ("date", "first_contact")


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables as they are written, by file name without ``.parquet``."""
    company = synthetic.make(seed=SEED)
    return {
        "wholesale_orders": company.orders,
        "wholesale_customers": company.customers,
        "wholesale_balances": company.balances,
    }


def write(folder: Path) -> None:
    """Write every table, with a word on its origin in the file's metadata."""
    for name, frame in tables().items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        fields = [pa.field(f.name, pa.date32()) if f.name in DATES else f for f in table.schema]
        schema = pa.schema(fields, metadata={"about": synthetic.ABOUT})
        file = folder / f"{name}.parquet"
        pq.write_table(table.cast(schema), file, compression="zstd", compression_level=9)
        print(f"{file.name}: {len(frame):,} rows, {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    write(Path(__file__).parent)
