"""The study: one YAML file that says everything about a run.

``read`` turns the file into a checked ``Study``. Every mistake becomes one
sentence that names the key, its line and the nearest valid key.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Mapping
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any, NoReturn, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from segment.errors import StudyError, nearest
from segment.language import LANGUAGES, N_, Language, into
from segment.study.methods import DEFAULT_METHODS, PLAIN_CUT
from segment.study.schema import Study, where
from segment.study.source import ENDINGS

OF_STUDY = "SEGMENT_STUDY"  # tells the notebooks of a report where its study is
# What to do about a missing key, where "add it" would not help everybody.
NO_DATE = (
    "Schemes learn before a cut date and are judged after it, so every row must be a purchase with "
    "its date; a table with one row per customer goes under 'customers.totals', and nothing can be "
    "tested on it"
)
MISSING = {"columns.date": f"add it. {NO_DATE}"}
# What is written today for a key that older studies hold.
RENAMED = {
    "backtest.capture_share": "served_share, the share of the customers that can be served",
    "backtest.margin": "practical_margin, in points of the next period's value",
}
# What ``PLAIN_CUT`` is called, by what the plain sort sorts.
PLAIN_CUTS = {
    "monetary_total": N_("Revenue tiers 5/20/50"),
    "margin_total": N_("Margin tiers 5/20/50"),
}
PRESETS = Path(__file__).parent / "presets"
MOST_SHOWN = 200  # characters of a wrong value
MOST_KEYS = 20_000  # aliases of aliases stand for billions


class _Loader(yaml.SafeLoader):
    """The safe loader, with an error that has a line for what is no value: 2024-02-30."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            made = super().construct_object(node, deep)
            if isinstance(made, int) and abs(made) > sys.maxsize:
                raise OverflowError
            if isinstance(made, str) and ("\0" in made or not made.isascii()):
                made.replace("\0", "\ud800").encode()  # half a sign, or none, cannot be written
            return made
        except (ValueError, AttributeError, LookupError, TypeError, OverflowError):
            found = str(node.value)[:40].encode("utf-8", "replace").decode()
            day = re.match(r"\d{4}-\d", found)
            problem = f"there is no day {found}" if day else f"'{found}' is no value"
            raise yaml.constructor.ConstructorError(
                problem=problem, problem_mark=node.start_mark
            ) from None


def locate(path: str | Path) -> Path:
    """Find a study file in the working directory or one of its parents.

    Notebooks run with ``notebooks/`` or the project root as working directory;
    the same relative path must work from both.
    """
    path = Path(path)
    if path.suffix.lower() in ENDINGS:
        raise StudyError(
            f"'{path}' is a data file, not a study; 'segment init {path}' drafts a study from it."
        )
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (file := folder / path).is_file():
            return file
    raise StudyError(f"There is no study file '{path}' in {Path.cwd()} or above it.")


