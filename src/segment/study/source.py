"""Where a table of a study comes from: files in any form, or a database."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from segment.errors import StudyError
from segment.study.section import Section

# Endings of data files, and how each is read.
ENDINGS = (
    dict.fromkeys((".csv", ".txt", ".tsv", ".gz", ".zip"), "csv")
    | dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "excel")
    | dict.fromkeys((".json", ".jsonl", ".ndjson"), "json")
    | dict.fromkeys((".parquet", ".pq"), "parquet")
)

# Databases that are asked over the network, by what their url begins with.
DATABASES = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}


def _column(value: Any) -> str | int:
    """Check the name, position or expression of a column."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise ValueError("a column is given by its name, its position from 1, or an expression")


def _delimiter(value: Any) -> str:
    named = {"tab": "\t", "\\t": "\t"}.get(value, value)
    if not isinstance(named, str) or len(named) != 1:
        raise ValueError("a delimiter is one sign, such as ';', or the word tab")
    return named


Column = Annotated[str | int, BeforeValidator(_column)]
Delimiter = Annotated[str, BeforeValidator(_delimiter)]
Sheet = str | Annotated[int, Field(ge=1)]


class Source(Section):
    """Where the transactions are and how the file is written."""

    path: str | None = Field(
        None,
        description="file, glob or folder, also of Delta, or a file of SQLite or DuckDB; relative "
        "to the study file",
    )
    url: str | None = Field(
        None,
        description="of a database in place of a path, without its password: "
        "postgresql://user@host/shop, mysql://, mariadb://",
    )
    table: str | None = Field(None, description="of the database: orders, or sales.orders")
    query: str | None = Field(None, description="a SELECT in its SQL, in place of a table")
    time_zone: str = Field(
        "UTC",
        description="on whose clocks its instants (timestamptz; MySQL's TIMESTAMP) fall on a day: "
        "Asia/Shanghai, +08:00",
    )
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

    @property
    def is_database(self) -> bool:
        """Whether rows are asked of a database rather than read from files of a table."""
        return bool(self.url or self.table or self.query)

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if (self.path is None) == (self.url is None):
            raise ValueError("name either the 'path' of files or the 'url' of a database")
        if "://" in (self.path or ""):
            raise ValueError("a database stands under 'url', not under 'path'")
        if self.table and self.query:
            raise ValueError("keep either 'table' or 'query'")
        if self.url is not None:
            _refuse_url(self.url)
        if not re.fullmatch(r"[+-]\d\d:\d\d", self.time_zone):
            try:
                ZoneInfo(self.time_zone)
            except (ValueError, OSError, KeyError):
                raise ValueError(
                    f"there is no time zone '{self.time_zone}'; write Asia/Shanghai, or +08:00"
                ) from None
        return self


class Engine(Section):
    """Where rows are read, checked and rolled up, if not by DuckDB on this machine."""

    spark: str | None = Field(
        None, description="a master, as local[2] or spark://host:7077, or sc://host"
    )
    source: bool = Field(False, description="PostgreSQL itself, where the orders are")

    @model_validator(mode="after")
    def _known_master(self) -> Engine:
        if self.source == bool(self.spark):
            raise ValueError(
                "write 'engine: source', or a master as in 'engine: {spark: local[2]}'"
            )
        if self.spark and not re.fullmatch(
            r"local(\[(\d+|\*)\])?|yarn|(spark|k8s|sc)://\S+", self.spark
        ):
            raise ValueError(
                f"'{self.spark}' is no master of Spark; write local[2], spark://host:7077, or "
                "sc://host for Spark Connect"
            )
        return self


AnyEngine = Annotated[
    Engine,
    BeforeValidator(
        lambda value: {"source": True} if value == "source" else value,
        json_schema_input_type=Literal["source"] | Engine,
    ),
]


def _refuse_url(url: str) -> None:
    """Refuse a url of another kind of database, or with a password, which is not repeated."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in DATABASES:
        named = f"'{scheme}'" if re.fullmatch(r"[\w+]+", scheme) and rest else "this"
        raise ValueError(
            f"{named} is no database that is read; a url begins with "
            f"{', '.join(f'{name}://' for name in DATABASES)}, and a file is named by its 'path'"
        )
    in_login = re.match(r"[^@/?#]*:(?!\d*[/?])[^@]*@", rest)  # what stands behind : is no port
    if in_login or re.search(r"[?&]\s*(ssl_?)?pass(wor|w)?d?=", url, re.IGNORECASE):
        raise ValueError(
            "the url holds a password; take it out, as it is read from the environment "
            "(PGPASSWORD, MYSQL_PWD) or from the driver's own file (~/.pgpass, ~/.my.cnf)"
        )
    server = r"([^/@]*@)?(\[[^]]*\]|[^:/]*)(:\d*)?([/?]|$)"
    if not scheme.startswith("postgres") and not re.match(server, rest):
        raise ValueError("behind the ':' of a server in a url stands the number of its port")


def _source(value: Any) -> Any:
    """Take a text for the path of files, or for the url of a database."""
    if isinstance(value, str):
        return {"url" if re.match(r"\w[\w+]*://", value) else "path": value}
    return value


AnySource = Annotated[Source, BeforeValidator(_source, json_schema_input_type=str | Source)]


def named_source(place: str, sheet: str | None = None, table: str | None = None) -> Source:
    """Return the source that a file, glob, folder or url is, with a sheet or table of it."""
    number = int(sheet) if sheet and sheet.isdigit() else sheet
    try:
        return Source(**_source(place), sheet=number, table=table)
    except ValidationError as error:
        raise StudyError(f"{error.errors()[0]['ctx']['error']}.") from None
