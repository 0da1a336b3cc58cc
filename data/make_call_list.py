"""Make the purchases behind data/call_list.yaml from a seed.

Run ``python data/make_call_list.py`` from the project folder. A team calls all 5,000
customers of an invented company every month, and 200 of them buy: the example of a
Chinese textbook story on customer tiering. See data/README.md.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SEED, CUSTOMERS, BUYERS = 1, 5000, 200
START, CUT, END = (np.datetime64(day, "D") for day in ("2023-01-01", "2024-01-01", "2024-02-01"))
ABOUT = "Synthetic purchases of an invented company (合成数据); no real firm or person."


def purchases() -> pd.DataFrame:
    """Return one row per purchase: customer_id, date, amount.

    Customers differ in how often they buy. The month after the cut has exactly 200
    buyers, drawn with chances that follow how often a customer bought and how lately.
    """
    rng = np.random.default_rng(SEED)
    rate = rng.gamma(0.6, 1.0, CUSTOMERS)
    size = rng.lognormal(6.2, 0.7, CUSTOMERS)
    year = int((CUT - START).astype(int))
    left = rng.uniform(0, 1.6, CUSTOMERS).clip(0.05, 1)  # the part of the year they stay
    number = 1 + rng.poisson(4 * rate * left)
    who = np.repeat(np.arange(CUSTOMERS), number)
    day = (rng.uniform(size=len(who)) * left[who] * year).astype(int)
    last = pd.Series(day).groupby(who).max().to_numpy()
    chance = (0.05 + rate**1.5) * np.exp(-(year - last) / 45)
    buyers = np.sort(rng.choice(CUSTOMERS, BUYERS, replace=False, p=chance / chance.sum()))
    again = np.repeat(buyers, 1 + rng.poisson(0.3, BUYERS))
    later = year + rng.integers(0, int((END - CUT).astype(int)), len(again))
    who, day = np.concatenate([who, again]), np.concatenate([day, later])
    paid = np.round(size[who] * rng.lognormal(0, 0.3, len(who)), 2)
    frame = pd.DataFrame(
        {"customer_id": [f"SYN-{i:04d}" for i in who], "date": START + day, "amount": paid}
    )
    return frame.sort_values(["date", "customer_id", "amount"], ignore_index=True)


def write(folder: Path) -> Path:
    """Write the purchases, with a word on their origin in the file's metadata."""
    table = pa.Table.from_pandas(purchases(), preserve_index=False)
    fields = [pa.field(f.name, pa.date32()) if f.name == "date" else f for f in table.schema]
    file = folder / "call_list.parquet"
    schema = pa.schema(fields, metadata={"about": ABOUT})
    pq.write_table(table.cast(schema), file, compression="zstd", compression_level=9)
    return file


if __name__ == "__main__":
    made = write(Path(__file__).parent)
    print(f"{made.name}: {made.stat().st_size / 1e6:.2f} MB")
