"""Numbers in any writing: what the signs in a column mean is judged from the whole column.

1.250 beside 950 is 1250, and beside 12.5 it is one and a quarter. So the engine counts the
*shapes* of all cells, in which every digit is a 9; these are few, and they decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import ibis

from segment.errors import StudyError
from segment.reading.cells import one_writing

MOST_SHAPES = 20_000
# A unit that (almost) all cells share, such as "pcs", changes no comparison.
UNIT_SHARE = 0.99
# Of the cells that tell the decimal sign, so many may tell the other one: slips of the pen.
FEW_SLIPS, SLIPS = 2, 0.01
CURRENCIES = (
    dict.fromkeys(("¥", "￥", "CN¥", "RMB", "元", "圆", "块", "人民币"), "CNY")
    | {"$": "USD", "US$": "USD", "€": "EUR", "EURO": "EUR", "£": "GBP", "R$": "BRL", "ZŁ": "PLN"}
    | {"KR": "kr", "SKR": "SEK", "NKR": "NOK", "DKR": "DKK", "KČ": "CZK", "FT": "HUF"}
    | {"RP": "IDR", "RM": "MYR", "RS": "INR", "₹": "INR", "円": "JPY", "圓": "TWD", "NT$": "TWD"}
    | {"HK$": "HKD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "S$": "SGD"}
    | {"NZ$": "NZD", "MX$": "MXN", "₽": "RUB", "РУБ": "RUB", "Р": "RUB", "₴": "UAH", "ГРН": "UAH"}
    | {"ЛВ": "BGN", "LEI": "RON", "TL": "TRY", "₺": "TRY", "FR": "CHF", "SFR": "CHF", "원": "KRW"}
    | {"₩": "KRW", "₪": "ILS", "₫": "VND", "Đ": "VND", "฿": "THB", "₱": "PHP", "DHS": "AED"}
)
# What stands behind a number and is no unit: 1.2万 is 12,000, 5.00 Dr is a debit.
SIZES = {"万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "K": 1e3}
SHORT = {*"MBL千百", "MM", "MN", "MIO", "TSD", "BN", "MRD", "LAKH", "CR", "DR"}
CREDITS = {"CR", "C", "H", "HABEN", "贷", "貸"}
DEBITS = {"DR", "DB", "D", "S", "SOLL", "借"}
BEHIND = re.compile(r"9([.,]99)?[.,' ]*([^\W\d_]+)$")
AFFIX = re.compile(r"[^\W\d_]+\.?\$?|[^\w\s.,'()+%/-]|/(?!-)")
SCIENTIFIC = re.compile(r"(?<=9)[eE](?=[+-]?9)")
CORE = re.compile(r"[.,]?9(?:[9.,' ]*9)?[.,]?")
NUMERIC = re.compile(r"9{1,3}([.,' ]999)+([.,]9*)?|9{1,2}(,99)+,999(\.9+)?|9+[.,]?9*|[.,]9+")
PLAIN = re.compile(r"-?9*\.?9*([eE][+-]?9+)?")
ACCOUNTED = re.compile(r"[($€£¥]|^ *- +$")


@dataclass(frozen=True)
class Writing:
    """How a column writes its numbers."""

    decimal: str = "."
    affixes: tuple[str, ...] = ()  # currencies and units, as they are written
    codes: tuple[str, ...] = ()  # the currencies that these stand for, "" for a unit
    plain: bool = False  # no cell has more than digits, a sign and a decimal point
    accounted: bool = False  # a dash is an accountant's zero
    ascii: bool = False  # no other signs, digits or blanks than those of ASCII
    percent: bool = False  # some cells are shares: 12 %
    strict: bool = False  # every cell with a digit is a number in this writing
    factors: tuple[tuple[str, float], ...] = ()  # what stands behind numbers and what it does
    example: str = ""  # a cell that may be doubted, and the number that it is read as
    number: float = 0.0

    def read(self, column: Any) -> Any:
        """Return a column as numbers, null where a cell is none.

        The sign that is no decimal sign may only stand between groups of thousands, or as
        in 1,23,456: ``1.50`` with a decimal comma is unreadable, not 150.
        """
        if column.type().is_numeric():
            return column.cast("float64")
        text = column.cast("string")
        if self.plain:
            return text.try_cast("float64")
        clean = text.strip() if self.ascii else one_writing(text)
        number = self._unwrapped(clean)
        if self.percent:
            number = number * text.contains("%").ifelse(0.01, 1.0)
        for affix, factor in self.factors:
            behind = clean.re_search(rf"\d[.,' ]*{affix}$")
            number = (number * behind.ifelse(factor, 1.0)).round(6)
        if self.accounted:
            number = text.re_search(r"^[^\d.,A-Za-z]*[-–—][^\d.,A-Za-z]*$").ifelse(0.0, number)
        # Most cells are plain; the others are worth the slower reading.
        return ibis.coalesce(text.try_cast("float64"), number) if self.decimal == "." else number

    def _unwrapped(self, text: Any) -> Any:
        """Read texts in one chain, in which the engine computes every step once."""
        sign, other = re.escape(self.decimal), "," if self.decimal == "." else "."
        longest = sorted(self.affixes, key=len, reverse=True)
        if self.strict:
            for affix in longest:
                text = text.replace(affix, "")
            return text.replace(other, "").replace(",", ".").try_cast("float64")
        core = text.re_replace("|".join(["%", *map(re.escape, longest)]), "")
        # 12,- and 12/- have no cents; (12.50) and 12.50- are how ledgers write -12.50.
        core = core.re_replace(r"^[ ']+| +$|(^[-+(]) +|[.,/]- *$", r"\1")
        core = core.re_replace(r"^\( *(.*?) *\)$|^([\d.,' ]*\d) *-$", r"-\1\2")
        group = rf"[' {other}]"
        thousands = rf"\d{{1,3}}({group}\d{{3}})+|(\d{{1,2}}{group})?(\d\d{group})+\d{{3}}"
        form = rf"^[-+]?({thousands}|\d+|(\d*{sign}\d))({sign}?\d*)([eE][-+]?\d+)?$"
        core = core.re_extract(form, 0).re_replace(group, "")
        return (core.replace(",", ".") if self.decimal == "," else core).try_cast("float64")

    def currency(self, column: Any) -> Any:
        """Return the currency that each cell names, null where it names none."""
        text = one_writing(column)
        pairs = sorted(zip(self.affixes, self.codes, strict=True), key=lambda p: -len(p[0]))
        cases = [(text.contains(affix), code) for affix, code in pairs if code]
        return ibis.cases(*cases, else_=ibis.null("string")) if cases else ibis.null("string")


def judge(rows: ibis.Table, column: Any, decimal: str | None, where: str) -> Writing:
    """Return how a column writes its numbers; ``decimal`` is what the study says of it.

    Raises
    ------
    StudyError
        If the column can be read in two ways, or has numbers of two writings.
    """
    if column.type().is_numeric():
        return Writing(plain=True)
    text = column.cast("string")
    plain_signs = not rows.aggregate(odd=text.re_search("[^ -~]|  ").any()).to_pandas()["odd"][0]
    shapes = _shapes(rows, text if plain_signs else one_writing(column))
    votes, tokens, numbers, lone, behind = Counter(), Counter(), 0, Counter(), Counter()
    for shape, count in shapes.items():
        found = AFFIX.findall(SCIENTIFIC.sub("", shape))
        cores = CORE.findall(AFFIX.sub(" ", SCIENTIFIC.sub("", shape)))
        if len(cores) != 1:
            continue
        numbers += count
        tokens.update(dict.fromkeys(found, count))
        if end := _end(shape):
            behind[end] += count
        votes[_vote(cores[0])] += count
        if re.fullmatch(r"9{1,3}[.,]999", cores[0]):
            lone[re.sub("9", "", cores[0])] += count
    known = {token: currency_code(token) for token in tokens}
    accepted = {t: code for t, code in known.items() if code or _is_unit(t, tokens[t], numbers)}
    factors = {token: found for token in behind if (found := _size(token))}
    signed = {t: -1.0 if t.upper() in DEBITS else 1.0 for t in behind if t not in factors}
    signed = {t: sign for t, sign in signed.items() if t.upper() in DEBITS | CREDITS}
    if len({*signed.values()}) == 2 and sum(behind[t] for t in signed) >= UNIT_SHARE * numbers:
        factors |= signed
    _refuse_short(rows, column, behind, factors, where)
    accepted |= {token: currency_code(token[1:]) for token in factors}
    writing = {
        "factors": tuple(factors.items()),
        "affixes": tuple(accepted),
        "codes": tuple(accepted.values()),
        "plain": all(PLAIN.fullmatch(shape) or "9" not in shape for shape in shapes),
        "accounted": any(map(ACCOUNTED.search, shapes)),
        "ascii": plain_signs,
        "percent": any("%" in shape for shape in shapes),
    }
    # The shapes are those of a text in plain signs, which the text itself may not have.
    writing["plain"] &= plain_signs and not writing["accounted"]
    is_whole = plain_signs and len(shapes) < MOST_SHAPES
    strict = {sign: is_whole and _is_strict(sign, shapes, accepted) for sign in ".,"}
    doubted = min((t for t, f in factors.items() if f != 1), key=lambda t: factors[t], default="")

    def by(sign: str) -> Writing:
        plain = writing["plain"] and sign == "."
        made = Writing(sign, **writing | {"plain": plain, "strict": strict[sign]})
        return _shown(rows, column, made, rf"\d[.,' ]*{doubted}$") if doubted else made

    if decimal:
        return by(decimal)
    point, comma = votes["."], votes[","]
    if min(point, comma) > max(FEW_SLIPS, SLIPS * (point + comma)):
        raise StudyError(
            f"{where}: {point:,} numbers have a decimal point, such as "
            f"'{_example(rows, column, '.')}', and {comma:,} a decimal comma, such as "
            f"'{_example(rows, column, ',')}'; export the column again in one writing."
        )
    if point or comma or not lone:
        return by("," if comma > point else ".")
    return _lone_sign(rows, column, where, by, lone, votes)


def _lone_sign(
    rows: ibis.Table, column: Any, where: str, by: Callable, lone: Counter, votes: Counter
) -> Writing:
    """Judge a column in which a sign before three digits is all that there is: 1.250."""
    text = one_writing(column)
    sign = max(lone, key=lone.get)
    other = "," if sign == "." else "."
    decimals, groups = by(sign), by(other)
    example = rows.aggregate(text=text.min(where=text.re_search(rf"\d[{sign}]\d{{3}}")))
    example = example.to_pandas()["text"].iloc[0]
    below_one = rows.filter(text.re_search(rf"(^|\D)0[{sign}]\d{{3}}")).count().execute()
    if len(lone) == 1 and (below_one or (votes["long"] and sign == ".")):
        return decimals
    if len(lone) == 1 and votes["short"] and not votes["long"]:
        return _shown(rows, column, groups, rf"^\W*{re.escape(example)}\W*$")
    read = {w.decimal: w.read(column).sum() for w in (groups, decimals)}
    sums = rows.aggregate(**{f"by{key}": value for key, value in read.items()}).to_pandas()
    told = [f"{sums[f'by{key}'].iloc[0]:,.2f} with decimal: '{key}'" for key in read]
    raise StudyError(
        f"{where}: the sign in '{example}' can stand between thousands or before decimals; the "
        f"column adds up to {' and to '.join(told)}; add one of these under 'source'."
    )


def _shown(rows: ibis.Table, column: Any, writing: Writing, pattern: str) -> Writing:
    """Return a writing with a cell of a pattern and what it is read as, to be judged by eye."""
    cells = rows.select(text=one_writing(column), number=writing.read(column))
    told = cells.filter(cells.text.re_search(pattern)).order_by("text").limit(1).to_pandas()
    first = dict.fromkeys(("text", "number")) if told.empty else told.iloc[0]
    return replace(writing, example=first["text"] or "", number=first["number"] or 0.0)


def _refuse_short(
    rows: ibis.Table, column: Any, behind: Counter, known: Collection[str], where: str
) -> None:
    """Refuse numbers with an abbreviation of a size or a sign that is not told for all of them."""
    for token in [t for t in behind if t not in known and t.upper() in SHORT]:
        text = one_writing(column)
        example = text.min(where=text.re_search(rf"\d[.,' ]*{token}$")).execute()
        is_sign = token.upper() in ("CR", "DR")
        advice = "with a minus where it is a return" if is_sign else "in full, such as 1500000"
        raise StudyError(
            f"{where}: {behind[token]:,} numbers end in '{token}', such as '{example}', and what "
            f"that stands for is not sure; write them without it, {advice}."
        )


def _size(token: str) -> float | None:
    """Return the size that stands behind a number, with or without a currency: 万, 万元, k."""
    is_size = token.upper() in SIZES or (token[0] in "万萬亿億" and currency_code(token[1:]))
    return SIZES[token[0].upper()] if is_size else None


def _end(shape: str) -> str:
    """Return what a number ends in, if it says a size or a sign; "" for any other word.

    A sign of one letter stands behind cents: 1001S is no debit.
    """
    found = BEHIND.search(shape.rstrip())
    if not found:
        return ""
    cents, end = found.groups()
    is_sign = end.upper() in DEBITS | CREDITS and (cents or len(end) > 1)
    return end if is_sign or _size(end) or end.upper() in SHORT else ""


def _is_strict(sign: str, shapes: Iterable[str], affixes: Iterable[str]) -> bool:
    """Return whether all shapes with a digit are plain or grouped numbers, signs in front."""
    known = re.compile("|".join(map(re.escape, sorted(affixes, key=len, reverse=True))) or "$^")
    other = re.escape("," if sign == "." else ".")
    form = re.compile(rf" ?-?(9{{1,3}}({other}999)+|9+)({re.escape(sign)}9*)? ?")
    return all("9" not in s or form.fullmatch(known.sub("", s)) for s in shapes)


def _shapes(rows: ibis.Table, text: Any) -> dict[str, int]:
    """Return how many cells are of each shape, the frequent ones first."""
    shape = text.translate("012345678", "9" * 9)
    counts = rows.select(shape=shape).group_by("shape").agg(cells=lambda t: t.count())
    frame = counts.order_by(ibis.desc("cells")).limit(MOST_SHAPES).to_pandas().dropna()
    return dict(zip(frame["shape"], frame["cells"].astype(int), strict=True))


def is_numeric(text: str) -> bool:
    """Return whether a text reads as a number in some writing; all but currencies is refused."""
    text = re.sub("[’‘ʼ´′٬]", "'", re.sub("[−–—]", "-", text)).replace("٫", ",")
    shape = re.sub(r"\d", "9", unicodedata.normalize("NFKC", text))
    shape = re.sub(r"([.,]9+)[eE][+-]?9+$", r"\1", shape.removesuffix(_end(shape)))
    if not all(map(currency_code, AFFIX.findall(shape))):
        return False
    core = AFFIX.sub("", shape).removesuffix("/-").strip(" +-()%'")
    if not core:
        return "-" in shape and shape != "-"
    return bool(NUMERIC.fullmatch(core))


def _vote(core: str) -> str:
    """Return the decimal sign that a shape proves, else ``long`` or ``short`` without a sign."""
    signs = [sign for sign in core if sign in ".,"]
    if not signs:
        return "long" if re.fullmatch("9{4,}", core) else "short" if "9" in core else ""
    last, other = signs[-1], "," if signs[-1] == "." else "."
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return other
    before, after = core.split(last)
    if not after:  # 12. and 3. Jan
        return "long" if re.fullmatch("9{4,}", before) else "short"
    return "" if re.fullmatch("9{1,3}", before) and len(after) == 3 else last


def _example(rows: ibis.Table, column: Any, sign: str) -> str:
    text = one_writing(column)
    proves = text.re_search(rf"\d[{sign}](\d{{1,2}}|\d{{4,}})\D*$")
    other = "," if sign == "." else "."
    grouped = text.re_search(rf"\d[{other}]\d{{3}}[{other}{sign}]\d")
    return ibis.coalesce(text.min(where=proves), text.min(where=grouped)).execute()


def _is_unit(token: str, cells: int, numbers: int) -> bool:
    return cells >= UNIT_SHARE * numbers > 0 and token.strip(".").upper() not in {*SIZES, *SHORT}


@cache
def currency_code(token: str) -> str:
    """Return the code of a currency for its sign, name or code, "" for any other word."""
    name = token.rstrip(".").upper()
    if name in CURRENCIES:
        return CURRENCIES[name]
    from babel.core import get_global  # most files name no currency

    return name if name in get_global("all_currencies") else ""
