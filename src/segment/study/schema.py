"""What a study can say: the sections of its YAML file and their checks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from segment.errors import StudyError, nearest
from segment.language import N_, Language
from segment.study.section import Section
from segment.study.service import Costs, Member, Service
from segment.study.settings import Backtest, Readiness, Watchlists, Weights

# Endings of data files, and how each is read.
ENDINGS = (
    dict.fromkeys((".csv", ".txt", ".tsv", ".gz", ".zip"), "csv")
    | dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "excel")
    | dict.fromkeys((".json", ".jsonl", ".ndjson"), "json")
    | dict.fromkeys((".parquet", ".pq"), "parquet")
)


def _column(value: Any) -> str | int:
    """Check the name, position or expression of a column."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise ValueError("a column is given by its name, its position from 1, or an expression")


def _day(value: Any) -> dt.date:
    """Check a day: a YAML date or the same as a text; a number is no day."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write the day as 2024-07-01") from None


def _delimiter(value: Any) -> str:
    named = {"tab": "\t", "\\t": "\t"}.get(value, value)
    if not isinstance(named, str) or len(named) != 1:
        raise ValueError("a delimiter is one sign, such as ';', or the word tab")
    return named


Column = Annotated[str | int, BeforeValidator(_column)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Delimiter = Annotated[str, BeforeValidator(_delimiter)]
Sheet = str | Annotated[int, Field(ge=1)]
# What features and outcomes are called; an attribute needs another name.
RESERVED = (
    r"(monetary|margin|past|main)_\w+|days_since_(first|last)|order_days|products|categories|growth"
    r"|balance_month_mean(_ago_\d+)?|next_value|value|active|customer_id"
)
Name = Annotated[str, Field(pattern=r"^[^\W\d]\w*$")]


class Source(Section):
    """Where the transactions are and how the file is written."""

    path: str = Field(description="file, glob or folder; relative to the study file")
    format: Literal["csv", "excel", "parquet", "json"] | None = Field(
        None, description="only where the content of a text does not tell"
    )
    delimiter: Delimiter | None = Field(
        None, description="between the columns of a text; else guessed"
    )
    encoding: str | None = Field(None, description="of a text: utf-8, gb18030 ...; else guessed")
    header: bool | Annotated[int, Field(ge=1)] = Field(
        True, description="false: no heading; 3: it stands in line 3"
    )
    sheet: Sheet | tuple[Sheet, ...] | None = Field(
        None, description="name or position, or several; all: every one alike; else the first"
    )
    fill_down: tuple[Column, ...] = Field(
        (), description="columns whose values stand on the first line of a block only"
    )
    decimal: Literal[".", ","] | None = Field(None, description="left out: judged by the column")


AnySource = Annotated[
    Source,
    BeforeValidator(
        lambda v: {"path": v} if isinstance(v, str) else v, json_schema_input_type=str | Source
    ),
]


class ColumnMap(Section):
    """Which column holds what: a name, a position (from 1), or an expression."""

    def mapped(self) -> dict[str, str | int]:
        """Return the roles that the study fills, in a fixed order."""
        return {role: column for role, column in self if column is not None}


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
    columns: dict[Name, Column] = Field(min_length=1, description="attribute: column")
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


class Balances(Section):
    """The balances table: what was on a customer's account from a day on."""

    source: AnySource = Field(description="the balances table")
    customer_id: Column = Field(description="whose account")
    date: Column = Field(description="the day from which the balance holds")
    balance: Column = Field(description="what is on the account, in the currency")
    date_format: str | None = Field(
        None, description="of the dates in it, as %d.%m.%Y; else guessed"
    )
    before_first: Literal["zero", "unknown"] = Field(
        "zero", description="what a customer had before the first record"
    )


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


class Method(BaseModel):
    """One tiering method: its registered name or import path, and its parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)
    method: str = Field(description="a method's name, or module:Class of your own")
    optional: bool = Field(False, description="left out where the data lack one of its columns")
    service: dict[str, str] = Field(default_factory=dict, description="tier: what it is offered")

    def words(self) -> set[str]:
        """Return the words that its parameters hold, names of columns among them."""
        return {*re.findall(r"\w+", str(self.parameters()))}

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that go to the method's constructor."""
        return dict(self.__pydantic_extra__ or {})

    def own_classes(self) -> list[str]:
        """Return the import paths of its class and of those inside of it, if they have any."""
        return [path for path in _methods_in("", self.model_dump()) if ":" in path]


def _methods_in(key: str, value: object) -> list[str]:
    """Return the names of methods in parameters, also as scikit-learn names them: of__method."""
    if isinstance(value, dict):
        return [name for inner, part in value.items() for name in _methods_in(inner, part)]
    return [value] if key.endswith("method") and isinstance(value, str) else []


# The cut that every study compares of the plain sort, the customers by what they had brought.
PLAIN_CUT = {"method": "abc", "cut": "customers", "limits": [0.05, 0.2, 0.5]}
DEFAULT_METHODS: dict[str, dict[str, Any]] = {
    N_("ABC 80/95"): {"method": "abc", "limits": [0.8, 0.95]},
    N_("Revenue tiers 5/20/50"): PLAIN_CUT,
    N_("ABC computed"): {"method": "abc", "cut": "computed"},
    N_("RFM sum"): {"method": "rfm", "form": "sum"},
    N_("RFM tiers 10/30/60"): {"method": "rfm", "form": "sum", "shares": [0.1, 0.3, 0.6]},
    N_("RFM segments"): {"method": "rfm", "form": "segments"},
    N_("Recent spend"): {"method": "recent_spend"},
    N_("Clusters"): {"method": "clusters"},
    N_("Value x loyalty"): {"method": "quadrants"},
    N_("Scorecard"): {"method": "scorecard"},
    N_("Learned tiers"): {"method": "learned"},
}


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
    date_format: str | None = Field(
        None, description="of the purchases' dates, as %d.%m.%Y; else guessed"
    )
    keep: str | None = Field(None, description="which rows count, as: status = paid")
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

    _file: Path = Path()
    _lines: dict[tuple[Any, ...], int] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path:
        """The YAML file this study was read from."""
        return self._file

    @property
    def name(self) -> str:
        """Short name of the study: its file name without the ending."""
        return self._file.stem

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
