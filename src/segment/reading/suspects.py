"""Rows that may not be what they count as: said, with their money and what to write about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import pandas as pd

from segment.errors import StudyError
from segment.language import N_
from segment.reading.beside import Beside
from segment.reading.cells import TOTALS, as_id
from segment.reading.expression import constant, named
from segment.reading.table import Table, stored
from segment.reading.transactions import CURRENCY, MARKED, PLACE, REFUNDED, TOTAL

# Ids that stand for nobody in particular, in small letters, and what may stand behind them.
NOBODY = "|".join(
    (
        r"guest|walk-?in|anonym\w*|cash|unknown|test\w*|demo|dummy|no ?name|various|misc\w*|n/?a",
        r"unbekannt|laufkund\w*|barverkauf|inconnu|passage|comptoir|invité|desconocid\w|mostrador",
        r"varios|consumidor final|p[uú]blico (en )?general|гость|散客|匿名|游客|遊客|访客|顾客",
        "现金|零售|未知|无|無|测试",
    )
)
BEHIND = r"[ _-]*(customer|user|buyer|client|kunde|sale|order|客户|用户|买家|顾客)?s?\W*\d{0,3}"
NOBODIES = rf"^(({NOBODY}){BEHIND}(@.*)?|0+|-1|{TOTALS})$"
DAMAGED = r"^\d([.,]\d+)?[eE]\+\d+$"
# Of the orders with several rows, so many have one amount on all of them by chance at most.
REPEATED = 0.9
FEWEST_ORDERS = 5
ALL_NEW = 0.9
# In what ids may differ and be one; +49 30 and 0049 30 in two things at once.
RULES = ("case", "zeros", "signs", "zeros, signs")


class Suspect(NamedTuple):
    """Rows that count for now, why that may be wrong, and what a study says otherwise."""

    text: str
    rows: int
    done: str
    figures: dict[str, Any]
    choices: tuple[str, ...] = ()  # lines of a study


def refuse_damaged(table: Table, every: ibis.Table) -> None:
    """Refuse ids that a spreadsheet has rounded: 6.2251E+15, or zeros behind 15 digits."""
    for role in [name for name in ("customer_id", "order_id") if name in every.columns]:
        # Patterns are looked for where they can be: in most data nowhere.
        some = every.filter(every[role].contains("+") | (every[role].length() >= 16))
        ids = some[role]
        is_damaged, is_ended = ids.re_search(DAMAGED), ids.re_search(r"^\d{15}0+$")
        found = some.aggregate(
            damaged=is_damaged.sum().fill_null(0),
            long=ids.re_search(r"^\d{16,}$").sum().fill_null(0),
            ended=is_ended.sum().fill_null(0),
            kinds=ids.nunique(where=is_ended),
            text=ibis.coalesce(ids.min(where=is_damaged), ids.min(where=is_ended)),
        )
        found = found.to_pandas().iloc[0]
        is_rounded = found["long"] == found["ended"] and found["kinds"] >= FEWEST_ORDERS
        if rows := int(found["damaged"] or found["ended"] * is_rounded):
            other = "" if role == "customer_id" else ", or leave 'order_id' out"
            raise StudyError(
                f"{table.where('columns', role)}: {rows:,} ids such as '{found['text']}' were "
                "rounded by a spreadsheet, so different ones became one; export them again as "
                f"text{other}."
            )


def refuse_currencies(table: Table, every: ibis.Table) -> None:
    """Refuse amounts in several currencies without what each is worth."""
    if CURRENCY not in every.columns:
        return
    usable = every.filter(every.fate.isnull() & every[CURRENCY].notnull())
    sums = usable.group_by(CURRENCY).agg(rows=usable.count(), amount=usable.amount.sum())
    sums = sums.order_by(ibis.desc("rows"), CURRENCY).to_pandas()
    study = table.study
    worth = {code.upper() for code in study.rates} | ({study.currency} if study.rates else set())
    without = sums[~sums[CURRENCY].isin(worth)]
    if without.empty or len(sums) < 2:
        return
    told = ", ".join(f"{row.amount:,.2f} {row.currency}" for row in sums.head(6).itertuples())
    rates = ", ".join(f"{code}: 1.0" for code in sums[CURRENCY].head(6))
    raise StudyError(
        f"{table.where('columns', 'amount')}: the amounts are in {len(sums)} currencies ({told}); "
        f"say what one unit of each is worth in yours, 'rates: {{{rates}}}', or 'keep' one."
    )


def without_totals(every: ibis.Table) -> ibis.Table:
    """Set aside rows that a report added below its rows: totals of all others."""
    is_total = every.fate.isnull() & every.customer_id.lower().re_search(f"^({TOTALS})$")
    counted = every.filter(every.fate.isnull())
    named = every.filter(is_total.fill_null(False)).amount.execute()
    if named.empty:
        return every
    rest = float(counted.amount.sum().execute()) - named.sum()
    near = 0.005 + 1e-9 * abs(rest)
    sums = [*named, named.sum(), named.sum() / 2]
    if not any(abs(value - rest) <= near for value in sums):
        return every
    return every.mutate(fate=is_total.fill_null(False).ifelse(TOTAL, every.fate))


def suspects(table: Table, every: ibis.Table, beside: Beside, folder: Path) -> list[Suspect]:
    """Return what is to be asked about the rows that count; ``folder`` holds a step of it."""
    usable = every.filter(every.fate.isnull())
    ids = usable.group_by("customer_id").agg(rows=usable.count(), amount=usable.amount.sum())
    ids = stored(ids, folder / "ids.parquet")
    found = [
        *_marked(table, usable, beside),
        *_refunded(table, usable, beside),
        *_quantities(table, usable),
        *_orders(table, usable),
        *_nobody(table, ids),
        *_variants(ids),
    ]
    return [suspect for suspect in found if suspect.rows]


def _marked(table: Table, usable: ibis.Table, beside: Beside) -> list[Suspect]:
    text = N_("'{column}' says {values} in rows that count as purchases: {amount}")
    done = N_("kept; write {keep} to leave them out, or {returns} where they are returns")
    found = []
    for column, values in beside.marks.items():
        rows, amount = _sum(usable.filter(usable[f"{MARKED}{column}"] & (usable.amount >= 0)))
        name = named(column)
        if values is None:
            said, keep, returns = N_("a day"), f"{name} is null", f"{name} is not null"
        else:
            said = ", ".join(value.strip() for value in values[:6])
            keep, returns = (_among(name, values, table, negated) for negated in (True, False))
        figures = {"column": column, "values": said, "amount": f"{amount:,.2f}"}
        figures |= {"keep": keep_line(table, keep), "returns": line("returns", returns)}
        choices = (figures["keep"], figures["returns"])
        found.append(Suspect(text, rows, done, figures, choices))
    return found


def _refunded(table: Table, usable: ibis.Table, beside: Beside) -> list[Suspect]:
    text = N_("'{column}' holds money that went back and is not taken off: {amount}")
    done, found = N_("kept; write {write} under 'columns'"), []
    for column in beside.refunded:
        back = usable[f"{REFUNDED}{column}"]
        rows = usable.filter(back.abs() > 0)
        count, amount = _sum(rows, rows[f"{REFUNDED}{column}"])
        paid = table.heading(table.study.columns.amount)
        paid = named(paid) if paid in table.rows.columns else f"({paid})"
        write = line("amount", f"{paid} {'+' if amount < 0 else '-'} {named(column)}")
        figures = {"column": column, "amount": f"{abs(amount):,.2f}", "write": write}
        found.append(Suspect(text, count, done, figures))
    return found


def _quantities(table: Table, usable: ibis.Table) -> list[Suspect]:
    if "quantity" not in usable.columns:
        return []
    rows, amount = _sum(usable.filter((usable.quantity < 0) & (usable.amount > 0)))
    returns = line("returns", f"{named(table.heading(table.study.columns.quantity))} < 0")
    text = N_("Quantity below 0 with an amount above 0: {amount}")
    done = N_("kept as purchases; write {returns} where they are returns")
    figures = {"amount": f"{amount:,.2f}", "returns": returns}
    return [Suspect(text, rows, done, figures, (returns,))]


def _orders(table: Table, usable: ibis.Table) -> list[Suspect]:
    """Find amounts of an order that stand on each of its lines, and orders of several files."""
    if "order_id" not in usable.columns or table.study.same_order != "lines":
        return []
    sizes = table.opened.sizes
    file = file_number(usable[PLACE], sizes) if PLACE in usable.columns else ibis.literal(0)
    rows = usable.filter((usable.amount > 0) & usable.order_id.notnull()).mutate(file=file)
    orders = rows.group_by("order_id").agg(
        lines=rows.count(),
        files=rows.file.nunique(),
        low=rows.amount.min(),
        high=rows.amount.max(),
        amount=rows.amount.sum(),
    )
    several = orders.lines > 1
    across, same = orders.files > 1, several & (orders.files == 1) & (orders.low == orders.high)
    told = orders.aggregate(
        several=(several & (orders.files == 1)).sum(),
        same=same.sum(),
        lines=orders.lines.sum(where=same),
        amount=orders.amount.sum(where=same),
        once=orders.high.sum(where=same),
        across=across.sum(),
        across_lines=orders.lines.sum(where=across),
        across_amount=orders.amount.sum(where=across),
    )
    told = told.to_pandas().fillna(0).iloc[0]
    last, newest, found = "same_order: last", "same_order: newest", []
    if told["same"] >= max(FEWEST_ORDERS, REPEATED * told["several"]):
        text = N_("The amount is the same on every line of an order with several: {amount}")
        done = N_(
            "each line counts; if it is the whole order's, map the amount of the line or write "
            "{write}, which counts {once}"
        )
        figures = {"amount": f"{told['amount']:,.2f}", "once": f"{told['once']:,.2f}"}
        found.append(Suspect(text, int(told["lines"]), done, figures | {"write": last}, (last,)))
    if told["across"]:
        text = N_("{orders} orders stand in more than one file: {amount}")
        done = N_("all rows count; write {write} where the files overlap")
        figures = {"orders": f"{told['across']:,.0f}", "amount": f"{told['across_amount']:,.2f}"}
        figures |= {"write": newest}
        found.append(Suspect(text, int(told["across_lines"]), done, figures, (newest,)))
    return found


def file_number(place: Any, sizes: tuple[int, ...]) -> Any:
    """Return the number of the file that a row stands in, by its place among all rows."""
    ends = pd.Series(sizes).cumsum()
    cases = [(place < int(end), number) for number, end in enumerate(ends)]
    return ibis.cases(*cases, else_=len(sizes)) if cases else ibis.literal(0)


def _nobody(table: Table, ids: ibis.Table) -> list[Suspect]:
    words = ids.customer_id.lower().re_search(NOBODIES)
    found = ids.filter(words).order_by(ibis.desc("amount"), "customer_id").limit(20).to_pandas()
    if found.empty:
        return []
    amount, total = found["amount"].sum(), float(ids.amount.sum().execute())
    column = named(table.heading(table.study.columns.customer_id))
    keep = keep_line(table, _among(column, found["customer_id"], table, negated=True))
    text = N_("{words} as a customer: {share} of the amount")
    done = N_("kept as one customer; if it stands for nobody or many, write {keep}")
    share = f"{amount / total:.1%}" if total > 0 else "–"
    figures = {"words": ", ".join(found["customer_id"].head(6)), "share": share, "keep": keep}
    return [Suspect(text, int(found["rows"].sum()), done, figures, (keep,))]


def _variants(ids: ibis.Table) -> list[Suspect]:
    """Find ids that would be one if case, leading zeros or punctuation made no difference.

    Or that are those of rows, as almost each one has its own.
    """
    text, found, least = N_("Customer ids that differ only in how they are written"), [], 0
    done = N_("kept apart; {write} makes {customers} customers of these {ids}")
    keyed = ids.mutate(**{r: as_id(ids.customer_id, r.split(", ")) for r in RULES})
    shared = {f"{r} shared": keyed.count().over(group_by=r) > 1 for r in RULES}
    keyed = keyed.mutate(**shared)
    told = keyed.aggregate(
        ids=keyed.count(),
        rows=keyed.rows.sum(),
        **{f"{r} ids": keyed[f"{r} shared"].sum() for r in RULES},
        **{f"{r} keys": keyed[r].nunique(where=keyed[f"{r} shared"]) for r in RULES},
        **{f"{r} rows": keyed.rows.sum(where=keyed[f"{r} shared"]) for r in RULES},
    )
    told = told.to_pandas().fillna(0).iloc[0]
    for rule in RULES:
        alike, keys, rows = (int(told[f"{rule} {figure}"]) for figure in ("ids", "keys", "rows"))
        if "," in rule and alike - keys <= least:
            continue
        least += alike - keys
        write = f"same_customer: [{rule}]"
        figures = {"ids": f"{alike:,}", "customers": f"{keys:,}", "write": write}
        found.append(Suspect(text, rows, done, figures, (write,)))
    if told["ids"] > ALL_NEW * told["rows"]:
        text = N_("Almost every row has a customer of its own: {ids}")
        done = N_("kept; if 'customer_id' is the number of an order or a row, map the customer's")
        found.append(Suspect(text, int(told["rows"]), done, {"ids": f"{told['ids']:,.0f}"}))
    return found


def _sum(rows: ibis.Table, column: Any = None) -> tuple[int, float]:
    amount = rows.amount if column is None else column
    told = rows.aggregate(rows=rows.count(), amount=amount.sum()).to_pandas().iloc[0]
    return int(told["rows"]), 0.0 if pd.isna(told["amount"]) else float(told["amount"])


def _among(name: str, values: Iterable[str], table: Table, negated: bool) -> str:
    """Return the condition that a column holds one of some values, or none of them."""
    listed = dict.fromkeys(constant(value.strip(), table.rows.columns) for value in values)
    if len(listed) == 1:
        return f"{name} {'!=' if negated else '='} {next(iter(listed))}"
    return f"{name} {'not in' if negated else 'in'} ({', '.join(listed)})"


def keep_line(table: Table, condition: str) -> str:
    """Return the line of a study that keeps rows, besides what it keeps already."""
    kept = table.study.keep
    return line("keep", f"({kept}) and {condition}" if kept else condition)


def line(key: str, value: str) -> str:
    """Return a line of YAML; quoted where the value would not be read as it stands."""
    if re.search(r"^[^\w(]|: | #", value):
        value = "'" + value.replace("'", "''") + "'"
    return f"{key}: {value}"
