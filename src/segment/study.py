"""The study: one YAML file that says everything about a run.

``read`` turns the file into a checked ``Study``. Every mistake becomes one
sentence that names the key, its line and the nearest valid key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from segment.errors import StudyError, nearest

# Endings of data files, and how each is read.
ENDINGS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".gz": "csv",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


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
Share = Annotated[float, Field(gt=0, lt=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _left_open(cls, value: Any) -> Any:
        """A key with nothing behind it counts as left out."""
        if isinstance(value, Mapping):
            return {key: content for key, content in value.items() if content is not None}
        return value


class Source(_Section):
    """Where the transactions are and how the file is written."""

    path: str = Field(description="file, glob or folder; relative to the study file")
    format: Literal["csv", "excel", "parquet"] | None = None
    delimiter: Delimiter | None = None
    encoding: str | None = None
    header: bool = True
    sheet: str | Annotated[int, Field(ge=1)] | None = None
    decimal: Literal[".", ","] = "."


class Columns(_Section):
    """Which column holds what: a name, a position (from 1), or an expression."""

    customer_id: Column
    date: Column
    amount: Column
    order_id: Column | None = None
    margin: Column | None = None
    product: Column | None = None
    category: Column | None = None
    quantity: Column | None = None
    channel: Column | None = None
    region: Column | None = None

    def mapped(self) -> dict[str, str | int]:
        """Return the roles that the study fills, in a fixed order."""
        return {role: column for role, column in self if column is not None}


class Periods(_Section):
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

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that go to the method's constructor."""
        return dict(self.__pydantic_extra__ or {})


class Backtest(_Section):
    """How schemes are judged; the definitions stand in ``segment.backtest``."""

    capture_share: Share = 0.10
    margin: Annotated[float, Field(ge=0, lt=1)] = 0.02
    hiatus_days: Annotated[int, Field(ge=1)] = 182
    replicates: Annotated[int, Field(ge=100)] = 1000
    seed: Annotated[int, Field(ge=0)] = 1


class Weights(_Section):
    """Weights of the secondary score; they are scaled to add up to 1."""

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


class Readiness(_Section):
    """What the data must carry.

    Below the first three the run is refused; below the last two the report ranks
    the schemes and gives no verdict.
    """

    customers: Annotated[int, Field(ge=2)] = 20
    history_days: Annotated[int, Field(ge=2)] = 56
    holdout_days: Annotated[int, Field(ge=1)] = 14
    verdict_customers: Annotated[int, Field(ge=2)] = 100
    verdict_active: Annotated[int, Field(ge=1)] = 50


DEFAULT_METHODS: dict[str, dict[str, Any]] = {
    "ABC 80/95": {"method": "abc", "limits": [0.80, 0.95]},
    "Revenue tiers 5/20/50": {"method": "abc", "cut": "customers", "limits": [0.05, 0.20, 0.50]},
    "ABC computed": {"method": "abc", "cut": "computed"},
    "RFM sum": {"method": "rfm", "form": "sum"},
    "RFM tiers 10/30/60": {"method": "rfm", "form": "sum", "shares": [0.10, 0.30, 0.60]},
    "RFM segments": {"method": "rfm", "form": "segments"},
    "Clusters": {"method": "clusters"},
    "Value x loyalty": {"method": "quadrants"},
}


