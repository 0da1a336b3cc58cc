"""What a study can say: the sections of its YAML file and their checks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from segment.language import N_, Language
from segment.study.section import Section
from segment.study.service import Costs, Member, Service

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
Share = Annotated[float, Field(gt=0, lt=1)]
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
    delimiter: Delimiter | None = None
    encoding: str | None = None
    header: bool | Annotated[int, Field(ge=1)] = Field(
        True, description="false: no heading; 3: it stands in line 3"
    )
    sheet: Sheet | tuple[Sheet, ...] | None = Field(None, description="all: every one alike")
    fill_down: tuple[Column, ...] = Field(
        (), description="columns whose values stand on the first line of a block only"
    )
    decimal: Literal[".", ","] | None = Field(None, description="left out: judged by the column")


AnySource = Annotated[Source, BeforeValidator(lambda v: {"path": v} if isinstance(v, str) else v)]


class ColumnMap(Section):
    """Which column holds what: a name, a position (from 1), or an expression."""

    def mapped(self) -> dict[str, str | int]:
        """Return the roles that the study fills, in a fixed order."""
        return {role: column for role, column in self if column is not None}


class Columns(ColumnMap):
    """The columns of the transactions."""

    customer_id: Column
    date: Column
    amount: Column
    currency: Column | None = None
    order_id: Column | None = None
    margin: Column | None = None
    product: Column | None = None
    category: Column | None = None
    quantity: Column | None = None
    channel: Column | None = None
    region: Column | None = None


class Contact(ColumnMap):
    """Columns of the customers table that only the check of the customer file reads.

    They are no attributes: no scheme and no page sees them.
    """

    name: Column | None = None
    person: Column | None = None
    phone: Column | None = None
    email: Column | None = None
    address: Column | None = None


class Customers(Section):
    """The customers table: one row per customer, with what is known beside purchases."""

    source: AnySource
    customer_id: Column
    columns: dict[Name, Column] = Field(min_length=1, description="attribute: column")
    categories: tuple[str, ...] = Field((), description="attributes that are codes, not numbers")
    contact: Contact = Contact()
    known_on: Day | None = Field(None, description="the day the table was written")
    date_format: str | None = None

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

    source: AnySource
    customer_id: Column
    date: Column
    balance: Column
    date_format: str | None = None
    before_first: Literal["zero", "unknown"] = "zero"


class Periods(Section):
    """Calibration is ``[start, cut)``, holdout is ``[cut, end)``."""

    start: Day | None = None
    cut: Day | None = None
    end: Day | None = None

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
    method: str
    optional: bool = Field(False, description="left out where the data lack one of its columns")
    service: dict[str, str] = Field(default_factory=dict, description="tier: what it is offered")

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that go to the method's constructor."""
        return dict(self.__pydantic_extra__ or {})


class Backtest(Section):
    """How schemes are judged; the definitions stand in ``segment.evidence.comparison``."""

    served_share: Share = Field(0.20, description="share of the customers that can be served")
    practical_margin: Annotated[float, Field(ge=0, lt=100)] = Field(
        0.5, description="gains up to this do not matter; points of the next period's value"
    )
    origins: Annotated[int, Field(ge=1)] = Field(
        5, description="cut dates, the study's own the last; fewer where the history is short"
    )
    hiatus_days: Annotated[int, Field(ge=1)] = Field(182, description="of the recency yardstick")
    replicates: Annotated[int, Field(ge=100)] = 1000
    limits: Literal["fixed", "refitted"] = Field(
        "fixed", description="refitted: limits are learned anew in every resample; slow"
    )
    seed: Annotated[int, Field(ge=0)] = 1
    most_resampled: Annotated[int, Field(ge=1)] = Field(
        100_000, description="customers up to which draws are resamples, not approximations"
    )


