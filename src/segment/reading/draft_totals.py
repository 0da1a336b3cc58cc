"""Draft a study of totals: for a file with one row per customer and no dated purchases."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from segment.reading import heading
from segment.reading.guess import Draft, named_as, printable, texts_of, yaml_text
from segment.study.schema import RESERVED

PREVIEW = 5
UNIQUE = 0.98  # of the ids; more rows of one customer are purchases
MOST_WORDS = 20  # of a category; a column of more different ones describes nobody in common
CUSTOMER = (
    "customer_id customerid member_no customer client member user account household cust id "
    "客户编号 会员编号 会员卡号 用户id 客户 会员 顾客 用户 kunde kundennummer cliente respondent "
    "participant 受访者 答卷编号"
)
LAST = "recency last_order last_purchase days_since_last last_buy last_visit last_flight last_to "
LAST += "last 最近购买 最近一次 最后购买 最近消费 最后消费 上次购买 距今"
FIRST = "first_order first_purchase days_since_first days_since_enroll first enroll ffp_date "
FIRST += "joined join_date member_since registered signup 首次购买 首次消费 入会 注册 开卡"
TOTALS = {
    "monetary_total": "monetary_total total_spent total_spend total_amount total_sales lifetime "
    "monetary monetary_value ltv revenue spent spend sales amount sum 累计消费金额 累计金额 "
    "消费总额 消费金额 总金额 金额",
    "order_days": "frequency order_days order_count n_orders num_orders orders purchases "
    "transactions trans_count flight_count visits 购买次数 消费次数 订单数 频次 频率 次数",
    "days_since_last": LAST,
    "days_since_first": FIRST,
    "monetary_mean": "monetary_mean average_order aov avg_order avg_amount mean_amount 客单价",
    "monetary_year": "monetary_year spend_last_year last_12_months 年消费 近一年",
    "margin_total": "margin_total margin profit 毛利 利润",
}
CONTACT = {
    "name": "name full_name company 姓名 客户名称 公司名称",
    "phone": "phone mobile telephone 手机号 手机 电话",
    "email": "email e_mail mail 邮箱",
    "address": "address street 地址",
}
# A rating or a share is no total, and neither is a score by a class of 1 to 5.
NO_TOTAL = re.compile(
    r"score|rate|ratio|rank|percent|income|group|class|level|得分|评分|等级|比", re.I
)
MOST_SCORE = 10
OTHER_UNITS = re.compile(r"month|year|week|tenure|月|年|周", re.I)  # than days
# What the package lifetimes and its heirs make of purchases: counts without the first purchase.
LIFETIMES = {
    "monetary_total": "monetary_value * frequency",
    "order_days": "frequency + 1",
    "days_since_last": "T - recency",
    "days_since_first": "T",
}
OF_LIFETIMES = {"frequency", "recency", "T", "monetary_value"}
QUESTION = "which column is 'monetary_total', what each customer brought; it could be {columns}"
TEMPLATE = """\
# Drafted from {file}: one row per customer, and no dated purchases. Totals give tiers and
# profiles, but nothing can be tested on them; the purchases behind them would allow a comparison.
title: {title}
{language}{preset}currency: {currency}   # USD, EUR, CNY ...

