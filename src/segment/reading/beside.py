"""What the columns beside those of a study say: returns, cancelled and test orders, currencies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from segment.reading.guess import words_of
from segment.reading.numbers import CREDITS, DEBITS, currency_code
from segment.reading.sources import stays

if TYPE_CHECKING:
    from segment.reading.table import Table

SAMPLE = 20_000
# A column that says what kind of row it is has so few different values.
MOST_KINDS = 40
# Words for rows that are no purchase: given back, cancelled, failed, never paid, a test.
NO_PURCHASE = re.compile(
    r"\b(re-?fund(s|ed|ing)?|returns?|returned|cancel(s|l?ed|l?ation)?|void(ed)?|charge-?backs?"
    r"|revers(al|ed)|credit[ _-]?(note|memo)s?|fail(ed|ure)?|declined|rejected|abandoned|expired"
    r"|unpaid|tests?|lost|drafts?|quotes?|quotation|entw[uü]rf\w*|angebot\w*|storn\w*"
    r"|gutschrift\w*|\w*korrektur\w*|retour\w*|r[üu]ck(gabe|sendung|erstattung|buchung)\w*"
    r"|erstatt\w*|rembours\w*|annul\w*|avoirs?|devol\w*|reembols\w*|cancelad\w*|anulad\w*|resi|reso"
    r"|rimbors\w*|zwrot\w*|anulowan\w*|возвра\w*|отмен\w*|iade|iptal\w*)\b"
    r"|退款|退货|退貨|关闭|關閉|取消|作废|冲红|红冲|售后|待付款|未付款|测试|測試|返品|返金|キャンセル|환불|취소|반품",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"(no|not|non|never|without|kein\w*|nicht|sans|sin|n[aã]o|нет)\b|未退|未取消|无|無|没|非|不"
)
YES = {"1", "1.0", "true", "t", "x", "yes", "y", "ja", "oui", "si", "sí", "sim", "да", *"是有"}
MONEY = re.compile(r"\D{0,4}\d[\d.,' ]*\D{0,4}")
DAY = re.compile(r"\d{4}[-/.年]\d|\d[-/.]\d+[-/.]\d")
# Which of two sides of an account, in a column of its own; not which card was used.
DEBIT = DEBITS | {"DEBIT", "借方", "OUT", "-", "支出", "支"}
CREDIT = CREDITS | {"CREDIT", "贷方", "IN", "+", "收入", "收"}
CARD = re.compile(r"card|pay|method|tender", re.I)
CURRENCY = re.compile(
    r"currency|^curr?$|币种|货币|幣別|通貨|währung|devise|moned?a|moeda|valuta|waluta|валют", re.I
)


@dataclass(frozen=True)
class Beside:
    """Columns that no role of the study has, and what they hold."""

    # Values that say that a row is no purchase, by column; None: any value says so.
    marks: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    refunded: tuple[str, ...] = ()  # columns of the money that went back
    currency: str | None = None  # the column of currencies

    def conditions(self, table: ibis.Table) -> dict[str, ibis.Value]:
        """Return for each marking column whether a row is marked."""
        return {
            name: table[name].notnull()
            if values is None
            else table[name].cast("string").isin(values).fill_null(False)
            for name, values in self.marks.items()
        }


NOTHING = Beside()


def look(table: Table) -> Beside:
    """Return what the columns say that the study does not map."""
    rows, columns = table.rows, table.study.columns
    told = {"customer_id", "date", "amount", "order_id", "product", "margin", "quantity"}
    taken = {str(column) for role, column in columns.mapped().items() if role in told}
    rest = [name for name in table.names if name not in taken]
    sample = _sample(rows.select(*rest)) if rest else pd.DataFrame()
    marks, refunded, currency = {}, [], None
    for name in sample:
        texts = sample[name].dropna().astype(str).str.strip()
        texts = texts[texts != ""]
        heading = words_of(name)
        speaks = NO_PURCHASE.search(heading) and not DENIED.search(heading)
        is_money = len(texts) > 0 and texts.map(lambda text: bool(MONEY.fullmatch(text))).all()
        if len(texts) and _names_currency(name, texts):
            currency = currency or name
        elif speaks and len(texts) and texts.str.contains(DAY).all():
            marks[name] = None
        elif speaks and is_money and not set(texts) <= {"0", "1", "0.0", "1.0"}:
            refunded += [name] if name not in str(columns.amount) else []
        elif texts.nunique() <= MOST_KINDS and not (is_money and not speaks):
            kinds = _kinds(rows, name)
            values = [value for value in kinds if _marks(value, bool(speaks))]
            values = values or _lesser_side(name, kinds)
            if values:
                marks[name] = tuple(values)
    return Beside(marks, tuple(refunded), currency)


def _sample(rows: ibis.Table) -> pd.DataFrame:
    """Return some rows; where rows stay in their database, the kinds of cells that may tell."""
    some = rows.limit(SAMPLE)
    if not stays(rows.get_backend()):
        return some.to_pandas()
    some = some.mutate(**{name: some[name].cast("string") for name in some.columns})
    kinds = some.aggregate(**{name: some[name].nunique() for name in some.columns}).to_pandas()
    told = [
        name
        for name in some.columns
        if kinds[name].iloc[0] <= MOST_KINDS or NO_PURCHASE.search(words_of(name))
    ]
    return pd.DataFrame({name: some.select(name).distinct().to_pandas()[name] for name in told})


def may_tell(name: str, texts: pd.Series) -> bool:
    """Return whether a column may say what ``look`` finds: by its heading, or its few values."""
    return bool(NO_PURCHASE.search(words_of(name))) or texts.nunique() <= MOST_KINDS


def _kinds(rows: ibis.Table, name: str) -> list[str]:
    """Return the frequent values of a column, as they are written."""
    kinds = rows.select(kind=rows[name].cast("string")).group_by("kind")
    counts = kinds.agg(rows=lambda t: t.count()).order_by(ibis.desc("rows"), "kind").limit(200)
    return counts.to_pandas()["kind"].dropna().tolist()


def _marks(value: str, heading_speaks: bool) -> bool:
    text = value.strip().lower().replace("_", " ")
    if heading_speaks and text in YES:
        return True
    return bool(NO_PURCHASE.search(text)) and not DENIED.match(text)


def _lesser_side(name: str, kinds: list[str]) -> list[str]:
    """Return the rarer of debits and credits, where a column tells one from the other."""
    sides = [kind for kind in kinds if kind.strip().upper() in DEBIT | CREDIT]
    is_debit = [kind.strip().upper() in DEBIT for kind in sides]
    both = len({*is_debit}) == 2 and len(kinds) <= len(sides) + 1 and not CARD.search(name)
    return [s for s, debit in zip(sides, is_debit, strict=True) if both and debit == is_debit[-1]]


def _names_currency(name: str, texts: pd.Series) -> bool:
    kinds = texts.unique()
    if len(kinds) > MOST_KINDS:
        return False
    return bool(CURRENCY.search(name)) or all(len(k) <= 4 and currency_code(k) for k in kinds)
