"""Draft a study file from a data file: guess the columns, say what is left to decide."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.reading import draft_totals, expression, questions, shape, working
from segment.reading.beside import CURRENCY
from segment.reading.calendars import EXCEL, UNIX, counted
from segment.reading.cells import as_text
from segment.reading.dates import YEARLESS, detect_date_format
from segment.reading.guess import (
    HEADINGS,
    NO_AMOUNT,
    ORDER,
    PARTED,
    PRICE,
    SIDES,
    UNITS,
    Draft,
    months,
    named_as,
    printable,
    texts_of,
    words_of,
    yaml_text,
)
from segment.reading.numbers import AFFIX, currency_code, is_numeric
from segment.reading.sources import connect
from segment.reading.table import UNDECIDED
from segment.study.file import NO_DATE, refuse_unknown_preset
from segment.study.methods import DEFAULT_METHODS
from segment.study.source import named_source

SAMPLE = 20_000
PREVIEW = 5

REQUIRED = ("customer_id", "date", "amount")
TEMPLATE = """\
# Drafted from {file}. Read it through; what to decide is marked TO DECIDE.
title: {title}
{language}{preset}source:
{place}{reading}currency: {currency}   # USD, EUR, CNY ...

columns:
{columns}{date_format}{keep}{answers}
# Schemes learn before the cut and are judged by what customers did from then on.
# Left out: the last third of the history is the holdout.
# periods:
#   cut: 2024-07-01