class Weights(Section):
    """Weights of the secondary score; they are scaled to add up to 1.

    The score is that of the main cut; it never overrules the verdict.
    """

    gini: Annotated[float, Field(ge=0)] = 0.35
    capture: Annotated[float, Field(ge=0)] = 0.20
    auc: Annotated[float, Field(ge=0)] = 0.10
    stability: Annotated[float, Field(ge=0)] = 0.15
    simplicity: Annotated[float, Field(ge=0)] = 0.15
    balance: Annotated[float, Field(ge=0)] = 0.05

    @model_validator(mode="after")
    def _some_weight(self) -> Weights:
        if sum(weight for _, weight in self) <= 0:
            raise ValueError("the weights add up to 0; give at least one a positive value")
        return self


class Readiness(Section):
    """What the data must carry.

    Below the first three the run is refused; below the last two the report ranks
    the schemes and gives no verdict.
    """

    # Bought before the cut. 20 fill four tiers with five each; with fewer, a tier is a list
    # of names.
    customers: Annotated[int, Field(ge=2)] = 20
    # Before the cut. Eight weeks hold two purchases of a monthly buyer, so that recency and
    # frequency can differ at all.
    history_days: Annotated[int, Field(ge=2)] = 56
    # After the cut. Two weeks hold every day of the week twice; whether they also hold a
    # purchase cycle is said as a caution.
    holdout_days: Annotated[int, Field(ge=1)] = 14
    # Of 100 customers the best tenth is ten people, and a share among 50 who buy again has a
    # standard error of .07; with fewer, no gap would show.
    verdict_customers: Annotated[int, Field(ge=2)] = 100
    verdict_active: Annotated[int, Field(ge=1)] = 50


class Watchlists(Section):
    """Who stands on which watch-list."""

    # Customers whom a list holds at most. Default: all who meet its rule; the call list holds as
    # many of them as the hours allow.
    most: Annotated[int, Field(ge=1)] | None = None
    # Share of the last year's customers, the largest, who count as large: the share that the
    # service budget covers in the back-test.
    large: Share = 0.10
    # Usual intervals after which a customer is overdue. Somebody who buys at random moments
    # is silent for two of them one time in seven, for one every third time.
    late: Annotated[float, Field(ge=1)] = 2.0
    # Nobody is overdue sooner: a fortnight bridges a holiday.
    silent_days: Annotated[int, Field(ge=1)] = 14
    # A large customer is unhappy who complained repeatedly, or up to this satisfaction, in the
    # unit of the customers table: a single complaint may have been settled.
    complaints_least: Annotated[float, Field(gt=0)] = 2
    satisfaction_most: float = 2
    # The best tiers that together hold at most this share of the customers are high.
    high: Share = 0.30
    # A customer is close below a limit if so much more money reaches it.
    near: Share = 0.10
    # Growth against the equally long time before the cut from which a customer rises fast.
    # The two times may overlap, which makes growth look smaller than it is.
    growth: Annotated[float, Field(gt=0)] = 0.5
    # Customers who must have bought two items for one to be offered for the other.
    both_least: Annotated[int, Field(ge=1)] = 5
    # Days without a purchase after which a customer is dormant: a year holds every season.
    dormant_days: Annotated[int, Field(ge=1)] = 365


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

    title: str
    about: str = ""
    language: Language = "en"
    preset: str | None = None
    source: AnySource
    columns: Columns
    customers: Customers | None = None
    balances: Balances | None = None
    date_format: str | None = None
    keep: str | None = None
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
    duplicates: Literal["keep", "drop"] = "keep"
    currency: str = ""
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="what one unit of another currency is worth in 'currency'"
    )
    periods: Periods = Periods()
    methods: dict[str, Method] = Field(min_length=1)
    backtest: Backtest = Backtest()
    weights: Weights = Weights()
    readiness: Readiness = Readiness()
    service: Service = Field(default_factory=lambda: Service())
    team: dict[str, Member] = Field(default_factory=dict)
    costs: Costs = Costs()
    watchlists: Watchlists = Watchlists()
    identifiers: Literal["hide", "pseudonym", "show"] = Field(
        "hide", description="whether pages name customers: never, by a keyed pseudonym, by id"
    )
    history: Annotated[int, Field(ge=0)] = Field(
        0, description="runs of which a report keeps dated copies of results.json and report.html"
    )
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*[KMG]i?B$")] = "2GB"
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