customers:
  source:
{place}{reading}{columns}
{methods}"""


def recognised(
    rows: pd.DataFrame, numeric: set[str], dated: set[str], settled: Mapping[str, str]
) -> Draft | None:
    """Return the draft of a file of one row per customer; None where rows may be purchases.

    The ids are unique, and days are those of a first or last purchase, if there are any.
    """
    columns = {role: name for role, name in settled.items() if role != "date_format"}
    ids = [name for name in named_as(rows, CUSTOMER) if name not in dated]
    ids += [name for name in rows if re.fullmatch(r"\W*(id|uid|no|编号|序号)\W*", str(name), re.I)]
    ids = [name for name in ids if _unique(rows[name]) or not dated]
    if not ids or {"date", "amount"} & {*settled}:
        return None
    columns.setdefault("customer_id", ids[0])
    if {*rows} >= OF_LIFETIMES:
        columns |= {role: text for role, text in LIFETIMES.items() if role not in columns}
    taken = {*columns.values()} | (OF_LIFETIMES if {*rows} >= OF_LIFETIMES else set())
    scores: list[str] = []
    for role, words in TOTALS.items():
        fits = {name for name in numeric if not NO_TOTAL.search(str(name))}
        if role.startswith("days_since"):
            fits = {*dated, *fits}
            scores += [n for n in named_as(rows, words) if n in fits - dated and _is_score(rows[n])]
            fits -= {*scores, *(n for n in rows if OTHER_UNITS.search(str(n)))}
        found = [n for n in named_as(rows, words) if n in fits and n not in taken]
        if found and role not in columns:
            columns[role] = found[0]
            taken.add(found[0])
    is_summary = {"days_since_last", "order_days"} & {*columns}
    is_one_each = _unique(rows[columns["customer_id"]])
    if not (is_summary or is_one_each):
        return None
    if dated and not {"days_since_last", "days_since_first"} & {*columns}:
        return None
    drafted = Draft(rows.head(PREVIEW), columns=columns)
    drafted.guessed = [f"{role}: {name}" for role, name in columns.items()]
    drafted.guessed.append("one row per customer: tiers and profiles, and nothing to test them on")
    if scores:
        unlike = f"{', '.join(scores)}: reads like a score from 1 to {MOST_SCORE}, not like days"
        drafted.open_questions.append(f"{unlike}; it is kept as an attribute, if that is right")
    if turned := turned_round(rows):
        drafted.open_questions.append(turned)
    spare = [str(name) for name in rows if name in numeric and name not in taken]
    if spare and is_summary and not {"monetary_total", "monetary_mean"} & {*columns}:
        question = QUESTION.format(columns=", ".join(spare) or "none of the columns")
        drafted.open_questions.append(question)
        drafted.options[question] = [f"monetary_total: {name}" for name in spare]
    lines = _lines(drafted, rows, numeric, dated)
    if "monetary_total" not in columns:
        columns["monetary_total"] = ""  # so that an answer is taken for it
    drafted.answers = lines
    return drafted


def turned_round(rows: pd.DataFrame) -> str:
    """Return the question about columns of periods; "" where there are none."""
    named = [str(name) for name in rows if heading.PERIOD.fullmatch(str(name))]
    if len(named) < 3:
        return ""
    return (
        f"{named[0]} to {named[-1]} are months, quarters or years, each in a column; to compare "
        "schemes, write a row for each customer and period, with its first day as the date"
    )


def _unique(column: pd.Series) -> bool:
    texts = texts_of(column)
    return len(texts) > 0 and texts.nunique() >= UNIQUE * len(texts)


def _is_score(column: pd.Series) -> bool:
    """Return whether numbers of days may be scores of 1 to 5 instead."""
    numbers = pd.to_numeric(column, errors="coerce")
    return bool(numbers.between(1, MOST_SCORE).all() and (numbers % 1 == 0).all())


def _lines(drafted: Draft, rows: pd.DataFrame, numeric: set[str], dated: set[str]) -> str:
    """Return the keys of the customers table below its source."""
    columns, taken = drafted.columns, {*drafted.columns.values()}
    taken |= OF_LIFETIMES if LIFETIMES["monetary_total"] in taken else set()
    lines = [f"  customer_id: {yaml_text(columns['customer_id'])}"]
    if not any(columns.get(role) in dated for role in ("days_since_last", "days_since_first")):
        lines.append("  # known_on: 2024-12-31   # the day of the totals")
    else:
        lines.append("  # known_on: 2024-12-31   # to which days count; left out: the newest one")
    lines.append("  totals:")
    totals = [f"    {role}: {yaml_text(n)}" for role, n in columns.items() if role in TOTALS]
    lines += totals or ["    {}"]
    lines += [f"    # TO DECIDE: {printable(question)}" for question in drafted.open_questions]
    contact = {}
    for kind, words in CONTACT.items():
        found = [name for name in named_as(rows, words) if name not in taken | numeric | dated]
        contact |= {kind: found[0]} if found else {}
        taken |= {*found}
    if contact:
        named = ", ".join(f"{kind}: {yaml_text(name)}" for kind, name in contact.items())
        lines.append(f"  contact: {{{named}}}   # read to check the file; on no page")
    rest = [name for name in rows if name not in taken and str(name).strip()]
    told = [n for n in rest if n in numeric | dated or rows[n].nunique() <= MOST_WORDS]
    if attributes := {_attribute(str(name)): name for name in told}:
        lines.append("  columns:   # what else describes a customer; remove what does not")
        lines += [f"    {key}: {yaml_text(name)}" for key, name in attributes.items()]
    if unused := [printable(str(name)) for name in rest if name not in told]:
        lines.append(f"  # not used: {', '.join(unused)}")
    if not {"monetary_total", "monetary_mean"} & {*columns}:
        numbers = [role for role in columns if role in TOTALS]
        numbers += [key for key, name in attributes.items() if name in numeric]
        clusters = f"{{method: clusters, features: [{', '.join(numbers)}]}}"
        lines.append(f"\nmethods:\n  Clusters: {clusters}")
    return "".join(f"{line}\n" for line in lines)


def _attribute(heading: str) -> str:
    """Return a heading as the name of an attribute."""
    name = re.sub(r"\W+", "_", heading.strip()).strip("_")
    name = name if re.match(r"[^\W\d]", name) else f"column_{name}"
    return f"own_{name}" if re.fullmatch(RESERVED, name) else name
