"""What a study can say: the sections of its YAML file and their checks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from segment.errors import StudyError, nearest
from segment.language import Language
from segment.study.methods import Method
from segment.study.section import ColumnMap, Section
from segment.study.service import Costs, Member, Service
from segment.study.settings import Backtest, Readiness, Watchlists, Weights
from segment.study.source import AnyEngine, AnySource, Column
from segment.study.totals import Totals


def _day(value: Any) -> dt.date:
    """Check a day: a YAML date or the same as a text; a number is no day."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write the day as 2024-07-01") from None


Day = Annotated[dt.date, BeforeValidator(_day)]
# What features and outcomes are called; an attribute needs another name.
RESERVED = (
    r"(monetary|margin|past|main)_\w+|days_since_(first|last)|order_days|products|categories|growth"
    r"|balance_month_mean(_ago_\d+)?|next_value|value|active|customer_id"
)
# What tables beside the transactions give schemes to read, besides balances.
MADE_OF = {
    "present_tiers": ("present_tier",),
    "invoices": ("days_late", "overdue_share", "disputes", "credit_grade"),
}
Credit = Literal["days_late", "overdue_share", "disputes"]
Name = Annotated[str, Field(pattern=r"^[^\W\d]\w*$")]


class Columns(ColumnMap):
    """The columns of the transactions."""

    customer_id: Column = Field(description="who bought")
    date: Column = Field(description="the day of the purchase")
    amount: Column = Field(description="what was paid, in the currency; returns are below 0")
    currency: Column | None = Field(None, description="of the amount, where there are several")
    order_id: Column | None = Field(
        None, description="the order that a row is a line of; cancellations are netted by it"
    )
    margin: Column | None = Field(None, description="what the row earned, in the currency")
    product: Column | None = Field(None, description="what was bought")
    category: Column | None = Field(None, description="the kind of what was bought")
    quantity: Column | None = Field(None, description="pieces bought")
    channel: Column | None = Field(None, description="where it was bought: shop, online ...")
    region: Column | None = Field(None, description="where the customer is")


class Contact(ColumnMap):
    """Columns of the customers table that only the check of the customer file reads.

    They are no attributes: no scheme and no page sees them.
    """

    name: Column | None = Field(None, description="of the firm or person")
    person: Column | None = Field(None, description="whom to ask for at a firm")
    phone: Column | None = Field(None, description="telephone number")
    email: Column | None = Field(None, description="e-mail address")
    address: Column | None = Field(None, description="postal address")


class Customers(Section):
    """The customers table: one row per customer, with what is known beside purchases."""

    source: AnySource = Field(description="the customers table")
    customer_id: Column = Field(description="the same ids as in the transactions")
    totals: Totals | None = Field(
        None,
        description="in place of 'source' and 'columns' of the study, where there are no dated "
        "purchases: nothing can be tested then; {} for a survey without any total",
    )
    columns: dict[Name, Column] = Field(default_factory=dict, description="attribute: column")
    group: Column | None = Field(
        None,
        description="number of a company or household: customers who share one are one customer "
        "everywhere, who has none is its own",
    )
    categories: tuple[str, ...] = Field((), description="attributes that are codes, not numbers")
    sensitive: tuple[str, ...] = Field(
        ("gender", "age", "性别", "年龄"),
        description="attributes that only schemes read which name them; the report says so",
    )
    contact: Contact = Field(Contact(), description="columns that only the file's check reads")
    known_on: Day | None = Field(None, description="the day the table was written")
    date_format: str | None = Field(
        None, description="of the dates in it, as %d.%m.%Y; else guessed"
    )

    @model_validator(mode="after")
    def _known_names(self) -> Customers:
        if not self.columns and self.group is None and self.totals is None:
            raise ValueError("name at least one attribute under 'columns'")
        if self.group is not None and self.totals is not None:
            raise ValueError("'group' needs purchases; add up the 'totals' of each group instead")
        for name in self.columns:
            if re.fullmatch(RESERVED, name):
                raise ValueError(f"'{name}' is the name of a feature; call the attribute otherwise")
        for name in self.categories:
            if name not in self.columns:
                raise ValueError(f"'{name}' under 'categories' is none of the 'columns'")
        for name in self.contact.mapped():
            if name in self.columns:
                raise ValueError(f"'{name}' stands under 'columns' and 'contact'; keep one")
        return self


class Records(Section):
    """A table of dated records of customers."""

    source: AnySource = Field(description="the table")
    customer_id: Column = Field(description="the same ids as in the transactions")
    date: Column = Field(description="the day from which the record holds")
    date_format: str | None = Field(
        None, description="of the dates in it, as %d.%m.%Y; else guessed"
    )


