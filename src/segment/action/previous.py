"""A run against the last saved one: what changed, and is it more than noise?

Reads ``results.json`` of any version: what an older file does not hold is missing, never an
error.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import stats

FILE = "previous.json"
# Figures with an interval: section of the results, and name.
FIGURES = {"gini": "figures", "capture": "figures", "skill": "figures", "kappa": "stability"}
# Parameters that change no figure.
IGNORED = {"title", "about", "language", "memory_limit", "identifiers", "pages"}
ROUNDING = 1e-9
NORMAL = stats.norm.ppf(0.975)


@dataclass(frozen=True)
class Previous:
    """The last saved results.

    Attributes
    ----------
    results : dict
        Empty if they cannot be read.
    problem : str
        Why not; "" if they can: "broken" (no JSON), "other" (JSON of something else).
    """

    results: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Comparison:
    """What changed between two runs of a study.

    Attributes
    ----------
    made : str
        When the old run was made; "" if it does not say.
    same_files : bool or None
        Whether the source files are the same; None if the old run does not say.
    inputs : DataFrame
        ``what`` ("rows", "customers", "first", "last", "start", "cut", "end"), ``old``,
        ``new``, ``changed``; ``old`` is missing where the old run does not say.
    parameters : DataFrame
        ``key``, ``old``, ``new`` (as text; missing where added or removed).
    versions : DataFrame
        The same of the software.
    tiers : DataFrame
        ``label``, ``tier``, ``old``, ``new`` (customers), ``old_share``, ``new_share``,
        ``beyond`` (more than noise).
    figures : DataFrame
        ``label``, ``figure``, ``old``, ``new``, ``difference``, ``noise`` (differences up to
        this are none), ``beyond``; missing where the old run has no such figure.
    old, new : dict
        Verdicts: ``recommended``, ``best``, ``candidates``, ``refused``, ``margin``, ``pairs``.
    """

    made: str
    same_files: bool | None
    inputs: pd.DataFrame
    parameters: pd.DataFrame
    versions: pd.DataFrame
    tiers: pd.DataFrame
    figures: pd.DataFrame
    old: dict[str, Any]
    new: dict[str, Any]

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
            or {**self.old, "margin": 0} != {**self.new, "margin": 0}
            or (self.tiers["old"] != self.tiers["new"]).any()
            or (figures["difference"].abs() > ROUNDING).any()
            or (figures["old"].isna() != figures["new"].isna()).any()
        )


def read(file: Path) -> Previous | None:
    """Return saved results; None if there is no file."""
    if not file.exists():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Previous({}, "broken")
    if not isinstance(found, dict) or not found.keys() & {"figures", "verdict", "facts"}:
        return Previous({}, "other")
    return Previous(found)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two saved results of a study.

    Parameters
    ----------
    old, new : mapping
        As ``Run.results`` gives them, or what a file of another version holds.

    Returns
    -------
    Comparison

    Notes
    -----
    A difference is more than noise if it exceeds z sqrt(se_old^2 + se_new^2), with the
    standard errors from the 95 % intervals and z for all compared differences at once
    (Bonferroni). This takes the runs as independent. Data that merely grew share
    customers with the old ones; their errors go together, and the limit is too wide
    rather than too narrow.
    """
    prints = [_text(run.get("fingerprint")) for run in (old, new)]
    return Comparison(
        _text(old.get("made")), prints[0] == prints[1] if prints[0] else None,
        _inputs(old, new), _parameters(old, new),
        _versions(old, new),
        _tiers(old, new), _figures(old, new), _verdict(old), _verdict(new),
    )  # fmt: skip