{methods}"""


def draft_study(
    data: str | Path,
    target: Path,
    preset: str | None = None,
    sheet: str | None = None,
    settled: Mapping[str, str] | None = None,
    table: str | None = None,
) -> Draft:
    """Draft a study at ``target`` for a file, glob, folder or table of transactions, or of totals.

    ``settled`` are columns by role, and the date format, that the user has chosen.
    """
    if preset:
        refuse_unknown_preset(preset, "--preset")
    asked = named_source(str(data), sheet, table)
    data = Path(asked.path or asked.table)
    if data.suffix.lower() in (".yaml", ".yml"):
        raise StudyError(f"'{data.name}' is a study already; run: segment report {data}")
    base = Path.cwd()
    with working.temporary() as folder:
        con = connect("2GB", folder)
        source, opened, told = shape.settle(asked, base, con, folder)
        rows = opened.table.limit(SAMPLE).to_pandas()
        if len(rows.columns) == 1:
            raise StudyError(
                f"{data.name} has one column only, '{printable(rows.columns[0])[:60]}'; export a "
                "row for each purchase, with a sign between its columns, such as , ; or a tab, and "
                "no quotation marks around whole lines."
            )
        rows[list(source.fill_down)] = rows[list(source.fill_down)].replace("", None).ffill()
        kinds = _numbers_and_days(opened.table, rows)
        found = draft_totals.recognised(rows, *kinds, settled or {})
        drafted = found or _guess(opened.table, rows, *kinds, settled or {}, source.fill_down)
        drafted.guessed = [*told, *drafted.guessed]
        if not found and not {drafted.columns[role] for role in REQUIRED} & {UNDECIDED}:
            questions.ask(drafted, source, base, con, folder)
        con.disconnect()
    path = asked.path and os.path.relpath(base / data, (base / target).parent)
    place = {"url": asked.url, "path": path, "table": asked.table}
    said = "".join(f"  {key}: {yaml_text(value)}\n" for key, value in place.items() if value)
    template = draft_totals.TEMPLATE if found else TEMPLATE
    amount = drafted.columns.get("monetary_total" if found else "amount", "")
    drafted.text = template.format(
        file=printable(data.name),
        title=yaml_text(data.stem.replace("_", " ")),
        preset=f"preset: {preset}\n" if preset else "",
        place=textwrap.indent(said, "  " if found else ""),
        language="language: zh\n" if _is_chinese(rows) else "",
        reading=textwrap.indent(shape.lines(source, yaml_text), "  " if found else ""),
        currency=_currency(rows, amount) or '""',
        columns=drafted.answers if found else _columns(drafted, rows),
        date_format=_date_format(drafted),
        keep=drafted.keep,
        answers=drafted.answers,
        methods=_methods(preset),
    )
    return drafted


def _numbers_and_days(table: ibis.Table, rows: pd.DataFrame) -> tuple[set[str], set[str]]:
    """Return the columns that hold numbers, and those that hold days."""
    numeric = {name for name in rows if _is_numeric(rows[name])}
    days = set(named_as(rows, HEADINGS["date"]))
    counts = {name for name in numeric & days if _counts_days(texts_of(rows[name]))}
    dated = {name for name in rows if name not in numeric or _is_compact_day(rows[name])}
    dated = {name for name in dated if _looks_dated(table, rows[name], name)} | counts
    dated = dated or {name for name in rows if months(rows[name])} or days - numeric
    return numeric - dated, dated


def _guess(
    table: ibis.Table,
    rows: pd.DataFrame,
    numeric: set[str],
    dated: set[str],
    settled: Mapping[str, str],
    blocks: tuple[str, ...],
) -> Draft:
    """Choose a column for each role; ``blocks`` are those that name a block of rows."""
    drafted = Draft(rows.head(PREVIEW), date_format=settled.get("date_format", ""))
    kinds = {"date": dated} | dict.fromkeys(("margin", "quantity"), numeric)
    kinds["amount"] = {name for name in numeric if not NO_AMOUNT.search(words_of(name))}
    taken, telling = set(settled.values()), {name for name in rows if _tells(rows[name])}
    cents = {name for name in numeric if _has_cents(rows[name])}
    for role, words in HEADINGS.items():
        if role in settled:
            drafted.columns[role] = settled[role]
            continue
        fits = kinds.get(role, set(rows) - dated)
        if role == "customer_id":
            fits = (fits & telling) - cents
        named = [name for name in named_as(rows, words) if name in fits and name not in taken]
        if role == "customer_id":
            named = named or [name for name in blocks if name in fits]
            # A number of its own in every row is an order's; a customer may come again.
            named.sort(key=lambda name: rows[name].nunique() >= 0.95 * len(rows))
        if role in REQUIRED:
            fits = sorted(fits - taken, key=list(rows).index)
            _settle_required(drafted, role, named, fits, rows)
        elif named:
            drafted.columns[role] = named[0]
        if role in drafted.columns:
            taken.add(drafted.columns[role])
    _offer_order(drafted, rows, taken | dated)
    _offer_price(drafted, rows, kinds["amount"])
    _settle_date(drafted, table, rows)
    return drafted


def _settle_required(
    drafted: Draft, role: str, named: list[str], fits: list[str], rows: pd.DataFrame
) -> None:
    if not named and len(fits) == 1 and role == "date":
        named = fits
    drafted.columns[role] = named[0] if named else UNDECIDED
    if role == "date" and not fits:
        drafted.comments[role] = "TO DECIDE: no column holds dates"
        parts = [[n for n in rows if re.fullmatch(p, n.strip(), re.I)] for p in PARTED]
        parted = ", ".join(each[0] for each in parts if each)
        joined = f"{parted} hold parts of one; join them in one column, such as 2024-03-05"
        question = draft_totals.turned_round(rows) or f"no column holds dates. {NO_DATE}"
        drafted.open_questions.append(joined if all(parts) else question)
        return
    if role == "customer_id" and not fits:
        drafted.open_questions.append(
            "no column says who bought; write a row for each purchase, with the customer in it"
        )
        return
    called = [name for name in named_as(rows, HEADINGS[role]) if not _is_numeric(rows[name])]
    if role == "amount" and called and not fits:
        texts = texts_of(rows[called[0]])
        odd = texts[~texts.map(is_numeric).astype(bool)]
        told = f", such as '{printable(odd.iloc[0])}'," if len(odd) else ""
        drafted.open_questions.append(
            f"'{called[0]}' is called like an amount, but {len(odd):,} of {len(texts):,} cells"
            f"{told} are no numbers; write numbers alone in it"
        )
        return
    if not named:
        choice = ", ".join(fits or list(rows))
        drafted.comments[role] = f"TO DECIDE: no heading says so; it could be {choice}"
        drafted.ask_column(role, f"which column is '{role}'; it could be {choice}", fits or rows)
        return
    column = rows[named[0]]
    drafted.guessed.append(f"{role}: {named[0]}")
    if role == "customer_id":
        drafted.comments[role] = f"{column.nunique():,} different in {len(column):,} rows"
    else:
        drafted.comments[role] = f"for example {column.dropna().iloc[0]}"
    if role == "amount":
        drafted.choices[role] = named
        for unit in [each for text, each in UNITS.items() if re.search(text, named[0], re.I)]:
            drafted.columns[role] = f"{expression.named(named[0])} {unit}"
            drafted.choices[role] = [drafted.columns[role], *named]
    elif len(named) > 1:
        others = ", ".join(named[1:])
        drafted.comments[role] += f"; or is it {others}?"
        question = f"'{role}' is taken from {named[0]}; {others} would fit too"
        drafted.ask_column(role, question, named)


def _offer_order(drafted: Draft, rows: pd.DataFrame, taken: set[str]) -> None:
    """Without a heading that says so, a number with one customer and one day is an order's."""
    owner = [drafted.columns[role] for role in ("customer_id", "date")]
    if "order_id" in drafted.columns or not set(owner) <= set(rows):
        return
    for name in rows:
        texts = texts_of(rows[name])
        if name in taken or not len(texts) or not texts.str.fullmatch(ORDER).all():
            continue
        one = rows[[name, *owner]].dropna().astype(str).drop_duplicates()
        if 1 < len(one) == one[name].nunique():
            drafted.columns["order_id"] = name
            return


