"""Make the purchases behind data/shop.yaml, the example that ``segment example`` writes.

Run ``python data/make_shop.py`` from the project folder. A tea shop that does not exist; some
rows are faulty on purpose, as in any export. See data/README.md.
"""

from pathlib import Path

import numpy as np
import pandas as pd

SEED, CUSTOMERS, DAYS = 3, 700, 730
START = np.datetime64("2023-01-01")
GOODS = ("green tea", "black tea", "oolong", "teapots", "gifts")


def purchases() -> pd.DataFrame:
    """Return one row per order: order, customer, date, goods, channel, amount, status (texts).

    Customers differ in how often they buy, how much, since when, and until when: the large
    ones of the first year are not all those of the second.
    """
    rng = np.random.default_rng(SEED)
    first = rng.integers(0, 600, CUSTOMERS) * (rng.random(CUSTOMERS) < 0.7)
    stays = rng.exponential(420, CUSTOMERS)
    rate = rng.gamma(0.9, 1 / 45, CUSTOMERS)  # purchases a day
    number = 1 + rng.poisson(rate * np.minimum(stays, DAYS - first))
    who = np.repeat(np.arange(CUSTOMERS), number)
    opening = np.r_[0, np.cumsum(number)[:-1]]
    into = rng.random(len(who)) * np.minimum(stays, DAYS - first)[who]
    into[opening] = 0
    size = rng.lognormal(3.4, 0.6, CUSTOMERS)[who]
    paid = np.round(size * rng.lognormal(0, 0.35, len(who)), 2)
    rows = pd.DataFrame(
        {
            "customer": [f"T{i:04d}" for i in who],
            "date": (START + (first[who] + into).astype(int)).astype(str),
            "goods": rng.choice(GOODS, len(who), p=[0.35, 0.25, 0.2, 0.12, 0.08]),
            "channel": np.where(rng.random(len(who)) < 0.4 + 0.3 * (who % 2), "online", "shop"),
            "amount": [f"{amount:.2f}" for amount in paid],
            "status": np.where(rng.random(len(who)) < 0.03, "cancelled", "paid"),
        }
    ).sort_values(["date", "customer"], ignore_index=True)
    rows.insert(0, "order", [f"{100000 + i}" for i in range(len(rows))])
    returned = rows[rows["status"] == "paid"].sample(60, random_state=SEED).sort_index()
    returned = returned.assign(order="R" + returned["order"], amount="-" + returned["amount"])
    rows = pd.concat([rows, returned, rows.iloc[[40, 900, 1500]]], ignore_index=True)
    rows.loc[[12, 800, 2100], "customer"] = ""
    rows.loc[333, "date"], rows.loc[1234, "amount"] = "2023-02-30", "free"
    return rows


def members() -> pd.DataFrame:
    """Return the totals of the same customers, as a CRM would export them."""
    rows = purchases().drop_duplicates().query("status == 'paid' and customer != ''")
    rows = rows.assign(amount=pd.to_numeric(rows["amount"], errors="coerce"))
    rows = rows[pd.to_datetime(rows["date"], errors="coerce").notna() & rows["amount"].notna()]
    bought = rows[rows["amount"] > 0].groupby("customer")
    totals = {"orders": bought["order"].nunique(), "first_order": bought["date"].min()}
    totals |= {"last_order": bought["date"].max(), "channel": bought["channel"].first()}
    spent = rows.groupby("customer")["amount"].sum().round(2)
    return pd.DataFrame({"spent": spent} | totals).dropna().reset_index()


def write(folder: Path) -> Path:
    """Write the purchases, and the totals of their customers, as CSV."""
    members().to_csv(folder / "members.csv", index=False, float_format="%.2f", lineterminator="\n")
    purchases().to_csv(folder / "shop.csv", index=False, lineterminator="\n")
    return folder / "shop.csv"


if __name__ == "__main__":
    print(write(Path(__file__).parent))
