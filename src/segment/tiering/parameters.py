"""Declared parameters: what a method's parameters may be.

``distinct(3)`` is a check: asked with a name, such as ``"GoldDrag: 'names'"``, and a value,
it raises a ``StudyError`` that says what the value must be and what was found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import field
from itertools import pairwise
from math import isfinite
from string import ascii_uppercase
from typing import Any

import numpy as np

from segment.errors import StudyError, nearest

Check = Callable[[str, object], None]


def parameter(default: object, check: Check | None = None) -> Any:
    """Declare a parameter of a method, which is a dataclass: its default, what it may be."""
    metadata = {"check": check} if check else {}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


def whole(low: int, high: float = np.inf) -> Check:
    """Allow a whole number from ``low`` to ``high``."""

    def check(name: str, value: object) -> None:
        if not is_whole(value) or not low <= value <= high:
            upto = f" to {high:g}" if isfinite(high) else ""
            raise StudyError(f"{name} must be a whole number from {low}{upto}, found {value!r}.")

    return check


def number(above: float = -np.inf, most: float = np.inf, below: float = np.inf) -> Check:
    """Allow a finite number above ``above``, at most ``most`` and below ``below``."""
    ends = {"above": above, "at most": most, "below": below}
    within = " and ".join(f"{end} {x:g}" for end, x in ends.items() if isfinite(x))
    what = f"a number {within}".rstrip()

    def check(name: str, value: object) -> None:
        known = is_number(value) and isfinite(value)
        if not known or not above < value < below or value > most:
            raise StudyError(f"{name} must be {what}, found {value!r}.")

    return check


def choice(*among: str) -> Check:
    """Allow one of some texts."""

    def check(name: str, value: object) -> None:
        if not isinstance(value, str) or value not in among:
            raise StudyError(f"{name} cannot be {value!r}{nearest(value, among)}")

    return check


def column_name(name: str, value: object) -> None:
    """Allow the name of a column."""
    if not isinstance(value, str) or not value:
        raise StudyError(f"{name} must be the name of a column, found {value!r}.")


def mapping(name: str, value: object) -> None:
    """Allow a mapping."""
    if not isinstance(value, Mapping):
        raise StudyError(f"{name} must be a mapping, found {value!r}.")


def distinct(count: int | None = None, least: int = 1) -> Check:
    """Allow a list of different texts: ``count`` of them, or ``least`` and more."""
    what = f"{count} different names" if count else "different names, at least one"

    def check(name: str, value: object) -> None:
        known = _is_list(value) and all(isinstance(text, str) for text in value)
        many_enough = known and len(value) >= least and count in (None, len(value))
        if not many_enough or len(set(value)) < len(value):
            raise StudyError(f"{name} must be a list of {what}, found {value!r}.")

    return check


def ascending(low: float = -np.inf, high: float = np.inf, classes: bool = False) -> Check:
    """Allow ascending numbers between ``low`` and ``high``; no more than letters, if classes."""

    def check(name: str, value: object) -> None:
        if not _is_list(value) or not all(is_number(limit) for limit in value):
            raise StudyError(f"{name} must be a list of numbers, found {value!r}.")
        limits = [float(limit) for limit in value]
        if not limits or not all(low < limit < high for limit in limits):
            raise StudyError(f"{name} must lie between {low:g} and {high:g}, found {limits}.")
        if any(a >= b for a, b in pairwise(limits)):
            raise StudyError(f"{name} must go up without repeats, found {limits}.")
        if classes and len(limits) >= len(ascii_uppercase):
            raise StudyError(
                f"{name} make {len(limits) + 1} classes; the letters A to Z name at most "
                f"{len(ascii_uppercase)}."
            )

    return check


def optional(kind: Check) -> Check:
    """Allow None besides what another check allows."""

    def check(name: str, value: object) -> None:
        if value is not None:
            kind(name, value)

    return check


SHARE = number(above=0, below=1)
SHARES = ascending(0, 1, classes=True)
SEED = whole(0, 2**32 - 1)


def letters(limits: object) -> tuple[str, ...]:
    """Return the names of the classes that limits make, best first: A, B, C."""
    return tuple(ascii_uppercase[: len(limits) + 1])


def is_whole(value: object) -> bool:
    """Return whether ``value`` is a whole number that a float holds; true and false are none."""
    is_int = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_int and abs(int(value)) < sys.float_info.max


def is_number(value: object) -> bool:
    """Return whether ``value`` is a number; YAML's true, false and "5" are none."""
    return is_whole(value) or isinstance(value, (float, np.floating))


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))
