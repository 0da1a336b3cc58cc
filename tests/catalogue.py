"""Bring the catalogues of translations up to date with the texts in the code.

``python tests/catalogue.py`` rewrites ``src/segment/publish/locale/zh.po``: new texts come in
without a translation, texts that are gone go. ``tests/test_language.py`` compares the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from segment.language import LANGUAGES, TIER

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "segment"
# Calls whose text is translated: position of the text (and of the plural) among the arguments.
CALLS = {"_": (0,), "N_": (0,), "_n": (0, 1), "count": (1, 2), "N_tier": (0,)}
# Where a preset writes texts: about the tiers of a method, and about a level of service.
NOTES = ("focus", "skills", "seats")
LEVEL = ("name", "channel", "feedback", "marketing")
Text = tuple[str | tuple[str, str], str | None, str]


# What reads the same in Chinese: ABC, 90%, names that are Chinese.
COUNTED = " (counted)"
SAME = re.compile(r"[A-Z0-9 %/.\u4e00-\u9fff]+")


def texts() -> Iterator[Text]:
    """Yield (text or (singular, plural), context, where) of every text to translate.

    A text that stands with a small letter at its start as well is looked up there, unless that is
    a noun which is counted: it has its measure word in Chinese.
    """
    found = [text for text in _all() if not (isinstance(text[0], str) and SAME.fullmatch(text[0]))]
    known = {text[:2] for text in found if not text[2].endswith(COUNTED)}
    for text, context, where in found:
        small = f"{text[0].lower()}{text[1:]}" if isinstance(text, str) else text
        yield (small if (small, context) in known else text), context, where


def _all() -> Iterator[Text]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _calls(ast.parse(path.read_text("utf-8")), path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            where = path.relative_to(ROOT).as_posix()
            if cell.cell_type == "markdown":
                yield cell.source, None, where
            elif cell.cell_type == "code":
                yield from ((text, None, where) for text in _written(ast.parse(cell.source)))
    for path in sorted((PACKAGE / "publish" / "templates").rglob("*.j2")):
        where = path.relative_to(ROOT).as_posix()
        with path.open("rb") as stream:
            for _, _, text, _ in babel_extract(stream, ("_",), (), {}):
                # With values to fill in, the text is the first of a tuple.
                yield text if isinstance(text, str) else text[0], None, where
    for path in sorted((PACKAGE / "study" / "presets").glob("*.yaml")):
        yield from _preset(yaml.safe_load(path.read_text("utf-8")), path)


def _written(tree: ast.AST) -> Iterator[str]:
    """Yield what a cell writes for readers, which begins with a capital letter.

    ``show`` and ``table`` translate it; names of columns, files and colours are none, nor are
    parts of an f-string.
    """
    parts = {
        part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            text = node.value
            if text[:1].isupper() and (" " in text or text[1:2].islower()):
                yield text


def _calls(tree: ast.AST, where: str) -> Iterator[Text]:
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "id", None)
        if name not in CALLS:
            continue
        at = [node.args[place] for place in CALLS[name] if place < len(node.args)]
        here = f"{where}{COUNTED}" if name == "count" else where
        said = [a.value for a in at if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if len(said) == 2:
            yield (said[0], said[1]), None, here
        elif said:
            yield said[0], TIER if name == "N_tier" else None, here


def _preset(preset: dict, path: Path) -> Iterator[Text]:
    """Yield the labels, tiers and service words of a preset, which a study shows as its own."""
    where = path.relative_to(ROOT).as_posix()
    for label, method in preset.get("methods", {}).items():
        yield label, None, where
        for words in (text for key in NOTES for text in method.get(key, ())):
            yield words, None, where
        for tier, words in method.get("service", {}).items():
            yield tier, TIER, where
            yield words, None, where
    for level in preset.get("service", {}).get("levels", ()):
        yield from ((level[key], None, where) for key in LEVEL)
        for role, kinds in level.get("contacts", {}).items():
            # How often is put into words from its numbers; "when needed" has none.
            seldom = (often for often in kinds.values() if str(often).startswith("when "))
            yield from ((word, None, where) for word in (role, *kinds, *seldom))


def template() -> Catalog:
    """Return the catalogue of all texts, untranslated."""
    found = Catalog(fuzzy=False)
    for text, context, where in texts():
        found.add(text, context=context, locations=[(where, None)])
    return found


def catalogue(language: str) -> Catalog:
    """Return what is translated into a language."""
    with (PACKAGE / "publish" / "locale" / f"{language}.po").open("rb") as stream:
        return read_po(stream, locale=language)


def main() -> None:
    for language in LANGUAGES[1:]:
        found = catalogue(language)
        found.update(template(), no_fuzzy_matching=True)
        found.obsolete.clear()
        with (PACKAGE / "publish" / "locale" / f"{language}.po").open("wb") as stream:
            write_po(stream, found, sort_output=True, no_location=True, omit_header=False, width=0)


if __name__ == "__main__":
    main()
