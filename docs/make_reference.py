"""Write docs/reference.md: all keys of a study and all parameters of the methods.

Run ``python docs/make_reference.py`` from the project folder. All of it comes from the schema of a
study and from the methods' docstrings.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import yaml

from segment.features.given import FEATURES
from segment.tiering import METHODS
from segment.tiering.reference import Parameter, parameters, schema

FILE = Path(__file__).parent / "reference.md"
HEAD = """\
# Reference

Made by `python docs/make_reference.py`; do not edit. Editors show the same while you write:
`segment schema` puts it beside your studies. A key that is left out, or left empty, has its
default; a dash means none. Every value can be changed for one run:
`segment report orders.yaml --set periods.cut=2024-04-01`.

"""
RANGES = {
    "minimum": "from",
    "exclusiveMinimum": "above",
    "maximum": "to",
    "exclusiveMaximum": "below",
}


def reference() -> str:
    """Return the reference in Markdown."""
    whole = schema()
    parts = [HEAD, "## Keys of a study\n\n", *_section("", whole, whole["$defs"], {})]
    features = "\n".join(f"| `{name}` | {text} |" for name, text in FEATURES.items())
    parts.append(f"## Figures of a customer\n\n| Column | What it is |\n|---|---|\n{features}\n\n")
    parts.append("## Parameters of the methods\n\n")
    for name, kind in METHODS.items():
        summary = inspect.cleandoc(kind.__doc__).split("\n\n")[0].replace("\n", " ")
        parts.append(f"### {name}\n\n{summary}\n\n")
        known = parameters(kind)
        parts.append(_table("Parameter", [_parameter(p) for p in known]) if known else "None.\n\n")
    return "".join(parts).rstrip() + "\n"


def _section(
    path: str, section: dict[str, Any], known: dict[str, Any], shown: dict[str, str]
) -> list[str]:
    """Return the keys of a section, then those of the sections inside it, each kind once."""
    rows, inside = [], []
    required = section.get("required", [])
    for key, value in section["properties"].items():
        name, step = _below(value)
        kind = f"as `{shown[name]}`" if name in shown else "section" if name else _kind(value)
        if name and name not in shown:
            shown[name] = f"{path}{key}{step}".rstrip(".")
            inside += _section(f"{path}{key}{step}", known[name], known, shown)
        default = "needed" if key in required else _value(None if name else value.get("default"))
        rows.append((key, kind, default, value["description"]))
    heading = f"`{path.rstrip('.')}`" if path else "The study"
    return [f"### {heading}\n\n", _table("Key", rows), *inside]


def _below(value: dict[str, Any]) -> tuple[str, str]:
    """Return the section that a key holds, and how its keys are reached; empty if none."""
    if "$ref" in value:
        return value["$ref"].rsplit("/", 1)[1], "."
    for part in value.get("anyOf", []):
        if found := _below(part)[0]:
            return found, _below(part)[1]
    for key, step in (("additionalProperties", ".NAME."), ("items", "[]."), ("prefixItems", "[].")):
        part = value.get(key)
        if isinstance(part, dict) and (found := _below(part)[0]):
            return found, step
    return "", ""


def _kind(value: dict[str, Any]) -> str:
    if "enum" in value:
        return " or ".join(f"`{_text(word)}`" for word in value["enum"] if word is not None)
    if "anyOf" in value:
        kinds = [_kind(part) for part in value["anyOf"] if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    words = {"array": "list", "string": "text", "integer": "whole number", "object": "mapping"}
    kind = words.get(value.get("type"), value.get("type", "any"))
    kind = "day" if value.get("format") == "date" else kind
    if kind == "boolean":
        return "`true` or `false`"
    return " ".join([kind, *(f"{word} {value[k]:g}" for k, word in RANGES.items() if k in value)])


def _parameter(p: Parameter) -> tuple[str, str, str, str]:
    kind = p.kind.removesuffix(", optional").replace('"', "`").strip("{}").replace("`, `", "` or `")
    return p.name, kind, _value(p.default), p.text.replace("``", "`")


def _value(default: Any) -> str:
    return "–" if default is None or default in ("", [], (), {}) else f"`{_text(default)}`"


def _text(value: Any) -> str:
    """Return a value as a study writes it, in one line."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("...\n").strip()


def _table(first: str, rows: list[tuple[str, str, str, str]]) -> str:
    lines = [f"| {first} | Value | Default | What it is |", "|---|---|---|---|"]
    for key, *cells in rows:
        lines.append(
            " | ".join([f"| `{key}`", *(cell.replace("|", "\\|") for cell in cells)]) + " |"
        )
    return "\n".join(lines) + "\n\n"


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
    print(FILE.name)
