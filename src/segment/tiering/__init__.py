"""Tiering methods: one contract, one small module per family.

``METHODS`` is the registry: the names that a study can use. A class of your own
is named by its import path, ``package.module:Class``.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from segment.errors import StudyError, nearest
from segment.study import Method, Study
from segment.tiering.abc_analysis import ABC
from segment.tiering.base import Tiering
from segment.tiering.clusters import Clusters
from segment.tiering.gold_drag import GoldDrag
from segment.tiering.hiatus import Hiatus
from segment.tiering.lifecycle import Lifecycle
from segment.tiering.quadrants import Quadrants
from segment.tiering.rfm import RFM
from segment.tiering.scorecard import Scorecard

METHODS: dict[str, type[Tiering]] = {
    "abc": ABC,
    "rfm": RFM,
    "clusters": Clusters,
    "quadrants": Quadrants,
    "hiatus": Hiatus,
    "gold_drag": GoldDrag,
    "scorecard": Scorecard,
    "lifecycle": Lifecycle,
}

__all__ = [
    "ABC", "METHODS", "RFM", "Clusters", "GoldDrag", "Hiatus", "Lifecycle", "Quadrants",
    "Scorecard", "Tiering", "build",
]  # fmt: skip


def build(study: Study) -> dict[str, Any]:
    """Return the unfitted methods of a study, by the label the study gives them.

    Raises
    ------
    StudyError
        If a method or one of its parameters is unknown.
    """
    return {
        label: _construct(spec, study.where("methods", label, "method"), study, label)
        for label, spec in study.methods.items()
    }


def _construct(spec: Method, where: str, study: Study, label: str) -> Any:
    own = ":" in spec.method
    kind = imported(spec.method, study.file.parent, where) if own else METHODS.get(spec.method)
    if kind is None:
        raise StudyError(
            f"{where}: there is no method '{spec.method}'{nearest(spec.method, METHODS)}"
        )
    known = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    for name in spec.parameters():
        if name not in known:
            place = study.where("methods", label, name)
            raise StudyError(
                f"{place}: '{spec.method}' has no parameter '{name}'{nearest(name, known)}"
            )
    method = kind(**spec.parameters())
    if isinstance(method, Tiering):
        try:
            method.check_parameters()
        except StudyError as error:
            raise StudyError(f"{study.where('methods', label)}, '{label}': {error}") from None
    return method


def imported(path: str, folder: Path, where: str = "") -> type:
    """Return a class by its import path, ``package.module:Class``.

    Parameters
    ----------
    path : str
    folder : Path
        Looked in after the usual places: the folder of the study.

    Raises
    ------
    StudyError
        If there is no such class, or it cannot ``fit`` and ``predict``.
    """
    import_from(folder)
    module, _, name = path.partition(":")
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
