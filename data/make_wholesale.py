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
DATES = ("date", "first_contact", "since")
# The company's own tiers, given on these days by what came in a calendar year until then; a
# customer keeps a card that is not renewed.
GIVEN = {"2024-01-15": "2023", "2024-10-01": "2024"}
LEAST = {"银卡": 10_000, "金卡": 60_000, "钻石卡": 250_000}


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables as they are written, by file name without ``.parquet``."""
    company = synthetic.make(seed=SEED)
    return {
        "wholesale_orders": company.orders,
        "wholesale_customers": company.customers,
        "wholesale_balances": company.balances,
        "wholesale_tiers": present_tiers(company.orders),
    }


def present_tiers(orders: pd.DataFrame) -> pd.DataFrame:
    """Return ``customer_id``, ``since`` and ``tier``: cards given by the amount of a year."""
    parts = []
    for since, year in GIVEN.items():
        day = pd.to_datetime(orders["date"])
        inside = (day.dt.year == int(year)) & (day < since)
        spent = orders[inside].groupby("customer_id")["amount"].sum().sort_index()
        card = pd.cut(spent, [*LEAST.values(), float("inf")], right=False, labels=[*LEAST])
        frame = card.dropna().astype(str).rename("tier").reset_index()
        parts.append(frame.assign(since=pd.Timestamp(since)))
    return pd.concat(parts, ignore_index=True)[["customer_id", "since", "tier"]]


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