def _offer_price(drafted: Draft, rows: pd.DataFrame, fits: set[str]) -> None:
    """Without an amount, what came in less what went out is one, else quantity times price.

    Unless the price is the line's already.
    """
    prices = [name for name in named_as(rows, PRICE) if name in fits]
    sides = [[name for name in rows if name in fits and re.match(p, name, re.I)] for p in SIDES]
    quantity = None if all(sides) else drafted.columns.get("quantity")
    if drafted.columns["amount"] != UNDECIDED or not (prices or all(sides)):
        return
    several, is_unit, choices = False, None, prices
    if all(sides):
        several, choices = True, [" - ".join(expression.named(each[0]) for each in sides)]
        choices += sides[0][:1]
    elif quantity:
        product = f"{expression.named(quantity)} * {expression.named(prices[0])}"
        several = pd.to_numeric(rows[quantity].astype(str), errors="coerce").gt(1).any()
        is_unit = re.search(r"unit|each|单价|單價|stück|einzel|unitaire|штук", prices[0], re.I)
        is_line = re.search("item|line|行", prices[0], re.I)
        choices = [prices[0], product] if is_line and not is_unit else [product, prices[0]]
    drafted.columns["amount"] = choices[0]
    drafted.choices["amount"] = [] if is_unit or not several else choices
    drafted.comments["amount"] = "the price" if choices == prices else "computed"
    drafted.guessed.append(f"amount: {drafted.columns['amount']}")
    for question in [q for q in drafted.open_questions if "'amount'" in q]:
        drafted.open_questions.remove(question)
        drafted.options.pop(question, None)


def _settle_date(drafted: Draft, table: ibis.Table, rows: pd.DataFrame) -> None:
    column = drafted.columns["date"]
    if column == UNDECIDED or drafted.date_format or table[column].type().is_temporal():
        return
    if month := months(rows[column]):
        drafted.date_format = month
        drafted.guessed.append(f"date_format: '{month}', months that count as their first day")
        return
    try:
        cells = as_text(table[column])
        drafted.date_format = detect_date_format(table, cells, f"column '{column}'")
        if "%" not in drafted.date_format:
            words = {EXCEL: "serial numbers of a spreadsheet", UNIX: "seconds since 1970"}
            drafted.guessed.append(
                f"date_format: {drafted.date_format}, {words[drafted.date_format]}"
            )
    except StudyError as error:
        question = str(error)
        drafted.open_questions.append(question)
        formats = re.findall(r"date_format: '[^']+'", question)
        drafted.options[question] = [each.replace("'", "") for each in formats]