def _part(run: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = run.get(name)
    return found if isinstance(found, dict) else {}


def _rows(run: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = run.get(name)
    rows = found if isinstance(found, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if usable and math.isfinite(value) else math.nan


def _flat(value: object, key: str = "") -> dict[str, str]:
    """Return nested parameters as one level: ``backtest.margin``."""
    if isinstance(value, dict) and value:
        parts = [_flat(inner, f"{key}.{name}" if key else str(name))
                 for name, inner in value.items()]  # fmt: skip
        return {name: text for part in parts for name, text in part.items()}
    return {key: json.dumps(value, ensure_ascii=False, sort_keys=True)} if key else {}


def _changes(old: dict[str, str], new: dict[str, str]) -> pd.DataFrame:
    rows = [(key, old.get(key), new.get(key)) for key in sorted({*old, *new})
            if old.get(key) != new.get(key)]  # fmt: skip
    return pd.DataFrame(rows, columns=["key", "old", "new"], dtype=object)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """Return the parameters that differ; a scheme added or removed is one row."""
    runs = [dict(_part(run, "parameters")) for run in (old, new)]
    methods = [run.pop("methods", None) for run in runs]
    schemes = [found if isinstance(found, dict) else {} for found in methods]
    whole = schemes[0].keys() ^ schemes[1].keys()
    frames = [_changes(*({k: v for k, v in _flat(run).items() if k.split(".")[0] not in IGNORED}
                         for run in runs))]  # fmt: skip
    for label in dict.fromkeys([*schemes[1], *schemes[0]]):
        key = f"methods.{label}"
        if label in whole:
            sides = ({key: label} if label in side else {} for side in schemes)
        else:
            sides = (_flat(side[label], key) for side in schemes)
        frames.append(_changes(*sides))
    there = all(_part(run, "parameters") for run in (old, new))
    return pd.concat(frames, ignore_index=True) if there else _changes({}, {})


def _versions(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    found = [_flat(_part(run, "versions")) for run in (old, new)]
    return _changes(*found) if all(found) else _changes({}, {})


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    asked = {"rows": "facts", "customers": "facts", "first": "facts", "last": "facts",
             "start": "periods", "cut": "periods", "end": "periods"}  # fmt: skip
    rows = [(name, _part(old, part).get(name), _part(new, part).get(name))
            for name, part in asked.items()]  # fmt: skip
    found = pd.DataFrame(rows, columns=["what", "old", "new"], dtype=object)
    found["changed"] = [a is not None and b is not None and a != b for _, a, b in rows]
    return found


def _error(row: Mapping[str, Any], figure: str) -> float:
    return (_number(row.get(f"{figure}_high")) - _number(row.get(f"{figure}_low"))) / (2 * NORMAL)


def _figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    rows = []
    for figure, section in FIGURES.items():
        before = {_text(r.get("label")): r for r in _rows(old, section)
                  if r.get("kind", "method") == "method"}  # fmt: skip
        after = {_text(r.get("label")): r for r in _rows(new, section)
                 if r.get("kind", "method") == "method"}  # fmt: skip
        for label in dict.fromkeys([*after, *before]):
            a, b = before.get(label, {}), after.get(label, {})
            spread = math.hypot(_error(a, figure), _error(b, figure))
            rows.append((label, figure, _number(a.get(figure)), _number(b.get(figure)), spread))
    found = pd.DataFrame(rows, columns=["label", "figure", "old", "new", "noise"])
    found["difference"] = found["new"] - found["old"]
    found["noise"] *= _reach(int(found["difference"].notna().sum()))
    found["beyond"] = found["difference"].abs() > found["noise"] + ROUNDING
    return found[["label", "figure", "old", "new", "difference", "noise", "beyond"]]


def _tiers(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    sizes = []
    for run in (old, new):
        sizes.append({(_text(r.get("label")), _text(r.get("tier"))): _number(r.get("customers"))
                      for r in _rows(run, "tiers")})  # fmt: skip
    labels = [{label for label, _ in size} for size in sizes]
    keys = [key for key in dict.fromkeys([*sizes[1], *sizes[0]]) if key[0] in labels[0] & labels[1]]
    rows = [(*key, sizes[0].get(key, 0.0), sizes[1].get(key, 0.0)) for key in keys]
    found = pd.DataFrame(rows, columns=["label", "tier", "old", "new"])
    total = found.groupby("label")[["old", "new"]].transform("sum")
    for name in ("old", "new"):
        found[f"{name}_share"] = found[name] / total[name].where(total[name] > 0)
    spread = sum(found[f"{n}_share"] * (1 - found[f"{n}_share"]) / total[n].where(total[n] > 0)
                 for n in ("old", "new"))  # fmt: skip
    reach = _reach(len(found))
    moved = (found["new_share"] - found["old_share"]).abs()
    found["beyond"] = moved > reach * spread**0.5
    return found


def _reach(compared: int) -> float:
    """Return z for so many differences at once."""
    return float(stats.norm.ppf(1 - 0.025 / max(1, compared)))


def _verdict(run: Mapping[str, Any]) -> dict[str, Any]:
    found = _part(run, "verdict")
    names = found.get("candidates")
    return {
        "recommended": _text(found.get("recommended")) or None,
        "best": _text(found.get("best")),
        "candidates": [str(name) for name in names] if isinstance(names, list) else [],
        "refused": _text(found.get("refused")),
        "margin": _number(found.get("margin")),
        "pairs": _rows(found, "pairs"),
    }
