"""The language of a report: English texts stand in the code, translations in ``publish/locale/``.

``use`` sets the language once per process. ``_`` translates a text and fills in its
figures, ``_n`` chooses between singular and plural, ``tier_name`` translates the names
that methods give to their tiers. Texts of constants are marked with ``N_`` and
``N_tier`` and translated where they are shown. ``python tests/catalogue.py`` brings the
catalogue up to date with the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[str, ...] = get_args(Language)
CATALOGUES = Path(__file__).parent / "publish" / "locale"
TIER = "tier"
SOURCE: Language = "en"  # the language of the texts in the code
_in_use: Language = SOURCE


def use(language: Language) -> None:
    """Set the language of all texts from here on."""
    global _in_use
    _in_use = language


@contextmanager
def using(language: Language) -> Iterator[None]:
    """Speak a language inside a block, and the one before it afterwards."""
    before = _in_use
    use(language)
    try:
        yield
    finally:
        use(before)


def current() -> Language:
    """Return the language in use."""
    return _in_use


def _(text: str, /, **values: Any) -> str:
    """Return a text in the language in use, its ``{named}`` places filled with ``values``."""
    translated = _lookup(text)
    return translated.format(**values) if values else translated


def _n(one: str, many: str, number: int, /, **values: Any) -> str:
    """Return ``one`` or ``many`` by a number, which fills the place ``{n}``: 1,234."""
    english = one if number == 1 else many
    translated = _catalogue(_in_use).get((None, one), english)
    return translated.format(n=f"{number:,}", **values)


def tier_name(name: str) -> str:
    """Return a tier's name in the language in use; a name of the study's own stays.

    Numbered names, such as "Cluster 3", are translated as "Cluster {n}".
    """
    name = str(name)
    stem, _space, number = name.rpartition(" ")
    if stem and number.isdigit():
        return _lookup(f"{stem} {{n}}", TIER).replace("{n}", number)
    return _lookup(name, TIER)


def into(language: Language, text: str) -> str:
    """Return a text in a language that need not be the one in use."""
    return _found(_catalogue(language), text)


def N_(text: str) -> str:
    """Mark the text of a constant for translation; ``_`` translates it where it is shown."""
    return text


def N_tier(name: str) -> str:
    """Mark a name that a method gives to a tier; ``tier_name`` translates it."""
    return name


def _lookup(text: str, context: str | None = None) -> str:
    return _found(_catalogue(_in_use), text, context)


def _found(
    catalogue: dict[tuple[str | None, str], str], text: str, context: str | None = None
) -> str:
    """Return a text as a catalogue has it; a capital at its start makes no other text of it."""
    small = f"{text[:1].lower()}{text[1:]}"
    return catalogue.get((context, text)) or catalogue.get((context, small), text)


@cache
def _catalogue(language: str) -> dict[tuple[str | None, str], str]:
    """Return translations by context and text; those of a plural by its singular."""
    if language == SOURCE:
        return {}
    from babel.messages.pofile import read_po  # English reports do without it

    with (CATALOGUES / f"{language}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    found = {}
    for message in catalogue:
        text = message.id[0] if message.pluralizable else message.id
        translated = message.string[0] if message.pluralizable else message.string
        if text and translated and not message.fuzzy:
            found[message.context, text] = translated
    return found
