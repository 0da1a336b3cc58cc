"""Can the customer file be trusted: what is missing, what cannot be right, who stands there twice?

``examine`` sees names and contacts and returns none of them: counts by field, and the ids
of records to repair.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz.distance import Levenshtein

from segment.pairs import normal_phone, pairs
from segment.registers import Written

MISSING, PLACEHOLDER = "missing", "placeholder"
OLDEST_DAY, OLDEST_AGE = dt.date(1900, 1, 1), 110
# What people write where a field must be filled and they know nothing.
PLACEHOLDERS = {"n/a", "na", "n.a.", "none", "null", "nil", "unknown", "test", "tbd", "xxx", "xx",
                "x", "-", "--", "---", "—", "——", "?", "??", "？", ".", "..", "...", "/", "\\", "*",
                "**", "***", "_", "无", "没有", "未知", "不详", "不明", "暂无", "待补充", "待定",
                "测试", "匿名", "asdf", "qwerty", "a@a.com", "test@test.com", "1@1.com",
                "no@email.com"}  # fmt: skip
EMAIL = r"[^@\s,;]+@[^@\s,;.]+(?:\.[^@\s,;.]+)*\.[^@\s,;.\d]{2,}"
# Mobile, landline with area code, without it, service numbers.
CHINESE_PHONE = r"1[3-9]\d{9}|0\d{2,3}\d{7,8}|[2-8]\d{6,7}|[48]00\d{7}"
ANY_PHONE = r"\d{7,15}"  # E.164 allows 15 digits
# A column is of Chinese numbers if most of its numbers are.
MOST = 0.5
LETTER = re.compile(r"[^\W\d_]")
GARBLED = "\ufffd|锟斤拷|烫烫|Ã.|â€"
LONGEST = {"name": 100, "person": 50, "address": 300}
# A spelling used once or twice, beside a nearly equal one used so many times as often.
RARE, OFTEN, MOST_SPELLINGS = 2, 20, 500


@dataclass(frozen=True)
class File:
    """What was found in a customer file; holds ids, and so is confidential.

    Attributes
    ----------
    records, nameless, twice : int
        Rows; rows without a customer id; rows whose id stands there again.
    day : date
        Days after it lie in the future.
    fields : DataFrame
        One row per field, as mapped: ``field``, ``kind``, ``records``, ``missing``
        (placeholders too), ``placeholder``, ``wrong`` (filled but cannot be right).
    problems : DataFrame
        ``customer_id``, ``field``, ``problem``: one row per cell to repair.
    pairs : DataFrame
        As ``segment.pairs.pairs`` gives them.
    shared : int
        Records whose phone or e-mail stands in more records than one customer has.
    ids : Index
        The customers in the file, each once.
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

    Parameters
    ----------
    written : Written
        The file as it is.
    day : date
        The day the file was written, or the last one of the data.

    Returns
    -------
    File
    """
    named = written.rows["customer_id"].notna().to_numpy()
    rows, unreadable = written.rows[named], written.unreadable[named]
    ids = rows["customer_id"].astype(str).to_numpy()
    # The last row of an id counts everywhere.
    last = ~pd.Series(ids).duplicated(keep="last").to_numpy()
    rows, unreadable, ids = rows[last], unreadable[last], ids[last]
    problems, fields = [], []
    for field, kind in written.kinds.items():
        found = field_problems(rows[field], kind, day)
        if field in unreadable:
            found = found.mask(unreadable[field].to_numpy(), "unreadable")
        told = found.notna().to_numpy()
        problems.append(pd.DataFrame({"customer_id": ids[told], "field": field,
                                      "problem": found[told].to_numpy()}))  # fmt: skip
        blank = found.isin([MISSING, PLACEHOLDER]).sum()
        fields.append((field, kind, len(ids), int(blank), int(found.eq(PLACEHOLDER).sum()),
                       int(told.sum() - blank)))  # fmt: skip
    columns = ["field", "kind", "records", "missing", "placeholder", "wrong"]
    usable = _usable(rows, written.kinds, problems)
    found, shared = pairs(usable.set_axis(ids))
    return File(
        len(written.rows), int((~named).sum()), int(named.sum() - len(ids)), day,
        pd.DataFrame(fields, columns=columns),
        pd.concat(problems, ignore_index=True)
        if problems else pd.DataFrame(columns=["customer_id", "field", "problem"]),
        found, shared, pd.Index(ids, name="customer_id").sort_values(),
    )  # fmt: skip


def _usable(
    rows: pd.DataFrame, kinds: dict[str, str], problems: list[pd.DataFrame]
) -> pd.DataFrame:
    """Return the contact fields by kind; what is missing or cannot be right says nothing."""
    wanted = ("name", "person", "phone", "email", "address")
    found = {}
    for (field, kind), told in zip(kinds.items(), problems, strict=True):
        if kind in wanted and kind not in found:
            bad = rows["customer_id"].astype(str).isin(told["customer_id"]).to_numpy()
            found[kind] = rows[field].astype(object).where(~bad, None).to_numpy()
    return pd.DataFrame(found, index=range(len(rows)))


def field_problems(values: pd.Series, kind: str, day: dt.date) -> pd.Series:
    """Return what is wrong with each value of a field; missing where nothing is.

    Parameters
    ----------
    values : Series
        Timestamps for the kind "date", numbers for "age" and "number", else text.
    kind : {"name", "person", "phone", "email", "address", "date", "age", "number", "category"}
    day : date
        Days after it lie in the future.
    """
    problem = pd.Series(None, index=values.index, dtype=object)
    if kind in ("date", "age", "number"):
        problem[values.isna()] = MISSING
        if kind == "date":
            dates = pd.to_datetime(values)
            problem[dates > pd.Timestamp(day)] = "in the future"
            problem[dates < pd.Timestamp(OLDEST_DAY)] = "before 1900"
        elif kind == "age":
            problem[values < 0] = "negative"
            problem[values > OLDEST_AGE] = "over 110"
        return problem
    text = values.astype(object).map(_trimmed)
    blank = text.eq("")
    checks = {"phone": _phones, "email": _emails, "category": _spellings}
    for told, mask in (checks.get(kind, _names)(text, kind)).items():
        problem[mask.to_numpy() & ~blank.to_numpy()] = told
    if kind != "phone":
        problem[text.str.contains(GARBLED, regex=True).to_numpy(dtype=bool)] = "garbled"
    problem[text.str.casefold().isin(PLACEHOLDERS).to_numpy()] = PLACEHOLDER
    problem[blank.to_numpy()] = MISSING
    return problem


def _trimmed(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _phones(text: pd.Series, kind: str) -> dict[str, pd.Series]:
    digits = text.map(normal_phone)
    chinese = digits.str.fullmatch(CHINESE_PHONE)
    filled = digits.ne("")
    most = filled.any() and chinese[filled].mean() >= MOST
    abroad = text.str.match(r"\+(?!86)|00(?!86)\d{2}[^\d]").fillna(False).astype(bool)
    right = digits.str.fullmatch(ANY_PHONE) & (chinese | abroad if most else True)
    # 00000000, 11111111111, 12345678
    idle = digits.str.fullmatch(r"(\d)\1{5,}") | digits.isin(["12345678", "123456789", "123456"])
    return {"no phone number": ~right, PLACEHOLDER: idle.astype(bool) | digits.eq("0")}


def _emails(text: pd.Series, kind: str) -> dict[str, pd.Series]:
    return {"no e-mail address": ~text.str.fullmatch(EMAIL).astype(bool)}


def _names(text: pd.Series, kind: str) -> dict[str, pd.Series]:
    letters = text.map(lambda value: bool(LETTER.search(value)))
    return {"without a letter": ~letters,
            "too long": text.str.len().gt(LONGEST.get(kind, LONGEST["address"]))}  # fmt: skip


def _spellings(text: pd.Series, kind: str) -> dict[str, pd.Series]:
    """Find rare spellings of frequent values: another case or width, or one letter off."""
    counts = text[text.ne("")].value_counts()
    off: set[str] = set()
    if len(counts) <= MOST_SPELLINGS:
        folded = {value: _folded(value) for value in counts.index}
        for value in counts.index[counts <= RARE]:
            for usual in counts.index[counts >= OFTEN * RARE]:
                same = folded[value] == folded[usual]
                near = (
                    min(len(value), len(usual)) >= 4
                    and not re.search(r"\d", value + usual)
                    and Levenshtein.distance(folded[value], folded[usual], score_cutoff=1) <= 1
                )
                if same or near:
                    off.add(value)
    return {"unusual spelling": text.isin(off)}


def _folded(value: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value).casefold())


def dormant(last: pd.Series, ids: pd.Index, days: int) -> dict[str, pd.Index]:
    """Return the records that nobody buys under.

    Parameters
    ----------
    last : Series
        Days since the last purchase, of everyone who ever bought.
    ids : Index
        Customers in the file.
    days : int
        Without a purchase for more days than these a record is dormant.

    Returns
    -------
    dict of str to Index
        "never" (no purchase in the data) and "dormant".
    """
    known = last.reindex(ids)
    return {"never": ids[known.isna()], "dormant": ids[(known > days).to_numpy()]}


def to_repair(
    problems: pd.DataFrame, value: pd.Series, tier: pd.Series | None = None
) -> pd.DataFrame:
    """Return one row per record to repair, most money first; it names customers.

    Parameters
    ----------
    problems : DataFrame
        Of ``File``.
    value : Series
        What each customer brought; 0 for others.
    tier : Series, optional
        Each customer's tier.

    Returns
    -------
    DataFrame
        ``customer_id``, ``tier``, ``value``, ``fields`` (number of them), ``repair`` (what
        is wrong with which field).
    """
    told = problems.assign(repair=problems["field"] + ": " + problems["problem"])
    found = told.groupby("customer_id", as_index=False).agg(
        fields=("field", "size"), repair=("repair", "; ".join)
    )
    found["value"] = found["customer_id"].map(value).fillna(0.0)
    found["tier"] = None if tier is None else found["customer_id"].map(tier.astype(object))
    found = found.sort_values(["value", "fields", "customer_id"], ascending=[False, False, True])
    return found[["customer_id", "tier", "value", "fields", "repair"]].reset_index(drop=True)


def by_field(file: File, value: pd.Series) -> pd.DataFrame:
    """Return completeness and correctness of every field, by records and by money.

    Parameters
    ----------
    file : File
    value : Series
        What each customer brought, by id.

    Returns
    -------
    DataFrame
        ``fields`` of ``File`` with ``complete`` (share filled), ``correct`` (share of those
        filled that can be right), ``customers`` (buyers whose value needs repair),
        ``value`` (what they brought) and ``value_share`` (of all that customers in the file
        brought).
    """
    inside = value[value.index.isin(file.ids)]
    total = inside.clip(lower=0).sum()
    found = file.fields.copy()
    records = found["records"].replace(0, np.nan)
    found["complete"] = 1 - found["missing"] / records
    filled = (found["records"] - found["missing"]).replace(0, np.nan)
    found["correct"] = 1 - found["wrong"] / filled
    worth = file.problems.assign(value=file.problems["customer_id"].map(inside.clip(lower=0)))
    worth = worth.dropna(subset="value").groupby("field")["value"].agg(["size", "sum"])
    found["customers"] = found["field"].map(worth["size"]).fillna(0).astype(int)
    found["value"] = found["field"].map(worth["sum"]).fillna(0.0)
    found["value_share"] = found["value"] / total if total else np.nan
    return found
