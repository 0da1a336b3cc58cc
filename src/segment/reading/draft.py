"""Draft a study file from a data file: guess the columns, say what is left to decide."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.reading import load, sources
from segment.reading.dates import detect_date_format
from segment.study.file import refuse_unknown_preset
from segment.study.schema import DEFAULT_METHODS, Source

SAMPLE = 20_000
PREVIEW = 5
UNDECIDED = "???"

# Words in headings, the telling ones first.
HEADINGS = {
    "customer_id": (
        "customer_id",
        "customerid",
        "customer",
        "client",
        "buyer",
        "member",
        "user",
        "household",
        "account",
        "cust",
        "客户编号",
        "会员编号",
        "用户id",
        "买家昵称",
        "买家会员名",
        "会员名",
        "客户名称",
        "客户",
        "买家",
        "会员",
        "顾客",
        "用户",
    ),
    "date": (
        "order_date",
        "orderdate",
        "invoicedate",
        "invoice_date",
        "date",
        "paid_at",
        "created",
        "timestamp",
        "time",
        "付款日期",
        "付款时间",
        "支付时间",
        "下单日期",
        "下单时间",
        "订单创建时间",
        "成交时间",
        "交易日期",
        "日期",
        "时间",
    ),
    "amount": (
        "amount",
        "revenue",
        "sales_value",
        "sales",
        "total",
        "turnover",
        "value",
        "paid",
        "实付金额",
        "买家实际支付金额",
        "付款金额",
        "支付金额",
        "成交金额",
        "订单金额",
        "销售额",
        "总金额",
        "金额",
    ),
    "order_id": (
        "order_id",
        "orderid",
        "order_no",
        "invoice",
        "basket",
        "transaction_id",
        "receipt",
        "订单编号",
        "订单号",
        "单号",
    ),
    "margin": ("margin", "profit", "毛利", "利润"),
    "product": (
        "product_id",
        "product",
        "sku",
        "item",
        "stockcode",
        "商品编码",
        "商品名称",
        "商品",
        "产品",
        "货号",
        "宝贝",
    ),
    "category": ("category", "department", "类目", "品类", "分类"),
    "quantity": ("quantity", "qty", "units", "数量", "件数"),
    "channel": ("channel", "store", "渠道", "店铺", "平台"),
    "region": ("region", "country", "province", "state", "city", "地区", "省份", "省", "城市"),
}
CURRENCIES = {"¥": "CNY", "￥": "CNY", "元": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
PRICE = ("unit_price", "unitprice", "price", "单价", "价格")
STATUS = ("status", "状态")
NO_DATE = (
    "no column holds dates. Schemes learn before a cut date and are judged after it, so every row "
    "must be a purchase with its date; if this is a table with one row per customer, bring the "
    "transactions behind it"
)
REQUIRED = ("customer_id", "date", "amount")


@dataclass
class Draft:
    """A drafted study.

    Attributes
    ----------
    text : str
        The YAML.
    preview : DataFrame
        First rows of the file.
    guessed, open_questions : list of str
        What was guessed and why, and what the user must decide.
    """

    text: str
    preview: pd.DataFrame
    guessed: list[str] = field(default_factory=list)
    open_questions: list[str] = field(default_factory=list)


def draft(data: Path, target: Path, preset: str | None = None) -> Draft:
    """Draft a study for a file of transactions.

    Parameters
    ----------
    data : Path
        CSV, Excel or Parquet file, glob or folder.
    target : Path
        Where the study will be; its source path is relative to it.
    preset : str, optional
        Industry whose methods the study starts from.

    Returns
    -------
    Draft

    Raises
    ------
    StudyError
        If the file is missing, empty or unreadable, or there is no such preset.
    """
    if preset:
        refuse_unknown_preset(preset, "--preset")
    if data.suffix.lower() in (".yaml", ".yml"):
        raise StudyError(f"'{data.name}' is a study already; run: segment report {data}")
    base = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="segment-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        con = load.connect("2GB", folder)
        opened = sources.open_source(Source(path=str(data)), base, con, folder)
        rows = opened.table.limit(SAMPLE).to_pandas()
        found = _guess(opened.table, rows)
        encoding = _encoding(opened, data)
        con.disconnect()
    path = os.path.relpath(base / data, (base / target).parent)
    found.preview = rows.head(PREVIEW)
    found.text = _text(data, path, encoding, preset, found, rows)
    return found


@dataclass
class _Found(Draft):
    """What was found out about the columns, before it is written down."""

    columns: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    date_format: str = ""
    keep: str = ""


def _guess(table: ibis.Table, rows: pd.DataFrame) -> _Found:
    found = _Found("", rows)
    numeric = {name for name in rows if _is_numeric(rows[name])}
    dated = {name for name in rows if name not in numeric or _is_compact_day(rows[name])}
    dated = {name for name in dated if _looks_dated(table, rows[name], name)}
    taken: set[str] = set()
    for role, words in HEADINGS.items():
        fits = {"date": dated, "amount": numeric, "margin": numeric, "quantity": numeric}.get(
            role, set(rows) - dated
        )
        if role == "customer_id":
            fits = {name for name in fits if not _has_cents(rows[name])}
        named = [name for name in _named(rows, words) if name in fits and name not in taken]
        if role not in REQUIRED:
            if named:
                found.columns[role] = named[0]
                taken.add(named[0])
            continue
        _settle_required(found, role, named, sorted(fits - taken, key=list(rows).index), rows)
        taken.add(found.columns[role])
    _offer_price(found, rows, numeric)
    _settle_date(found, table)
    _offer_filter(found, rows)
    return found


def _settle_required(
    found: _Found, role: str, named: list[str], fits: list[str], rows: pd.DataFrame
) -> None:
    if not named and len(fits) == 1 and role == "date":
        named = fits
    found.columns[role] = named[0] if named else UNDECIDED
    if role == "date" and not fits:
        found.comments[role] = "TO DECIDE: no column holds dates"
        found.open_questions.append(NO_DATE)
        return
    if not named:
        choice = ", ".join(fits or list(rows))
        found.comments[role] = f"TO DECIDE: no heading says so; it could be {choice}"
        found.open_questions.append(f"which column is '{role}'; it could be {choice}")
        return
    column = rows[named[0]]
    found.guessed.append(f"{role}: {named[0]}")
    if role == "customer_id":
        found.comments[role] = f"{column.nunique():,} different in {len(column):,} rows"
    else:
        found.comments[role] = f"for example {column.dropna().iloc[0]}"
    if len(named) > 1:
        others = ", ".join(named[1:])
        found.comments[role] += f"; or is it {others}?"
        found.open_questions.append(f"'{role}' is taken from {named[0]}; {others} would fit too")


def _offer_price(found: _Found, rows: pd.DataFrame, numeric: set[str]) -> None:
    """Without an amount, quantity times price is one."""
    prices = [name for name in _named(rows, PRICE) if name in numeric]
    quantity = found.columns.get("quantity")
    if found.columns["amount"] != UNDECIDED or not prices or not quantity:
        return
    found.columns["amount"] = f"{_quoted(quantity)} * {_quoted(prices[0])}"
    found.comments["amount"] = "computed"
    found.guessed.append(f"amount: {found.columns['amount']}")
    found.open_questions = [q for q in found.open_questions if "'amount'" not in q]


def _settle_date(found: _Found, table: ibis.Table) -> None:
    column = found.columns["date"]
    if column == UNDECIDED or not table[column].type().is_string():
        return
    try:
        found.date_format = detect_date_format(table, table[column], "the data")
    except StudyError as error:
        found.open_questions.append(str(error).removeprefix("the data: "))


def _offer_filter(found: _Found, rows: pd.DataFrame) -> None:
    for name in _named(rows, STATUS):
        values = rows[name].dropna().astype(str).value_counts()
        if 1 < len(values) <= 20:
            choice = ", ".join(f"{value} ({count:,})" for value, count in values.items())
            found.keep = f"{_quoted(name)} = {_quoted(values.index[0])}"
            found.open_questions.append(f"whether all rows count; {name} holds {choice}")
            return


def _named(rows: pd.DataFrame, words: tuple[str, ...]) -> list[str]:
    """Return the columns whose heading holds one of the words, the best match first."""
    ranked = []
    for place, name in enumerate(rows):
        heading = re.sub(r"[\s_-]+", "_", str(name).strip().lower())
        for rank, word in enumerate(words):
            if heading == word or heading.replace("_", "") == word.replace("_", ""):
                ranked.append((0, rank, place, name))
            elif word in heading and (len(word) > 4 or not word.isascii() or _whole(word, heading)):
                ranked.append((1, rank, place, name))
            else:
                continue
            break
    return [name for *_, name in sorted(ranked)]


def _whole(word: str, heading: str) -> bool:
    return word in heading.split("_")


def _is_numeric(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return True
    if pd.api.types.is_datetime64_any_dtype(column):
        return False
    texts = column.dropna().astype(str).str.strip().str.replace(r"[,¥￥$€£\s]", "", regex=True)
    texts = texts[texts != ""]
    return len(texts) > 0 and pd.to_numeric(texts, errors="coerce").notna().mean() > 0.9


def _has_cents(column: pd.Series) -> bool:
    values = pd.to_numeric(column.dropna().astype(str), errors="coerce").dropna()
    return len(values) > 0.9 * column.notna().sum() and bool((values % 1 != 0).any())


def _is_compact_day(column: pd.Series) -> bool:
    """Tell days written as 20200304 from other whole numbers."""
    texts = column.dropna().astype(str).str.strip()
    return len(texts) > 0 and texts.str.fullmatch(r"(19|20)\d\d[01]\d[0-3]\d").all()


def _looks_dated(table: ibis.Table, column: pd.Series, name: str) -> bool:
    if not table[name].type().is_string():
        return table[name].type().is_temporal() or _is_compact_day(column)
    texts = column.dropna().astype(str).str.strip()
    if not texts.str.contains(r"\d", regex=True).mean() > 0.5:
        return False
    try:
        detect_date_format(table.limit(SAMPLE), table.limit(SAMPLE)[name], name)
    except StudyError as error:
        return "can be read as" in str(error)
    return True


def _encoding(opened: sources.Opened, data: Path) -> str:
    for note in opened.notes:
        if found := re.search(r" read as (\S+)$", note):
            return found[1].lower()
    return ""


def _currency(rows: pd.DataFrame, amount: str) -> str:
    texts = "".join(rows[amount].dropna().astype(str).head(100)) if amount in rows else ""
    return next((code for sign, code in CURRENCIES.items() if sign in texts), "")


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) and not name[0].isdigit() else f'"{name}"'


def _yaml(value: str) -> str:
    """Return a YAML string: bare where it reads the same, else quoted."""
    plain = re.fullmatch(r"[\w./-]+( [\w./-]+)*", value) and not re.fullmatch(r"[\d.+-]+", value)
    words = {"yes", "no", "true", "false", "null", "on", "off"}
    return value if plain and value.lower() not in words else json.dumps(value, ensure_ascii=False)


def _text(
    data: Path, path: str, encoding: str, preset: str | None, found: _Found, rows: pd.DataFrame
) -> str:
    lines = [
        f"# Drafted from {data.name}. Read it through; what to decide is marked TO DECIDE.",
        f"title: {_yaml(data.stem.replace('_', ' '))}",
    ]
    if preset:
        lines.append(f"preset: {preset}")
    lines += ["source:", f"  path: {_yaml(path)}"]
    if encoding:
        lines.append(f"  encoding: {encoding}")
    currency = _currency(rows, found.columns["amount"])
    lines += [f"currency: {currency or chr(34) * 2}   # USD, EUR, CNY ...", "", "columns:"]
    for role, column in found.columns.items():
        comment = found.comments.get(role)
        lines.append(f"  {role}: {_yaml(column)}" + (f"   # {comment}" if comment else ""))
    spare = [str(n) for n in rows if n not in found.columns.values()]
    if spare:
        lines.append(f"  # not used: {', '.join(spare)}")
    if found.date_format:
        lines.append(f"date_format: {_yaml(found.date_format)}")
    elif any("date_format" in question for question in found.open_questions):
        lines.append("# TO DECIDE, remove the # from one of these:")
        question = next(q for q in found.open_questions if "date_format" in q)
        lines += [f"# {choice}" for choice in re.findall(r"date_format: '[^']+'", question)]
    if found.keep:
        lines += [
            "# TO DECIDE: do all rows count? Returns and cancelled orders do (they are netted).",
            "# Else remove the # and say which:",
            f"# keep: {found.keep}",
        ]
    lines += [
        "",
        "# Schemes learn before the cut and are judged by what customers did from then on.",
        "# Left out: the last third of the history is the holdout.",
        "# periods:",
        "#   cut: 2024-07-01",
        "",
    ]
    if preset:
        return (
            "\n".join(
                [
                    *lines,
                    "# The preset's methods are compared; add or change some here.",
                    "# methods:",
                ]
            )
            + "\n"
        )
    lines += ["# The schemes that are compared. Left out: these.", "# methods:"]
    width = max(len(label) for label in DEFAULT_METHODS) + 1
    for label, spec in DEFAULT_METHODS.items():
        inner = ", ".join(f"{key}: {value}" for key, value in spec.items())
        lines.append(f"#   {label + ':':{width}} {{{inner}}}")
    return "\n".join(lines) + "\n"
