"""Run the cells of a notebook on a study that is open already."""

import ast
import re
from pathlib import Path
from unittest import mock

import nbformat

from segment import language
from segment.run import Run

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def shown(name: str, study: Run) -> str:
    """Return all that a notebook puts on its page, as HTML without styles and pictures."""
    outputs: list = []
    space = {"display": lambda *more: outputs.extend(more)}
    with mock.patch("segment.open", lambda *_asked: study), language.using(study.study.language):
        for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                tree = ast.parse(cell.source)
                last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
                exec(compile(tree, name, "exec"), space)
                if last is not None:
                    outputs.append(eval(compile(ast.Expression(last.value), name, "eval"), space))
    texts = [
        output.data if hasattr(output, "data") else output._repr_html_()
        for output in outputs
        if output is not None
    ]
    return re.sub(r'<style.*?</style>| src="[^"]*"', "", "\n".join(texts), flags=re.S)