def read(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
    """Read and check a study file; a relative path is also looked for in parent folders.

    ``overrides`` replace values of the file, by dotted key: ``{"periods.cut": date}``.
    ``None`` leaves the file's value. A label may hold dots itself.
    """
    file = locate(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=_Loader)
        lines: dict[tuple[Any, ...], int] = {}
        _collect_lines(file, node, (), lines)
        content = yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise StudyError(f"'{path}' cannot be read ({error.strerror}).") from None
    except RecursionError:
        raise StudyError(f"{file.name} is nested too deeply to be a study.") from None
    except UnicodeDecodeError:
        raise StudyError(f"{file.name} is not UTF-8 text; save the study file as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise StudyError(f"{file.name}{line}: not valid YAML ({problem}).") from None
    if not isinstance(content, dict):
        raise StudyError(f"{file.name} holds no keys; it needs at least title, source and columns.")
    changes = {key: value for key, value in (overrides or {}).items() if value is not None}
    language = changes.get("language") or content.get("language")
    if language in LANGUAGES:
        content, changes = _labels_into(language, content, changes, lines)
    content = _with_methods(content, where(file, lines, ("preset",)), language)
    for key, value in changes.items():
        _change(file, content, key, value)
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        raise StudyError(_sentence(file, lines, error)) from None
    study._file, study._lines = file, lines
    _refuse_unfit_service(study)
    return study


def presets() -> dict[str, Path]:
    """Return the files of the industry presets by name."""
    return {path.stem: path for path in sorted(PRESETS.glob("*.yaml"))}


def refuse_unknown_preset(name: object, place: str) -> None:
    """Raise a ``StudyError`` that names the nearest preset, unless there is this one."""
    if not isinstance(name, str) or name not in presets():
        raise StudyError(f"{place}: there is no preset '{name}'{nearest(name, presets())}")


def _with_methods(content: dict[str, Any], place: str, language: Any) -> dict[str, Any]:
    """Lay a study over its preset, or over the default methods where it has neither.

    What the study says wins, and what it nulls is left out.
    """
    own = content.pop("methods", None)
    below = {"methods": deepcopy(DEFAULT_METHODS) if own is None else {}}
    if _totals(content) is not None:  # not every total may be there
        for spec in below["methods"].values():
            spec["optional"] = True
    own = {} if own is None else own
    if not isinstance(own, Mapping):
        return content | {"methods": own}
    own = {label: {"method": s} if isinstance(s, str) else s for label, s in own.items()}
    if (name := content.get("preset")) is not None:
        refuse_unknown_preset(name, place)
        below = yaml.safe_load(presets()[name].read_text(encoding="utf-8"))
        optional = {label: {"optional": True} | spec for label, spec in below["methods"].items()}
        below["methods"] = optional
    if language in LANGUAGES:
        below["methods"] = _in_language(below["methods"], language)
    for label, spec in own.items():
        method = below["methods"].get(label, {}).get("method")
        if method and isinstance(spec, Mapping) and spec.get("method", method) != method:
            del below["methods"][label]  # another method takes none of its parameters
    merged = _merged(below, content | {"methods": own}, depth=2)
    merged["methods"] = {k: spec for k, spec in merged["methods"].items() if spec is not None}
    _add_plain_cut(merged, language)
    return merged


def _totals(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the totals of customers that a study names; None where it has purchases."""
    customers = content.get("customers")
    totals = customers.get("totals") if isinstance(customers, Mapping) else None
    return totals if isinstance(totals, Mapping) else None


def _add_plain_cut(content: dict[str, Any], language: Any) -> None:
    """Add the cut of the plain sort, by the unit of the outcome, where a study has none."""
    columns, methods = content.get("columns"), content["methods"]
    by_margin = isinstance(columns, Mapping) and columns.get("margin") is not None
    totals = _totals(content)
    by_margin = by_margin or (totals or {}).get("margin_total") is not None
    by = "margin_total" if by_margin else "monetary_total"
    if totals is not None and not {by, "monetary_mean"} & {*totals}:
        return
    cut = PLAIN_CUT | {"by": by}
    given = [{"by": "monetary_total"} | spec for spec in methods.values() if isinstance(spec, dict)]
    if methods and not any(cut.items() <= spec.items() for spec in given):
        label = into(language, PLAIN_CUTS[by]) if language in LANGUAGES else PLAIN_CUTS[by]
        optional = {} if totals is None else {"optional": True}  # there may be no amount
        methods[label if label not in methods else f"{label} *"] = cut | optional


def _in_language(
    methods: Mapping[str, dict[str, Any]], language: Language
) -> dict[str, dict[str, Any]]:
    """Translate labels and service words of a preset."""
    translated = {}
    for label, spec in methods.items():
        if "service" in spec:
            words = {tier: into(language, text) for tier, text in spec["service"].items()}
            spec = spec | {"service": words}
        translated[into(language, label)] = spec
    return translated


def _labels_into(
    language: Language,
    content: dict[str, Any],
    changes: Mapping[str, Any],
    lines: dict[tuple[Any, ...], int],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Translate labels that a study or a change writes in English and the catalogue knows."""
    for path, line in [*lines.items()]:
        at = 2 if path[:2] == ("service", "tiers") else 1 if path[:1] == ("methods",) else 99
        if len(path) > at:
            lines.setdefault((*path[:at], into(language, path[at]), *path[at + 1 :]), line)
    content, service = dict(content), content.get("service")
    if isinstance(content.get("methods"), dict):
        content["methods"] = _named_in(language, content["methods"])
    if isinstance(service, dict) and isinstance(service.get("tiers"), dict):
        content["service"] = service | {"tiers": _named_in(language, service["tiers"])}
    return content, {_key_in(language, key): value for key, value in changes.items()}


def _key_in(language: Language, key: str) -> str:
    """Return a dotted key with the label of a scheme translated; a label may hold dots itself."""
    section, *parts = key.split(".")
    for number in range(len(parts), 0, -1) if section == "methods" else ():
        label = ".".join(parts[:number])
        if (translated := into(language, label)) != label:
            return ".".join([section, translated, *parts[number:]])
    return key


def _named_in(language: Language, section: Mapping[Any, Any]) -> dict[Any, Any]:
    return {into(language, label): value for label, value in section.items()}


def _merged(below: dict[str, Any], above: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Lay sections over sections; a parameter, such as the tiers of a method, is replaced whole."""
    merged = dict(below)
    for key, value in above.items():
        both = depth and isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
        merged[key] = _merged(below[key], value, depth - 1) if both else value
    return merged


def _change(file: Path, content: dict[str, Any], key: str, value: Any) -> None:
    """Set the value of a dotted key; a key that stands there may hold dots itself."""
    rest, section = key, content
    while True:
        known = (str(name) for name in section if f"{rest}.".startswith(f"{name}."))
        name = max(known, key=len, default=rest.partition(".")[0])
        rest = rest[len(name) + 1 :]
        if not rest:
            section[name] = value
            return
        if section.get(name) is None:
            section[name] = {}
        section = section[name]
        if not isinstance(section, dict):
            raise StudyError(f"{file.name}: '{key}' cannot be set, '{name}' is no section.")


def _collect_lines(file: Path, node: Any, path: tuple[Any, ...], lines: dict) -> None:
    if node is None:
        return
    lines.setdefault(path, node.start_mark.line + 1)
    if len(lines) > MOST_KEYS:
        raise StudyError(
            f"{file.name} has more than {MOST_KEYS:,} keys; aliases (*) inside others?"
        )
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, key.value if isinstance(key.value, str) else None)
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


def _sentence(file: Path, lines: dict, error: ValidationError) -> str:
    """Say the first validation error in one sentence."""
    first = min(error.errors(), key=lambda e: lines.get(_key(e, lines), 10**9))
    key = _key(first, lines)
    place, dotted = where(file, lines, key), ".".join(map(str, key)) or "the study"
    if first["type"] == "extra_forbidden" and dotted in RENAMED:
        return f"{place}: '{dotted}' is gone; write {RENAMED[dotted]}."
    if first["type"] == "extra_forbidden":
        return f"{place}: unknown key '{key[-1]}'{nearest(key[-1], _fields(key[:-1]))}"
    if first["type"] == "missing":
        return f"{place}: the key '{dotted}' is missing; {MISSING.get(dotted, 'add it')}."
    given = first["input"]
    if isinstance(given, (str, list)) and len(repr(given)) > MOST_SHOWN:
        given = f"{repr(given)[:MOST_SHOWN]} ..."
    shown = f", found {given!r}" if isinstance(given, (str, int, float, list, dt.date)) else ""
    problem = first["msg"][0].lower() + first["msg"][1:]
    if first["type"] == "value_error":
        problem = str(first["ctx"]["error"])
    elif first["type"] in ("model_type", "model_attributes_type", "dict_type"):
        problem = "this is a section, write 'key: value' lines below it"
    return f"{place}: '{dotted}': {problem}{shown}."


def _key(error: Any, lines: Mapping[tuple[Any, ...], int]) -> tuple[Any, ...]:
    """Drop what pydantic adds to a location (union branches) and YAML does not have."""
    key: tuple[Any, ...] = ()
    for part in error["loc"]:
        if error["type"] in ("missing", "extra_forbidden") or (*key, part) in lines:
            key = (*key, part)
    return key


def _fields(path: tuple[Any, ...]) -> list[str]:
    kind: Any = Study
    for part in path:
        if _is_section(kind):
            kind = kind.model_fields[part].annotation if part in kind.model_fields else None
        elif get_origin(kind) in (dict, tuple):
            kind = get_args(kind)[-1 if get_origin(kind) is dict else 0]
        while get_args(kind) and get_origin(kind) not in (dict, tuple):  # Customers | None
            kind = next(k for k in get_args(kind) if k is not NoneType)
    return list(kind.model_fields) if _is_section(kind) else []


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _refuse_unfit_service(study: Study) -> None:
    """Raise unless levels, hours, team and methods speak of the same roles and tiers."""
    plan, names = study.service, study.service.names

    def refuse(problem: str, *keys: Any) -> NoReturn:
        raise StudyError(f"{study.where(*keys)}: {problem}")

    for position, level in enumerate(plan.levels):
        keys = ("service", "levels", position)
        if level.name in names[:position]:
            refuse(f"a second level is called '{level.name}'; rename one.", *keys)
        contacts = [(role, kind) for role, kinds in level.contacts.items() for kind in kinds]
        for role, kind in contacts:
            if plan.hours_of(role, kind) is None:
                meant = nearest(kind, plan.hours)
                refuse(
                    f"nothing says how many hours a '{kind}' takes; add 'hours: {{{kind}: 0.5}}' "
                    f"under 'service'{meant if 'did you mean' in meant else '.'}",
                    *(*keys, "contacts", role, kind),
                )
    for better, worse in pairwise(level for level in plan.levels if level.weight is not None):
        if worse.weight > better.weight:
            refuse(
                f"'{worse.name}' weighs more than '{better.name}' above it; levels stand best "
                "first.",
                *("service", "levels", names.index(worse.name), "weight"),
            )
    if plan.floor is not None and plan.floor not in names:
        refuse(f"there is no level '{plan.floor}'{nearest(plan.floor, names)}", "service", "floor")
    lowest = names.index(plan.floor) if plan.floor is not None else len(names) - 1
    for label, tiers in plan.tiers.items():
        keys = ("service", "tiers", label)
        if label not in study.methods and study.says(*keys):
            refuse(f"there is no method '{label}'{nearest(label, study.methods)}", *keys)
        for tier, level in tiers.items():
            if level not in names:
                refuse(f"there is no level '{level}'{nearest(level, names)}", *keys, tier)
            if names.index(level) > lowest:
                refuse(
                    f"'{level}' lies below the floor, '{plan.floor}'; raise the one or lower the "
                    "other.",
                    *(*keys, tier),
                )
    for role in study.team:
        if role not in plan.roles:
            meant = nearest(role, plan.roles)
            refuse(f"the service plan has no role '{role}'{meant}", "team", role)