class Balances(Records):
    """The balances table: what was on a customer's account from a day on."""

    balance: Column = Field(description="what is on the account, in the currency")
    account: Column | None = Field(
        None, description="where customers have several, whose balances are added up"
    )
    before_first: Literal["zero", "unknown"] = Field(
        "zero", description="what a customer had before the first record"
    )


class PresentTiers(Records):
    """A table of the company's present tiers: which one a customer has had from a day on."""

    tier: Column = Field(description="its name, as the scheme with 'method: given' orders them")


class Invoices(Records):
    """The invoices: what was due when, and when it was paid; a credit grade is made of them."""

    date: Column = Field(description="the day on which it is due")
    paid: Column = Field(description="the day on which it was paid; empty while it is open")
    amount: Column = Field(description="what is owed, in the currency")
    disputed: Column | None = Field(
        None, description="whether the customer disputes it: any text but no, false or 0"
    )
    grades: dict[Credit, Annotated[list[float], Field(min_length=1, max_length=25)]] = Field(
        default_factory=lambda: {
            "days_late": [10, 30, 60],
            "overdue_share": [0.1, 0.25, 0.5],
            "disputes": [1, 2, 3],
        },
        min_length=1,
        description="from where on a customer is B, C, D by each figure; the worst one is the "
        "'credit_grade'",
    )

    @model_validator(mode="after")
    def _rising(self) -> Invoices:
        for figure, limits in self.grades.items():
            if any(a >= b for a, b in pairwise(limits)):
                raise ValueError(f"the limits of '{figure}' must go up without repeats: {limits}")
        return self


class Contacts(Records):
    """The contacts table: who was in touch with a customer on a day."""

    date: Column = Field(description="the day of the contact")
    role: Column | None = Field(None, description="who was in touch, in the words of the plan")
    kind: Column | None = Field(None, description="visit, call ..., in the words of the plan")
    hours: Column | None = Field(None, description="that it took; else as the plan says")


