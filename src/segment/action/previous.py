"""A run against the last saved one: what changed, and is it more than noise?

Reads ``results.json`` of this schema and of earlier ones: what an older file does not hold is
missing, never an error.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import stats

from segment.evidence.intervals import NORMAL

FILE = "previous.json"
# Of results.json. 1 had no number, judged at another share and recommended by another rule.
SCHEMA = 2
# Figures with an interval: section of the results, and name.
FIGURES = {"gini": "figures", "capture": "figures", "skill": "figures", "kappa": "stability"}
# Parameters that change no figure.
IGNORED = {"title", "about", "language", "identifiers", "pages", "history"}
IGNORED |= {"memory_limit", "engine"}
ROUNDING = 1e-9
DEEPEST = 40  # results are not nested so deep


@dataclass(frozen=True)
class Previous:
    """The last saved results; where they cannot be read, why not.

    "broken" (no JSON, or damaged), "other" (of something else) or "later" (of a later schema).
    """

    results: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Comparison:
    """What changed between two runs of a study; what the old one does not say is missing.

    ``made``: when the old run was made; ``same_files``: None if it does not say. ``inputs``:
    ``what``, ``old``, ``new``, ``changed``. ``parameters`` and ``versions`` (of the software):
    ``key``, ``old``, ``new`` as text. ``figures``: ``label``, ``figure``, ``old``, ``new``,
    ``difference``, ``noise`` (differences up to this are none), ``beyond``. ``resized``: whether a
    tier of a scheme in both runs holds more or fewer customers. ``old`` and ``new`` are the
    verdicts, ``earlier`` says whether the old run is of an earlier schema.
    """

    made: str
    same_files: bool | None
    inputs: pd.DataFrame
    parameters: pd.DataFrame
    versions: pd.DataFrame
    resized: bool
    figures: pd.DataFrame
    old: dict[str, Any]
    new: dict[str, Any]
    earlier: bool

    @property
    def same_data(self) -> bool:
        """Whether the files are the same and the same rows and periods of them were used."""
        return self.same_files is True and not self.inputs["changed"].any()

    @property
    def nothing(self) -> bool:
        """Whether nothing at all changed."""
        figures = self.figures
        return not (
            len(self.parameters)
            or len(self.versions)
            or not self.same_data
            or self.old != self.new
            or self.resized
            or (figures["difference"].abs() > ROUNDING).any()
            or (figures["old"].isna() != figures["new"].isna()).any()
        )


def read(file: Path) -> Previous | None:
    """Return saved results; None if there is no file."""
    if not file.exists():
        return None
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        json.dumps(results, ensure_ascii=False).encode()  # half a sign cannot be written
    except (OSError, ValueError, RecursionError):
        return Previous({}, "broken")
    if _depth(results) > DEEPEST:
        return Previous({}, "broken")
    if not isinstance(results, dict) or not results.keys() & {"figures", "verdict", "facts"}:
        return Previous({}, "other")
    return Previous({}, "later") if _schema(results) > SCHEMA else Previous(results)


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        parts = [part for part in level if isinstance(part, (dict, list))]
        level = [v for part in parts for v in (part.values() if isinstance(part, dict) else part)]
        depth += 1
    return depth


def _schema(results: Mapping[str, Any]) -> int:
    schema = results.get("schema")
    return schema if isinstance(schema, int) else 1


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two results of a study, as the pages save them, or as another version did.

    A difference is more than noise if it exceeds z sqrt(se_old^2 + se_new^2), with the standard
    errors from the 95 % intervals and z for all compared differences at once (Bonferroni). Data
    that merely grew share customers with the old ones: the limit is then too wide rather than too
    narrow.
    """
    fingerprint = _text(old.get("fingerprint"))
    return Comparison(
        made=_text(old.get("made")),
        same_files=fingerprint == _text(new.get("fingerprint")) if fingerprint else None,
        inputs=_inputs(old, new),
        parameters=_parameters(old, new),
        versions=_changes(_flat(_part(old, "versions")), _flat(_part(new, "versions"))),
        resized=_sizes(old, new) != _sizes(new, old),
        figures=_figures(old, new),
        old=_verdict(old),
        new=_verdict(new),
        earlier=_schema(old) < _schema(new),
    )


def other_verdict(old: Path, new: Path) -> bool:
    """Return whether two saved results recommend different schemes; False if one does not say."""
    saved = [each.results if (each := read(file)) else {} for file in (old, new)]
    before, now = (_part(results, "verdict") for results in saved)
    return bool(before and now) and before.get("recommended") != now.get("recommended")


