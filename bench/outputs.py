"""What readers see in two reports, compared: every sentence, every row of a table, every point.

``python bench/outputs.py record STUDY FOLDER [SOURCE]`` makes a report of a study with the
package in SOURCE (default: src), and keeps the data of its figures beside it.
``python bench/outputs.py compare OLD NEW`` prints what stands in only one of two such folders;
it ends with 1 where anything differs. A change of the code is meant to change nothing, or just
what its commit names.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat

POINTS = "points"
ROW = re.compile(r"<(tr|caption|figcaption)\b.*?</\1>", re.DOTALL)
# Runs in every kernel of the report: keeps the data of each figure that is saved.
RECORDER = """
import builtins, json, os, sys
def install(Figure):
    save = Figure.savefig
    def savefig(figure, *args, **kwargs):
        marks = set()
        for ax in figure.axes:
            for line in ax.lines:
                marks |= {(f"{x}", f"{y}") for x, y in zip(*map(rounded, line.get_data()))}
            for bar in ax.patches:
                if hasattr(bar, "get_width"):
                    marks.add(tuple(rounded([bar.get_x(), bar.get_y(), bar.get_width(),
                                             bar.get_height()])))
            for dots in ax.collections:
                marks |= {tuple(rounded(dot)) for dot in dots.get_offsets()}
                if dots.get_array() is not None:
                    marks |= {(value,) for value in rounded(dots.get_array().ravel())}
        with open(os.path.join(os.environ["POINTS_TO"], f"{os.getpid()}.jsonl"), "a") as file:
            file.write("".join(json.dumps(mark) + "\\n" for mark in sorted(marks)))
        return save(figure, *args, **kwargs)
    Figure.savefig = savefig
def rounded(values):
    out = []
    for value in values:
        try:
            out.append(f"{float(value):.6g}")
        except (TypeError, ValueError):
            out.append(str(value))
    return out
real = builtins.__import__
def watching(name, *args, **kwargs):
    module = real(name, *args, **kwargs)
    figure = sys.modules.get("matplotlib.figure")
    once = builtins.__import__ is watching  # imports are nested
    if once and hasattr(figure, "Figure") and hasattr(figure.Figure, "savefig"):
        builtins.__import__ = real
        install(figure.Figure)
    return module
if "POINTS_TO" in os.environ:
    builtins.__import__ = watching
"""


def record(study: Path, folder: Path, source: Path) -> None:
    """Make a report and keep the data of its figures."""
    points = folder / POINTS / study.stem
    points.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as hook:
        (Path(hook) / "sitecustomize.py").write_text(RECORDER)
        paths = os.pathsep.join([str(source.resolve()), hook])
        settings = os.environ | {"PYTHONPATH": paths, "POINTS_TO": str(points.resolve())}
        command = [sys.executable, "-m", "segment.cli", "report", str(study), "-o", str(folder)]
        subprocess.run(command, env=settings, check=True)


def seen(folder: Path) -> Counter:
    """Return what stands in the executed notebooks of a report, and the points of its figures."""
    found: Counter = Counter()
    notebooks = sorted(folder.glob("notebooks/*.ipynb"))
    if not notebooks:
        sys.exit(f"{folder} holds no executed notebooks of a report")
    for path in notebooks:
        for cell in nbformat.read(path, as_version=4).cells:
            texts = [cell.source] if cell.cell_type == "markdown" else []
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                texts += [text for kind, text in data.items() if kind == "text/markdown"]
                rows = [m[0] for m in ROW.finditer(data.get("text/html", ""))]
                found.update((path.stem, plain(row.replace("</td>", " | "))) for row in rows)
            for text in texts:
                sentences = re.split(r"(?<=[.?!。？！*])\s+|\n", plain(text))
                found.update((path.stem, sentence) for sentence in sentences if sentence)
    for file in (folder.parent / POINTS / folder.name).glob("*.jsonl"):
        found.update((POINTS, " ".join(json.loads(line))) for line in file.open())
    return found


def plain(text: str) -> str:
    """Return a text without tags and marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>|\\(?=\$)", "", text)).split())


def main() -> None:
    """Record a report, or compare two."""
    if sys.argv[1:2] == ["record"] and len(sys.argv) in (4, 5):
        record(Path(sys.argv[2]), Path(sys.argv[3]), Path(*sys.argv[4:] or ["src"]))
    elif sys.argv[1:2] == ["compare"] and len(sys.argv) == 4:
        old, new = (seen(Path(folder)) for folder in sys.argv[2:])
        for sign, only in (("-", old - new), ("+", new - old)):
            for page, text in only:
                print(f"{sign} {page}: {text}")
        sys.exit(old != new)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
