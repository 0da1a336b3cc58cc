"""Can the customer file be trusted: what is missing, what cannot be right, who stands there twice?

``examine`` sees names and contacts and returns none of them: counts by field, and the ids
of records to repair.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.action.correctness import MISSING, PLACEHOLDER, field_problems
from segment.action.pairs import pairs
from segment.reading.registers import Written

FIELD = ["field", "kind", "records", "missing", "placeholder", "wrong"]
PROBLEM = ["customer_id", "field", "problem"]
CONTACTS = ("name", "person", "phone", "email", "address")


@dataclass(frozen=True)
class File:
    """What was found in a customer file; holds ids, and so is confidential.

    ``records``, ``nameless`` and ``twice`` count rows, rows without a customer id, and rows whose
    id stands there again; ``shared`` records whose contact stands in more records than one customer
    has. ``fields``: ``field``, ``kind``, ``records``, ``missing`` (placeholders too),
    ``placeholder``, ``wrong`` (filled but cannot be right). ``problems``, a row per cell to repair:
    ``customer_id``, ``field``, ``problem``. ``pairs`` are those of ``segment.action.pairs``.
    """

    records: int
    nameless: int
    twice: int
    day: dt.date
    fields: pd.DataFrame
    problems: pd.DataFrame
    pairs: pd.DataFrame
    shared: int
    ids: pd.Index


def examine(written: Written, day: dt.date) -> File:
    """Check every field of the customer file, and look for customers who stand in it twice.

    ``day`` is the day the file was written, or the last one of the data.
    """
    named = written.rows["customer_id"].notna()
    ids = written.rows["customer_id"][named].astype(str)
    # The last row of an id counts everywhere.
    ids = ids[~ids.duplicated(keep="last")]
    rows = written.rows.loc[ids.index].set_axis(ids.to_numpy())
    unreadable = written.unreadable.loc[ids.index].set_axis(ids.to_numpy())
    problems, fields, contacts = [pd.DataFrame(columns=PROBLEM)], [], {}
    for field, kind in written.kinds.items():
        table = field_problems(rows[field], kind, day)
        if field in unreadable:
            table = table.mask(unreadable[field].to_numpy(), "unreadable")
        told = table.dropna().rename_axis("customer_id").rename("problem").reset_index()
        problems.append(told.assign(field=field)[PROBLEM])
        blank = int(told["problem"].isin([MISSING, PLACEHOLDER]).sum())
        filler = int(told["problem"].eq(PLACEHOLDER).sum())
        fields.append((field, kind, len(ids), blank, filler, len(told) - blank))
        if kind in CONTACTS and kind not in contacts:
            # What is missing or cannot be right says nothing.
            contacts[kind] = rows[field].astype(object).where(table.isna(), None)
    doubles, shared = pairs(pd.DataFrame(contacts, index=rows.index))
    return File(
        records=len(written.rows),
        nameless=int((~named).sum()),
        twice=int(named.sum() - len(ids)),
        day=day,
        fields=pd.DataFrame(fields, columns=FIELD),
        problems=pd.concat(problems, ignore_index=True),
        pairs=doubles,
        shared=shared,
        ids=pd.Index(ids, name="customer_id").sort_values(),
    )


def dormant(last: pd.Series, ids: pd.Index, days: int) -> dict[str, pd.Index]:
    """Return the records under which nobody buys: "never", or "dormant" for so many days.

    ``last`` holds the days since the last purchase of everyone who ever bought.
    """
    known = last.reindex(ids)
    return {"never": ids[known.isna()], "dormant": ids[(known >= days).to_numpy()]}


def to_repair(
    problems: pd.DataFrame, value: pd.Series, tier: pd.Series | None = None
) -> pd.DataFrame:
    """Return one row per record to repair, most money first; it names customers.

    ``customer_id``, ``tier``, ``value``, ``fields`` (how many), ``repair`` (what is wrong).
    """
    told = problems.assign(repair=problems["field"] + ": " + problems["problem"])
    table = told.groupby("customer_id", as_index=False).agg(
        fields=("field", "size"), repair=("repair", "; ".join)
    )
    table["value"] = table["customer_id"].map(value).fillna(0.0)
    table["tier"] = None if tier is None else table["customer_id"].map(tier.astype(object))
    table = table.sort_values(["value", "fields", "customer_id"], ascending=[False, False, True])
    return table[["customer_id", "tier", "value", "fields", "repair"]].reset_index(drop=True)


def by_field(file: File, value: pd.Series) -> pd.DataFrame:
    """Return ``File.fields`` with completeness and correctness, by records and by money.

    ``complete`` (share filled), ``correct`` (share of those filled that can be right),
    ``customers`` (buyers whose value needs repair), ``value`` (what they brought) and
    ``value_share`` (of all that customers in the file brought).
    """
    inside = value[value.index.isin(file.ids)]
    total = inside.clip(lower=0).sum()
    table = file.fields.copy()
    records = table["records"].replace(0, np.nan)
    table["complete"] = 1 - table["missing"] / records
    filled = (table["records"] - table["missing"]).replace(0, np.nan)
    table["correct"] = 1 - table["wrong"] / filled
    worth = file.problems.assign(value=file.problems["customer_id"].map(inside.clip(lower=0)))
    worth = worth.dropna(subset="value").groupby("field")["value"].agg(["size", "sum"])
    table["customers"] = table["field"].map(worth["size"]).fillna(0).astype(int)
    table["value"] = table["field"].map(worth["sum"]).fillna(0.0)
    table["value_share"] = table["value"] / total if total else np.nan
    return table
