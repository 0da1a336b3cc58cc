"""One reader for every table of a study: its source opened, columns found, cells read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from pydantic import BaseModel

from segment.errors import StudyError, nearest
from segment.language import N_
from segment.reading import beside, dates, expression
from segment.reading.calendars import EXCEL, UNIX
from segment.reading.cells import SUBTOTAL, TOTALS, as_text, filled, is_blank
from segment.reading.databases import Chosen
from segment.reading.dates import check_format, plausible
from segment.reading.numbers import Writing, judge
from segment.reading.sources import FILE, ROW, Note, Opened, connect, open_source
from segment.study.schema import Study
from segment.study.section import Section

TRANSACTIONS, CUSTOMERS, BALANCES = "transactions", "customers", "balances"
PRESENT_TIERS, INVOICES, CONTACTS = "present_tiers", "invoices", "contacts"
# Roles that may be computed from other columns.
COMPUTED = ("amount", "margin", "quantity", "balance")
MOST_UNREADABLE = 0.20
MOST_LISTED = 30
UNDECIDED = "???"  # what a draft has in place of a column
# Of the orders, so many have what is to be filled down, or blocks hold several orders.
MOST_KNOWN = 0.8
# Keys of a section whose values name columns.
NAMING = ("customer_id", "group", "date", "columns", "contact", "keep", "returns")
NAMING += ("balance", "account", "tier", "paid", "amount", "disputed", "role", "kind", "hours")
NAMING += ("split_by",)


@dataclass(frozen=True)
class Table:
    """A table of a study as its source holds it, and how its cells are read."""

    study: Study
    name: str
    opened: Opened
    notes: list[Note] = field(default_factory=list)  # on how cells were read
    writings: dict[str, Writing] = field(default_factory=dict)  # of the columns read as numbers

    @classmethod
    def open(
        cls,
        study: Study,
        name: str,
        con: ibis.BaseBackend,
        folder: Path,
        also: Collection[str] = (),
    ) -> Table:
        """Open the source of a table; its working files go to a folder of their own.

        ``also`` are columns of a database that are read though the study does not name them.
        """
        section = _section(study, name)
        if study._staged and name == TRANSACTIONS:
            opened, file = study._staged
            return cls(study, name, replace(opened, table=con.read_parquet(file)))
        (folder / name).mkdir(exist_ok=True)
        try:
            opened = open_source(
                section.source, study.file.parent, con, folder / name, True, _chosen(section, also)
            )
            _refuse_unsplit(opened)
        except StudyError as error:
            raise StudyError(f"{study.where(*_keys(name), 'source')}: {error}") from None
        table = cls(study, name, opened)
        return table._filled_down() if section.source.fill_down else table

    @property
    def rows(self) -> ibis.Table:
        """Every row of the source."""
        return self.opened.table

    @property
    def title(self) -> str:
        """The name of the table in words."""
        return self.name.replace("_", " ")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the source."""
        return tuple(name for name in self.rows.columns if name not in (FILE, ROW))

    @property
    def place(self) -> Any:
        """The number of each row in the source, from 0."""
        is_moved = _section(self.study, self.name).source.fill_down
        return ibis.row_number().over(order_by=[FILE, ROW]) if is_moved else ibis.row_number()

    def where(self, *keys: str) -> str:
        """Return the place of a key of this table in the study."""
        return self.study.where(*_keys(self.name), *keys)

    def heading(self, column: str | int) -> str:
        """Return what a column is called that may be given by position."""
        return self.names[column - 1] if isinstance(column, int) else column

    def column(self, keys: tuple[str, ...], column: str | int) -> Any:
        """Return the cells of a column, given by name, position, or expression of numbers.

        ``keys`` lead to it in the table's section of the study; the last is its role.
        """
        place, role, names = self.where(*keys), keys[-1], self.names
        title = "the data" if self.name == TRANSACTIONS else f"the {self.title} table"
        if isinstance(column, int):
            if column > len(names):
                raise StudyError(
                    f"{place}: '{role}' is column {column}, but there are only {len(names)} in "
                    f"{title}: {', '.join(names)}."
                )
            return self.rows[names[column - 1]]
        if column not in names:
            column = " ".join(column.split())  # as headings of texts are read
        if column in names:
            return self.rows[column]
        if column == UNDECIDED:
            raise StudyError(
                f"{place}: the draft still asks which column is '{role}'; write one in place of "
                f"{UNDECIDED}: {', '.join(names[:MOST_LISTED])}."
            )
        misspelled = get_close_matches(column, names, n=1, cutoff=0.8)
        try:
            if (role in COMPUTED or "totals" in keys) and re.search(r"[-+*/(]", column):
                return expression.compute(column, self.rows, self.number, place)
        except StudyError:
            # "Amout (USD)" is a heading with a typo rather than a wrong expression.
            if not misspelled:
                raise
        raise StudyError(
            f"{place}: no column '{column}' for '{role}' in {title}{nearest(column, names)}"
        )

    def number(self, cells: Any) -> Any:
        """Return cells as numbers; null where one is no number."""
        return self.writing(cells).read(cells)

    def writing(self, cells: Any) -> Writing:
        """Return how a column of the source writes its numbers; it is judged once."""
        name = cells.get_name()
        if not cells.type().is_numeric():
            self._refuse_texts(name, "number")
        if name not in self.writings:
            decimal = _section(self.study, self.name).source.decimal
            decimal = "." if name in self.opened.numbers else decimal
            place = f"{self.where('source')}: column '{name}'"
            found = self.writings[name] = judge(self.rows, cells, decimal, place)
            if found.example:
                figures = {"text": found.example, "column": name, "number": f"{found.number:,.2f}"}
                self.notes.append((N_("'{text}' in '{column}' is read as {number}"), figures))
        return self.writings[name]

    def days(self, cells: Any, keys: tuple[str, ...]) -> Any:
        """Return cells as dates; null where one is empty or no date."""
        if cells.type().is_date() or cells.type().is_timestamp():
            return plausible(cells.cast("date"))
        name = cells.get_name()
        self._refuse_texts(name, "day")
        cells = as_text(cells) if cells.type().is_numeric() else cells.cast("string")
        date_format = _section(self.study, self.name).date_format
        if date_format:
            check_format(date_format, self.rows.get_backend(), self.where("date_format"))
        place = self.where("date_format") if date_format else self.where(*keys)
        place += f": column '{name}'"
        writing = dates.judge(self.rows, cells, place, date_format)
        if writing.date_format in (EXCEL, UNIX) and not date_format:
            note = N_("Days in '{column}' are counts, read as date_format: {unit}")
            self.notes.append((note, {"column": name, "unit": writing.date_format}))
        if writing.zoned:
            note = N_("Times with a zone, such as '{text}', count on the day that is written")
            self.notes.append((note, {"text": writing.zoned}))
        return writing.read(cells)

    def _refuse_texts(self, name: str, kind: str) -> None:
        """Refuse to read numbers and days from texts but by DuckDB: others read some wrongly."""
        if self.rows.get_backend().name != "duckdb":
            raise expression.UntypedError(
                f"{self.where('source')}: column '{name}' has no type of a {kind}, and numbers and "
                "days in texts are read by DuckDB alone; give the column its type in the table (a "
                "view with CAST does), or leave 'engine' out."
            )

    def condition(self, text: str, key: str = "keep") -> Any:
        """Return whether each row passes a condition such as ``status = completed``."""
        dated = [name for name in self.names if self._is_date(name)]
        place = self.where(key)
        return expression.condition(text, self.rows, self.number, place, self._days_of, dated)

    def _is_date(self, name: str) -> bool:
        column = self.study.columns.date
        return name == (self.names[column - 1] if isinstance(column, int) else column)

    def _days_of(self, name: str) -> Any:
        """Return any column as days, for a filter."""
        cells = self.rows[name]
        if self._is_date(name) or cells.type().is_temporal():
            return self.days(cells, ("columns", "date"))
        self._refuse_texts(name, "day")
        cells = as_text(cells)
        return dates.judge(self.rows, cells, self.where("keep")).read(cells)

    def _filled_down(self) -> Table:
        """Fill gaps with what stands above, within the order where each has a filled line."""
        section = _section(self.study, self.name)
        down = [self.column(("source", "fill_down"), c) for c in section.source.fill_down]
        names = [cells.get_name() for cells in down]
        order = self.study.columns.order_id if self.name == TRANSACTIONS else None
        within = [FILE]
        if order in self.names and order not in names:
            orders = self.rows.group_by([FILE, order]).agg(known=~is_blank(down[0]).all())
            within += [order] * (orders.known.mean().execute() > MOST_KNOWN)
        above = ibis.window(group_by=within, order_by=ROW, preceding=None, following=0)
        whole = {
            cells.get_name(): filled(cells) if cells.type().is_string() else cells for cells in down
        }
        rows = self.rows.mutate(**whole)
        texts = {name: rows[name] for name in self.names if rows[name].type().is_string()}
        labels = {name: SUBTOTAL if name in names else TOTALS for name in texts}
        totals = [texts[n].lower().re_search(f"^({labels[n]})$").fill_null(False) for n in texts]
        rows = rows.mutate(segment_total=ibis.or_(*totals) if totals else ibis.literal(False))
        for name in names:
            # The engine's last value counts gaps, too: number the filled cells, one of them each.
            filled_so_far = rows[name].count().over(above)
            numbered = rows.mutate(segment_block=filled_so_far)
            block = ibis.window(group_by=[*within, "segment_block"])
            own = numbered[name]
            cells = numbered.segment_total.ifelse(own, own.max().over(block))
            rows = numbered.mutate(**{name: cells}).drop("segment_block")
        rows = rows.drop("segment_total")
        return replace(self, opened=replace(self.opened, table=rows))


