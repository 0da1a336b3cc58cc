"""Typing: what a text means as an id, a day and an amount, and the fate of every row."""

import datetime as dt
import re

import orders
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segment.errors import StudyError
from segment.reading import transactions
from segment.reading.sources import connect
from segment.reading.table import TRANSACTIONS, Table


def typed(folder, data, **keys):
    study = orders.study(folder, data, **keys)
    con = connect(study.memory_limit, folder)
    return transactions.typed(Table.open(study, TRANSACTIONS, con, folder)).to_pandas()


def test_every_row_has_one_fate(tmp_path):
    fates = {
        "c1,2020-03-04,5": (None, None),
        " c1 ,2020-03-04,0": (None, None),
        "NA,2020-03-04,-5": (None, None),
        ",2020-03-04,5": (transactions.NO_CUSTOMER, None),
        "null,2020-03-04,5": (transactions.NO_CUSTOMER, None),
        "c1,,5": (transactions.NO_DATE, None),
        "c1,2020-02-30,5": (transactions.UNREADABLE_DATE, "2020-02-30"),
        "c1,0001-01-01,5": (transactions.UNREADABLE_DATE, "0001-01-01"),
        "c1,2999-01-01,5": (transactions.FUTURE, None),
        "c1,2020-03-04,": (transactions.NO_AMOUNT, None),
        "c1,2020-03-04,five": (transactions.UNREADABLE_AMOUNT, "five"),
        "c1,2020-03-04,inf": (transactions.UNREADABLE_AMOUNT, "inf"),
        "c1,2020-03-04,1e19": (transactions.UNREADABLE_AMOUNT, "1e19"),
        "c1,2020-03-04,999999999999999": (None, None),
        ",,": (transactions.EMPTY, None),
    }
    read = typed(tmp_path, orders.text(orders.rows(9)) + "\n".join(fates))
    read = read[["fate", "unreadable"]].astype(object)
    told = read.where(read.notna(), None).apply(tuple, axis=1).tolist()
    assert told == [(None, None)] * 9 + list(fates.values())


def test_ids_are_the_same_customer_in_every_kind_of_file_and_typed_columns_stay(tmp_path):
    table = pa.table(
        {
            "customer": [17.0, None, 17.0, 17.0],
            "day": [dt.date(2020, 3, 4), dt.date(2020, 3, 5), dt.date(1, 1, 1), None],
            "money": pa.array(["1.25", "2.50", "3", "4"]).cast(pa.decimal128(9, 2)),
        }
    )
    rows = typed(tmp_path, lambda file: pq.write_table(table, file), name="orders.parquet")
    assert rows["customer_id"].iloc[0] == "17"
    assert rows["amount"].tolist() == [1.25, 2.5, 3.0, 4.0]
    fates = ["", transactions.NO_CUSTOMER, transactions.UNREADABLE_DATE, transactions.NO_DATE]
    assert rows["fate"].fillna("").tolist() == fates
    numbers = pd.DataFrame({"customer": [17], "day": [20200304], "money": [1.0]})
    rows = typed(tmp_path, lambda file: numbers.to_parquet(file), name="orders.parquet")
    assert pd.to_datetime(rows["date"]).tolist() == [pd.Timestamp(2020, 3, 4)]


def test_stored_numbers_that_are_no_amounts_are_left_out_and_told(tmp_path):
    inf, nan = float("inf"), float("nan")
    amounts = [2.5, 17.0, inf, -inf, 1e19, 2.0**63, -1e300, nan, None]
    frame = pd.DataFrame({"customer": 7, "day": dt.date(2020, 3, 4), "money": amounts})
    rows = typed(tmp_path, lambda file: frame.to_parquet(file), name="orders.parquet")
    none = transactions.NO_AMOUNT
    told = ["", "", *[transactions.UNREADABLE_AMOUNT] * 5, none, none]
    assert rows["fate"].fillna("").tolist() == told
    assert rows["unreadable"][2:5].tolist() == ["inf", "-inf", "1e+19"]


def test_all_roles_are_typed_and_trimmed_and_picked_by_position_without_a_heading(tmp_path):
    text = orders.text(orders.rows(2), heading=None)
    keys = {"source": {"header": False}, "columns": {"customer_id": 1, "date": 2, "amount": 3}}
    assert typed(tmp_path, text, **keys)["amount"].tolist() == [10.5, 11.5]
    heading = "订单号,customer,day,数量,单价 (元),毛利,店铺\n"
    text = heading + " 1 ,c1,2020年3月4日 12:30,2,¥1.50,0.5,\n"
    columns = {
        "order_id": "订单号",
        "amount": '数量 * "单价 (元)"',
        "quantity": "数量",
        "margin": "毛利",
        "region": "店铺",
    }
    row = typed(tmp_path, text, columns=columns).iloc[0]
    assert (row["order_id"], row["amount"], row["quantity"], row["margin"]) == ("1", 3.0, 2.0, 0.5)
    assert pd.isna(row["region"])
    assert pd.Timestamp(row["date"]) == pd.Timestamp(2020, 3, 4)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"columns": {"amount": "mony"}}, "line 7: no column 'mony' for 'amount' in the data; did"),
        ({"columns": {"amount": "mony (paid)"}}, "only columns, numbers, + - * / and brackets"),
        ({"columns": {"customer_id": "money * 2"}}, "no column 'money * 2' for 'customer_id' in"),
        ({"columns": {"date": 4}}, "line 6: 'date' is column 4, but there are only 3 in the data"),
        ({"columns": {"amount": "money * price"}}, "line 7: 'money * price': no column 'price'"),
        ({"date_format": "yyyy-mm-dd"}, "line 8: 'yyyy-mm-dd' is no date format"),
        ({"keep": "paid = yes"}, "line 8: 'paid = yes': no column 'paid'"),
    ],
)
def test_a_wrong_mapping_names_its_line_and_the_columns(tmp_path, keys, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        typed(tmp_path, orders.text(orders.rows(2)), **keys)
    text = orders.text(orders.rows(2), ("customer", "day", "Money (USD)"))
    with pytest.raises(StudyError, match=r"did you mean 'Money \(USD\)'\?"):
        typed(tmp_path, text, columns={"amount": "Mony (USD)"})
