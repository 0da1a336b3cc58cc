"""A drafted study: what headings suggest, how it is written as YAML, and how it is settled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pandas as pd
import yaml

from segment.reading.cells import BLANKS

# Months without a day, which counts as the first one.
MONTHS = ("%Y-%m", "%Y/%m", "%Y.%m", "%Y%m", "%Y年%m月", "%m/%Y", "%b-%y", "%b %Y")

# Words in headings, the telling ones first.
HEADINGS = {
    "customer_id": "customer_id customerid customer client buyer member user household account "
    "debitor cust sold_to soldto bill_to 客户编号 会员编号 用户id 买家昵称 买家会员名 会员名 "
    "下单帐号 客户名称 客户 买家 会员 顾客 用户 "
    "注文者 顧客 会員 구매자 고객 client cliente kunde kundennummer "
    "klant klient kupujący müşteri контрагент клиент покупатель ลูกค้า "
    "email e_mail phone 邮箱 手机号 "
    "手机 交易对方 对方 company firma counterparty payer contact zahlungspflichtige auftraggeb "
    "konto",
    "date": "order_date orderdate invoicedate invoice_date date paid_at created timestamp time "
    "付款日期 付款时间 支付时间 下单日期 下单时间 订单创建时间 成交时间 交易日期 日期 时间 "
    "日時 日付 날짜 datum fecha data buchungstag tarih дата day",
    "amount": "amount revenue sales_value sold_for sales total turnover value paid 实付金额 "
    "买家实际支付金额 付款金额 支付金额 成交金额 订单金额 销售额 总金额 金额 金額 売上 금액 "
    "betrag umsatz montant importe valor bedrag belopp kwota wartość tutar сумма gross brutto net "
    "netto",
    "order_id": "order_id orderid order_no order_number invoice basket transaction_id receipt "
    "bill_doc billing_document belegnummer bestellnummer rechnungsnummer 订单编号 订单号 单号 "
    "注文番号 주문번호 zamówienia",
    "margin": "margin profit 毛利 利润",
    "product": "product_id product sku item stockcode 商品编码 商品名称 商品 产品 货号 宝贝",
    "category": "category department 类目 品类 分类",
    "quantity": "quantity qty units 数量 件数",
    "channel": "channel store 渠道 店铺 平台",
    "region": "region country province state city 地区 省份 省 城市",
}
PRICE = "unit_price unitprice price 单价 价格"
SIDES = (r"credit\b|haben|paid in|money in|贷方|收入", r"debit\b|soll|paid out|money out|借方|支出")
ORDER = r"#?[A-Za-z]{0,4}-?\d{3,}(-\d+)*"
# What an amount is not, though its heading says money.
NO_AMOUNT = re.compile(
    r"refund|tax|vat|shipping|freight|delivery|discount|coupon|voucher|fee|tip|cost|balance|number"
    r"|\b(no|nr|id)\b|nummer|退款|税|运费|邮费|优惠|折扣|手续费|服务费|成本|余额|号|steuer|versand|rabatt"
    r"|saldo|livraison|remise|taxe|envío|descuento|imposto|номер",
    re.I,
)
# What a heading says of the unit, and what makes whole ones of it.
UNITS = {
    r"(\b|_)(cents?|minor)(\b|_)": "/ 100",
    r"\bT(€|EUR|USD)|\bk ?(€|\$|£|EUR|USD|RMB|CNY)|in thousands|千元|'000|\(000s?\)": "* 1000",
    r"万元|萬元|万円": "* 10000",
}
PARTED = (r"year|jahr|年|année|ano|año", r"month|monat|月|mois|mes|mês", r"day|tag|日|jour|d[ií]a")


@dataclass
class Draft:
    """A drafted study."""

    preview: pd.DataFrame  # first rows of the file
    text: str = ""  # the YAML
    guessed: list[str] = field(default_factory=list)  # what, and why
    open_questions: list[str] = field(default_factory=list)  # what the user must decide
    columns: dict[str, str] = field(default_factory=dict)  # by role, as are the comments
    comments: dict[str, str] = field(default_factory=dict)  # what stands behind it in the YAML
    choices: dict[str, list[str]] = field(default_factory=dict)  # columns that fit a role
    date_format: str = ""
    keep: str = ""
    answers: str = ""  # lines of the study, each to be uncommented
    options: dict[str, list[str]] = field(default_factory=dict)  # by question, lines that answer it

    def ask_column(self, role: str, question: str, columns: Iterable[str]) -> None:
        """Ask which column has a role."""
        self.open_questions.append(question)
        self.options[question] = [f"{role}: {name}" for name in columns]

    def ask(self, question: str, *lines: str) -> None:
        """Ask a question, and note the lines of a study that answer it."""
        self.open_questions.append(question)
        if lines := [line for line in lines if line]:
            self.options[question] = lines
            self.answers += f"\n# TO DECIDE: {printable(question)}\n"
            self.answers += "".join(f"# {printable(line)}\n" for line in lines)


def words_of(heading: str) -> str:
    """Return a heading with blanks between its words: OrderDate is Order Date."""
    return re.sub("_|(?<=[a-z])(?=[A-Z])", " ", heading)


def named_as(rows: pd.DataFrame, words: str) -> list[str]:
    """Return the columns whose heading holds one of the words, the best match first."""
    ranked = []
    for place, name in enumerate(rows):
        heading = re.sub(r"[\W_]+", "_", words_of(str(name)).lower()).strip("_")
        for rank, word in enumerate(words.split()):
            same = heading.replace("_", "") == word.replace("_", "")
            telling = len(word) > 4 or not word.isascii() or word in heading.split("_")
            if same or (telling and word in heading):
                ranked.append((not same, rank, place, name))
                break
    return [name for *_, name in sorted(ranked)]


def texts_of(column: pd.Series) -> pd.Series:
    """Return the cells that hold something, as texts."""
    texts = column.dropna().astype(str).str.strip()
    return texts[~texts.str.lower().isin(BLANKS)]


def months(column: pd.Series) -> str:
    """Return the format of a column of months without days, "" if it is none."""
    texts = texts_of(column)
    days = {f: pd.to_datetime(texts, format=f, errors="coerce") for f in MONTHS if len(texts)}
    return next((f for f, read in days.items() if read.between("1990", "2100").all()), "")


def printable(text: str) -> str:
    """Return a text on one line, for a comment, without signs that YAML does not take."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def yaml_text(value: str) -> str:
    """Return a YAML string: bare where it reads the same, else quoted."""
    plain = re.fullmatch(r"[\w./-]+( [\w./-]+)*", value) and not re.fullmatch(r"[\d.+-]+", value)
    words = {"yes", "no", "true", "false", "null", "on", "off"}
    if plain and value.lower() not in words:
        return value
    # Single quotation marks need no backslash before the double ones of an expression.
    simple = '"' in value and "'" not in value and value.isprintable()
    return f"'{value}'" if simple else json.dumps(value, ensure_ascii=not value.isprintable())


