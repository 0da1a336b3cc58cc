"""What is missing in a field of the customer file, and what cannot be right."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
from rapidfuzz.distance import Levenshtein

from segment.action.pairs import folded, normal_phone

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


def field_problems(values: pd.Series, kind: str, day: dt.date) -> pd.Series:
    """Return what is wrong with each value of a field; missing where nothing is.

    ``values`` are timestamps for the kind "date", numbers for "age" and "number", else text; days
    after ``day`` lie in the future.
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
    text = values.astype(object).map(
        lambda value: "" if value is None or value != value else str(value).strip()
    )
    blank = text.eq("")
    if kind == "email":
        problems = {"no e-mail address": ~text.str.fullmatch(EMAIL).astype(bool)}
    elif kind in LONGEST:
        letters = text.map(lambda value: bool(LETTER.search(value)))
        problems = {"without a letter": ~letters, "too long": text.str.len().gt(LONGEST[kind])}
    else:
        problems = _phones(text) if kind == "phone" else _spellings(text)
    for told, mask in problems.items():
        problem[mask.to_numpy() & ~blank.to_numpy()] = told
    if kind != "phone":
        problem[text.str.contains(GARBLED, regex=True).to_numpy(dtype=bool)] = "garbled"
    problem[text.str.casefold().isin(PLACEHOLDERS).to_numpy()] = PLACEHOLDER
    problem[blank.to_numpy()] = MISSING
    return problem


def _phones(text: pd.Series) -> dict[str, pd.Series]:
    digits = text.map(normal_phone)
    chinese = digits.str.fullmatch(CHINESE_PHONE)
    filled = digits.ne("")
    most = filled.any() and chinese[filled].mean() >= MOST
    abroad = text.str.match(r"\+(?!86)|00(?!86)\d{2}[^\d]").fillna(False).astype(bool)
    right = digits.str.fullmatch(ANY_PHONE) & (chinese | abroad if most else True)
    # 00000000, 11111111111, 12345678
    idle = digits.str.fullmatch(r"(\d)\1{5,}") | digits.isin(["12345678", "123456789", "123456"])
    return {"no phone number": ~right, PLACEHOLDER: idle.astype(bool) | digits.eq("0")}


def _spellings(text: pd.Series) -> dict[str, pd.Series]:
    """Find rare spellings of frequent values: another case or width, or one letter off."""
    counts = text[text.ne("")].value_counts()
    if len(counts) > MOST_SPELLINGS:
        counts = counts[:0]
    rare, often = counts.index[counts <= RARE], counts.index[counts >= OFTEN * RARE]
    off = [value for value in rare if any(_alike(value, usual) for usual in often)]
    return {"unusual spelling": text.isin(off)}


def _alike(value: str, usual: str) -> bool:
    one, other = folded(value), folded(usual)
    letters = min(len(value), len(usual)) >= 4 and not re.search(r"\d", value + usual)
    return one == other or (letters and Levenshtein.distance(one, other, score_cutoff=1) <= 1)