class Periods(Section):
    """Calibration is ``[start, cut)``, holdout is ``[cut, end)``."""

    start: Day | None = Field(None, description="first day used; else the first of the data")
    cut: Day | None = Field(
        None, description="schemes learn before it; else two thirds into the data"
    )
    end: Day | None = Field(
        None, description="the day after the last one used; else after the data"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Periods:
        given = [(n, d) for n, d in self if d is not None]
        for (early, a), (late, b) in pairwise(given):
            if a >= b:
                raise ValueError(f"'{early}' ({a}) must be before '{late}' ({b})")
        return self


class Study(Section):
    """A whole study, as the YAML file gives it."""

    title: str = Field(description="heads the report")
    about: str = Field("", description="a sentence on the data, below the title")
    language: Language = Field("en", description="of the report: English or Chinese")
    preset: str | None = Field(
        None, description="an industry whose methods and service plan to start from"
    )
    source: AnySource = Field(description="where the transactions are: file, pattern or folder")
    columns: Columns = Field(description="which column holds what")
    customers: Customers | None = Field(None, description="a table with one row per customer")
    balances: Balances | None = Field(None, description="a table of account balances")
    present_tiers: PresentTiers | None = Field(
        None, description="a table of the company's present tiers, for a scheme 'method: given'"
    )
    invoices: Invoices | None = Field(
        None, description="a table of invoices, from which a credit grade is made"
    )
    contacts: Contacts | None = Field(None, description="a table of contacts with customers")
    date_format: str | None = Field(
        None, description="of the purchases' dates, as %d.%m.%Y; else guessed"
    )
    keep: str | None = Field(None, description="which rows count, as: status = paid")
    split_by: Column | None = Field(
        None,
        description="a column of the purchases, such as region: each of its values gets a report, "
        "and a page compares their verdicts",
    )
    returns: str | None = Field(None, description="which rows are returns; written as 'keep' is")
    same_customer: tuple[Literal["case", "zeros", "signs"], ...] = Field(
        (),
        description="in what ids may differ and be one customer: upper and lower case, leading "
        "zeros, blanks and punctuation",
    )
    same_order: Literal["lines", "newest", "last"] = Field(
        "lines",
        description="what rows with one order id are: lines of it, or one order again, of which "
        "the newest file's rows count, or the last row",
    )
    duplicates: Literal["keep", "drop"] = Field(
        "keep", description="rows that repeat another one in all"
    )
    currency: str = Field("", description="of all amounts: USD, EUR, CNY ...")
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="what one unit of another currency is worth in 'currency'"
    )
    periods: Periods = Field(Periods(), description="when schemes learn, and when they are judged")
    methods: dict[str, Method] = Field(min_length=1, description="label: a scheme to compare")
    backtest: Backtest = Field(Backtest(), description="how schemes are judged")
    weights: Weights = Field(Weights(), description="of the secondary score, which decides nothing")
    readiness: Readiness = Field(Readiness(), description="what the data must carry")
    service: Service = Field(
        default_factory=lambda: Service(), description="which service each tier gets"
    )
    team: dict[str, Member] = Field(
        default_factory=dict, description="role: who is in touch with customers, and their hours"
    )
    costs: Costs = Field(Costs(), description="what turns amounts into margins")
    watchlists: Watchlists = Field(Watchlists(), description="who stands on which watch-list")
    identifiers: Literal["hide", "pseudonym", "show"] = Field(
        "hide", description="whether pages name customers: never, by a keyed pseudonym, by id"
    )
    history: Annotated[int, Field(ge=0)] = Field(
        0, description="runs of which a report keeps dated copies of results.json and report.html"
    )
    engine: AnyEngine | None = Field(
        None,
        description="where rows are read and rolled up: Spark, or with 'source' PostgreSQL, whose "
        "rows stay there; else DuckDB, here",
    )
    memory_limit: str = Field(
        "2GB",
        pattern=r"^\d+(\.\d+)?\s*[KMG]i?B$",
        description="what the database may use; it spills to disk beyond",
    )
    pages: tuple[str, ...] = Field(
        (),
        description="notebooks of the study's own, relative to the study file: each becomes a "
        "page at the report's end, or takes the place of the page with the same file name",
    )
    page_minutes: Annotated[float, Field(gt=0)] = Field(
        10, description="a notebook that has not ended by then is stopped, and the report with it"
    )

    @model_validator(mode="after")
    def _one_source_each(self) -> Study:
        for table, columns in MADE_OF.items():
            for name in columns if getattr(self, table) and self.customers else ():
                if name in self.customers.columns:
                    raise ValueError(
                        f"'{name}' is made of the table '{table}', and stands under the columns of "
                        "'customers' too; keep one"
                    )
        return self

    _file: Path = Path()
    # The transactions as they were opened, and a file that has them; copies have them too.
    _staged: tuple[Any, Path] | None = PrivateAttr(None)
    _lines: dict[tuple[Any, ...], int] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_totals(cls, value: Any) -> Any:
        """A customers table with totals is the source, and its columns stand for purchases."""
        customers = value.get("customers") if isinstance(value, Mapping) else None
        totals = customers.get("totals") if isinstance(customers, Mapping) else None
        if not isinstance(totals, Mapping):
            return value
        if both := [key for key in ("source", "columns", "balances") if value.get(key)]:
            raise ValueError(
                f"'customers.totals' stands in the place of purchases, but there is '{both[0]}' "
                "as well; remove one of the two"
            )
        customer = customers.get("customer_id", 1)
        columns = {
            "customer_id": customer,
            "date": totals.get("days_since_last") or customer,
            "amount": totals.get("monetary_total") or customer,
            "margin": totals.get("margin_total"),
        }
        return {**value, "source": customers.get("source", ""), "columns": columns}

    @property
    def untested(self) -> bool:
        """Whether there are totals of customers only, and no purchases to test a scheme on."""
        return self.customers is not None and self.customers.totals is not None

    @property
    def totals(self) -> dict[str, str | int]:
        """The columns of the totals of customers, where there are no purchases."""
        return self.customers.totals.mapped() if self.untested else {}

    @property
    def file(self) -> Path:
        """The YAML file this study was read from."""
        return self._file

    @property
    def name(self) -> str:
        """Short name of the study: its file name without the ending."""
        return self._file.stem

    @property
    def beside(self) -> dict[str, Section]:
        """The tables beside the transactions that the study has, in the order of their reading."""
        names = ("customers", "balances", "present_tiers", "invoices", "contacts")
        return {name: table for name in names if (table := getattr(self, name))}

    @property
    def has_plan(self) -> bool:
        """Whether the study, its preset or a team brings a service plan; else nobody's is shown."""
        return "service" in self.model_fields_set or bool(self.team)

    def refuse_unknown(self, label: str | None) -> None:
        """Raise if a label is given that none of the methods has."""
        if label is not None and label not in self.methods:
            raise StudyError(
                f"{self.file.name} has no method '{label}'{nearest(label, self.methods)}"
            )

    def says(self, *key: Any) -> bool:
        """Return whether the file itself has a key, so that no preset put it there."""
        return key in self._lines

    def where(self, *key: Any) -> str:
        """Return ``"orders.yaml, line 7"`` for a key path, for error messages."""
        return where(self._file, self._lines, key)


def where(file: Path, lines: Mapping[tuple[Any, ...], int], key: tuple[Any, ...]) -> str:
    """Return the place of a key path in a file, or of the nearest section around it."""
    while key and key not in lines:
        key = key[:-1]
    return f"{file.name}, line {lines[key]}" if key else file.name