def settle(
    drafted: Draft,
    choose: Callable[[str, list[str]], int],
    again: Callable[[dict[str, str]], Draft],
) -> Draft:
    """Put the questions of a draft one after the other; return it with what was answered.

    ``choose`` takes a question and its answers, and returns the number of one, 0 for none.
    What a column is comes first: ``again`` drafts anew with it, and asks about the rows.
    """
    settled = {}
    for question, lines in drafted.options.items():
        keys = {line.partition(":")[0] for line in lines}
        if len(keys) == 1 and keys <= {*drafted.columns, "date_format"}:
            values = [line.partition(":")[2].strip() for line in lines]
            if number := choose(question, values):
                settled[keys.pop()] = values[number - 1]
    if settled:
        drafted = again(settled)
    chosen = []
    for question, lines in drafted.options.items():
        keys = {line.partition(":")[0] for line in lines}
        if not keys & {*drafted.columns, "date_format"} and (number := choose(question, lines)):
            chosen.append(lines[number - 1])
            drafted.open_questions.remove(question)
    drafted.text = uncommented(drafted.text, chosen)
    return drafted


def uncommented(text: str, chosen: list[str]) -> str:
    """Return a drafted study in which the chosen lines count; several of a key are joined."""
    by_key: dict[str, list[str]] = {}
    for line in chosen:
        key, _, value = line.partition(":")
        by_key.setdefault(key, []).append(value.strip())
    for key, values in by_key.items():
        line = f"{key}: {values[0]}"
        if len(values) > 1:
            joint = " and " if key == "keep" else " or "
            plain = [yaml.safe_load(value) for value in values]
            line = f"{key}: {json.dumps(joint.join(f'({v})' for v in plain), ensure_ascii=False)}"
        for value in values[1:]:
            text = text.replace(f"# {key}: {value}\n", "", 1)
        before = re.escape(f"# {key}: {values[0]}")
        text = re.sub(rf"^{before}$", lambda _found, line=line: line, text, count=1, flags=re.M)
    return text