def _counts_days(texts: pd.Series) -> bool:
    """Return whether numbers are days: serial ones, or days and months such as 0503."""
    return bool(counted(texts)) or bool(texts.str.fullmatch(YEARLESS).mean() > 0.5)


def _tells(column: pd.Series) -> bool:
    """Return whether a column holds two values at least, so that it can tell customers apart."""
    return texts_of(column).nunique() > 1


def _is_numeric(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    texts = texts_of(column)
    return len(texts) > 0 and texts.map(is_numeric).mean() > 0.9


def _has_cents(column: pd.Series) -> bool:
    return bool(texts_of(column).str.contains(r"[.,](?!0+\b)\d{1,2}\D*$").any())


def _is_compact_day(column: pd.Series) -> bool:
    """Tell days written as 20200304 from other whole numbers."""
    texts = column.dropna().astype(str).str.strip()
    return len(texts) > 0 and texts.str.fullmatch(r"(19|20)\d\d[01]\d[0-3]\d(\.0)?").all()


def _looks_dated(table: ibis.Table, column: pd.Series, name: str) -> bool:
    if not table[name].type().is_string():
        return table[name].type().is_temporal() or _is_compact_day(column)
    texts = column.dropna().astype(str).str.strip()
    # Every format has two groups of digits or one of eight; the formats themselves are slow.
    if not texts.str.contains(r"\d\D.*\d|\d{8}", regex=True).mean() > 0.5:
        return False
    try:
        detect_date_format(table.limit(SAMPLE), table.limit(SAMPLE)[name], name)
    except StudyError as error:
        return not re.search("no format|empty in every row", str(error))
    return True


def _currency(rows: pd.DataFrame, amount: str) -> str:
    """Return the currency that the amounts, their heading in brackets or a column beside name."""
    bracketed = re.findall(r"[(（\[]([^)）\]]+)", amount)
    texts = " ".join([*texts_of(rows[amount]).head(100), *bracketed]) if amount in rows else ""
    codes = {currency_code(token) for token in AFFIX.findall(texts)} - {""}
    for name in rows:
        kinds = texts_of(rows[name]).unique()
        if not codes and CURRENCY.search(str(name)) and len(kinds) == 1:
            codes = {currency_code(str(kinds[0]))}
    return codes.pop() if len(codes) == 1 else ""


def _is_chinese(rows: pd.DataFrame) -> bool:
    """Return whether most headings are Chinese: so are the readers, most likely."""
    names = [str(name) for name in rows if re.search(r"[^\W\d_]", str(name))]
    kana = any(re.search("[\u3041-\u30ff]", name) for name in names)
    return not kana and 2 * sum(bool(re.search("[\u4e00-\u9fff]", n)) for n in names) > len(names)


def _columns(drafted: Draft, rows: pd.DataFrame) -> str:
    lines = []
    for role, column in drafted.columns.items():
        comment = printable(drafted.comments.get(role, ""))
        lines.append(f"  {role}: {yaml_text(column)}" + (f"   # {comment}" if comment else ""))
    spare = [str(name) for name in rows if name not in drafted.columns.values()]
    if spare:
        lines.append(f"  # not used: {printable(', '.join(spare))}")
    return "".join(f"{line}\n" for line in lines)


def _date_format(drafted: Draft) -> str:
    if drafted.date_format:
        return f"date_format: {yaml_text(drafted.date_format)}\n"
    choices = re.findall(r"date_format: '[^']+'", " ".join(drafted.open_questions))
    if not choices:
        return ""
    lines = ["TO DECIDE, remove the # from one of these:", *choices]
    return "".join(f"# {line}\n" for line in lines)


def _methods(preset: str | None) -> str:
    if preset:
        return "# The preset's methods are compared; add or change some here.\n# methods:\n"
    lines = ["# The schemes that are compared. Left out: these.", "# methods:"]
    width = max(map(len, DEFAULT_METHODS)) + 1
    for label, spec in DEFAULT_METHODS.items():
        parameters = ", ".join(f"{key}: {value}" for key, value in spec.items())
        lines.append(f"#   {label + ':':{width}} {{{parameters}}}")
    return "\n".join(lines) + "\n"
