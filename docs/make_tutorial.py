"""Make the file of the tutorial: the example shop as a marketplace in China would export it.

Run ``python docs/make_tutorial.py FOLDER``: it writes 订单.csv there, in GBK, with prices as text,
a line of totals at the end, and the faults of the example.
"""

import sys
from pathlib import Path

import pandas as pd

SHOP = Path(__file__).parents[1] / "data" / "shop.csv"
GOODS = {
    "green tea": "绿茶",
    "black tea": "红茶",
    "oolong": "乌龙茶",
    "teapots": "茶壶",
    "gifts": "礼盒",
}
STATUS = {"paid": "交易成功", "cancelled": "交易关闭"}


def export() -> pd.DataFrame:
    """Return the orders under Chinese headings, all texts."""
    shop = pd.read_csv(SHOP, dtype=str, keep_default_na=False)
    amount = pd.to_numeric(shop["amount"], errors="coerce").mul(7.8).map("￥{:,.2f}".format)
    rows = pd.DataFrame(
        {
            "订单编号": shop["order"],
            "买家昵称": shop["customer"].str.replace("T", "茶友"),
            "付款日期": shop["date"].str.replace(r"(\d+)-(\d+)-(\d+)", r"\1年\2月\3日", regex=True),
            "宝贝类目": shop["goods"].map(GOODS),
            "实付金额": amount.where(shop["amount"] != "free", "赠品"),
            "订单状态": shop["status"].map(STATUS),
        }
    )
    total = dict.fromkeys(rows, "") | {"订单编号": "合计", "实付金额": "￥1,250,000.00"}
    return pd.concat([rows, pd.DataFrame([total])], ignore_index=True)


if __name__ == "__main__":
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ".") / "订单.csv"
    export().to_csv(file, index=False, encoding="gbk")
    print(f"Wrote {file}.")
