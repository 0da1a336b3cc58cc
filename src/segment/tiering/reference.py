"""What a study can say, for editors and the documentation: its schema and the methods' parameters.

A method's parameters stand in its docstring, in numpydoc form; nothing is written twice.
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from segment.study.file import presets
from segment.study.schema import Study
from segment.tiering import METHODS
from segment.tiering.base import Tiering

FILE = ".segment.schema.json"  # beside a study; hidden, so that no folder of data is read with it
# The first line of a study whose keys an editor completes and checks by that file.
LINE = f"# yaml-language-server: $schema={FILE}\n"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method, as its docstring and its constructor say."""

    name: str
    kind: str  # for example "int", or '{"sum", "segments"}'
    default: Any
    text: str  # in Markdown


def parameters(kind: type[Tiering]) -> list[Parameter]:
    """Return the parameters that the docstring of a method describes."""
    words = inspect.cleandoc(kind.__doc__)
    section = re.search(r"^Parameters\n-+\n(.*?)(?=\n\n\S[^\n]*\n-+\n|\Z)", words, re.M | re.S)
    if not section:
        return []
    parts = re.split(r"^(\w[\w, ]*) : (.+)\n", section[1], flags=re.M)[1:]
    return [
        Parameter(name, of_kind, _default(kind, name), " ".join(text.split()))
        for names, of_kind, text in zip(*[iter(parts)] * 3, strict=True)
        for name in names.split(", ")
    ]


def _default(kind: type[Tiering], name: str) -> Any:
    if is_dataclass(kind):
        field = {field.name: field for field in fields(kind)}[name]
        return field.default if field.default is not MISSING else field.default_factory()
    return inspect.signature(kind.__init__).parameters[name].default


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of a study."""
    whole = Study.model_json_schema()
    whole |= {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Study of segment"}
    whole["required"] = ["title"]
    totals = {"properties": {"customers": {"required": ["totals"]}}, "required": ["customers"]}
    whole["anyOf"] = [{"required": ["source", "columns"]}, totals]
    whole["properties"]["preset"] |= {"enum": [*presets(), None]}
    whole["properties"]["methods"]["additionalProperties"] = {
        "anyOf": [{"$ref": "#/$defs/Method"}, {"enum": [*METHODS, None]}]
    }
    method = whole["$defs"]["Method"]
    common = method["properties"]
    common["method"] |= {"anyOf": [{"enum": [*METHODS]}, {"pattern": ":"}]}
    method["allOf"] = [_only(name, [*common]) for name in METHODS]
    return whole


def _only(name: str, common: list[str]) -> dict[str, Any]:
    """Return what holds where the method is of this name: its parameters, and no others."""
    known = parameters(METHODS[name])
    names = [*common, *(parameter.name for parameter in known)]
    described = {
        p.name: {"description": f"{p.kind}. {p.text}", "default": p.default} for p in known
    }
    # A parameter of a method inside a method is named as scikit-learn does: of__by.
    only = {"anyOf": [{"enum": names}, {"pattern": "__"}]}
    return {
        "if": {"properties": {"method": {"const": name}}, "required": ["method"]},
        "then": {"properties": described, "propertyNames": only},
    }


def write_schema(folder: Path) -> Path:
    """Write the schema beside a study."""
    file = folder / FILE
    file.write_text(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