class Study(_Section):
    """A whole study, as the YAML file gives it."""

    title: str
    about: str = ""
    source: Source
    columns: Columns
    date_format: str | None = None
    keep: str | None = None
    duplicates: Literal["keep", "drop"] = "keep"
    currency: str = ""
    periods: Periods = Periods()
    methods: dict[str, Method] = Field(
        default_factory=lambda: {k: Method(**v) for k, v in DEFAULT_METHODS.items()}, min_length=1
    )
    backtest: Backtest = Backtest()
    weights: Weights = Weights()
    readiness: Readiness = Readiness()
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*[KMG]i?B$")] = "2GB"

    _file: Path = Path()
    _lines: dict[tuple[Any, ...], int] = {}

    @field_validator("source", mode="before")
    @classmethod
    def _path_alone(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("methods", mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {k: {"method": v} if isinstance(v, str) else v for k, v in value.items()}
        return value

    @property
    def file(self) -> Path:
        """The YAML file this study was read from."""
        return self._file

    @property
    def name(self) -> str:
        """Short name of the study: its file name without the ending."""
        return self._file.stem

    def where(self, *key: Any) -> str:
        """Return ``"orders.yaml, line 7"`` for a key path, for error messages."""
        return _where(self._file, self._lines, key)


class _Loader(yaml.SafeLoader):
    """The safe loader, with an error that has a line for a day such as 2024-02-30."""

    def construct_day(self, node: yaml.ScalarNode) -> Any:
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            raise yaml.constructor.ConstructorError(
                problem=f"there is no day {node.value}", problem_mark=node.start_mark
            ) from None


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_day)


def locate(path: str | Path) -> Path:
    """Find a study file in the working directory or one of its parents.

    Notebooks run with ``notebooks/`` or the project root as working directory;
    the same relative path must work from both.

    Raises
    ------
    StudyError
        If no such file exists.
    """
    path = Path(path)
    if path.suffix.lower() in ENDINGS:
        raise StudyError(
            f"'{path}' is a data file, not a study; 'segment init {path}' drafts a study from it."
        )
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (found := folder / path).is_file():
            return found
    raise StudyError(f"There is no study file '{path}' in {Path.cwd()} or above it.")


def read(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : str or Path
        The YAML file; a relative path is also looked for in parent folders.
    overrides : mapping of str to object, optional
        Values that replace those of the file, by dotted key: ``{"periods.cut": date}``.
        ``None`` leaves the file's value.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If the file is missing, is no YAML, or holds an unknown or wrong key.
    """
    file = locate(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError:
        raise StudyError(f"{file.name} is not UTF-8 text; save the study file as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise StudyError(f"{file.name}{line}: not valid YAML ({problem}).") from None
    if not isinstance(content, dict):
        raise StudyError(f"{file.name} holds no keys; it needs at least title, source and columns.")
    lines: dict[tuple[Any, ...], int] = {}
    _collect_lines(file, node, (), lines)
    for key, value in (overrides or {}).items():
        if value is not None:
            _override(file, content, key, value)
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        raise StudyError(_sentence(file, lines, error)) from None
    study._file, study._lines = file, lines
    return study


def _override(file: Path, content: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        if content.get(section) is None:
            content[section] = {}
        content = content[section]
        if not isinstance(content, dict):
            raise StudyError(f"{file.name}: '{key}' cannot be set, '{section}' is no section.")
    content[last] = value


def _collect_lines(file: Path, node: Any, path: tuple[Any, ...], lines: dict) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, key.value)
            line = key.start_mark.line + 1
            if here in lines:
                raise StudyError(
                    f"{file.name}, line {line}: '{key.value}' stands here a second time "
                    f"(first in line {lines[here]}); remove one."
                )
            lines[here] = line
            _collect_lines(file, value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _collect_lines(file, value, (*path, position), lines)


def _where(file: Path, lines: Mapping[tuple[Any, ...], int], key: tuple[Any, ...]) -> str:
    while key and key not in lines:
        key = key[:-1]
    return f"{file.name}, line {lines[key]}" if key else file.name


def _sentence(file: Path, lines: dict, error: ValidationError) -> str:
    """Say the first validation error in one sentence."""
    first = min(error.errors(), key=lambda e: lines.get(_key(e, lines), 10**9))
    key = _key(first, lines)
    where, dotted = _where(file, lines, key), ".".join(map(str, key)) or "the study"
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown key '{key[-1]}'{nearest(key[-1], _fields(key[:-1]))}"
    if first["type"] == "missing":
        return f"{where}: the key '{dotted}' is missing; add it."
    found = first["input"]
    shown = f", found {found!r}" if isinstance(found, (str, int, float, list, dt.date)) else ""
    problem = first["msg"][0].lower() + first["msg"][1:]
    if first["type"] == "value_error":
        problem = str(first["ctx"]["error"])
    elif first["type"] in ("model_type", "model_attributes_type", "dict_type"):
        problem = "this is a section, write 'key: value' lines below it"
    return f"{where}: '{dotted}': {problem}{shown}."


def _key(error: Any, lines: Mapping[tuple[Any, ...], int]) -> tuple[Any, ...]:
    """Drop what pydantic adds to a location (union branches) and YAML does not have."""
    key: tuple[Any, ...] = ()
    for part in error["loc"]:
        if error["type"] in ("missing", "extra_forbidden") or (*key, part) in lines:
            key = (*key, part)
    return key


def _fields(path: tuple[Any, ...]) -> list[str]:
    model: type[BaseModel] = Study
    for part in path:
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return []
        model = kind
    return list(model.model_fields)