def read_once(study: Study, folder: Path) -> Study:
    """Return a study with its transactions read into a folder, for all units that it has.

    Another engine reads where its rows are.
    """
    if study.engine:
        return study
    con, file = connect(study.memory_limit, folder), folder / "read.parquet"
    table = Table.open(study, TRANSACTIONS, con, folder)
    table.rows.to_parquet(file)
    con.disconnect()
    staged = study.model_copy()
    staged._staged = replace(table.opened, table=None), file
    return staged


def stored(table: ibis.Table, file: Path) -> ibis.Table:
    """Write a step to Parquet, streaming, and go on from there: it is computed once."""
    table.to_parquet(file)
    return table.get_backend().read_parquet(file)


def named(table: ibis.Table) -> ibis.Table:
    """Give a step a name in the engine; what follows refers to it instead of repeating its SQL."""
    return table.get_backend().create_view(ibis.util.gen_name("step"), table)


def _section(study: Study, name: str) -> Section:
    return study if name == TRANSACTIONS else getattr(study, name)


def _chosen(section: Section, also: Collection[str]) -> Chosen:
    """Return what chooses the columns of a database that a table needs, from some of its rows.

    These are those that its section speaks of, and of purchases those that ``beside`` looks at.
    """
    said = [section.source.fill_down, *(getattr(section, key, None) for key in NAMING)]
    words = [" ".join(each.split()) if isinstance(each, str) else each for each in _leaves(said)]
    text = "\n".join(word for word in words if isinstance(word, str))

    def chosen(sample: pd.DataFrame) -> list[str]:
        return [
            name
            for place, name in enumerate(sample, start=1)
            if place in words
            or name in text
            or name in also
            or (isinstance(section, Study) and beside.may_tell(name, sample[name]))
        ]

    return chosen


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(each)
    else:
        yield value


def _keys(name: str) -> tuple[str, ...]:
    """Return the keys in front of those of a table; the transactions stand at the top."""
    return () if name == TRANSACTIONS else (name,)


def _refuse_unsplit(opened: Opened) -> None:
    lines = opened.rejected + (int(opened.table.count().execute()) if opened.rejected else 0)
    if opened.rejected > MOST_UNREADABLE * lines:
        file, line = opened.first_rejected
        raise StudyError(
            f"{file}, line {line}: this and {opened.rejected - 1:,} more of {lines:,} lines do "
            "not split into the columns of the heading; set 'delimiter' or 'encoding' under "
            "'source', or export with quotation marks, as around 12,50 between commas."
        )
