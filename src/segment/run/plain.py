"""Objects as JSON and Parquet: what somebody else wrote can be read, and none of it runs.

A pickle would run what it says. Here only classes of this package are made again, without a call
of their own, and filled with the values that were written.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FILE = "state.json"
PACKAGE = __name__.partition(".")[0]
VALUE = "value"


class Unknown(ValueError):
    """Something that is not written, or not made again."""


def dump(value: Any, folder: Path) -> None:
    """Write a value into a folder of its own."""
    folder.mkdir(parents=True)
    frames: list[pd.DataFrame] = []
    tree = _plain(value, frames)
    for number, frame in enumerate(frames):
        frame.to_parquet(folder / f"{number}.parquet")
    (folder / FILE).write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Any:
    """Read what ``dump`` wrote."""
    return _made(json.loads((folder / FILE).read_text(encoding="utf-8")), folder)


def _plain(value: Any, frames: list[pd.DataFrame]) -> Any:
    """Return a value as JSON has it; frames are put into a list, and their place is returned."""

    def each(values: Any) -> list[Any]:
        return [_plain(one, frames) for one in values]

    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        inside = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return {type(value).__name__: each(inside)}
    if isinstance(value, Mapping):
        return {"dict": [each(pair) for pair in value.items()]}
    if isinstance(value, (pd.Timestamp, dt.date)):
        return {"time" if isinstance(value, dt.datetime) else "date": value.isoformat()}
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, np.ndarray):
        return {"array": each(value.tolist()), "dtype": value.dtype.str}
    if isinstance(value, pd.Index):
        return {"index": _plain(value.to_series(index=range(len(value))), frames)}
    if isinstance(value, pd.Series):
        return {"series": _plain(value.to_frame(VALUE), frames), "name": _plain(value.name, frames)}
    if isinstance(value, pd.DataFrame):
        frame, place = value.copy(deep=False), len(frames)
        frames.append(frame)
        cells = [
            at for at, kind in enumerate(value.dtypes) if kind.kind == "O" and kind.name == "object"
        ]
        for at in cells:
            frame.isetitem(at, [json.dumps(_plain(cell, frames)) for cell in value.iloc[:, at]])
        return {"frame": place, "cells": cells}
    kind = type(value)
    if kind.__module__.partition(".")[0] != PACKAGE:
        raise Unknown(f"{kind.__module__}.{kind.__qualname__}")
    name = f"{kind.__module__}:{kind.__qualname__}"
    return {"class": name, "state": _plain(value.__getstate__(), frames)}


def _made(tree: Any, folder: Path) -> Any:
    """Return the value that ``_plain`` wrote."""

    def each(trees: list[Any]) -> list[Any]:
        return [_made(one, folder) for one in trees]

    match tree:
        case {"list": parts}:
            return each(parts)
        case {"tuple": parts}:
            return tuple(each(parts))
        case {"set": parts}:
            return set(each(parts))
        case {"frozenset": parts}:
            return frozenset(each(parts))
        case {"dict": pairs}:
            return dict(map(each, pairs))
        case {"date": day}:
            return dt.date.fromisoformat(day)
        case {"time": time}:
            return pd.Timestamp(time)
        case {"path": path}:
            return Path(path)
        case {"array": parts, "dtype": kind}:
            return np.array(each(parts), dtype=kind)
        case {"index": series}:
            return pd.Index(_made(series, folder))
        case {"series": frame, "name": name}:
            return _made(frame, folder)[VALUE].rename(_made(name, folder))
        case {"frame": int(place), "cells": cells}:
            frame = pd.read_parquet(folder / f"{place}.parquet")
            for at in cells:
                made = [_made(json.loads(cell), folder) for cell in frame.iloc[:, at]]
                frame.isetitem(at, pd.Series(made, frame.index, dtype=object))
            return frame
        case {"class": name, "state": state}:
            return _object(name, _made(state, folder))
        case dict():
            raise Unknown(str(tree)[:80])
    return tree


def _object(name: str, state: Any) -> Any:
    """Return an object of a class of this package, as it was."""
    module, _, path = name.partition(":")
    kind = None
    if module.partition(".")[0] == PACKAGE:
        kind = getattr(importlib.import_module(module), path, None)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise Unknown(name)
    made = kind.__new__(kind)
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
    else:
        made.__dict__.update(state)
    return made
