"""Tiering methods: one contract, one small module per family.

``METHODS`` is the registry: the names that a study can use. A class of your own
is named by its import path, ``package.module:Class``.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from segment.errors import StudyError, nearest
from segment.features.given import given, origin
from segment.language import _
from segment.study.schema import Study
from segment.tiering.abc_analysis import ABC
from segment.tiering.base import Tiering
from segment.tiering.clusters import Clusters
from segment.tiering.clv import CLV
from segment.tiering.credit_brake import CreditBrake
from segment.tiering.five_kinds import FiveKinds
from segment.tiering.gold_drag import GoldDrag
from segment.tiering.hiatus import Hiatus
from segment.tiering.learned import Learned
from segment.tiering.lifecycle import Lifecycle
from segment.tiering.present import Given
from segment.tiering.quadrants import Quadrants
from segment.tiering.recent_spend import RecentSpend
from segment.tiering.rfm import RFM
from segment.tiering.rule import Rule
from segment.tiering.scorecard import Scorecard
from segment.tiering.thresholds import Thresholds
from segment.tiering.turnover_margin import TurnoverMargin

METHODS: dict[str, type[Tiering]] = {
    "abc": ABC,
    "recent_spend": RecentSpend,
    "rfm": RFM,
    "clusters": Clusters,
    "quadrants": Quadrants,
    "hiatus": Hiatus,
    "gold_drag": GoldDrag,
    "scorecard": Scorecard,
    "lifecycle": Lifecycle,
    "five_kinds": FiveKinds,
    "thresholds": Thresholds,
    "learned": Learned,
    "clv": CLV,
    "turnover_margin": TurnoverMargin,
    "credit_brake": CreditBrake,
    "given": Given,
}

# Methods that learn from earlier purchases, so that totals are not enough.
DATED = ("recent_spend", "learned")
# Parameters that older studies may hold.
GONE = {("learned", "seed"): "nothing is drawn any more"}

__all__ = [
    *(kind.__name__ for kind in METHODS.values()),
    "METHODS",
    "Rule",
    "Tiering",
    "build",
    "columns_asked",
    "left_out",
    "named",
]


def build(study: Study) -> dict[str, Any]:
    """Return the unfitted methods of a study, by the label the study gives them."""
    return {
        label: _construct(
            spec.method, spec.parameters(), study.file.parent, partial(_place, study, label)
        )
        for label, spec in study.methods.items()
    }


def _place(study: Study, label: str, *key: str) -> str:
    place = study.where("methods", label, *key)
    return place if key else f"{place}, '{label}'"


def columns_asked(methods: Mapping[str, Any]) -> set[str]:
    """Return every column that some method reads, or would read if it were there."""
    return {
        column
        for method in methods.values()
        for column in (*getattr(method, "columns", ()), *getattr(method, "extras", ()))
    }


def left_out(study: Study) -> dict[str, str]:
    """Return the optional methods whose columns a study does not give, with the reason."""
    reasons = {}
    for label, method in build(study).items():
        column = next((c for c in getattr(method, "columns", ()) if not given(study, c)), None)
        dated = study.untested and study.methods[label].method in DATED
        if dated or column is not None:
            remedy = origin(study, column or "")
            reasons[label] = _("the data lack '{column}': {remedy}", column=column, remedy=remedy)
            if dated:
                reasons[label] = _("it learns from dated purchases, and the data have totals only")
            if not study.methods[label].optional:
                place = study.where("methods", label)
                raise StudyError(f"{place}, '{label}': {reasons[label]}.")
    if len(reasons) == len(study.methods):
        raise StudyError(
            f"{study.where('methods')}: no scheme is left, as {next(iter(reasons.values()))}; name "
            "one that reads your columns, for example 'Clusters: {method: clusters, features: "
            "[age, satisfaction]}'."
        )
    return reasons


def named(name: str, parameters: Mapping[str, Any], folder: Path) -> Any:
    """Return an unfitted method by its registered name or import path.

    A parameter that is itself a mapping with a key ``method`` is a method too; parameters
    inside it can also be named as scikit-learn does, ``of__by``. Modules of your own are
    looked for in ``folder``.
    """
    return _construct(name, parameters, folder, lambda *key: name)


def _construct(
    name: str, parameters: Mapping[str, Any], folder: Path, where: Callable[..., str]
) -> Any:
    if not isinstance(name, str):
        raise StudyError(f"{where('method')}: a method is named by a text, found {name!r}.")
    kind = imported(name, folder, where("method")) if ":" in name else METHODS.get(name)
    if kind is None:
        raise StudyError(f"{where('method')}: there is no method '{name}'{nearest(name, METHODS)}")
    known = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    given = {}
    for parameter, value in _nested(parameters).items():
        if (name, parameter) in GONE:
            reason = GONE[name, parameter]
            raise StudyError(f"{where(parameter)}: '{parameter}' is gone, {reason}; remove it.")
        if parameter not in known:
            raise StudyError(
                f"{where(parameter)}: '{name}' has no parameter "
                f"'{parameter}'{nearest(parameter, known)}"
            )
        given[parameter] = value
        if isinstance(value, Mapping) and "method" in value:  # a method that works on another
            inner = {k: v for k, v in value.items() if k != "method"}
            given[parameter] = _construct(value["method"], inner, folder, partial(where, parameter))
    method = kind(**given)
    if isinstance(method, Tiering):
        try:
            method.check_parameters()
        except StudyError as error:
            raise StudyError(f"{where()}: {error}") from None
    return method


def _nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Put what scikit-learn's names reach inside a method, ``of__by``, among its parameters."""
    arguments = {}
    for name, value in sorted(parameters.items(), key=lambda item: "__" in item[0]):
        outer, _dunder, inner = name.partition("__")
        inside = arguments.get(outer)
        if inner and isinstance(inside, Mapping):
            arguments[outer] = {**inside, inner: value}
        else:
            arguments[name] = value
    return arguments


def imported(path: str, folder: Path, where: str = "") -> type:
    """Return a class by its import path, ``package.module:Class``; ``folder`` is looked in last."""
    import_from(folder)
    module, _colon, name = path.partition(":")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise StudyError(
            f"{where}: '{path}' cannot be imported ({error}); put the module beside the study "
            "or install it."
        ) from None
    for verb in ("fit", "predict", "get_params"):
        if not hasattr(kind, verb):
            raise StudyError(
                f"{where}: '{path}' has no '{verb}'; derive it from segment's Tiering."
            )
    return kind


def import_from(folder: Path) -> None:
    """Let modules in a folder be imported, after all other places."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