def scheme(run: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return the parameters of a scheme in saved results; empty if they do not have it."""
    return _part(_part(_part(run, "parameters"), "methods"), label)


def _part(run: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = run.get(name)
    return part if isinstance(part, dict) else {}


def _rows(run: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = run.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if usable and abs(value) <= sys.float_info.max else math.nan


def _flat(value: object, key: str = "") -> dict[str, str]:
    """Return nested parameters as one level: ``backtest.seed``."""
    if isinstance(value, dict) and value:
        parts = (_flat(inner, f"{key}.{name}" if key else name) for name, inner in value.items())
        return {name: text for part in parts for name, text in part.items()}
    return {key: json.dumps(value, ensure_ascii=False, sort_keys=True)} if key else {}


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> pd.DataFrame:
    """Return what differs between two runs that both say something."""
    keys = sorted({*old, *new}) if old and new else []
    rows = [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
    return pd.DataFrame(rows, columns=["key", "old", "new"], dtype=object)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """Return the parameters that differ; a scheme added or removed is one row."""
    schemes = [_part(_part(run, "parameters"), "methods") for run in (old, new)]
    both = schemes[0].keys() & schemes[1].keys()
    sides = []
    for run, methods in zip((old, new), schemes, strict=True):
        flat = _flat(
            {k: v for k, v in _part(run, "parameters").items() if k not in {*IGNORED, "methods"}}
        )
        for label, parameters in methods.items():
            key = f"methods.{label}"
            flat |= _flat(parameters, key) if label in both else {key: label}
        sides.append(flat)
    if _schema(old) < _schema(new):  # what one version alone can say, nobody has changed
        alone = {f"methods.{label}" for label in schemes[0].keys() ^ schemes[1].keys()}
        known = sides[0].keys() & sides[1].keys() | alone
        sides = [{key: text for key, text in side.items() if key in known} for side in sides]
    return _changes(*sides)


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    names = {"facts": ("rows", "customers", "first", "last"), "periods": ("start", "cut", "end")}
    rows = [
        (name, _part(old, part).get(name), _part(new, part).get(name))
        for part, asked in names.items()
        for name in asked
    ]
    inputs = pd.DataFrame(rows, columns=["what", "old", "new"], dtype=object)
    known = inputs["old"].notna() & inputs["new"].notna()
    return inputs.assign(changed=known & (inputs["old"] != inputs["new"]))


def _figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    before, after, none = _judged(old), _judged(new), (math.nan, math.nan)
    if _schema(old) < _schema(new):
        before = {key: value for key, value in before.items() if key[0] != "capture"}
    rows = []
    for figure, label in sorted({**after, **before}, key=lambda key: [*FIGURES].index(key[0])):
        sides = [run.get((figure, label), none) for run in (before, after)]
        values, errors = zip(*sides, strict=True)
        rows.append((label, figure, *values, math.hypot(*errors)))
    figures = pd.DataFrame(rows, columns=["label", "figure", "old", "new", "noise"])
    difference = figures["new"] - figures["old"]
    figures["noise"] *= stats.norm.ppf(1 - 0.025 / max(1, int(difference.notna().sum())))
    figures.insert(4, "difference", difference)
    figures["beyond"] = difference.abs() > figures["noise"] + ROUNDING
    return figures


def _judged(run: Mapping[str, Any]) -> dict[tuple[str, str], tuple[float, float]]:
    """Return every figure of every scheme, and its standard error from the 95 % interval."""
    leaves = {}
    for figure, section in FIGURES.items():
        for row in _rows(run, section):
            if row.get("kind", "method") == "method":
                names = (figure, f"{figure}_low", f"{figure}_high")
                value, low, high = (_number(row.get(name)) for name in names)
                leaves[figure, _text(row.get("label"))] = value, (high - low) / (2 * NORMAL)
    return leaves


def _sizes(run: Mapping[str, Any], other: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """Return the customers in the tiers of schemes that another run holds as well."""
    both = {_text(row.get("label")) for row in _rows(other, "tiers")}
    rows = [row for row in _rows(run, "tiers") if _text(row.get("label")) in both]
    return {
        (_text(row.get("label")), _text(row.get("tier"))): _number(row.get("customers"))
        for row in rows
    }


def _verdict(run: Mapping[str, Any]) -> dict[str, Any]:
    verdict = _part(run, "verdict")
    names = verdict.get("candidates")
    return {
        "recommended": _text(verdict.get("recommended")) or None,
        "best": _text(verdict.get("best")),
        "candidates": [str(name) for name in names] if isinstance(names, list) else [],
        "refused": _text(verdict.get("refused")),
    }
